//! Virtual time for tests: the earliest of what workers answer and of what the execution waits for comes next.

#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of this"
)]

pub mod random;
pub mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use data::{Data, EcoString, Format, Source};
use engine::{
    About, Change, Command, Effects, Entropy, Execution, Failure, HistoryEvent, Input,
    MapRunRequest, Quotas, Record, Site, TaskRequest, TaskToken, Timestamp,
};

/// 2026-01-01T00:00:00Z
pub const START: Timestamp = Timestamp(1_767_225_600_000);

/// What a worker says about a task.
#[derive(Clone, Debug)]
pub enum Say {
    Started(Option<EcoString>),
    Submitted(Data),
    Heartbeat,
    Succeeded(Data),
    Failed(Failure),
}

impl Say {
    fn input(self, token: TaskToken) -> Input {
        match self {
            Say::Started(worker) => Input::TaskStarted { token, worker },
            Say::Submitted(output) => Input::TaskSubmitted { token, output },
            Say::Heartbeat => Input::TaskHeartbeat { token },
            Say::Succeeded(output) => Input::TaskSucceeded { token, output },
            Say::Failed(failure) => Input::TaskFailed { token, failure },
        }
    }

    /// The same about a map run, of which only the end is heard.
    fn of_map_run(self, token: TaskToken) -> Option<Input> {
        match self {
            Say::Succeeded(output) => Some(Input::MapRunSucceeded { token, output }),
            Say::Failed(failure) => Some(Input::MapRunFailed { token, failure }),
            Say::Started(_) | Say::Submitted(_) | Say::Heartbeat => None,
        }
    }
}

/// A map run as a task whose input is its plan, for those who do either.
fn as_task(run: &MapRunRequest) -> TaskRequest {
    let plan = serde_json::to_string(&run.plan).expect("a plan can be written");
    TaskRequest {
        token: run.token,
        state: run.state,
        state_name: run.state_name.clone(),
        resource: asl::Resource {
            text: run.map_run_arn.clone(),
            kind: asl::ResourceKind::Activity,
        },
        input: Data::parse(&plan).expect("what was written is JSON"),
        attempt: run.attempt,
        item: None,
        site: run.site.clone(),
    }
}

/// A program from its text; what is wrong with it ends the test.
pub fn compile(definition: &str) -> Arc<asl::Program> {
    let source = Source::new("case", definition);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    let found = &compiled.diagnostics;
    let rendered = || -> String { found.iter().map(|one| one.render(&source)).collect() };
    let program = compiled.program;
    Arc::new(program.unwrap_or_else(|| panic!("the definition has faults:\n{}", rendered())))
}

pub fn about(quotas: Quotas) -> About {
    About {
        quotas,
        ..About::local("machine", "name")
    }
}

/// An execution, those who work for it, and a clock that jumps.
pub struct Driver {
    pub execution: Execution,
    pub records: Vec<Record>,
    pub sites: Vec<Site>,
    pub entropy: Entropy,
    pub now: Timestamp,
    /// Rebuilt from the records alone, and equal to `execution` after every input.
    mirror: Execution,
    /// What will be said, by moment and then in the order in which it was planned.
    said: BTreeMap<(Timestamp, u64), Input>,
    next: u64,
    /// Attempts handed out and neither answered nor called off.
    pub open: BTreeSet<TaskToken>,
    /// Mended definitions by their digests, for redrives.
    pub definitions: BTreeMap<EcoString, Arc<asl::Program>>,
    /// Why redrives were refused.
    pub refused: Vec<String>,
}

impl Driver {
    pub fn new(program: Arc<asl::Program>, about: About) -> Driver {
        let execution = Execution::new(program, Arc::new(about));
        Driver {
            mirror: execution.clone(),
            execution,
            records: Vec::new(),
            sites: Vec::new(),
            entropy: Entropy::from_seed(1),
            now: START,
            said: BTreeMap::new(),
            next: 0,
            open: BTreeSet::new(),
            definitions: BTreeMap::new(),
            refused: Vec::new(),
        }
    }

    /// Plans an input.
    pub fn plan(&mut self, after_millis: i64, input: Input) {
        let at = Timestamp(self.now.0 + after_millis);
        self.said.insert((at, self.next), input);
        self.next += 1;
    }

    /// Runs until nothing can happen any more, late answers included.
    pub fn run(&mut self, worker: &mut dyn FnMut(&TaskRequest) -> Vec<(i64, Say)>) {
        loop {
            let said = self.said.keys().next().copied();
            let due = self.execution.next_deadline();
            let input = match (said, due) {
                (None, None) => return,
                (Some(key), due) if due.is_none_or(|due| key.0 <= due) => {
                    self.now = key.0;
                    self.said.remove(&key).expect("the key was just read")
                }
                (_, due) => {
                    self.now = due.expect("one of the two is there").max(self.now);
                    Input::DeadlineReached
                }
            };
            self.feed(input, worker);
        }
    }

