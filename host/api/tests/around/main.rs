//! IAM, STS and CloudWatch Logs, operation by operation: see `iam/` and `logs/`.

#[path = "../common/mod.rs"]
mod common;
mod written;

use api::iam::Iam;
use api::logs::Logs;
use api::model::{IAM, LOGS, STS};
use api::sts::Sts;
use api::{Caller, model};
use common::steps::{START, now};
use common::{answers, steps};
use data::{Data, Object};
use engine::Timestamp;

#[test]
fn iam() {
    steps::check("iam", 8, &IAM, || {
        let iam = Iam::new();
        Box::new(move |at, caller, operation, given| now(iam.call(at, caller, operation, given)))
    });
}

#[test]
fn logs() {
    steps::check("logs", 8, &LOGS, || {
        let logs = Logs::new();
        Box::new(move |at, caller, operation, given| now(logs.call(at, caller, operation, given)))
    });
}

#[test]
fn whoever_asks_is_the_root_user() {
    let answer = Sts.call(&Caller::local(), "GetCallerIdentity", &Data::empty_object());
    let answer = answer.unwrap();
    assert_eq!(
        answers::faults(&STS, "GetCallerIdentity", &answer),
        Vec::<String>::new()
    );
    let expected = r#"{"UserId":"000000000000","Account":"000000000000","Arn":"arn:aws:iam::000000000000:root"}"#;
    assert_eq!(answer, Data::parse(expected).unwrap());
    let refused = Sts.call(&Caller::local(), "AssumeRole", &Data::empty_object());
    assert_eq!(refused.unwrap_err().code, "InvalidAction");
}

