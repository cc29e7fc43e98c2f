//! The command line, as a person or a script meets it.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use data::Data;
use wf_host_tests::{call, guest, root, text, wf_host};

/// A run without chance: definition text in, exit code, stdout and stderr out.
fn run_text(definition: &str, flags: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("machine.asl.json");
    std::fs::write(&path, definition).unwrap();
    let path = path.display().to_string();
    let mut args = vec!["run", &path, "--clock", "virtual", "--seed", "1"];
    args.extend(flags);
    finish(&call(&args))
}

fn finish(output: &std::process::Output) -> (i32, String, String) {
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

const HELLO: &str = r#"{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}"#;

#[test]
fn the_main_job_prints_its_output_and_its_progress_apart() {
    let input = r#"{"orderId":"ORDER-001","customerId":"CUST-123","amount":99.99}"#;
    let args = [
        "run",
        "workflows/order-workflow.json",
        "--input",
        input,
        "--clock",
        "virtual",
        "--seed",
        "3",
    ];
    let (code, stdout, stderr) = finish(&call(&args));
    assert_eq!(code, 0, "{stderr}");
    let output = Data::parse(&stdout).unwrap();
    assert_eq!(output.pointer("/validation/valid"), Some(&Data::from(true)));
    assert_eq!(
        output.pointer("/result/status"),
        Some(&Data::from("completed"))
    );
    assert!(
        stderr.contains("ProcessPayment") && stderr.contains("SUCCEEDED"),
        "{stderr}"
    );
    let quiet = finish(&call(&[&args[..], &["--quiet"]].concat()));
    assert_eq!(
        (quiet.1, quiet.2),
        (stdout, String::new()),
        "the same output without a word"
    );
}

#[test]
fn a_failed_workflow_leaves_stdout_empty() {
    let args = [
        "run",
        "workflows/order-workflow.json",
        "--input",
        "@workflows/inputs/missing-customer.json",
        "--clock",
        "virtual",
    ];
    let (code, stdout, stderr) = finish(&call(&args));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("FAILED: ValidationError") && stderr.contains("Order validation failed"),
        "{stderr}"
    );
}

#[test]
fn every_end_has_its_exit_code() {
    let timed_out = r#"{"TimeoutSeconds": 1, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": true}}}"#;
    assert_eq!(run_text(timed_out, &[]).0, 4);
    let waits = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}}}"#;
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("functions.toml");
    let binding =
        "version = 1\n[tasks.\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\"]\nresult = {}\n";
    std::fs::write(&manifest, binding).unwrap();
    let (code, stdout, stderr) = run_text(waits, &["--functions", &manifest.display().to_string()]);
    assert_eq!((code, stdout.as_str()), (7, ""), "{stderr}");
    assert!(stderr.contains("state 'T'"), "{stderr}");
    let bad_guest = folder.path().join("bad.wasm");
    std::fs::write(&bad_guest, "not wasm").unwrap();
    let task =
        r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "f", "End": true}}}"#;
    let (code, _, stderr) = run_text(task, &["--guest", &format!("f={}", bad_guest.display())]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("function f"), "{stderr}");
    assert_eq!(run_text(HELLO, &["--quota", "nonsense=1"]).0, 2);
    assert_eq!(run_text("{", &[]).0, 3);
}

