//! How executions fare: what is counted of their records.

use std::collections::BTreeMap;

use data::EcoString;

use crate::Fact;

/// Figures of the executions that a filter lets through, by the name of their state machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// By name.
    pub machines: BTreeMap<EcoString, MachineStatistics>,
}

/// Figures of a state machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineStatistics {
    /// How many executions stand at each status.
    pub executions: BTreeMap<EcoString, u64>,
    /// By the state's name.
    pub states: BTreeMap<EcoString, StateStatistics>,
}

/// Figures of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateStatistics {
    /// How often it was entered.
    pub entered: u64,
    /// How often it was left.
    pub exited: u64,
    /// How often it was tried again.
    pub retries: u64,
    /// The attempts at its task that failed or timed out, by error; those without one under the empty name.
    pub failed_attempts: BTreeMap<EcoString, u64>,
    /// The executions that failed because it did, by error. One that was redriven and failed again counts again.
    pub ended: BTreeMap<EcoString, u64>,
    /// How long it took whenever it was left.
    pub durations: Durations,
}

/// How often something took how long: exact to the millisecond below 128 ms, and to less than 1 % above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many fell into each bucket that is not empty.
    buckets: BTreeMap<u32, u64>,
}

/// Buckets a power of two, and the durations below which each has a bucket of its own.
const STEPS: u64 = 128;

impl Durations {
    /// Counts a duration.
    pub fn add(&mut self, millis: u64) {
        self.add_bucket(bucket(millis), 1);
    }

    /// Counts durations that fell into a bucket, by a number that [`Durations::buckets`] gave.
    pub fn add_bucket(&mut self, bucket: u32, count: u64) {
        *self.buckets.entry(bucket).or_default() += count;
    }

    /// The buckets that are not empty, by number, each with how many fell into it.
    pub fn buckets(&self) -> impl Iterator<Item = (u32, u64)> {
        self.buckets.iter().map(|(bucket, count)| (*bucket, *count))
    }

    /// The number of the bucket that a duration falls into.
    pub fn bucket_of(millis: u64) -> u32 {
        bucket(millis)
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.buckets.values().sum()
    }

    /// The duration in milliseconds which `per_cent` of all do not exceed; none if none was counted.
    pub fn percentile(&self, per_cent: f64) -> Option<u64> {
        let rank = (self.count() as f64 * per_cent / 100.0).ceil().max(1.0);
        let mut below = 0;
        for (bucket, count) in &self.buckets {
            below += count;
            if below as f64 >= rank {
                return Some(middle(*bucket));
            }
        }
        None
    }
}

/// Numbers below `2 * STEPS` are their own bucket; above, each power of two has `STEPS`.
fn bucket(millis: u64) -> u32 {
    let doublings = u64::from((millis / STEPS).checked_ilog2().unwrap_or(0));
    let within = millis >> doublings;
    u32::try_from(doublings * STEPS + within).unwrap_or(u32::MAX)
}

/// The duration in the middle of a bucket.
fn middle(bucket: u32) -> u64 {
    let bucket = u64::from(bucket);
    let doublings = (bucket / STEPS).saturating_sub(1);
    let within = bucket - doublings * STEPS;
    (within << doublings) + (1 << doublings >> 1)
}

impl StateStatistics {
    /// Counts a record that was made in the state.
    pub fn count(&mut self, fact: &Fact) {
        let error = || fact.error.clone().unwrap_or_default();
        let kind = fact.kind.as_str();
        if kind.ends_with("StateEntered") {
            self.entered += 1;
        } else if kind.ends_with("StateExited") {
            self.exited += 1;
            let millis = fact.millis.unwrap_or(0);
            self.durations.add(u64::try_from(millis).unwrap_or(0));
        }
        match kind {
            "RetryScheduled" => self.retries += 1,
            "ExecutionFailed" => *self.ended.entry(error()).or_default() += 1,
            kind if ATTEMPTS_ENDED_BADLY.contains(&kind) => {
                *self.failed_attempts.entry(error()).or_default() += 1;
            }
            _ => {}
        }
    }
}

impl MachineStatistics {
    /// Counts a record of one of its executions.
    pub fn count(&mut self, fact: &Fact) {
        if let Some(state) = fact.state.as_ref().filter(|_| is_counted(&fact.kind)) {
            self.states.entry(state.clone()).or_default().count(fact);
        }
    }
}

/// The kinds of records that tell of a failed attempt at a task.
const ATTEMPTS_ENDED_BADLY: [&str; 6] = [
    "TaskFailed",
    "TaskTimedOut",
    "LambdaFunctionFailed",
    "LambdaFunctionTimedOut",
    "ActivityFailed",
    "ActivityTimedOut",
];

/// Whether a record of that kind counts for its state. Nothing is told of a state that has none.
fn is_counted(kind: &str) -> bool {
    kind.ends_with("StateEntered")
        || kind.ends_with("StateExited")
        || ["RetryScheduled", "ExecutionFailed"].contains(&kind)
        || ATTEMPTS_ENDED_BADLY.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_within_one_per_cent_of_its_buckets_middle() {
        for millis in [
            0,
            1,
            127,
            128,
            255,
            256,
            300,
            1_000,
            86_400_000,
            31_536_000_000,
        ] {
            let shown = middle(bucket(millis));
            let off = shown.abs_diff(millis);
            assert!(off * 100 <= millis, "{millis} is shown as {shown}");
            assert!(millis >= 128 || off == 0);
        }
    }

    #[test]
    fn percentiles_are_those_of_a_sorted_list() {
        let mut durations = Durations::default();
        assert_eq!(durations.percentile(50.0), None);
        for millis in 1..=100 {
            durations.add(millis);
        }
        let shown: Vec<_> = [0.0, 50.0, 95.0, 99.0, 100.0]
            .map(|per_cent| durations.percentile(per_cent))
            .into();
        assert_eq!(shown, [1, 50, 95, 99, 100].map(Some));
    }
}
