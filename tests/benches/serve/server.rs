//! The servers under load: processes of their own, which end with their handle.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use wf_host_tests::wf_host;

use crate::client::Client;

/// A server that runs.
pub struct Server {
    /// Host and port.
    pub address: String,
    /// From the start of the process to the first answer.
    pub first_answer: Duration,
    process: Child,
}

impl Server {
    /// `wf-host serve` as it is built beside the benchmark.
    pub fn ours() -> Server {
        Server::with(&[])
    }

    /// The same with more flags.
    pub fn with(flags: &[&str]) -> Server {
        let began = Instant::now();
        let mut process = wf_host(&[&["serve", "--addr", "127.0.0.1:0"], flags].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let stdout = process.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        read.expect("the server says where it listens");
        let address = line.trim().trim_start_matches("http://").to_owned();
        let mut client = Client::connect(&address).expect("the server listens");
        client.call("ListStateMachines", &json!({}));
        Server {
            address,
            first_answer: began.elapsed(),
            process,
        }
    }

    /// Moto's server, told to run machines rather than to pretend.
    pub fn moto(program: &OsStr) -> Server {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let address = free.expect("a port is free").to_string();
        let port = address.rsplit(':').next().expect("an address has a port");
        let began = Instant::now();
        let process = Command::new(program)
            .args(["-p", port])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto's server runs");
        while !configured(&address) {
            assert!(began.elapsed() < Duration::from_secs(60), "moto is silent");
            std::thread::sleep(Duration::from_millis(20));
        }
        Server {
            address,
            first_answer: began.elapsed(),
            process,
        }
    }

    /// The resident memory, in KiB.
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

fn configured(address: &str) -> bool {
    let body = json!({"stepfunctions": {"execute_state_machine": true}}).to_string();
    let headers = "Content-Type: application/json\r\n";
    let answer = Client::connect(address)
        .and_then(|mut client| client.post("/moto-api/config", headers, &body));
    answer.is_ok_and(|(status, _)| status < 300)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
