//! `wf-host run --store`, killed again and again until its execution is over.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use wf_host_tests::{text, wf_host};

use crate::served::cache;

/// One thing after the other, so that the numbers of events do not depend on chance.
const ORDERLY: &str = r#"{ "StartAt": "Mark", "States": {
  "Mark": { "Type": "Task", "Resource": "faulty", "ResultPath": null,
    "Parameters": { "do": "write-file", "path.$": "States.Format('/marks/{}', States.UUID())" }, "Next": "Sleep" },
  "Sleep": { "Type": "Task", "Resource": "faulty", "ResultPath": null, "Parameters": { "do": "sleep", "seconds": 0.1 }, "Next": "Each" },
  "Each": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "ResultPath": "$.each", "Next": "Fails",
    "ItemProcessor": { "StartAt": "One", "States": {
      "One": { "Type": "Task", "Resource": "faulty", "Parameters": { "do": "sleep", "seconds": 0.02 }, "ResultPath": null, "End": true } } } },
  "Fails": { "Type": "Task", "Resource": "faulty", "Parameters": { "do": "error", "errorType": "Broken" },
    "Retry": [ { "ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 1 } ],
    "Catch": [ { "ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "Pause" } ], "Next": "Pause" },
  "Pause": { "Type": "Wait", "Seconds": 1, "Next": "Child" },
  "Child": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "ResultPath": "$.child",
    "Parameters": { "StateMachineArn": "child", "Input": { "n": 1 } }, "ResultSelector": { "output.$": "$.Output" }, "Next": "Which" },
  "Which": { "Type": "Choice", "Choices": [ { "Variable": "$.bad", "IsPresent": true, "Next": "Bad" } ], "Default": "Good" },
  "Bad": { "Type": "Fail", "Error": "Bad", "Cause": "as asked" },
  "Good": { "Type": "Succeed" } } }"#;

/// Everything side by side.
const ABREAST: &str = r#"{ "StartAt": "All", "States": { "All": { "Type": "Parallel", "End": true, "Branches": [
  { "StartAt": "Sleep", "States": {
    "Sleep": { "Type": "Task", "Resource": "faulty", "Parameters": { "do": "sleep", "seconds": 0.3 }, "ResultPath": null, "Next": "Nap" },
    "Nap": { "Type": "Wait", "Seconds": 1, "End": true } } },
  { "StartAt": "Each", "States": {
    "Each": { "Type": "Map", "ItemsPath": "$.items", "End": true,
      "ItemProcessor": { "StartAt": "One", "States": {
        "One": { "Type": "Task", "Resource": "faulty", "Parameters": { "do": "sleep", "seconds": 0.2 }, "ResultPath": null, "End": true } } } } } },
  { "StartAt": "Many", "States": {
    "Many": { "Type": "Map", "ItemsPath": "$.items", "Label": "many", "MaxConcurrency": 2, "End": true,
      "ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
        "StartAt": "Item", "States": {
        "Item": { "Type": "Task", "Resource": "faulty", "Parameters": { "do": "sleep", "seconds": 0.1 }, "ResultPath": null, "End": true } } } } } },
  { "StartAt": "Ask", "States": {
    "Ask": { "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.waitForTaskToken", "End": true,
      "Parameters": { "StateMachineArn": "answerer", "Input": { "token.$": "$$.Task.Token" } } } } },
  { "StartAt": "Hire", "States": {
    "Hire": { "Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:work", "End": true } } } ] } } }"#;

const CHILD: &str =
    r#"{ "StartAt": "Nap", "States": { "Nap": { "Type": "Wait", "Seconds": 1, "End": true } } }"#;

const ANSWERER: &str = r#"{ "StartAt": "Think", "States": { "Think": { "Type": "Wait", "Seconds": 1, "Next": "Answer" },
  "Answer": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
    "Parameters": { "TaskToken.$": "$.token", "Output": { "yes": true } }, "End": true } } }"#;

const WORKER: &str = r#"{ "StartAt": "Get", "States": {
  "Get": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask",
    "Parameters": { "ActivityArn": "arn:aws:states:us-east-1:000000000000:activity:work" }, "Next": "Do" },
  "Do": { "Type": "Wait", "Seconds": 1, "Next": "Done" },
  "Done": { "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
    "Parameters": { "TaskToken.$": "$.TaskToken", "Output.$": "$.Input" }, "End": true } } }"#;

/// Chance that depends on nothing but its seed.
struct Chance(u64);