    /// Hands in an input and checks all that must hold after every one.
    pub fn feed(&mut self, input: Input, worker: &mut dyn FnMut(&TaskRequest) -> Vec<(i64, Say)>) {
        let answers = token_of(&input);
        if let Input::Redrive { definition } = &input
            && let Err(why) = self.prepare_redrive(definition.as_ref())
        {
            self.refused.push(why);
        }
        let mut effects = Effects::default();
        let meant = self
            .execution
            .handle(self.now, &self.entropy, input, &mut effects);
        if let Some(token) = answers {
            assert!(
                !meant || self.open.contains(&token),
                "late answers mean nothing"
            );
        }
        if !meant {
            assert!(effects.records.is_empty() && effects.commands.is_empty());
        }
        self.follow(&effects.records);
        self.sites.append(&mut effects.sites);
        for command in effects.commands {
            self.carry_out(command, worker);
        }
        self.check_outstanding();
    }

    /// What a host does before it hands a redrive in.
    fn prepare_redrive(&mut self, definition: Option<&EcoString>) -> Result<(), String> {
        let redrivable = self.execution.redrivable(self.now);
        redrivable.map_err(|why| why.to_string())?;
        let Some(definition) = definition else {
            return Ok(());
        };
        let before = self.execution.clone();
        let program = Arc::clone(&self.definitions[definition]);
        let rebased = self.execution.rebase(program);
        rebased.map_err(|misfit| {
            assert!(self.execution == before, "a refusal changes nothing");
            misfit.to_string()
        })
    }

    fn follow(&mut self, records: &[Record]) {
        for record in records {
            if let Some(definition) = record.definition() {
                assert!(
                    self.mirror.clone().apply(record).is_err(),
                    "it wants the mended definition"
                );
                let program = Arc::clone(&self.definitions[definition]);
                let rebased = self.mirror.rebase(program);
                rebased.expect("what the live execution fits");
            }
            self.mirror.apply(record).expect("a live record fits");
            let frame = match &record.change {
                Change::TaskSucceeded { frame, .. }
                | Change::TaskFailed { frame, .. }
                | Change::MapRunSucceeded { frame, .. }
                | Change::MapRunFailed { frame, .. } => frame,
                _ => continue,
            };
            self.open.retain(|token| token.frame != *frame);
        }
        assert!(
            self.mirror == self.execution,
            "replayed and live executions differ"
        );
        assert_eq!(
            self.mirror.is_midway(),
            self.execution.is_midway(),
            "a log that ends in the middle of a turn says so"
        );
        assert_eq!(
            self.mirror.fingerprint(),
            self.execution.fingerprint(),
            "equal executions have one fingerprint"
        );
        self.records.extend_from_slice(records);
    }

    fn carry_out(
        &mut self,
        command: Command,
        worker: &mut dyn FnMut(&TaskRequest) -> Vec<(i64, Say)>,
    ) {
        match command {
            Command::StartTask(request) => {
                assert!(self.open.insert(request.token), "a token is given out once");
                for (after, say) in worker(&request) {
                    self.plan(after, say.input(request.token));
                }
            }
            Command::StartMapRun(request) => {
                assert!(self.open.insert(request.token), "a token is given out once");
                for (after, say) in worker(&as_task(&request)) {
                    if let Some(input) = say.of_map_run(request.token) {
                        self.plan(after, input);
                    }
                }
            }
            Command::CancelTask(token) => {
                assert!(self.open.remove(&token), "only an open task is called off");
            }
            Command::Finish => {
                assert!(self.open.is_empty(), "the end calls off every task");
                assert!(self.execution.status().is_final());
            }
        }
    }

    fn check_outstanding(&self) {
        let open: BTreeSet<TaskToken> = self
            .execution
            .open_tasks()
            .map(|(token, _)| token)
            .chain(self.execution.open_map_runs())
            .collect();
        assert_eq!(
            open, self.open,
            "open tasks are those started and not ended"
        );
        for command in self.execution.outstanding() {
            match command {
                Command::StartTask(request) => assert!(open.contains(&request.token)),
                Command::StartMapRun(request) => assert!(open.contains(&request.token)),
                other => panic!("{other:?} is nothing to do again"),
            }
        }
    }

    /// AWS's history.
    pub fn history(&self) -> Vec<HistoryEvent> {
        let about = self.execution.about();
        let of = |record| HistoryEvent::of(record, about);
        self.records.iter().filter_map(of).collect()
    }
}

fn token_of(input: &Input) -> Option<TaskToken> {
    match input {
        Input::TaskStarted { token, .. }
        | Input::TaskSubmitted { token, .. }
        | Input::TaskSucceeded { token, .. }
        | Input::TaskFailed { token, .. }
        | Input::TaskHeartbeat { token }
        | Input::MapRunSucceeded { token, .. }
        | Input::MapRunFailed { token, .. } => Some(*token),
        Input::Start(_)
        | Input::DeadlineReached
        | Input::GoOn
        | Input::Stop(_)
        | Input::Redrive { .. } => None,
    }
}

/// One event as a line: `id<previous @seconds Type detail=value`.
pub fn line(event: &HistoryEvent) -> String {
    let seconds = (event.timestamp.0 - START.0) as f64 / 1000.0;
    let (id, previous) = (event.id.0, event.previous_event_id.0);
    let mut line = format!("{id}<{previous} @{seconds} {}", event.event_type);
    let details = event.details.iter().flat_map(|(_, details)| details.iter());
    for (name, value) in details {
        // What is the same in every event says nothing.
        if name.ends_with("Details") || name == "roleArn" || name == "region" {
            continue;
        }
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        line.push_str(&format!(" {name}={}", shortened(&value)));
    }
    line
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(400) {
        None => value.to_owned(),
        Some((at, _)) => format!("{}...({} bytes)", &value[..at], value.len()),
    }
}
