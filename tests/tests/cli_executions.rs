//! `wf-host executions`, `wf-host stats` and `wf-host store` as processes: over a real server, over one that answers
//! what a test wants, and over a store.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::Caller;
use api::stepfunctions::{MachineRegistry, StepFunctions};
use data::Data;
use engine::{Entropy, Timestamp};
use journal::{Store, StoreOptions};
use runtime::host::Settings;
use runtime::manifest::Ceilings;
use runtime::{Clock, Functions, Silent};
use serde_json::{Value, json};
use wf_host_tests::{call, text, wf_host};

/// A server under virtual time that is killed when the test is over.
struct Served {
    process: Child,
    url: String,
}

impl Served {
    fn new() -> Served {
        let folder = tempfile::tempdir().unwrap();
        let flags = ["serve", "--addr", "127.0.0.1:0", "--clock", "virtual"];
        let mut process = wf_host(&flags)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let url = line.trim().to_owned();
        assert!(url.starts_with("http://"), "{url}");
        Served { process, url }
    }

    /// Carries out an operation of Step Functions.
    fn ask(&self, operation: &str, parameters: &Value) -> Value {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        let body = parameters.to_string();
        let length = body.len();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Makes a machine, starts an execution of it, and gives its ARN.
    fn start(&self, machine: &str, definition: &Value, name: &str, input: &Value) -> String {
        let made = json!({
            "name": machine,
            "definition": definition.to_string(),
            "roleArn": "arn:aws:iam::000000000000:role/any",
        });
        let arn = self.ask("CreateStateMachine", &made)["stateMachineArn"].clone();
        let start = json!({"stateMachineArn": arn, "name": name, "input": input.to_string()});
        let begun = self.ask("StartExecution", &start);
        begun["executionArn"].as_str().unwrap().to_owned()
    }

    /// Runs a command that asks this server.
    fn executions(&self, args: &[&str]) -> Output {
        call(&[&["executions"], args, &["--server", &self.url]].concat())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that is over already is no loss.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a stand-in answers to the path and query of a request: status and body.
type Answers = fn(&str) -> (u16, String);

/// A server of which a test says what it answers. It lives as long as the process.
struct Standin {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Standin {
    fn new(answers: Answers) -> Standin {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().unwrap().unwrap();
                let path = first.split(' ').nth(1).unwrap().to_owned();
                while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
                let (status, body) = answers(&path);
                heard.lock().unwrap().push(path);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
                );
                // Whoever has seen enough hangs up.
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Standin { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn is_health(path: &str) -> Option<(u16, String)> {
    (path == "/_wf-host/health").then(|| (200, json!({"edition": "wf-host"}).to_string()))
}

#[track_caller]
fn succeeds(ended: &Output) -> String {
    let stderr = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{stderr}");
    text(&ended.stdout)
}

#[track_caller]
fn fails(ended: &Output, code: i32, says: &[&str]) {
    let stderr = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(code), "{stderr}");
    assert_eq!(text(&ended.stdout), "");
    for says in says {
        assert!(stderr.contains(says), "{says:?} is not in: {stderr}");
    }
}

fn two_branches() -> Value {
    json!({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
        {"StartAt": "Long", "States": {"Long": {"Type": "Wait", "Seconds": 7260, "End": true}}},
        {"StartAt": "Short", "States": {"Short": {"Type": "Pass", "Result": {"a": 1}, "End": true}}},
    ]}}})
}

/// A machine that waits for a worker whom nobody is.
fn waits_for_nobody(served: &Served) -> Value {
    let made = served.ask("CreateActivity", &json!({"name": "work"}));
    json!({"StartAt": "Work", "States": {"Work": {
        "Type": "Task", "Resource": made["activityArn"], "End": true,
    }}})
}

#[test]
fn an_execution_is_described() {
    let served = Served::new();
    let input = json!({"order": 1});
    let arn = served.start("both", &two_branches(), "first", &input);
    let described = succeeds(&served.executions(&["describe", &arn]));
    for line in [
        format!("execution  {arn}\n").as_str(),
        "status     SUCCEEDED\n",
        "started    2026-01-01T00:00:00.000Z\n",
        "stopped    2026-01-01T02:01:00.000Z, after 2h01m00s\n",
        "input\n  {\n    \"order\": 1\n  }\n",
    ] {
        assert!(described.contains(line), "{line:?} is not in: {described}");
    }
    let answer = succeeds(&served.executions(&["describe", &arn, "--json"]));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["stopDate"], "2026-01-01T02:01:00.000Z");
    assert_eq!(answer["name"], "first");
    assert_eq!(answer["input"], "{\"order\":1}");
}

#[test]
fn a_history_has_three_forms() {
    let served = Served::new();
    let arn = served.start("both", &two_branches(), "first", &json!({}));
    let timeline = succeeds(&served.executions(&["history", &arn]));
    assert_eq!(
        timeline,
        "    id        since         took  what
     1       0.000s               started 2026-01-01T00:00:00.000Z
     2       0.000s     2h01m00s  Both  Parallel
                                    branch 0
     4       0.000s     2h01m00s      Long  Wait
                                    branch 1
     5       0.000s       0.000s      Short  Pass
    10     2h01m00s     2h01m00s  SUCCEEDED
"
    );
    let history = succeeds(&served.executions(&["history", &arn, "--json"]));
    let history: Value = serde_json::from_str(&history).unwrap();
    let events = history["events"].as_array().unwrap();
    assert_eq!(events.len(), 10);
    assert_eq!(events[9]["type"], "ExecutionSucceeded");
    assert_eq!(events[9]["timestamp"], "2026-01-01T02:01:00.000Z");
    let state = succeeds(&served.executions(&["history", &arn, "--state", "Short", "--json"]));
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state["visits"][0]["place"], "branch 1 of Both");
    assert_eq!(state["visits"][0]["output"], json!({"a": 1}));
    let shown = succeeds(&served.executions(&["history", &arn, "--state", "Short"]));
    assert!(shown.starts_with("Short  Pass, in branch 1 of Both, entered 2026"));
    assert!(
        shown.contains("output\n  {\n    \"a\": 1\n  }\n"),
        "{shown}"
    );
    let ended = served.executions(&["history", &arn, "--state", "Shirt"]);
    fails(
        &ended,
        2,
        &["never entered a state Shirt", "hint: did you mean Short?"],
    );
}

