//! StopExecution, DescribeExecution, DescribeStateMachineForExecution, GetExecutionHistory, RedriveExecution.

use data::{Data, EcoString, Object};
use engine::{Failure, Status};
use runtime::host::{Found, Page};

use super::machines::settings;
use super::refuse::no_execution;
use super::wire::{answer, flag, included, member, metadata_only, needed, owned, put, seconds};
use super::{Called, StepFunctions, arn};
use crate::error::ApiError;

impl StepFunctions {
    /// One that is over stays as it is, and is answered with the time of its end.
    pub(super) async fn stop_execution(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = execution_arn(called)?;
        let failure = Failure {
            error: owned(called.parameters, "error"),
            cause: owned(called.parameters, "cause"),
        };
        let stopped = self.host.stop(arn, failure).await?;
        let stopped = stopped.ok_or_else(|| no_execution(arn))?;
        let stopped = Object::builder().with("stopDate", seconds(stopped));
        Ok(answer(stopped))
    }

    pub(super) async fn describe_execution(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let found = self.found(execution_arn(called)?).await?;
        Ok(described(&found, metadata_only(called.parameters)))
    }

    pub(super) async fn describe_for_execution(
        &self,
        called: &Called<'_>,
    ) -> Result<Data, ApiError> {
        let arn = execution_arn(called)?;
        let found = self.found(arn).await?;
        let revision = self.registry.lock().revision(&found.revision);
        let revision = revision.ok_or_else(|| no_execution(arn))?;
        let described = Object::builder()
            .with("stateMachineArn", found.about.state_machine_arn.clone())
            .with("name", found.about.state_machine_name.clone())
            .with("updateDate", seconds(revision.made_at));
        let metadata_only = metadata_only(called.parameters);
        let mut described = settings(described, &revision, metadata_only);
        if found.origin.map_run_arn.is_some() {
            let label = found.about.state_machine_name.rsplit('/').next();
            put(&mut described, "label", label);
        }
        put(&mut described, "mapRunArn", found.origin.map_run_arn);
        Ok(answer(described))
    }

    pub(super) async fn get_execution_history(
        &self,
        called: &Called<'_>,
    ) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let arn = execution_arn(called)?;
        let wanted = self.pager.wanted("GetExecutionHistory", parameters)?;
        let after = wanted.after.as_deref().and_then(|after| after.parse().ok());
        let skip: usize = after.unwrap_or(0);
        let page = Page {
            skip,
            take: wanted.size,
            reverse: flag(parameters, "reverseOrder"),
        };
        // What is not said is true (service model).
        let with_data = member(parameters, "includeExecutionData").and_then(Data::as_bool);
        let with_data = with_data != Some(false);
        let history = self.host.history(arn, page).await?;
        let (events, all) = history.ok_or_else(|| no_execution(arn))?;
        let next = skip + events.len();
        let has_more = next < all && !events.is_empty();
        let token = has_more.then(|| wanted.token(&next.to_string()));
        let events = events.iter().map(|event| event.to_data(seconds));
        let events: Data = events
            .map(|event| if with_data { event } else { metadata(&event) })
            .collect();
        let mut history = Object::builder().with("events", events);
        put(&mut history, "nextToken", token);
        Ok(answer(history))
    }

    /// Executions begin again only from a journal that outlives the process.
    pub(super) async fn redrive_execution(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = execution_arn(called)?;
        let found = self.found(arn).await?;
        let status = &found.status;
        let message = match redrive(status) {
            (_, Some(reason)) => reason,
            (_, None) => {
                "wf-host cannot redrive executions: that needs a journal that outlives the \
                process. Start the state machine again instead."
                    .to_owned()
            }
        };
        let message = format!("Execution Not Redrivable: '{message}'");
        Err(ApiError::new("ExecutionNotRedrivable", message))
    }

    /// The execution of an ARN that is one.
    pub(super) async fn found(&self, arn: &str) -> Result<Found, ApiError> {
        let found = self.host.look(arn).await?;
        found.ok_or_else(|| no_execution(arn))
    }
}

/// The ARN of a standard execution in the caller's region.
pub(super) fn execution_arn<'c>(called: &Called<'c>) -> Result<&'c str, ApiError> {
    let arn = needed(called.parameters, "executionArn");
    arn::execution(arn)?;
    match called.sees(arn) {
        true => Ok(arn),
        false => Err(no_execution(arn)),
    }
}

/// A history event without inputs and outputs.
fn metadata(event: &Data) -> Data {
    let members = event.as_object().into_iter().flat_map(|event| event.iter());
    let members = members.map(|(name, value)| {
        let value = match value {
            Data::Object(details) => details.without("input").without("output").into(),
            other => other.clone(),
        };
        (name.clone(), value)
    });
    Data::Object(members.collect::<Object>())
}

/// `DescribeExecutionOutput`
fn described(found: &Found, metadata_only: bool) -> Data {
    let Found {
        about,
        status,
        origin,
        ..
    } = found;
    let shown = |data: &Data| (!metadata_only).then(|| data.to_string());
    let mut described = Object::builder()
        .with("executionArn", about.execution_arn.clone())
        .with("stateMachineArn", about.state_machine_arn.clone())
        .with("name", about.execution_name.clone())
        .with("status", shown_status(status))
        .with("startDate", seconds(found.started_at))
        .with("inputDetails", included(!metadata_only))
        .with("redriveCount", 0);
    put(&mut described, "stopDate", found.stopped_at.map(seconds));
    let input = (!metadata_only).then(|| found.input_text());
    put(&mut described, "input", input);
    if let Status::Succeeded { output } = status {
        put(&mut described, "output", shown(output));
        described.insert("outputDetails".into(), included(!metadata_only));
    }
    // AWS reports no error for an execution that timed out.
    if let Status::Failed(failure) | Status::Aborted(failure) = status {
        let shown = |text: &Option<EcoString>| text.clone().filter(|_| !metadata_only);
        put(&mut described, "error", shown(&failure.error));
        put(&mut described, "cause", shown(&failure.cause));
    }
    let (redrive_status, reason) = redrive(status);
    described.insert("redriveStatus".into(), redrive_status.into());
    put(&mut described, "redriveStatusReason", reason);
    put(&mut described, "traceHeader", origin.trace_header.clone());
    put(&mut described, "mapRunArn", origin.map_run_arn.clone());
    put(
        &mut described,
        "stateMachineVersionArn",
        origin.version_arn.clone(),
    );
    put(
        &mut described,
        "stateMachineAliasArn",
        origin.alias_arn.clone(),
    );
    answer(described)
}

/// `status`. One that is about to begin is running for everybody outside.
pub(super) fn shown_status(status: &Status) -> &'static str {
    match status {
        Status::Created => Status::Running.as_str(),
        other => other.as_str(),
    }
}

/// `redriveStatus` and `redriveStatusReason`.
pub(super) fn redrive(status: &Status) -> (&'static str, Option<String>) {
    match status {
        Status::Succeeded { .. } | Status::Created | Status::Running => {
            let status = shown_status(status);
            let reason = format!("Execution is {status} and cannot be redriven");
            ("NOT_REDRIVABLE", Some(reason))
        }
        Status::Failed(_) | Status::TimedOut(_) | Status::Aborted(_) => ("REDRIVABLE", None),
    }
}
