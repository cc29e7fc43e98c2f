//! The Step Functions API as tasks call it.

use asl::Pattern;
use data::Data;
use engine::{Failure, TaskRequest, errors};

use super::sdk::{Call, Dialect};
use super::{ExecutionId, Shell};
use crate::functions::ApiCall;
use crate::invoke::{request_id, timestamp};
use crate::outside::Answer;

/// The most bytes of an output that SendTaskSuccess takes.
const MOST_OUTPUT: usize = 262_144;

impl Shell<'_> {
    /// Carries a call out, or fails the task that makes it.
    pub(super) fn call_api(&mut self, id: ExecutionId, request: &TaskRequest, api: ApiCall) {
        let call = Call {
            request_id: request_id(&self.hosted[id.0].entropy, request),
            at: timestamp(self.now),
            dialect: match api {
                ApiCall::StartExecution(_) => Dialect::Optimized,
                ApiCall::SdkStartExecution
                | ApiCall::GetActivityTask
                | ApiCall::SendTaskSuccess
                | ApiCall::SendTaskFailure
                | ApiCall::SendTaskHeartbeat => Dialect::Sdk,
            },
        };
        let input = &request.input;
        let made = match api {
            ApiCall::StartExecution(pattern) => self.start_child(id, request, &call, pattern),
            ApiCall::SdkStartExecution => {
                self.start_child(id, request, &call, Pattern::RequestResponse)
            }
            ApiCall::GetActivityTask => self.get_activity_task(id, request, &call),
            ApiCall::SendTaskSuccess => output(input, &call)
                .and_then(|output| self.send_task(id, request, &call, Answer::Succeed(output))),
            ApiCall::SendTaskFailure => {
                let failure = Failure {
                    error: text(input, "Error").map(Into::into),
                    cause: text(input, "Cause").map(Into::into),
                };
                self.send_task(id, request, &call, Answer::Fail(failure))
            }
            ApiCall::SendTaskHeartbeat => self.send_task(id, request, &call, Answer::Heartbeat),
        };
        if let Err(failure) = made {
            self.answer(id, request, Err(failure));
        }
    }

    fn send_task(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        call: &Call,
        answer: Answer,
    ) -> Result<(), Failure> {
        let token = required(&request.input, "TaskToken")?;
        let taken = self.answer_token(token, answer);
        taken.map_err(|refused| call.refused(refused.name(), &refused.to_string()))?;
        self.answer(id, request, Ok(Data::empty_object()));
        Ok(())
    }
}

/// The output that SendTaskSuccess hands on: JSON in a string; an object is taken as it is.
fn output(input: &Data, call: &Call) -> Result<Data, Failure> {
    let invalid = |detail: &str| {
        let message = format!("Invalid Output: '{detail}'");
        call.refused("InvalidOutput", &message)
    };
    let output = match input.get("Output") {
        None => return Err(missing("Output")),
        Some(Data::String(text)) => {
            Data::parse(text.as_str()).map_err(|error| invalid(&error.message))?
        }
        Some(output) => output.clone(),
    };
    if output.size() <= MOST_OUTPUT {
        return Ok(output);
    }
    let message = format!(
        "1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length \
         less than or equal to {MOST_OUTPUT}"
    );
    Err(call.refused("Validation", &message))
}

fn text(input: &Data, field: &str) -> Option<String> {
    match input.get(field)? {
        Data::Null => None,
        Data::String(text) => Some(text.as_str().to_owned()),
        other => Some(other.to_string()),
    }
}

/// A parameter that a call cannot do without.
pub(super) fn required<'d>(input: &'d Data, field: &str) -> Result<&'d str, Failure> {
    let value = input.get(field).and_then(Data::as_str);
    value.ok_or_else(|| missing(field))
}

fn missing(field: &str) -> Failure {
    let cause = format!("The field '{field}' is required but was missing, or is not a string");
    Failure::new(errors::RUNTIME, cause)
}
