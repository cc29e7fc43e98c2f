//! RedriveExecution, and what is shown of whether an execution can be redriven.

use data::{Data, Object, ObjectBuilder};
use engine::Timestamp;
use runtime::host::{Found, NotRedriven, Redrive};

use super::executions::execution_arn;
use super::refuse::{no_execution, not_redrivable, over, unavailable};
use super::wire::{answer, owned, put, seconds};
use super::{Called, StepFunctions};
use crate::error::ApiError;

impl StepFunctions {
    /// The same client token again is the same redrive, as long as the host remembers it.
    pub(super) async fn redrive_execution(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = execution_arn(called)?;
        let found = self.found(arn).await?;
        if let Some(reason) = self.deleting(&found) {
            return Err(not_redrivable(&reason));
        }
        let redrive = Redrive {
            execution_arn: arn.into(),
            client_token: owned(called.parameters, "clientToken"),
            definition: None,
        };
        let redriven = self.host.redrive(redrive).await;
        let redriven = redriven.map_err(|refused| not_redriven(refused, arn))?;
        let redriven = Object::builder().with("redriveDate", seconds(redriven.redrive_date));
        Ok(answer(redriven))
    }

    /// That the state machine is being deleted, if it is.
    pub(super) fn deleting(&self, found: &Found) -> Option<String> {
        let state = self.registry.lock();
        let is_deleting = state.deleting.contains(&found.about.state_machine_arn);
        is_deleting.then(|| "State machine is in DELETING status".to_owned())
    }
}

/// `redriveStatus` and `redriveStatusReason`. `deleting` says that the state machine is being deleted, if it is.
pub(super) fn standing(found: &Found, deleting: Option<String>) -> (&'static str, Option<String>) {
    let reason = found.not_redrivable.clone().or(deleting);
    let status = match (&reason, &found.origin.map_run_arn) {
        (Some(_), _) => "NOT_REDRIVABLE",
        (None, Some(_)) => "REDRIVABLE_BY_MAP_RUN",
        (None, None) => "REDRIVABLE",
    };
    (status, reason)
}

/// Adds `redriveCount` and, if there was a redrive, `redriveDate`.
pub(super) fn put_count(shown: &mut ObjectBuilder, redrives: u32, redriven_at: Option<Timestamp>) {
    shown.insert("redriveCount".into(), i64::from(redrives).into());
    put(shown, "redriveDate", redriven_at.map(seconds));
}

fn not_redriven(refused: NotRedriven, arn: &str) -> ApiError {
    match refused {
        NotRedriven::Unknown => no_execution(arn),
        NotRedriven::NotRedrivable(reason) => not_redrivable(&reason),
        NotRedriven::Full(message) => ApiError::new("ExecutionLimitExceeded", message),
        NotRedriven::Store(why) => unavailable(why),
        NotRedriven::Over => over(),
    }
}
