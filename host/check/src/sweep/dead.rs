//! Entries of Retry and Catch that never fired on any path, and why.

use asl::{ResourceKind, State, StateId, StateKind};
use data::EcoString;
use engine::{Via, errors};

use super::class::UNTRIED;
use super::findings::{Finding, Kind};
use super::node::Ending;
use super::report::Report;
use crate::coverage::Point;

/// The dead entries of every state that was entered; those of others are dead with their states.
pub(crate) fn of(report: &Report) -> Vec<Finding> {
    let states = report.program.states();
    let entered = states.filter(|(id, _)| report.coverage.hits(Point::State(*id)) > 0);
    entered
        .flat_map(|(id, state)| of_state(report, id, state))
        .collect()
}

fn of_state(report: &Report, id: StateId, state: &State) -> Vec<Finding> {
    let retry: Vec<Entry> = state.retry.iter().enumerate().map(Entry::retry).collect();
    let catch: Vec<Entry> = state.catch.iter().enumerate().map(Entry::catch).collect();
    let mut found = Vec::new();
    for list in [&retry, &catch] {
        for entry in list {
            if entry.fired(report, id) || entry.excludes(&list[entry.at..]) {
                continue;
            }
            let written = entry.cannot_fire(state, &list[..entry.at]);
            let Some(reason) = written.or_else(|| entry.did_not_fire(report, id, state)) else {
                continue;
            };
            found.push(Finding {
                kind: Kind::Dead,
                state: state.name.clone(),
                message: format!("{} of {} never fires: {reason}", entry.title(), state.name),
                faults: entry.names.to_vec(),
                because: Some(reason),
                path: None,
            });
        }
    }
    found
}

/// One entry of Retry or Catch.
struct Entry<'r> {
    field: &'static str,
    at: usize,
    names: &'r [EcoString],
    /// `MaxAttempts` of a retrier.
    attempts: Option<u64>,
}

