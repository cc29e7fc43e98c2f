//! The schemas that `wf-host schema` prints take every file of this repository, and refuse what wf-host refuses.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;

use serde_json::Value;
use wf_host_tests::{call, root, text};

fn schema(what: &str) -> jsonschema::Validator {
    let output = call(&["schema", what]);
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The JSON files of a folder whose names end so.
fn files(folder: &str, ending: &str) -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(root().join(folder)).unwrap();
    let all = all.map(|file| file.unwrap().path());
    let found: Vec<_> = all
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    assert!(!found.is_empty(), "{folder} has no {ending}");
    found
}

#[track_caller]
fn takes(schema: &jsonschema::Validator, path: &Path) {
    let value = json(path);
    let errors: Vec<String> = schema
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{}: {}",
        path.display(),
        errors.join("\n")
    );
}

#[test]
fn suites_are_taken() {
    let schema = schema("suite");
    for path in files("workflows", ".suite.json") {
        takes(&schema, &path);
    }
    for path in files("tests/suites", ".json") {
        takes(&schema, &path);
    }
}

#[test]
fn fault_plans_are_taken() {
    let schema = schema("faults");
    for path in files("workflows", ".faults.json") {
        takes(&schema, &path);
    }
}

#[test]
fn recordings_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let file = path.display().to_string();
    let args = [
        "run",
        "workflows/order-batch.asl.json",
        "--input",
        "@workflows/inputs/batch.json",
    ];
    let more = [
        "--clock", "virtual", "--seed", "5", "--quiet", "--record", &file,
    ];
    let output = call(&[args.as_slice(), &more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    takes(&schema("recording"), &path);
}

#[test]
fn what_is_wrong_is_refused() {
    let wrong = [
        (
            "faults",
            r#"{"version": 1, "faults": [{"at": {}, "inject": {"trapp": {}}}]}"#,
        ),
        (
            "faults",
            r#"{"version": 1, "faults": [{"at": {"attempt": "2-x"}, "inject": {"trap": {}}}]}"#,
        ),
        ("faults", r#"{"faults": []}"#),
        (
            "suite",
            r#"{"version": 1, "machine": "m.json", "cases": {"a": {}}}"#,
        ),
        (
            "suite",
            r#"{"version": 1, "machine": "m.json", "cases": {"a": {"expect": {"stauts": "FAILED"}}}}"#,
        ),
        (
            "recording",
            r#"{"version": 2, "seed": 1, "machines": [], "executions": []}"#,
        ),
    ];
    for (what, file) in wrong {
        let value: Value = serde_json::from_str(file).unwrap();
        assert!(!schema(what).is_valid(&value), "{what}: {file}");
    }
}
