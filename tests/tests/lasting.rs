//! Hosts on a store: what is acknowledged is kept, and what is kept goes on.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data::{Data, Format, Source};
use engine::{Change, Entropy, Failure};
use journal::{Batch, Filter, Store, StoreOptions};
use runtime::host::{Host, Origin, Redrive, Registry as _, Settings, Start};
use runtime::{Answer, Clock, Functions, Machine, Machines, Silent};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

const WORKER: &str = "arn:aws:states:us-east-1:000000000000:activity:worker";
const TASK: &str = r#"{"A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:worker", "End": true}}"#;
/// It goes round until its history is full.
const BUSY: &str = r#"{"A": {"Type": "Pass", "Next": "B"}, "C": {"Type": "Succeed"},
    "B": {"Type": "Choice", "Choices": [{"Variable": "$.enough", "IsPresent": true, "Next": "C"}], "Default": "A"}}"#;
const WAIT: &str = r#"{"A": {"Type": "Wait", "Seconds": 600, "End": true}}"#;
/// Items that fail one by one, the even ones.
const MAP: &str = r#"{"A": {"Type": "Map", "ToleratedFailureCount": 1, "MaxConcurrency": 1, "End": true, "ItemProcessor": {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Rest", "States": {
    "Rest": {"Type": "Wait", "Seconds": 3, "Next": "Judge"},
    "Judge": {"Type": "Choice", "Choices": [{"Variable": "$.bad", "BooleanEquals": true, "Next": "Bad"}], "Default": "Good"},
    "Bad": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:worker", "TimeoutSeconds": 2, "End": true},
    "Good": {"Type": "Succeed"}}}}}"#;
/// A Distributed Map beside a task that waits for an execution.
const MANAGES: &str = r#"{"A": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": true}}}, "ItemsPath": "$.items"}}},
    {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:wait", "Input": {}}}}}]}}"#;

const DONE: &str = r#"{"A": {"Type": "Succeed"}}"#;
const STARTS: &str = r#"{"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
    "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:done", "Input": {}}}}"#;
const AWAITS: &str = r#"{"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
    "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:done", "Input": {}}}}"#;

/// A host on the store in a folder.
struct Kept {
    tokio: Runtime,
    host: Host,
    work: JoinHandle<()>,
    store: Store,
    machines: Machines,
}

impl Kept {
    fn open(folder: &Path, clock: Clock, resume: bool) -> Kept {
        let mut machines = Machines::default();
        for (name, states) in [
            ("task", TASK),
            ("busy", BUSY),
            ("wait", WAIT),
            ("map", MAP),
            ("manages", MANAGES),
            ("done", DONE),
            ("starts", STARTS),
            ("awaits", AWAITS),
        ] {
            let text = format!(r#"{{"StartAt": "A", "States": {states}}}"#);
            let source = Source::new("machine.json", text.as_str());
            let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
            let program = compiled
                .program
                .unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
            let definition = runtime::definition(&text, Format::Json, &Default::default());
            let machine = Machine::local(name, Arc::new(program), false);
            machines.add(machine.with_definition(definition));
        }
        let store = Store::open(&folder.join("store.db"), StoreOptions::default());
        let store = store.expect("a test is set up");
        let functions = Functions::new(sandbox::Config::default(), Default::default());
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a test is set up");
        let (host, work) = runtime::host::open(Settings {
            clock,
            patience: Duration::ZERO,
            functions: Arc::new(functions),
            registry: Arc::new(machines.clone()),
            journal: store.journal().expect("a test is set up"),
            entropy: Entropy::from_seed(1),
            injector: None,
            retain: 1000,
            queue: 1000,
            resume,
            observer: Box::new(Silent),
        });
        let work = tokio.spawn(async { work.await.expect("the host goes on") });
        let activities = BTreeSet::from([WORKER.into()]);
        let said = tokio.block_on(host.set_activities(activities));
        said.expect("the host works");
        Kept {
            tokio,
            host,
            work,
            store,
            machines,
        }
    }

    fn start(&self, machine: &str, name: &str, input: &str) -> String {
        let (machine, origin) = self.machines.machine(machine, 0).expect("it is there");
        let start = Start {
            machine,
            origin: Origin { ..origin },
            name: Some(name.into()),
            input: Data::parse(input).expect("a literal"),
        };
        let begun = self.tokio.block_on(self.host.start(start));
        begun.expect("it is started").execution_arn.into()
    }

    /// The status of an execution once it is over.
    fn end(&self, arn: &str) -> &'static str {
        loop {
            let found = self.tokio.block_on(self.host.look(arn));
            let found = found.expect("the host works").expect("it is there");
            if found.status.is_final() {
                return found.status.as_str();
            }
            std::thread::yield_now();
        }
    }

    /// Every execution's machine and status, in their order.
    fn all(&self) -> Vec<(String, &'static str)> {
        let listed = self.tokio.block_on(self.host.list(Filter::default()));
        let listed = listed.expect("the host works").into_iter().rev();
        listed
            .map(|one| {
                let machine = one.state_machine.split('/').next().unwrap_or_default();
                (machine.to_owned(), one.status)
            })
            .collect()
    }

