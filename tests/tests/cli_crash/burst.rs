//! More starts at once than a server takes, and what those weigh that wait for long.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::client::Client;
use crate::served::{House, starting};

const CONNECTIONS: usize = 128;
/// In KiB: what a server may ever have held.
const MOST_MEMORY: u64 = 512 * 1024;

/// Starts so many executions that wait for a year, as fast as they are taken; all must be kept.
fn burst(number: usize) {
    let house = House::new();
    let served = house.serve(&["--queue", "64"]);
    let before = served.memory("VmRSS");
    let (next, throttled) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let starts = || {
        let mut client = Client::connect(&served.address).unwrap();
        loop {
            let one = next.fetch_add(1, Ordering::Relaxed);
            if one >= number {
                return;
            }
            let body = starting("parked", &format!("e{one}"), &json!({}));
            loop {
                let answer = client.call("StartExecution", &body);
                if answer.status == 200 {
                    break;
                }
                assert_eq!(
                    (answer.status, answer.error()),
                    (400, "ThrottlingException"),
                    "{}",
                    answer.body
                );
                throttled.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let began = std::time::Instant::now();
    std::thread::scope(|scope| (0..CONNECTIONS).for_each(|_| drop(scope.spawn(starts))));
    let took = began.elapsed();
    let each = served.memory("VmRSS").saturating_sub(before) as f64 / number as f64;
    let peak = served.memory("VmHWM");
    let listed = served.client().list("parked");
    let names: BTreeSet<&str> = listed
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    println!(
        "{number} starts in {took:?}, {} throttled; {each:.2} KiB each, {peak} KiB at most",
        throttled.load(Ordering::Relaxed)
    );
    assert_eq!((listed.len(), names.len()), (number, number));
    assert!(listed.iter().all(|one| one["status"] == "RUNNING"));
    assert!(throttled.into_inner() > 0, "nothing was throttled");
    assert!(peak <= MOST_MEMORY, "{peak} KiB");
    served.kill();
    let began = std::time::Instant::now();
    let served = house.serve(&[]);
    let open = served.client().list("parked");
    assert_eq!(open.len(), number);
    println!(
        "started again in {:?}, {} KiB",
        began.elapsed(),
        served.memory("VmRSS")
    );
}

#[test]
fn a_burst_is_throttled_and_what_was_acknowledged_is_there() {
    burst(3_000);
}

#[test]
#[ignore = "takes minutes; scripts/bench burst runs it"]
fn a_great_burst_stays_below_its_memory() {
    let number = std::env::var("BURST")
        .ok()
        .and_then(|text| text.parse().ok());
    burst(number.unwrap_or(100_000));
}