impl<'r> Entry<'r> {
    fn retry((at, retrier): (usize, &'r asl::Retrier)) -> Entry<'r> {
        Entry {
            field: "Retry",
            at,
            names: &retrier.error_equals,
            attempts: Some(retrier.max_attempts),
        }
    }

    fn catch((at, catcher): (usize, &'r asl::Catcher)) -> Entry<'r> {
        Entry {
            field: "Catch",
            at,
            names: &catcher.error_equals,
            attempts: None,
        }
    }

    fn title(&self) -> String {
        format!("{}[{}] ({})", self.field, self.at, self.names.join(", "))
    }

    fn fired(&self, report: &Report, state: StateId) -> bool {
        let at = self.at as u32;
        let point = match self.attempts {
            None => Point::Way(state, Via::Catcher(at)),
            Some(_) => Point::Retry {
                state,
                retrier: at,
                attempt: 0,
            },
        };
        report.coverage.hits(point) > 0
    }

    /// Whether it is there to keep its errors from a later entry, which is what `MaxAttempts: 0` is for.
    fn excludes(&self, from_here: &[Entry]) -> bool {
        let later = from_here.iter().skip(1);
        self.attempts == Some(0)
            && later
                .flat_map(|entry| entry.names)
                .any(|later| self.names.iter().any(|name| takes(later, name)))
    }

    /// Why it cannot fire as it is written, whatever happens.
    fn cannot_fire(&self, state: &State, before: &[Entry]) -> Option<String> {
        if self.attempts == Some(0) {
            let reason = "its MaxAttempts is 0, and no later entry would retry what it names";
            return Some(reason.to_owned());
        }
        let reasons = self.names.iter().map(|name| {
            shadowed(name, before)
                .or_else(|| never_raised(name))
                .or_else(|| needs_time(name, state))
        });
        let mut reasons = reasons.collect::<Option<Vec<String>>>()?;
        reasons.dedup();
        Some(reasons.join("; "))
    }

    /// Why nothing that was tried made it fire; none if nothing was tried.
    fn did_not_fire(&self, report: &Report, id: StateId, state: &State) -> Option<String> {
        if self
            .names
            .iter()
            .any(|name| UNTRIED.contains(&name.as_str()))
        {
            return None;
        }
        if self.attempts.is_none() && never_gives_up(report, id) {
            let most = report.options.max_attempts;
            return Some(format!(
                "the retriers before it never give up within {most} attempts, so no failure comes to it"
            ));
        }
        match state.kind {
            StateKind::Parallel(_) | StateKind::Map(_) => {
                let tasks = tasks_inside(report, id);
                let tried =
                    tasks.is_empty() || tasks.iter().any(|task| report.tried[task.0 as usize]);
                tried.then(|| "nothing inside of it lets such an error out".to_owned())
            }
            _ => {
                let tried = report.tried[id.0 as usize];
                tried.then(|| "no fault that was tried is one that it names and gets".to_owned())
            }
        }
    }
}

/// The Tasks in the blocks of a Parallel or Map, at any depth.
fn tasks_inside(report: &Report, around: StateId) -> Vec<StateId> {
    let (mut tasks, mut open) = (Vec::new(), vec![around]);
    while let Some(id) = open.pop() {
        for state in report.inside(id).flat_map(|block| &block.states) {
            match report.program.state(*state).kind {
                StateKind::Task(_) => tasks.push(*state),
                _ => open.push(*state),
            }
        }
    }
    tasks
}

fn never_gives_up(report: &Report, state: StateId) -> bool {
    let name = report.name(state);
    let mut rows = report.rows();
    rows.any(|row| row.ending == Ending::UnboundedRetry && row.state == name)
}

/// An earlier entry of the list that takes every error of that name.
fn shadowed(name: &str, before: &[Entry]) -> Option<String> {
    for entry in before {
        if let Some(by) = entry.names.iter().find(|by| takes(by, name)) {
            return Some(format!(
                "{}[{}] takes {name} before it, by {by}",
                entry.field, entry.at
            ));
        }
    }
    let has = |wanted: &str| {
        before
            .iter()
            .any(|entry| entry.names.iter().any(|n| n == wanted))
    };
    let all = name == errors::ALL && has(errors::TASK_FAILED) && has(errors::TIMEOUT);
    all.then(|| "the entries before it take every error between them".to_owned())
}

/// Whether an entry with the name `by` takes every error that one with `name` would.
fn takes(by: &str, name: &str) -> bool {
    let time = [errors::TIMEOUT, errors::HEARTBEAT_TIMEOUT];
    match by {
        _ if by == name => true,
        errors::ALL => true,
        errors::TASK_FAILED => name != errors::ALL && !time.contains(&name),
        errors::TIMEOUT => name == errors::HEARTBEAT_TIMEOUT,
        _ => false,
    }
}

/// Why nothing ever raises an error of that name, or nothing handles it.
fn never_raised(name: &str) -> Option<String> {
    match name {
        errors::RUNTIME => Some(format!("nothing retries or catches {name}")),
        "States.IntrinsicFailure" | "States.ParameterPathFailure" | "States.NoChoiceMatched" => {
            Some(format!(
                "AWS reports {name} as States.Runtime, which nothing retries or catches"
            ))
        }
        "States.BranchFailed" => Some(format!(
            "AWS reports the error of the branch itself in place of {name}"
        )),
        _ => None,
    }
}

/// A limit that the Task would have to have to raise the error.
fn needs_time(name: &str, state: &State) -> Option<String> {
    let StateKind::Task(task) = &state.kind else {
        return None;
    };
    let missing = match name {
        errors::TIMEOUT if task.timeout.is_none() && task.heartbeat.is_none() => "TimeoutSeconds",
        errors::HEARTBEAT_TIMEOUT if task.heartbeat.is_none() => "HeartbeatSeconds",
        _ => return None,
    };
    let function = match &task.resource.kind {
        ResourceKind::LambdaFunction if name == errors::TIMEOUT => {
            "; a function that runs out of its own time gives Sandbox.Timedout"
        }
        _ => "",
    };
    Some(format!(
        "the Task has no {missing}, so {name} never happens{function}"
    ))
}
