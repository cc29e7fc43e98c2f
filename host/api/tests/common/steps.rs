//! Case files: operations of a service in sequence, each with the time it is asked at and what comes of it.
//!
//! A file is an object with `steps`. A step has `call`, and if need be `with` (the parameters), `at` (a moment that
//! stays for the steps after it) and `region`. What is expected stands beside it as `answer` or `error`. A parameter
//! that is a text starting with `@` is the JSON pointer of a value in the list of the answers so far.
//! `WF_HOST_BLESS=1` rewrites what is expected; read what it wrote.

use std::path::Path;

use api::model::Model;
use api::{ApiError, Caller};
use data::{Data, Object};
use engine::Timestamp;

use super::answers;

/// 2026-01-01T00:00:00Z
pub const START: Timestamp = Timestamp(1_767_225_600_000);

/// An operation as a test asks for it.
pub type Call<'c> = dyn Fn(Timestamp, &Caller, &str, &Data) -> Result<Data, ApiError> + 'c;

/// What comes of a call that need not wait.
pub fn now<T>(answer: impl Future<Output = T>) -> T {
    let tokio = tokio::runtime::Builder::new_current_thread().build();
    tokio.expect("a runtime").block_on(answer)
}

/// Runs all case files of a folder of `tests`, each with a service of its own.
pub fn check<'c>(folder: &str, least: usize, model: &Model, service: impl Fn() -> Box<Call<'c>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let entries = std::fs::read_dir(folder).expect("the case files are part of the repository");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= least, "only {} cases", files.len());
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case is readable");
        let name = file.display();
        let case = Data::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = run(&case, model, &*service(), &mut wrong);
        if bless {
            std::fs::write(&file, found.to_pretty() + "\n").expect("a case is writable");
        } else if found != case {
            wrong.push(format!("== {name}\n{}", differences(&case, &found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The case with what comes of its steps; answers that the model does not allow are told in `wrong`.
fn run(case: &Data, model: &Model, call: &Call<'_>, wrong: &mut Vec<String>) -> Data {
    let mut now = START;
    let mut answers = Vec::new();
    let mut done = Vec::new();
    for step in given(case) {
        let text = |name: &str| step.get(name).and_then(Data::as_str);
        if let Some(at) = text("at") {
            now = Timestamp::parse(at).expect("a moment");
        }
        let mut caller = Caller::local();
        caller.region = text("region").unwrap_or("us-east-1").into();
        let operation = text("call").expect("an operation");
        let parameters = step.get("with").cloned().unwrap_or_else(Data::empty_object);
        let result = call(now, &caller, operation, &resolved(&parameters, &answers));
        let step = step
            .as_object()
            .expect("an object")
            .without("answer")
            .without("error");
        let step = match result {
            Ok(answer) => {
                wrong.extend(answers::faults(model, operation, &answer));
                answers.push(answer.clone());
                step.with("answer", answer)
            }
            Err(error) => {
                answers.push(Data::Null);
                step.with("error", refused(&error))
            }
        };
        done.push(Data::from(step));
    }
    let case = case.as_object().expect("a case is an object");
    case.with("steps", done.into()).into()
}

fn given(case: &Data) -> &[Data] {
    let steps = case.get("steps").and_then(Data::as_array);
    steps.expect("a case has steps").items()
}

fn refused(error: &ApiError) -> Data {
    let mut shown = Object::builder()
        .with("status", i64::from(error.status))
        .with("code", error.code.as_ref())
        .with("message", error.message.as_str());
    for (name, value) in &error.members {
        shown.insert((*name).into(), value.as_str().into());
    }
    shown.build().into()
}

fn resolved(value: &Data, answers: &[Data]) -> Data {
    match value {
        Data::String(text) => match text.strip_prefix('@') {
            Some(pointer) => {
                let answers = Data::from(answers.to_vec());
                let found = answers.pointer(pointer).cloned();
                found.unwrap_or_else(|| panic!("no answer has {pointer}"))
            }
            None => value.clone(),
        },
        Data::Array(items) => items
            .items()
            .iter()
            .map(|item| resolved(item, answers))
            .collect(),
        Data::Object(members) => {
            let mut object = Object::builder();
            for (name, value) in members.iter() {
                object.insert(name.clone(), resolved(value, answers));
            }
            object.build().into()
        }
        Data::Null | Data::Bool(_) | Data::Number(_) => value.clone(),
    }
}

fn differences(case: &Data, found: &Data) -> String {
    let steps = |data| given(data).iter();
    let pairs = steps(case).zip(steps(found)).enumerate();
    let different = pairs.filter(|(_, (expected, found))| expected != found);
    let shown = different.map(|(index, (expected, found))| {
        let (expected, found) = (expected.to_pretty(), found.to_pretty());
        format!("-- step {index}, expected\n{expected}\n-- found\n{found}")
    });
    shown.collect::<Vec<_>>().join("\n")
}
