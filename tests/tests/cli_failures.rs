//! `wf-host run` with faults and mocks, and `wf-host test`, as people meet them.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::{Path, PathBuf};
use std::process::Output;

use data::Data;
use tempfile::TempDir;
use wf_host_tests::{call, root, text, wf_host};

const INPUT: &str = r#"{"orderId":"ORDER-001","customerId":"CUST-123","amount":99.99}"#;

fn run(more: &[&str]) -> Output {
    let args = [
        "run",
        "workflows/order-workflow.json",
        "--input",
        INPUT,
        "--quiet",
    ];
    call(
        &[
            args.as_slice(),
            &["--clock", "virtual", "--seed", "7"],
            more,
        ]
        .concat(),
    )
}

fn file(folder: &TempDir, name: &str, contents: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, contents).unwrap();
    path.display().to_string()
}

#[track_caller]
fn told(output: &Output, code: i32, parts: &[&str]) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    for part in parts {
        assert!(stderr.contains(part), "{part:?} is not in: {stderr}");
    }
}

#[test]
fn a_fault_that_never_fired_is_told_and_a_run_ends_as_it_ends() {
    let output = run(&["--faults", "workflows/order.faults.json#a field is gone"]);
    told(&output, 1, &["States.Runtime"]);
    assert!(!text(&output.stderr).contains("warning"));
    let folder = tempfile::tempdir().unwrap();
    let plan = file(
        &folder,
        "p.yaml",
        "version: 1\nfaults:\n  - { name: tenth, at: { state: ProcessPayment, attempt: 9 }, inject: { trap: {} } }\n",
    );
    let output = run(&["--faults", &plan]);
    told(
        &output,
        0,
        &["warning: fault \"tenth\" never fired", "p.yaml:3:5"],
    );
}

#[test]
fn a_plan_that_is_wrong_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let plan = file(
        &folder,
        "p.json",
        r#"{ "version": 1, "faults": [ { "at": { "state": "ProcesPayment" }, "inject": { "trap": {} } } ] }"#,
    );
    let output = run(&["--faults", &plan]);
    told(
        &output,
        3,
        &["p.json:1:48: there is no state \"ProcesPayment\"; did you mean \"ProcessPayment\"?"],
    );
    assert!(output.stdout.is_empty());
    told(
        &run(&["--faults", "workflows/order.faults.json#a feild is gone"]),
        2,
        &["did you mean \"a field is gone\"?"],
    );
    told(
        &run(&["--faults", "nowhere.json"]),
        3,
        &["nowhere.json: No such file"],
    );
}

const MOCKS: &str = r#"{
  "StateMachines": { "order-workflow": { "TestCases": {
    "Paid": { "CheckInventory": "Stock", "ProcessPayment": "DeclinedOnce" },
    "Wrong": { "CheckInventroy": "Stock" },
    "Choice": { "CheckValidation": "Stock" },
    "Spare": { "CheckInventory": "Stock", "ProcessPayment": "Many" } } } },
  "MockedResponses": {
    "Stock": { "0": { "Return": { "inventoryAvailable": true } } },
    "Many": { "0": { "Return": {} }, "1-2": { "Throw": { "Error": "E", "Cause": "c" } } },
    "DeclinedOnce": { "0": { "Throw": { "Error": "Declined", "Cause": "c" } }, "1": { "Return": { "id": "T1" } } } } }"#;

#[test]
fn a_mock_file_of_step_functions_local_runs_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mocks = file(&folder, "mocks.json", MOCKS);
    for case in ["order-workflow#Paid", "Paid"] {
        let output = run(&["--mock-config", &mocks, "--test-case", case]);
        told(&output, 0, &[]);
        let answer = Data::parse(&text(&output.stdout)).unwrap();
        assert_eq!(answer.pointer("/payment/id"), Some(&Data::from("T1")));
    }
    let output = run(&["--mock-config", &mocks, "--test-case", "Spare"]);
    told(
        &output,
        0,
        &["warning: mock of state 'ProcessPayment', attempts 1-2, was never used"],
    );
    let output = run(&["--mock-config", &mocks, "--test-case", "Wrong"]);
    told(
        &output,
        3,
        &["mocks.json:4:16", "did you mean `CheckInventory`?"],
    );
    told(
        &run(&["--mock-config", &mocks, "--test-case", "Choice"]),
        3,
        &["mocks.json:5:17"],
    );
    told(
        &run(&["--mock-config", &mocks, "--test-case", "Piad"]),
        2,
        &["did you mean `order-workflow#Paid`?"],
    );
    told(&run(&["--mock-config", &mocks]), 2, &["--test-case"]);
    told(&run(&["--test-case", "Paid"]), 2, &["SFN_MOCK_CONFIG"]);
}

