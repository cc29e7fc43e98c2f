//! AWS's protocols: how parameters are read from a request, and answers and errors written down.

pub(super) mod json;
pub(super) mod query;
pub(super) mod rest;
pub(super) mod xml;

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use data::{Data, Number};

use super::services::ServiceName;
use crate::error::ApiError;
use crate::model::{Kind, Model, Shape};

/// A response with a body.
pub(super) fn response(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// An operation's answer in its service's protocol.
pub(super) fn answer(
    service: ServiceName,
    operation: &str,
    answer: &Data,
    request_id: &str,
) -> Response {
    match service {
        ServiceName::StepFunctions => json::answer(json::VERSION_1_0, answer),
        ServiceName::Logs => json::answer(json::VERSION_1_1, answer),
        ServiceName::Lambda => rest::answer(service.model(), operation, answer),
        ServiceName::Iam | ServiceName::Sts => {
            let body = xml::answer(service, operation, answer, request_id);
            response(StatusCode::OK, "text/xml", body)
        }
    }
}

/// An error in a service's protocol.
pub(super) fn error(service: ServiceName, error: &ApiError, request_id: &str) -> Response {
    let shape = exception(service.model(), &error.code);
    match service {
        ServiceName::StepFunctions => json::error(json::VERSION_1_0, error, shape),
        ServiceName::Logs => json::error(json::VERSION_1_1, error, shape),
        ServiceName::Lambda => rest::error(error, shape),
        ServiceName::Iam | ServiceName::Sts => {
            let side = if error.status < 500 {
                "Sender"
            } else {
                "Receiver"
            };
            let code = shape.and_then(|shape| shape.code.as_deref());
            let code = code.unwrap_or(&error.code);
            let body = xml::error(
                query::namespace(service),
                side,
                code,
                &error.message,
                request_id,
            );
            response(status(error, shape), "text/xml", body)
        }
    }
}

/// The shape of an exception, by its name or by the name that it has on the wire.
fn exception(model: &'static Model, code: &str) -> Option<&'static Shape> {
    let exceptions = || model.shapes.values().filter(|shape| shape.status.is_some());
    let named = model
        .shapes
        .get(code)
        .filter(|shape| shape.status.is_some());
    named.or_else(|| exceptions().find(|shape| shape.code.as_deref() == Some(code)))
}

/// The HTTP status of an error: the one that the service chose, else the one of the model.
fn status(error: &ApiError, shape: Option<&Shape>) -> StatusCode {
    let modelled = shape.and_then(|shape| shape.status);
    let number = match error.status {
        400 => modelled.unwrap_or(400),
        chosen => chosen,
    };
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The request cannot be read as what its operation takes.
pub(super) fn serialization(message: impl Into<String>) -> ApiError {
    ApiError::new("SerializationException", message)
}

/// A value of a header, which cannot have every character.
pub(super) fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| {
        let plain: String = text.chars().filter(|c| (' '..='~').contains(c)).collect();
        HeaderValue::from_str(&plain).unwrap_or(HeaderValue::from_static(""))
    })
}

/// The value that a text without type stands for, by the shape that it shall have. Structures, lists and maps are
/// none that a text stands for.
fn scalar(shape: &Shape, name: &str, text: Cow<'_, str>) -> Result<Data, ApiError> {
    let wrong = |what: &str| serialization(format!("the value of {name} is no {what}"));
    match shape.kind {
        Kind::String | Kind::Blob | Kind::Timestamp => Ok(Data::from(text.into_owned())),
        Kind::Integer | Kind::Long => {
            let number: i64 = text.parse().map_err(|_| wrong("integer"))?;
            Ok(Data::from(number))
        }
        Kind::Float | Kind::Double => {
            let number = text.parse().ok().and_then(Number::float);
            number.map(Data::from).ok_or_else(|| wrong("number"))
        }
        Kind::Boolean => match &*text {
            "true" => Ok(Data::from(true)),
            "false" => Ok(Data::from(false)),
            _ => Err(wrong("boolean")),
        },
        Kind::Structure | Kind::List | Kind::Map => Err(wrong("structure")),
    }
}

/// A header as text.
fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
