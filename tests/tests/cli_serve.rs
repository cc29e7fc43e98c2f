//! `wf-host serve` as a process: what it prints, whom it answers, what it logs, and how it ends.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wf_host_tests::{call, text, wf_host};

/// A server that is killed when the test is over.
struct Served {
    process: Child,
    address: String,
}

impl Served {
    fn new(flags: &[&str]) -> Served {
        let folder = tempfile::tempdir().unwrap();
        let mut command = wf_host(&[&["serve", "--addr", "127.0.0.1:0"], flags].concat());
        let mut process = command
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.strip_prefix("http://").expect(&line).trim().to_owned();
        Served { process, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    /// What is answered to a request, whole.
    fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = self.connect();
        let length = body.len();
        let request =
            format!("{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// The exit code and everything on stderr.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.process.wait().unwrap();
        let mut stderr = String::new();
        let mut pipe = self.process.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        (status.code(), stderr)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that is over already is no loss.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const LIST: &str =
    "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities";

#[test]
fn it_says_where_it_listens_and_a_signal_ends_it() {
    for signal in ["INT", "TERM"] {
        let served = Served::new(&[]);
        let answer = served.ask("GET /_localstack/health HTTP/1.1\r\nHost: localhost", "");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\"services\": {"), "{answer}");
        served.signal(signal);
        assert_eq!(served.end(), (Some(0), String::new()), "{signal}");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    // A server that has not seen the request yet when the first signal comes has nothing to wait for.
    let codes = std::iter::repeat_with(signalled_twice).take(20);
    let mut waited = codes.skip_while(|code| *code == Some(0));
    assert_eq!(waited.next(), Some(Some(130)));
}

/// The exit code of a server that is signalled until it ends, while a request is under way.
fn signalled_twice() -> Option<i32> {
    let mut served = Served::new(&[]);
    // A request whose end does not come holds the server for as long as it is patient.
    let mut open = served.connect();
    open.write_all(format!("{LIST}\r\nContent-Length: 9\r\n\r\n{{").as_bytes())
        .unwrap();
    let started = Instant::now();
    served.signal("INT");
    // Signals that are sent before the first is taken count as one: the second is sent until it is.
    while served.process.try_wait().unwrap().is_none() {
        served.signal("INT");
        std::thread::yield_now();
        assert!(started.elapsed() < Duration::from_secs(20));
    }
    served.end().0
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = call(&["serve", "--addr", &address]);
    let stderr = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains(&format!("error: --addr {address}")),
        "{stderr}"
    );
    assert!(stderr.contains("hint: "), "{stderr}");
    assert!(ended.stdout.is_empty());
}

#[test]
fn flags_that_are_wrong_are_told() {
    for (flags, code, says) in [
        (&["--addr", "nowhere"][..], 2, "--addr nowhere"),
        (
            &["--start-time", "2026-01-01T00:00:00Z"],
            2,
            "--clock virtual",
        ),
        (
            &["--clock", "virtual", "--start-time", "now"],
            2,
            "RFC 3339",
        ),
        (&["--patience", "soon"], 2, "a duration is"),
        (&["--mock-config", "/no/such.json"], 3, "No such file"),
        (&["--faults", "/no/such.json"], 3, "No such file"),
        (&["--functions", "/no/such.toml"], 3, "No such file"),
        (&["--log-level", "loud"], 2, "possible values"),
    ] {
        let ended = call(&[&["serve"], flags].concat());
        let stderr = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{flags:?}: {stderr}");
        assert!(stderr.contains(says), "{flags:?}: {stderr}");
    }
}

#[test]
fn hosts_are_admitted_by_name() {
    let served = Served::new(&["--allow-host", "box,*.test"]);
    for (host, status) in [("box", 200), ("a.test", 200), ("other", 403)] {
        let answer = served.ask(&format!("GET /health HTTP/1.1\r\nHost: {host}"), "");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{host}: {answer}"
        );
    }
}

#[test]
fn payloads_are_logged_only_if_asked_for() {
    let request = "{\"nextToken\":\"hush\\u001b\\n\"}";
    for (flags, shown) in [(&[][..], false), (&["--log-payloads"], true)] {
        for format in ["text", "json"] {
            let flags = [&["--log-level", "info", "--log-format", format], flags].concat();
            let served = Served::new(&flags);
            served.ask(LIST, request);
            served.signal("TERM");
            let (code, log) = served.end();
            assert_eq!(code, Some(0));
            let line = log
                .lines()
                .find(|line| line.contains("answered"))
                .expect(&log);
            assert!(
                line.contains("ListActivities") && line.contains("request_id"),
                "{line}"
            );
            assert_eq!(log.contains("hush"), shown, "{log}");
            assert!(!log.contains('\u{1b}'), "{log}");
            if format == "json" {
                log.lines()
                    .for_each(|line| assert!(data::Data::parse(line).is_ok(), "{line}"));
            }
        }
    }
}

#[test]
fn it_is_quiet_unless_told_otherwise() {
    let served = Served::new(&[]);
    served.ask(LIST, "{}");
    served.signal("TERM");
    assert_eq!(served.end(), (Some(0), String::new()));
}

#[cfg(unix)]
#[test]
fn nothing_of_a_guest_is_left_behind() {
    use base64::Engine as _;

    for clock in ["real", "virtual"] {
        let served = Served::new(&["--clock", clock]);
        let module = std::fs::read(wf_host_tests::guest("faulty")).unwrap();
        let module = base64::engine::general_purpose::STANDARD.encode(module);
        let role = "arn:aws:iam::000000000000:role/role";
        let function = format!(
            "{{\"FunctionName\":\"f\",\"Runtime\":\"provided.al2\",\"Handler\":\"f\",\"Role\":\"{role}\",\
             \"Timeout\":600,\"Code\":{{\"ZipFile\":\"{module}\"}}}}"
        );
        let host = "HTTP/1.1\r\nHost: localhost";
        let made = served.ask(&format!("POST /2015-03-31/functions {host}"), &function);
        assert!(made.starts_with("HTTP/1.1 201 "), "{made}");
        let invoke = format!(
            "POST /2015-03-31/functions/f/invocations {host}\r\nX-Amz-Invocation-Type: Event"
        );
        for _ in 0..4 {
            let taken = served.ask(&invoke, "{\"do\":\"spin\"}");
            assert!(taken.starts_with("HTTP/1.1 202 "), "{taken}");
        }
        let own = format!("wf-host-{}-", served.process.id());
        let folders = || {
            let all = std::fs::read_dir(std::env::temp_dir()).unwrap();
            let names = all.map(|entry| entry.unwrap().file_name());
            names
                .filter(|name| name.to_string_lossy().starts_with(&own))
                .count()
        };
        let began = Instant::now();
        while folders() == 0 {
            assert!(began.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(5));
        }
        served.signal("TERM");
        assert_eq!(served.end().0, Some(0));
        assert_eq!(folders(), 0, "{clock}");
    }
}
