//! Distributed Maps: their children, what they read and what they write, under virtual time.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use data::Data;
use engine::{Failure, Status};
use runtime::remote::{Remote, RemoteCall, RemoteWork};
use runtime::{Functions, Stopper};
use wf_host_tests::{Ran, Workflow, functions};

/// A bucket: what is put into it can be got and looked at.
#[derive(Clone, Default)]
struct Bucket(Arc<Mutex<BTreeMap<String, String>>>);

impl Bucket {
    fn holding(objects: &[(&str, &str)]) -> Bucket {
        let objects = objects
            .iter()
            .map(|(key, body)| (key.to_string(), body.to_string()));
        Bucket(Arc::new(Mutex::new(objects.collect())))
    }

    fn functions(&self) -> Functions {
        let mut functions = functions(
            "version = 1\n[tasks.\"arn:aws:states:::s3:*\"]\nendpoint = \"http://bucket\"\n",
        );
        functions.set_remote(Arc::new(self.clone()));
        functions
    }

    /// The keys that hold something, without the part that is drawn.
    fn keys(&self) -> Vec<String> {
        let objects = self.0.lock().unwrap();
        objects.keys().map(|key| without_uuid(key)).collect()
    }

    fn object(&self, name: &str) -> Data {
        let objects = self.0.lock().unwrap();
        let (_, body) = objects.iter().find(|(key, _)| key.ends_with(name)).unwrap();
        Data::parse(body).unwrap()
    }
}

impl Remote for Bucket {
    fn call(
        &self,
        call: RemoteCall,
    ) -> Pin<Box<dyn Future<Output = Result<Data, Failure>> + Send>> {
        let RemoteWork::Service {
            action, parameters, ..
        } = call.work
        else {
            panic!("only S3 is asked");
        };
        let text = |name: &str| {
            parameters
                .get(name)
                .and_then(Data::as_str)
                .unwrap_or_default()
        };
        let mut objects = self.0.lock().unwrap();
        let answer = match (action.as_str(), text("Bucket")) {
            (_, "locked") => Err(Failure::new("S3.AccessDenied", "Access Denied")),
            ("putObject", _) => {
                objects.insert(text("Key").to_owned(), text("Body").to_owned());
                Ok(Data::empty_object())
            }
            ("getObject", _) => match objects.get(text("Key")) {
                Some(body) => {
                    let answer = data::Object::builder().with("Body", body.as_str());
                    Ok(answer.build().into())
                }
                None => Err(Failure::new(
                    "S3.NoSuchKeyException",
                    "The specified key does not exist.",
                )),
            },
            (action, _) => panic!("nobody does {action}"),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// A text with its UUIDs made the same.
fn without_uuid(text: &str) -> String {
    let is_uuid = |part: &str| part.len() == 36 && part.matches('-').count() == 4;
    let parts = text
        .split('/')
        .map(|part| if is_uuid(part) { "UUID" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// A machine with one Distributed Map: the children's states, from the first on, and further fields of the Map.
fn map(kind: &str, start: &str, states: &str, fields: &str) -> String {
    format!(
        r#"{{"StartAt": "M", "States": {{"M": {{"Type": "Map", "Label": "run", {fields} "End": true,
            "ItemProcessor": {{"ProcessorConfig": {{"Mode": "DISTRIBUTED", "ExecutionType": "{kind}"}},
                "StartAt": "{start}", "States": {{{states}}}}}}}}}}}"#
    )
}

const PASS: &str = r#""P": {"Type": "Pass", "End": true}"#;
/// Fails for the items 2 and 4.
const PICKY: &str = r#"
    "C": {"Type": "Choice", "Default": "P",
        "Choices": [{"Or": [{"Variable": "$", "NumericEquals": 2}, {"Variable": "$", "NumericEquals": 4}], "Next": "F"}]},
    "F": {"Type": "Fail", "Error": "Odd", "Cause": "even"}, "P": {"Type": "Pass", "End": true}"#;
const SLOW: &str = r#""W": {"Type": "Wait", "Seconds": 10, "End": true}"#;

fn plain(definition: &str) -> Workflow {
    Workflow::with(definition, functions("version = 1"))
}

