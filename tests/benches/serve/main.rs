//! `wf-host serve` under load, the clients in a process of their own: executions of five Pass states by eight clients,
//! synchronous executions one by one, the memory of an idle server, and the time from start to first answer.
//!
//! ```text
//! scripts/bench serve                    # figures, each beside its goal
//! scripts/bench serve --beside-moto      # the same work by moto's server in the same run, and the ratio
//! ```

mod client;
mod load;
mod server;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use load::Load;
use server::Server;
use table::Table;

const CLIENTS: usize = 8;
const STARTS: usize = 15;

fn main() -> ExitCode {
    let moto = std::env::var_os("WF_HOST_BENCH_MOTO");
    let mut table = Table::default();
    start_up(&mut table);
    let ours = under_load(&mut table);
    if let Some(moto) = moto {
        let server = Server::moto(&moto);
        let theirs = Load::new(&server.address, 500, CLIENTS).standard();
        table.row("moto: 500 executions", per_second(500, theirs), "");
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        table.goal("ratio to moto", ratio, "times", ratio >= 100.0, ">= 100");
    }
    table.print()
}

/// From the start of the process to the first answer, and how much memory it takes when nobody asks.
fn start_up(table: &mut Table) {
    let mut times = Vec::new();
    let mut memory = 0;
    for _ in 0..STARTS {
        let server = Server::ours();
        times.push(server.first_answer);
        std::thread::sleep(Duration::from_millis(200)); // Idle is what comes after the start.
        memory = memory.max(server.memory());
    }
    times.sort();
    let median = millis(times[STARTS / 2]);
    table.goal(
        "start to first answer",
        median,
        "ms",
        median <= 30.0,
        "<= 30",
    );
    let mebibytes = memory as f64 / 1024.0;
    table.goal("idle memory", mebibytes, "MiB", mebibytes <= 40.0, "<= 40");
}

/// The work of many clients; how long the first 500 executions took.
fn under_load(table: &mut Table) -> Duration {
    let mut first = Duration::ZERO;
    for executions in [500, 10_000] {
        let server = Server::ours();
        let took = Load::new(&server.address, executions, CLIENTS).standard();
        let name = format!("{executions} executions by {CLIENTS} clients");
        let rate = executions as f64 / took.as_secs_f64();
        table.goal(&name, rate, "executions/s", rate >= 1500.0, ">= 1,500");
        if executions == 500 {
            first = took;
        } else {
            let mebibytes = server.memory() as f64 / 1024.0;
            table.row(
                "memory with 10,000 executions",
                format!("{mebibytes:.1} MiB"),
                "",
            );
        }
    }
    durable(table);
    let server = Server::ours();
    let alone = Load::new(&server.address, 2_000, 1).synchronous();
    let median = millis(alone.at(0.5));
    table.goal(
        "StartSyncExecution p50",
        median,
        "ms",
        median <= 1.0,
        "<= 1",
    );
    table.row(
        "StartSyncExecution p99",
        format!("{:.3} ms", millis(alone.at(0.99))),
        "",
    );
    let crowded = Load::new(&server.address, 10_000, CLIENTS).synchronous();
    let name = format!("StartSyncExecution by {CLIENTS} clients");
    table.row(&name, per_second(10_000, crowded.whole), "");
    for (title, share) in [("p50", 0.5), ("p99", 0.99)] {
        let shown = format!("{:.3} ms", millis(crowded.at(share)));
        table.row(&format!("{name}, {title}"), shown, "");
    }
    first
}

/// The same executions, kept in a store before they are acknowledged.
fn durable(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let server = Server::with(&["--store", path.to_str().expect("a path is text")]);
    let took = Load::new(&server.address, 10_000, CLIENTS).standard();
    let rate = 10_000.0 / took.as_secs_f64();
    let name = "10,000 executions with --store";
    table.goal(name, rate, "executions/s", rate >= 600.0, ">= 600");
}

fn per_second(count: usize, took: Duration) -> String {
    format!("{:.0} executions/s", count as f64 / took.as_secs_f64())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
