//! Every way in which a guest can end, through Retry and through Catch.

use data::Data;
use engine::Status;
use wf_host_tests::{Ran, Workflow, functions};

/// One Task that is tried twice, its last error caught; a trap is caught by name, so that a wrong name fails.
fn definition(error: &str) -> String {
    format!(
        r#"{{"StartAt": "Work", "States": {{
            "Work": {{"Type": "Task", "Resource": "faulty",
                "Retry": [{{"ErrorEquals": ["{error}"], "IntervalSeconds": 5, "MaxAttempts": 1}}],
                "Catch": [{{"ErrorEquals": ["{error}"], "Next": "Caught"}}], "End": true}},
            "Caught": {{"Type": "Pass", "End": true}}}}}}"#
    )
}

const MANIFEST: &str = r#"
version = 1
[functions.faulty]
module = "guests/faulty.wasm"
timeout = "2s"
memory = "16MB"
output = "64KB"
log = "4KB"
fuel-per-second = 20_000_000
environment = { COLOUR = "blue" }
"#;

fn run(manifest: &str, error: &str, event: &str) -> Ran {
    let event = Data::parse(event).expect("an event");
    Workflow::with(&definition(error), functions(manifest)).run(event)
}

/// The guest ends with `error` twice, five seconds apart, and is caught; the cause says `cause`.
fn ends(manifest: &str, event: &str, error: &str, cause: &str) {
    let ran = run(manifest, error, event);
    let Status::Succeeded { output } = ran.status() else {
        panic!("{event}: expected {error} to be caught: {:?}", ran.status());
    };
    assert_eq!(
        output.get("Error"),
        Some(&Data::from(error)),
        "{event}: {output}"
    );
    let text = output
        .get("Cause")
        .and_then(Data::as_str)
        .unwrap_or_default();
    assert!(
        text.contains(cause),
        "{event}: the cause of {error} lacks {cause:?}: {text}"
    );
    let (failed, scheduled) = (
        ran.seconds_of("LambdaFunctionFailed"),
        ran.seconds_of("LambdaFunctionScheduled"),
    );
    assert_eq!((failed.len(), scheduled.len()), (2, 2), "{event}");
    assert_eq!(scheduled[1] - failed[0], 5.0, "{event}: back-off");
}