impl Chance {
    fn up_to(&mut self, most: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        most.mul_f64((self.0 >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// A workflow in a folder of its own.
struct Case {
    folder: tempfile::TempDir,
    flags: Vec<String>,
}

/// What came of an execution.
#[derive(Debug, PartialEq)]
struct Came {
    code: Option<i32>,
    output: String,
    history: Vec<String>,
}

impl Case {
    fn new(definition: &str, flags: &[&str]) -> Case {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("main.asl.json", definition);
        write("child.asl.json", CHILD);
        write("answerer.asl.json", ANSWERER);
        write("worker.asl.json", WORKER);
        let guest = wf_host_tests::guest("faulty");
        std::fs::copy(guest, folder.path().join("faulty.wasm")).unwrap();
        std::fs::create_dir(folder.path().join("marks")).unwrap();
        let functions = "version = 1\n[functions.faulty]\nmodule = \"faulty.wasm\"\ntimeout = \"60s\"\n\
            mounts = [{ source = \"marks\", target = \"/marks\", access = \"read-write\" }]\n";
        write("functions.toml", functions);
        let flags = flags.iter().map(|flag| flag.to_string()).collect();
        Case { folder, flags }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command for the execution in the store of that name; its history goes to the file `NAME.history`.
    fn command(&self, name: &str) -> Command {
        let mut command = wf_host(&["run", "main.asl.json", "--functions", "functions.toml"]);
        command
            .args([
                "--store",
                &format!("{name}.db"),
                "--seed",
                "7",
                "--name",
                "run",
            ])
            .args(["--history", &format!("{name}.history")])
            .arg("--cache-dir")
            .arg(cache())
            .args(["--also", "child.asl.json", "--also", "answerer.asl.json"])
            .args(["--also", "worker.asl.json"])
            .args(&self.flags)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn came(&self, name: &str, output: &Output) -> Came {
        let history = std::fs::read_to_string(self.path(&format!("{name}.history"))).unwrap();
        let history: serde_json::Value = serde_json::from_str(&history).unwrap();
        let events = history["events"]
            .as_array()
            .unwrap_or_else(|| history.as_array().unwrap());
        Came {
            code: output.status.code(),
            output: text(&output.stdout),
            history: events.iter().map(timeless).collect(),
        }
    }

    fn marks(&self) -> Vec<PathBuf> {
        let marks = std::fs::read_dir(self.path("marks")).unwrap();
        marks.map(|mark| mark.unwrap().path()).collect()
    }
}

/// An event without what two executions at other times cannot have in common.
fn timeless(event: &serde_json::Value) -> String {
    let mut event = event.clone();
    event.as_object_mut().unwrap().remove("timestamp");
    if event["type"] == "TaskSubmitted" {
        // An answer of HTTP, with its date.
        event["taskSubmittedEventDetails"]
            .as_object_mut()
            .unwrap()
            .remove("output");
    }
    // How long a guest thinks that it slept.
    let event = event.to_string();
    let event = match event.split_once("sleptMs\\\":") {
        Some((before, after)) => format!(
            "{before}{}",
            after.trim_start_matches(|c: char| c.is_ascii_digit())
        ),
        None => event,
    };
    let mut text = String::new();
    for part in event.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.chars().filter(char::is_ascii_digit).count();
        // Moments, in milliseconds.
        if digits == 13 {
            text.push('T')
        } else {
            text.push_str(part)
        }
    }
    text
}

/// Kills an execution until it is over; how often, and how often it went on where it stood.
fn persevere(case: &Case, name: &str, chance: &mut Chance, whole: Duration) -> (Came, u32, u32) {
    let (mut kills, mut resumed) = (0, 0);
    // A life that is always too short for the next step would never end: they become longer.
    let mut longest = whole.mul_f64(0.4);
    loop {
        let mut process = case.command(name).spawn().unwrap();
        let life = chance.up_to(longest);
        longest = longest.mul_f64(1.05);
        let over = ends_within(&mut process, life);
        if !over {
            process.kill().unwrap();
        }
        let output = process.wait_with_output().unwrap();
        let stderr = text(&output.stderr);
        resumed += u32::from(stderr.contains("goes on where it stood"));
        if output.status.code().is_some() {
            assert!(matches!(output.status.code(), Some(0 | 1)), "{stderr}");
            return (case.came(name, &output), kills, resumed);
        }
        kills += 1;
    }
}

fn ends_within(process: &mut Child, life: Duration) -> bool {
    let began = Instant::now();
    while began.elapsed() < life {
        if process.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// How often each of the two is killed in all.
const KILLS: u32 = 110;

/// How many are run and killed side by side.
const LANES: u64 = 6;

/// Kills executions of a case, several at a time, and compares what comes of them with an undisturbed one.
fn survives(case: &Case, seed: u64, judge: impl Fn(Came) -> Came + Sync) {
    println!("seed {seed}");
    let began = Instant::now();
    let undisturbed = case.command("calm").output().unwrap();
    let whole = began.elapsed();
    let stderr = text(&undisturbed.stderr);
    assert!(
        undisturbed.status.code().is_some_and(|code| code < 2),
        "{stderr}"
    );
    let undisturbed = judge(case.came("calm", &undisturbed));
    let sum = Mutex::new((0, 0, 0));
    let lane = |lane: u64| {
        let mut chance = Chance(seed + lane);
        while sum.lock().unwrap().0 < KILLS {
            let name = format!("run{:03}-{lane}", sum.lock().unwrap().2);
            let (came, kills, resumed) = persevere(case, &name, &mut chance, whole);
            let came = judge(came);
            for (is, was) in came.history.iter().zip(&undisturbed.history) {
                assert_eq!(is, was, "{name}, {kills} kills");
            }
            assert_eq!(came, undisturbed, "{name}, {kills} kills");
            let mut sum = sum.lock().unwrap();
            *sum = (sum.0 + kills, sum.1 + resumed, sum.2 + 1);
        }
    };
    std::thread::scope(|scope| {
        (0..LANES).for_each(|number| {
            drop(scope.spawn({
                let lane = &lane;
                move || lane(number)
            }))
        });
    });
    let (kills, resumed, number) = *sum.lock().unwrap();
    println!("{kills} kills of {number} executions, {resumed} went on");
    assert!(resumed > KILLS / 10, "{resumed} of {kills}");
    printed_again(case);
}

/// One that is over is told of again, and nothing runs.
fn printed_again(case: &Case) {
    for mark in case.marks() {
        std::fs::remove_file(mark).unwrap();
    }
    let first = case.came(
        "calm",
        &Output {
            status: case.command("calm").status().unwrap(),
            stdout: Vec::new(),
            stderr: Vec::new(),
        },
    );
    let again = case.command("calm").output().unwrap();
    let stderr = text(&again.stderr);
    assert!(stderr.contains("was over before"), "{stderr}");
    let again = case.came("calm", &again);
    assert_eq!((first.code, first.history), (again.code, again.history));
    assert_eq!(case.marks(), [] as [&Path; 0], "a guest ran");
}

const INPUT: [&str; 2] = ["--input", r#"{"items": [1, 2, 3]}"#];
const BAD: [&str; 2] = ["--input", r#"{"items": [1, 2], "bad": 1}"#];

#[test]
fn a_run_that_is_killed_again_and_again_ends_as_one_that_was_not() {
    survives(&Case::new(ORDERLY, &INPUT), 20, |came| {
        assert_eq!(came.code, Some(0));
        came
    });
}

#[test]
fn a_run_that_fails_does_so_whatever_befalls_it_before() {
    let case = Case::new(ORDERLY, &BAD);
    let calm = case.command("calm").output().unwrap();
    let stderr = text(&calm.stderr);
    assert!(
        stderr.contains("Bad") && stderr.contains("as asked"),
        "{stderr}"
    );
    assert!(calm.stdout.is_empty());
    let mut chance = Chance(4);
    let (came, ..) = persevere(&case, "killed", &mut chance, Duration::from_secs(3));
    assert_eq!(came, case.came("calm", &calm));
    assert_eq!(came.code, Some(1));
}

#[test]
fn what_goes_on_side_by_side_does_so_after_a_kill() {
    let flags = [&INPUT[..], &["--beside", "worker"]].concat();
    survives(&Case::new(ABREAST, &flags), 21, |came| {
        assert_eq!(came.code, Some(0));
        // What happened at the same time may be in any order.
        let unnumbered = |event: &String| {
            let mut event: serde_json::Value = serde_json::from_str(event).unwrap();
            let event = event.as_object_mut().unwrap();
            event.remove("id");
            event.remove("previousEventId");
            serde_json::to_string(event).unwrap()
        };
        let mut history: Vec<String> = came.history.iter().map(unnumbered).collect();
        history.sort();
        Came { history, ..came }
    });
}
