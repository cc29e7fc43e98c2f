//! How executions fare, as data.

use data::{Data, EcoString, Object};
use journal::{Durations, MachineStatistics, StateStatistics, Statistics};

use crate::given::number;

/// Figures as data, everything in the order of its name:
///
/// ```json
/// {"machines": {"NAME": {
///     "executions": {"SUCCEEDED": 2},
///     "states": {"STATE": {
///         "entered": 3, "exited": 2, "retries": 1,
///         "failedAttempts": {"States.Timeout": 1}, "executionsFailed": {"States.Timeout": 1},
///         "durationMs": {"count": 2, "p50": 10, "p95": 12, "p99": 12}}}}}}
/// ```
///
/// An attempt that failed without an error is counted under the empty name. Durations are in milliseconds, and there
/// are no percentiles of none.
pub fn to_data(statistics: &Statistics) -> Data {
    let machines = by_name(statistics.machines.iter(), machine);
    Object::builder().with("machines", machines).build().into()
}

fn machine(machine: &MachineStatistics) -> Data {
    Object::builder()
        .with("executions", by_name(machine.executions.iter(), count))
        .with("states", by_name(machine.states.iter(), state))
        .build()
        .into()
}

fn state(state: &StateStatistics) -> Data {
    Object::builder()
        .with("entered", count(&state.entered))
        .with("exited", count(&state.exited))
        .with("retries", count(&state.retries))
        .with(
            "failedAttempts",
            by_name(state.failed_attempts.iter(), count),
        )
        .with("executionsFailed", by_name(state.ended.iter(), count))
        .with("durationMs", durations(&state.durations))
        .build()
        .into()
}

fn durations(durations: &Durations) -> Data {
    let mut shown = Object::builder().with("count", count(&durations.count()));
    for (name, per_cent) in [("p50", 50.0), ("p95", 95.0), ("p99", 99.0)] {
        if let Some(millis) = durations.percentile(per_cent) {
            shown.insert(name.into(), count(&millis));
        }
    }
    shown.build().into()
}

fn by_name<'s, T: 's>(
    all: impl Iterator<Item = (&'s EcoString, &'s T)>,
    shown: impl Fn(&T) -> Data,
) -> Data {
    let all = all.map(|(name, one)| (name.clone(), shown(one)));
    Data::Object(all.collect())
}

fn count(count: &u64) -> Data {
    number(usize::try_from(*count).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use journal::Fact;

    use super::*;

    #[test]
    fn figures_are_shown_by_machine_and_state() {
        let mut statistics = Statistics::default();
        let machine = statistics.machines.entry("m".into()).or_default();
        machine.executions.insert("SUCCEEDED".into(), 2);
        let fact = |kind: &str, error: Option<&str>, millis| Fact {
            kind: kind.into(),
            state: Some("S".into()),
            error: error.map(Into::into),
            millis,
        };
        machine.count(&fact("TaskStateEntered", None, None));
        machine.count(&fact("TaskFailed", None, None));
        machine.count(&fact("RetryScheduled", None, None));
        let nothing_left = to_data(&statistics).to_string();
        machine_of(&mut statistics).count(&fact("TaskStateExited", None, Some(7)));
        machine_of(&mut statistics).count(&fact("ExecutionFailed", Some("E"), None));
        assert_eq!(
            nothing_left,
            r#"{"machines":{"m":{"executions":{"SUCCEEDED":2},"states":{"S":{"entered":1,"exited":0,"retries":1,"failedAttempts":{"":1},"executionsFailed":{},"durationMs":{"count":0}}}}}}"#
        );
        assert_eq!(
            to_data(&statistics).to_string(),
            r#"{"machines":{"m":{"executions":{"SUCCEEDED":2},"states":{"S":{"entered":1,"exited":1,"retries":1,"failedAttempts":{"":1},"executionsFailed":{"E":1},"durationMs":{"count":1,"p50":7,"p95":7,"p99":7}}}}}}"#
        );
    }

    fn machine_of(statistics: &mut Statistics) -> &mut MachineStatistics {
        statistics.machines.get_mut("m").expect("it is there")
    }
}