#[test]
fn the_variables_of_other_tools_name_the_mock_file() {
    let folder = tempfile::tempdir().unwrap();
    let mocks = file(&folder, "mocks.json", MOCKS);
    for variable in ["SFN_MOCK_CONFIG", "LOCALSTACK_SFN_MOCK_CONFIG"] {
        let args = [
            "run",
            "workflows/order-workflow.json",
            "--input",
            INPUT,
            "--quiet",
        ];
        let mut command = wf_host(
            &[
                args.as_slice(),
                &["--clock", "virtual", "--test-case", "Paid"],
            ]
            .concat(),
        );
        let output = command.env(variable, &mocks).output().unwrap();
        told(&output, 0, &[]);
    }
}

#[test]
fn the_machine_is_called_as_its_test_case_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    let mocks = file(
        &folder,
        "mocks.json",
        &MOCKS.replace("\"order-workflow\"", "\"Orders\""),
    );
    let output = run(&[
        "--mock-config",
        &mocks,
        "--test-case",
        "Orders#Paid",
        "--json",
    ]);
    told(&output, 0, &[]);
    let arn = Data::parse(&text(&output.stdout)).unwrap();
    let arn = arn
        .get("stateMachineArn")
        .and_then(Data::as_str)
        .unwrap()
        .to_owned();
    assert!(arn.ends_with(":stateMachine:Orders"), "{arn}");
    let output = run(&[
        "--mock-config",
        &mocks,
        "--test-case",
        "Orders#Paid",
        "--machine",
        "Other",
    ]);
    told(&output, 2, &["different machines"]);
}

/// A suite with two cases, one of which fails, in a folder with its machine.
fn failing_suite() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let machine = r#"{ "StartAt": "Ask", "States": {
      "Ask": { "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": { "Body.$": "$.text" }, "End": true } } }"#;
    file(&folder, "ask.asl.json", machine);
    file(
        &folder,
        "ask.suite.json",
        r#"{ "version": 1, "machine": "ask.asl.json",
  "defaults": { "input": { "text": "hello" }, "mock": { "Ask": { "0": { "Return": { "n": [1, 2] } } } } },
  "cases": {
    "right": { "expect": { "output": { "exact": { "n": [1, 2] } }, "requests": { "Ask": { "0": { "exact": { "Body": "hello" } } } } } },
    "wrong": { "expect": { "output": { "subset": { "n": [1, 3] } }, "attempts": { "Ask": 2 } } } } }"#,
    );
    folder
}

#[test]
fn a_case_that_fails_shows_its_first_difference() {
    let folder = failing_suite();
    let path = folder.path().display().to_string();
    let output = call(&["test", &path]);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    for part in [
        "  ok    right",
        "  FAIL  wrong",
        "ask.suite.json:5:28: output /n/1",
        "expected: 3",
        "found:    2",
        "also: attempts of Ask",
        "1 passed, 1 failed",
    ] {
        assert!(report.contains(part), "{part:?} is not in: {report}");
    }
    let quiet = text(&call(&["test", &path, "--quiet"]).stdout);
    assert!(
        !quiet.contains("right") && quiet.contains("wrong"),
        "{quiet}"
    );
}

#[test]
fn cases_are_filtered_by_name() {
    let folder = failing_suite();
    let path = folder.path().display().to_string();
    let output = call(&["test", &path, "--filter", "right"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).ends_with("1 passed, 0 failed\n"));
    told(
        &call(&["test", &path, "--filter", "rihgt"]),
        2,
        &["no case"],
    );
}

