//! What a recording needs that is not there yet, told from its data alone.

use std::collections::BTreeSet;

use data::Data;

use crate::recording::Recording;

const CLOUD_FORMATION: &str = "CloudFormation";

/// Everything that a recording waits for.
pub fn reasons(recording: &Recording) -> BTreeSet<String> {
    let mut reasons = BTreeSet::new();
    if recording.needs("cloudformation") {
        reasons = BTreeSet::from([CLOUD_FORMATION.to_owned()]);
    } else if reasons.is_empty() && !is_anything(recording) {
        reasons.insert("nothing in it is compared".to_owned());
    }
    reasons
}

/// Whether the resources of a recording were made by what is not there, so that none of its calls can be made.
pub fn is_elsewhere(recording: &Recording) -> bool {
    recording.needs("cloudformation")
}

fn is_anything(recording: &Recording) -> bool {
    recording.watched().next().is_some() || recording.calls().next().is_some()
}

/// Why an execution cannot be run yet.
pub fn execution(recording: &Recording, execution: &Data) -> Option<String> {
    let is_there = recording.machine(execution).is_some();
    (!is_there).then(|| CLOUD_FORMATION.to_owned())
}