#[test]
fn bad_input_is_told_with_its_place() {
    for (definition, flags, code, words) in [
        ("", &[][..], 3, &["definition is empty"][..]),
        (
            "{\n  \"StartAt\": \"A\",\n  \"States\": {]\n}",
            &[],
            3,
            &[":3:14"],
        ),
        (
            r#"{"StartAt": "B", "States": {"A": {"Type": "Pass", "End": true}}}"#,
            &[],
            3,
            &["B", ":1:"],
        ),
        (
            r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "AA"}, "AAA": {"Type": "Succeed"}}}"#,
            &[],
            3,
            &["AA", "hint"],
        ),
        (r#"{"StartAt": 7, "States": {}}"#, &[], 3, &[":1:"]),
        (HELLO, &["--input", "{\"a\": }"], 2, &["--input:1:7"]),
        (
            HELLO,
            &["--input", "@/no/such/file.json"],
            3,
            &["/no/such/file.json"],
        ),
        (
            HELLO,
            &["--start-time", "yesterday"],
            2,
            &["--start-time yesterday", "RFC 3339"],
        ),
        (HELLO, &["--guest", "nonsense"], 2, &["NAME=PATH"]),
        (
            HELLO,
            &["--functions", "/no/such.toml"],
            3,
            &["/no/such.toml"],
        ),
        (HELLO, &["--name", "a b"], 2, &["--name"]),
    ] {
        let (exit, stdout, stderr) = run_text(definition, flags);
        assert_eq!(
            (exit, stdout.as_str()),
            (code, ""),
            "{definition} {flags:?}: {stderr}"
        );
        for word in words {
            assert!(
                stderr.contains(word),
                "{definition} {flags:?} lacks {word:?}: {stderr}"
            );
        }
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}

#[test]
fn files_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let huge = folder.path().join("huge.json");
    std::fs::File::create(&huge)
        .unwrap()
        .set_len(100 << 20)
        .unwrap();
    let binary = folder.path().join("binary.json");
    std::fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    for (path, word) in [
        (huge.as_path(), "100 MB"),
        (binary.as_path(), "UTF-8"),
        (folder.path(), "folder"),
        (Path::new("/no/such.json"), "No such file"),
        (Path::new("Cargo.lock"), "ending"),
    ] {
        let (code, _, stderr) = finish(&call(&["run", &path.display().to_string()]));
        assert_eq!(code, 3, "{}: {stderr}", path.display());
        assert!(stderr.contains(word), "{}: {stderr}", path.display());
    }
}

#[test]
fn the_input_may_come_from_stdin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hello.json");
    std::fs::write(&path, HELLO).unwrap();
    let mut child = wf_host(&["run", &path.display().to_string(), "--input", "-", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"{\"from\": \"stdin\"}")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "{\"from\":\"stdin\"}\n");
}

#[test]
fn the_history_is_awss() {
    let (code, stdout, _) = run_text(HELLO, &["--history", "-", "--input", "1"]);
    assert_eq!(code, 0);
    let history = Data::parse(&stdout).unwrap();
    let types: Vec<_> = history
        .get("events")
        .and_then(Data::as_array)
        .unwrap()
        .iter()
        .map(|event| event.get("type").and_then(Data::as_str).unwrap().to_owned())
        .collect();
    assert_eq!(
        types,
        [
            "ExecutionStarted",
            "PassStateEntered",
            "PassStateExited",
            "ExecutionSucceeded"
        ]
    );
    assert_eq!(
        history.pointer("/events/0/timestamp"),
        Some(&Data::from("2026-01-01T00:00:00.000Z"))
    );
}

#[test]
fn json_describes_the_execution() {
    let (_, stdout, _) = run_text(HELLO, &["--json", "--name", "one"]);
    let answer = Data::parse(&stdout).unwrap();
    assert_eq!(answer.get("status"), Some(&Data::from("SUCCEEDED")));
    assert_eq!(
        answer.get("executionArn"),
        Some(&Data::from(
            "arn:aws:states:us-east-1:000000000000:execution:machine:one"
        ))
    );
    assert_eq!(
        (answer.get("seed"), answer.get("fuel")),
        (Some(&Data::from(1)), Some(&Data::from(0)))
    );
    let fails =
        r#"{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}}"#;
    let (code, stdout, _) = run_text(fails, &["--json"]);
    let answer = Data::parse(&stdout).unwrap();
    assert_eq!((code, answer.get("error")), (1, Some(&Data::from("E"))));
}

