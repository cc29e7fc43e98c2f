//! S3's REST protocol.

use bytes::Bytes;
use data::{Data, Object};
use engine::{Failure, Timestamp};
use hyper::Method;
use runtime::remote::{Address, RemoteCall};

use aws_smithy_types::date_time::{DateTime, Format};

use super::invalid;
use super::s3_members::{
    ANSWER, DELETE_OBJECT, GET_OBJECT, HEAD_OBJECT, Kind, LIST_OBJECTS_V2, PUT_OBJECT, Place,
};
use crate::http::Answer;
use crate::request::{Outgoing, path, suffix};
use crate::xml::Element;

/// What stands before the names of an object's own headers.
const METADATA: &str = "x-amz-meta-";

type Members = &'static [(&'static str, Place)];

fn operation(name: &str) -> Option<(Method, Members)> {
    let known = match name {
        "GetObject" => (Method::GET, GET_OBJECT),
        "PutObject" => (Method::PUT, PUT_OBJECT),
        "DeleteObject" => (Method::DELETE, DELETE_OBJECT),
        "HeadObject" => (Method::HEAD, HEAD_OBJECT),
        "ListObjectsV2" => (Method::GET, LIST_OBJECTS_V2),
        _ => return None,
    };
    Some(known)
}

/// Whether the operation is one of those that can be asked for.
pub(super) fn knows(name: &str) -> bool {
    operation(name).is_some()
}

pub(super) fn request(
    name: &str,
    call: &RemoteCall,
    parameters: &Object,
) -> Result<Outgoing, Failure> {
    let Some((method, members)) = operation(name) else {
        return Err(invalid(format!("S3's {name} cannot be asked for")));
    };
    let mut outgoing = Outgoing::new(method, &call.address, "s3", &call.region);
    let (mut bucket, mut key) = (None, None);
    for (given, value) in parameters.iter() {
        // Parameters are named as the SDK for Java names them, and often as S3 itself does.
        let known = members
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(given));
        let Some((_, place)) = known else {
            return Err(invalid(format!(
                "The field '{given}' is not supported by {name}"
            )));
        };
        match place {
            Place::Bucket => bucket = Some(text(given, value)?),
            Place::Key => key = Some(text(given, value)?),
            Place::Query(parameter) => outgoing.ask(parameter, &text(given, value)?),
            Place::Header(header) => outgoing.header(header, text(given, value)?),
            Place::Moment(header) => outgoing.header(header, moment(given, value)?),
            Place::Metadata => metadata(&mut outgoing, given, value)?,
            Place::Body => outgoing.body = Bytes::from(text(given, value)?),
        }
    }
    let missing = |field: &str| invalid(format!("The field '{field}' is required but was missing"));
    let bucket = bucket
        .filter(|bucket| !bucket.is_empty())
        .ok_or_else(|| missing("Bucket"))?;
    if !is_name(&bucket) {
        return Err(invalid(format!("'{bucket}' is not a name for a bucket")));
    }
    let wants_key = members.iter().any(|(_, place)| *place == Place::Key);
    if wants_key && key.as_deref().is_none_or(str::is_empty) {
        return Err(missing("Key"));
    }
    if !wants_key {
        outgoing.ask("list-type", "2");
    }
    direct(
        &mut outgoing,
        call,
        &bucket,
        key.as_deref().unwrap_or_default(),
    );
    Ok(outgoing)
}

/// Whether it could be a bucket's name. Anything else could lead to other places of a server.
fn is_name(bucket: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    bucket.bytes().all(valid) && bucket.bytes().any(|byte| byte != b'.')
}

/// AWS has a host for each bucket whose name can be one; everybody else has the bucket in the path.
fn direct(outgoing: &mut Outgoing, call: &RemoteCall, bucket: &str, key: &str) {
    let label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if call.address == Address::Aws && bucket.bytes().all(label) {
        let region = call.region.as_str();
        outgoing.base = format!("https://{bucket}.s3.{region}.{}", suffix(region));
        outgoing.path = format!("/{}", path(key));
    } else {
        let slash = if key.is_empty() { "" } else { "/" };
        outgoing.path = format!("/{}{slash}{}", path(bucket), path(key));
    }
}

