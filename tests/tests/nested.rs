//! Machines that start machines, and machines beside them.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use data::Data;
use engine::{Failure, Status};
use runtime::{Observer, Stopper};
use wf_host_tests::{Ran, Workflow, functions};

const CHILD: &str = r#"{"StartAt": "W", "States": {
    "W": {"Type": "Wait", "Seconds": 3, "Next": "P"}, "P": {"Type": "Pass", "Result": {"b": [1, 2]}, "End": true}}}"#;
const FAILS: &str = r#"{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "States.Timeout", "Cause": "on purpose"}}}"#;
const SLOW: &str =
    r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 500, "End": true}}}"#;
const BOUND: &str = r#"{"TimeoutSeconds": 2, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 500, "End": true}}}"#;

/// A machine with one task that starts another; `more` goes into the Task and `name` into its parameters.
fn parent(pattern: &str, machine: &str, parameters: &str, more: &str) -> String {
    format!(
        r#"{{"StartAt": "Call", "States": {{"Call": {{"Type": "Task", "Resource": "arn:aws:states:::states:startExecution{pattern}",
            "Parameters": {{"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:{machine}"{parameters}}},
            {more} "End": true}}}}}}"#
    )
}

fn workflow(definition: &str) -> Workflow {
    Workflow::with(definition, functions("version = 1"))
        .machine("child", CHILD)
        .machine("fails", FAILS)
        .machine("slow", SLOW)
        .machine("bound", BOUND)
        .express("quick", CHILD)
}

fn run(definition: &str) -> Ran {
    workflow(definition).run(Data::empty_object())
}

fn failure(ran: &Ran) -> Failure {
    match ran.status() {
        Status::Failed(failure) => failure.clone(),
        other => panic!("did not fail: {other:?}"),
    }
}

fn cause(ran: &Ran) -> Data {
    Data::parse(&failure(ran).cause.unwrap()).unwrap()
}

fn text<'d>(data: &'d Data, pointer: &str) -> &'d str {
    data.pointer(pointer).and_then(Data::as_str).unwrap_or("?")
}

#[test]
fn a_request_is_answered_at_once_and_the_child_runs_on() {
    let ran = run(&parent(
        "",
        "child",
        r#", "Name": "first", "Input": {"a": 1}"#,
        "",
    ));
    assert_eq!(ran.seconds_of("ExecutionSucceeded"), [0.0]);
    let arn = "arn:aws:states:us-east-1:000000000000:execution:child:first";
    let id = text(ran.output(), "/SdkResponseMetadata/RequestId").to_owned();
    let expected = format!(
        r#"{{"ExecutionArn": "{arn}", "SdkHttpMetadata": {{
            "AllHttpHeaders": {{"x-amzn-RequestId": ["{id}"], "connection": ["keep-alive"], "Content-Length": ["102"],
                "Date": ["Thu, 01 Jan 2026 00:00:00 GMT"], "Content-Type": ["application/x-amz-json-1.0"]}},
            "HttpHeaders": {{"connection": "keep-alive", "Content-Length": "102", "Content-Type": "application/x-amz-json-1.0",
                "Date": "Thu, 01 Jan 2026 00:00:00 GMT", "x-amzn-RequestId": "{id}"}},
            "HttpStatusCode": 200}}, "SdkResponseMetadata": {{"RequestId": "{id}"}}, "StartDate": 1767225600000}}"#
    );
    assert_eq!(ran.output(), &Data::parse(&expected).unwrap());
    assert_eq!(
        ran.types(),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        ]
    );
    let child = ran.other("child");
    assert_eq!(child.finished.execution.about().execution_arn, arn);
    assert_eq!(child.finished.execution.input().to_string(), r#"{"a":1}"#);
    assert_eq!(child.seconds_of("ExecutionSucceeded"), [3.0]);
}

