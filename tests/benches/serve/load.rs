//! The work: executions of a machine of five Pass states.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;

/// So many executions by so many clients, each with a connection of its own.
pub struct Load<'a> {
    address: &'a str,
    executions: usize,
    clients: usize,
}

/// How long things took.
pub struct Times {
    /// All of it.
    pub whole: Duration,
    /// Each, in order of length.
    each: Vec<Duration>,
}

impl Times {
    /// The time that this share took at most.
    pub fn at(&self, share: f64) -> Duration {
        let last = self.each.len() - 1;
        self.each[(last as f64 * share) as usize]
    }
}

impl Load<'_> {
    /// `address` is host and port of a server.
    pub fn new(address: &str, executions: usize, clients: usize) -> Load<'_> {
        Load {
            address,
            executions,
            clients,
        }
    }

    /// StartExecution, then DescribeExecution until it is over, for each execution; how long all of them took.
    pub fn standard(&self) -> Duration {
        let machine = self.machine("STANDARD");
        let one = |client: &mut Client, number: usize| {
            let start = json!({"stateMachineArn": machine, "name": format!("e{number}"), "input": "{\"a\":1}"});
            let started = client.call("StartExecution", &start);
            let which = json!({"executionArn": started["executionArn"]});
            loop {
                let found = client.call("DescribeExecution", &which);
                match found["status"].as_str() {
                    Some("RUNNING") => {}
                    Some("SUCCEEDED") => return check(&found),
                    other => panic!("ended {other:?}"),
                }
            }
        };
        self.crowd(&one).whole
    }

    /// StartSyncExecution for each execution.
    pub fn synchronous(&self) -> Times {
        let machine = self.machine("EXPRESS");
        let start = json!({"stateMachineArn": machine, "input": "{\"a\":1}"});
        let one = |client: &mut Client, _: usize| check(&client.call("StartSyncExecution", &start));
        self.crowd(&one)
    }

    fn machine(&self, kind: &str) -> String {
        let mut client = Client::connect(self.address).expect("the server listens");
        let name = format!("five-{kind}-{}", self.executions);
        let made = client.call(
            "CreateStateMachine",
            &json!({
                "name": name, "type": kind, "definition": five().to_string(),
                "roleArn": "arn:aws:iam::123456789012:role/bench",
            }),
        );
        made["stateMachineArn"].as_str().expect("an ARN").to_owned()
    }

    /// Lets the clients do their shares; what each execution took.
    fn crowd(&self, one: &(dyn Fn(&mut Client, usize) + Sync)) -> Times {
        let began = Instant::now();
        let mut each: Vec<Duration> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..self.clients)
                .map(|first| scope.spawn(move || self.share(first, one)))
                .collect();
            let shares = clients.into_iter().map(|client| client.join());
            shares
                .flat_map(|share| share.expect("no client panics"))
                .collect()
        });
        let whole = began.elapsed();
        assert_eq!(each.len(), self.executions);
        each.sort();
        Times { whole, each }
    }

    fn share(&self, first: usize, one: &(dyn Fn(&mut Client, usize) + Sync)) -> Vec<Duration> {
        let mut client = Client::connect(self.address).expect("the server listens");
        let numbers = (first..self.executions).step_by(self.clients);
        numbers
            .map(|number| {
                let began = Instant::now();
                one(&mut client, number);
                began.elapsed()
            })
            .collect()
    }
}

/// Five Pass states, each of which adds its number to the input.
fn five() -> Value {
    let state = |number: usize| {
        let mut state =
            json!({"Type": "Pass", "Result": number, "ResultPath": format!("$.s{number}")});
        if number < 4 {
            state["Next"] = format!("P{}", number + 1).into();
        } else {
            state["End"] = true.into();
        }
        (format!("P{number}"), state)
    };
    let states: serde_json::Map<String, Value> = (0..5).map(state).collect();
    json!({"StartAt": "P0", "States": states})
}

/// That an execution came to what five states make of its input.
fn check(found: &Value) {
    let output = found["output"].as_str().unwrap_or_default();
    let output: Value = serde_json::from_str(output).unwrap_or_default();
    assert_eq!(
        output,
        json!({"a": 1, "s0": 0, "s1": 1, "s2": 2, "s3": 3, "s4": 4})
    );
}
