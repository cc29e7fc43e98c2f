//! What real AWS answered to TestState, call by call, members that the recordings themselves do not verify
//! included.
//!
//! A definition that the compiler does not take yet is counted and told apart from a difference.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read recordings where they lie, and say so when there are none"
)]

use std::collections::BTreeMap;
use std::path::Path;

use data::{Data, Object};
use engine::{
    Answer, Entropy, TaskRequest, TestSetting, TestStateError, TestStateRequest, Timestamp,
    test_state,
};

/// 2026-01-01T00:00:00Z
const NOW: Timestamp = Timestamp(1_767_225_600_000);

#[test]
fn recorded_calls_come_out_the_same() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/recordings");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: there are no recordings in {}", folder.display());
        return;
    };
    let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
    files.sort();
    let (mut same, mut later, mut wrong) = (0, 0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(file).expect("a recording is readable");
        let records = Data::parse(&text).expect("a recording is JSON");
        for record in records.as_array().expect("an array of recordings").iter() {
            for call in calls(record) {
                match compare(call) {
                    Verdict::Same => same += 1,
                    Verdict::NotCompiledYet(why) => {
                        eprintln!("NOT YET {}: {why}", record.get("id").expect("an id"));
                        later += 1;
                    }
                    Verdict::Differs(how) => {
                        wrong.push(format!("{}: {how}", record.get("id").expect("an id")));
                    }
                }
            }
        }
    }
    eprintln!("{same} recorded calls come out the same, {later} have definitions for a later day");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same > 0, "there are recordings, but none of TestState");
}

fn calls(record: &Data) -> impl Iterator<Item = &Data> {
    let calls = record.get("api_calls").and_then(Data::as_array);
    let calls = calls.into_iter().flat_map(|calls| calls.iter());
    calls.filter(|call| call.get("op").and_then(Data::as_str) == Some("TestState"))
}

enum Verdict {
    Same,
    NotCompiledYet(String),
    Differs(String),
}

fn compare(call: &Data) -> Verdict {
    let params = call.get("params").expect("a call has parameters");
    let setting = TestSetting::new(NOW, Entropy::from_seed(1));
    let worker = |request: &TaskRequest| work(request, call);
    let found = TestStateRequest::from_data(params)
        .and_then(|request| test_state(&request, &setting, worker));
    let found = match found {
        Err(error) if error.message.contains("NOT_SUPPORTED_YET") => {
            return Verdict::NotCompiledYet(error.message);
        }
        Err(error) => refusal(&error),
        Ok(output) => output.to_data(),
    };
    let expected = call.get("expected").or_else(|| call.get("expected_error"));
    let expected = expected.expect("a call has an answer");
    let mut bound = BTreeMap::new();
    match differs("", &read(expected), &read(&found), &mut bound) {
        None => Verdict::Same,
        Some(how) => Verdict::Differs(how),
    }
}

fn refusal(error: &TestStateError) -> Data {
    let refusal = Object::builder().with("Code", error.code.as_str());
    refusal
        .with("Message", error.message.as_str())
        .build()
        .into()
}

/// Stands in for the functions: the one that is called by its own ARN spells bytes, the other answers what
/// AWS's answered, headers of the day included.
fn work(request: &TaskRequest, call: &Data) -> Answer {
    if !request.resource.text.contains("lambda:invoke") {
        return Ok(Data::from("HelloWorld!")).into();
    }
    let output = call
        .get("expected")
        .and_then(|expected| expected.get("output"));
    Ok(output.cloned().unwrap_or_default()).into()
}

/// Strings that hold a JSON object or array stand for it.
fn read(data: &Data) -> Data {
    match data {
        Data::Object(object) => {
            let members = object.iter();
            Data::Object(
                members
                    .map(|(key, value)| (key.clone(), read(value)))
                    .collect(),
            )
        }
        Data::Array(array) => array.iter().map(read).collect(),
        Data::String(text) if text.as_str().starts_with(['{', '[']) => {
            Data::parse(text.as_str()).map_or_else(|_| data.clone(), |parsed| read(&parsed))
        }
        Data::String(_) | Data::Null | Data::Bool(_) | Data::Number(_) => data.clone(),
    }
}

/// The first difference. `bound` holds what the placeholders of the recording stand for.
fn differs(
    place: &str,
    expected: &Data,
    found: &Data,
    bound: &mut BTreeMap<String, String>,
) -> Option<String> {
    match (expected, found) {
        (Data::Object(a), Data::Object(b)) => {
            if let Some((key, _)) = b.iter().find(|(key, _)| !a.contains_key(key)) {
                return Some(format!("{place}: AWS has no {key}"));
            }
            a.iter().find_map(|(key, value)| match b.get(key) {
                None => Some(format!("{place}: we have no {key}")),
                Some(other) => differs(&format!("{place}/{key}"), value, other, bound),
            })
        }
        (Data::Array(a), Data::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b.iter());
            pairs.find_map(|(a, b)| differs(place, a, b, bound))
        }
        (Data::String(a), Data::String(b)) if stands_for(a.as_str(), b.as_str(), bound) => None,
        _ if expected == found => None,
        _ => Some(format!("{place}: AWS {expected}, we {found}")),
    }
}

fn stands_for(pattern: &str, text: &str, bound: &mut BTreeMap<String, String>) -> bool {
    if pattern == "date" {
        return Timestamp::parse(text).is_some();
    }
    let text = text.replace("arn:aws:", "arn:<partition>:");
    let text = text.replace("us-east-1", "<region>");
    let text = text.replace("000000000000", "111111111111");
    fits(pattern, &text, bound)
}

/// Placeholders other than partition and region stand for any text, the same text each time.
fn fits(pattern: &str, text: &str, bound: &mut BTreeMap<String, String>) -> bool {
    let names = ["<resource:", "<lambda_function_name"];
    let first = names.iter().filter_map(|name| pattern.find(name)).min();
    let Some(at) = first else {
        return pattern == text;
    };
    let end = at + pattern[at..].find('>').expect("a placeholder has an end") + 1;
    let (name, rest) = (&pattern[at..end], &pattern[end..]);
    let Some(text) = text.strip_prefix(&pattern[..at]) else {
        return false;
    };
    let length = rest
        .chars()
        .next()
        .map_or(Some(text.len()), |next| text.find(next));
    let Some(length) = length else {
        return false;
    };
    let value = &text[..length];
    let known = bound
        .entry(name.to_owned())
        .or_insert_with(|| value.to_owned());
    known == value && fits(rest, &text[length..], bound)
}
