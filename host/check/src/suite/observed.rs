//! What an execution did, as its case judges it.

use std::collections::BTreeMap;
use std::time::Duration;

use data::{Data, EcoString};
use engine::{Change, Execution, Failure, FrameId, HistoryEvent, Record, Status};
use runtime::InvocationReport;

/// An execution that is over, or that nothing moves any more.
pub(super) struct Observed {
    pub status: &'static str,
    pub output: Option<Data>,
    pub failure: Failure,
    /// The names of the states in the order of their entries.
    pub path: Vec<EcoString>,
    /// What each Task sent, attempt by attempt.
    pub requests: BTreeMap<EcoString, Vec<Data>>,
    /// Every invocation of the run, in the order of their ends.
    pub invocations: Vec<InvocationReport>,
    /// Whose they are if they are the execution's own.
    pub arn: EcoString,
    pub duration: Duration,
    /// How many events there are of each type.
    pub events: BTreeMap<String, u64>,
}

impl Observed {
    pub(super) fn of(
        execution: &Execution,
        records: &[Record],
        invocations: Vec<InvocationReport>,
    ) -> Observed {
        let (output, failure) = match execution.status() {
            Status::Succeeded { output } => (Some(output.clone()), Failure::default()),
            Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
                (None, failure.clone())
            }
            Status::Created | Status::Running => (None, Failure::default()),
        };
        let about = execution.about();
        let mut events: BTreeMap<String, u64> = BTreeMap::new();
        for event in records
            .iter()
            .filter_map(|record| HistoryEvent::of(record, about))
        {
            *events.entry(event.event_type.into_owned()).or_default() += 1;
        }
        let last = records
            .last()
            .map_or(execution.started_at(), |record| record.at);
        let stopped = execution.stopped_at().unwrap_or(last);
        let millis = stopped.0.saturating_sub(execution.started_at().0);
        let (path, requests) = walk(records);
        Observed {
            status: execution.status().as_str(),
            output,
            failure,
            path,
            requests,
            invocations,
            arn: about.execution_arn.clone(),
            duration: Duration::from_millis(u64::try_from(millis).unwrap_or(0)),
            events,
        }
    }

    /// How many events there are of a type.
    pub(super) fn count(&self, event_type: &str) -> u64 {
        self.events.get(event_type).copied().unwrap_or(0)
    }

    /// How many events there are.
    pub(super) fn total(&self) -> u64 {
        self.events.values().sum()
    }

    /// The fuel of the execution's own invocations by a state, each with its number among them. One that was called
    /// off has a number and no fuel: what it would have cost is not known.
    pub(super) fn fuel_of(&self, state: &str) -> impl Iterator<Item = (u32, u64)> {
        let own = self.invocations.iter();
        let own = own.filter(|report| report.execution_arn == self.arn);
        let of_state = own.filter(move |report| report.state == state);
        let ended = |report: &InvocationReport| {
            report.error.as_deref() != Some(InvocationReport::CANCELLED)
        };
        (0..)
            .zip(of_state)
            .filter(move |(_, report)| ended(report))
            .map(|(n, report)| (n, report.fuel))
    }
}

type Requests = BTreeMap<EcoString, Vec<Data>>;

/// The states that were entered, and what their tasks were given.
fn walk(records: &[Record]) -> (Vec<EcoString>, Requests) {
    let mut at: BTreeMap<FrameId, EcoString> = BTreeMap::new();
    let (mut path, mut requests) = (Vec::new(), Requests::new());
    for record in records {
        match &record.change {
            Change::StateEntered { frame, state, .. } => {
                at.insert(*frame, state.name.clone());
                path.push(state.name.clone());
            }
            Change::TaskScheduled { frame, input, .. } => {
                let state = at.get(frame).cloned().unwrap_or_default();
                requests.entry(state).or_default().push(input.data.clone());
            }
            _ => {}
        }
    }
    (path, requests)
}