#[test]
fn each_end_has_its_name_its_cause_and_its_way_to_the_catcher() {
    for (event, error, cause) in [
        (
            r#"{"do": "spin"}"#,
            "Sandbox.Timedout",
            "Task timed out after 2.00 seconds",
        ),
        (
            r#"{"do": "sleep", "seconds": 60}"#,
            "Sandbox.Timedout",
            "Task timed out after 2.00 seconds",
        ),
        (r#"{"do": "allocate"}"#, "Runtime.OutOfMemory", "16 MB"),
        (
            r#"{"do": "recurse"}"#,
            "Runtime.StackOverflow",
            "stackTrace",
        ),
        (r#"{"do": "panic"}"#, "Runtime.Trap", "stackTrace"),
        (r#"{"do": "trap"}"#, "Runtime.Trap", "stackTrace"),
        (
            r#"{"do": "exit", "code": 3}"#,
            "Runtime.ExitError",
            "exit status 3",
        ),
        (r#"{"do": "garbage"}"#, "Runtime.MarshalError", "not JSON"),
        (
            r#"{"do": "oversized", "bytes": 70000}"#,
            "Function.ResponseSizeTooLarge",
            "65536 bytes",
        ),
        (
            r#"{"do": "error", "errorType": "CardDeclined", "errorMessage": "no"}"#,
            "CardDeclined",
            r#""errorMessage":"no""#,
        ),
    ] {
        ends(MANIFEST, event, error, cause);
    }
}

#[test]
fn an_output_of_a_hundred_megabytes_is_refused_by_its_length() {
    let manifest = MANIFEST.replace("16MB", "512MB").replace(
        "fuel-per-second = 20_000_000",
        "fuel-per-second = 1_000_000_000",
    );
    ends(
        &manifest,
        r#"{"do": "huge-output"}"#,
        "Function.ResponseSizeTooLarge",
        "65536 bytes",
    );
}

#[test]
fn fuel_is_a_limit_of_its_own() {
    let manifest = format!("{MANIFEST}fuel = 1_000_000\n");
    ends(
        &manifest,
        r#"{"do": "spin"}"#,
        "Runtime.OutOfFuel",
        "fuel of 1000000",
    );
}

#[test]
fn a_spinning_guest_ends_exactly_at_its_timeout() {
    let ran = run(MANIFEST, "Sandbox.Timedout", r#"{"do": "spin"}"#);
    let (started, failed) = (
        ran.seconds_of("LambdaFunctionStarted"),
        ran.seconds_of("LambdaFunctionFailed"),
    );
    assert_eq!(failed[0] - started[0], 2.0);
}

#[test]
fn a_flooded_log_is_cut_and_said_to_be() {
    let ran = run(MANIFEST, "Never", r#"{"do": "flood-stderr"}"#);
    let log = &ran.invocations[0].log;
    let bytes: usize = log.iter().map(String::len).sum();
    assert!(bytes < 8192, "{bytes} bytes were kept");
    assert!(
        log.last().is_some_and(|line| line.contains("dropped")),
        "{:?}",
        log.last()
    );
}

#[test]
fn a_guest_reaches_nothing_that_it_was_not_given() {
    for event in [
        r#"{"do": "read-outside", "path": "/etc/passwd"}"#,
        r#"{"do": "read-file", "path": "/etc/passwd"}"#,
        r#"{"do": "read-file", "path": "../../../../etc/passwd"}"#,
        r#"{"do": "socket"}"#,
    ] {
        let ran = run(MANIFEST, "Never", event);
        let history = ran.history_text();
        assert!(!history.contains("root:x:"), "{event} read the host's file");
    }
    let ran = run(MANIFEST, "Never", r#"{"do": "environment"}"#);
    let output = ran.output().to_string();
    assert!(
        output.contains("COLOUR") && output.contains("AWS_LAMBDA_FUNCTION_NAME"),
        "{output}"
    );
    assert!(
        !output.contains("CARGO") && !output.contains("\"HOME\""),
        "{output}"
    );
}

#[test]
fn a_function_that_is_not_there_fails_as_on_lambda() {
    let functions = functions("version = 1");
    let ran = Workflow::with(&definition("Lambda.ResourceNotFoundException"), functions)
        .run(Data::empty_object());
    assert_eq!(
        ran.output().get("Error"),
        Some(&Data::from("Lambda.ResourceNotFoundException"))
    );
}

#[test]
fn above_its_concurrency_a_function_is_throttled() {
    let manifest = format!("{MANIFEST}concurrency = 2\n");
    let definition = r#"{"StartAt": "All", "States": {"All": {"Type": "Map", "End": true, "ItemProcessor": {
        "StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "faulty",
            "Catch": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "Next": "Busy"}], "End": true},
            "Busy": {"Type": "Pass", "Result": "busy", "End": true}}}}}}"#;
    let items = r#"[{"do": "sleep", "seconds": 1}, {"do": "sleep", "seconds": 1}, {"do": "sleep", "seconds": 1}]"#;
    let ran = Workflow::with(definition, functions(&manifest)).run(Data::parse(items).unwrap());
    let output = ran.output().as_array().unwrap();
    assert_eq!(
        output
            .iter()
            .filter(|item| item.as_str() == Some("busy"))
            .count(),
        1,
        "{output:?}"
    );
}

/// How many invocations came to an end of their own.
fn ended(ran: &Ran) -> usize {
    let cancelled = Some(runtime::InvocationReport::CANCELLED);
    ran.invocations
        .iter()
        .filter(|report| report.error.as_deref() != cancelled)
        .count()
}

#[test]
fn a_guest_that_is_called_off_leaves_its_log() {
    let definition = r#"{"StartAt": "All", "States": {"All": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Talk", "States": {"Talk": {"Type": "Task", "Resource": "faulty", "TimeoutSeconds": 1,
            "Parameters": {"do": "flood-stderr"}, "Next": "Nap"},
            "Nap": {"Type": "Task", "Resource": "faulty", "TimeoutSeconds": 1,
            "Parameters": {"do": "sleep", "seconds": 60}, "End": true}}}]}}}"#;
    let ran = Workflow::with(definition, functions(MANIFEST)).run(Data::empty_object());
    assert_eq!(ran.error(), "States.Timeout");
    let last = ran.invocations.last().unwrap();
    assert_eq!(
        last.error.as_deref(),
        Some(runtime::InvocationReport::CANCELLED)
    );
}

