//! REST with JSON, Lambda's protocol: members travel in the path, the query string, headers, and the body, which is
//! either one member as it is or a JSON object of the rest.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use data::{Data, EcoString, Object};

use super::json::message_member;
use super::{header_text, header_value, json, response, scalar, status};
use crate::error::ApiError;
use crate::model::{Kind, Model, Reference, Shape};
use crate::server::route::Labels;

const JSON: &str = "application/json";

/// The parameters of an operation. Where the body has a member that travels elsewhere, the other place counts.
pub fn parameters(
    model: &Model,
    operation: &str,
    labels: &Labels,
    head: &Parts,
    body: &Bytes,
) -> Result<Data, ApiError> {
    let Some(shape) = model.input(operation) else {
        return Ok(Data::empty_object());
    };
    let mut parameters = match body_members(shape, body)? {
        Data::Object(object) => object,
        _ => Object::default(),
    };
    for (name, member) in &shape.members {
        let wire = member.location_name.as_deref().unwrap_or(name);
        let placed = match member.location.as_deref() {
            Some("uri") => label(labels, wire).map(Data::from),
            Some("querystring") => from_query(model, member, wire, head.uri.query())?,
            Some("header") => header_text(&head.headers, wire)
                .map(|text| scalar(model.shape(member), name, text.into()))
                .transpose()?,
            _ => continue,
        };
        parameters = match placed {
            Some(value) => parameters.with(name.as_str(), value),
            None => parameters.without(name),
        };
    }
    Ok(parameters.into())
}

fn label<'l>(labels: &'l Labels, name: &str) -> Option<&'l str> {
    let (_, value) = labels.iter().find(|(label, _)| *label == name)?;
    Some(value)
}

/// The members that the body has.
fn body_members(shape: &Shape, body: &Bytes) -> Result<Data, ApiError> {
    if let Some(payload) = &shape.payload {
        let text = std::str::from_utf8(body).map_err(|_| {
            let message = "Could not parse request body into json: it is not UTF-8";
            ApiError::new("InvalidRequestContentException", message)
        })?;
        let given = (!text.is_empty()).then(|| (EcoString::from(payload), Data::from(text)));
        return Ok(given.into_iter().collect::<Object>().into());
    }
    let in_body = shape
        .members
        .values()
        .any(|member| member.location.is_none());
    match in_body && !body.is_empty() {
        true => json::object(body),
        false => Ok(Data::empty_object()),
    }
}

fn from_query(
    model: &Model,
    member: &Reference,
    wire: &str,
    query: Option<&str>,
) -> Result<Option<Data>, ApiError> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut values = pairs
        .filter(|(name, _)| name == wire)
        .map(|(_, value)| value);
    let shape = model.shape(member);
    let Some(inner) = shape.member.as_ref().filter(|_| shape.kind == Kind::List) else {
        let value = values.next();
        return value.map(|value| scalar(shape, wire, value)).transpose();
    };
    let inner = model.shape(inner);
    let items: Vec<Data> = values
        .map(|value| scalar(inner, wire, value))
        .collect::<Result<_, _>>()?;
    Ok((!items.is_empty()).then(|| items.into()))
}

/// An operation's answer.
pub fn answer(model: &Model, operation: &str, answer: &Data) -> Response {
    let operation = model.operations.get(operation);
    let modelled = operation.and_then(|operation| Some(operation.http.as_ref()?.2));
    let mut status = modelled.unwrap_or(200);
    let shape = operation.and_then(|operation| model.shapes.get(operation.output.as_ref()?));
    let Some(shape) = shape else {
        return written(status, None, Vec::new());
    };
    let mut headers = Vec::new();
    let mut rest = Object::builder();
    let entries = answer
        .as_object()
        .into_iter()
        .flat_map(|answer| answer.iter());
    for (name, value) in entries.filter(|(_, value)| !value.is_null()) {
        let member = shape.members.get(name.as_str());
        let wire = member.and_then(|member| member.location_name.as_deref());
        match member.and_then(|member| member.location.as_deref()) {
            Some("statusCode") => {
                let chosen = value.as_i64().and_then(|code| u16::try_from(code).ok());
                status = chosen.unwrap_or(status);
            }
            Some("header") => headers.push((wire.unwrap_or(name), text(value))),
            _ if shape.payload.as_deref() == Some(name) => {}
            _ => rest.insert(name.clone(), value.clone()),
        }
    }
    let body = match &shape.payload {
        Some(payload) => answer.get(payload).map(text),
        None => Some(Data::from(rest.build()).to_string()),
    };
    written(status, body, headers)
}

/// A value where only text can stand.
fn text(value: &Data) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn written(status: u16, body: Option<String>, headers: Vec<(&str, String)>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = body.filter(|_| status != StatusCode::NO_CONTENT);
    let mut response = Response::new(body.map_or_else(Body::empty, Body::from));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(JSON);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    for (name, value) in headers {
        if let Ok(name) = name.parse::<HeaderName>() {
            response.headers_mut().insert(name, header_value(&value));
        }
    }
    response
}

/// An error: its name in a header, its side and message in the body.
pub fn error(error: &ApiError, shape: Option<&Shape>) -> Response {
    let side = if error.status < 500 {
        "User"
    } else {
        "Service"
    };
    let mut body = Object::builder()
        .with("Type", side)
        .with(message_member(shape, "Message"), error.message.as_str());
    let mut headers = vec![("x-amzn-ErrorType", error.code.to_string())];
    for (name, value) in &error.members {
        let member = shape.and_then(|shape| shape.members.get(*name));
        match member.and_then(|member| member.location_name.as_deref()) {
            Some(header) => headers.push((header, value.clone())),
            None => body.insert((*name).into(), Data::from(value.as_str())),
        }
    }
    let mut response = response(
        status(error, shape),
        JSON,
        Data::from(body.build()).to_string(),
    );
    for (name, value) in headers {
        if let Ok(name) = name.parse::<HeaderName>() {
            response.headers_mut().insert(name, header_value(&value));
        }
    }
    response
}
