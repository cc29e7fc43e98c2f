//! What optimised integrations add to a result: the HTTP exchange as the SDK saw it.

use data::{Data, Object, ObjectBuilder};

use crate::failure::request_id;
use crate::http::Answer;

/// Headers that come first, in AWS's case. HTTP does not tell the case, and AWS's own varies by service.
const KNOWN: [(&str, &str); 8] = [
    ("x-amz-executed-version", "X-Amz-Executed-Version"),
    ("x-amzn-requestid", "x-amzn-RequestId"),
    ("connection", "connection"),
    ("content-length", "Content-Length"),
    ("date", "Date"),
    ("x-amzn-trace-id", "X-Amzn-Trace-Id"),
    ("content-type", "Content-Type"),
    ("server", "Server"),
];

/// The result with `SdkHttpMetadata` and `SdkResponseMetadata`.
pub(crate) fn with_metadata(result: ObjectBuilder, answer: &Answer) -> ObjectBuilder {
    let http = Object::builder()
        .with("AllHttpHeaders", all(answer))
        .with("HttpHeaders", first(answer))
        .with("HttpStatusCode", i64::from(answer.status.as_u16()));
    let id = request_id(answer).unwrap_or_default();
    result.with("SdkHttpMetadata", http.build()).with(
        "SdkResponseMetadata",
        Object::builder().with("RequestId", id).build(),
    )
}

/// Every header with the list of its values.
fn all(answer: &Answer) -> Object {
    let mut headers = Object::builder();
    for (key, shown) in names(answer) {
        let values = answer.headers.get_all(key).iter();
        let values = values.filter_map(|value| Some(Data::from(value.to_str().ok()?)));
        headers.insert(shown.into(), values.collect());
    }
    headers.build()
}

/// Every header with its first value, sorted without regard to case.
fn first(answer: &Answer) -> Object {
    let mut names = names(answer);
    names.sort_by_key(|(key, _)| (*key).to_owned());
    let mut headers = Object::builder();
    for (key, shown) in names {
        if let Some(value) = answer.header(key) {
            headers.insert(shown.into(), Data::from(value));
        }
    }
    headers.build()
}

/// The headers' names as they came and as they are shown.
fn names(answer: &Answer) -> Vec<(&str, &str)> {
    let known = KNOWN.iter().copied();
    let known = known.filter(|(key, _)| answer.headers.contains_key(*key));
    let others = answer
        .headers
        .keys()
        .map(|key| (key.as_str(), key.as_str()));
    let others = others.filter(|(key, _)| KNOWN.iter().all(|(known, _)| known != key));
    known.chain(others).collect()
}