#[test]
fn a_place_is_given_on_only_when_the_guest_before_is_gone() {
    let definition = r#"{"StartAt": "All", "States": {"All": {"Type": "Map", "MaxConcurrency": 3, "End": true,
        "ItemProcessor": {"StartAt": "Nap", "States": {
            "Nap": {"Type": "Task", "Resource": "faulty", "TimeoutSeconds": 1, "End": true,
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Late"}]},
            "Late": {"Type": "Pass", "Result": "late", "End": true}}}}}}"#;
    let item = r#"{"do": "sleep", "seconds": 100}"#;
    let items = Data::parse(&format!("[{}]", [item; 30].join(","))).unwrap();
    for places in [1, 2, 3] {
        let manifest = MANIFEST.replace("timeout = \"2s\"", "timeout = \"900s\"");
        let mut functions = functions(&manifest);
        functions.make_room(places);
        let ran = Workflow::with(definition, functions).run(items.clone());
        assert_eq!(ran.output().as_array().unwrap().len(), 30);
        assert_eq!(ran.count("LambdaFunctionTimedOut"), 30, "{places} places");
    }
}

#[test]
fn the_tasks_own_timeout_is_a_states_timeout_and_kills_the_guest() {
    let definition = r#"{"StartAt": "Work", "States": {
        "Work": {"Type": "Task", "Resource": "faulty", "TimeoutSeconds": 1,
            "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Caught"}], "End": true},
        "Caught": {"Type": "Pass", "End": true}}}"#;
    for event in [r#"{"do": "spin"}"#, r#"{"do": "sleep", "seconds": 60}"#] {
        let ran = Workflow::with(definition, functions(MANIFEST)).run(Data::parse(event).unwrap());
        assert_eq!(
            ran.output().get("Error"),
            Some(&Data::from("States.Timeout")),
            "{event}"
        );
        assert_eq!(ran.seconds_of("LambdaFunctionTimedOut"), [1.0], "{event}");
        assert_eq!(
            ended(&ran),
            0,
            "{event}: nobody waits for the guest's answer"
        );
    }
}

#[test]
fn a_failing_branch_calls_off_its_siblings() {
    let parallel = r#"{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Long", "States": {"Long": {"Type": "Task", "Resource": "faulty",
            "Parameters": {"do": "sleep", "seconds": 2}, "End": true}}},
        {"StartAt": "Bad", "States": {"Bad": {"Type": "Task", "Resource": "faulty",
            "Parameters": {"do": "error", "errorType": "Bad", "errorMessage": ""}, "End": true}}}]}}}"#;
    let ran = Workflow::with(parallel, functions(MANIFEST)).run(Data::empty_object());
    assert_eq!(ran.error(), "Bad");
    assert_eq!(ran.count("TaskStateAborted"), 1);
    assert_eq!(ended(&ran), 1, "the sleeper never answers");

    let map = r#"{"StartAt": "All", "States": {"All": {"Type": "Map", "End": true, "ItemProcessor": {
        "StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "faulty", "End": true}}}}}}"#;
    let items = r#"[{"do": "sleep", "seconds": 2}, {"do": "error", "errorType": "Bad", "errorMessage": ""}, {"do": "sleep", "seconds": 2}]"#;
    let ran = Workflow::with(map, functions(MANIFEST)).run(Data::parse(items).unwrap());
    assert_eq!(ran.error(), "Bad");
    assert_eq!(
        (
            ran.count("MapIterationFailed"),
            ran.count("MapIterationAborted")
        ),
        (1, 2)
    );
}

#[test]
fn under_the_wall_clock_guests_die_at_their_deadline_too() {
    let manifest = MANIFEST.replace("timeout = \"2s\"", "timeout = \"50ms\"");
    for event in [r#"{"do": "spin"}"#, r#"{"do": "sleep", "seconds": 60}"#] {
        let definition =
            definition("Sandbox.Timedout").replace("\"MaxAttempts\": 1", "\"MaxAttempts\": 0");
        let ran = Workflow::with(&definition, functions(&manifest))
            .real_time()
            .run(Data::parse(event).unwrap());
        assert_eq!(
            ran.output().get("Error"),
            Some(&Data::from("Sandbox.Timedout")),
            "{event}"
        );
    }
}
