//! What a recording needs that is not there yet, told from its data alone.

use std::collections::BTreeSet;

use data::Data;

use crate::recording::{Recording, text_of};

const CLOUD_FORMATION: &str = "CloudFormation";
const MAP_RUNS: &str = "Map Runs";

/// Everything that a recording waits for.
pub fn reasons(recording: &Recording) -> BTreeSet<String> {
    let calls = recording.calls().filter_map(call);
    let mut reasons: BTreeSet<String> = calls.map(str::to_owned).collect();
    if recording.needs("cloudformation") {
        reasons = BTreeSet::from([CLOUD_FORMATION.to_owned()]);
    } else if reasons.is_empty() && !is_anything(recording) {
        reasons.insert("nothing in it is compared".to_owned());
    }
    reasons
}

/// Whether the resources of a recording were made by what is not there, so that none of its calls can be made.
pub fn is_elsewhere(recording: &Recording) -> bool {
    recording.needs("cloudformation") || recording.calls().any(|one| call(one) == Some(MAP_RUNS))
}

fn is_anything(recording: &Recording) -> bool {
    recording.watched().next().is_some() || recording.calls().next().is_some()
}

/// Why an execution cannot be run yet.
pub fn execution(recording: &Recording, execution: &Data) -> Option<String> {
    let is_there = recording.machine(execution).is_some();
    (!is_there).then(|| CLOUD_FORMATION.to_owned())
}

/// Why a call cannot be made yet.
fn call(call: &Data) -> Option<&'static str> {
    let is_of_map_runs = matches!(
        text_of(call, "op"),
        Some("ListMapRuns" | "DescribeMapRun" | "UpdateMapRun")
    );
    is_of_map_runs.then_some(MAP_RUNS)
}
