//! A host without end: what many callers ask of it at once, under virtual time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use check::faults::{FaultPlan, direct_each};
use check::mock::MockConfig;
use data::{Data, Format, Source};
use engine::{Entropy, Failure, Status};
use journal::{Filter, MemoryJournal};
use runtime::host::{
    Begun, Found, Host, MapRunStatus, MapRunUpdate, NotBegun, NotInvoked, Page, Registry, Settings,
    Start,
};
use runtime::manifest::{Ceilings, Manifest};
use runtime::{Answer, Clock, Functions, Machine, Machines, Refused, Silent, Trust};

const WORKER: &str = "arn:aws:states:us-east-1:000000000000:activity:worker";

/// A host that a test may talk to, on a tokio runtime of its own.
struct Hosting {
    tokio: tokio::runtime::Runtime,
    host: Host,
    machines: Machines,
    functions: Arc<Functions>,
}

impl Hosting {
    fn new(machines: &[(&str, &str)]) -> Hosting {
        Hosting::with(machines, |_| {})
    }

    fn with(machines: &[(&str, &str)], set: impl FnOnce(&mut Settings)) -> Hosting {
        let mut known = Machines::default();
        for (name, states) in machines {
            let express = name.starts_with("express");
            let text = format!(r#"{{"StartAt": "A", "States": {states}}}"#);
            let source = Source::new("machine.json", text);
            let options = asl::Options {
                express,
                ..asl::Options::default()
            };
            let compiled = asl::compile(&source, Format::Json, &options);
            let program = compiled
                .program
                .unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
            known.add(Machine::local(name, Arc::new(program), express));
        }
        let functions = Arc::new(functions());
        let mut settings = Settings {
            clock: Clock::Virtual {
                start: Clock::DEFAULT_START,
            },
            patience: Duration::from_secs(600),
            functions: Arc::clone(&functions),
            registry: Arc::new(known.clone()),
            journal: Box::new(MemoryJournal::default()),
            entropy: Entropy::from_seed(1),
            injector: None,
            retain: 1000,
            queue: 1000,
            resume: false,
            observer: Box::new(Silent),
        };
        set(&mut settings);
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a test is set up");
        let (host, work) = runtime::host::open(settings);
        tokio.spawn(async { work.await.expect("the host goes on") });
        Hosting {
            tokio,
            host,
            machines: known,
            functions,
        }
    }

    fn to_start(&self, machine: &str, name: &str, input: &str) -> Start {
        let (machine, origin) = self.machines.machine(machine, 0).expect("a test is set up");
        let name = Some(name).filter(|name| !name.is_empty()).map(Into::into);
        let input = Data::parse(input).expect("a test is set up");
        Start {
            machine,
            origin,
            name,
            input,
        }
    }

    fn start(&self, machine: &str, name: &str, input: &str) -> Result<Begun, NotBegun> {
        let start = self.to_start(machine, name, input);
        self.tokio.block_on(self.host.start(start))
    }

    fn sync(&self, machine: &str, name: &str, input: &str) -> Found {
        let start = self.to_start(machine, name, input);
        self.tokio
            .block_on(self.host.start_sync(start))
            .expect("a test is set up")
    }

    fn look(&self, arn: &str) -> Option<Found> {
        self.tokio
            .block_on(self.host.look(arn))
            .expect("a test is set up")
    }
}

fn functions() -> Functions {
    let text = r#"
version = 1
[functions.echo]
module = "guests/echo.wasm"
[functions.missing]
module = "guests/missing.wasm"
"#;
    let manifest =
        Manifest::read(&Source::new("wf-host.toml", text), Format::Toml).expect("a test is set up");
    let mut functions = Functions::new(sandbox::Config::default(), Ceilings::default());
    functions.make_room(8);
    let folder = wf_host_tests::root().join("workflows");
    functions
        .add_manifest(&manifest, &folder, Trust::Named, &|_| None)
        .expect("a test is set up");
    functions
}

const WAIT: &str = r#"{"A": {"Type": "Wait", "Seconds": 30000000, "End": true}}"#;
const PASS: &str = r#"{"A": {"Type": "Pass", "End": true}}"#;
const ACTIVITY: &str = r#"{"A": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:worker",
    "TimeoutSeconds": 60, "End": true}}"#;