#[test]
fn an_execution_is_stopped_once() {
    let served = Served::new();
    let arn = served.start("waits", &waits_for_nobody(&served), "first", &json!({}));
    let timeline = succeeds(&served.executions(&["history", &arn]));
    assert!(
        timeline.contains("Work  Task, waits for a worker\n"),
        "{timeline}"
    );
    let stop = [
        "stop",
        &arn,
        "--error",
        "Cancelled",
        "--cause",
        "by\u{1b}[31m hand",
    ];
    let ended = served.executions(&stop);
    assert_eq!(succeeds(&ended), "");
    assert_eq!(text(&ended.stderr), format!("{arn} is ABORTED\n"));
    fails(&served.executions(&stop), 2, &["is over: it is ABORTED"]);
    let timeline = succeeds(&served.executions(&["history", &arn]));
    assert!(
        timeline.ends_with("ABORTED: Cancelled: by\u{fffd}[31m hand\n"),
        "{timeline}"
    );
    let described = succeeds(&served.executions(&["describe", &arn]));
    assert!(described.contains("by\u{fffd}[31m hand"), "{described}");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let served = Served::new();
    let arn = served.start("both", &two_branches(), "first", &json!({}));
    let ended = served.executions(&["redrive", &arn]);
    fails(&ended, 2, &["ExecutionNotRedrivable", "SUCCEEDED"]);
    let ended = served.executions(&["redrive", &arn, "--definition", "mended.json"]);
    fails(&ended, 2, &["--definition goes with --store"]);
    let other = arn.replace("first", "second");
    let ended = served.executions(&["describe", &other]);
    fails(&ended, 2, &["ExecutionDoesNotExist", "hint: "]);
    let other = arn.replace("us-east-1", "eu-west-1");
    fails(
        &served.executions(&["history", &other]),
        2,
        &["ExecutionDoesNotExist"],
    );
    fails(
        &served.executions(&["describe", "arn:nonsense"]),
        2,
        &["Inval"],
    );
}

