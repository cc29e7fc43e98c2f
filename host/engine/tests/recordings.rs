//! What real AWS did with machines that need nothing but the interpreter, a Lambda function or a queue.
//!
//! `recordings.txt` lists the recordings that must come out the same, statuses, outputs, failures and
//! histories. The first difference of every other one is printed.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read recordings where they lie, and say so when there are none"
)]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use common::{Driver, Say, about};
use data::{Data, Format, Object, Source};
use engine::{Failure, Input, Quotas, Status, TaskRequest};

type Compared = Result<(), String>;

#[test]
fn recordings_come_out_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../../../shared/conformance/recordings");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: there are no recordings in {}", folder.display());
        return;
    };
    let listed = std::fs::read_to_string(root.join("tests/recordings.txt")).expect("the list");
    let listed: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    let mut passed = BTreeSet::new();
    let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a recording is readable");
        let records = Data::parse(&text).expect("a recording is JSON");
        for record in records.as_array().expect("an array of recordings").iter() {
            let id = text_of(record, "id");
            match compare(record) {
                None => {}
                Some(Ok(())) => drop(passed.insert(id)),
                Some(Err(difference)) => eprintln!("DIFFERS {id}\n    {difference}"),
            }
        }
    }
    for new in passed.difference(&listed) {
        eprintln!("PASSES but is not listed: {new}");
    }
    eprintln!("{} recordings come out the same", passed.len());
    let lost: Vec<_> = listed.difference(&passed).collect();
    assert!(lost.is_empty(), "these came out the same before: {lost:#?}");
}

/// None where the recording is about something else, or its definition is for a later day.
fn compare(record: &Data) -> Option<Compared> {
    let needs = record.get("needs")?.as_array()?;
    let can = |need: &Data| matches!(need.as_str(), Some("lambda" | "sqs"));
    let executions = record.get("executions")?.as_array()?.iter();
    let executions: Vec<&Data> = executions.filter(|one| is_looked_at(one)).collect();
    if executions.is_empty() || !needs.iter().all(can) {
        return None;
    }
    let mut outcome = Ok(());
    for execution in executions {
        let definition = definition(record, execution)?;
        if [
            "JSONata",
            "\"Assign\"",
            ":activity:",
            "states:startExecution",
            "aws-sdk:",
        ]
        .iter()
        .any(|other| definition.contains(other))
        {
            return None;
        }
        outcome = outcome.and_then(|()| run(record, &definition, execution));
    }
    Some(outcome)
}

fn is_looked_at(execution: &Data) -> bool {
    let expected = execution.get("expected").and_then(Data::as_object);
    expected
        .is_some_and(|expected| expected.contains_key("status") || expected.contains_key("case"))
}

fn definition(record: &Data, execution: &Data) -> Option<String> {
    let machine = execution.get("sm");
    let machines = record.get("state_machines")?.as_array()?;
    let found = machines.iter().find(|one| one.get("ref") == machine)?;
    Some(found.get("definition")?.as_str()?.to_owned())
}

fn run(record: &Data, definition: &str, execution: &Data) -> Compared {
    let source = Source::new("recording", definition);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    let Some(program) = compiled.program else {
        let found = compiled.diagnostics.iter().map(|one| one.render(&source));
        return Err(format!("does not compile: {}", found.collect::<String>()));
    };
    let input = execution
        .get("input")
        .and_then(Data::as_str)
        .unwrap_or("{}");
    let input = Data::parse(input).map_err(|error| error.to_string())?;
    let expected = execution.get("expected").cloned().unwrap_or_default();
    let mut driver = Driver::new(Arc::new(program), about(Quotas::default()));
    driver.plan(0, Input::Start(input));
    let calls = record.get("api_calls").and_then(Data::as_array);
    let stops = |call: &Data| text_of(call, "op") == "StopExecution";
    if calls.is_some_and(|calls| calls.iter().any(stops)) {
        driver.plan(1000, Input::Stop(Failure::default()));
    }
    driver.run(&mut |request| work(record, &expected, request));
    check(record, &expected, &driver)
}