#[test]
fn flags_win_over_variables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hello.json");
    std::fs::write(&path, HELLO).unwrap();
    let run = |flags: &[&str]| {
        let output = wf_host(&["run", &path.display().to_string(), "-q"])
            .args(flags)
            .env("WF_HOST_INPUT", "\"variable\"")
            .output()
            .unwrap();
        text(&output.stdout)
    };
    assert_eq!(run(&[]), "\"variable\"\n");
    assert_eq!(run(&["--input", "\"flag\""]), "\"flag\"\n");
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        &["run"][..],
        &["validate"],
        &["guest"],
        &["guest", "new"],
        &["guest", "check"],
        &["schema"],
        &["help"],
    ] {
        let (code, stdout, _) = finish(&call(&[command, &["--help"]].concat()));
        assert_eq!(code, 0);
        assert!(
            stdout.contains("Example") && stdout.contains("wf-host"),
            "{command:?}: {stdout}"
        );
    }
    for topic in ["config", "limits", "exit-codes", "run"] {
        let (code, stdout, _) = finish(&call(&["help", topic]));
        assert_eq!(code, 0);
        assert!(stdout.len() > 200, "{topic}: {stdout}");
    }
    assert_eq!(finish(&call(&["help", "nonsense"])).0, 2);
}

#[test]
fn an_unbound_task_fails_with_the_lines_that_would_bind_it() {
    let task = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:send-mail:PROD"}}}"#;
    let (code, _, stderr) = run_text(task, &[]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("[functions.send-mail]")
            && stderr.contains("Lambda.ResourceNotFoundException"),
        "{stderr}"
    );
    let service = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true, "Resource": "arn:aws:states:::dynamodb:putItem"}}}"#;
    let (code, _, stderr) = run_text(service, &[]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("[tasks.\"arn:aws:states:::dynamodb:putItem\"]"),
        "{stderr}"
    );
}

#[test]
fn placeholders_find_functions_and_values() {
    let definition = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "${EchoArn}", "ResultPath": "$.a", "Next": "B"},
        "B": {"Type": "Task", "Resource": "arn:${AWS::Partition}:lambda:x:1:function:${Fn}", "ResultPath": "$.b", "Next": "C"},
        "C": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultSelector": {"got.$": "$.Payload"},
              "Parameters": {"FunctionName": "${EchoArn}", "Payload": {"x": 1}}, "ResultPath": "$.c", "End": true}}}"#;
    let binding = format!("EchoArn={}", guest("echo").display());
    let second = format!("echo={}", guest("echo").display());
    let flags = [
        "--guest",
        &binding,
        "--guest",
        &second,
        "--define",
        "Fn=echo",
        "--define",
        "AWS::Partition=aws-cn",
        "--input",
        "{}",
    ];
    let (code, stdout, stderr) = run_text(definition, &flags);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        Data::parse(&stdout).unwrap().pointer("/c/got/x"),
        Some(&Data::from(1))
    );
}

#[test]
fn logs_of_guests_are_shown_on_request() {
    let definition =
        r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "f", "End": true}}}"#;
    let binding = format!("f={}", guest("faulty").display());
    let flags = [
        "--guest",
        &binding,
        "--input",
        r#"{"do": "log", "line": "a word from inside"}"#,
    ];
    assert!(
        !run_text(definition, &flags)
            .2
            .contains("a word from inside")
    );
    assert!(
        run_text(definition, &[&flags[..], &["--logs"]].concat())
            .2
            .contains("log T#0: a word from inside")
    );
}