fn output(found: &Found) -> &Data {
    match &found.status {
        Status::Succeeded { output } => output,
        other => panic!("{other:?}"),
    }
}

fn error(found: &Found) -> String {
    match &found.status {
        Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
            failure.error.clone().unwrap_or_default().to_string()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_year_passes_at_once() {
    let hosting = Hosting::new(&[("wait", WAIT)]);
    let found = hosting.sync("wait", "year", r#"{"a": 1}"#);
    assert_eq!(output(&found).to_string(), r#"{"a":1}"#);
    let took = found.stopped_at.unwrap().0 - found.started_at.0;
    assert_eq!(took, 30_000_000_000);
    assert!(hosting.host.now() >= found.stopped_at.unwrap());
}

#[test]
fn the_same_start_finds_the_running_execution_and_no_other() {
    let hosting = Hosting::new(&[("work", ACTIVITY), ("pass", PASS)]);
    let host = &hosting.host;
    hosting
        .tokio
        .block_on(host.set_activities(BTreeSet::from([WORKER.into()])))
        .unwrap();
    let first = hosting.start("work", "one", "{}").unwrap();
    assert_eq!(hosting.start("work", "one", "{}").unwrap(), first);
    let arn = first.execution_arn;
    let refused = NotBegun::AlreadyExists(arn.clone());
    assert_eq!(hosting.start("work", "one", "[]").unwrap_err(), refused);
    let failure = Failure::new("Enough", "of this");
    let stopped = hosting
        .tokio
        .block_on(host.stop(&arn, failure.clone()))
        .unwrap();
    assert_eq!(hosting.start("work", "one", "{}").unwrap_err(), refused);
    assert_eq!(hosting.look(&arn).unwrap().stopped_at, stopped);
    assert_eq!(
        hosting.tokio.block_on(host.stop("arn:x", failure)).unwrap(),
        None
    );
    assert!(hosting.look("arn:x").is_none());
}

#[test]
fn a_history_is_read_in_pages() {
    let hosting = Hosting::new(&[("pass", PASS)]);
    let found = hosting.sync("pass", "", "{}");
    let arn = found.about.execution_arn.clone();
    let page = |skip, reverse| {
        let page = Page {
            skip,
            take: 3,
            reverse,
        };
        let history = hosting.tokio.block_on(hosting.host.history(&arn, page));
        let (events, all) = history.unwrap().unwrap();
        assert_eq!(all, 4);
        events.iter().map(|event| event.id.0).collect::<Vec<_>>()
    };
    assert_eq!(page(0, false), [1, 2, 3]);
    assert_eq!(page(3, false), [4]);
    assert_eq!(page(0, true), [4, 3, 2]);
    assert_eq!(page(9, true), [0; 0]);
}

#[test]
fn a_worker_outside_gets_a_task_and_answers_it() {
    let hosting = Hosting::new(&[("work", ACTIVITY)]);
    let host = hosting.host.clone();
    let found = hosting.tokio.block_on(async {
        host.set_activities(BTreeSet::from([WORKER.into()]))
            .await
            .unwrap();
        // One that went away takes no task along.
        let gone = tokio::time::timeout(Duration::ZERO, host.poll(WORKER, None)).await;
        assert!(gone.is_err());
        let start = hosting.to_start("work", "one", r#"{"n": 7}"#);
        let (found, answered) = tokio::join!(host.start_sync(start), async {
            let task = host.poll(WORKER, Some("me")).await.unwrap().unwrap();
            assert_eq!(task.input.to_string(), r#"{"n":7}"#);
            host.answer(&task.token, Answer::Heartbeat).await.unwrap();
            let done = Answer::Succeed(Data::from("done"));
            host.answer(&task.token, done.clone()).await.unwrap();
            host.answer(&task.token, done).await
        });
        assert_eq!(answered, Err(Refused::Closed));
        found.unwrap()
    });
    assert_eq!(output(&found).to_string(), "\"done\"");
}

#[test]
fn an_idle_worker_holds_up_nothing_that_moves_by_itself() {
    let hosting = Hosting::new(&[("wait", WAIT)]);
    let start = hosting.to_start("wait", "", "{}");
    let (found, task) = hosting.tokio.block_on(async {
        tokio::join!(
            hosting.host.start_sync(start),
            hosting.host.poll(WORKER, None)
        )
    });
    assert_eq!(output(&found.unwrap()).to_string(), "{}");
    assert_eq!(task.unwrap(), None);
}

#[test]
fn nobody_outside_is_waited_for_beyond_the_patience() {
    let impatient = |settings: &mut Settings| settings.patience = Duration::ZERO;
    let hosting = Hosting::with(&[("work", ACTIVITY)], impatient);
    let known = BTreeSet::from([WORKER.into()]);
    hosting
        .tokio
        .block_on(hosting.host.set_activities(known))
        .unwrap();
    let task = hosting
        .tokio
        .block_on(hosting.host.poll(WORKER, None))
        .unwrap();
    assert_eq!(task, None);
    assert_eq!(error(&hosting.sync("work", "", "{}")), "States.Timeout");
}

#[test]
fn the_oldest_that_are_over_are_forgotten_and_express_ones_at_once() {
    let few = |settings: &mut Settings| settings.retain = 2;
    let hosting = Hosting::with(&[("pass", PASS), ("express-pass", PASS)], few);
    let begun: Vec<Begun> = ["a", "b", "c"]
        .map(|name| hosting.start("pass", name, "{}").unwrap())
        .into();
    let express = hosting.sync("express-pass", "x", "{}");
    let known = |arn: &str| hosting.look(arn).is_some();
    assert!(!known(&express.about.execution_arn));
    let kept: Vec<bool> = begun.iter().map(|one| known(&one.execution_arn)).collect();
    assert_eq!(kept, [false, true, true]);
    let listed = hosting.tokio.block_on(hosting.host.list(Filter::default()));
    assert_eq!(listed.unwrap().len(), 2);
    hosting.start("pass", "a", "{}").unwrap();
}

#[test]
fn a_machine_that_starts_itself_without_end_leaves_the_others_their_turn() {
    let itself = r#"{"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": "endless"}, "End": true}}"#;
    let few = |settings: &mut Settings| settings.retain = 10;
    let hosting = Hosting::with(&[("endless", itself), ("wait", WAIT)], few);
    hosting.start("endless", "first", "{}").unwrap();
    let found = hosting.start("wait", "other", "{}").unwrap();
    assert!(hosting.look(&found.execution_arn).is_some());
    let stopped = hosting.host.stop(&found.execution_arn, Failure::default());
    assert!(hosting.tokio.block_on(stopped).unwrap().is_some());
    hosting.tokio.block_on(hosting.host.close());
}

#[test]
fn a_function_is_invoked_without_a_workflow() {
    let hosting = Hosting::new(&[]);
    let invoke = |name: &str| {
        let invoke = runtime::host::Invoke {
            function: Arc::clone(hosting.functions.get(name).unwrap()),
            event: r#"{"n":1.0}"#.to_owned(),
            version: "$LATEST".into(),
            region: "eu-west-1".into(),
            request_id: "00000000-0000-4000-8000-000000000001".to_owned(),
        };
        hosting.tokio.block_on(hosting.host.invoke(invoke))
    };
    let invoked = invoke("echo").unwrap();
    assert!(
        !invoked.failed && invoked.payload == r#"{"n":1.0}"#,
        "{invoked:?}"
    );
    assert!(invoked.report.fuel > 0 && invoked.report.region == "eu-west-1");
    let missing = invoke("missing").unwrap_err();
    assert!(matches!(&missing, NotInvoked::NotLoadable(why) if why.contains("missing.wasm")));
}

#[test]
fn a_guest_that_cannot_be_loaded_fails_its_task_and_nothing_else() {
    let call = |name: &str| {
        format!(
            r#"{{"A": {{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:{name}", "End": true}}}}"#
        )
    };
    let (missing, echo) = (call("missing"), call("echo"));
    let hosting = Hosting::new(&[("missing", &missing), ("echo", &echo)]);
    assert_eq!(
        error(&hosting.sync("missing", "", "{}")),
        "Runtime.InvalidModule"
    );
    assert_eq!(output(&hosting.sync("echo", "", "[1]")).to_string(), "[1]");
}

const RETRIES: &str = r#"{"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo",
    "Retry": [{"ErrorEquals": ["Broken"]}], "End": true}}"#;

#[test]
fn every_execution_has_the_plan_and_its_case_anew() {
    let plan = r#"{"version": 1, "faults": [{"name": "first", "at": {"state": "A", "call": 0}, "inject": {"error": "Broken"}}]}"#;
    let plan = FaultPlan::read(&Source::new("plan.json", plan), Format::Json).unwrap();
    let mocks = r#"{"StateMachines": {"call": {"TestCases": {"Mocked": {"A": "Two"}}}},
        "MockedResponses": {"Two": {"0-1": {"Return": "mocked"}}}}"#;
    let mocks = MockConfig::read(&Source::new("mocks.json", mocks), Format::Json).unwrap();
    let (injector, tally) = direct_each(plan, mocks, &functions());
    let hosting = Hosting::with(&[("call", RETRIES)], |settings| {
        settings.injector = injector
    });
    for (case, expected) in [(None, "{}"), (Some("Mocked"), "\"mocked\""), (None, "{}")] {
        let mut start = hosting.to_start("call", "", "{}");
        start.origin.test_case = case.map(Into::into);
        let found = hosting
            .tokio
            .block_on(hosting.host.start_sync(start))
            .unwrap();
        assert_eq!(output(&found).to_string(), expected);
        let took = found.stopped_at.unwrap().0 - found.started_at.0;
        assert!(took >= 1000, "a retry waits a second, this took {took} ms");
    }
    assert_eq!(tally.effects(), [("first".into(), 3)]);
}

/// Each item waits for a worker, one after another.
const EACH: &str = r#"{"A": {"Type": "Map", "Label": "each", "MaxConcurrency": 1, "End": true, "ItemProcessor": {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:worker", "End": true}}}}}"#;

#[test]
fn a_map_run_is_looked_at_and_changed_while_it_works() {
    let hosting = Hosting::new(&[("map", EACH)]);
    let host = hosting.host.clone();
    hosting.tokio.block_on(async {
        host.set_activities(BTreeSet::from([WORKER.into()]))
            .await
            .unwrap();
        let arn = host
            .start(hosting.to_start("map", "one", "[1, 2, 3]"))
            .await
            .unwrap()
            .execution_arn;
        let runs = host.map_runs(&arn).await.unwrap().unwrap();
        let [run] = &runs[..] else { panic!("{runs:?}") };
        let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:map/each";
        assert_eq!(
            (run.status, run.state_machine_arn.as_str()),
            (MapRunStatus::Running, machine)
        );
        assert_eq!(
            (
                run.item_counts.running,
                run.item_counts.pending,
                run.item_counts.total()
            ),
            (1, 2, 3)
        );
        let arn_of_run = run.map_run_arn.clone();
        let update = MapRunUpdate {
            max_concurrency: Some(3),
            tolerated_failure_count: Some(1),
            ..MapRunUpdate::default()
        };
        let run = host
            .update_map_run(&arn_of_run, update)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((run.max_concurrency, run.tolerated_failure_count), (3, 1));
        assert_eq!(
            (run.execution_counts.running, run.execution_counts.pending),
            (3, 0)
        );
        let filter = Filter {
            map_run_arn: Some(arn_of_run.to_string()),
            ..Filter::default()
        };
        assert_eq!(host.list(filter).await.unwrap().len(), 3);
        for failure in [true, false] {
            let task = host.poll(WORKER, None).await.unwrap().unwrap();
            let answer = match failure {
                true => Answer::Fail(Failure::new("E", "")),
                false => Answer::Succeed(task.input.clone()),
            };
            host.answer(&task.token, answer).await.unwrap();
        }
        let run = host.map_run(&arn_of_run).await.unwrap().unwrap();
        let counts = run.item_counts;
        assert_eq!((counts.failed, counts.succeeded, counts.running), (1, 1, 1));
        host.stop(&arn, Failure::default()).await.unwrap();
        let run = host
            .update_map_run(&arn_of_run, MapRunUpdate::default())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (run.status, run.item_counts.aborted),
            (MapRunStatus::Aborted, 1)
        );
        assert!(run.stopped_at.is_some());
        assert_eq!(host.map_runs("arn:x").await.unwrap(), None);
        assert_eq!(host.map_run("arn:x").await.unwrap(), None);
    });
}