fn check(record: &Data, expected: &Data, driver: &Driver) -> Compared {
    let ignored = ignored(record);
    let found = found(driver);
    let both = |name: &str, expected: &Data| {
        let found = found.get(name).cloned().unwrap_or_default();
        same(
            name,
            &without(expected, &ignored),
            &without(&found, &ignored),
        )
    };
    if let Some(output) = expected.pointer("/case/output") {
        return both("output", output);
    }
    for name in ["status", "output", "error", "cause"] {
        match (expected.get(name), found.get(name)) {
            (Some(value), _) => both(name, value)?,
            (None, None) => {}
            (None, Some(more)) => return Err(format!("{name}: AWS gives none, but {more}")),
        }
    }
    let empty = data::Array::from(Vec::new());
    let events = expected
        .get("history")
        .and_then(Data::as_array)
        .unwrap_or(&empty);
    let mut events: Vec<&Data> = events.iter().collect();
    events.sort_by_key(|event| event.get("id").and_then(Data::as_i64));
    let ours = driver.history();
    for (event, our) in events.iter().zip(&ours) {
        let our = our.to_data(|_| Data::from("timestamp"));
        same("event", &without(event, &ignored), &without(&our, &ignored))
            .map_err(|difference| format!("{difference}\n    AWS {event}\n    we  {our}"))?;
    }
    if events.len() != ours.len() {
        return Err(format!("{} events, AWS has {}", ours.len(), events.len()));
    }
    Ok(())
}

fn found(driver: &Driver) -> Data {
    let status = driver.execution.status();
    let mut found = Object::builder().with("status", status.as_str());
    match status {
        Status::Succeeded { output } => found.insert("output".into(), output.clone()),
        Status::Failed(failure) | Status::Aborted(failure) => {
            for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
                if let Some(text) = text {
                    found.insert(name.into(), text.clone().into());
                }
            }
        }
        Status::Created | Status::Running | Status::TimedOut(_) => {}
    }
    found.build().into()
}

/// The names of the members that the recording itself leaves aside.
fn ignored(record: &Data) -> Vec<String> {
    let paths = record.get("ignore").and_then(Data::as_array);
    let names = paths.into_iter().flat_map(|paths| paths.iter());
    let names = names.filter_map(|path| Some(path.as_str()?.strip_prefix("$..")?.to_owned()));
    // Headers are those of the day.
    names
        .chain(["SdkHttpMetadata".into(), "SdkResponseMetadata".into()])
        .collect()
}

fn without(data: &Data, names: &[String]) -> Data {
    match data {
        Data::Object(object) => {
            let kept = object
                .iter()
                .filter(|(key, _)| !names.iter().any(|name| name == *key));
            let kept = kept.map(|(key, value)| (key.clone(), without(value, names)));
            Data::Object(kept.collect())
        }
        Data::Array(array) => array.iter().map(|item| without(item, names)).collect(),
        Data::String(text) => match structure(text) {
            Some(parsed) => without(&parsed, names),
            None => data.clone(),
        },
        Data::Null | Data::Bool(_) | Data::Number(_) => data.clone(),
    }
}

/// A string that is a JSON object or array stands for it.
fn structure(text: &str) -> Option<Data> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    Data::parse(text).ok()
}

fn same(place: &str, expected: &Data, found: &Data) -> Compared {
    let differs = || Err(format!("{place}: AWS {expected}, we {found}"));
    match (expected, found) {
        (Data::Object(a), Data::Object(b)) => {
            if let Some((key, _)) = b.iter().find(|(key, _)| !a.contains_key(key)) {
                return Err(format!("{place}: AWS has no {key}"));
            }
            a.iter().try_for_each(|(key, value)| {
                let other = b
                    .get(key)
                    .ok_or_else(|| format!("{place}: we have no {key}"))?;
                same(&format!("{place}/{key}"), value, other)
            })
        }
        (Data::Array(a), Data::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b.iter())
            .try_for_each(|(a, b)| same(place, a, b)),
        (Data::String(a), Data::String(b)) if matches(a, b) => Ok(()),
        // Recorded outputs are strings where their JSON was not taken apart.
        (Data::String(text), _) if Data::parse(text).is_ok_and(|parsed| parsed == *found) => Ok(()),
        _ if expected == found => Ok(()),
        _ => differs(),
    }
}