#[test]
fn one_must_be_asked() {
    let hint = "hint: ";
    let ended = call(&["executions", "list"]);
    fails(&ended, 2, &["neither --store nor --server", hint]);
    let both = ["--store", "a.db", "--server", "http://127.0.0.1:1"];
    let ended = call(&[&["stats"][..], &both].concat());
    fails(&ended, 2, &["--store and --server are both given", hint]);
    for (url, code, says) in [
        ("https://127.0.0.1:1", 2, "https is not offered"),
        ("127.0.0.1:1", 2, "URL"),
        ("http://127.0.0.1:1/path", 2, "nothing more"),
        (
            "http://127.0.0.1:1",
            3,
            "nobody answers at http://127.0.0.1:1",
        ),
    ] {
        let ended = call(&["executions", "list", "--server", url]);
        fails(&ended, code, &[says, hint]);
    }
    let mut command = wf_host(&["executions", "list"]);
    let ended = command.env("WF_HOST_SERVER", "http://127.0.0.1:1").output();
    fails(&ended.unwrap(), 3, &["nobody answers"]);
}

#[test]
fn whoever_is_no_wf_host_is_told_apart() {
    let other = Standin::new(|_| (200, json!({"edition": "community"}).to_string()));
    let page = Standin::new(|_| (404, "<html>".to_owned()));
    for standin in [other, page] {
        let ended = call(&["executions", "list", "--server", &standin.url]);
        fails(&ended, 3, &["is no wf-host"]);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // What is written is enough; whether it is read is not the point.
            let _ = stream.unwrap().write_all(b"220 mail here\r\n");
        }
    });
    let ended = call(&["executions", "list", "--server", &url]);
    fails(&ended, 3, &[&url]);
    let broken = Standin::new(|path| is_health(path).unwrap_or((200, "no JSON".to_owned())));
    let ended = call(&["executions", "list", "--server", &broken.url]);
    fails(&ended, 3, &["answered 200"]);
    let faulty = Standin::new(|path| {
        let fault = json!({"__type": "InternalFailure", "message": "out of\u{1b}order"});
        is_health(path).unwrap_or((500, fault.to_string()))
    });
    let ended = call(&["stats", "--server", &faulty.url]);
    fails(&ended, 70, &["InternalFailure: out of\u{fffd}order"]);
}

/// Five executions, two a page. The last two have one name.
fn five(path: &str) -> (u16, String) {
    if let Some(health) = is_health(path) {
        return health;
    }
    let arn = |n: usize| format!("arn:aws:states:us-east-1:000000000000:execution:orders:e{n}");
    let all: Vec<Value> = (0..5)
        .map(|n| {
            json!({
                "executionArn": arn(n),
                "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:orders",
                "name": if n < 3 { format!("e{n}") } else { "same".to_owned() },
                "status": if n == 0 { "RUNNING" } else { "FAILED" },
                "startDate": 1_767_225_600.5,
                "stopDate": if n == 0 { Value::Null } else { json!(1_767_225_602) },
                "redriveCount": n,
                "error": if n == 0 { Value::Null } else { json!("Bad\u{1b}[2J") },
            })
        })
        .collect();
    let from = (0..5).find(|n| path.contains(&format!("execution%3Aorders%3Ae{n}")));
    let from = from.map_or(0, |n| n + 1);
    let to = (from + 2).min(5);
    let mut page = json!({"executions": &all[from..to]});
    if to < 5 {
        page["after"] = json!(arn(to - 1));
    }
    (200, page.to_string())
}