fn data(text: &str) -> Data {
    Data::parse(text).unwrap()
}

fn cause(ran: &Ran) -> String {
    match ran.status() {
        Status::Failed(failure) => failure.cause.clone().unwrap_or_default().to_string(),
        other => panic!("did not fail: {other:?}"),
    }
}

#[test]
fn every_item_is_an_execution_of_its_own() {
    for (kind, part) in [("STANDARD", ":execution:"), ("EXPRESS", ":express:")] {
        let ran = plain(&map(kind, "P", PASS, "")).run(data("[1, 2, 3]"));
        assert_eq!(ran.output().to_string(), "[1,2,3]");
        let types = [
            "ExecutionStarted",
            "MapStateEntered",
            "MapStateStarted",
            "MapRunStarted",
            "MapRunSucceeded",
            "MapStateSucceeded",
            "MapStateExited",
            "ExecutionSucceeded",
        ];
        assert_eq!(ran.types(), types);
        assert_eq!(ran.finished.others.len(), 3);
        let child = ran.other("test/run");
        let about = child.finished.execution.about();
        assert_eq!(
            about.state_machine_arn,
            "arn:aws:states:us-east-1:000000000000:stateMachine:test/run"
        );
        let arn = format!("arn:aws:states:us-east-1:000000000000{part}test/run:");
        assert!(
            about.execution_arn.starts_with(&arn),
            "{}",
            about.execution_arn
        );
        assert_eq!(
            child.types(),
            [
                "ExecutionStarted",
                "PassStateEntered",
                "PassStateExited",
                "ExecutionSucceeded"
            ]
        );
    }
}

