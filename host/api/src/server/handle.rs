//! A request from its head to its answer.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use data::Data;
use tracing::Instrument;

use super::body::{self, Unread};
use super::foreign::{Foreign, Style};
use super::protocol::{self, header_value, json, query, rest};
use super::route::{Route, route};
use super::scope::{self, Scope};
use super::services::ServiceName;
use super::{Shared, health};
use crate::Caller;
use crate::error::ApiError;

/// A definition is at most 1 MiB of characters, of which JSON may make more bytes.
const JSON_LIMIT: usize = 4 << 20;
/// A policy is at most 131,072 characters, of which a form makes up to nine bytes each.
const FORM_LIMIT: usize = 2 << 20;
/// What Lambda takes as an event.
const EVENT_LIMIT: usize = 6_291_456;
/// A zip of 50 MB in base64.
const CODE_LIMIT: usize = 70 << 20;

/// How much of a payload a log shows.
const SHOWN: usize = 4096;

/// What an operation's name is called that its service does not have.
const UNKNOWN: &str = "unknown";

/// A request that means an operation.
struct Call {
    service: ServiceName,
    operation: String,
    parameters: Data,
}

/// What came of a request.
struct Outcome {
    response: Response,
    service: &'static str,
    operation: &'static str,
    /// The error, if it is one.
    error: Option<(Cow<'static, str>, String)>,
}

/// Answers a request to a service.
pub(super) async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let scope = Scope::of(&head);
    let route = route(&head, scope.as_ref());
    if route == Route::Health {
        return health::answer(&shared);
    }
    let caller = Caller {
        region: scope::region(scope.as_ref()),
        access_key: scope.map(|scope| scope.access_key),
        request_id: request_id(),
    };
    let span = tracing::info_span!("request", request_id = %caller.request_id);
    let answering = async {
        let outcome = answer(&shared, &head, body, route, &caller).await;
        shared.tell(&outcome, started);
        outcome.response
    };
    let mut response = answering.instrument(span).await;
    let id = header_value(&caller.request_id);
    response.headers_mut().insert("x-amzn-requestid", id);
    response
}

fn request_id() -> String {
    uuid::Builder::from_random_bytes(rand::random())
        .into_uuid()
        .to_string()
}

async fn answer(
    shared: &Shared,
    head: &Parts,
    body: Body,
    route: Route,
    caller: &Caller,
) -> Outcome {
    let (service, operation) = match &route {
        Route::Foreign(foreign) => {
            body::pass_by(body, &shared.settings).await;
            return not_served(foreign, &caller.request_id);
        }
        Route::Nothing(service, message) => {
            body::pass_by(body, &shared.settings).await;
            let error = ApiError::new("UnknownOperationException", message).with_status(404);
            return failed(*service, UNKNOWN, error, caller);
        }
        Route::Json(service, operation) => (Some(*service), Some(operation.as_str())),
        Route::Rest(operation, _) => (Some(ServiceName::Lambda), Some(*operation)),
        Route::Query(service) => (*service, None),
        Route::Health => (None, None),
    };
    let told = service.unwrap_or(ServiceName::Iam);
    let label = operation
        .and_then(|name| told.operation(name))
        .unwrap_or(UNKNOWN);
    let bytes = match body::read(body, limit(service, operation), &shared.settings).await {
        Ok(bytes) => bytes,
        Err(unread) => return unreadable(told, label, unread, caller),
    };
    let called = match route {
        Route::Query(service) => form(service, head, &bytes),
        route => call(route, head, &bytes)
            .map_err(|error| (told, error))
            .map(Some),
    };
    match called {
        Ok(Some(call)) => carry_out(shared, caller, call).await,
        Ok(None) => not_served(&Foreign::new("", Style::Query), &caller.request_id),
        Err((service, error)) => failed(service, label, error, caller),
    }
}

/// How large a body may be.
fn limit(service: Option<ServiceName>, operation: Option<&str>) -> usize {
    match (service, operation) {
        (Some(ServiceName::Lambda), Some("Invoke")) => EVENT_LIMIT,
        (Some(ServiceName::Lambda), Some("CreateFunction" | "UpdateFunctionCode")) => CODE_LIMIT,
        (Some(ServiceName::StepFunctions | ServiceName::Logs), _) => JSON_LIMIT,
        _ => FORM_LIMIT,
    }
}