#[test]
fn executions_are_listed_page_after_page() {
    let standin = Standin::new(five);
    let filter = [
        "--machine",
        "orders",
        "--status",
        "failed",
        "--since",
        "2026-01-01T00:00:00Z",
    ];
    let list = [
        &["executions", "list", "--server", &standin.url],
        &filter[..],
    ]
    .concat();
    let table = succeeds(&call(&list));
    assert_eq!(
        table,
        "\
name  machine  status   started                     took  error    redrives
e0    orders   RUNNING  2026-01-01T00:00:00.500Z                          0
e1    orders   FAILED   2026-01-01T00:00:00.500Z  1.500s  Bad\u{fffd}[2J         1
e2    orders   FAILED   2026-01-01T00:00:00.500Z  1.500s  Bad\u{fffd}[2J         2
same  orders   FAILED   2026-01-01T00:00:00.500Z  1.500s  Bad\u{fffd}[2J         3
same  orders   FAILED   2026-01-01T00:00:00.500Z  1.500s  Bad\u{fffd}[2J         4
"
    );
    let asked = standin.asked();
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert_eq!(
        asked[1],
        "/_wf-host/executions?machine=orders&status=FAILED&since=2026-01-01T00%3A00%3A00.000Z&limit=100"
    );
    let ended = call(&[&list[..], &["--limit", "2", "--json"]].concat());
    let answer: Value = serde_json::from_str(&succeeds(&ended)).unwrap();
    let executions = answer["executions"].as_array().unwrap();
    assert_eq!(executions.len(), 2);
    assert_eq!(executions[1]["stopDate"], "2026-01-01T00:00:02.000Z");
    assert!(text(&ended.stderr).contains("more than 2"));
}

#[test]
fn a_name_is_that_of_one_execution_alone() {
    let standin = Standin::new(five);
    let ended = call(&["executions", "describe", "same", "--server", &standin.url]);
    let says = [
        "2 executions have the name same",
        ":orders:e3\n",
        ":orders:e4\n",
        "hint: ",
    ];
    fails(&ended, 2, &says);
    let ended = call(&["executions", "describe", "none", "--server", &standin.url]);
    fails(&ended, 2, &["no execution has the name none"]);
    // The stand-in has no operations; that it is asked for one is enough.
    let ended = call(&["executions", "describe", "e2", "--server", &standin.url]);
    assert_eq!(standin.asked().last().map(String::as_str), Some("/"));
    drop(ended);
}

#[test]
fn figures_are_a_table_a_machine() {
    let standin = Standin::new(|path| {
        let state = json!({
            "entered": 12, "exited": 9, "retries": 3,
            "failedAttempts": {"Declined": 5, "States.Timeout": 7},
            "executionsFailed": {"Declined": 2, "": 1},
            "durationMs": {"count": 9, "p50": 10, "p95": 2_000, "p99": 61_000},
        });
        let never_left = json!({"entered": 1, "durationMs": {"count": 0}});
        let machines = json!({
            "orders": {"executions": {"FAILED": 3, "SUCCEEDED": 9}, "states": {"Pay": state, "Rest": never_left}},
            "quiet": {"executions": {"RUNNING": 1}, "states": {}},
        });
        is_health(path).unwrap_or((200, json!({"machines": machines}).to_string()))
    });
    let ended = call(&[
        "stats",
        "--server",
        &standin.url,
        "--until",
        "2026-01-01T00:00:00Z",
    ]);
    assert_eq!(
        succeeds(&ended),
        "\
orders: 9 SUCCEEDED, 3 FAILED
  state  entered  retries     p50     p95        p99
  Pay         12        3  0.010s  2.000s  1m01.000s
    executions failed: 2 Declined
    executions failed: 1 (no error name)
    attempts failed: 7 States.Timeout
    attempts failed: 5 Declined
  Rest         1        0

quiet: 1 RUNNING
"
    );
    let asked = standin.asked();
    assert_eq!(
        asked[1],
        "/_wf-host/stats?until=2026-01-01T00%3A00%3A00.000Z"
    );
    let answer = succeeds(&call(&["stats", "--server", &standin.url, "--json"]));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["machines"]["orders"]["states"]["Pay"]["retries"], 3);
}

#[test]
fn only_a_terminal_is_paged() {
    let standin = Standin::new(five);
    let mut command = wf_host(&["executions", "list", "--server", &standin.url]);
    let ended = command.env("PAGER", "false").output().unwrap();
    assert_eq!(succeeds(&ended).lines().count(), 6);
}

#[test]
fn flags_that_are_wrong_are_told() {
    for (flags, says) in [
        (&["list", "--since", "yesterday"][..], "--since"),
        (&["list", "--status", "BROKEN"], "TIMED_OUT"),
        (&["list", "--limit", "0"], "--limit"),
        (&["describe"], "EXECUTION"),
    ] {
        let ended = call(&[&["executions"], flags].concat());
        fails(&ended, 2, &[says]);
    }
}

/// A store with three executions: `good` SUCCEEDED, `bad` FAILED, and `open` is RUNNING.
struct Kept {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Kept {
    fn new() -> Kept {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wf.db");
        let tokio = tokio::runtime::Runtime::new().unwrap();
        tokio.block_on(Kept::fill(&path));
        Kept {
            _folder: folder,
            path,
        }
    }

    async fn fill(path: &std::path::Path) {
        let store = Store::open(path, StoreOptions::default()).unwrap();
        let (registry, _) = MachineRegistry::open(store.resources().unwrap()).unwrap();
        let registry = Arc::new(registry);
        let (host, work) = runtime::host::open(Settings {
            clock: Clock::Virtual {
                start: an_hour_ago(),
            },
            patience: Duration::from_secs(60),
            functions: Arc::new(Functions::new(
                sandbox::Config::default(),
                Ceilings::default(),
            )),
            registry: Arc::clone(&registry) as _,
            journal: store.journal().unwrap(),
            entropy: Entropy::from_seed(1),
            injector: None,
            retain: usize::MAX,
            queue: 16,
            resume: true,
            observer: Box::new(Silent),
        });
        let work = tokio::spawn(work);
        let service = StepFunctions::new(host.clone(), registry);
        let made = ask(&service, "CreateActivity", &json!({"name": "work"})).await;
        let waits = json!({"StartAt": "Work", "States": {"Work": {
            "Type": "Task", "Resource": made["activityArn"], "End": true,
        }}});
        let checks = json!({"StartAt": "Rest", "States": {
            "Rest": {"Type": "Wait", "Seconds": 3, "Next": "Check"},
            "Check": {"Type": "Choice", "Choices": [{"Variable": "$.good", "BooleanEquals": true, "Next": "Done"}], "Default": "Refuse"},
            "Done": {"Type": "Succeed"},
            "Refuse": {"Type": "Fail", "Error": "NotGood", "Cause": "the input is not good"},
        }});
        let done = [
            ("good", json!({"good": true})),
            ("bad", json!({"good": false})),
        ];
        let checks = machine(&service, "checks", &checks).await;
        for (name, input) in done {
            let arn = start(&service, &checks, name, &input).await;
            let of = json!({"executionArn": arn});
            while ask(&service, "DescribeExecution", &of).await["status"] == "RUNNING" {
                tokio::task::yield_now().await;
            }
        }
        let waits = machine(&service, "waits", &waits).await;
        start(&service, &waits, "open", &json!({})).await;
        host.close().await;
        work.await.unwrap().unwrap();
        store.close().unwrap();
    }

    /// Runs a command that looks into this store.
    fn call(&self, args: &[&str]) -> Output {
        call(&[args, &["--store", self.path.to_str().unwrap()]].concat())
    }
}

/// An execution that ended longer ago than two weeks cannot be redriven.
fn an_hour_ago() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(0).plus(now.unwrap() - Duration::from_secs(3600))
}

async fn ask(service: &StepFunctions, operation: &str, parameters: &Value) -> Value {
    let parameters = Data::parse(&parameters.to_string()).unwrap();
    let answer = service.call(&Caller::local(), operation, &parameters).await;
    serde_json::from_str(&answer.unwrap().to_string()).unwrap()
}

async fn machine(service: &StepFunctions, name: &str, definition: &Value) -> Value {
    let made = json!({
        "name": name,
        "definition": definition.to_string(),
        "roleArn": "arn:aws:iam::000000000000:role/any",
    });
    ask(service, "CreateStateMachine", &made).await["stateMachineArn"].clone()
}

async fn start(service: &StepFunctions, machine: &Value, name: &str, input: &Value) -> Value {
    let start = json!({"stateMachineArn": machine, "name": name, "input": input.to_string()});
    ask(service, "StartExecution", &start).await["executionArn"].clone()
}

#[test]
fn a_store_is_asked_as_a_server_is() {
    let kept = Kept::new();
    let listed = succeeds(&kept.call(&["executions", "list"]));
    let names: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, ["name", "open", "bad", "good"]);
    let failed = succeeds(&kept.call(&["executions", "list", "--status", "FAILED"]));
    assert!(failed.contains("NotGood"), "{failed}");
    assert_eq!(failed.lines().count(), 2);
    let described = succeeds(&kept.call(&["executions", "describe", "bad"]));
    assert!(described.contains("error      NotGood\n"), "{described}");
    assert!(
        described.contains("  the input is not good\n"),
        "{described}"
    );
    let timeline = succeeds(&kept.call(&["executions", "history", "good"]));
    assert!(
        timeline.ends_with("3.000s       3.000s  SUCCEEDED\n"),
        "{timeline}"
    );
    let waits = succeeds(&kept.call(&["executions", "history", "open"]));
    assert!(waits.contains("Work  Task, waits for a worker"), "{waits}");
    let figures = succeeds(&kept.call(&["stats", "--json"]));
    let figures: Value = serde_json::from_str(&figures).unwrap();
    let checks = &figures["machines"]["checks"];
    assert_eq!(checks["executions"], json!({"FAILED": 1, "SUCCEEDED": 1}));
    assert_eq!(checks["states"]["Rest"]["entered"], 2);
    assert_eq!(
        checks["states"]["Refuse"]["executionsFailed"],
        json!({"NotGood": 1})
    );
    let figures = succeeds(&kept.call(&["stats", "--machine", "checks"]));
    assert!(
        figures.contains("    executions failed: 1 NotGood\n"),
        "{figures}"
    );
    fails(
        &kept.call(&["executions", "describe", "none"]),
        2,
        &["no execution has the name none"],
    );
}

#[test]
fn an_execution_in_a_store_is_stopped() {
    let kept = Kept::new();
    let ended = kept.call(&["executions", "stop", "open", "--error", "Enough"]);
    assert_eq!(succeeds(&ended), "");
    let timeline = succeeds(&kept.call(&["executions", "history", "open"]));
    assert!(timeline.ends_with("ABORTED: Enough\n"), "{timeline}");
    let open = Store::open(&kept.path, StoreOptions::default()).unwrap();
    open.announce("http://127.0.0.1:4566").unwrap();
    let ended = kept.call(&["executions", "redrive", "open"]);
    let process = format!("process {}", std::process::id());
    let instead = "executions redrive arn:aws:states:us-east-1:000000000000:execution:waits:open --server http://127.0.0.1:4566";
    fails(&ended, 3, &[&process, instead]);
}

#[test]
fn an_execution_in_a_store_is_redriven_to_its_end() {
    let kept = Kept::new();
    let ended = kept.call(&["executions", "redrive", "bad"]);
    fails(&ended, 1, &["FAILED: NotGood"]);
    let timeline = succeeds(&kept.call(&["executions", "history", "bad"]));
    assert!(timeline.contains("  redriven\n"), "{timeline}");
    let mended = kept.path.with_file_name("mended.asl.json");
    let definition = json!({"StartAt": "Rest", "States": {
        "Rest": {"Type": "Wait", "Seconds": 3, "Next": "Check"},
        "Check": {"Type": "Choice", "Choices": [{"Variable": "$.good", "BooleanEquals": true, "Next": "Done"}], "Default": "Refuse"},
        "Done": {"Type": "Succeed"},
        "Refuse": {"Type": "Fail", "Error": "Mended"},
    }});
    std::fs::write(&mended, definition.to_string()).unwrap();
    let redrive = [
        "executions",
        "redrive",
        "bad",
        "--definition",
        mended.to_str().unwrap(),
    ];
    fails(&kept.call(&redrive), 1, &["FAILED: Mended"]);
    let ended = kept.call(&["executions", "redrive", "good"]);
    fails(&ended, 2, &["SUCCEEDED"]);
}

#[test]
fn a_store_is_checked_and_pruned() {
    let kept = Kept::new();
    let path = kept.path.to_str().unwrap();
    let sound = succeeds(&call(&["store", "check", path]));
    assert!(sound.starts_with("3 executions, "), "{sound}");
    assert!(sound.ends_with(" records: all is well\n"), "{sound}");
    let prune = ["store", "prune", path, "--older-than", "1s", "--json"];
    let would: Value =
        serde_json::from_str(&succeeds(&call(&[&prune[..], &["--dry-run"]].concat()))).unwrap();
    assert_eq!(
        (&would["executions"], &would["dryRun"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(
        succeeds(&kept.call(&["executions", "list"]))
            .lines()
            .count(),
        4
    );
    let did: Value = serde_json::from_str(&succeeds(&call(&prune))).unwrap();
    assert_eq!(did["executions"], 2);
    assert_eq!(
        succeeds(&kept.call(&["executions", "list"]))
            .lines()
            .count(),
        2
    );
    let other = kept.path.with_file_name("other.txt");
    std::fs::write(&other, "no store").unwrap();
    let other = other.to_str().unwrap();
    fails(&call(&["store", "check", other]), 3, &["no store"]);
    fails(
        &call(&["store", "prune", other, "--older-than", "1d"]),
        3,
        &["no store"],
    );
    fails(
        &call(&["store", "prune", "/no/such.db", "--older-than", "1d"]),
        3,
        &["there is no store"],
    );
    fails(
        &call(&["executions", "list", "--store", "/no/such.db"]),
        3,
        &["there is no store"],
    );
    assert_eq!(std::fs::read_to_string(other).unwrap(), "no store");
}
