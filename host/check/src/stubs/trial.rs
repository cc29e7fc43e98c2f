//! One run of a machine in which every task answers what its stub says, and what was seen on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::{BlockId, Program, StateId, StateKind};
use data::{Data, EcoString, Object};
use engine::{
    About, Change, Command, Effects, Entropy, Execution, Failure, FrameId, Input, Quotas, Record,
    Status, TaskRequest, Timestamp, Via,
};
use query::Surroundings;

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
        let states = u32::try_from(program.states.len()).unwrap_or(u32::MAX);
        let history_events = MOST_EVENTS.saturating_add(states.saturating_mul(EVENTS_A_STATE));
        let quotas = Quotas {
            history_events: history_events.min(Quotas::default().history_events),
            ..Quotas::default()
        };
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
        for _ in 0..history_events {
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

fn done(request: &TaskRequest, answer: Result<Data, Failure>) -> Input {
    let token = request.token;
    match answer {
        Ok(output) => Input::TaskSucceeded { token, output },
        Err(failure) => Input::TaskFailed { token, failure },
    }
}

/// What is kept of the records.
struct Watch<'a> {
    program: &'a Program,
    input: Data,
    visits: Vec<Visit>,
    troubles: usize,
    /// The visit that a frame is at.
    at: BTreeMap<FrameId, usize>,
    variables: Object,
    /// The items of each Map that was begun.
    items: BTreeMap<StateId, Data>,
    /// What came out of each block last.
    outputs: BTreeMap<BlockId, Data>,
}

impl Watch<'_> {
    fn new<'a>(program: &'a Program, input: &Data) -> Watch<'a> {
        Watch {
            program,
            input: input.clone(),
            visits: Vec::new(),
            troubles: 0,
            at: BTreeMap::new(),
            variables: Object::builder().build(),
            items: BTreeMap::new(),
            outputs: BTreeMap::new(),
        }
    }

    fn see(&mut self, record: &Record) {
        match &record.change {
            Change::StateEntered {
                frame,
                state,
                input,
            } => {
                self.at.insert(*frame, self.visits.len());
                self.visits.push(Visit {
                    state: state.id,
                    input: input.data.clone(),
                    result: None,
                    items: None,
                    around: self.around(state.id),
                });
            }
            Change::TaskSucceeded { frame, output, .. } => {
                let output = output.data.clone();
                self.visit(*frame, |visit| visit.result = Some(output));
            }
            Change::MapStarted { frame, items, .. } => {
                let items = items.data.clone();
                if let Some(at) = self.at.get(frame) {
                    self.items.insert(self.visits[*at].state, items.clone());
                }
                self.visit(*frame, |visit| visit.items = Some(items));
            }
            Change::ChildrenSucceeded { frame, .. } => self.children(*frame),
            Change::StateExited {
                state,
                output,
                assigned,
                via,
                ..
            } => {
                self.troubles += usize::from(matches!(via, Via::Catcher(_)));
                self.outputs
                    .insert(self.program.state(state.id).block, output.data.clone());
                let assigned = assigned.as_ref().and_then(Data::as_object);
                for (name, value) in assigned.iter().flat_map(|all| all.iter()) {
                    self.variables = self.variables.with(name.clone(), value.clone());
                }
            }
            Change::EvaluationFailed { .. }
            | Change::TaskFailed { .. }
            | Change::ChildFailed { .. } => {
                self.troubles += 1;
            }
            _ => {}
        }
    }

    fn visit(&mut self, frame: FrameId, change: impl FnOnce(&mut Visit)) {
        if let Some(at) = self.at.get(&frame) {
            change(&mut self.visits[*at]);
        }
    }

    /// The result of a Parallel or Map, from what its blocks gave last.
    fn children(&mut self, frame: FrameId) {
        let Some(at) = self.at.get(&frame).copied() else {
            return;
        };
        let output = |block: &BlockId| self.outputs.get(block).cloned().unwrap_or_default();
        let result: Option<Data> = match &self.program.state(self.visits[at].state).kind {
            StateKind::Parallel(parallel) => Some(parallel.branches.iter().map(output).collect()),
            StateKind::Map(map) => {
                let items = self.visits[at].items.as_ref().and_then(Data::as_array);
                let count = items.map_or(0, |items| items.len());
                Some(std::iter::repeat_n(output(&map.processor), count).collect())
            }
            _ => None,
        };
        self.visits[at].result = result;
    }

    /// What lies around a state: the execution's input and the item of the Map that it is in.
    fn around(&self, state: StateId) -> Around {
        let execution = Object::builder().with("Input", self.input.clone()).build();
        let mut context = Object::builder().with("Execution", execution);
        let mut owner = self.program.block(self.program.state(state).block).owner;
        while let Some(outer) = owner {
            let items = self.items.get(&outer).and_then(Data::as_array);
            if let Some(item) = items.and_then(|items| items.first()) {
                context.insert(EcoString::from("Map"), map_item(item));
                break;
            }
            owner = self.program.block(self.program.state(outer).block).owner;
        }
        Around {
            context: context.build().into(),
            variables: self.variables.clone(),
        }
    }
}

/// `Map` of the Context Object.
pub(super) fn map_item(item: &Data) -> Data {
    let item = Object::builder()
        .with("Index", 0)
        .with("Value", item.clone());
    Object::builder().with("Item", item.build()).build().into()
}