fn call(route: Route, head: &Parts, body: &Bytes) -> Result<Call, ApiError> {
    match route {
        Route::Rest(operation, labels) => {
            let service = ServiceName::Lambda;
            let parameters = rest::parameters(service.model(), operation, &labels, head, body)?;
            let operation = operation.to_owned();
            Ok(Call {
                service,
                operation,
                parameters,
            })
        }
        Route::Json(service, operation) => {
            let parameters = json::parameters(&head.headers, body)?;
            Ok(Call {
                service,
                operation,
                parameters,
            })
        }
        Route::Query(_) | Route::Nothing(..) | Route::Foreign(_) | Route::Health => {
            Err(ApiError::internal("the request means no operation"))
        }
    }
}

/// A call in the query protocol; none if it means a service that nobody knows.
fn form(
    service: Option<ServiceName>,
    head: &Parts,
    body: &Bytes,
) -> Result<Option<Call>, (ServiceName, ApiError)> {
    let told = service.unwrap_or(ServiceName::Iam);
    let form = query::Form::read(head.uri.query(), body).map_err(|error| (told, error))?;
    let action = form.action().map_err(|error| (told, error))?;
    let Some(service) = service.or_else(|| form.service()) else {
        return Ok(None);
    };
    let parameters = form.parameters(service).map_err(|error| (service, error))?;
    let operation = action.to_owned();
    Ok(Some(Call {
        service,
        operation,
        parameters,
    }))
}

async fn carry_out(shared: &Shared, caller: &Caller, call: Call) -> Outcome {
    let Call {
        service,
        operation,
        parameters,
    } = call;
    let label = service.operation(&operation).unwrap_or(UNKNOWN);
    let log = shared.settings.log_payloads;
    if log {
        tracing::info!(operation = label, parameters = %shown(&parameters), "asked");
    }
    let Some(plugged) = shared.services.take(service) else {
        let message = format!("this server does not have {}", service.id());
        let error = ApiError::new("NotImplemented", message).with_status(501);
        return failed(service, label, error, caller);
    };
    match plugged.call(caller, &operation, &parameters).await {
        Ok(answer) => {
            if log {
                tracing::info!(operation = label, answer = %shown(&answer), "answers");
            }
            Outcome {
                response: protocol::answer(service, &operation, &answer, &caller.request_id),
                service: service.id(),
                operation: label,
                error: None,
            }
        }
        Err(error) => failed(service, label, error, caller),
    }
}

fn shown(payload: &Data) -> String {
    let mut text = payload.to_string();
    let end = (0..=SHOWN.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
    text
}

fn failed(
    service: ServiceName,
    operation: &'static str,
    error: ApiError,
    caller: &Caller,
) -> Outcome {
    Outcome {
        response: protocol::error(service, &error, &caller.request_id),
        service: service.id(),
        operation,
        error: Some((error.code, error.message)),
    }
}

fn unreadable(
    service: ServiceName,
    operation: &'static str,
    unread: Unread,
    caller: &Caller,
) -> Outcome {
    let mut outcome = failed(service, operation, unread.error(Some(operation)), caller);
    let close = HeaderValue::from_static("close");
    outcome.response.headers_mut().insert(CONNECTION, close);
    outcome
}

fn not_served(foreign: &Foreign, request_id: &str) -> Outcome {
    Outcome {
        response: foreign.answer(request_id),
        service: "other",
        operation: UNKNOWN,
        error: Some((
            foreign.code().into(),
            "a service that is not served".to_owned(),
        )),
    }
}

impl Shared {
    /// Counts and logs what came of a request.
    fn tell(&self, outcome: &Outcome, started: Instant) {
        let (service, operation) = (outcome.service, outcome.operation);
        let took = started.elapsed();
        let (code, message) = match &outcome.error {
            None => (Cow::Borrowed("OK"), ""),
            Some((code, message)) => (code.clone(), message.as_str()),
        };
        let status = outcome.response.status();
        let ms = took.as_secs_f64() * 1000.0;
        if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
            let status = status.as_u16();
            tracing::error!(service, operation, status, %code, message, ms, "failed");
        } else {
            let status = status.as_u16();
            tracing::info!(service, operation, status, %code, ms, "answered");
        }
        self.metrics.request(service, operation, code, took);
    }
}