#[test]
fn suites_are_found_in_the_current_folder() {
    let folder = failing_suite();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::rename(
        folder.path().join("ask.suite.json"),
        folder.path().join("sub/ask.suite.json"),
    )
    .unwrap();
    std::fs::rename(
        folder.path().join("ask.asl.json"),
        folder.path().join("sub/ask.asl.json"),
    )
    .unwrap();
    let output = wf_host(&["test"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let empty = tempfile::tempdir().unwrap();
    let output = wf_host(&["test"])
        .current_dir(empty.path())
        .output()
        .unwrap();
    told(&output, 3, &["no suites"]);
}

#[test]
fn reports_are_written_for_programs() {
    let folder = failing_suite();
    let path = folder.path().display().to_string();
    let written = |name: &str| folder.path().join(name);
    let (junit, lcov, json) = (written("j.xml"), written("c.info"), written("c.json"));
    let name = |path: &Path| path.display().to_string();
    let flags = [
        "--junit",
        &name(&junit),
        "--coverage",
        &name(&lcov),
        "--coverage",
        &name(&json),
    ];
    let output = call(&[["test", &path, "--json"].as_slice(), &flags].concat());
    assert_eq!(output.status.code(), Some(1));
    let report = Data::parse(&text(&output.stdout)).unwrap();
    assert_eq!(
        report.pointer("/suites/0/cases/1/differences/0/what"),
        Some(&Data::from("output /n/1"))
    );
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    let junit = read(&junit);
    assert!(
        junit.contains(r#"tests="2""#) && junit.contains(r#"failures="1""#),
        "{junit}"
    );
    assert!(
        read(&lcov).starts_with("TN:") || read(&lcov).contains("SF:"),
        "{}",
        read(&lcov)
    );
    assert!(Data::parse(&read(&json)).is_ok());
}

#[test]
fn too_little_coverage_fails_a_suite_that_ran_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let suite = std::fs::read_to_string(root().join("workflows/order.suite.json")).unwrap();
    let machine = root()
        .join("workflows/order-workflow.json")
        .display()
        .to_string();
    let config = root().join("workflows/wf-host.toml").display().to_string();
    let suite = suite
        .replace("\"order-workflow.json\"", &format!("{machine:?}"))
        .replace("\"wf-host.toml\"", &format!("{config:?}"));
    let one_case = suite.find("    \"an order that is not valid\"").unwrap();
    let end = suite[..one_case]
        .trim_end()
        .trim_end_matches(',')
        .to_owned()
        + "\n  }\n}\n";
    let end = end.replace(
        "inputs/valid.json",
        &root()
            .join("workflows/inputs/valid.json")
            .display()
            .to_string(),
    );
    let path = file(&folder, "few.suite.json", &end);
    let output = call(&["test", &path]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("FAIL  coverage: states 8 of 10"),
        "{}",
        text(&output.stdout)
    );
    let output = call(&["test", &path, "--filter", "declined for good"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn two_things_do_not_share_stdout() {
    told(
        &run(&["--json", "--coverage", "-"]),
        2,
        &["both want stdout"],
    );
    told(
        &run(&["--history", "-", "--coverage", "-"]),
        2,
        &["both want stdout"],
    );
    let output = run(&["--coverage", "-"]);
    assert!(
        text(&output.stdout).contains("states 6/10"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn the_fuel_of_a_guest_that_was_called_off_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let machine = r#"{ "StartAt": "Spin", "States": { "Spin": { "Type": "Task", "TimeoutSeconds": 1,
      "Resource": "arn:aws:lambda:us-east-1:000000000000:function:faulty", "End": true } } }"#;
    file(&folder, "spin.asl.json", machine);
    let suite = r#"{ "version": 1, "machine": "spin.asl.json", "cases": { "spins": { "input": { "do": "spin" },
      "expect": { "status": "FAILED", "fuel": { "Spin": { "max": 10 } } } } } }"#;
    let path = file(&folder, "spin.suite.json", suite);
    let faulty = format!("faulty={}", wf_host_tests::guest("faulty").display());
    let output = call(&["test", &path, "--guest", &faulty]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(
        report.contains("no invocation of that number that came to its end"),
        "{report}"
    );
}

#[test]
fn nothing_is_overwritten_that_is_read_or_written_already() {
    let folder = tempfile::tempdir().unwrap();
    let definition = std::fs::read_to_string(root().join("workflows/order-workflow.json")).unwrap();
    let path = file(&folder, "order.json", &definition);
    for flag in ["--history", "--record", "--coverage"] {
        told(&call(&["run", &path, flag, &path]), 2, &["would overwrite"]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), definition);
    }
    let other = folder.path().join("out.json").display().to_string();
    told(
        &call(&["run", &path, "--history", &other, "--record", &other]),
        2,
        &["both write"],
    );
    told(
        &call(&["run", &path, "--record", "/nowhere/r.json"]),
        3,
        &["cannot be written"],
    );
    told(
        &call(&["run", &path, "--record", "-"]),
        2,
        &["a recording goes to a file"],
    );
    told(
        &call(&["test", "workflows", "--junit", "/nowhere/j.xml"]),
        3,
        &["cannot be written"],
    );
    told(
        &call(&["test", "workflows", "--json", "--coverage", "-"]),
        2,
        &["both want stdout"],
    );
}

#[test]
fn a_fault_says_why_it_did_nothing_and_how_often_it_did_something() {
    let folder = tempfile::tempdir().unwrap();
    let plan = file(
        &folder,
        "p.json",
        r#"{ "version": 1, "faults": [
  { "name": "first", "at": { "state": "CheckInventory" }, "inject": { "latency": "1s" } },
  { "name": "second", "at": { "state": "CheckInventory" }, "inject": { "trap": {} } },
  { "name": "rare", "at": { "state": "ValidateOrder", "rate": 0.000001 }, "inject": { "trap": {} } } ] }"#,
    );
    let args = [
        "run",
        "workflows/order-workflow.json",
        "--input",
        INPUT,
        "--clock",
        "virtual",
        "--seed",
        "7",
    ];
    let output = call(&[args.as_slice(), &["--faults", &plan]].concat());
    told(
        &output,
        0,
        &[
            "fault \"first\" took effect once",
            "fault \"second\" never fired: an earlier fault took what it selects, once",
            "fault \"rare\" never fired: its rate passed by all that it selects, once",
        ],
    );
}
