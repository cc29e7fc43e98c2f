//! What somebody outside holds over a kill, and what falls due meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Client;
use crate::served::House;

/// The token that the task of `asks` gave away.
fn token(client: &mut Client, arn: &str) -> String {
    let began = Instant::now();
    loop {
        let events = client.history(arn);
        if events.iter().any(|event| event["type"] == "TaskSubmitted") {
            let scheduled = events
                .iter()
                .find(|event| event["type"] == "TaskScheduled")
                .unwrap();
            let parameters = scheduled["taskScheduledEventDetails"]["parameters"]
                .as_str()
                .unwrap();
            let parameters: Value = serde_json::from_str(parameters).unwrap();
            return parameters["MessageBody"].as_str().unwrap().to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{events:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:jobs";

fn activity(client: &mut Client) {
    client
        .call("CreateActivity", &json!({"name": "jobs"}))
        .good();
}

fn poll(client: &mut Client) -> Value {
    client
        .call(
            "GetActivityTask",
            &json!({"activityArn": ACTIVITY, "workerName": "me"}),
        )
        .good()
}

#[test]
fn tokens_and_tasks_that_were_handed_out_can_be_answered_after_a_kill() {
    let house = House::new();
    let served = house.serve(&[]);
    let mut client = served.client();
    activity(&mut client);
    let asks = client.start("asks", "a", &json!({"timeout": 3000}));
    let fails = client.start("asks", "b", &json!({"timeout": 3000}));
    let (yes, no) = (token(&mut client, &asks), token(&mut client, &fails));
    let hired = client.start("hires", "a", &json!({"job": 1}));
    let task = poll(&mut client);
    assert_eq!(task["input"], r#"{"job":1}"#);
    let queued = client.start("hires", "b", &json!({"job": 2}));
    served.kill();

    let served = house.serve(&[]);
    let mut client = served.client();
    activity(&mut client);
    client
        .call("SendTaskHeartbeat", &json!({"taskToken": yes}))
        .good();
    client
        .call(
            "SendTaskSuccess",
            &json!({"taskToken": yes, "output": "{\"yes\":1}"}),
        )
        .good();
    client
        .call("SendTaskFailure", &json!({"taskToken": no, "error": "No"}))
        .good();
    let held = json!({"taskToken": task["taskToken"], "output": "1"});
    client.call("SendTaskSuccess", &held).good();
    let next = poll(&mut client);
    assert_eq!(
        next["input"], r#"{"job":2}"#,
        "what nobody had taken is handed out"
    );
    served.kill();

    let served = house.serve(&[]);
    let mut client = served.client();
    activity(&mut client);
    let late = client.call("SendTaskSuccess", &held);
    // AWS says TaskTimedOut; of an execution that is over a host with a store does not know the tokens any more.
    assert_eq!(
        (late.status, late.error()),
        (400, "TaskDoesNotExist"),
        "{}",
        late.body
    );
    client
        .call(
            "SendTaskSuccess",
            &json!({"taskToken": next["taskToken"], "output": "2"}),
        )
        .good();
    for (arn, status, field, value) in [
        (&asks, "SUCCEEDED", "output", "{\"yes\":1}"),
        (&fails, "FAILED", "error", "No"),
        (&hired, "SUCCEEDED", "output", "1"),
        (&queued, "SUCCEEDED", "output", "2"),
    ] {
        let told = client.ended(arn);
        assert_eq!(
            (&told["status"], &told[field]),
            (&json!(status), &json!(value)),
            "{told}"
        );
        client.history(arn);
    }
    let started = |events: &[Value]| {
        events
            .iter()
            .filter(|e| e["type"] == "ActivityStarted")
            .count()
    };
    assert_eq!(started(&client.history(&hired)), 1, "it was taken once");
}

#[test]
fn what_fell_due_meanwhile_happens_at_once() {
    let house = House::new();
    let served = house.serve(&[]);
    let mut client = served.client();
    let nap = client.start("nap", "a", &json!({"seconds": 5}));
    let waits = client.start("asks", "a", &json!({"timeout": 5}));
    token(&mut client, &waits);
    let began = Instant::now();
    served.kill();
    std::thread::sleep(Duration::from_millis(5200).saturating_sub(began.elapsed()));
    let restarted = Instant::now();
    let served = house.serve(&[]);
    let mut client = served.client();
    let told = client.ended(&nap);
    assert_eq!(told["status"], "SUCCEEDED");
    // Were the wait begun anew, it would last longer than this.
    assert!(restarted.elapsed() < Duration::from_secs(5), "{told}");
    let length = told["stopDate"].as_f64().unwrap() - told["startDate"].as_f64().unwrap();
    assert!(length >= 5.0, "{told}");
    let told = client.ended(&waits);
    assert_eq!(
        (&told["status"], &told["error"]),
        (&json!("FAILED"), &json!("States.Timeout")),
        "{told}"
    );
    assert!(restarted.elapsed() < Duration::from_secs(5), "{told}");
}
