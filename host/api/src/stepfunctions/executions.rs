//! StopExecution, DescribeExecution, DescribeStateMachineForExecution, GetExecutionHistory.

use data::{Data, EcoString, Object, ObjectBuilder};
use engine::{Failure, Status};
use runtime::host::{Found, Origin, Page};

use super::machines::settings;
use super::redrives::{put_count, standing};
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
        let deleting = self.deleting(&found);
        let metadata_only = metadata_only(called.parameters);
        Ok(described(&found, metadata_only, deleting))
    }

    pub(super) async fn describe_for_execution(
        &self,
        called: &Called<'_>,
    ) -> Result<Data, ApiError> {
        let arn = execution_arn(called)?;
        let found = self.found(arn).await?;
        let terms = self.registry.lock().terms(&found.revision);
        let terms = terms.ok_or_else(|| no_execution(arn))?;
        let described = Object::builder()
            .with("stateMachineArn", found.about.state_machine_arn.clone())
            .with("name", found.about.state_machine_name.clone())
            .with("updateDate", seconds(terms.made_at));
        let metadata_only = metadata_only(called.parameters);
        let mut described = settings(described, &terms, metadata_only);
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

/// `DescribeExecutionOutput`. `deleting` says that the state machine is being deleted, if it is.
fn described(found: &Found, metadata_only: bool, deleting: Option<String>) -> Data {
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
        .with("inputDetails", included(!metadata_only));
    put_count(&mut described, found.redrives, found.redriven_at);
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
    let (redrive_status, reason) = standing(found, deleting);
    described.insert("redriveStatus".into(), redrive_status.into());
    put(&mut described, "redriveStatusReason", reason);
    put_origin(&mut described, origin);
    answer(described)
}

fn put_origin(described: &mut ObjectBuilder, origin: &Origin) {
    for (name, value) in [
        ("traceHeader", &origin.trace_header),
        ("mapRunArn", &origin.map_run_arn),
        ("stateMachineVersionArn", &origin.version_arn),
        ("stateMachineAliasArn", &origin.alias_arn),
    ] {
        put(described, name, value.clone());
    }
}

/// `status`. One that is about to begin is running for everybody outside.
pub(super) fn shown_status(status: &Status) -> &'static str {
    match status {
        Status::Created => Status::Running.as_str(),
        other => other.as_str(),
    }
}
