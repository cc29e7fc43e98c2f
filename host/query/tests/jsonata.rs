//! Runs the case files of `tests/cases/jsonata`. `WF_HOST_BLESS=1` rewrites what they expect.
//!
//! A case has an `expression` and may have an `input`, a `result`, an `errorOutput`, a `context`, `variables` and
//! a `note`. `expect` is `{"output": ...}`, `{"undefined": true}`, `{"error": "..."}` with what follows the name
//! of the field in AWS's text, or `{"syntax": [...]}` when the text is refused.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read their case files and say which they rewrote"
)]

mod common;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use common::Fixed;
use data::{Data, Object};
use query::{Jsonata, JsonataError, JsonataSyntaxError, States};

#[test]
fn all_cases_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/jsonata");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let failures: Vec<String> = files.iter().flat_map(|file| check(file)).collect();
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn check(file: &Path) -> Vec<String> {
    let name = file.file_name().unwrap().to_string_lossy();
    let text = Data::parse(&std::fs::read_to_string(file).unwrap());
    let content = text.unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut failures = Vec::new();
    let mut out = String::from("[");
    let mut mark = "\n";
    for case in content.as_array().unwrap().iter() {
        let outcome = run(case);
        if case.get("expect") != Some(&outcome) {
            let expected = case.get("expect").cloned().unwrap_or_default();
            let expression = case.get("expression").cloned().unwrap_or_default();
            failures.push(format!(
                "{name}: {expression}\n  expected {expected}\n  found    {outcome}"
            ));
        }
        let blessed = case.as_object().unwrap().with("expect", outcome);
        write!(out, "{mark}  {}", Data::from(blessed)).unwrap();
        mark = ",\n";
    }
    out.push_str("\n]\n");
    if std::env::var_os("WF_HOST_BLESS").is_some() && !failures.is_empty() {
        eprintln!("{name}: {} expectations rewritten", failures.len());
        std::fs::write(file, out).unwrap();
        failures.clear();
    }
    failures
}

fn run(case: &Data) -> Data {
    let field = |name: &str| case.get(name).cloned().unwrap_or_else(Data::empty_object);
    let outside = Fixed::new(field("context"), field("variables"));
    let input = field("input");
    let states = States {
        input: &input,
        result: case.get("result"),
        error_output: case.get("errorOutput"),
        outside: &outside,
    };
    let text = case.get("expression").and_then(Data::as_str).unwrap();
    let expression = match Jsonata::parse_all(text) {
        Ok(expression) => expression,
        Err(errors) => {
            return one("syntax", errors.iter().map(refused).collect::<Data>());
        }
    };
    match expression.evaluate(&states) {
        Ok(Some(output)) => one("output", output),
        Ok(None) => one("undefined", true),
        Err(reason) => {
            let error = JsonataError {
                expression: text.into(),
                field: "Output".into(),
                reason,
            };
            let words = error.to_string();
            let (_, words) = words
                .rsplit_once("threw an error during evaluation")
                .unwrap();
            one("error", words)
        }
    }
}

fn refused(error: &JsonataSyntaxError) -> Data {
    let kind = if error.unsupported {
        "unsupported"
    } else {
        "invalid"
    };
    Data::from(format!("{}: {kind}: {}", error.offset, error.message))
}

fn one(name: &str, value: impl Into<Data>) -> Data {
    Data::from(Object::builder().with(name, value).build())
}
