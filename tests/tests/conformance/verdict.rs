//! What becomes of a recording.

use data::Data;

use crate::compare::Comparison;
use crate::definition;
use crate::exceptions::Exceptions;
use crate::recording::{Recording, text_of};
use crate::run::{self, NotRun};
use crate::service::{self, Names};
use crate::waits;

/// What became of a recording.
pub enum Verdict {
    /// All of it came out the same.
    Passed,
    /// What differs first.
    Failed(String),
    /// What can be run came out the same; the rest needs this.
    Waits(String),
}

/// Runs what can be run of a recording and compares it.
pub fn of(recording: &Recording, exceptions: &Exceptions) -> Verdict {
    let mut comparison = Comparison::new(exceptions.of(recording));
    let mut reasons = waits::reasons(recording);
    let definitions = definition::accept_all(recording);
    let is_served = !waits::is_elsewhere(recording);
    let calls = definitions.and_then(|()| match is_served {
        true => service::check(recording, &mut comparison),
        false => Ok(Names::new()),
    });
    let names = match calls {
        Ok(names) => names,
        Err(difference) => return Verdict::Failed(difference),
    };
    for (index, execution) in recording.watched().enumerate() {
        if let Some(reason) = waits::execution(recording, execution) {
            reasons.insert(reason);
            continue;
        }
        // The service starts those that are waited for.
        if text_of(execution, "op") == Some("StartSyncExecution") {
            continue;
        }
        match execute(recording, execution, &names, &mut comparison) {
            Ok(()) => {}
            Err(NotRun::Waits(reason)) => {
                reasons.insert(reason);
            }
            Err(NotRun::Differs(difference)) => {
                let input = execution.get("input").cloned().unwrap_or_default();
                let place = format!("execution {index} with input {}", shorten(&input));
                return Verdict::Failed(format!("{place}\n{difference}"));
            }
        }
    }
    if !reasons.is_empty() {
        let reasons: Vec<String> = reasons.into_iter().collect();
        return Verdict::Waits(reasons.join("; "));
    }
    match comparison.unused_exceptions() {
        unused if unused.is_empty() => Verdict::Passed,
        unused => Verdict::Failed(format!(
            "exceptions.toml says that this differs, but it does not: {}",
            unused.join(", ")
        )),
    }
}

fn execute(
    recording: &Recording,
    execution: &Data,
    names: &Names,
    comparison: &mut Comparison,
) -> Result<(), NotRun> {
    let ran = run::execute(recording, execution, names)?;
    let expected = execution.get("expected").cloned().unwrap_or_default();
    comparison
        .execution(&expected, &ran)
        .map_err(NotRun::Differs)
}

fn shorten(data: &Data) -> String {
    data.as_str().unwrap_or("none").chars().take(200).collect()
}