    fn close(self) {
        self.tokio.block_on(self.host.close());
        self.tokio.block_on(self.work).expect("it ends");
        self.store.close().expect("all is kept");
    }
}

const VIRTUAL: Clock = Clock::Virtual {
    start: Clock::DEFAULT_START,
};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn an_answer_that_was_acknowledged_is_kept_however_busy_the_host_is() {
    let folder = folder();
    let kept = Kept::open(folder.path(), Clock::Real, true);
    let asks = kept.start("task", "asks", "{}");
    let polled = kept.tokio.block_on(kept.host.poll(WORKER, None));
    let task = polled.expect("the host works").expect("there is a task");
    for number in 0..40 {
        kept.start("busy", &format!("busy{number}"), "{}");
    }
    let said = Answer::Succeed(Data::empty_object());
    let taken = kept.tokio.block_on(kept.host.answer(&task.token, said));
    taken.expect("it is taken");
    let looking = Store::look(&folder.path().join("store.db"), None).expect("a store");
    let records = looking.journal.read(&asks).expect("it is kept");
    let heard = records
        .iter()
        .any(|record| matches!(record.change, Change::TaskSucceeded { .. }));
    assert!(heard, "what was acknowledged is on the disk");
}

#[test]
fn a_map_run_that_is_redriven_takes_in_children_that_only_the_store_has() {
    let folder = folder();
    let kept = Kept::open(folder.path(), VIRTUAL, true);
    let items = r#"[{"bad": false}, {"bad": true}, {"bad": false}, {"bad": true}, {"bad": false}]"#;
    let arn = kept.start("map", "one", items);
    assert_eq!(kept.end(&arn), "FAILED");
    let before = kept.all();
    let redrive = Redrive {
        execution_arn: arn.as_str().into(),
        ..Redrive::default()
    };
    let redriven = kept.tokio.block_on(kept.host.redrive(redrive));
    redriven.expect("it is redriven");
    assert_eq!(kept.end(&arn), "FAILED");
    assert_eq!(kept.all(), before, "no child began a second time");
    kept.close();
}

#[test]
fn what_an_execution_manages_is_stopped_with_it_though_nobody_runs_it() {
    let folder = folder();
    let kept = Kept::open(folder.path(), Clock::Real, true);
    let arn = kept.start("manages", "one", r#"{"items": [1, 2, 3]}"#);
    kept.close();
    let kept = Kept::open(folder.path(), Clock::Real, false);
    let stopped = kept.host.stop(&arn, Failure::new("Enough", ""));
    let stopped = kept.tokio.block_on(stopped);
    stopped.expect("it is stopped").expect("it is there");
    let all = kept.all();
    assert_eq!(all.len(), 5);
    assert!(
        all.iter().all(|(_, status)| *status == "ABORTED"),
        "{all:?}"
    );
    kept.close();
}

/// What a store would hold if its host had died when a child was over and its parent had yet to hear of it.
fn with_less_of(parent: &str, from: &Path, into: &Path, heard: usize) {
    let from = Store::look(&from.join("store.db"), None).expect("a store");
    let store = Store::open(&into.join("store.db"), StoreOptions::default()).expect("a store");
    let mut journal = store.journal().expect("a journal");
    for summary in from
        .journal
        .list(&Filter::default())
        .expect("a list")
        .into_iter()
        .rev()
    {
        let arn = summary.execution_arn.clone();
        let mut kept = from
            .journal
            .find(&arn)
            .expect("a store")
            .expect("it is there");
        let digest = &kept.beginning.definition.digest;
        let definition = from.journal.definition(digest).expect("a store");
        kept.beginning.definition = definition.expect("it is there");
        let mut records = from.journal.read(&arn).expect("a log");
        let mut summary = summary;
        if arn == parent {
            records.truncate(heard);
            (summary.status, summary.stopped_at) = ("RUNNING", None);
        }
        let mut batch = Batch::of(summary, &records);
        batch.beginning = Some(kept.beginning);
        journal.append(batch).expect("it continues");
    }
    journal.seal();
    store.close().expect("all is kept");
}

#[test]
fn a_child_that_was_over_before_its_parent_heard_is_not_started_again() {
    for machine in ["starts", "awaits"] {
        let (before, after) = (folder(), folder());
        let kept = Kept::open(before.path(), VIRTUAL, true);
        let arn = kept.start(machine, "one", "{}");
        assert_eq!(kept.end(&arn), "SUCCEEDED");
        let children = kept.all().len();
        kept.close();
        // ExecutionStarted, TaskStateEntered, TaskScheduled, TaskStarted.
        with_less_of(&arn, before.path(), after.path(), 4);
        let kept = Kept::open(after.path(), VIRTUAL, true);
        assert_eq!(kept.end(&arn), "SUCCEEDED", "{machine}");
        assert_eq!(kept.all().len(), children, "{machine}");
        kept.close();
    }
}
