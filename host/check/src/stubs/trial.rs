//! One run of a machine in which every task answers what its stub says, and what was seen on the way.

use std::sync::Arc;

use asl::{Program, StateId};
use data::{Data, Object};
use engine::{
    About, Command, Effects, Entropy, Execution, Failure, Input, Quotas, Status, TaskRequest,
    Timestamp,
};
use query::Surroundings;

use super::watch::Watch;
use crate::sweep::turn::no_map_run;

/// A machine that has not ended after so many events, and these for each of its states, waits in a loop.
const MOST_EVENTS: u32 = 2000;
const EVENTS_A_STATE: u32 = 10;
/// 2026-01-01T00:00:00Z
const START: Timestamp = Timestamp(1_767_225_600_000);

/// What came of a run.
#[derive(Debug)]
pub(super) struct Trial {
    pub status: Status,
    /// How often something failed on the way, even if it was caught.
    pub troubles: usize,
    /// The states in the order in which they were entered.
    pub visits: Vec<Visit>,
}

/// A state as it was entered.
#[derive(Debug)]
pub(super) struct Visit {
    pub state: StateId,
    /// Its raw input.
    pub input: Data,
    /// What its work gave, if it came to that.
    pub result: Option<Data>,
    /// The items of a Map, if it came to that.
    pub items: Option<Data>,
    pub around: Around,
}

/// The Context Object, as far as stubs matter to it, and the variables.
#[derive(Clone, Debug)]
pub(super) struct Around {
    pub context: Data,
    pub variables: Object,
}

impl Surroundings for Around {
    fn context(&self) -> Data {
        self.context.clone()
    }

    fn variable(&self, name: &str) -> Option<Data> {
        self.variables.get(name).cloned()
    }

    fn random(&self) -> u64 {
        0
    }

    fn uuid(&self) -> u128 {
        0
    }

    fn now(&self) -> i64 {
        START.0
    }
}

impl Trial {
    /// Runs the machine to its end, or until it is clear that it does not come to one.
    pub fn run(
        program: &Arc<Program>,
        input: Data,
        answer: &dyn Fn(StateId) -> Result<Data, Failure>,
    ) -> Trial {
        let quotas = quotas(program);
        let most_inputs = quotas.history_events;
        let about = About {
            quotas,
            ..About::local("machine", "stubs")
        };
        let mut execution = Execution::new(Arc::clone(program), about.into());
        let entropy = Entropy::from_seed(0);
        let mut watch = Watch::new(program, &input);
        let mut now = START;
        let mut next = vec![Input::Start(input)];
        // As good as every input makes an event.
        for _ in 0..most_inputs {
            let due = execution.next_deadline().filter(|_| next.is_empty());
            let Some(input) = next.pop().or(due.map(|_| Input::DeadlineReached)) else {
                break;
            };
            now = due.map_or(now, |due| due.max(now));
            let mut effects = Effects::default();
            execution.handle(now, &entropy, input, &mut effects);
            effects.records.iter().for_each(|record| watch.see(record));
            let started = effects
                .commands
                .into_iter()
                .filter_map(|command| match command {
                    Command::StartTask(request) => Some(done(&request, answer(request.state))),
                    Command::StartMapRun(request) => Some(Input::MapRunFailed {
                        token: request.token,
                        failure: no_map_run(),
                    }),
                    Command::CancelTask(_) | Command::Finish => None,
                });
            // Tasks are answered in the order in which they were started.
            next.splice(0..0, started.collect::<Vec<_>>().into_iter().rev());
            if execution.status().is_final() {
                break;
            }
        }
        Trial {
            status: execution.status().clone(),
            troubles: watch.troubles,
            visits: watch.visits,
        }
    }

    /// Why it did not succeed, if it did not.
    pub fn failure(&self) -> Option<Failure> {
        match &self.status {
            Status::Succeeded { .. } => None,
            Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
                Some(failure.clone())
            }
            Status::Created | Status::Running => Some(Failure {
                error: None,
                cause: Some("it does not come to an end".into()),
            }),
        }
    }
}

fn quotas(program: &Program) -> Quotas {
    let states = u32::try_from(program.states.len()).unwrap_or(u32::MAX);
    let events = MOST_EVENTS.saturating_add(states.saturating_mul(EVENTS_A_STATE));
    let quotas = Quotas::default();
    Quotas {
        history_events: events.min(quotas.history_events),
        ..quotas
    }
}

fn done(request: &TaskRequest, answer: Result<Data, Failure>) -> Input {
    let token = request.token;
    match answer {
        Ok(output) => Input::TaskSucceeded { token, output },
        Err(failure) => Input::TaskFailed { token, failure },
    }
}
