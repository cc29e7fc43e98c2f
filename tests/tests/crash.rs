//! The host dies after any unit that its journal kept, and before any: what is done when it starts again is what
//! would have been done without that, event by event.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use check::faults::{FaultPlan, direct};
use check::mock::Mocks;
use data::{Data, Format, Source};
use engine::{HistoryEvent, Record, Timestamp};
use journal::{
    Batch, Damaged, Definition, Filter, Journal, JournalError, Kept, Mark, Page, Progress,
    Resource, Statistics, Store, StoreOptions, Summary,
};
use runtime::{Functions, RunError};
use wf_host_tests::{Workflow, functions};

/// When a journal dies: at its n-th unit, just before it is given on or just after it is kept.
#[derive(Clone, Copy, Debug)]
enum Death {
    Before(u32),
    After(u32),
}

/// A journal that dies.
struct Mortal {
    inner: Box<dyn Journal>,
    death: Option<Death>,
    units: Arc<AtomicU32>,
    /// Whether something was taken into the unit that is open.
    dirty: bool,
    last: Mark,
    dead: bool,
}

impl Mortal {
    fn new(store: &Store, death: Option<Death>) -> Box<Mortal> {
        Box::new(Mortal {
            inner: store.journal().unwrap(),
            death,
            units: Arc::default(),
            dirty: false,
            last: Mark::default(),
            dead: false,
        })
    }

    fn take(&mut self) -> Result<&mut dyn Journal, JournalError> {
        if self.dead {
            return Err(JournalError::Store(DEAD.to_owned()));
        }
        self.dirty = true;
        Ok(&mut *self.inner)
    }
}

const DEAD: &str = "the host is dead";

impl Journal for Mortal {
    fn append(&mut self, batch: Batch<'_>) -> Result<(), JournalError> {
        self.take()?.append(batch)
    }

    fn put(&mut self, resource: Resource) -> Result<(), JournalError> {
        self.take()?.put(resource)
    }

    fn forget(&mut self, execution_arn: &str) -> Result<(), JournalError> {
        self.take()?.forget(execution_arn)
    }

    fn seal(&mut self) -> Mark {
        if !std::mem::take(&mut self.dirty) || self.dead {
            return self.last;
        }
        let number = self.units.fetch_add(1, Ordering::Relaxed) + 1;
        match self.death {
            Some(Death::Before(n)) if n == number => self.dead = true,
            Some(Death::After(n)) if n == number => {
                self.last = self.inner.seal();
                self.dead = true;
            }
            _ => self.last = self.inner.seal(),
        }
        self.last
    }

    fn progress(&self) -> &Progress {
        self.inner.progress()
    }

    fn is_lasting(&self) -> bool {
        self.inner.is_lasting()
    }

    fn read(&self, execution_arn: &str) -> Result<Vec<Record>, JournalError> {
        self.inner.read(execution_arn)
    }

    fn events(
        &self,
        execution_arn: &str,
        page: Page,
    ) -> Result<(Vec<Record>, usize), JournalError> {
        self.inner.events(execution_arn, page)
    }

    fn last(&self, execution_arn: &str) -> Result<Record, JournalError> {
        self.inner.last(execution_arn)
    }

    fn find(&self, execution_arn: &str) -> Result<Option<Kept>, JournalError> {
        self.inner.find(execution_arn)
    }

    fn open(&self, root: Option<&str>) -> Result<Vec<Kept>, JournalError> {
        self.inner.open(root)
    }

    fn damaged(&self, root: Option<&str>) -> Result<Vec<Damaged>, JournalError> {
        self.inner.damaged(root)
    }

    fn children(&self, parent_arn: &str) -> Result<Vec<Kept>, JournalError> {
        self.inner.children(parent_arn)
    }

    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError> {
        self.inner.list(filter)
    }

    fn definition(&self, digest: &str) -> Result<Option<Definition>, JournalError> {
        self.inner.definition(digest)
    }

    fn resources(&self, kind: &str, owner: Option<&str>) -> Result<Vec<Resource>, JournalError> {
        self.inner.resources(kind, owner)
    }

    fn resource(&self, kind: &str, key: &str) -> Result<Option<Resource>, JournalError> {
        self.inner.resource(kind, key)
    }

    fn statistics(&self, filter: &Filter) -> Result<Statistics, JournalError> {
        self.inner.statistics(filter)
    }

    fn latest(&self) -> Result<Option<Timestamp>, JournalError> {
        self.inner.latest()
    }
}

const MANIFEST: &str = r#"
version = 1
[functions.echo]
module = "guests/echo.wasm"
[functions.faulty]
module = "guests/faulty.wasm"
timeout = "20s"
"#;

