//! The command line with more than one machine, and answers from another process.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use data::Data;
use tempfile::TempDir;
use wf_host_tests::{text, wf_host};

/// A folder with files, which also takes the sockets.
struct Desk(TempDir);

const APPROVAL: &str = r#"{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true,
    "Resource": "arn:aws:states:us-east-1:000000000000:activity:approve"}}}"#;
const CHILD: &str = r#"{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"got.$": "$"}, "End": true}}}"#;
const PARENT: &str = r#"{"StartAt": "Call", "States": {"Call": {"Type": "Task", "OutputPath": "$.Output", "End": true,
    "Resource": "arn:aws:states:::states:startExecution.sync:2",
    "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:child", "Input.$": "$"}}}}"#;
const WORKER: &str = r#"{"StartAt": "Get", "States": {
    "Get": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "ResultPath": "$.task",
        "Parameters": {"ActivityArn": "arn:aws:states:us-east-1:000000000000:activity:approve"}, "Next": "Send"},
    "Send": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "End": true,
        "Parameters": {"TaskToken.$": "$.task.TaskToken", "Output.$": "States.JsonToString($.answer)"}}}}"#;

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        for (name, content) in [
            ("approval.asl.json", APPROVAL),
            ("child.asl.json", CHILD),
            ("parent.asl.json", PARENT),
            ("worker.asl.json", WORKER),
            ("broken.asl.json", "{}"),
        ] {
            desk.write(name, content);
        }
        desk
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = wf_host(args);
        command
            .current_dir(self.0.path())
            .env("XDG_RUNTIME_DIR", self.0.path());
        command
    }

    fn call(&self, args: &[&str]) -> (i32, String, String) {
        let output = self.command(args).output().unwrap();
        (
            output.status.code().unwrap_or(-1),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    fn sockets(&self) -> usize {
        std::fs::read_dir(self.0.path().join("wf-host")).map_or(0, Iterator::count)
    }

    /// Starts a run and waits until it says which token it waits for.
    fn waiting(&self, args: &[&str]) -> (Child, BufReader<std::process::ChildStderr>, String) {
        let mut child = self
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        let mut token = None;
        while token.is_none() {
            let mut line = String::new();
            if stderr.read_line(&mut line).unwrap() == 0 {
                break;
            }
            let words = line.trim_end().split_once("waits for its task token ");
            token = words.map(|(_, token)| token.to_owned());
            told += &line;
        }
        match token {
            Some(token) => (child, stderr, token),
            None => panic!("it ended with {}: {told}", child.wait().unwrap()),
        }
    }
}

fn end(mut child: Child) -> (i32, String) {
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    (child.wait().unwrap().code().unwrap_or(-1), stdout)
}

#[test]
fn another_process_answers_a_run_that_listens() {
    let desk = Desk::new();
    let (run, _stderr, token) = desk.waiting(&["run", "approval.asl.json", "--listen", "-q"]);
    let folder = std::fs::metadata(desk.0.path().join("wf-host")).unwrap();
    assert_eq!(
        (folder.permissions().mode() & 0o777, desk.sockets()),
        (0o700, 1)
    );
    // A socket that nobody listens on any more is no obstacle, and goes.
    drop(
        std::os::unix::net::UnixListener::bind(desk.0.path().join("wf-host/0-stale.sock")).unwrap(),
    );
    let (code, stdout, stderr) = desk.call(&["task", "heartbeat", &token]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""));
    assert_eq!(desk.sockets(), 1);
    let (code, _, stderr) = desk.call(&["task", "succeed", "wf-0-1-0000000000000001"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("no running wf-host waits for the token") && stderr.contains("hint:"),
        "{stderr}"
    );
    let large = format!("\"{}\"", "a\u{e9}".repeat(87_380));
    let file = desk.write("large.json", &large);
    let (code, stdout, stderr) = desk.call(&[
        "task",
        "succeed",
        &token,
        "--output",
        &format!("@{}", file.display()),
        "--json",
    ]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        Data::parse(&stdout).unwrap().get("taken"),
        Some(&true.into())
    );
    let (code, stdout) = end(run);
    assert_eq!((code, stdout.trim_end()), (0, large.as_str()));
    assert_eq!(desk.sockets(), 0);
}

#[test]
fn a_run_with_a_timeout_takes_answers_without_being_asked_to_listen() {
    let desk = Desk::new();
    let definition = APPROVAL.replace("\"Type\"", "\"TimeoutSeconds\": 600, \"Type\"");
    desk.write("bound.asl.json", &definition);
    let (run, _stderr, token) = desk.waiting(&["run", "bound.asl.json"]);
    let (code, _, stderr) = desk.call(&[
        "task", "fail", &token, "--error", "Declined", "--cause", "-no",
    ]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(end(run), (1, String::new()));
}

#[test]
fn a_wrong_answer_is_told_before_anybody_is_asked() {
    let desk = Desk::new();
    for (args, code, words) in [
        (
            &["task", "succeed", "nonsense"][..],
            2,
            "is not a task token",
        ),
        (
            &["task", "succeed", "wf-0-1-0", "--output", "{"],
            2,
            "--output:1:2",
        ),
        (
            &["task", "succeed", "wf-0-1-0", "--output", "@none.json"],
            3,
            "none.json",
        ),
        (&["task", "heartbeat", "wf-0-1-0"], 2, "no running wf-host"),
        (&["task", "fail"], 2, "TOKEN"),
    ] {
        let (exit, _, stderr) = desk.call(args);
        assert!(
            exit == code && stderr.contains(words),
            "{args:?}: {exit} {stderr}"
        );
    }
    let folder = desk.0.path().join("wf-host");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (exit, _, stderr) = desk.call(&["task", "heartbeat", "wf-0-1-0"]);
    assert!(
        exit == 70 && stderr.contains("mode 0700"),
        "{exit} {stderr}"
    );
}

#[test]
fn without_anybody_to_answer_a_run_ends_with_7() {
    let desk = Desk::new();
    for clock in ["real", "virtual"] {
        let (code, stdout, stderr) = desk.call(&["run", "approval.asl.json", "--clock", clock]);
        assert_eq!((code, stdout.as_str()), (7, ""));
        assert!(
            stderr.contains("state 'Ask'") && stderr.contains("wf-") && stderr.contains("--listen"),
            "{stderr}"
        );
    }
    let (code, _, stderr) =
        desk.call(&["run", "approval.asl.json", "--clock", "virtual", "--listen"]);
    assert!(code == 2 && stderr.contains("--clock"), "{code} {stderr}");
}

#[test]
fn a_machine_is_reached_by_flag_and_by_file() {
    let desk = Desk::new();
    let input = ["--input", "{\"a\":1}", "--clock", "virtual", "--seed", "1"];
    let run = |more: &[&str]| desk.call(&[&["run", "parent.asl.json"], &input[..], more].concat());
    let (code, _, stderr) = run(&[]);
    assert!(
        code == 1
            && stderr.contains("StateMachineDoesNotExist")
            && stderr.contains("[machines.\"child\"]"),
        "{stderr}"
    );
    let (code, stdout, stderr) = run(&["--also", "child.asl.json"]);
    assert_eq!(
        (code, stdout.trim_end()),
        (0, r#"{"got":{"a":1}}"#),
        "{stderr}"
    );
    assert!(stderr.contains("[child] P  Pass done"), "{stderr}");
    assert_eq!(run(&["--also", "child=worker.asl.json"]).0, 1);
    let (code, _, stderr) = run(&["--also", "broken.asl.json"]);
    assert!(code == 3 && stderr.contains("broken.asl.json"), "{stderr}");
    desk.write(
        "wf-host.toml",
        "version = 1\n[machines.child]\ndefinition = \"child.asl.json\"\n",
    );
    assert_eq!(run(&[]).0, 0);
    desk.write(
        "wf-host.toml",
        "version = 1\n[machines.child]\ndefinition = \"child.asl.json\"\ntype = \"EXPRESS\"\n",
    );
    let (code, _, stderr) = run(&[]);
    assert!(
        code == 1 && stderr.contains("StateMachineTypeNotSupported"),
        "{stderr}"
    );
    desk.write(
        "wf-host.toml",
        "version = 1\n[machines.child]\ndefinition = \"../child.asl.json\"\n",
    );
    assert_eq!(
        run(&[]).0,
        3,
        "a functions file names nothing outside of its folder"
    );
    desk.write("wf-host.toml", "version = 1\n[machines.child]\n");
    assert!(run(&[]).2.contains("`definition` is missing"));
}

#[test]
fn a_companion_runs_beside_and_has_its_own_history() {
    let desk = Desk::new();
    let args = [
        "run",
        "approval.asl.json",
        "--clock",
        "virtual",
        "--seed",
        "1",
        "--also",
        "worker.asl.json",
        "--beside",
        "worker={\"answer\":{\"yes\":true}}",
    ];
    let run = |more: &[&str]| desk.call(&[&args[..], more].concat());
    let (code, stdout, stderr) = run(&[]);
    assert_eq!(
        (code, stdout.trim_end()),
        (0, r#"{"yes":true}"#),
        "{stderr}"
    );
    let events = |stdout: &str| Data::parse(stdout).unwrap().to_string();
    let main = events(&run(&["-q", "--history", "-"]).1);
    assert!(
        main.contains("ActivitySucceeded") && !main.contains("getActivityTask"),
        "{main}"
    );
    let worker = events(&run(&["-q", "--history", "-", "--history-of", "worker"]).1);
    assert!(worker.contains("getActivityTask"), "{worker}");
    assert_eq!(
        run(&["-q", "--history", "-", "--history-of", "nobody"]).0,
        2
    );
    assert_eq!(run(&["--history-of", "worker"]).0, 2);
    let described = Data::parse(&run(&["-q", "--json"]).1).unwrap();
    assert_eq!(
        described.pointer("/others/0/status"),
        Some(&Data::from("SUCCEEDED"))
    );
    let (code, _, stderr) = desk.call(&["run", "approval.asl.json", "--beside", "nobody"]);
    assert!(code == 2 && stderr.contains("--also"), "{stderr}");
}

#[test]
fn a_run_that_nobody_can_answer_still_tells_how_far_it_came() {
    let desk = Desk::new();
    let args = [
        "run",
        "approval.asl.json",
        "--json",
        "--history",
        "history.json",
        "-q",
    ];
    let (code, stdout, stderr) = desk.call(&args);
    assert_eq!(code, 7, "{stderr}");
    let described = Data::parse(&stdout).unwrap();
    assert_eq!(described.get("status"), Some(&Data::from("RUNNING")));
    let history = std::fs::read_to_string(desk.0.path().join("history.json")).unwrap();
    assert!(history.contains("ActivityScheduled"), "{history}");
}

#[test]
fn a_listening_run_waits_for_a_token_whose_service_is_not_bound() {
    let desk = Desk::new();
    let token = r#"{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true, "TimeoutSeconds": 1,
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"Token.$": "$$.Task.Token"}}}}"#;
    desk.write("token.asl.json", token);
    let (code, _, stderr) = desk.call(&["run", "token.asl.json", "--listen"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("States.Timeout"), "{stderr}");
}

#[test]
fn two_machines_of_a_run_must_not_share_a_name() {
    let desk = Desk::new();
    for also in [
        ["--also", "parent.asl.json"],
        ["--also", "child=worker.asl.json"],
    ] {
        let mut args = vec!["run", "parent.asl.json", "--also", "child.asl.json"];
        args.extend(also);
        let (code, stdout, stderr) = desk.call(&args);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(
            stderr.contains("another machine of this run is called"),
            "{stderr}"
        );
    }
}