#[test]
fn sync_waits_and_gives_text_and_sync_2_json() {
    let input = r#", "Input": {"a": 1}"#;
    for (pattern, output) in [
        (".sync", Data::from(r#"{"b":[1,2]}"#)),
        (".sync:2", Data::parse(r#"{"b":[1,2]}"#).unwrap()),
    ] {
        let ran = run(&parent(pattern, "child", input, ""));
        assert_eq!(ran.seconds_of("TaskSubmitted"), [0.0]);
        assert_eq!(ran.seconds_of("TaskSucceeded"), [3.0]);
        let answer = ran.output();
        assert_eq!(answer.get("Output"), Some(&output));
        let keys: Vec<&str> = answer
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(
            keys,
            [
                "ExecutionArn",
                "Input",
                "InputDetails",
                "Name",
                "Output",
                "OutputDetails",
                "RedriveCount",
                "RedriveStatus",
                "RedriveStatusReason",
                "StartDate",
                "StateMachineArn",
                "Status",
                "StopDate"
            ]
        );
        let text = answer.get("Input").and_then(Data::as_str);
        assert_eq!(text, (pattern == ".sync").then_some(r#"{"a":1}"#));
        assert_eq!(
            answer.get("StopDate"),
            Some(&Data::from(1_767_225_603_000_i64))
        );
        let submitted = ran.event("TaskSubmitted");
        let started = Data::parse(submitted.get("output").and_then(Data::as_str).unwrap()).unwrap();
        assert_eq!(started.get("ExecutionArn"), answer.get("ExecutionArn"));
        assert_eq!(
            submitted.get("resource").and_then(Data::as_str),
            Some(format!("startExecution{pattern}").as_str())
        );
    }
}

#[test]
fn a_child_that_ends_badly_fails_the_task_whatever_its_error() {
    for pattern in [".sync", ".sync:2"] {
        let ran = run(&parent(pattern, "fails", r#", "Input": {"k": 1}"#, ""));
        assert_eq!(ran.error(), "States.TaskFailed");
        let cause = cause(&ran);
        let keys: Vec<&str> = cause
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(
            keys,
            [
                "Cause",
                "Error",
                "ExecutionArn",
                "Input",
                "InputDetails",
                "Name",
                "RedriveCount",
                "RedriveStatus",
                "StartDate",
                "StateMachineArn",
                "Status",
                "StopDate"
            ]
        );
        assert_eq!(text(&cause, "/Error"), "States.Timeout");
        assert_eq!(text(&cause, "/Input"), r#"{"k":1}"#);
        assert_eq!(text(&cause, "/Status"), "FAILED");
    }
    let catch = |name: &str| {
        let catch = format!(
            r#""Catch": [{{"ErrorEquals": ["{name}"], "Next": "Call"}}], "Retry": [{{"ErrorEquals": ["{name}"], "MaxAttempts": 1}}],"#
        );
        let ran = workflow(&parent(".sync", "fails", r#", "Name": "once""#, &catch))
            .history_events(40)
            .run(Data::empty_object());
        ran.count("TaskScheduled")
    };
    assert_eq!(
        catch("States.Timeout"),
        1,
        "the child's own error is not the parent's"
    );
    assert!(catch("States.TaskFailed") > 1);
}

#[test]
fn a_child_that_times_out_has_neither_error_nor_cause() {
    let ran = run(&parent(".sync:2", "bound", "", ""));
    assert_eq!(ran.error(), "States.TaskFailed");
    let cause = cause(&ran);
    assert_eq!(
        (
            text(&cause, "/Status"),
            text(&cause, "/Error"),
            text(&cause, "/Cause")
        ),
        ("TIMED_OUT", "?", "?")
    );
    assert_eq!(ran.seconds_of("TaskFailed"), [2.0]);
}

const MANAGED: &str = "The Task state in AWS Step Functions execution \
    [arn:aws:states:us-east-1:000000000000:execution:test:run] which was managing this resource was aborted";

fn aborted(ran: &Ran) -> Failure {
    match ran.status() {
        Status::Aborted(failure) => failure.clone(),
        other => panic!("was not aborted: {other:?}"),
    }
}

#[test]
fn a_task_that_times_out_stops_its_child() {
    let ran = run(&parent(".sync", "slow", "", r#""TimeoutSeconds": 4,"#));
    assert_eq!(failure(&ran), Failure::timeout());
    let child = ran.other("slow");
    assert_eq!(
        aborted(&child),
        Failure {
            error: None,
            cause: Some(MANAGED.into())
        }
    );
    assert_eq!(child.seconds_of("ExecutionAborted"), [4.0]);
}

#[test]
fn a_branch_that_fails_stops_the_child_of_its_sibling() {
    let branch = parent(".sync", "slow", "", "");
    let definition = format!(
        r#"{{"StartAt": "P", "States": {{"P": {{"Type": "Parallel", "End": true, "Branches": [{branch},
            {{"StartAt": "W", "States": {{"W": {{"Type": "Wait", "Seconds": 1, "Next": "F"}}, "F": {{"Type": "Fail", "Error": "E"}}}}}}]}}}}}}"#
    );
    let ran = run(&definition);
    assert_eq!(ran.error(), "E");
    assert_eq!(aborted(&ran.other("slow")).cause.as_deref(), Some(MANAGED));
}

#[test]
fn an_execution_that_times_out_leaves_its_child_running() {
    let definition = parent(".sync", "slow", "", "").replacen('{', r#"{"TimeoutSeconds": 5, "#, 1);
    let ran = run(&definition);
    assert!(matches!(ran.status(), Status::TimedOut(_)));
    assert_eq!(ran.other("slow").seconds_of("ExecutionSucceeded"), [500.0]);
}

/// Stops the run when a machine's execution has started.
struct StopAt<'s>(&'s Stopper, &'static str);

impl Observer for StopAt<'_> {
    fn records(&mut self, execution: &engine::Execution, _: &[engine::Record]) {
        if execution.about().state_machine_name == self.1 {
            self.0.stop(Failure::new("Stopped", "by the test"));
        }
    }
}

#[test]
fn a_parent_that_is_stopped_stops_its_child_under_either_clock() {
    for real in [false, true] {
        let stop = Stopper::default();
        let mut run = workflow(&parent(".sync", "slow", "", "")).stopped_by(&stop);
        if real {
            run = run.real_time();
        }
        let ran = run
            .watched(Data::empty_object(), &mut StopAt(&stop, "slow"))
            .unwrap();
        assert_eq!(aborted(&ran).error.as_deref(), Some("Stopped"));
        assert_eq!(aborted(&ran.other("slow")).cause.as_deref(), Some(MANAGED));
    }
}

#[test]
fn what_cannot_be_started_is_told_as_aws_tells_it() {
    for (pattern, machine, parameters, error, begins) in [
        (
            "",
            "none",
            "",
            "StepFunctions.StateMachineDoesNotExistException",
            "State Machine Does Not Exist: 'arn:aws:states:us-east-1:000000000000:stateMachine:none' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: ",
        ),
        (
            "",
            "child",
            r#", "Name": "a b""#,
            "StepFunctions.InvalidNameException",
            "Invalid Name: 'a b' (",
        ),
        (
            "",
            "child",
            r#", "Input": "{""#,
            "StepFunctions.InvalidExecutionInputException",
            "Invalid State Machine Execution Input: '",
        ),
        (
            ".sync",
            "quick",
            "",
            "StepFunctions.StateMachineTypeNotSupportedException",
            "This operation is not supported by this type",
        ),
    ] {
        let ran = run(&parent(pattern, machine, parameters, ""));
        assert_eq!(ran.error(), error);
        let cause = failure(&ran).cause.unwrap();
        assert!(cause.starts_with(begins), "{cause}");
    }
}

/// Two starts of one name, one after the other.
fn twice(first: &str, second: &str, machine: &str) -> Ran {
    let state = |input: &str, more: &str| {
        format!(
            r#"{{"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "ResultPath": null,
            "Parameters": {{"StateMachineArn": "{machine}", "Name": "one", "Input": {input}}}, {more}}}"#
        )
    };
    run(&format!(
        r#"{{"StartAt": "A", "States": {{"A": {}, "B": {}}}}}"#,
        state(first, r#""Next": "B""#),
        state(second, r#""End": true"#)
    ))
}

#[test]
fn a_name_means_one_execution() {
    let same = twice("{}", "{}", "child");
    assert_eq!(
        same.finished.others.len(),
        1,
        "the running execution is meant"
    );
    assert!(matches!(same.status(), Status::Succeeded { .. }));
    let other = twice("{}", r#"{"a": 1}"#, "child");
    assert_eq!(
        other.error(),
        "StepFunctions.ExecutionAlreadyExistsException"
    );
    let cause = failure(&other).cause.unwrap();
    assert!(cause.starts_with("Execution Already Exists: 'arn:aws:states:us-east-1:000000000000:execution:child:one' ("), "{cause}");
    let express = twice("{}", r#"{"a": 1}"#, "quick");
    assert_eq!(
        express.finished.others.len(),
        2,
        "an Express machine takes a name again"
    );
    let arn = &express.finished.others[0].execution.about().execution_arn;
    assert!(
        arn.starts_with("arn:aws:states:us-east-1:000000000000:express:quick:one:"),
        "{arn}"
    );
}

#[test]
fn machines_nest_and_are_found_by_any_arn_and_by_name() {
    let middle = parent(".sync:2", "child", "", "");
    for reference in [
        "middle",
        "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:middle:PROD",
    ] {
        let outer = parent(".sync:2", "x", "", "").replace(
            "arn:aws:states:us-east-1:000000000000:stateMachine:x",
            reference,
        );
        let ran = workflow(&outer)
            .machine("middle", &middle)
            .run(Data::empty_object());
        assert_eq!(
            ran.output().pointer("/Output/Output/b/1"),
            Some(&Data::from(2))
        );
    }
}

#[test]
fn nesting_works_under_the_wall_clock() {
    let child = CHILD.replace("\"Seconds\": 3", "\"Seconds\": 0");
    let ran = workflow(&parent(".sync:2", "now", "", ""))
        .machine("now", &child)
        .real_time()
        .run(Data::empty_object());
    assert_eq!(ran.output().pointer("/Output/b/0"), Some(&Data::from(1)));
}

#[test]
fn a_machine_that_starts_itself_without_end_is_ended() {
    let endless = parent("", "endless", "", "");
    let ran = workflow(&endless)
        .machine("endless", &endless)
        .run(Data::empty_object());
    let failed = ran
        .finished
        .others
        .last()
        .unwrap()
        .execution
        .status()
        .clone();
    let Status::Failed(failure) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(
        failure.error.as_deref(),
        Some("StepFunctions.ExecutionLimitExceededException")
    );
}

const GUESTS: &str = r#"
version = 1
[functions.pay]
module = "guests/process_payment.wasm"
environment = { DECLINE_RATE = "0.5" }
[functions.faulty]
module = "guests/faulty.wasm"
"#;

/// Eight children side by side, each with guests that sleep and draw.
fn with_guests() -> Vec<String> {
    let child = r#"{"StartAt": "Nap", "States": {
        "Nap": {"Type": "Task", "Resource": "faulty", "ResultPath": null, "Next": "Pay", "Parameters": {"do": "sleep", "seconds.$": "$.nap"}},
        "Pay": {"Type": "Task", "Resource": "pay", "End": true,
            "Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "MaxAttempts": 9}]}}}"#;
    let call = parent(
        ".sync:2",
        "worker",
        r#", "Input.$": "$""#,
        r#""Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],"#,
    )
    .replacen(
        "\"States\": {",
        r#""States": {"Sorry": {"Type": "Pass", "End": true}, "#,
        1,
    );
    let definition = format!(
        r#"{{"StartAt": "All", "States": {{"All": {{"Type": "Map", "End": true, "ItemProcessor": {call}}}}}}}"#
    );
    let items = (0..8).map(|n| format!(r#"{{"amount": {}, "nap": {}}}"#, n + 1, (n * 5) % 3));
    let items = Data::parse(&format!("[{}]", items.collect::<Vec<_>>().join(","))).unwrap();
    let ran = Workflow::with(&definition, functions(GUESTS))
        .machine("worker", child)
        .beside("worker", Data::parse(r#"{"amount": 9, "nap": 1}"#).unwrap())
        .run(items);
    let others = ran
        .finished
        .others
        .iter()
        .map(|other| format!("{:?}", other.records));
    assert_eq!(others.len(), 9);
    others.chain([ran.history_text()]).collect()
}

#[test]
fn twenty_runs_with_children_and_guests_are_one() {
    let first = with_guests();
    for run in 1..20 {
        assert!(with_guests() == first, "run {run} differs from the first");
    }
}

/// A machine that starts itself to a depth, and fails there: each machine on the way out quotes the one inside.
#[test]
fn causes_do_not_grow_with_the_depth_of_machines() {
    let itself = r#"{"StartAt": "Deep", "States": {
        "Deep": {"Type": "Choice", "Default": "Call", "Choices": [{"Variable": "$.n", "NumericEquals": 20, "Next": "Stop"}]},
        "Stop": {"Type": "Fail", "Error": "Deepest", "Cause": "\"here\""},
        "Call": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
            "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:itself",
                "Input": {"n.$": "States.MathAdd($.n, 1)"}}}}}"#;
    let ran = Workflow::with(itself, functions("version = 1"))
        .machine("itself", itself)
        .run(Data::parse(r#"{"n": 0}"#).unwrap());
    let failure = failure(&ran);
    assert_eq!(failure.error.as_deref(), Some("States.TaskFailed"));
    assert_eq!(failure.cause.unwrap().chars().count(), 32_768);
}
