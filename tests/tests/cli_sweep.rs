//! `wf-host sweep`, as a person or a script meets it: real guests, virtual time.

use data::Data;
use wf_host_tests::{call, guest, text};

fn sweep(flags: &[&str]) -> (i32, String, String) {
    // Says which guest is missing before the binary would.
    guest("validate_order");
    let mut args = vec![
        "sweep",
        "workflows/order-workflow.json",
        "--input",
        "@workflows/inputs/valid.json",
    ];
    args.extend(flags);
    let output = call(&args);
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn the_summary_goes_to_stdout_and_the_speed_to_stderr() {
    let (code, stdout, stderr) = sweep(&[]);
    assert_eq!(code, 1, "{stderr}");
    for words in [
        "ValidateOrder: all 15 kinds of fault are caught nowhere and end the execution",
        "CheckInventory: all 15 kinds of fault are caught nowhere and end the execution",
        "ValidationFailed was not reached with the inputs given",
    ] {
        assert!(stdout.contains(words), "{words} is not in\n{stdout}");
    }
    assert!(!stdout.contains("ProcessPayment: "), "{stdout}");
    assert!(stdout.lines().count() <= 24, "one screen:\n{stdout}");
    assert!(stderr.contains("forks run to their end in"), "{stderr}");
    let (_, again, quiet) = sweep(&["--quiet"]);
    assert_eq!((again, quiet.as_str()), (stdout, ""));
}

#[test]
fn what_is_allowed_is_told_but_fails_nothing() {
    let (code, stdout, _) = sweep(&["--allow", "uncaught,unreached"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("FINDINGS  4"), "{stdout}");
    let (code, ..) = sweep(&["--allow", "uncaught"]);
    assert_eq!(code, 1, "a state is unreached still");
}

#[test]
fn json_has_every_path() {
    let (_, stdout, _) = sweep(&["--json", "-q"]);
    let report = Data::parse(&stdout).unwrap();
    let paths = report.get("paths").and_then(Data::as_array).unwrap();
    let count = |name: &str| report.get(name).and_then(Data::as_i64).unwrap();
    assert_eq!(paths.len() as i64, count("forks") + count("merged"));
    let unreached = report.get("findings").and_then(Data::as_array).unwrap();
    assert_eq!(unreached.len(), 4);
}

#[test]
fn markdown_goes_to_its_file_beside_the_summary_or_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sweep.md");
    let (_, stdout, _) = sweep(&["-q", "--markdown", &path.display().to_string()]);
    assert!(stdout.contains("FINDINGS"), "{stdout}");
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written.contains("```mermaid\nflowchart TD\n"), "{written}");
    let (_, stdout, _) = sweep(&["-q", "--markdown", "-"]);
    assert_eq!(stdout, written);
}

#[test]
fn mocks_stand_in_for_workers_that_only_the_outside_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mocks.json");
    let mocks = r#"{"StateMachines": {"order-approval": {"TestCases": {"Yes": {"AskManager": "Approved"}}}},
        "MockedResponses": {"Approved": {"0": {"Return": {"approved": true}}}}}"#;
    std::fs::write(&path, mocks).unwrap();
    let input = r#"{"orderId": "O-1", "amount": 5000}"#;
    let args = [
        "sweep",
        "workflows/order-approval.asl.json",
        "--input",
        input,
        "-q",
    ];
    let without = text(&call(&args).stdout);
    assert!(
        without.contains("no path goes on behind a success of AskManager"),
        "{without}"
    );
    let path = path.display().to_string();
    let mocked = ["--mock-config", &path, "--test-case", "order-approval#Yes"];
    let with = text(&call(&[&args[..], &mocked].concat()).stdout);
    assert!(!with.contains("left out"), "{with}");
    assert!(
        with.contains("the execution succeeds in Approved"),
        "{with}"
    );
}

#[test]
fn wrong_flags_are_refused_with_what_to_do() {
    for (flags, said) in [
        (
            &["--invariant", "ProcessPaymnt => Failure"][..],
            "did you mean `ProcessPayment`?",
        ),
        (&["--invariant", "nonsense"][..], "write 'A => B'"),
        (&["--json", "--markdown", "-"][..], "both want stdout"),
        (&["--listen"][..], "waits for nobody"),
        (&["--history-of", "x"][..], "too many histories"),
        (&["--allow", "everything"][..], "possible values"),
        (&["--depth", "99"][..], "1..=8"),
        (&["--depth", "0"][..], "1..=8"),
    ] {
        let (code, stdout, stderr) = sweep(flags);
        assert_eq!((code, stdout.as_str()), (2, ""), "{flags:?}: {stderr}");
        assert!(stderr.contains(said), "{flags:?}: {stderr}");
    }
}
