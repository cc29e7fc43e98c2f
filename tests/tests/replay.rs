//! A recorded run again: anywhere, without guests, event by event; and where it cannot be.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;
use std::process::Output;

use wf_host_tests::{call, text, wf_host};

/// Records a run, with its history, below a folder.
fn record(folder: &Path, definition: &str, more: &[&str]) -> Output {
    let (recording, history) = (folder.join("run.json"), folder.join("history.json"));
    let (recording, history) = (
        recording.display().to_string(),
        history.display().to_string(),
    );
    let args = [
        "run",
        definition,
        "--quiet",
        "--record",
        &recording,
        "--history",
        &history,
    ];
    call(&[args.as_slice(), more].concat())
}

/// Replays it in a folder where there is nothing else.
fn replay(folder: &Path, more: &[&str]) -> Output {
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join("run.json"), elsewhere.path().join("r.json")).unwrap();
    let mut command = wf_host(&[["replay", "r.json"].as_slice(), more].concat());
    command.current_dir(elsewhere.path()).output().unwrap()
}

#[track_caller]
fn check(definition: &str, more: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let ran = record(folder.path(), definition, more);
    let replayed = replay(folder.path(), &[]);
    let told = text(&replayed.stderr);
    assert_eq!(replayed.status.code(), ran.status.code(), "{told}");
    assert_eq!(text(&replayed.stdout), text(&ran.stdout));
    assert!(told.contains("the same as recorded"), "{told}");
    let history = replay(folder.path(), &["--history", "-"]);
    let recorded = std::fs::read_to_string(folder.path().join("history.json")).unwrap();
    assert!(text(&history.stdout) == recorded, "another history");
}

const INPUT: &str = r#"{"orderId":"ORDER-001","customerId":"CUST-123","amount":99.99}"#;

#[test]
fn runs_of_every_kind_are_replayed() {
    let order = "workflows/order-workflow.json";
    check(order, &["--input", INPUT]);
    check(
        order,
        &[
            "--input",
            INPUT,
            "--clock",
            "virtual",
            "--seed",
            "18446744073709551615",
        ],
    );
    check(order, &["--input", "{}"]);
    let faults = "workflows/order.faults.json#card declined twice";
    check(
        order,
        &["--input", INPUT, "--clock", "virtual", "--faults", faults],
    );
    check(
        "workflows/order-batch.asl.json",
        &[
            "--input",
            "@workflows/inputs/batch.json",
            "--clock",
            "virtual",
        ],
    );
    check(
        "workflows/order-items.asl.json",
        &["--input", "@workflows/inputs/items.json", "--seed", "2"],
    );
    check(
        "workflows/order-parallel.asl.json",
        &["--input", "@workflows/inputs/expired-card.json"],
    );
    let large = r#"{"orderId":"O-1","amount":250}"#;
    check(
        "workflows/order-approval.asl.json",
        &["--input", large, "--clock", "virtual"],
    );
}

#[test]
fn a_run_that_was_stopped_or_died_on_purpose_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    for inject in [r#"{"stop": {"error": "E"}}"#, r#"{"crash": {}}"#] {
        let plan = folder.path().join("plan.json");
        let faults = format!(
            r#"{{"version": 1, "faults": [{{"at": {{"state": "IsInventoryAvailable"}}, "inject": {inject}}}]}}"#
        );
        std::fs::write(&plan, faults).unwrap();
        let plan = plan.display().to_string();
        check(
            "workflows/order-workflow.json",
            &["--input", INPUT, "--clock", "virtual", "--faults", &plan],
        );
    }
}

/// A recording in which `old` was changed to `new`, replayed.
fn tampered(old: &str, new: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    record(
        folder.path(),
        "workflows/order-workflow.json",
        &["--input", INPUT, "--clock", "virtual", "--seed", "7"],
    );
    let path = folder.path().join("run.json");
    let recording = std::fs::read_to_string(&path).unwrap();
    assert!(recording.contains(old), "{old}");
    std::fs::write(&path, recording.replacen(old, new, 1)).unwrap();
    let output = replay(folder.path(), &[]);
    (output.status.code(), text(&output.stderr))
}

#[test]
fn a_replay_that_differs_says_where_and_why() {
    let (code, told) = tampered("\"valid\": true", "\"valid\": false");
    assert_eq!(code, Some(8), "{told}");
    assert!(
        told.contains("event 5:") && told.contains("recorded:") && told.contains("replayed:"),
        "{told}"
    );

    let (code, told) = tampered(
        "\\\"BooleanEquals\\\": true",
        "\\\"BooleanEquals\\\": false",
    );
    assert_eq!(code, Some(8), "{told}");
    assert!(told.contains("event 9:"), "{told}");

    let (code, told) = tampered(
        "\\\"Type\\\": \\\"Choice\\\"",
        "\\\"Type\\\": \\\"Chioce\\\"",
    );
    assert_eq!(code, Some(8), "{told}");
    assert!(
        told.contains("order-workflow.json:12:") && told.contains("does not compile here"),
        "{told}"
    );

    let (code, told) = tampered("\"seed\": 7", "\"seed\": 8");
    assert_eq!(code, Some(8), "{told}");
    assert!(told.contains("means nothing to the execution"), "{told}");
}

#[test]
fn a_recording_that_is_none_is_told_with_its_place() {
    let (code, told) = tampered("\"version\": 1", "\"version\": 2");
    assert_eq!(code, Some(3), "{told}");
    assert!(
        told.contains("r.json:2:14: this wf-host reads recordings of version 1 only"),
        "{told}"
    );

    let (code, told) = tampered("\"taskStarted\"", "\"taskStrated\"");
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("did you mean `taskStarted`?"), "{told}");

    let output = call(&["replay", "workflows/order-workflow.json"]);
    assert_eq!(output.status.code(), Some(3));
}