#[test]
fn validate_tells_everything_in_three_formats() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.asl.json");
    let bad = folder.path().join("bad.asl.yaml");
    std::fs::write(&good, HELLO).unwrap();
    std::fs::write(
        &bad,
        "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: f\n    Nxt: B\n",
    )
    .unwrap();
    let folder = folder.path().display().to_string();
    let (code, stdout, stderr) = finish(&call(&["validate", &folder]));
    assert_eq!(code, 3, "{stdout}{stderr}");
    assert!(
        stdout.contains("bad.asl.yaml:6:5") && stdout.contains("^^^") && stdout.contains("Next"),
        "{stdout}"
    );
    assert!(stdout.contains("good.asl.json: ok"), "{stdout}");
    let (_, json, _) = finish(&call(&["validate", &folder, "--json"]));
    let json = Data::parse(&json).unwrap();
    let lines: Vec<_> = json
        .pointer("/0/diagnostics")
        .and_then(Data::as_array)
        .unwrap()
        .iter()
        .filter_map(|diagnostic| diagnostic.get("line")?.as_i64())
        .collect();
    assert_eq!(lines, [3, 6], "{json}");
    let (_, github, _) = finish(&call(&["validate", &folder, "--format", "github"]));
    assert!(
        github.contains("::error file=") && github.contains("line=6"),
        "{github}"
    );
    let (code, stdout, _) = finish(&call(&["validate", "workflows/order-workflow.json"]));
    assert_eq!(code, 0, "{stdout}");
    assert!(
        !stdout.contains("MISSING_TIMEOUT"),
        "a function has a timeout of its own: {stdout}"
    );
}

#[test]
fn every_workflow_of_the_repository_is_valid() {
    let (code, stdout, _) = finish(&call(&[
        "validate",
        "workflows",
        "workflows/order-workflow.json",
    ]));
    assert_eq!(code, 0, "{stdout}");
    assert!(!stdout.contains("unbound"), "{stdout}");
}

#[test]
fn guest_check_says_what_a_module_could_touch() {
    let module = guest("process_payment").display().to_string();
    let (code, stdout, _) = finish(&call(&["guest", "check", &module]));
    assert_eq!(code, 0);
    assert!(
        stdout.contains("reactor") && stdout.contains("random"),
        "{stdout}"
    );
    let (_, json, _) = finish(&call(&["guest", "check", &module, "--json"]));
    assert_eq!(
        Data::parse(&json).unwrap().get("contract"),
        Some(&Data::from("reactor"))
    );
    assert_eq!(finish(&call(&["guest", "check", "README.md"])).0, 6);
}

#[test]
fn guest_new_makes_what_its_own_tests_accept() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let new = ["guest", "new", "send-mail", "--folder", &place, "--json"];
    let (code, stdout, stderr) = finish(&call(&new));
    assert_eq!(code, 0, "{stderr}");
    let made = folder.path().join("send-mail");
    let module = made.join("target/wasm32-wasip1/release/send_mail.wasm");
    let told = Data::parse(&stdout).unwrap();
    for (name, path) in [("folder", &made), ("module", &module)] {
        let path = path.display().to_string();
        assert_eq!(told.get(name), Some(&Data::from(path.as_str())));
    }
    assert_eq!(
        finish(&call(&["guest", "new", "send-mail", "--folder", &place])).0,
        2,
        "never overwrites"
    );
    let lock = root().join("Cargo.lock");
    std::fs::copy(lock, made.join("Cargo.lock")).unwrap();
    let cargo = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO"))
            .args(args)
            .current_dir(&made)
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "cargo {args:?}: {}",
            text(&output.stderr)
        );
    };
    cargo(&["test"]);
    cargo(&["build", "--release", "--target", "wasm32-wasip1"]);
    let definition = r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "send-mail", "End": true}}}"#;
    let binding = format!("send-mail={}", module.display());
    let (code, stdout, stderr) = run_text(
        definition,
        &["--guest", &binding, "--input", r#"{"name": "Ada"}"#],
    );
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout, "{\"greeting\":\"Hello, Ada!\"}\n");
}

