//! Many clients start executions while the server is killed under them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::served::{House, starting};

const CLIENTS: usize = 32;
const EACH: usize = 15;
/// The server dies each time so many more starts were acknowledged.
const DIES_AFTER: usize = 80;

/// Where the server is, and how often it was started.
#[derive(Default)]
struct Whereabouts {
    now: Mutex<(usize, String)>,
    moved: Condvar,
}

impl Whereabouts {
    fn moves(&self, address: &str) {
        let mut now = self.now.lock().unwrap();
        *now = (now.0 + 1, address.to_owned());
        self.moved.notify_all();
    }

    /// The server after the one with that number.
    fn after(&self, seen: usize) -> (usize, String) {
        let now = self.now.lock().unwrap();
        let now = self.moved.wait_while(now, |now| now.0 <= seen);
        now.unwrap().clone()
    }
}

/// A client that finds the server again.
struct Stubborn<'w> {
    whereabouts: &'w Whereabouts,
    seen: usize,
    client: Option<Client>,
}

impl Stubborn<'_> {
    /// Asks until there is an answer; whether it was asked more than once.
    fn call(&mut self, operation: &str, body: &Value) -> (Answer, bool) {
        let mut again = false;
        loop {
            if let Some(client) = &mut self.client {
                match client.try_call(operation, body) {
                    Ok(answer) => return (answer, again),
                    Err(_) => again = true,
                }
            }
            let (seen, address) = self.whereabouts.after(self.seen);
            self.seen = seen;
            self.client = Client::connect(&address).ok();
        }
    }
}

fn input(name: &str, number: usize) -> Value {
    json!({"n": number, "for": name, "bad": number % 5 == 4})
}

/// One client: what was acknowledged, by name.
fn starts(
    whereabouts: &Whereabouts,
    client: usize,
    acknowledged: &AtomicUsize,
) -> Vec<(String, usize)> {
    let mut stubborn = Stubborn {
        whereabouts,
        seen: 0,
        client: None,
    };
    let mut own = Vec::new();
    for number in 0..EACH {
        let name = format!("c{client}-{number}");
        let body = starting("work", &name, &input(&name, number));
        let (answer, again) = stubborn.call("StartExecution", &body);
        match answer.status {
            200 => {
                let arn = answer.body["executionArn"].as_str().unwrap();
                assert!(arn.ends_with(&format!(":work:{name}")), "{arn}");
            }
            // It was started, its acknowledgement was lost, and it is over by now.
            400 if again => assert_eq!(answer.error(), "ExecutionAlreadyExists", "{name}"),
            _ => panic!("{name}: {answer:?}"),
        }
        own.push((name, number));
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    own
}

#[test]
fn what_was_acknowledged_is_there_once_and_ends_as_it_should() {
    let house = House::new();
    let whereabouts = Whereabouts::default();
    let acknowledged = AtomicUsize::new(0);
    let first = house.serve(&[]);
    whereabouts.moves(&first.address);
    let (mut served, mut kills) = (Some(first), 0);
    let asked: BTreeMap<String, usize> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn({
                    let (whereabouts, acknowledged) = (&whereabouts, &acknowledged);
                    move || starts(whereabouts, client, acknowledged)
                })
            })
            .collect();
        while !clients.iter().all(|client| client.is_finished()) {
            if acknowledged.load(Ordering::SeqCst) > (kills + 1) * DIES_AFTER {
                served.take().unwrap().kill();
                kills += 1;
                whereabouts.moves(&served.insert(house.serve(&[])).address);
            }
            std::thread::yield_now();
        }
        let own = clients
            .into_iter()
            .flat_map(|client| client.join().unwrap());
        own.collect()
    });
    assert_eq!(kills, CLIENTS * EACH / DIES_AFTER - 1);
    let served = served.unwrap();
    let mut client = served.client();
    let listed = client.list("work");
    let names = listed.iter().map(|one| one["name"].as_str().unwrap());
    let unique: BTreeSet<&str> = names.clone().collect();
    assert_eq!(unique.len(), listed.len(), "one is there twice");
    assert_eq!(unique, asked.keys().map(String::as_str).collect());
    for one in &listed {
        let (arn, name) = (
            one["executionArn"].as_str().unwrap(),
            one["name"].as_str().unwrap(),
        );
        let number = asked[name];
        let told = client.ended(arn);
        assert_eq!(told["input"], input(name, number).to_string());
        let events = client.history(arn);
        let types: Vec<&str> = events
            .iter()
            .map(|event| event["type"].as_str().unwrap())
            .collect();
        assert_eq!(types[..types.len() - 1], history(number)[..], "{name}");
        if number % 5 == 4 {
            assert_eq!(
                (&told["status"], &told["error"]),
                (&json!("FAILED"), &json!("Bad"))
            );
            assert_eq!(types.last(), Some(&"ExecutionFailed"));
        } else {
            assert_eq!(told["status"], "SUCCEEDED", "{told}");
            assert_eq!(
                told["output"],
                json!({"n": number, "name": name}).to_string()
            );
            assert_eq!(types.last(), Some(&"ExecutionSucceeded"));
        }
    }
    assert_eq!(served.end(), Some(0));
}

fn history(number: usize) -> Vec<&'static str> {
    let task = [
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
    ];
    let mut all = vec!["ExecutionStarted"];
    all.extend(task);
    all.extend(["WaitStateEntered", "WaitStateExited"]);
    all.extend(task);
    all.extend(["ChoiceStateEntered", "ChoiceStateExited"]);
    match number % 5 {
        4 => all.push("FailStateEntered"),
        _ => all.extend(["PassStateEntered", "PassStateExited"]),
    }
    all
}

#[test]
fn a_start_is_repeated_after_a_kill_as_before_one() {
    let house = House::new();
    let served = house.serve(&[]);
    let mut client = served.client();
    let parked = client
        .call("StartExecution", &starting("parked", "a", &json!({"v": 1})))
        .good();
    let arn = client.start("nap", "b", &json!({"seconds": 0}));
    client.ended(&arn);
    served.kill();
    let served = house.serve(&[]);
    let mut client = served.client();
    let again = client.call("StartExecution", &starting("parked", "a", &json!({"v": 1})));
    assert_eq!(
        again.good(),
        parked,
        "one that is open, with the same input"
    );
    for (of, name, input) in [
        ("parked", "a", json!({"v": 2})),
        ("nap", "b", json!({"seconds": 0})),
    ] {
        let refused = client.call("StartExecution", &starting(of, name, &input));
        assert_eq!(
            (refused.status, refused.error()),
            (400, "ExecutionAlreadyExists")
        );
    }
    let stopped = client.call(
        "StopExecution",
        &json!({"executionArn": parked["executionArn"], "error": "E"}),
    );
    stopped.good();
    served.kill();
    let served = house.serve(&[]);
    let told = served
        .client()
        .describe(parked["executionArn"].as_str().unwrap());
    assert_eq!(
        (&told["status"], &told["error"]),
        (&json!("ABORTED"), &json!("E"))
    );
}
