//! DescribeExecution of an execution that is over.

use data::{Data, Object};
use engine::{Execution, Status};

/// Its answer.
pub fn describe(execution: &Execution) -> Data {
    let about = execution.about();
    let status = execution.status();
    let mut answer = Object::builder()
        .with("executionArn", about.execution_arn.clone())
        .with("stateMachineArn", about.state_machine_arn.clone())
        .with("name", about.execution_name.clone())
        .with("status", status.as_str())
        .with("startDate", execution.started_at().to_iso_millis())
        .with("input", execution.input().to_string())
        .with("inputDetails", included())
        .with("redriveCount", 0);
    if let Some(at) = execution.stopped_at() {
        answer.insert("stopDate".into(), at.to_iso_millis().into());
    }
    for (name, value) in ending(status) {
        answer.insert(name.into(), value);
    }
    answer.build().into()
}

/// What only the way it ended says.
fn ending(status: &Status) -> Vec<(&'static str, Data)> {
    let mut members = vec![("redriveStatus", Data::from("REDRIVABLE"))];
    match status {
        Status::Failed(failure) | Status::Aborted(failure) => {
            let texts = [("error", &failure.error), ("cause", &failure.cause)];
            let texts = texts
                .into_iter()
                .filter_map(|(name, text)| Some((name, text.clone()?.into())));
            members.extend(texts);
        }
        Status::Succeeded { .. } | Status::Created | Status::Running => {
            let reason = format!("Execution is {} and cannot be redriven", status.as_str());
            members = vec![
                ("redriveStatus", "NOT_REDRIVABLE".into()),
                ("redriveStatusReason", reason.into()),
            ];
        }
        Status::TimedOut(_) => {}
    }
    if let Status::Succeeded { output } = status {
        members.push(("output", output.to_string().into()));
        members.push(("outputDetails", included()));
    }
    members
}

fn included() -> Data {
    Object::builder().with("included", true).build().into()
}