#[test]
fn guest_new_refuses_names_that_would_not_build() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    for (name, word) in [
        ("../evil", "letters"),
        ("Loud", "letters"),
        ("1st", "letters"),
        ("a_b", "letters"),
        ("", "letters"),
        ("fn", "keyword"),
        ("async", "keyword"),
        ("self", "keyword"),
        ("wf-guest", "crate"),
        ("serde", "crate"),
        ("serde-json", "crate"),
        ("core", "crate"),
        ("std", "crate"),
        ("alloc", "crate"),
        ("test", "crate"),
    ] {
        let (code, stdout, stderr) = finish(&call(&["guest", "new", name, "--folder", &place]));
        assert_eq!((code, stdout.as_str()), (2, ""), "{name}: {stderr}");
        assert!(stderr.contains(word), "{name}: {stderr}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn flags_without_a_value_have_variables_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hello.json");
    std::fs::write(&path, HELLO).unwrap();
    for (value, on) in [("1", true), ("true", true), ("0", false), ("", false)] {
        let output = wf_host(&["run", &path.display().to_string(), "-q"])
            .env("WF_HOST_JSON", value)
            .output()
            .unwrap();
        let (code, stdout, stderr) = finish(&output);
        assert_eq!(code, 0, "{value:?}: {stderr}");
        assert_eq!(stdout.contains("executionArn"), on, "{value:?}: {stdout}");
    }
}

#[test]
fn flags_that_make_no_sense_are_usage_errors() {
    let (code, stdout, stderr) = run_text(HELLO, &["--history", "-", "--json"]);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("--json"), "{stderr}");
    let (code, stdout, stderr) = finish(&call(&["run", "x.json", "--seed", "-1"]));
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert!(stderr.contains("invalid value '-1'"), "{stderr}");
}

#[test]
fn a_guest_replaces_the_function_that_has_the_alias() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(guest("faulty"), folder.path().join("faulty.wasm")).unwrap();
    let manifest = folder.path().join("functions.toml");
    let binding =
        "version = 1\n[functions.pay]\nmodule = \"faulty.wasm\"\naliases = [\"old-pay\"]\n";
    std::fs::write(&manifest, binding).unwrap();
    let definition = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "old-pay", "ResultPath": "$.a", "Next": "B"},
        "B": {"Type": "Task", "Resource": "pay", "ResultPath": "$.b", "End": true}}}"#;
    let flags = [
        "--functions",
        &manifest.display().to_string(),
        "--guest",
        &format!("old-pay={}", guest("echo").display()),
        "--input",
        r#"{"do": "panic"}"#,
    ];
    let (code, stdout, stderr) = run_text(definition, &flags);
    assert_eq!(code, 0, "{stderr}");
    let output = Data::parse(&stdout).unwrap();
    for pointer in ["/a/do", "/b/do"] {
        assert_eq!(output.pointer(pointer), Some(&Data::from("panic")));
    }
}

#[test]
fn a_guest_may_lie_in_a_folder_with_a_comma() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("a,b.wasm");
    std::fs::copy(guest("echo"), &module).unwrap();
    let task =
        r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "f", "End": true}}}"#;
    let (code, _, stderr) = run_text(task, &["--guest", &format!("f={}", module.display())]);
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn a_history_that_cannot_be_written_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no/such/history.json");
    let path = path.display().to_string();
    let (code, stdout, stderr) = run_text(HELLO, &["--history", &path]);
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(stderr.contains(&path), "{stderr}");
    assert!(!stderr.contains("SUCCEEDED"), "nothing ran: {stderr}");
}

#[test]
fn nothing_of_a_definition_steers_the_terminal() {
    for (definition, words) in [
        (
            r#"{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad\u001b[31m", "Cause": "C\u0007"}}}"#,
            "FAILED",
        ),
        (
            r#"{"StartAt": "S\u001b]0;x\u0007", "States": {"S\u001b]0;x\u0007": {"Type": "Wait", "Seconds": 1, "End": true}}}"#,
            "0;x",
        ),
        (
            r#"{"StartAt": "T\u001b[2J", "States": {"T\u001b[2J": {"Type": "Task", "Resource": "nobody", "TimeoutSeconds": 1, "End": true}}}"#,
            "[2J",
        ),
    ] {
        let (_, _, stderr) = run_text(definition, &[]);
        assert!(stderr.contains(words), "{definition}: {stderr}");
        let raw = stderr
            .chars()
            .find(|c| c.is_control() && !"\n\t".contains(*c));
        assert_eq!(raw, None, "{definition}: {stderr:?}");
    }
}

