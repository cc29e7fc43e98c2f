//! Activities and task tokens: work that waits for whoever holds its token.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use data::Data;
use engine::{Failure, Status, TaskToken};
use runtime::{Answer, Observer, Outside, Refused, RunError};
use wf_host_tests::{Ran, Workflow, functions};

const ARN: &str = "arn:aws:states:us-east-1:000000000000:activity:work";

/// A machine whose one task is the activity; `more` goes into it.
fn activity(more: &str) -> String {
    format!(
        r#"{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": "{ARN}", {more} "End": true}}}}}}"#
    )
}

/// A worker that asks until it gets a task, and then goes to `Received`.
fn worker(received: &str) -> String {
    format!(
        r#"{{"StartAt": "Get", "States": {{
        "Get": {{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "ResultPath": "$.task",
            "Parameters": {{"ActivityArn.$": "$.arn", "WorkerName": "me"}}, "Next": "Check"}},
        "Check": {{"Type": "Choice", "Choices": [{{"Variable": "$.task.TaskToken", "IsPresent": true, "Next": "Received"}}], "Default": "None"}},
        "None": {{"Type": "Wait", "Seconds": 1, "Next": "Get"}},
        {received}}}}}"#
    )
}

/// A task that tells of the one received.
fn send(name: &str, action: &str, parameters: &str, then: &str) -> String {
    format!(
        r#""{name}": {{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:{action}", "ResultPath": "$.sent",
            "Parameters": {{"TaskToken.$": "$.task.TaskToken"{parameters}}}, {then}}}"#
    )
}

const OUTPUT: &str = r#", "Output.$": "$.task.Input""#;
const END: &str = r#""End": true"#;