/// Every way in which an execution can stand when the host dies. Each branch is a feature of its own, so that they
/// stand side by side in every mixture.
const EVERYTHING: &str = r#"{
  "StartAt": "Greet",
  "States": {
    "Greet": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "Next": "Side by side" },
    "Side by side": { "Type": "Parallel", "Next": "Last", "Branches": [
      { "StartAt": "Fails", "States": {
        "Fails": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:faulty",
          "Parameters": { "do": "error", "errorType": "Broken" },
          "Retry": [ { "ErrorEquals": ["Broken"], "IntervalSeconds": 3, "MaxAttempts": 2, "JitterStrategy": "FULL" } ],
          "Catch": [ { "ErrorEquals": ["States.ALL"], "Next": "Mended" } ], "End": true },
        "Mended": { "Type": "Pass", "Parameters": { "id.$": "States.UUID()" }, "End": true } } },
      { "StartAt": "Pause", "States": {
        "Pause": { "Type": "Wait", "SecondsPath": "$.seconds", "Next": "Sleeps" },
        "Sleeps": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:faulty",
          "Parameters": { "do": "sleep", "seconds": 2.5 }, "Next": "Too long" },
        "Too long": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:faulty",
          "Parameters": { "do": "sleep", "seconds": 9 }, "TimeoutSeconds": 4,
          "Catch": [ { "ErrorEquals": ["States.Timeout"], "Next": "Enough" } ], "End": true },
        "Enough": { "Type": "Pass", "End": true } } },
      { "StartAt": "Each", "States": {
        "Each": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true,
          "ItemProcessor": { "StartAt": "One", "States": {
            "One": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "Next": "Rest" },
            "Rest": { "Type": "Wait", "Seconds": 1, "End": true } } } } } },
      { "StartAt": "Child", "States": {
        "Child": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
          "Parameters": { "StateMachineArn": "child", "Input": {} }, "Next": "Quick" },
        "Quick": { "Type": "Map", "Items": [5, 6], "Label": "quick", "End": true, "MaxConcurrency": 1, "QueryLanguage": "JSONata",
          "ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" },
            "StartAt": "Nap", "States": { "Nap": { "Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $states.input %}", "End": true } } } } } },
      { "StartAt": "Ask", "States": {
        "Ask": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.waitForTaskToken",
          "Parameters": { "StateMachineArn": "answerer", "Input": { "token.$": "$$.Task.Token" } }, "TimeoutSeconds": 60, "End": true } } },
      { "StartAt": "Hire", "States": {
        "Hire": { "Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:work",
          "TimeoutSeconds": 900, "HeartbeatSeconds": 3, "Next": "Again" },
        "Again": { "Type": "Wait", "Seconds": 100, "Next": "Hire again" },
        "Hire again": { "Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:work", "End": true } } },
      { "StartAt": "Many", "States": {
        "Many": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "Label": "many", "End": true, "ToleratedFailurePercentage": 50,
          "ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": "Which", "States": {
            "Which": { "Type": "Choice", "Choices": [ { "Variable": "$", "NumericEquals": 2, "Next": "Bad" } ], "Default": "Work" },
            "Bad": { "Type": "Fail", "Error": "Odd" },
            "Work": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "Next": "Settle" },
            "Settle": { "Type": "Wait", "Seconds": 4, "End": true } } } } } } ] },
    "Last": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
      "Parameters": { "StateMachineArn": "child", "Input": { "left": "alone" } }, "End": true } } }"#;

const CHILD: &str = r#"{ "StartAt": "Nap", "States": { "Nap": { "Type": "Wait", "Seconds": 5, "Next": "Answer" },
  "Answer": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "End": true } } }"#;

const ANSWERER: &str = r#"{ "StartAt": "Think", "States": { "Think": { "Type": "Wait", "Seconds": 1, "Next": "Answer" },
  "Answer": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
    "Parameters": { "TaskToken.$": "$.token", "Output": { "yes": true } }, "End": true } } }"#;

/// Takes tasks of the activity for ever; it tells of each that it is alive before it does it.
const WORKER: &str = r#"{ "StartAt": "Get", "States": {
  "Get": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask",
    "Parameters": { "ActivityArn": "arn:aws:states:us-east-1:000000000000:activity:work", "WorkerName": "me" }, "Next": "Check" },
  "Check": { "Type": "Choice", "Choices": [ { "Variable": "$.TaskToken", "IsPresent": true, "Next": "Begin" },
    { "Variable": "$.quit", "IsPresent": true, "Next": "Quit" } ], "Default": "Get" },
  "Quit": { "Type": "Succeed" },
  "Begin": { "Type": "Wait", "Seconds": 2, "Next": "Beat" },
  "Beat": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskHeartbeat", "ResultPath": null,
    "Parameters": { "TaskToken.$": "$.TaskToken" }, "Next": "Go on" },
  "Go on": { "Type": "Wait", "Seconds": 2, "Next": "Done" },
  "Done": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
    "Parameters": { "TaskToken.$": "$.TaskToken", "Output.$": "$.Input" }, "Next": "Get" } } }"#;