#[test]
fn no_more_children_run_than_may() {
    for (most, seconds) in [
        ("", 10.0),
        (r#""MaxConcurrency": 2,"#, 30.0),
        (r#""MaxConcurrency": 1,"#, 50.0),
    ] {
        let ran = plain(&map("STANDARD", "W", SLOW, most)).run(data("[1, 2, 3, 4, 5]"));
        assert_eq!(ran.seconds_of("ExecutionSucceeded"), [seconds], "{most}");
    }
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let run = |seed| {
        let definition = map(
            "STANDARD",
            "W",
            SLOW,
            r#""MaxConcurrency": 2, "ItemSelector": {"a.$": "$$.Map.Item.Index",
            "u.$": "States.UUID()"},"#,
        );
        let ran = plain(&definition).seed(seed).run(data("[1, 2, 3]"));
        let arns = ran.finished.others.iter().map(|other| {
            format!(
                "{} {}\n",
                other.execution.about().execution_arn,
                other.execution.input()
            )
        });
        ran.history_text() + &arns.collect::<String>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn failures_are_tolerated_up_to_the_threshold() {
    let run = |fields: &str| plain(&map("STANDARD", "C", PICKY, fields)).run(data("[1, 2, 3, 4]"));
    for fields in [
        "",
        r#""ToleratedFailureCount": 1,"#,
        r#""ToleratedFailurePercentage": 49,"#,
    ] {
        let ran = run(fields);
        assert_eq!(
            ran.error(),
            "States.ExceedToleratedFailureThreshold",
            "{fields}"
        );
        assert_eq!(
            cause(&ran),
            "The specified tolerated failure threshold was exceeded"
        );
        assert_eq!(ran.count("MapRunFailed"), 1);
        assert_eq!(
            ran.event("MapRunFailed").get("error").unwrap().as_str(),
            Some(ran.error())
        );
    }
    for fields in [
        r#""ToleratedFailureCount": 2,"#,
        r#""ToleratedFailurePercentage": 50,"#,
    ] {
        let ran = run(fields);
        let output = ran.output().as_array().unwrap();
        assert_eq!(
            (output.len(), &output[0], &output[2]),
            (4, &Data::from(1), &Data::from(3))
        );
        assert_eq!(output[1].get("Status").unwrap().as_str(), Some("FAILED"));
        assert_eq!(output[1].get("Error").unwrap().as_str(), Some("Odd"));
    }
}

#[test]
fn children_are_stopped_when_too_many_failed() {
    let states = format!(
        r#"{SLOW}, "C": {{"Type": "Choice", "Default": "W",
        "Choices": [{{"Variable": "$", "NumericEquals": 1, "Next": "F"}}]}}, "F": {{"Type": "Fail", "Error": "E"}}"#
    );
    let ran = plain(&map("STANDARD", "C", &states, r#""MaxConcurrency": 3,"#))
        .run(data("[3, 2, 1, 4, 5]"));
    assert_eq!(ran.error(), "States.ExceedToleratedFailureThreshold");
    assert_eq!(ran.seconds_of("ExecutionFailed"), [0.0]);
    let statuses = ran
        .finished
        .others
        .iter()
        .map(|other| other.execution.status().as_str());
    assert_eq!(
        statuses.collect::<Vec<_>>(),
        ["ABORTED", "ABORTED", "FAILED"]
    );
}

#[test]
fn a_map_run_ends_with_its_execution() {
    let stop = Stopper::default();
    stop.stop(Failure::new("Enough", "of this"));
    let ran = plain(&map("STANDARD", "W", SLOW, ""))
        .stopped_by(&stop)
        .run(data("[1, 2]"));
    assert_eq!(ran.status().as_str(), "ABORTED");
    let statuses = ran
        .finished
        .others
        .iter()
        .map(|other| other.execution.status().as_str());
    assert_eq!(statuses.collect::<Vec<_>>(), ["ABORTED", "ABORTED"]);
    let definition = map("STANDARD", "W", SLOW, "").replacen('{', r#"{"TimeoutSeconds": 4, "#, 1);
    let ran = plain(&definition).run(data("[1]"));
    assert_eq!(ran.status().as_str(), "TIMED_OUT");
    assert_eq!(ran.other("test/run").status().as_str(), "ABORTED");
}

#[test]
fn items_are_selected_and_batched() {
    let fields = r#""ItemsPath": "$.items", "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index",
            "from.$": "$$.Map.Item.Source", "all.$": "$.name"},
        "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"who.$": "$.name"}},"#;
    let ran =
        plain(&map("EXPRESS", "P", PASS, fields)).run(data(r#"{"items": [7, 8, 9], "name": "x"}"#));
    let item = |n: i64, at: i64| format!(r#"{{"n":{n},"at":{at},"from":"STATE_DATA","all":"x"}}"#);
    let expected = format!(
        r#"[{{"BatchInput":{{"who":"x"}},"Items":[{},{}]}},{{"BatchInput":{{"who":"x"}},"Items":[{}]}}]"#,
        item(7, 0),
        item(8, 1),
        item(9, 2)
    );
    assert_eq!(ran.output(), &data(&expected));
    let missing = map(
        "STANDARD",
        "P",
        PASS,
        r#""ItemSelector": {"n.$": "$.missing"},"#,
    );
    let ran = plain(&missing).run(data("[1]"));
    assert_eq!(ran.error(), "States.Runtime");
    assert!(ran.finished.others.is_empty());
}

#[test]
fn a_machine_may_map_over_nothing_and_within_a_map() {
    assert_eq!(
        plain(&map("STANDARD", "P", PASS, ""))
            .run(data("[]"))
            .output()
            .to_string(),
        "[]"
    );
    let inner = map("STANDARD", "P", PASS, "");
    let inner = data(&inner)
        .pointer("/States/M")
        .unwrap()
        .to_string()
        .replace("\"run\"", "\"inner\"");
    let ran =
        plain(&map("STANDARD", "I", &format!("\"I\": {inner}"), "")).run(data("[[1, 2], [3]]"));
    assert_eq!(ran.output().to_string(), "[[1,2],[3]]");
    assert_eq!(ran.other("test/run/inner").output().to_string(), "1");
}

#[test]
fn a_map_that_is_retried_runs_afresh() {
    let fields =
        r#""Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 5}],"#;
    let ran = plain(&map("STANDARD", "C", PICKY, fields)).run(data("[2]"));
    assert_eq!(ran.error(), "States.ExceedToleratedFailureThreshold");
    assert_eq!(ran.seconds_of("MapRunStarted"), [0.0, 5.0]);
    assert_eq!(ran.finished.others.len(), 2);
}

const READER: &str = r#""ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket.$": "$.bucket",
    "Key.$": "$.key"}, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 2}},"#;

#[test]
fn items_are_read_from_an_object() {
    let bucket = Bucket::holding(&[("in.csv", "name,n\na,1\nb,2\nc,3\n")]);
    let run = |input: &str| {
        let definition = map("STANDARD", "P", PASS, READER);
        Workflow::with(&definition, bucket.functions()).run(data(input))
    };
    let ran = run(r#"{"bucket": "b", "key": "in.csv"}"#);
    assert_eq!(
        ran.output().to_string(),
        r#"[{"name":"a","n":"1"},{"name":"b","n":"2"}]"#
    );
    assert_eq!(ran.event("MapStateStarted").to_string(), r#"{"length":0}"#);
    let ran = run(r#"{"bucket": "b", "key": "missing"}"#);
    assert_eq!(
        (ran.error(), cause(&ran).as_str()),
        (
            "States.ItemReaderFailed",
            "The specified key does not exist."
        )
    );
    // A constant stands in for S3 as for any task; nothing at all is the configuration's fault.
    let constant =
        "version = 1\n[tasks.\"arn:aws:states:::s3:getObject\"]\nresult = {Body = \"a\\n1\\n\"}\n";
    let definition = map("STANDARD", "P", PASS, READER);
    let ran = Workflow::with(&definition, functions(constant))
        .run(data(r#"{"bucket": "b", "key": "k"}"#));
    assert_eq!(ran.output().to_string(), r#"[{"a":"1"}]"#);
    let ran = plain(&definition).run(data(r#"{"bucket": "b", "key": "k"}"#));
    assert_eq!(ran.error(), "States.Runtime");
}

/// A `ResultWriter` with further fields.
fn writer(bucket: &str, more: &str) -> String {
    format!(
        r#""ToleratedFailureCount": 1, "ResultWriter": {{"Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {{"Bucket": "{bucket}", "Prefix": "out"}}{more}}},"#
    )
}

#[test]
fn results_are_written_by_how_they_ended() {
    let bucket = Bucket::default();
    let definition = map("STANDARD", "C", PICKY, &writer("b", ""));
    let ran = Workflow::with(&definition, bucket.functions()).run(data("[1, 2, 3]"));
    let key = ran
        .output()
        .pointer("/ResultWriterDetails/Key")
        .unwrap()
        .as_str()
        .unwrap();
    assert_eq!(without_uuid(key), "out/UUID/manifest.json");
    assert_eq!(
        ran.output()
            .pointer("/ResultWriterDetails/Bucket")
            .unwrap()
            .as_str(),
        Some("b")
    );
    let arn = ran.event("MapRunStarted").get("mapRunArn").cloned();
    assert_eq!(ran.output().get("MapRunArn").cloned(), arn);
    assert_eq!(
        bucket.keys(),
        [
            "out/UUID/FAILED_0.json",
            "out/UUID/SUCCEEDED_0.json",
            "out/UUID/manifest.json"
        ]
    );
    let succeeded = bucket.object("SUCCEEDED_0.json");
    let text = |at: &str| {
        succeeded
            .pointer(at)
            .and_then(Data::as_str)
            .unwrap_or("?")
            .to_owned()
    };
    assert_eq!(succeeded.as_array().unwrap().len(), 2);
    assert_eq!(
        (text("/1/Input"), text("/1/Output"), text("/1/Status")),
        ("3".into(), "3".into(), "SUCCEEDED".into())
    );
    assert_eq!(text("/0/StartDate"), "2026-01-01T00:00:00.000Z");
    assert_eq!(
        bucket
            .object("FAILED_0.json")
            .pointer("/0/Error")
            .and_then(Data::as_str),
        Some("Odd")
    );
    let manifest = bucket.object("manifest.json");
    assert_eq!(
        manifest
            .pointer("/ResultFiles/PENDING")
            .unwrap()
            .to_string(),
        "[]"
    );
    let size = manifest
        .pointer("/ResultFiles/SUCCEEDED/0/Size")
        .and_then(Data::as_i64)
        .unwrap();
    assert_eq!(size as usize, succeeded.to_string().len());
}

#[test]
fn results_are_written_also_of_a_run_that_fails() {
    let bucket = Bucket::default();
    let fields = writer("b", "").replace(": 1,", ": 0, \"MaxConcurrency\": 1,");
    let definition = map("STANDARD", "C", PICKY, &fields);
    let ran = Workflow::with(&definition, bucket.functions()).run(data("[1, 2, 3]"));
    assert_eq!(ran.error(), "States.ExceedToleratedFailureThreshold");
    let pending = bucket.object("PENDING_0.json");
    assert_eq!(
        pending.pointer("/0/Input").and_then(Data::as_str),
        Some("3")
    );
    assert_eq!(
        pending.pointer("/0/Status").and_then(Data::as_str),
        Some("PENDING")
    );
    let definition = map("STANDARD", "P", PASS, &writer("locked", ""));
    let ran = Workflow::with(&definition, bucket.functions()).run(data("[1]"));
    assert_eq!(
        (ran.error(), cause(&ran).as_str()),
        ("States.ResultWriterFailed", "Access Denied")
    );
}

#[test]
fn results_take_the_form_that_is_wanted() {
    let bucket = Bucket::default();
    let more = r#", "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}"#;
    let definition = map("EXPRESS", "P", PASS, &writer("b", more));
    Workflow::with(&definition, bucket.functions()).run(data("[[1, 2], 3]"));
    let objects = bucket.0.lock().unwrap();
    let (_, lines) = objects
        .iter()
        .find(|(key, _)| key.contains("SUCCEEDED_0.jsonl"))
        .unwrap();
    assert_eq!(lines, "1\n2\n3\n");
    let form = |transformation: &str| {
        let fields = format!(
            r#""ResultWriter": {{"WriterConfig": {{"Transformation": "{transformation}"}}}},"#
        );
        plain(&map("STANDARD", "P", PASS, &fields)).run(data("[[1, 2], 3]"))
    };
    assert_eq!(form("FLATTEN").output().to_string(), "[1,2,3]");
    assert_eq!(form("COMPACT").output().to_string(), "[[1,2],3]");
    let described = form("NONE");
    let output = described
        .output()
        .pointer("/0/Output")
        .and_then(Data::as_str);
    assert_eq!(output, Some("[1,2]"));
}

#[test]
fn many_children_take_little_room() {
    let items: Data = (0..20_000).map(Data::from).collect();
    let definition = map(
        "EXPRESS",
        "P",
        PASS,
        r#""MaxConcurrency": 100, "ResultSelector": {"n.$": "States.ArrayLength($)"},"#,
    );
    let ran = plain(&definition).run(items);
    assert_eq!(ran.output().to_string(), r#"{"n":20000}"#);
    assert!(
        ran.finished.others.len() < 6_000,
        "{} are kept",
        ran.finished.others.len()
    );
}

#[test]
fn workers_do_the_tasks_of_children() {
    let task = r#""T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo", "End": true}"#;
    let manifest = "version = 1\n[functions.echo]\nmodule = \"guests/echo.wasm\"\n";
    let definition = map("STANDARD", "T", task, r#""MaxConcurrency": 2,"#);
    let ran = Workflow::with(&definition, functions(manifest)).run(data("[1, 2, 3]"));
    assert_eq!(ran.output().to_string(), "[1,2,3]");
    assert_eq!(ran.invocations.len(), 3);
}

#[test]
fn the_wall_clock_changes_nothing_but_the_times() {
    let fields = r#""MaxConcurrency": 2, "ItemBatcher": {"MaxItemsPerBatch": 2}, "ItemSelector": {"u.$": "States.UUID()"},"#;
    let definition = map("STANDARD", "P", PASS, fields);
    let children = |ran: &Ran| {
        let others = ran.finished.others.iter().map(|other| &other.execution);
        let told = others.map(|one| format!("{} {}", one.about().execution_arn, one.input()));
        (
            ran.types(),
            ran.event("MapRunStarted"),
            told.collect::<Vec<_>>(),
        )
    };
    let items = || data("[1, 2, 3, 4, 5]");
    let virtually = plain(&definition).run(items());
    let really = plain(&definition).real_time().run(items());
    assert_eq!(children(&virtually), children(&really));
    assert_eq!(children(&really).2.len(), 3);
}