fn job() -> Data {
    Data::parse(&format!(r#"{{"arn": "{ARN}"}}"#)).unwrap()
}

fn beside(main: &str, worker: &str) -> Workflow {
    Workflow::with(main, functions("version = 1"))
        .machine("worker", worker)
        .beside("worker", job())
}

fn input() -> Data {
    Data::parse(r#"{"v":1}"#).unwrap()
}

fn failure(ran: &Ran) -> Failure {
    match ran.status() {
        Status::Failed(failure) => failure.clone(),
        other => panic!("did not fail: {other:?}"),
    }
}

#[test]
fn a_worker_machine_does_the_work_of_an_activity() {
    let worker = worker(&send("Received", "sendTaskSuccess", OUTPUT, END));
    let ran = beside(&activity(""), &worker).run(input());
    assert_eq!(ran.output(), &input());
    assert_eq!(
        ran.types(),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "ActivityScheduled",
            "ActivityStarted",
            "ActivitySucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        ]
    );
    assert_eq!(
        ran.event("ActivityStarted").to_string(),
        r#"{"workerName":"me"}"#
    );
    assert_eq!(
        ran.event("ActivitySucceeded").to_string(),
        r#"{"output":"{\"v\":1}","outputDetails":{"truncated":false}}"#
    );
    let worker = ran.other("worker");
    assert_eq!(worker.path(), ["Get", "Check", "Received"]);
    let sent = worker.output();
    assert_eq!(sent.pointer("/task/Input"), Some(&Data::from(r#"{"v":1}"#)));
    assert_eq!(sent.get("sent"), Some(&Data::empty_object()));
    assert_eq!(sent.get("task").and_then(Data::as_object).unwrap().len(), 2);
}

#[test]
fn a_worker_may_fail_the_work_and_need_not_give_its_name() {
    let parameters = r#", "Error": "Programmatic Error", "Cause.$": "$.task.Input""#;
    let worker = worker(&send("Received", "sendTaskFailure", parameters, END))
        .replace(r#", "WorkerName": "me""#, "");
    let ran = beside(&activity(""), &worker).run(input());
    assert_eq!(
        failure(&ran),
        Failure::new("Programmatic Error", r#"{"v":1}"#)
    );
    assert_eq!(ran.event("ActivityStarted"), Data::empty_object());
    assert_eq!(
        ran.event("ActivityFailed").to_string(),
        r#"{"error":"Programmatic Error","cause":"{\"v\":1}"}"#
    );
}

#[test]
fn a_heartbeat_keeps_the_work_alive() {
    let steps = |heartbeat: &str| {
        worker(&format!(
            r#""Received": {{"Type": "Wait", "Seconds": 2, "Next": "Beat"}}, {heartbeat},
            "More": {{"Type": "Wait", "Seconds": 2, "Next": "Done"}}, {}"#,
            send("Done", "sendTaskSuccess", OUTPUT, END)
        ))
    };
    let main = activity(r#""TimeoutSeconds": 60, "HeartbeatSeconds": 3,"#);
    let beats = steps(&send("Beat", "sendTaskHeartbeat", "", r#""Next": "More""#));
    let ran = beside(&main, &beats).run(input());
    assert_eq!(ran.seconds_of("ActivitySucceeded"), [4.0]);
    let silent = steps(r#""Beat": {"Type": "Pass", "Next": "More"}"#);
    let ran = beside(&main, &silent).run(input());
    assert_eq!(failure(&ran), Failure::timeout());
    assert_eq!(
        ran.event("ActivityTimedOut").to_string(),
        r#"{"error":"States.Timeout"}"#
    );
    let late = failure(&ran.other("worker"));
    assert_eq!(late.error.as_deref(), Some("Sfn.TaskTimedOutException"));
    assert!(late.cause.unwrap().starts_with("Task Timed Out: 'Provided task does not exist anymore' (Service: Sfn, Status Code: 400, Request ID: "));
}

#[test]
fn a_poll_lasts_a_minute() {
    let main = activity("").replace(
        r#""StartAt": "A", "States": {"#,
        r#""StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 90, "Next": "A"}, "#,
    );
    let worker = worker(&send("Received", "sendTaskSuccess", OUTPUT, END));
    let ran = beside(&main, &worker).run(input());
    assert_eq!(ran.seconds_of("ActivityStarted"), [90.0]);
    assert_eq!(
        ran.other("worker").seconds_of("TaskSucceeded"),
        [60.0, 90.0, 90.0]
    );
}

#[test]
fn work_is_handed_out_in_the_order_in_which_it_came() {
    let main = format!(
        r#"{{"StartAt": "M", "States": {{"M": {{"Type": "Map", "End": true, "ItemProcessor": {}}}}}}}"#,
        activity("")
    );
    let then = r#""Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End"}], "Next": "Get""#;
    let sends = send("Received", "sendTaskSuccess", OUTPUT, then);
    let worker = worker(&format!(r#"{sends}, "End": {{"Type": "Succeed"}}"#));
    let items = Data::parse("[1, 2, 3]").unwrap();
    let ran = beside(&main, &worker).run(items.clone());
    assert_eq!(ran.output(), &items);
    let worker = ran.other("worker");
    let status = worker.finished.execution.status();
    assert_eq!(
        status,
        &Status::Running,
        "a worker that only asks holds up nothing"
    );
    let details = worker.history().into_iter().filter_map(|event| {
        let (_, details) = event
            .details
            .filter(|_| event.event_type == "TaskScheduled")?;
        let parameters = Data::parse(details.get("parameters")?.as_str()?).ok()?;
        Some(parameters.get("Output")?.as_str()?.to_owned())
    });
    assert_eq!(details.collect::<Vec<_>>(), ["1", "2", "3"]);
}

#[test]
fn an_activity_that_does_not_exist_fails_the_execution() {
    let ran = Workflow::with(&activity(""), functions("version = 1"))
        .activities(&["arn:aws:states:us-east-1:000000000000:activity:other"])
        .run(input());
    assert_eq!(
        ran.types(),
        ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
    );
    let cause = format!(
        "An error occurred while executing the state 'A' (entered at the event id #2). The activity {ARN} does not exist."
    );
    assert_eq!(failure(&ran), Failure::new("States.Runtime", cause));
    let ran = Workflow::with(
        &worker(r#""Received": {"Type": "Succeed"}"#),
        functions("version = 1"),
    )
    .activities(&[])
    .run(job());
    assert_eq!(
        failure(&ran).error.as_deref(),
        Some("Sfn.ActivityDoesNotExistException")
    );
    assert!(
        failure(&ran)
            .cause
            .unwrap()
            .starts_with(&format!("Activity Does Not Exist: '{ARN}' ("))
    );
}

/// A machine that hands its token to another and waits.
const ASKS: &str = r#"{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true,
    "Resource": "arn:aws:states:::states:startExecution.waitForTaskToken",
    "Parameters": {"StateMachineArn": "answers", "Input": {"task": {"TaskToken.$": "$$.Task.Token"}}}}}}"#;

fn answers(states: &str) -> String {
    format!(
        r#"{{"StartAt": "W", "States": {{"W": {{"Type": "Wait", "Seconds": 5, "Next": "S"}}, {states}}}}}"#
    )
}

fn asks(answers: &str) -> Ran {
    Workflow::with(ASKS, functions("version = 1"))
        .machine("answers", answers)
        .run(input())
}

#[test]
fn a_token_is_answered_by_another_machine_and_only_once() {
    let again = send("Again", "sendTaskSuccess", r#", "Output": "2""#, END);
    let once = send(
        "S",
        "sendTaskSuccess",
        r#", "Output": "{\"a\": 1}""#,
        r#""Next": "Again""#,
    );
    let ran = asks(&answers(&format!("{once}, {again}")));
    assert_eq!(ran.output().to_string(), r#"{"a":1}"#);
    assert_eq!(
        (
            ran.seconds_of("TaskSubmitted"),
            ran.seconds_of("TaskSucceeded")
        ),
        (vec![0.0], vec![5.0])
    );
    let child = ran.other("answers");
    let submitted = ran.event("TaskSubmitted");
    let output = Data::parse(submitted.get("output").and_then(Data::as_str).unwrap()).unwrap();
    assert_eq!(
        output.get("ExecutionArn").and_then(Data::as_str),
        Some(child.finished.execution.about().execution_arn.as_str())
    );
    assert_eq!(
        failure(&child).error.as_deref(),
        Some("Sfn.TaskTimedOutException")
    );
}

#[test]
fn wrong_answers_are_refused_by_aws_s_names() {
    for (state, error, begins) in [
        (
            send("S", "sendTaskSuccess", r#", "Output": "{""#, END),
            "Sfn.InvalidOutputException",
            "Invalid Output: '",
        ),
        (
            send("S", "sendTaskHeartbeat", "", END).replace(
                r#""TaskToken.$": "$.task.TaskToken""#,
                r#""TaskToken": "me""#,
            ),
            "Sfn.InvalidTokenException",
            "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: ",
        ),
        (
            send("S", "sendTaskFailure", "", END).replace(
                r#""TaskToken.$": "$.task.TaskToken""#,
                r#""TaskToken": "wf-0-1-0000000000000001""#,
            ),
            "Sfn.TaskDoesNotExistException",
            "Task Does Not Exist: '",
        ),
    ] {
        // Without an answer the run cannot end; a failure of the child shows in what it leaves.
        let catches = state.replacen(r#""Type": "Task","#, r#""Type": "Task", "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Give"}],"#, 1);
        let give = send(
            "Give",
            "sendTaskFailure",
            r#", "Error.$": "$.e.Error", "Cause.$": "$.e.Cause""#,
            END,
        );
        let ran = asks(&answers(&format!("{catches}, {give}")));
        assert_eq!(ran.error(), error);
        let cause = failure(&ran).cause.unwrap();
        assert!(cause.starts_with(begins), "{cause}");
    }
}

const BOUND: &str = "version = 1\n[tasks.\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\"]\nresult = { MessageId = \"1\" }\n";

fn waits(more: &str) -> Workflow {
    let definition = format!(
        r#"{{"StartAt": "Ask", "States": {{"Ask": {{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {{"MessageBody.$": "$$.Task.Token"}}, {more} "End": true}}}}}}"#
    );
    Workflow::with(&definition, functions(BOUND))
}

#[test]
fn with_nobody_to_answer_a_run_ends_at_once() {
    let idle = worker(r#""Received": {"Type": "Succeed"}"#);
    let elsewhere =
        Data::parse(r#"{"arn": "arn:aws:states:us-east-1:000000000000:activity:elsewhere"}"#)
            .unwrap();
    let no_answer = || {
        Workflow::with(ASKS, functions("version = 1")).machine(
            "answers",
            r#"{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}"#,
        )
    };
    for (workflow, state) in [
        (waits(""), "Ask"),
        (waits("").real_time(), "Ask"),
        (Workflow::with(&activity(""), functions("version = 1")), "A"),
        (no_answer(), "Ask"),
        (no_answer().real_time(), "Ask"),
        (
            Workflow::with(&activity(""), functions("version = 1"))
                .machine("worker", &idle)
                .beside("worker", elsewhere),
            "A",
        ),
    ] {
        let Err(RunError::Waiting { tasks, .. }) = workflow.try_run(input()) else {
            panic!("it ended")
        };
        assert_eq!(tasks.len(), 1);
        assert_eq!(tasks[0].0, state);
        assert!(tasks[0].1.parse::<TaskToken>().is_ok());
    }
    let ran = waits(r#""TimeoutSeconds": 20, "HeartbeatSeconds": 7,"#).run(input());
    assert_eq!(ran.seconds_of("TaskTimedOut"), [7.0]);
}

/// Answers from a thread of its own as soon as the task waits.
struct Answers(Option<Box<dyn FnOnce(String) + Send>>);

impl Observer for Answers {
    fn waiting(&mut self, _: &engine::Execution, _: &str, token: TaskToken) {
        let answer = self.0.take().unwrap();
        std::thread::spawn(move || answer(token.to_string()));
    }
}

#[test]
fn answers_come_from_outside_under_the_wall_clock() {
    let (answerer, outside) = Outside::new(true);
    let mut answers = Answers(Some(Box::new(move |token| {
        assert_eq!(
            answerer.answer("me", Answer::Heartbeat),
            Err(Refused::Invalid)
        );
        assert_eq!(
            answerer.answer("wf-0-1-0000000000000001", Answer::Heartbeat),
            Err(Refused::Unknown)
        );
        assert_eq!(
            answerer.answer(&token.to_uppercase(), Answer::Heartbeat),
            Err(Refused::Invalid)
        );
        assert_eq!(answerer.answer(&token, Answer::Heartbeat), Ok(()));
        assert_eq!(
            answerer.answer(&token, Answer::Succeed(Data::from("yes"))),
            Ok(())
        );
        assert!(answerer.answer(&token, Answer::Heartbeat).is_err());
    })));
    let ran = waits("")
        .real_time()
        .outside(outside)
        .watched(input(), &mut answers)
        .unwrap();
    assert_eq!(ran.output(), &Data::from("yes"));
    assert_eq!(
        ran.event("TaskSubmitted").get("output"),
        Some(&Data::from(r#"{"MessageId":"1"}"#))
    );
}

#[test]
fn work_that_no_worker_took_can_be_answered_from_outside() {
    let (answerer, outside) = Outside::new(true);
    let mut answers = Answers(Some(Box::new(move |token| {
        let failure = Failure::new("Declined", "no");
        assert_eq!(answerer.answer(&token, Answer::Fail(failure)), Ok(()));
    })));
    let workflow = Workflow::with(&activity(""), functions("version = 1"));
    let ran = workflow
        .real_time()
        .outside(outside)
        .watched(input(), &mut answers)
        .unwrap();
    assert_eq!(failure(&ran), Failure::new("Declined", "no"));
    assert_eq!(
        ran.types()[2..5],
        ["ActivityScheduled", "ActivityStarted", "ActivityFailed"]
    );
}
