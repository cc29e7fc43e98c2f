//! What durability costs whole executions: transitions that are kept before they are acknowledged, beside a bare file in
//! the same run; how fast a host is back after it died; and what an execution costs that only waits.
//!
//! ```text
//! scripts/bench durable                  # figures, each beside its goal
//! ```

mod file;
#[path = "../serve/table.rs"]
mod table;
mod world;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use file::through_file;
use table::Table;
use world::{World, machine};

/// Executions that are started at once, each the next when its own is acknowledged.
const SIDE_BY_SIDE: [usize; 3] = [1, 8, 64];

/// How long each of these is measured.
const MEASURED: Duration = Duration::from_secs(3);

/// States of the measured machine.
const STATES: usize = 5;

fn main() -> ExitCode {
    let mut table = Table::default();
    transitions(&mut table);
    recovery(&mut table);
    parked(&mut table);
    table.print()
}

/// Executions of five Pass states, acknowledged when they are kept.
fn transitions(table: &mut Table) {
    for count in SIDE_BY_SIDE {
        let world = World::new();
        let (executions, text) = world.start_for(&machine(STATES, ""), count, MEASURED);
        let ours = executions as f64 / MEASURED.as_secs_f64();
        let theirs = through_file(&text, count, MEASURED) as f64 / MEASURED.as_secs_f64();
        let name = format!("{count} side by side");
        let shown = format!("{:.0} transitions/s", ours * STATES as f64);
        table.row(&format!("{name}: kept in the store"), shown, "");
        let shown = format!("{:.0} transitions/s", theirs * STATES as f64);
        table.row(&format!("{name}: the same bytes in a file"), shown, "");
        let ratio = ours / theirs;
        let name = format!("{name}: ratio");
        if count == 64 {
            table.goal(&name, ratio, "", ratio >= 0.8, ">= 0.8");
        } else {
            table.row(&name, format!("{ratio:.2}"), "");
        }
    }
}

/// 1,000 open executions of about 50 records each, from the opened store to the last that is back in its place.
fn recovery(table: &mut Table) {
    let world = World::new();
    world.start(&machine(24, YEAR), 1_000);
    let folder = world.die();
    let began = Instant::now();
    let world = World::in_folder(folder);
    assert_eq!(world.open(), 1_000, "all of them are back");
    let took = began.elapsed().as_secs_f64();
    table.goal(
        "1,000 executions of 50 records are back",
        took,
        "s",
        took <= 1.0,
        "<= 1",
    );
}

/// 10,000 executions that wait for a year: what each takes of the memory.
fn parked(table: &mut Table) {
    let world = World::new();
    let machine = machine(1, YEAR);
    world.start(&machine, 1_000);
    let before = memory();
    world.start(&machine, 10_000);
    let each = (memory() - before) as f64 / 10_000.0;
    table.goal("a parked execution", each, "KiB", each <= 4.0, "<= 4");
}

/// A Wait state at the end of a machine.
const YEAR: &str = r#", "Last": {"Type": "Wait", "Seconds": 30000000, "End": true}"#;

/// The resident memory, in KiB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
