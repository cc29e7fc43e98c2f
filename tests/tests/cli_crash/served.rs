//! A server on a store, killed and started again.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wf_host_tests::{binary, root, wf_host};

use crate::client::Client;

/// A server's folder: its machines, its store, what it said. It outlives the server.
pub struct House {
    folder: tempfile::TempDir,
}

/// A server that is killed when the test is over.
pub struct Served {
    process: Child,
    pub address: String,
}

const NAP: &str = r#"{ "StartAt": "Nap", "States": { "Nap": { "Type": "Wait", "SecondsPath": "$.seconds", "End": true } } }"#;

/// Long enough that it is open whenever somebody looks.
const PARKED: &str = r#"{ "StartAt": "Year", "States": { "Year": { "Type": "Wait", "Seconds": 31536000, "End": true } } }"#;

const WORK: &str = r#"{ "StartAt": "Echo", "States": {
  "Echo": { "Type": "Task", "Resource": "echo", "Next": "Rest" },
  "Rest": { "Type": "Wait", "Seconds": 1, "Next": "Again" },
  "Again": { "Type": "Task", "Resource": "echo", "Next": "Which" },
  "Which": { "Type": "Choice", "Choices": [ { "Variable": "$.bad", "BooleanEquals": true, "Next": "Bad" } ], "Default": "Good" },
  "Bad": { "Type": "Fail", "Error": "Bad", "Cause": "as asked" },
  "Good": { "Type": "Pass", "Parameters": { "n.$": "$.n", "name.$": "$$.Execution.Name" }, "End": true } } }"#;

const ASKS: &str = r#"{ "StartAt": "Ask", "States": { "Ask": { "Type": "Task", "End": true,
  "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSecondsPath": "$.timeout",
  "Parameters": { "QueueUrl": "q", "MessageBody.$": "$$.Task.Token" } } } }"#;

const HIRES: &str = r#"{ "StartAt": "Hire", "States": { "Hire": { "Type": "Task", "End": true,
  "Resource": "arn:aws:states:us-east-1:000000000000:activity:jobs" } } }"#;

const MACHINES: [(&str, &str); 5] = [
    ("nap", NAP),
    ("parked", PARKED),
    ("work", WORK),
    ("asks", ASKS),
    ("hires", HIRES),
];

/// The ARN of a machine.
pub fn machine(name: &str) -> String {
    format!("arn:aws:states:us-east-1:000000000000:stateMachine:{name}")
}

impl House {
    pub fn new() -> House {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = "version = 1\n[functions.echo]\nmodule = \"echo.wasm\"\ntimeout = \"60s\"\n\
            [tasks.\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\"]\nresult = { MessageId = \"1\" }\n"
            .to_owned();
        for (name, definition) in MACHINES {
            std::fs::write(folder.path().join(format!("{name}.asl.json")), definition).unwrap();
            manifest += &format!("[machines.{name}]\ndefinition = \"{name}.asl.json\"\n");
        }
        std::fs::copy(
            wf_host_tests::guest("echo"),
            folder.path().join("echo.wasm"),
        )
        .unwrap();
        std::fs::write(folder.path().join("wf-host.toml"), manifest).unwrap();
        House { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of the store.
    pub fn store(&self) -> PathBuf {
        self.path("wf.db")
    }

    /// What all servers here said on stderr.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }

    /// A server on the store.
    pub fn serve(&self, flags: &[&str]) -> Served {
        self.serve_by(wf_host(&[]), flags)
    }

    /// A server whose files may not grow above so many KiB, until somebody lets them.
    pub fn serve_cramped(&self, kib: u32) -> Served {
        let mut shell = Command::new("bash");
        let script = format!("trap '' XFSZ; ulimit -S -f {kib}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script]).arg(binary());
        self.serve_by(shell, &[])
    }

    fn serve_by(&self, mut command: Command, flags: &[&str]) -> Served {
        let stderr = File::options()
            .create(true)
            .append(true)
            .open(self.path("stderr"))
            .unwrap();
        let cache = cache();
        command
            .args(["serve", "--addr", "127.0.0.1:0", "--store"])
            .arg(self.store())
            .arg("--functions")
            .arg(self.path("wf-host.toml"))
            .arg("--cache-dir")
            .arg(&cache)
            .args(flags)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.strip_prefix("http://");
        let address = address.unwrap_or_else(|| panic!("{}", self.said()));
        Served {
            address: address.trim().to_owned(),
            process,
        }
    }
}

/// Where compiled guests are kept for all processes of these tests.
pub fn cache() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent()
        .map(Path::to_owned)
        .unwrap_or_else(root)
        .join("guest-cache")
}

impl Served {
    pub fn client(&self) -> Client {
        Client::connect(&self.address).unwrap()
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Ends at once, as a machine does that loses its power.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Ends in an orderly way.
    pub fn end(mut self) -> Option<i32> {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &process]).status();
        assert!(sent.unwrap().success());
        self.process.wait().unwrap().code()
    }

    /// A figure of the process's memory, such as `VmHWM`, in KiB.
    pub fn memory(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let mut lines = status.lines();
        let figure = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let figure = figure.and_then(|figure| figure.split_whitespace().next());
        figure.unwrap().parse().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that is over already is no loss.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Client {
    /// Starts an execution; its ARN.
    pub fn start(&mut self, of: &str, name: &str, input: &Value) -> String {
        let started = self.call("StartExecution", &starting(of, name, input));
        started.good()["executionArn"].as_str().unwrap().to_owned()
    }

    /// All executions of a machine, through all pages.
    pub fn list(&mut self, of: &str) -> Vec<Value> {
        let (mut all, mut token) = (Vec::new(), Value::Null);
        loop {
            let mut ask = json!({"stateMachineArn": machine(of), "maxResults": 1000});
            if !token.is_null() {
                ask["nextToken"] = token;
            }
            let page = self.call("ListExecutions", &ask).good();
            all.extend(page["executions"].as_array().unwrap().iter().cloned());
            token = page["nextToken"].clone();
            if token.is_null() {
                return all;
            }
        }
    }

    pub fn describe(&mut self, arn: &str) -> Value {
        let ask = json!({"executionArn": arn});
        self.call("DescribeExecution", &ask).good()
    }

    /// The events of an execution, which must be numbered without a gap.
    pub fn history(&mut self, arn: &str) -> Vec<Value> {
        let ask = json!({"executionArn": arn, "maxResults": 1000});
        let history = self.call("GetExecutionHistory", &ask).good();
        let events = history["events"].as_array().unwrap().clone();
        for (number, event) in (1..).zip(&events) {
            assert_eq!(event["id"], number, "{arn}");
            assert!(event["previousEventId"].as_u64().unwrap() < number);
        }
        events
    }

    /// Waits for the end of an execution; what is told of it then.
    pub fn ended(&mut self, arn: &str) -> Value {
        let began = Instant::now();
        loop {
            let told = self.describe(arn);
            if told["status"] != "RUNNING" {
                return told;
            }
            assert!(began.elapsed() < Duration::from_secs(120), "{told}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The parameters of a StartExecution.
pub fn starting(of: &str, name: &str, input: &Value) -> Value {
    json!({"stateMachineArn": machine(of), "name": name, "input": input.to_string()})
}
