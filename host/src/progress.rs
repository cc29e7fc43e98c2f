//! What a person sees while a workflow runs: one plain line a step, on stderr.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asl::StateType;
use data::EcoString;
use engine::{
    About, Change, Execution, Failure, FrameId, Record, TaskRequest, TaskToken, Timestamp,
};
use runtime::{InvocationReport, Observer};

use crate::mailbox::Door;
use crate::{output, words};

/// More lines than this in one go are counted, not shown.
const MOST_LINES: usize = 200;

/// Prints progress and logs, and keeps what the report needs.
pub struct Progress {
    /// Whether to print steps.
    pub steps: bool,
    /// Whether to print guests' logs.
    pub logs: bool,
    /// Whether to keep what guests wrote, for the report.
    pub keep_logs: bool,
    /// Every invocation so far.
    pub invocations: Vec<InvocationReport>,
    /// The ARN of the main execution; lines of the others begin with their machine's name.
    main: EcoString,
    /// The way in for answers from outside.
    door: Door,
    started: Option<Timestamp>,
    visits: BTreeMap<Place, Visit>,
}

/// A frame of an execution.
type Place = (EcoString, FrameId);

impl Progress {
    /// Nothing seen yet.
    pub fn new(steps: bool, logs: bool, keep_logs: bool, main: EcoString, door: Door) -> Progress {
        Progress {
            steps,
            logs,
            keep_logs,
            invocations: Vec::new(),
            main,
            door,
            started: None,
            visits: BTreeMap::new(),
        }
    }

    fn line(&mut self, about: &About, record: &Record) -> Option<String> {
        let started = *self.started.get_or_insert(record.at);
        let text = self.describe(&about.execution_arn, record)?;
        let since = seconds(record.at.0.saturating_sub(started.0));
        let whose = match about.execution_arn == self.main {
            true => String::new(),
            false => format!("[{}] ", about.state_machine_name),
        };
        Some(format!("{since:>12}  {whose}{text}\n"))
    }
}

impl Observer for Progress {
    fn records(&mut self, execution: &Execution, records: &[Record]) {
        if !self.steps {
            return;
        }
        let mut lines = String::new();
        let mut shown = 0;
        let mut hidden = 0;
        for record in records {
            let Some(line) = self.line(execution.about(), record) else {
                continue;
            };
            let over = matches!(
                record.change,
                Change::ExecutionSucceeded { .. } | Change::ExecutionFailed { .. }
            );
            if shown < MOST_LINES || over {
                if hidden > 0 {
                    let _ = writeln!(lines, "              ... {hidden} more steps");
                }
                lines.push_str(&line);
                (shown, hidden) = (shown + 1, 0);
            } else {
                hidden += 1;
            }
        }
        if hidden > 0 {
            let _ = writeln!(lines, "              ... {hidden} more steps");
        }
        if !lines.is_empty() {
            output::talk(&lines);
        }
    }

    fn log(&mut self, state: &str, attempt: u32, line: &str) {
        if self.logs {
            output::talk(&format!(
                "log {}#{attempt}: {}",
                output::one_line(state),
                output::one_line(line)
            ));
        }
    }

    fn waiting(&mut self, execution: &Execution, state: &str, token: TaskToken) {
        let about = execution.about();
        let of = match about.execution_arn == self.main {
            true => String::new(),
            false => format!(" of {}", about.state_machine_name),
        };
        let state = output::one_line(state);
        self.door
            .waiting(&format!("state '{state}'{of}"), &token.to_string());
    }

    fn unresumed(&mut self, execution_arn: &str, reason: &str) {
        output::talk(&format!(
            "warning: execution {execution_arn} cannot go on and is left as it is: {reason}"
        ));
    }

    fn stalled(&mut self, trouble: Option<&str>) {
        output::talk(&match trouble {
            Some(trouble) => {
                format!("warning: the store keeps nothing for now: {trouble}; waiting")
            }
            None => "the store keeps again what happens".to_owned(),
        });
    }