#[test]
fn a_wrong_answer_is_told() {
    let faults = |answer: &str| {
        let answer = Data::parse(answer).unwrap();
        answers::faults(&IAM, "GetRolePolicy", &answer)
    };
    assert!(faults(r#"{"RoleName":"r","PolicyName":"p","PolicyDocument":"{}"}"#).is_empty());
    assert_eq!(faults(r#"{"RoleName":"r","PolicyName":"p"}"#).len(), 1);
    assert_eq!(
        faults(r#"{"RoleName":1,"PolicyName":"p","PolicyDocument":"{}","More":true}"#).len(),
        2
    );
}

/// Every operation is carried out or refused by name: none is unknown to a service whose model has it.
#[test]
fn every_operation_is_there() {
    let (iam, logs) = (Iam::new(), Logs::new());
    let caller = Caller::local();
    let given = plausible();
    for operation in IAM.operations.keys() {
        let result = now(iam.call(START, &caller, operation, &given));
        assert!(
            result.is_ok() || result.unwrap_err().code != "InvalidAction",
            "{operation}"
        );
    }
    for operation in LOGS.operations.keys() {
        let result = now(logs.call(START, &caller, operation, &given));
        let unknown = "UnknownOperationException";
        assert!(
            result.is_ok() || result.unwrap_err().code != unknown,
            "{operation}"
        );
    }
}

/// What every operation takes, as far as its check goes.
fn plausible() -> Data {
    let mut given = Object::builder();
    for model in [&IAM, &LOGS] {
        for operation in model.operations.values() {
            let Some(shape) = operation.input.as_deref().map(|name| model.named(name)) else {
                continue;
            };
            for name in &shape.required {
                let member = model.shape(&shape.members[name]);
                given.insert(name.as_str().into(), value(member.kind));
            }
        }
    }
    given.build().into()
}

fn value(kind: model::Kind) -> Data {
    match kind {
        model::Kind::Structure | model::Kind::Map => Data::empty_object(),
        model::Kind::List => Vec::new().into(),
        model::Kind::Integer | model::Kind::Long => 3600.into(),
        model::Kind::Float | model::Kind::Double => 1.into(),
        model::Kind::Boolean => true.into(),
        model::Kind::Timestamp | model::Kind::Blob | model::Kind::String => {
            "arn:aws:iam::aws:policy/ReadOnlyAccess".into()
        }
    }
}

/// A group never holds more than its bound, and what came first goes first.
#[test]
fn a_group_is_bounded() {
    let logs = Logs::new();
    let message = |index: i64| format!("{index} {}", "x".repeat(100_000));
    for index in 0..200 {
        logs.write(
            "eu-west-1",
            "/group",
            &format!("stream-{}", index % 3),
            START,
            message(index),
        );
    }
    let caller = Caller {
        region: "eu-west-1".into(),
        ..Caller::local()
    };
    let call = |operation: &str, given: &str| {
        let given = Data::parse(given).unwrap();
        now(logs.call(START, &caller, operation, &given)).unwrap()
    };
    let groups = call("DescribeLogGroups", "{}");
    let stored = groups
        .pointer("/logGroups/0/storedBytes")
        .and_then(Data::as_i64)
        .unwrap();
    let bound = i64::try_from(api::logs::GROUP_BYTES).unwrap();
    assert!(stored <= bound && stored > bound - 200_000, "{stored}");
    let first = call("FilterLogEvents", r#"{"logGroupName":"/group","limit":1}"#);
    let first = first
        .pointer("/events/0/message")
        .and_then(Data::as_str)
        .unwrap();
    let first: i64 = first.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(200 - first, stored / 100_030, "the youngest are kept");
}

/// A batch that is too large is refused whole, and one that just fits is taken.
#[test]
fn a_batch_is_bounded() {
    let logs = Logs::new();
    logs.write("us-east-1", "g", "s", START, "first".to_owned());
    let put = |events: usize, length: usize| {
        let event = Object::builder()
            .with("timestamp", START.0)
            .with("message", "x".repeat(length));
        let events = vec![Data::from(event.build()); events];
        let given = Object::builder()
            .with("logGroupName", "g")
            .with("logStreamName", "s")
            .with("logEvents", events);
        let caller = Caller::local();
        let result = now(logs.call(START, &caller, "PutLogEvents", &given.build().into()));
        result.map(drop).map_err(|error| error.message)
    };
    assert_eq!(put(10_000, 1), Ok(()));
    let many = put(10_001, 1).unwrap_err();
    assert!(
        many.ends_with("length less than or equal to 10000"),
        "{many}"
    );
    assert_eq!(put(1, 1_048_576 - 26), Ok(()));
    let large = put(1, 1_048_576 - 25).unwrap_err();
    assert_eq!(
        large,
        "Upload too large: 1048577 bytes exceeds limit of 1048576"
    );
}

/// Whatever page size is asked for, paging through gives every event once, from both ends.
#[test]
fn pages_join_without_gap() {
    let logs = Logs::new();
    for index in 0..23 {
        let at = Timestamp(START.0 + index / 3);
        logs.write("us-east-1", "g", "s", at, index.to_string());
    }
    let caller = Caller::local();
    for limit in [1, 2, 7, 23, 24] {
        for (head, token) in [(true, "nextForwardToken"), (false, "nextBackwardToken")] {
            let mut given = Object::builder()
                .with("logGroupName", "g")
                .with("logStreamName", "s")
                .with("limit", limit)
                .with("startFromHead", head);
            let mut seen = Vec::new();
            let mut last = None;
            loop {
                let given_now = given.build().into();
                let page = now(logs.call(START, &caller, "GetLogEvents", &given_now)).unwrap();
                let events = page.get("events").and_then(Data::as_array).unwrap();
                let messages = events
                    .items()
                    .iter()
                    .map(|event| event.get("message").cloned().unwrap());
                let messages: Vec<Data> = messages.collect();
                let at = if head { seen.len() } else { 0 };
                seen.splice(at..at, messages);
                let next = page.get(token).cloned();
                if next == last {
                    break;
                }
                last = next.clone();
                given = Object::builder()
                    .with("logGroupName", "g")
                    .with("logStreamName", "s")
                    .with("limit", limit)
                    .with("nextToken", next.unwrap());
            }
            let all: Vec<Data> = (0..23).map(|index: i64| index.to_string().into()).collect();
            assert_eq!(seen, all, "limit {limit}, from the head: {head}");
        }
    }
}
