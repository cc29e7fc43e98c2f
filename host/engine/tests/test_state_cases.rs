//! Every rule of TestState, as a case file each: see `test_state/`.
//!
//! A case holds the request as the API has it, except that `definition`, `input`, `variables`, `context` and
//! the JSON texts inside `mock` and `stateConfiguration` stand there as JSON, not as text; a string there is
//! taken as the text itself. `worker` is what the worker of a Task
//! says, `quotas` those that differ from AWS's. `WF_HOST_BLESS=1` rewrites the
//! expected parts; read what it wrote.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests read case files where they lie, and say what is for a later day"
)]

use std::path::{Path, PathBuf};

use data::{Data, Object};
use engine::{
    Answer, Entropy, Failure, TaskRequest, TestSetting, TestStateRequest, Timestamp, test_state,
};

/// 2026-01-01T00:00:00Z
const NOW: Timestamp = Timestamp(1_767_225_600_000);
/// The members of the request, at any depth, that are JSON as text.
const TEXTS: [&str; 6] = [
    "definition",
    "input",
    "variables",
    "context",
    "result",
    "mapItemReaderData",
];

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/test_state");
    let entries = std::fs::read_dir(folder).expect("the case files are part of the repository");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

#[test]
fn cases_go_as_they_should() {
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    let files = files();
    assert!(files.len() >= 50, "only {} cases", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case is readable");
        let name = file.file_stem().expect("a name").to_string_lossy();
        let case = Data::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = outcome(&case);
        if is_for_later(&found) {
            eprintln!("NOT YET: the compiler does not take the definition of {name}");
            continue;
        }
        assert_eq!(
            found,
            outcome(&case),
            "{name}: the same test, another answer"
        );
        if bless {
            let case = case.as_object().expect("a case is an object");
            let text = Data::from(case.with("expect", found)).to_pretty() + "\n";
            std::fs::write(&file, text).expect("a case is writable");
        } else if case.get("expect") != Some(&found) {
            let expected = case.get("expect").cloned().unwrap_or_default();
            let (expected, found) = (expected.to_pretty(), found.to_pretty());
            wrong.push(format!(
                "== {name}\n-- expected\n{expected}\n-- found\n{found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn outcome(case: &Data) -> Data {
    let request = case.get("request").expect("a case has a request");
    let mut setting = TestSetting::new(NOW, Entropy::from_seed(1));
    let quotas = case.get("quotas").and_then(Data::as_object);
    for (name, value) in quotas.iter().flat_map(|object| object.iter()) {
        let value = value.as_i64().map(i64::unsigned_abs);
        let set = setting
            .quotas
            .set(name, value.expect("a quota is a number"));
        set.expect("there is such a quota");
    }
    let worker = |request: &TaskRequest| answer(request, case.get("worker"));
    let found = TestStateRequest::from_data(&texts(request))
        .and_then(|request| test_state(&request, &setting, worker));
    match found {
        Ok(output) => parsed(&output.to_data()),
        Err(error) => {
            let refusal = Object::builder().with("code", error.code.as_str());
            refusal.with("message", error.message).build().into()
        }
    }
}

/// Whatever stands in the place of a member, there is an answer.
#[test]
fn no_request_makes_it_panic() {
    if std::env::var_os("WF_HOST_BLESS").is_some() {
        return; // the cases are being written
    }
    let odd = [
        "null",
        "true",
        "-1",
        "2147483647",
        "1e300",
        "\"\"",
        "\"{}\"",
        "\"[1]\"",
        "\"x\"",
        "[]",
        "{}",
    ];
    let odd = odd.map(|text| Data::parse(text).expect("JSON"));
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("a case is readable");
        let case = Data::parse(&text).expect("a case is JSON");
        let request = texts(case.get("request").expect("a case has a request"));
        for request in odd.iter().flat_map(|odd| replaced(&request, odd)) {
            let setting = TestSetting::new(NOW, Entropy::from_seed(1));
            let worker = |request: &TaskRequest| answer(request, case.get("worker"));
            let found = TestStateRequest::from_data(&request)
                .and_then(|request| test_state(&request, &setting, worker));
            drop(found);
        }
    }
}

/// The request with `value` in the place of each of its members in turn, at any depth.
fn replaced(request: &Data, value: &Data) -> Vec<Data> {
    let mut all = vec![value.clone()];
    let object = request.as_object();
    for (object, (name, member)) in object.iter().flat_map(|o| o.iter().map(move |m| (o, m))) {
        let members = replaced(member, value).into_iter();
        all.extend(members.map(|member| Data::from(object.with(name.clone(), member))));
    }
    all
}

/// Definitions that the compiler knows to be valid and does not take yet.
fn is_for_later(found: &Data) -> bool {
    let message = found.get("message").and_then(Data::as_str);
    message.is_some_and(|message| message.contains("NOT_SUPPORTED_YET"))
}

/// The request with JSON as text where the API has it so.
fn texts(request: &Data) -> Data {
    let Some(object) = request.as_object() else {
        return request.clone();
    };
    let members = object.iter().map(|(name, value)| {
        let is_text = TEXTS.contains(&name.as_str()) && value.as_str().is_none();
        let value = match is_text && !value.is_null() {
            true => Data::from(value.to_string()),
            false => texts(value),
        };
        (name.clone(), value)
    });
    Data::Object(members.collect())
}

/// What the case says, or without a word of it the request.
fn answer(request: &TaskRequest, worker: Option<&Data>) -> Answer {
    let text = |name: &str| worker?.get(name)?.as_str();
    if let Some(error) = text("error") {
        let failure = Failure {
            error: Some(error.into()),
            cause: text("cause").map(Into::into),
        };
        return Err(failure).into();
    }
    let result = worker.and_then(|worker| worker.get("result"));
    let asked = Object::builder()
        .with("resource", request.resource.text.clone())
        .with("attempt", i64::from(request.attempt))
        .with("input", request.input.clone());
    Ok(result.cloned().unwrap_or_else(|| asked.build().into())).into()
}

/// JSON texts as what they hold, so that a person can read them.
fn parsed(data: &Data) -> Data {
    let Some(object) = data.as_object() else {
        return data.clone();
    };
    let plain = ["error", "cause", "nextState", "status"];
    let members = object.iter().map(|(name, value)| {
        let value = match value.as_str() {
            Some(text) if !plain.contains(&name.as_str()) => {
                Data::parse(text).expect("data between the stages is JSON")
            }
            _ => parsed(value),
        };
        (name.clone(), value)
    });
    Data::Object(members.collect())
}
