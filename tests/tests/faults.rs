//! Faults beyond the suites: the host dying at every record, chance, and what a plan that does nothing is told.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;

use check::faults::{FaultPlan, Tally, direct};
use check::mock::Mocks;
use data::{Data, Format, Source};
use runtime::Functions;
use wf_host_tests::{Ran, Workflow, functions};

fn plan(faults: &str) -> FaultPlan {
    let text = format!(r#"{{"version": 1, "faults": [{faults}]}}"#);
    FaultPlan::read(&Source::new("test.faults.json", text), Format::Json).unwrap()
}

const MANIFEST: &str = r#"
version = 1
[functions.echo]
module = "guests/echo.wasm"
[functions.faulty]
module = "guests/faulty.wasm"
"#;

fn run(workflow: Workflow, functions: &Functions, faults: &str) -> (Ran, Tally) {
    let (injector, tally) = direct(plan(faults), Mocks::default(), functions);
    let input = Data::parse(r#"{"items": [1, 2, 3], "seconds": 2}"#).unwrap();
    (workflow.injected_by(injector).run(input), tally)
}

/// Every way in which an execution can stand when the host dies: waits, back-off, branches, iterations, a task that
/// fails and is caught, a nested execution, a token on its way.
const EVERYTHING: &str = r#"{
  "StartAt": "Greet",
  "States": {
    "Greet": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "Next": "Both" },
    "Both": { "Type": "Parallel", "ResultPath": "$.both", "Next": "Each", "Branches": [
      { "StartAt": "Fails", "States": {
        "Fails": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:faulty",
          "Parameters": { "do": "error", "errorType": "Broken" },
          "Retry": [ { "ErrorEquals": ["Broken"], "IntervalSeconds": 3, "MaxAttempts": 1 } ],
          "Catch": [ { "ErrorEquals": ["States.ALL"], "Next": "Mended" } ], "End": true },
        "Mended": { "Type": "Pass", "Result": "mended", "End": true } } },
      { "StartAt": "Pause", "States": { "Pause": { "Type": "Wait", "SecondsPath": "$.seconds", "End": true } } } ] },
    "Each": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ResultPath": "$.each", "Next": "Child",
      "ItemProcessor": { "StartAt": "One", "States": {
        "One": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "End": true } } } },
    "Child": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "ResultPath": "$.child",
      "Parameters": { "StateMachineArn": "child", "Input": {} }, "Next": "Ask" },
    "Ask": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.waitForTaskToken", "ResultPath": "$.asked",
      "Parameters": { "StateMachineArn": "answerer", "Input": { "token.$": "$$.Task.Token" } }, "TimeoutSeconds": 60, "End": true } } }"#;

const CHILD: &str = r#"{ "StartAt": "Nap", "States": { "Nap": { "Type": "Wait", "Seconds": 5, "Next": "Answer" },
  "Answer": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "End": true } } }"#;

const ANSWERER: &str = r#"{ "StartAt": "Think", "States": { "Think": { "Type": "Wait", "Seconds": 1, "Next": "Answer" },
  "Answer": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
    "Parameters": { "TaskToken.$": "$.token", "Output": { "yes": true } }, "End": true } } }"#;

fn everything(functions: &Arc<Functions>) -> Workflow {
    Workflow::shared(EVERYTHING, functions)
        .machine("child", CHILD)
        .machine("answerer", ANSWERER)
}

#[test]
fn a_host_that_dies_after_any_record_leaves_the_history_as_it_would_have_been() {
    let functions = Arc::new(functions(MANIFEST));
    let (undisturbed, _) = run(everything(&functions), &functions, "");
    assert!(undisturbed.output().pointer("/asked/yes").is_some());
    let last = undisturbed.finished.records.len() - 1;
    assert!(last > 50, "{last} records");
    for record in 0..last {
        let crash = format!(
            r#"{{"at": {{"machine": "test", "record": {record}}}, "inject": {{"crash": {{}}}}}}"#
        );
        let (crashed, tally) = run(everything(&functions), &functions, &crash);
        assert_eq!(tally.unfired(), [], "record {record}");
        // A guest that starts a second time is done later, perhaps after one that was started behind it.
        assert_eq!(crashed.output(), undisturbed.output());
        let (crashed, undisturbed) = (happened(&crashed), happened(&undisturbed));
        let differs = crashed.iter().zip(&undisturbed).find(|(a, b)| a != b);
        assert_eq!(differs, None, "the host died after record {record}");
        assert_eq!(crashed.len(), undisturbed.len());
    }
}

/// What happened, in no order.
fn happened(ran: &Ran) -> Vec<String> {
    let events = ran.history().into_iter();
    let events = events.map(|event| format!("{} {:?}", event.event_type, event.details));
    let mut events: Vec<String> = events.collect();
    events.sort();
    events
}

#[test]
fn an_execution_may_be_stopped_after_any_record() {
    let functions = Arc::new(functions(MANIFEST));
    let (undisturbed, _) = run(everything(&functions), &functions, "");
    let whole = undisturbed.finished.records;
    for record in 0..whole.len() - 1 {
        let stop = format!(
            r#"{{"at": {{"machine": "test", "record": {record}}}, "inject": {{"stop": {{"error": "E"}}}}}}"#
        );
        let (stopped, tally) = run(everything(&functions), &functions, &stop);
        assert_eq!(tally.unfired(), [], "record {record}");
        let records = &stopped.finished.records;
        assert_eq!(records[..=record], whole[..=record]);
        assert_eq!(
            records.len(),
            record + 2,
            "one more, which tells of the stop"
        );
        assert_eq!(stopped.finished.execution.status().as_str(), "ABORTED");
    }
}

