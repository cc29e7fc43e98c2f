//! Lambda's Invoke: `POST /2015-03-31/functions/NAME/invocations`.

use std::time::Duration;

use bytes::Bytes;
use data::{Data, Object};
use engine::Failure;
use hyper::Method;
use runtime::Envelope;
use runtime::remote::{Address, RemoteAnswer};

use crate::failure::{Naming, Wording};
use crate::http::Answer;
use crate::metadata::with_metadata;
use crate::request::{Outgoing, segment};

/// A little more than Lambda's longest timeout.
const PATIENCE: Duration = Duration::from_secs(910);

/// Whether the function failed, by this header's presence.
const FUNCTION_ERROR: &str = "x-amz-function-error";

/// What Lambda's refusals are called.
pub(crate) const NAMING: Naming = Naming {
    prefix: "Lambda",
    service: "Lambda",
    common: "AWSLambdaException",
    exceptions: None,
    wording: Wording::Commas,
};

/// The call of a function with an event.
pub(crate) fn request(address: &Address, region: &str, name: &str, payload: &Data) -> Outgoing {
    let mut outgoing = Outgoing::new(Method::POST, address, "lambda", region);
    outgoing.path = format!("/2015-03-31/functions/{}/invocations", segment(name));
    outgoing.header("content-type", "application/json");
    outgoing.body = Bytes::from(payload.to_string());
    outgoing.patience = PATIENCE;
    outgoing.is_function = true;
    outgoing
}

/// Which version is called, and whether it is waited for.
pub(crate) fn specify(
    outgoing: &mut Outgoing,
    qualifier: Option<&str>,
    invocation_type: Option<&str>,
) {
    if let Some(qualifier) = qualifier {
        outgoing.ask("Qualifier", qualifier);
    }
    if let Some(kind) = invocation_type {
        outgoing.header("x-amz-invocation-type", kind);
    }
}

/// What the workflow gets from an answer that Lambda gave with success.
pub(crate) fn answer(answer: &Answer, envelope: Envelope) -> RemoteAnswer {
    let text = String::from_utf8_lossy(&answer.body);
    if answer.header(FUNCTION_ERROR).is_some() {
        return Err(function_error(&text));
    }
    let payload = payload(answer, &text)?;
    match envelope {
        Envelope::None => Ok(payload),
        Envelope::LambdaInvoke => {
            let version = answer.header("x-amz-executed-version").unwrap_or("$LATEST");
            let result = Object::builder()
                .with("ExecutedVersion", version)
                .with("Payload", payload);
            let status = i64::from(answer.status.as_u16());
            let result = with_metadata(result, answer).with("StatusCode", status);
            Ok(result.build().into())
        }
    }
}

/// Nobody waits for an event's function, so there is an answer without a payload.
fn payload(answer: &Answer, text: &str) -> RemoteAnswer {
    if text.trim().is_empty() {
        let waited = answer.status.as_u16() == 200;
        return Ok(if waited {
            Data::Null
        } else {
            Data::empty_object()
        });
    }
    Data::parse(text).map_err(|error| {
        let cause = format!("the function's answer is not JSON: {error}");
        Failure::new("Runtime.MarshalError", cause)
    })
}

/// Error is the payload's `errorType`, Cause the payload as it is.
fn function_error(text: &str) -> Failure {
    let payload = Data::parse(text).unwrap_or_default();
    let error = payload.get("errorType").and_then(Data::as_str);
    Failure::new(error.unwrap_or("Error"), text)
}