fn everything(functions: &Arc<Functions>) -> Workflow {
    Workflow::shared(EVERYTHING, functions)
        .machine("child", CHILD)
        .machine("answerer", ANSWERER)
        .machine("worker", WORKER)
        .beside("worker", Data::empty_object())
}

fn input() -> Data {
    Data::parse(r#"{"items": [1, 2, 3], "seconds": 2}"#).unwrap()
}

fn open(path: &Path) -> Store {
    Store::open(path, StoreOptions::default()).unwrap()
}

/// Runs until the death, if one comes; how many units there were.
fn run(workflow: Workflow, path: &Path, death: Option<Death>) -> Result<u32, RunError> {
    let store = open(path);
    let journal = Mortal::new(&store, death);
    let units = Arc::clone(&journal.units);
    let ended = workflow.kept_in(journal).try_run(input());
    store.close().unwrap();
    ended.map(|_| units.load(Ordering::Relaxed))
}

/// Everything that a store holds of an execution.
#[derive(Debug, PartialEq)]
struct Story {
    kept: Kept,
    events: Vec<String>,
    records: Vec<Record>,
}

/// What a store holds, by execution.
fn stories(path: &Path) -> BTreeMap<String, Story> {
    let looking = Store::look(path, None).unwrap();
    let journal = looking.journal;
    assert_eq!(journal.damaged(None).unwrap(), []);
    let all = journal.list(&Filter::default()).unwrap();
    let number = all.len();
    let stories: BTreeMap<String, Story> = all
        .into_iter()
        .map(|summary| {
            let arn = summary.execution_arn;
            let kept = journal.find(&arn).unwrap().unwrap();
            let records = journal.read(&arn).unwrap();
            for (number, record) in (0..).zip(&records) {
                assert_eq!(record.seq, number, "{arn}");
            }
            let about = engine::About::local("any", "any");
            let events = records.iter().filter_map(|r| HistoryEvent::of(r, &about));
            let events = events.map(|event| event.to_data(|at| at.0.into()).to_string());
            let events = events.collect();
            let story = Story {
                kept,
                events,
                records,
            };
            (arn, story)
        })
        .collect();
    assert_eq!(stories.len(), number, "an execution is listed twice");
    stories
}

/// Compares, with the first difference for whoever has to find out.
fn same(found: &BTreeMap<String, Story>, wanted: &BTreeMap<String, Story>) -> Result<(), String> {
    // The main execution tells most.
    let (main, others): (Vec<_>, Vec<_>) = wanted
        .iter()
        .partition(|(arn, _)| arn.ends_with(":test:run"));
    for (arn, wanted) in main.into_iter().chain(others) {
        let Some(found) = found.get(arn) else {
            return Err(format!("{arn} is missing"));
        };
        let events = found.events.iter().zip(&wanted.events);
        if let Some((found, wanted)) = { events }.find(|(a, b)| a != b) {
            return Err(format!("{arn}:\nis     {found}\nbefore {wanted}"));
        }
        let records = found.records.iter().zip(&wanted.records);
        if let Some((found, wanted)) = { records }.find(|(a, b)| a != b) {
            return Err(format!("{arn}:\nis     {found:?}\nbefore {wanted:?}"));
        }
        let (is, was) = (found.records.len(), wanted.records.len());
        if is != was {
            return Err(format!("{arn} has {is} records instead of {was}"));
        }
        if found != wanted {
            let (is, was) = (&found.kept, &wanted.kept);
            return Err(format!("{arn}:\nis     {is:?}\nbefore {was:?}"));
        }
    }
    let extra = found.keys().find(|arn| !wanted.contains_key(*arn));
    extra.map_or(Ok(()), |arn| Err(format!("{arn} is one too many")))
}

/// The undisturbed run, and how many units it has.
struct Undisturbed {
    functions: Arc<Functions>,
    stories: BTreeMap<String, Story>,
    units: u32,
}

impl Undisturbed {
    fn new() -> Undisturbed {
        let functions = Arc::new(functions(MANIFEST));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wf.db");
        let units = run(everything(&functions), &path, None).unwrap();
        let stories = stories(&path);
        for story in stories.values() {
            let wanted = match story.kept.summary.state_machine.as_str() {
                // It asks for tasks as long as the run goes on.
                "worker" => "RUNNING",
                _ if story.events.iter().any(|event| event.contains("Odd"))
                    && story.records.len() < 9 =>
                {
                    "FAILED"
                }
                _ => "SUCCEEDED",
            };
            let last = story.events.last();
            assert_eq!(story.kept.summary.status, wanted, "{last:?}");
        }
        Undisturbed {
            functions,
            stories,
            units,
        }
    }

    /// Runs with deaths, then to the end.
    fn survives(&self, deaths: &[Death]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wf.db");
        let died = |death: Death| {
            match run(everything(&self.functions), &path, Some(death)) {
                // It was over before it had to die.
                Ok(_) => Ok(()),
                Err(RunError::Journal(JournalError::Store(text))) if text == DEAD => Ok(()),
                Err(error) => Err(format!("{deaths:?}: {death:?}: {error}")),
            }
        };
        deaths.iter().try_for_each(|death| died(*death))?;
        let ended = run(everything(&self.functions), &path, None);
        ended.map_err(|error| format!("{deaths:?}: {error}"))?;
        same(&stories(&path), &self.stories).map_err(|why| format!("{deaths:?}: {why}"))
    }
}

/// How many runs there are side by side: what they wait for most is the disk.
const LANES: usize = 6;

/// Nobody may complain of any of these. All complaints are told, since one alone rarely shows the pattern.
fn none_of<T: Sync>(cases: &[T], complains: impl Fn(&T) -> Result<(), String> + Sync) {
    let (next, complaints) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let lane = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let complaint = complains(case).err();
            complaints.lock().unwrap().extend(complaint);
        }
    };
    std::thread::scope(|scope| (0..LANES).for_each(|_| drop(scope.spawn(lane))));
    let complaints = complaints.into_inner().unwrap();
    let some = complaints.iter().take(8).cloned().collect::<Vec<_>>();
    assert!(
        complaints.is_empty(),
        "{}: {}",
        complaints.len(),
        some.join("\n")
    );
}

