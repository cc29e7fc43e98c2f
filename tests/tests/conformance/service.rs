//! The calls of a recording, made in order to a Step Functions service in this process.
//!
//! A recording holds calls and executions apart. What its own setup made before the first call is made first: machines
//! without a recorded creation, the versions that calls name, activities that are only listed, executions without a
//! recorded start. Then the calls follow in order, and each answer is compared. What executions and activities are
//! called here stands in later parameters instead of what they were called there.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::logs::execution::{Level, Logging};
use api::stepfunctions::{MachineRegistry, StepFunctions, status_change};
use api::{ApiError, Caller};
use data::{Data, EcoString, Object};
use engine::{Entropy, Execution, HistoryEvent, Record, Timestamp};
use journal::MemoryJournal;
use runtime::host::{Found, Host, Settings};
use runtime::{Clock, Observer};

use crate::compare::Comparison;
use crate::computed;
use crate::functions::Bound;
use crate::recording::{Recording, text_of};
use crate::run::TOKIO;

/// A service, and what has been made by it so far.
pub struct Service<'r> {
    recording: &'r Recording,
    functions: StepFunctions,
    pub host: Host,
    caller: Caller,
    names: Names,
    /// `nextToken` of the last answer.
    token: Option<Data>,
    /// `mapRunArn` of the first Map Run that was listed last, for recordings do not tell their own apart.
    map_run: Option<Data>,
    /// Executions that were looked at: when they had begun, and when they were over.
    seen: Vec<Found>,
    log: Log,
}

/// What is logged of all executions.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Data>>>);

impl Observer for Log {
    fn records(&mut self, execution: &Execution, records: &[Record]) {
        let about = execution.about();
        let logging = Logging {
            level: Level::All,
            include_execution_data: true,
            region: about.region.clone(),
            group: "all".into(),
        };
        let events = records
            .iter()
            .filter_map(|record| HistoryEvent::of(record, about));
        let entries = events.map(|event| logging.line(&event, about, 0));
        self.0
            .lock()
            .expect("nobody panics with it")
            .extend(entries);
    }
}

/// Polls of an execution that must end by itself, a millisecond each.
const MOST_POLLS: usize = 20_000;

/// What was recorded, and what it is here.
pub type Names = Vec<(String, String)>;

/// Makes all calls of a recording and compares the answers. The error is what differs first; else the ARNs of
/// executions come back.
pub fn check(recording: &Recording, comparison: &mut Comparison) -> Result<Names, String> {
    if !computed::is_any(recording) {
        return Ok(Names::new());
    }
    let registry = Arc::new(MachineRegistry::default());
    let log = Log::default();
    let settings = Settings {
        clock: Clock::Virtual {
            start: Clock::DEFAULT_START,
        },
        patience: Duration::ZERO,
        functions: Bound::of_calls(recording).0,
        registry: Arc::clone(&registry) as _,
        journal: Box::new(MemoryJournal::default()),
        entropy: Entropy::from_seed(1),
        injector: None,
        retain: 1000,
        queue: 1000,
        resume: false,
        observer: Box::new(log.clone()),
    };
    TOKIO.block_on(async {
        let (host, work) = runtime::host::open(settings);
        let mut service = Service {
            recording,
            functions: StepFunctions::new(host.clone(), registry),
            host,
            caller: Caller::local(),
            names: Names::new(),
            token: None,
            map_run: None,
            seen: Vec::new(),
            log,
        };
        // The host and its caller take turns, so that a call that follows at once comes before time passes.
        tokio::select! {
            biased;
            ended = work => Err(format!("the host ends: {ended:?}")),
            compared = service.go_through(comparison) => compared,
        }?;
        Ok(service.names)
    })
}