fn text(field: &str, value: &Data) -> Result<String, Failure> {
    match value {
        Data::String(text) => Ok(text.as_str().to_owned()),
        Data::Bool(_) | Data::Number(_) => Ok(value.to_string()),
        Data::Array(items) => {
            let items: Result<Vec<String>, Failure> =
                items.items().iter().map(|item| text(field, item)).collect();
            Ok(items?.join(","))
        }
        Data::Null | Data::Object(_) => {
            Err(invalid(format!("The field '{field}' must be a string")))
        }
    }
}

fn moment(field: &str, value: &Data) -> Result<String, Failure> {
    let time = value.as_str().and_then(Timestamp::parse);
    let time = time.ok_or_else(|| invalid(format!("The field '{field}' must be a timestamp")))?;
    Ok(time.to_http_date())
}

fn metadata(outgoing: &mut Outgoing, field: &str, value: &Data) -> Result<(), Failure> {
    let entries = value.as_object();
    let entries =
        entries.ok_or_else(|| invalid(format!("The field '{field}' must be an object")))?;
    for (name, value) in entries.iter() {
        let name = format!("{METADATA}{}", name.to_ascii_lowercase());
        outgoing.header(&name, text(field, value)?);
    }
    Ok(())
}

/// The answer's members; `None` if it cannot be read.
pub(super) fn result(operation: &str, answer: &Answer) -> Option<Object> {
    if operation == "ListObjectsV2" {
        return listing(&answer.body);
    }
    let mut result = Object::builder();
    let has_body = matches!(operation, "GetObject" | "HeadObject");
    for (header, member, kind) in ANSWER {
        // Every answer has these headers, but they are members only where they speak of the object.
        if !has_body && matches!(*header, "content-length" | "content-type") {
            continue;
        }
        if let Some(value) = answer.header(header).and_then(|text| typed(text, *kind)) {
            result.insert((*member).into(), value);
        }
    }
    if has_body {
        result.insert("Metadata".into(), own_headers(answer));
    }
    if operation == "GetObject" {
        let body = String::from_utf8_lossy(&answer.body);
        result.insert("Body".into(), Data::from(body.as_ref()));
    }
    Some(result.build())
}

fn own_headers(answer: &Answer) -> Data {
    let mut metadata = Object::builder();
    for (name, value) in &answer.headers {
        let own = name.as_str().strip_prefix(METADATA);
        if let (Some(name), Ok(value)) = (own, value.to_str()) {
            metadata.insert(name.into(), Data::from(value));
        }
    }
    metadata.build().into()
}

fn typed(text: &str, kind: Kind) -> Option<Data> {
    match kind {
        Kind::Text => Some(Data::from(text)),
        Kind::Number => text.parse::<i64>().ok().map(Data::from),
        Kind::Flag => text.parse::<bool>().ok().map(Data::from),
        Kind::Moment => {
            let time = DateTime::from_str(text, Format::HttpDate).ok()?;
            let time = Timestamp(time.to_millis().ok()?);
            Some(Data::from(time.to_string()))
        }
    }
}

/// ListObjectsV2's answer. Its lists are not wrapped, so one entry and many look alike.
fn listing(body: &[u8]) -> Option<Object> {
    let root = Element::parse(std::str::from_utf8(body).ok()?)?;
    let mut result = Object::builder();
    for list in ["Contents", "CommonPrefixes"] {
        let entries = root.children.iter().filter(|child| child.name == list);
        let entries: Vec<Data> = entries.map(|entry| members(entry).into()).collect();
        if !entries.is_empty() {
            result.insert(list.into(), Data::from(entries));
        }
    }
    let others = root.children.iter();
    let others =
        others.filter(|child| !matches!(child.name.as_str(), "Contents" | "CommonPrefixes"));
    for child in others {
        result.insert(child.name.as_str().into(), listed(child));
    }
    Some(result.build())
}

fn members(entry: &Element) -> Object {
    let mut object = Object::builder();
    for child in &entry.children {
        object.insert(child.name.as_str().into(), listed(child));
    }
    object.build()
}

fn listed(element: &Element) -> Data {
    let text = element.text.as_str();
    let typed = match element.name.as_str() {
        "Size" | "KeyCount" | "MaxKeys" => text.parse::<i64>().ok().map(Data::from),
        "IsTruncated" => text.parse::<bool>().ok().map(Data::from),
        "LastModified" => Timestamp::parse(text).map(|time| Data::from(time.to_string())),
        "Owner" | "RestoreStatus" => Some(members(element).into()),
        _ => None,
    };
    typed.unwrap_or_else(|| Data::from(text))
}
