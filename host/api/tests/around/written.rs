//! What the host itself writes to CloudWatch Logs: of executions and of invocations.

use std::sync::Arc;
use std::time::Duration;

use api::Caller;
use api::logs::Logs;
use api::logs::execution::{DATA_BYTES, Level, Logging, stream};
use data::{Data, Format, Object, Source};
use engine::{About, Effects, Entropy, Execution, Input, Record};
use runtime::InvocationReport;

use super::common::steps::{START, now};

const PASS: &str =
    r#"{"StartAt":"S","States":{"S":{"Type":"Pass","Result":{"Arg1":"argument1"},"End":true}}}"#;
const FAIL: &str = r#"{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E","Cause":"why"}}}"#;

/// An execution that needs no worker, from its start to its end.
fn ended(definition: &str, input: Data) -> (Execution, Vec<Record>) {
    let source = Source::new("case", definition);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    let program = Arc::new(compiled.program.expect("a program"));
    let mut execution = Execution::new(program, Arc::new(About::local("machine", "name")));
    let mut effects = Effects::default();
    execution.handle(
        START,
        &Entropy::from_seed(1),
        Input::Start(input),
        &mut effects,
    );
    assert!(execution.status().is_final());
    (execution, effects.records)
}

fn logging(level: &str, data: bool) -> Option<Logging> {
    let arn = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/vendedlogs/states/g:*";
    let configuration = format!(
        r#"{{"level":"{level}","includeExecutionData":{data},
            "destinations":[{{"cloudWatchLogsLogGroup":{{"logGroupArn":"{arn}"}}}}]}}"#
    );
    Logging::read(&Data::parse(&configuration).expect("it is JSON"))
}

fn lines(logging: &Logging, definition: &str) -> Vec<Data> {
    let (execution, records) = ended(definition, Data::empty_object());
    let lines = logging.lines(execution.about(), 0, &records);
    lines
        .map(|(_, line)| Data::parse(&line).expect("a line is JSON"))
        .collect()
}

fn types(logging: &Logging, definition: &str) -> Vec<String> {
    let lines = lines(logging, definition);
    let kind = |line: &Data| {
        line.get("type")
            .and_then(Data::as_str)
            .expect("a type")
            .to_owned()
    };
    lines.iter().map(kind).collect()
}

#[test]
fn the_end_of_an_execution_is_logged_as_aws_logs_it() {
    let logging = logging("ALL", true).unwrap();
    let lines = lines(&logging, PASS);
    let expected = r#"{"id":"4","type":"ExecutionSucceeded","details":{"output":"{\"Arg1\":\"argument1\"}",
        "outputDetails":{"truncated":false}},"previous_event_id":"3","event_timestamp":"1767225600000",
        "execution_arn":"arn:aws:states:us-east-1:000000000000:execution:machine:name","redrive_count":"0"}"#;
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[3], Data::parse(expected).unwrap());
}

#[test]
fn without_execution_data_neither_input_nor_output_is_logged() {
    let lines = lines(&logging("ALL", false).unwrap(), PASS);
    let details: Vec<String> = lines
        .iter()
        .map(|line| line.get("details").unwrap().to_string())
        .collect();
    let role = r#"{"roleArn":"arn:aws:iam::000000000000:role/wf-host"}"#;
    assert_eq!(details, [role, r#"{"name":"S"}"#, r#"{"name":"S"}"#, "{}"]);
}

#[test]
fn each_level_lets_its_events_through() {
    let all = ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"];
    assert_eq!(types(&logging("ALL", true).unwrap(), FAIL), all);
    assert_eq!(types(&logging("ERROR", true).unwrap(), FAIL), all[1..]);
    assert_eq!(types(&logging("FATAL", true).unwrap(), FAIL), all[2..]);
    assert_eq!(
        types(&logging("ERROR", true).unwrap(), PASS),
        Vec::<String>::new()
    );
    assert_eq!(logging("OFF", true), None);
    assert_eq!(
        Logging::read(&Data::parse(r#"{"level":"ALL"}"#).unwrap()),
        None
    );
    for kind in [
        "LambdaFunctionScheduleFailed",
        "MapIterationAborted",
        "TaskTimedOut",
    ] {
        assert!(
            Level::Error.admits(kind) && !Level::Fatal.admits(kind),
            "{kind}"
        );
    }
    for kind in ["TaskScheduled", "MapStateSucceeded", "WaitStateExited"] {
        assert!(!Level::Error.admits(kind), "{kind}");
    }
}

#[test]
fn what_is_too_long_for_a_log_event_is_cut() {
    let long: Data = "\"ä".repeat(DATA_BYTES / 4).into();
    let (execution, records) = ended(PASS, long);
    let logging = logging("ALL", true).unwrap();
    let first = logging
        .lines(execution.about(), 0, &records)
        .next()
        .unwrap()
        .1;
    let first = Data::parse(&first).unwrap();
    let input = first
        .pointer("/details/input")
        .and_then(Data::as_str)
        .unwrap();
    let size = data::escaped_len(input);
    assert!(size <= DATA_BYTES && size > DATA_BYTES - 8, "{size}");
    assert_eq!(
        first.pointer("/details/inputDetails/truncated"),
        Some(&true.into())
    );
}

#[test]
fn whoever_watches_writes_to_the_group_of_the_machine() {
    let (execution, records) = ended(PASS, Data::empty_object());
    let of = stream(execution.about(), START);
    assert!(of.starts_with("states/machine/2026-01-01-00-00/"), "{of}");
    assert_eq!(of.rsplit('/').next().map(str::len), Some(8));
    assert_eq!(
        logging("ALL", true).unwrap().group,
        "/aws/vendedlogs/states/g"
    );
    assert_eq!(
        records
            .iter()
            .filter(|record| record.event.is_some())
            .count(),
        4
    );
}

#[test]
fn an_invocation_is_logged_as_lambda_logs_it() {
    let logs = Logs::new();
    let invocation = InvocationReport {
        execution_arn: "".into(),
        state: "".into(),
        attempt: 0,
        item: None,
        function: "f".to_owned(),
        version: "$LATEST".into(),
        region: "eu-west-1".into(),
        request_id: "r".to_owned(),
        started_at: START,
        memory_limit: 128 << 20,
        fuel: 0,
        elapsed: Duration::from_micros(12_340),
        peak_memory: 1_048_577,
        error: None,
        log: vec!["hello".to_owned()],
    };
    logs.invoked(&invocation);
    let events = events(&logs, "/aws/lambda/f");
    let messages: Vec<&str> = events
        .iter()
        .filter_map(|event| event.get("message")?.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "START RequestId: r Version: $LATEST\n",
            "hello\n",
            "END RequestId: r\n",
            "REPORT RequestId: r\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 2 MB\t\n",
        ]
    );
    let stream = events[0]
        .get("logStreamName")
        .and_then(Data::as_str)
        .unwrap();
    let hex = stream.strip_prefix("2026/01/01/[$LATEST]").expect(stream);
    assert!(
        hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{hex}"
    );
}

fn events(logs: &Logs, group: &str) -> Vec<Data> {
    let caller = Caller {
        region: "eu-west-1".into(),
        ..Caller::local()
    };
    let given = Object::builder().with("logGroupName", group).build().into();
    let found = now(logs.call(START, &caller, "FilterLogEvents", &given));
    let found = found.expect("the group is there");
    found
        .get("events")
        .and_then(Data::as_array)
        .expect("events")
        .items()
        .to_vec()
}