#[test]
fn a_host_that_dies_at_any_unit_goes_on_as_if_nothing_had_been() {
    let undisturbed = Undisturbed::new();
    assert!(undisturbed.units > 25, "{} units", undisturbed.units);
    let deaths = (1..=undisturbed.units).flat_map(|n| [Death::Before(n), Death::After(n)]);
    let deaths: Vec<Death> = deaths.collect();
    none_of(&deaths, |death| undisturbed.survives(&[*death]));
}

#[test]
fn a_host_may_die_twice() {
    let undisturbed = Undisturbed::new();
    let n = undisturbed.units;
    let pairs: Vec<(u32, u32)> = (1..=n)
        .step_by(3)
        .flat_map(|first| [1, 1 + first % 7, 5 + first % 11].map(|second| (first, second)))
        .collect();
    none_of(&pairs, |(first, second)| {
        undisturbed.survives(&[Death::After(*first), Death::Before(*second)])
    });
    // And again and again, at the second unit that it gets to.
    let again = undisturbed.survives(&vec![Death::After(2); n as usize]);
    assert_eq!(again, Ok(()));
}

/// Dies after a record of an execution of a machine, by way of a fault plan.
fn crashes(undisturbed: &Undisturbed, machine: &str, record: usize) -> Result<(), String> {
    let functions = &undisturbed.functions;
    let plan = format!(
        r#"{{"version": 1, "faults": [{{"at": {{"machine": "{machine}", "record": {record}}}, "inject": {{"crash": {{}}}}}}]}}"#
    );
    let plan = FaultPlan::read(&Source::new("test.faults.json", plan), Format::Json).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wf.db");
    let (injector, tally) = direct(plan, Mocks::default(), functions);
    let complaint = |what: &dyn std::fmt::Debug| Err(format!("{machine} {record}: {what:?}"));
    match run(everything(functions).injected_by(injector), &path, None) {
        Err(RunError::Crashed) => assert_eq!(tally.unfired(), []),
        ended => return complaint(&ended),
    }
    if let Err(error) = run(everything(functions), &path, None) {
        return complaint(&error);
    }
    let same = same(&stories(&path), &undisturbed.stories);
    same.map_err(|why| format!("{machine} {record}: {why}"))
}

#[test]
fn a_host_that_dies_on_purpose_goes_on_as_if_nothing_had_been() {
    let undisturbed = Undisturbed::new();
    let stories = undisturbed.stories.values();
    let all = stories.flat_map(|story| {
        let machine = story.kept.summary.state_machine.as_str();
        // A plan means the executions that are started, not the children of a Distributed Map.
        let records = match machine.contains('/') {
            true => 0,
            false => story.records.len(),
        };
        (0..records).map(move |record| (machine, record))
    });
    let all: BTreeSet<(&str, usize)> = all.collect();
    let all: Vec<_> = all.into_iter().collect();
    none_of(&all, |(machine, record)| {
        crashes(&undisturbed, machine, *record)
    });
}
