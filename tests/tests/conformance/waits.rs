//! What a recording needs that is not there yet, told from its data alone.

use std::collections::BTreeSet;

use data::Data;

use crate::api;
use crate::recording::{Recording, text_of};

/// Everything that a recording waits for.
pub fn reasons(recording: &Recording) -> BTreeSet<String> {
    let executions = recording
        .watched()
        .filter_map(|execution| self::execution(recording, execution));
    let calls = recording.calls().filter_map(call);
    let mut reasons: BTreeSet<String> = executions.chain(calls).collect();
    if recording.needs("cloudformation") {
        reasons = BTreeSet::from(["CloudFormation".to_owned()]);
    } else if reasons.is_empty() && !is_anything(recording) {
        reasons.insert("nothing in it is compared".to_owned());
    }
    reasons
}

fn is_anything(recording: &Recording) -> bool {
    recording.watched().next().is_some() || recording.calls().any(api::is_checked)
}

/// Why an execution cannot be run yet.
pub fn execution(recording: &Recording, execution: &Data) -> Option<String> {
    match text_of(execution, "op") {
        Some("StartExecution") => {}
        Some(other) => return Some(format!("API: {other}")),
        None => return Some("API".to_owned()),
    }
    recording
        .machine(execution)
        .is_none()
        .then(|| "CloudFormation".to_owned())
}

/// Why a call cannot be made yet.
fn call(call: &Data) -> Option<String> {
    if api::is_checked(call) || api::is_part_of_a_run(call) {
        return None;
    }
    Some(match text_of(call, "op") {
        Some("TestState") => "TestState".to_owned(),
        Some(name) => format!("API: {name}"),
        None => format!("API: {}", computed(call)),
    })
}

/// What a value that several calls gave is about: the operation that its error names, or its own name.
fn computed(call: &Data) -> String {
    let expected = call.get("expected").map(Data::to_string);
    let rest = expected
        .as_ref()
        .and_then(|text| text.split_once("when calling the "));
    let op = rest.and_then(|(_, rest)| rest.split_once(" operation"));
    let name = op.map(|(op, _)| op).or(text_of(call, "snapshot_key"));
    name.unwrap_or("a call").to_owned()
}
