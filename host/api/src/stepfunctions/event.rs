//! What EventBridge hears of an execution.

use data::{Data, EcoString, Object, ObjectBuilder};
use engine::{Status, Timestamp};
use runtime::host::Found;

use super::executions::shown_status;
use super::redrives::standing;
use super::wire::{answer, included};
use crate::caller::ACCOUNT;

/// The event "Step Functions Execution Status Change" about an execution as it stands. `id` is the event's own. Shapes:
/// recorded; moments of the detail are milliseconds, and what there is not is null.
pub fn status_change(found: &Found, id: &str, time: Timestamp) -> Data {
    let about = &found.about;
    let event = Object::builder()
        .with("version", "0")
        .with("id", id)
        .with("detail-type", "Step Functions Execution Status Change")
        .with("source", "aws.states")
        .with("account", ACCOUNT)
        .with("time", whole_seconds(time))
        .with("region", about.region.clone())
        .with("resources", vec![Data::from(about.execution_arn.clone())])
        .with("detail", detail(found).build());
    answer(event)
}

fn detail(found: &Found) -> ObjectBuilder {
    let Found {
        about,
        status,
        origin,
        ..
    } = found;
    let (redrive_status, reason) = standing(found, None);
    let output = output(status);
    let output_details = output.as_ref().map(|_| included(true));
    let failure = match status {
        Status::Failed(failure) | Status::Aborted(failure) => failure.clone(),
        _ => engine::Failure::default(),
    };
    Object::builder()
        .with("executionArn", about.execution_arn.clone())
        .with("stateMachineArn", about.state_machine_arn.clone())
        .with("name", about.execution_name.clone())
        .with("status", shown_status(status))
        .with("startDate", found.started_at.0)
        .with("stopDate", or_null(found.stopped_at.map(|at| at.0)))
        .with("input", found.input.to_string())
        .with("output", or_null(output))
        .with("stateMachineVersionArn", text(&origin.version_arn))
        .with("stateMachineAliasArn", text(&origin.alias_arn))
        .with("redriveCount", i64::from(found.redrives))
        .with("redriveDate", or_null(found.redriven_at.map(|at| at.0)))
        .with("redriveStatus", redrive_status)
        .with("redriveStatusReason", or_null(reason))
        .with("inputDetails", included(true))
        .with("outputDetails", or_null(output_details))
        .with("error", text(&failure.error))
        .with("cause", text(&failure.cause))
}

fn output(status: &Status) -> Option<String> {
    match status {
        Status::Succeeded { output } => Some(output.to_string()),
        _ => None,
    }
}

fn text(text: &Option<EcoString>) -> Data {
    or_null(text.clone())
}

fn or_null(value: Option<impl Into<Data>>) -> Data {
    value.map_or(Data::Null, Into::into)
}

/// ISO 8601 without a fraction.
fn whole_seconds(at: Timestamp) -> String {
    Timestamp(at.0.div_euclid(1000) * 1000).to_string()
}
