//! SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.

use data::Data;
use engine::Failure;
use runtime::{Answer, Refused};

use super::refuse::{over, unavailable};
use super::wire::{needed, nothing, owned};
use super::{Called, StepFunctions, json_error};
use crate::error::ApiError;

impl StepFunctions {
    pub(super) async fn send_task_success(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let output = json_error::parse(needed(called.parameters, "output"));
        let output = output.map_err(|detail| {
            ApiError::new("InvalidOutput", format!("Invalid Output: '{detail}'"))
        })?;
        self.send(called, Answer::Succeed(output)).await
    }

    pub(super) async fn send_task_failure(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let failure = Failure {
            error: owned(called.parameters, "error"),
            cause: owned(called.parameters, "cause"),
        };
        self.send(called, Answer::Fail(failure)).await
    }

    pub(super) async fn send_task_heartbeat(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        self.send(called, Answer::Heartbeat).await
    }

    async fn send(&self, called: &Called<'_>, said: Answer) -> Result<Data, ApiError> {
        let token = needed(called.parameters, "taskToken");
        match self.host.answer(token, said).await {
            Ok(()) => Ok(nothing()),
            Err(Refused::Over) => Err(over()),
            Err(refused @ Refused::Unkept) => Err(unavailable(refused.to_string())),
            Err(refused) => Err(ApiError::new(refused.name(), refused.to_string())),
        }
    }
}