impl Service<'_> {
    async fn go_through(&mut self, comparison: &mut Comparison) -> Result<(), String> {
        self.set_up(comparison).await?;
        let recording = self.recording;
        let mut executions = recording.executions();
        for (number, call) in recording.calls().enumerate() {
            let op = text_of(call, "op");
            let place = format!("call {number}, {}", op.unwrap_or("computed"));
            let compared = match op {
                Some(op) => {
                    let answer = self.make(op, call).await;
                    if op.starts_with("Start") {
                        self.started(executions.next(), &answer).await?;
                    }
                    self.compare(comparison, call, answer)?;
                    self.start_created(call, comparison).await
                }
                None => computed::check(self, call, comparison).await,
            };
            compared.map_err(|difference| format!("{place}\n{difference}"))?;
        }
        Ok(())
    }

    /// Everything that was there before the first call.
    async fn set_up(&mut self, comparison: &mut Comparison) -> Result<(), String> {
        let recording = self.recording;
        for machine in recording.machines() {
            let name = text_of(machine, "name").unwrap_or_default();
            let is_there = machine.get("created_ok").and_then(Data::as_bool) == Some(true);
            if is_there && !self.is_created(name) {
                self.create(machine, name).await?;
            }
        }
        for name in computed::listed_activities(recording) {
            let activity = Object::builder().with("name", name).build().into();
            self.must("CreateActivity", &activity).await?;
        }
        for execution in recording.executions() {
            let machine = recording.machine(execution);
            let machine = machine.and_then(|machine| text_of(machine, "name"));
            if !self.has_starts() && machine.is_some_and(|name| !self.is_created(name)) {
                self.start(execution, comparison).await?;
            }
        }
        Ok(())
    }

    /// Starts the executions of a machine that a call made, if no starts are recorded as calls.
    async fn start_created(
        &mut self,
        call: &Data,
        comparison: &mut Comparison,
    ) -> Result<(), String> {
        if text_of(call, "op") != Some("CreateStateMachine") || self.has_starts() {
            return Ok(());
        }
        let created = call
            .get("params")
            .and_then(|params| text_of(params, "name"));
        let recording = self.recording;
        for execution in recording.executions() {
            let machine = recording.machine(execution);
            if machine.and_then(|machine| text_of(machine, "name")) == created {
                self.start(execution, comparison).await?;
            }
        }
        Ok(())
    }

    /// Whether starts of executions are recorded as calls.
    fn has_starts(&self) -> bool {
        let mut calls = self.recording.calls();
        calls.any(|call| text_of(call, "op").is_some_and(|op| op.starts_with("Start")))
    }

    fn is_created(&self, name: &str) -> bool {
        let mut calls = self.recording.calls();
        calls.any(|call| {
            let params = call.get("params");
            text_of(call, "op") == Some("CreateStateMachine")
                && params.and_then(|params| text_of(params, "name")) == Some(name)
        })
    }

    async fn create(&self, machine: &Data, name: &str) -> Result<(), String> {
        let Some(definition) = text_of(machine, "definition") else {
            return Ok(());
        };
        let kind = text_of(machine, "type").unwrap_or("STANDARD");
        let mut creation = Object::builder()
            .with("name", name)
            .with("definition", definition)
            .with("roleArn", "arn:aws:iam::000000000000:role/role")
            .with("publish", self.version_of(name).is_some());
        match kind {
            "UPDATE" => return Ok(()),
            kind => creation.insert("type".into(), kind.into()),
        }
        self.must("CreateStateMachine", &creation.build().into())
            .await?;
        Ok(())
    }

    /// The version of a machine that calls name, if they do.
    fn version_of(&self, name: &str) -> Option<String> {
        let prefix = format!("arn:aws:states:us-east-1:000000000000:stateMachine:{name}:");
        let params = self.recording.calls().filter_map(|call| call.get("params"));
        let arns =
            params.flat_map(|params| params.as_object().into_iter().flat_map(Object::values));
        let mut arns = arns.filter_map(Data::as_str);
        arns.find(|arn| arn.starts_with(&prefix)).map(str::to_owned)
    }

    /// Starts an execution whose start is not recorded as a call, if its machine is there.
    async fn start(&mut self, execution: &Data, comparison: &mut Comparison) -> Result<(), String> {
        let Some(machine) = self.recording.machine(execution) else {
            return Ok(());
        };
        let name = text_of(machine, "name").unwrap_or_default();
        let arn = format!("arn:aws:states:us-east-1:000000000000:stateMachine:{name}");
        let arn = self.version_of(name).unwrap_or(arn);
        let mut start = Object::builder().with("stateMachineArn", arn);
        if let Some(input) = text_of(execution, "input") {
            start.insert("input".into(), input.into());
        }
        let op = text_of(execution, "op").unwrap_or("StartExecution");
        let answer = self
            .functions
            .call(&self.caller, op, &start.build().into())
            .await;
        if let Err(ApiError { code, message, .. }) = &answer {
            return Err(format!("{op}: {code}: {message}"));
        }
        if let (Some(expected), Ok(answer)) = (synced(execution), &answer) {
            comparison.value(expected, answer)?;
        }
        self.started(Some(execution), &answer).await
    }

    /// Takes note of an execution, and waits for its end unless somebody is going to stop it.
    async fn started(
        &mut self,
        execution: Option<&Data>,
        answer: &Result<Data, ApiError>,
    ) -> Result<(), String> {
        let Ok(answer) = answer else { return Ok(()) };
        let arn = text_of(answer, "executionArn")
            .unwrap_or_default()
            .to_owned();
        let recorded = execution.and_then(|execution| text_of(execution, "arn"));
        if let Some(recorded) = recorded {
            self.names.push((recorded.to_owned(), arn.clone()));
        }
        let is_stopped = self.recording.calls().any(|call| {
            let params = call.get("params");
            text_of(call, "op") == Some("StopExecution")
                && params.and_then(|params| text_of(params, "executionArn")) == recorded
        });
        match is_stopped || arn.contains(":express:") {
            true => Ok(()),
            false => self.ended(&arn).await,
        }
    }

    async fn ended(&mut self, arn: &str) -> Result<(), String> {
        for poll in 0..MOST_POLLS {
            let found = self.host.look(arn).await.map_err(|over| over.to_string())?;
            let Some(found) = found else { return Ok(()) };
            let is_final = found.status.is_final();
            if poll == 0 || is_final {
                self.seen.push(found);
            }
            if is_final {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err(format!("{arn} does not end"))
    }

    async fn make(&mut self, op: &str, call: &Data) -> Result<Data, ApiError> {
        let params = call.get("params").cloned().unwrap_or_default();
        let params = self.here(&params);
        self.ask(op, &params).await
    }

    /// Makes a call with parameters of this run.
    pub async fn ask(&mut self, op: &str, params: &Data) -> Result<Data, ApiError> {
        let answer = self.functions.call(&self.caller, op, params).await;
        if let Ok(answer) = &answer {
            let token = answer.get("nextToken").cloned();
            let runs = answer.get("mapRuns").and_then(Data::as_array);
            let run = runs.and_then(|runs| runs.first()?.get("mapRunArn").cloned());
            self.map_run = run.or(self.map_run.take());
            self.token = token.or(self.token.take().filter(|_| !op.starts_with("List")));
        }
        answer
    }

    async fn must(&self, op: &str, params: &Data) -> Result<Data, String> {
        let answer = self.functions.call(&self.caller, op, params).await;
        answer.map_err(|error| format!("{op}: {}: {}", error.code, error.message))
    }

    /// The token of the last page, if it was not the last one.
    pub fn next_token(&self) -> Option<Data> {
        self.token.clone()
    }

    /// What was recorded as parameters, as it is here.
    fn here(&self, params: &Data) -> Data {
        let Some(params) = params.as_object() else {
            return Data::empty_object();
        };
        let members = params.iter().map(|(name, value)| {
            let value = match (name.as_str(), value.as_str(), &self.token) {
                // One that is made of one letter was made up for the recording.
                ("nextToken", Some(text), Some(token)) if !is_one_letter(text) => token.clone(),
                ("mapRunArn", Some(_), _) => self.map_run.clone().unwrap_or_default(),
                (_, Some(text), _) => self.name_here(text).into(),
                _ => value.clone(),
            };
            (name.clone(), value)
        });
        Data::Object(members.collect::<Object>())
    }

    fn name_here(&self, text: &str) -> EcoString {
        let known = self.names.iter().find(|(recorded, _)| recorded == text);
        known.map_or(text, |(_, here)| here).into()
    }

    fn compare(
        &self,
        comparison: &mut Comparison,
        call: &Data,
        answer: Result<Data, ApiError>,
    ) -> Result<(), String> {
        if let (Err(error), Some(status)) = (&answer, call.get("http_status")) {
            let found = Data::from(i64::from(error.status));
            if found != *status {
                return Err(format!(
                    "HTTP status {status} is expected, {found} is found"
                ));
            }
        }
        comparison.answer(call, answer)
    }

    /// The last entry in the log for events of a type.
    pub async fn logged(&self, event_type: &str) -> Data {
        for _ in 0..MOST_POLLS {
            let log = self.log.0.lock().expect("nobody panics with it").clone();
            let is_it = |entry: &&Data| text_of(entry, "type") == Some(event_type);
            if let Some(entry) = log.iter().rev().find(is_it) {
                return entry.clone();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Data::Null
    }

    /// The events that EventBridge hears of the executions that were looked at.
    pub fn events(&self) -> Data {
        let event = |(number, found): (usize, &Found)| {
            let id = format!("00000000-0000-4000-8000-{number:012}");
            status_change(found, &id, Timestamp(0))
        };
        self.seen.iter().enumerate().map(event).collect()
    }
}

/// What StartSyncExecution answered.
fn synced(execution: &Data) -> Option<&Data> {
    execution.get("expected")?.get("sync_response")
}

fn is_one_letter(text: &str) -> bool {
    let mut letters = text.chars();
    let first = letters.next();
    letters.all(|letter| Some(letter) == first)
}

/// The error as botocore prints it.
pub fn printed(op: &str, error: &ApiError) -> String {
    let ApiError { code, message, .. } = error;
    format!("An error occurred ({code}) when calling the {op} operation: {message}")
}
