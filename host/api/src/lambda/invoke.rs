//! Invoke.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use data::{Data, EcoString, Object, ObjectBuilder};
use engine::Failure;
use runtime::host::{Invoke, Invoked, NotInvoked};
use runtime::{Function, Meant};

use super::configuration::one;
use super::name::{LATEST, Name};
use super::{Lambda, log_lines, refused};
use crate::{ApiError, Caller};

/// Lambda's longest event that is waited for, in bytes.
const LONGEST: usize = 6 << 20;
/// Lambda's longest event that is not.
const LONGEST_EVENT: usize = 1 << 20;
/// How long Lambda waits before it tries an event again for which there was no room, at first and at the longest, and
/// for how long it does so (developer guide, "How Lambda handles errors and retries with asynchronous invocation").
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);
/// How much of a log `LogType: Tail` gives, in bytes.
const TAIL: usize = 4096;

impl Lambda {
    /// Without `InvocationType` the answer is the function's. `Event` answers at once; what comes of it is only in the
    /// function's log, and it is not tried again if the function fails.
    pub(super) async fn invoke(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read(caller, parameters)?;
        let text = |member| parameters.get(member).and_then(Data::as_str);
        let kind = text("InvocationType").unwrap_or("RequestResponse");
        let event = event(text("Payload").unwrap_or_default(), kind)?;
        let version = EcoString::from(name.qualifier.as_deref().unwrap_or(LATEST));
        let function = self.meant(&name)?;
        match (kind, function) {
            ("DryRun", _) => Ok(one("StatusCode", 204)),
            ("Event", function) => {
                if let Ok(function) = function {
                    self.send(self.invocation(caller, &name, function, event));
                }
                Ok(one("StatusCode", 202))
            }
            (_, Err(failure)) => Ok(failed(&failure, &version)),
            (_, Ok(function)) => {
                let invoke = self.invocation(caller, &name, function, event);
                let invoked = self
                    .host
                    .invoke(invoke)
                    .await
                    .map_err(|error| not_invoked(&error))?;
                let tail = text("LogType") == Some("Tail");
                Ok(answer(invoked, &version, tail))
            }
        }
    }

    fn meant(&self, name: &Name) -> Result<Result<Arc<Function>, Failure>, ApiError> {
        let qualifier = name.qualifier.as_deref();
        match self
            .functions
            .meant(&name.name, qualifier, Some(&name.region))
        {
            Meant::Function(function) => Ok(Ok(function)),
            Meant::Unsupported(failure) => Ok(Err(failure)),
            Meant::Unknown => Err(name.not_found()),
        }
    }

    fn invocation(
        &self,
        caller: &Caller,
        name: &Name,
        function: Arc<Function>,
        event: String,
    ) -> Invoke {
        Invoke {
            version: function.version.clone(),
            function,
            event,
            region: name.region.clone(),
            request_id: caller.request_id.clone(),
        }
    }

    /// Invokes without anybody who waits. What its function's concurrency leaves no room for is tried again, unless
    /// there never is any.
    fn send(&self, invoke: Invoke) {
        let host = self.host.clone();
        let waits = invoke.function.concurrency != Some(0);
        tokio::spawn(async move {
            let (name, request) = (invoke.function.name.clone(), invoke.request_id.clone());
            let (began, mut pause) = (Instant::now(), FIRST_PAUSE);
            let error = loop {
                match host.invoke(invoke.clone()).await {
                    Ok(_) => return,
                    Err(NotInvoked::Throttled) if waits && began.elapsed() < LONGEST_WAIT => {
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    Err(error) => break error,
                }
            };
            tracing::warn!(function = name, request_id = request, %error, "an event was lost");
        });
    }
}

/// The event of a request: JSON, or nothing, which is an empty object.
fn event(payload: &str, kind: &str) -> Result<String, ApiError> {
    if payload.len() > LONGEST {
        let message = format!(
            "Request must be smaller than {LONGEST} bytes for the InvokeFunction operation"
        );
        return Err(refused("RequestTooLargeException", message));
    }
    if kind == "Event" && payload.len() > LONGEST_EVENT {
        let message = format!(
            "{} byte payload is too large for the Event invocation type (limit {LONGEST_EVENT} bytes)",
            payload.len()
        );
        return Err(refused("RequestTooLargeException", message));
    }
    if payload.is_empty() {
        return Ok("{}".to_owned());
    }
    match Data::parse(payload) {
        Ok(_) => Ok(payload.to_owned()),
        Err(error) => {
            let message = format!("Could not parse request body into json: {error}");
            Err(refused("InvalidRequestContentException", message))
        }
    }
}

fn response(version: &EcoString, failed: bool, payload: String) -> ObjectBuilder {
    let answer = Object::builder().with("StatusCode", 200);
    let answer = match failed {
        true => answer.with("FunctionError", "Unhandled"),
        false => answer,
    };
    answer
        .with("ExecutedVersion", version.clone())
        .with("Payload", payload)
}

fn answer(invoked: Invoked, version: &EcoString, tail: bool) -> Data {
    let log = log_lines(&invoked.report).join("\n") + "\n";
    let answer = response(version, invoked.failed, invoked.payload);
    if !tail {
        return answer.build().into();
    }
    let log = log.as_bytes();
    let last = log.get(log.len().saturating_sub(TAIL)..).unwrap_or(log);
    answer.with("LogResult", BASE64.encode(last)).build().into()
}

/// The answer of a function that has nothing to run it.
fn failed(failure: &Failure, version: &EcoString) -> Data {
    let payload = failure.cause.as_deref().unwrap_or("null").to_owned();
    response(version, true, payload).build().into()
}

fn not_invoked(error: &NotInvoked) -> ApiError {
    let message = error.to_string();
    match error {
        NotInvoked::Throttled => refused("TooManyRequestsException", message).with_member(
            "Reason",
            "ReservedFunctionConcurrentInvocationLimitExceeded",
        ),
        NotInvoked::NotLoadable(_) => refused("InvalidRuntimeException", message),
        NotInvoked::Fault(_) | NotInvoked::Over => {
            ApiError::new("ServiceException", message).with_status(500)
        }
    }
}