#[test]
fn validate_goes_on_after_a_file_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.asl.json");
    std::fs::write(&good, HELLO).unwrap();
    let good = good.display().to_string();
    let (code, stdout, stderr) = finish(&call(&["validate", "/no/such.json", &good]));
    assert_eq!(code, 3, "{stderr}");
    assert!(stdout.contains("good.asl.json: ok"), "{stdout}");
    assert!(stderr.contains("/no/such.json"), "{stderr}");
}

/// Runs until something waits, presses Ctrl-C, and gives the exit code.
#[cfg(unix)]
fn interrupted(args: &[&str]) -> Option<i32> {
    let mut child = wf_host(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut progress = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("waiting until") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut progress, &mut line).unwrap() > 0);
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    // A pipe that nobody reads would hold the child up.
    std::io::copy(&mut progress, &mut std::io::sink()).unwrap();
    child.wait().unwrap().code()
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_the_execution() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.json");
    let history = folder.path().join("history.json");
    std::fs::write(
        &path,
        r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": true}}}"#,
    )
    .unwrap();
    let code = interrupted(&[
        "run",
        &path.display().to_string(),
        "--history",
        &history.display().to_string(),
    ]);
    assert_eq!(code, Some(130));
    assert!(
        std::fs::read_to_string(&history)
            .unwrap()
            .contains("ExecutionAborted")
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_an_execution_that_never_rests() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("endless.json");
    std::fs::write(
        &path,
        r#"{"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 1, "Next": "C"},
            "C": {"Type": "Choice", "Default": "W", "Choices": [{"Variable": "$.over", "IsPresent": true, "Next": "E"}]},
            "E": {"Type": "Succeed"}}}"#,
    )
    .unwrap();
    let began = std::time::Instant::now();
    let code = interrupted(&[
        "run",
        &path.display().to_string(),
        "--clock",
        "virtual",
        "--seed",
        "1",
        "--quota",
        "history-events=3000000",
    ]);
    // The quota would end it with exit code 1, and later.
    assert_eq!(code, Some(130));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn the_workflows_in_jsonata_run_as_the_readme_says() {
    let run = |name: &str, input: &str| {
        let path = format!("workflows/{name}");
        let args = [
            "run", &path, "--input", input, "--clock", "virtual", "--seed", "3", "-q",
        ];
        finish(&call(&args))
    };
    let (code, stdout, stderr) = run("order-batch.asl.json", "@workflows/inputs/batch.json");
    assert_eq!(code, 0, "{stderr}");
    let output = Data::parse(&stdout).unwrap();
    let statuses = output.get("statuses").and_then(Data::as_array).unwrap();
    assert_eq!(output.get("orders"), Some(&Data::from(3)), "{stdout}");
    assert_eq!(
        statuses.items()[2],
        Data::from("failed"),
        "an order without a customer"
    );
    let (code, stdout, _) = run(
        "order-approval.asl.json",
        r#"{"orderId": "O", "amount": 50}"#,
    );
    assert_eq!(
        (code, stdout.trim()),
        (
            0,
            r#"{"orderId":"O","status":"approved","by":"nobody needed"}"#
        )
    );
    // Under virtual time the day that a manager has is over at once.
    let (code, _, stderr) = run(
        "order-approval.asl.json",
        r#"{"orderId": "O", "amount": 500}"#,
    );
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("declined by the clock"), "{stderr}");
}
