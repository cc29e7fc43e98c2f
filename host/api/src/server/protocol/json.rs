//! AWS JSON: parameters and answer are a JSON object each, an error names itself in `__type`.

use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use data::{Data, write_string};

use super::{header_text, response, serialization, status};
use crate::error::ApiError;
use crate::model::Shape;

/// The content type of Step Functions.
pub const VERSION_1_0: &str = "application/x-amz-json-1.0";
/// The content type of CloudWatch Logs.
pub const VERSION_1_1: &str = "application/x-amz-json-1.1";

/// The parameters in a body.
pub fn parameters(headers: &HeaderMap, body: &[u8]) -> Result<Data, ApiError> {
    check_content_type(headers)?;
    object(body)
}

/// A JSON object.
pub fn object(body: &[u8]) -> Result<Data, ApiError> {
    let text = std::str::from_utf8(body).map_err(|_| serialization("the body is not UTF-8"))?;
    let value = Data::parse(text).map_err(|error| serialization(error.to_string()))?;
    match value {
        Data::Object(_) => Ok(value),
        other => {
            let message = format!("the body is not an object but {}", other.type_name());
            Err(serialization(message))
        }
    }
}

/// JSON is read from whatever does not say that it is something else; what curl says of every body counts as nothing.
fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    const READ: [&str; 5] = [
        VERSION_1_0,
        VERSION_1_1,
        "application/json",
        "application/x-www-form-urlencoded",
        "",
    ];
    let given = header_text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    if READ.iter().any(|read| read.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    let message = "the body's content type is not application/x-amz-json-1.0 or -1.1";
    Err(ApiError::new("UnsupportedMediaTypeException", message).with_status(415))
}

/// An operation's answer.
pub fn answer(content_type: &'static str, answer: &Data) -> Response {
    response(StatusCode::OK, content_type, answer.to_string())
}

/// An error.
pub fn error(content_type: &'static str, error: &ApiError, shape: Option<&Shape>) -> Response {
    let message = message_member(shape, "message");
    let body = error_body(&error.code, message, &error.message, &error.members);
    response(status(error, shape), content_type, body)
}

/// What a model calls the message of an exception: `message` or `Message`.
pub fn message_member<'s>(shape: Option<&'s Shape>, other: &'s str) -> &'s str {
    let mut members = shape.iter().flat_map(|shape| shape.members.keys());
    let found = members.find(|name| name.eq_ignore_ascii_case("message"));
    found.map_or(other, String::as_str)
}

/// `{"__type": ..., "message": ...}` and further members.
pub fn error_body(
    code: &str,
    message_member: &str,
    message: &str,
    members: &[(&'static str, String)],
) -> String {
    let mut body = String::with_capacity(64 + message.len());
    body.push_str("{\"__type\":");
    write_string(code, &mut body);
    write_member(message_member, message, &mut body);
    for (name, value) in members {
        write_member(name, value, &mut body);
    }
    body.push('}');
    body
}

fn write_member(name: &str, value: &str, body: &mut String) {
    body.push(',');
    write_string(name, body);
    body.push(':');
    write_string(value, body);
}
