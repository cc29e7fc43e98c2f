//! What groups and streams look like in answers, and lists a page at a time.

use std::collections::BTreeMap;

use data::{Data, Object, ObjectBuilder};

use super::group::{Group, Stream};
use super::{Request, token};
use crate::error::ApiError;
use crate::given::{count, maybe, number};

/// The member `name` with a page of entries, and `nextToken` if there are more. `entries` are in the order in which
/// they are shown; the token names the last one shown. A page has `limit` entries, 50 unless given.
pub(super) fn page(
    request: &Request<'_>,
    name: &str,
    entries: impl Iterator<Item = (String, Data)>,
    after: impl Fn(&str, &str) -> bool,
) -> Result<Data, ApiError> {
    let start = maybe(request.parameters, "nextToken")
        .map(token::unwrap)
        .transpose()?;
    let size = count(request.parameters, "limit", 50);
    let mut entries =
        entries.filter(|(key, _)| start.as_deref().is_none_or(|start| after(key, start)));
    let mut last = String::new();
    let mut shown = Vec::new();
    for (key, entry) in entries.by_ref().take(size) {
        shown.push(entry);
        last = key;
    }
    let mut answer = Object::builder().with(name, shown);
    if entries.next().is_some() {
        answer.insert("nextToken".into(), token::wrap(&last).into());
    }
    Ok(answer.build().into())
}

/// A group as DescribeLogGroups has it.
pub(super) fn group(request: &Request<'_>, name: &str, group: &Group) -> Data {
    let arn = request.group_arn(name);
    let mut answer = Object::builder()
        .with("logGroupName", name)
        .with("creationTime", group.created.0);
    if let Some(days) = group.retention {
        answer.insert("retentionInDays".into(), days.into());
    }
    let mut answer = answer
        .with("metricFilterCount", 0)
        .with("arn", format!("{arn}:*"))
        .with("storedBytes", number(group.bytes()));
    if let Some(key) = &group.kms_key {
        answer.insert("kmsKeyId".into(), key.as_str().into());
    }
    let answer = answer
        .with("logGroupClass", group.class.clone())
        .with("logGroupArn", arn)
        .with("deletionProtectionEnabled", group.deletion_protection);
    answer.build().into()
}

/// A stream as DescribeLogStreams has it. Its `storedBytes` has been 0 on AWS since 2019.
pub(super) fn stream(request: &Request<'_>, of: &str, name: &str, stream: &Stream) -> Data {
    let mut answer = Object::builder()
        .with("logStreamName", name)
        .with("creationTime", stream.created.0);
    if let (Some(first), Some(last)) = (stream.events.front(), stream.events.back()) {
        answer.insert("firstEventTimestamp".into(), first.place.at.into());
        answer.insert("lastEventTimestamp".into(), last.place.at.into());
    }
    if let Some(at) = stream.last_ingestion {
        answer.insert("lastIngestionTime".into(), at.0.into());
        answer.insert("uploadSequenceToken".into(), sequence_token(stream).into());
    }
    let arn = format!("{}:log-stream:{name}", request.group_arn(of));
    answer
        .with("arn", arn)
        .with("storedBytes", 0)
        .build()
        .into()
}

/// The token that PutLogEvents once asked for; it is still given, and ignored.
pub(super) fn sequence_token(stream: &Stream) -> String {
    let last = stream.events.back().map(|event| event.place);
    last.unwrap_or_default().to_string()
}

/// Tags as a map.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> ObjectBuilder {
    let mut shown = Object::builder();
    for (key, value) in tags {
        shown.insert(key.as_str().into(), value.as_str().into());
    }
    Object::builder().with("tags", shown.build())
}