#[test]
fn the_same_faults_give_the_same_history_bit_for_bit() {
    let functions = Arc::new(functions(MANIFEST));
    let faults = r#"
        {"name": "some fail", "at": {"rate": 0.3, "function": "echo"}, "inject": {"error": "E"}},
        {"name": "some are slow", "at": {"rate": 0.5}, "inject": {"slow": "1s"}},
        {"name": "some twice", "at": {"rate": 0.5}, "inject": {"duplicate": {}}}"#;
    let map = r#"{ "StartAt": "Each", "States": { "Each": { "Type": "Map", "ItemsPath": "$.items", "End": true,
      "ItemProcessor": { "StartAt": "One", "States": { "One": { "Type": "Task",
        "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo",
        "Retry": [ { "ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "MaxAttempts": 9 } ], "End": true } } } } } }"#;
    let once = |seed: u64| {
        let workflow = Workflow::shared(map, &functions).seed(seed);
        run(workflow, &functions, faults).0.history_text()
    };
    let first = once(7);
    assert!(first.contains("LambdaFunctionFailed"));
    for _ in 0..20 {
        assert_eq!(once(7), first);
    }
    assert_ne!(once(8), first);
}

#[test]
fn a_fault_that_is_added_shifts_no_chance_of_others() {
    let functions = Arc::new(functions(MANIFEST));
    let rare = r#"{"name": "rare", "at": {"rate": 0.2}, "inject": {"latency": "1s"}}"#;
    let other =
        r#"{"name": "other", "at": {"state": "Greet", "attempt": 7}, "inject": {"trap": {}}},"#;
    let (alone, _) = run(everything(&functions).seed(3), &functions, rare);
    let (both, tally) = run(
        everything(&functions).seed(3),
        &functions,
        &format!("{other}{rare}"),
    );
    assert_eq!(alone.history_text(), both.history_text());
    let unfired = tally.unfired();
    assert_eq!(unfired[0].name, "other");
    assert_eq!(unfired[0].injected, 0);
}

#[test]
fn a_fault_that_changes_nothing_is_told_apart_from_one_that_never_came() {
    let functions = Arc::new(functions(MANIFEST));
    let faults = r#"
        {"name": "enough fuel", "at": {"state": "Greet"}, "inject": {"fuel": 1000000000}},
        {"name": "nothing there", "at": {"state": "One"}, "inject": {"output": {"remove": "/x"}}},
        {"name": "ninth try", "at": {"state": "Fails", "attempt": 8}, "inject": {"trap": {}}}"#;
    let (_, tally) = run(everything(&functions), &functions, faults);
    let told: Vec<String> = tally.unfired().iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3);
    assert!(
        told[0].contains("it was injected once and changed nothing"),
        "{told:?}"
    );
    assert!(
        told[1].contains("it was injected 3 times and changed nothing"),
        "{told:?}"
    );
    assert!(
        told[2].contains("nothing that it selects happened"),
        "{told:?}"
    );
}

#[test]
fn an_execution_that_is_over_cannot_be_stopped() {
    let functions = Arc::new(functions(MANIFEST));
    let (undisturbed, _) = run(everything(&functions), &functions, "");
    let last = undisturbed.finished.records.len() - 1;
    let stop =
        format!(r#"{{"at": {{"machine": "test", "record": {last}}}, "inject": {{"stop": {{}}}}}}"#);
    let (ran, tally) = run(everything(&functions), &functions, &stop);
    assert_eq!(ran.output(), undisturbed.output());
    assert_eq!(tally.unfired().len(), 1, "it changed nothing");
}

/// A task that is mocked twice, in a loop.
const LOOP: &str = r#"{ "StartAt": "Poll", "States": {
  "Poll": { "Type": "Task", "Resource": "arn:aws:states:::sqs:receiveMessage", "Next": "Ready" },
  "Ready": { "Type": "Choice", "Choices": [ { "Variable": "$.ready", "BooleanEquals": true, "Next": "Done" } ], "Default": "Poll" },
  "Done": { "Type": "Succeed" } } }"#;

#[test]
fn what_was_decided_about_an_attempt_outlives_the_host() {
    let functions = Arc::new(functions("version = 1"));
    let mocks = || {
        let text =
            r#"{"Poll": {"0": {"Return": {"ready": false}}, "1": {"Return": {"ready": true}}}}"#;
        let source = Source::new("mocks.json", text);
        let node = data::read(&source, Format::Json).unwrap();
        Mocks::read(&node, &mut data::Mistakes::new(&source))
    };
    for record in 0..14 {
        let crash = format!(
            r#"{{"at": {{"record": {record}}}, "inject": {{"crash": {{}}}}}},
               {{"at": {{"state": "Poll", "call": 1}}, "inject": {{"latency": "1s"}}}}"#
        );
        let (injector, tally) = direct(plan(&crash), mocks(), &functions);
        let ran = Workflow::shared(LOOP, &functions)
            .injected_by(injector)
            .run(Data::empty_object());
        assert_eq!(
            ran.status().as_str(),
            "SUCCEEDED",
            "record {record}: {:?}",
            ran.status()
        );
        assert_eq!(tally.unfired(), [], "record {record}");
        assert_eq!(tally.unused_mocks(), [], "record {record}");
    }
}

#[test]
fn an_execution_that_may_have_one_event_began_when_it_ended() {
    let functions = functions("version = 1");
    let ran = Workflow::with(LOOP, functions)
        .history_events(1)
        .run(Data::empty_object());
    assert_eq!(ran.types(), ["ExecutionFailed"]);
    let execution = &ran.finished.execution;
    assert_eq!(Some(execution.started_at()), execution.stopped_at());
}
