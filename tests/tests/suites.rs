//! The fault-injection suite: `tests/suites` holds a machine for each kind of worker and what every fault does to it,
//! through Retry and through Catch; `workflows` the suites of the order workflow and its variations.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::PathBuf;

use data::Data;
use wf_host_tests::{call, guest, root, text};

/// Runs `wf-host test` on files or folders with the guests of `tests/suites`, and returns its report.
fn test(paths: &[PathBuf], more: &[&str]) -> (Data, Option<i32>) {
    let guests: Vec<String> = ["echo", "faulty"]
        .iter()
        .map(|name| format!("{name}={}", guest(name).display()))
        .collect();
    let mut args = vec!["test", "--json"];
    let paths: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    args.extend(paths.iter().map(String::as_str));
    for guest in &guests {
        args.extend(["--guest", guest.as_str()]);
    }
    args.extend(more);
    let output = call(&args);
    let stdout = text(&output.stdout);
    let report = Data::parse(&stdout)
        .unwrap_or_else(|error| panic!("{error}: {stdout}\n{}", text(&output.stderr)));
    (report, output.status.code())
}

fn cases(report: &Data) -> Vec<Data> {
    let suites = report.get("suites").unwrap().as_array().unwrap();
    let cases = suites.iter().flat_map(|suite| {
        let cases = suite.get("cases").unwrap().as_array().unwrap();
        cases.iter().cloned().collect::<Vec<_>>()
    });
    cases.collect()
}

#[track_caller]
fn assert_all_pass(report: &Data, at_least: usize) {
    let failed: Vec<String> = cases(report)
        .iter()
        .filter(|case| case.get("passed") != Some(&Data::from(true)))
        .map(Data::to_pretty)
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(
        cases(report).len() >= at_least,
        "{} cases",
        cases(report).len()
    );
    assert_eq!(
        report.get("passed"),
        Some(&Data::from(true)),
        "{}",
        report.to_pretty()
    );
}

/// The suites of `tests/suites`, by path.
fn suites() -> Vec<PathBuf> {
    let files = std::fs::read_dir(root().join("tests/suites")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let mut suites: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|e| e == "json"))
        .collect();
    suites.sort();
    suites
}

#[test]
fn every_kind_of_fault_goes_through_retry_and_through_catch() {
    let (report, code) = test(&suites(), &[]);
    assert_all_pass(&report, 130);
    assert_eq!(code, Some(0));
}

#[test]
fn the_workflows_hold_what_their_suites_say() {
    let (report, code) = test(&[root().join("workflows")], &[]);
    assert_all_pass(&report, 20);
    assert_eq!(code, Some(0));
}

#[test]
fn a_report_is_the_same_whatever_runs_beside_it() {
    let (one, _) = test(&suites(), &["--jobs", "1"]);
    let (many, _) = test(&suites(), &["--jobs", "8"]);
    assert_eq!(one, many);
}
