//! Under virtual time the same definition, seed, input and guests give the same history, bit for bit.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use data::Data;
use wf_host_tests::{Workflow, functions};

const MANIFEST: &str = r#"
version = 1
[functions.pay]
module = "guests/process_payment.wasm"
environment = { DECLINE_RATE = "0.5" }
[functions.stock]
module = "guests/check_inventory.wasm"
[functions.faulty]
module = "guests/faulty.wasm"
"#;

/// Twelve iterations side by side, each with chance, sleep and retries with jitter.
const DEFINITION: &str = r#"{"StartAt": "All", "States": {"All": {"Type": "Map", "ItemsPath": "$.items", "End": true,
    "ItemProcessor": {"StartAt": "Stock", "States": {
        "Stock": {"Type": "Task", "Resource": "stock", "ResultPath": "$.stock", "Next": "Nap"},
        "Nap": {"Type": "Task", "Resource": "faulty", "ResultPath": null, "Next": "Pay",
            "Parameters": {"do": "sleep", "seconds.$": "$.nap"}},
        "Pay": {"Type": "Task", "Resource": "pay", "ResultPath": "$.payment",
            "Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "IntervalSeconds": 3}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Stamp"}], "Next": "Stamp"},
        "Stamp": {"Type": "Pass", "ResultPath": "$.stamp", "End": true,
            "Parameters": {"id.$": "States.UUID()", "dice.$": "States.MathRandom(1, 7)", "at.$": "$$.State.EnteredTime"}}}}}}}"#;

fn input() -> Data {
    let items = (0..12).map(|n| format!(r#"{{"amount": {}, "nap": {}}}"#, n + 1, (n * 7) % 3));
    let items = items.collect::<Vec<_>>().join(",");
    Data::parse(&format!(r#"{{"items": [{items}]}}"#)).unwrap()
}

fn history(seed: u64) -> String {
    Workflow::with(DEFINITION, functions(MANIFEST))
        .seed(seed)
        .run(input())
        .history_text()
}

#[test]
fn a_hundred_runs_with_guests_in_parallel_are_one() {
    let first = history(7);
    for run in 1..100 {
        assert!(history(7) == first, "run {run} differs from the first");
    }
}

#[test]
fn another_seed_gives_another_history() {
    assert_ne!(history(7), history(8));
}

#[test]
fn a_year_of_waiting_takes_no_time() {
    let definition = r#"{"StartAt": "Year", "States": {"Year": {"Type": "Wait", "Seconds": 31000000, "End": true}}}"#;
    let ran = Workflow::with(definition, functions("version = 1")).run(Data::empty_object());
    assert_eq!(ran.seconds_of("WaitStateExited"), [31_000_000.0]);
}

#[test]
fn a_guest_sees_virtual_time_pass_while_it_sleeps() {
    let definition = r#"{"StartAt": "Nap", "States": {"Nap": {"Type": "Task", "Resource": "faulty",
        "Parameters": {"do": "sleep", "seconds": 2}, "End": true}}}"#;
    let ran = Workflow::with(definition, functions(MANIFEST)).run(Data::empty_object());
    assert_eq!(ran.seconds_of("LambdaFunctionSucceeded"), [2.0]);
}
