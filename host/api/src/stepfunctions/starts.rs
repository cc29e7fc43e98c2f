//! StartExecution, StartSyncExecution.

use data::{Data, EcoString, Object};
use engine::Status;
use runtime::host::{Found, Start};
use runtime::is_name;

use super::arn::MachineArn;
use super::refuse::{invalid_arn, invalid_name, machine_deleting, no_machine, wrong_type};
use super::wire::{answer, included, metadata_only, needed, owned, put, seconds, text};
use super::{Called, StepFunctions, json_error};
use crate::error::ApiError;

/// What is paid for at the least, in milliseconds: durations are rounded up to a multiple of it.
const BILLED_STEP: i64 = 100;
/// What is paid for in any case, in MB.
const BILLED_MEMORY: i64 = 64;

impl StepFunctions {
    pub(super) async fn start_execution(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let start = self.start(called)?;
        let begun = self.host.start(start).await?;
        let started = Object::builder()
            .with("executionArn", begun.execution_arn)
            .with("startDate", seconds(begun.started_at));
        Ok(answer(started))
    }

    pub(super) async fn start_sync_execution(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let start = self.start(called)?;
        if !start.machine.express {
            return Err(wrong_type());
        }
        let found = self.host.start_sync(start).await?;
        Ok(synced(&found, metadata_only(called.parameters)))
    }

    /// Finds and checks everything that an execution starts with.
    fn start(&self, called: &Called<'_>) -> Result<Start, ApiError> {
        let parameters = called.parameters;
        let arn = MachineArn::parse(needed(parameters, "stateMachineArn"))?;
        let name = owned(parameters, "name");
        if let Some(name) = name.as_ref().filter(|name| !is_name(name)) {
            return Err(invalid_name(name));
        }
        let written = text(parameters, "input");
        let input = input(written)?;
        let state = self.registry.lock();
        let resolved = state.resolve(&arn, rand::random());
        let resolved = resolved.filter(|_| called.sees(&arn.text));
        let resolved = resolved.ok_or_else(|| no_machine(&arn.text))?;
        if resolved.machine.deleting {
            return Err(machine_deleting(&arn.text));
        }
        let mut origin = resolved.origin();
        origin.trace_header = owned(parameters, "traceHeader");
        origin.input_text = written
            .filter(|text| *text != input.to_string())
            .map(Into::into);
        if let Some(case) = &arn.case {
            if self.cases.cases().next().is_none() {
                let detail = "a test case needs a mock file: wf-host serve --mock-config FILE";
                return Err(invalid_arn(detail));
            }
            let name = &resolved.revision.machine.name;
            let found = self.cases.case(&format!("{name}#{case}"));
            found.map_err(|error| invalid_arn(format!("{}; {}", error.message, error.hint)))?;
        }
        origin.test_case = arn.case;
        Ok(Start {
            machine: resolved.revision.machine.clone(),
            origin,
            name,
            input,
        })
    }
}

/// An input that is not sent is an empty object.
pub(super) fn input(text: Option<&str>) -> Result<Data, ApiError> {
    let refuse = |detail: &str| {
        let message = format!("Invalid State Machine Execution Input: '{detail}'");
        ApiError::new("InvalidExecutionInput", message)
    };
    match text {
        None => Ok(Data::empty_object()),
        Some("") => Err(refuse("Invalid execution input.")),
        Some(text) => json_error::parse(text).map_err(|detail| refuse(&detail)),
    }
}

/// `StartSyncExecutionOutput`
fn synced(found: &Found, metadata_only: bool) -> Data {
    let about = &found.about;
    let started = found.started_at;
    let stopped = found.stopped_at.unwrap_or(started);
    let mut synced = Object::builder()
        .with("executionArn", about.execution_arn.clone())
        .with("stateMachineArn", about.state_machine_arn.clone())
        .with("name", about.execution_name.clone())
        .with("startDate", seconds(started))
        .with("stopDate", seconds(stopped))
        .with("status", found.status.as_str());
    let shown = |data: &Data| (!metadata_only).then(|| data.to_string());
    let input = (!metadata_only).then(|| found.input_text());
    put(&mut synced, "input", input);
    synced.insert("inputDetails".into(), included(!metadata_only));
    match &found.status {
        Status::Succeeded { output } => {
            put(&mut synced, "output", shown(output));
            synced.insert("outputDetails".into(), included(!metadata_only));
        }
        Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
            let shown = |text: &Option<EcoString>| text.clone().filter(|_| !metadata_only);
            put(&mut synced, "error", shown(&failure.error));
            put(&mut synced, "cause", shown(&failure.cause));
        }
        Status::Created | Status::Running => {}
    }
    put(
        &mut synced,
        "traceHeader",
        found.origin.trace_header.clone(),
    );
    let millis = (stopped.0 - started.0).max(1);
    let billed = (millis + BILLED_STEP - 1) / BILLED_STEP * BILLED_STEP;
    let billing = Object::builder()
        .with("billedMemoryUsedInMB", BILLED_MEMORY)
        .with("billedDurationInMilliseconds", billed);
    answer(synced.with("billingDetails", billing.build()))
}