/// `<anything>` stands for a text that differs from run to run, and so do a few words.
fn matches(pattern: &str, text: &str) -> bool {
    let words = [
        "snf_role_arn",
        "sfn_role_arn",
        "timestamp",
        "datetime",
        "date",
        "start-time",
        "entered-time",
    ];
    if words.contains(&pattern) {
        return true;
    }
    for name in [
        "lambda_function_name",
        "lambda_function_1_name",
        "lambda_function_2_name",
    ] {
        if pattern.ends_with(name) {
            return matches(&pattern.replace(name, "<function>"), text);
        }
    }
    let text = text.replace("000000000000", "111111111111");
    if pattern == text {
        return true;
    }
    let Some((start, rest)) = pattern.split_once('<') else {
        return false;
    };
    let Some((_, rest)) = rest.split_once('>') else {
        return false;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    (1..=text.len())
        .filter(|at| text.is_char_boundary(*at))
        .any(|at| matches(rest, &text[at..]))
}

/// Stands in for the function or the queue.
fn work(record: &Data, expected: &Data, request: &TaskRequest) -> Vec<(i64, Say)> {
    let started = (0, Say::Started(None));
    if request.resource.text.contains(":sqs:") {
        return queue(expected, request, started);
    }
    let is_invoke = request.resource.text.contains(":lambda:invoke");
    let nothing = Data::empty_object();
    let event = if is_invoke {
        request.input.get("Payload").unwrap_or(&nothing)
    } else {
        &request.input
    };
    let functions = record.get("functions").and_then(Data::as_object);
    let function = functions.and_then(|functions| functions.values().next());
    let behaviour = function
        .map(|one| text_of(one, "behaviour"))
        .unwrap_or_default();
    let end = match behave(&behaviour, event) {
        Err(failure) => Say::Failed(failure),
        Ok(payload) if is_invoke => Say::Succeeded(response(payload)),
        Ok(payload) => Say::Succeeded(payload),
    };
    vec![started, (0, end)]
}

fn behave(behaviour: &str, event: &Data) -> Result<Data, Failure> {
    match behaviour {
        "echo" => Ok(event.clone()),
        "return-hello" => Ok(Object::builder()
            .with("Return", "HelloWorld")
            .build()
            .into()),
        // The recording shows the text that the bytes spell, once read as JSON.
        "bytes" => Ok(Data::from("HelloWorld!")),
        "large-utf8" => Ok(Data::from("a".repeat(257 * 1024))),
        "raise" => Err(raised(
            "Exception",
            "Some exception was raised.",
            "2, in handler\n    raise Exception(\"Some exception was raised.\")\n",
        )),
        "raise-custom" => Err(raised(
            "CustomException",
            "",
            "9, in handler\n    raise CustomException()\n",
        )),
        other => panic!("there is no behaviour {other:?}"),
    }
}

fn raised(kind: &str, message: &str, place: &str) -> Failure {
    let frame = format!("  File \"/var/task/handler.py\", line {place}");
    let payload = Object::builder()
        .with("errorMessage", message)
        .with("errorType", kind)
        .with("requestId", "00000000-0000-4000-8000-000000000000")
        .with("stackTrace", vec![Data::from(frame)]);
    Failure::new(kind, Data::from(payload.build()).to_string())
}

fn response(payload: Data) -> Data {
    let response = Object::builder()
        .with("ExecutedVersion", "$LATEST")
        .with("Payload", payload)
        .with("StatusCode", 200);
    response.build().into()
}

/// What a queue says does not matter here: it says what AWS's said.
fn queue(expected: &Data, request: &TaskRequest, started: (i64, Say)) -> Vec<(i64, Say)> {
    let waits = request.resource.text.ends_with(".waitForTaskToken");
    let member = if waits {
        "taskSubmittedEventDetails"
    } else {
        "taskSucceededEventDetails"
    };
    let events = expected.get("history").and_then(Data::as_array);
    let events = events.into_iter().flat_map(|events| events.iter());
    let output = events
        .filter_map(|event| event.get(member)?.get("output"))
        .next();
    match output.cloned() {
        Some(output) if waits => vec![started, (0, Say::Submitted(output))],
        Some(output) => vec![started, (0, Say::Succeeded(output))],
        None => {
            let failure = Failure::new("SQS.SdkClientException", "no answer was recorded");
            vec![started, (0, Say::Failed(failure))]
        }
    }
}

fn text_of(data: &Data, name: &str) -> String {
    data.get(name)
        .and_then(Data::as_str)
        .unwrap_or_default()
        .to_owned()
}