    fn invoked(&mut self, report: &InvocationReport) {
        let log = if self.keep_logs {
            report.log.clone()
        } else {
            Vec::new()
        };
        self.invocations.push(InvocationReport {
            log,
            ..report.clone()
        });
    }

    fn unbound(&mut self, request: &TaskRequest, failure: &Failure, snippet: &str) {
        let cause = failure.cause.as_deref().unwrap_or_default();
        output::talk(&format!(
            "warning: state '{}': {cause}\nhint: to bind it, put this into wf-host.toml:\n\n{snippet}\n",
            request.state_name
        ));
    }
}

/// How far a frame has come in its state.
struct Visit {
    entered: Timestamp,
    attempts: u32,
}

impl Progress {
    /// One step in words; none for those that say nothing new.
    fn describe(&mut self, execution: &EcoString, record: &Record) -> Option<String> {
        let place = |frame: &FrameId| (execution.clone(), *frame);
        Some(match &record.change {
            Change::StateEntered { frame, state, .. } => {
                self.visits.insert(
                    place(frame),
                    Visit {
                        entered: record.at,
                        attempts: 1,
                    },
                );
                let lasts = matches!(
                    state.kind,
                    StateType::Task | StateType::Wait | StateType::Fail
                );
                return lasts.then(|| {
                    format!(
                        "{}  {} entered",
                        output::one_line(&state.name),
                        state.kind.as_str()
                    )
                });
            }
            Change::StateExited { frame, state, .. } => {
                let spent = self.spent(&place(frame), record.at);
                format!(
                    "{}  {} done{spent}",
                    output::one_line(&state.name),
                    state.kind.as_str()
                )
            }
            Change::Waiting { until, .. } => format!("  waiting until {until}"),
            Change::TaskFailed { frame, failure, .. } => {
                format!(
                    "  attempt {} failed: {}",
                    self.attempt(&place(frame)),
                    words(failure)
                )
            }
            Change::TaskTimedOut { frame, failure, .. } => {
                format!(
                    "  attempt {} timed out: {}",
                    self.attempt(&place(frame)),
                    words(failure)
                )
            }
            Change::EvaluationFailed {
                location, failure, ..
            } => {
                let field = output::one_line(location);
                format!("  {field} failed: {}", words(failure))
            }
            Change::RetryScheduled { frame, until, .. } => {
                if let Some(visit) = self.visits.get_mut(&place(frame)) {
                    visit.attempts += 1;
                }
                format!("  attempt {} at {until}", self.attempt(&place(frame)))
            }
            Change::MapRunFailed { failure, .. } => {
                format!("  map run failed: {}", words(failure))
            }
            Change::ExecutionSucceeded { .. } => "SUCCEEDED".to_owned(),
            Change::ExecutionFailed { failure } => format!("FAILED: {}", words(failure)),
            Change::ExecutionTimedOut { .. } => "TIMED_OUT".to_owned(),
            Change::ExecutionAborted { failure } => format!("ABORTED: {}", words(failure)),
            _ => return None,
        })
    }

    fn attempt(&self, place: &Place) -> u32 {
        self.visits.get(place).map_or(1, |visit| visit.attempts)
    }

    /// Time and attempts of a visit, where they are worth a word.
    fn spent(&mut self, place: &Place, now: Timestamp) -> String {
        let Some(visit) = self.visits.remove(place) else {
            return String::new();
        };
        let millis = now.0.saturating_sub(visit.entered.0);
        let time = if millis > 0 {
            format!(" in {}", seconds(millis))
        } else {
            String::new()
        };
        match visit.attempts {
            1 => time,
            attempts => format!("{time}, {attempts} attempts"),
        }
    }
}

fn seconds(millis: i64) -> String {
    format!(
        "{}.{:03}s",
        millis.div_euclid(1000),
        millis.rem_euclid(1000)
    )
}

fn words(failure: &Failure) -> String {
    words::failure(failure.error.as_deref(), failure.cause.as_deref())
}
