//! What an execution heard, as a recording holds it.

use data::{Data, EcoString, Key, Mistakes, Node, Object, ObjectBuilder, Value, units};
use engine::{Failure, Input, TaskToken, Timestamp};

use super::Heard;

const KINDS: [&str; 12] = [
    "start",
    "taskStarted",
    "taskSubmitted",
    "taskSucceeded",
    "taskFailed",
    "taskHeartbeat",
    "mapRunSucceeded",
    "mapRunFailed",
    "deadlineReached",
    "goOn",
    "stop",
    "redrive",
];

impl Heard {
    pub(super) fn to_data(&self) -> Data {
        let mut object = Object::builder().with("at", self.at.0);
        if let Some(until) = self.until {
            object = object.with("until", i64::from(until));
        }
        let (kind, value) = input(&self.input);
        object.with(kind, value).build().into()
    }

    pub(super) fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Heard> {
        let (mut at, mut until, mut input) = (None, None, None);
        let kinds = |entries: &[(Key, Node)]| {
            let kinds = entries
                .iter()
                .filter(|(key, _)| KINDS.contains(&key.name.as_str()));
            kinds.count()
        };
        if node.entries().is_some_and(|entries| kinds(entries) > 1) {
            mistakes.add(node.span, "only one thing is heard at once");
        }
        for (key, node) in mistakes.entries("something heard", node) {
            match key.name.as_str() {
                "at" => at = integer(node, mistakes).map(Timestamp),
                "until" => {
                    let record = units::count(node, 0, u64::from(u32::MAX));
                    until = mistakes
                        .take(node, record)
                        .and_then(|n| u32::try_from(n).ok());
                }
                kind if KINDS.contains(&kind) => input = read_input(kind, node, mistakes),
                _ => mistakes.unknown(key, &KINDS),
            }
        }
        if at.is_none() || input.is_none() {
            let message = format!("it needs `at` and exactly one of {}", KINDS.join(", "));
            mistakes.add(node.span, message);
        }
        Some(Heard {
            at: at?,
            input: input?,
            until,
        })
    }
}

fn input(input: &Input) -> (&'static str, Data) {
    let of = |token: &TaskToken| Object::builder().with("token", token.to_string());
    match input {
        Input::Start(data) => ("start", data.clone()),
        Input::TaskStarted { token, worker } => {
            let mut object = of(token);
            if let Some(worker) = worker {
                object = object.with("worker", worker.clone());
            }
            ("taskStarted", object.build().into())
        }
        Input::TaskSubmitted { token, output } => (
            "taskSubmitted",
            of(token).with("output", output.clone()).build().into(),
        ),
        Input::TaskSucceeded { token, output } => (
            "taskSucceeded",
            of(token).with("output", output.clone()).build().into(),
        ),
        Input::TaskFailed { token, failure } => {
            ("taskFailed", words(of(token), failure).build().into())
        }
        Input::TaskHeartbeat { token } => ("taskHeartbeat", of(token).build().into()),
        Input::MapRunSucceeded { token, output } => (
            "mapRunSucceeded",
            of(token).with("output", output.clone()).build().into(),
        ),
        Input::MapRunFailed { token, failure } => {
            ("mapRunFailed", words(of(token), failure).build().into())
        }
        Input::DeadlineReached => ("deadlineReached", Data::empty_object()),
        Input::GoOn => ("goOn", Data::empty_object()),
        Input::Stop(failure) => ("stop", words(Object::builder(), failure).build().into()),
        Input::Redrive { definition } => {
            let mut object = Object::builder();
            if let Some(definition) = definition {
                object = object.with("definition", definition.clone());
            }
            ("redrive", object.build().into())
        }
    }
}

fn words(mut object: ObjectBuilder, failure: &Failure) -> ObjectBuilder {
    for (key, text) in [("error", &failure.error), ("cause", &failure.cause)] {
        if let Some(text) = text {
            object = object.with(key, text.clone());
        }
    }
    object
}

fn read_input(kind: &str, node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Input> {
    Some(match kind {
        "start" => Input::Start(node.to_data()),
        "taskStarted" => Input::TaskStarted {
            token: token(node, mistakes)?,
            worker: text(node, "worker"),
        },
        "taskSubmitted" => Input::TaskSubmitted {
            token: token(node, mistakes)?,
            output: output(node),
        },
        "taskSucceeded" => Input::TaskSucceeded {
            token: token(node, mistakes)?,
            output: output(node),
        },
        "taskFailed" => Input::TaskFailed {
            token: token(node, mistakes)?,
            failure: failure(node),
        },
        "taskHeartbeat" => Input::TaskHeartbeat {
            token: token(node, mistakes)?,
        },
        "mapRunSucceeded" => Input::MapRunSucceeded {
            token: token(node, mistakes)?,
            output: output(node),
        },
        "mapRunFailed" => Input::MapRunFailed {
            token: token(node, mistakes)?,
            failure: failure(node),
        },
        "deadlineReached" => Input::DeadlineReached,
        "goOn" => Input::GoOn,
        "redrive" => Input::Redrive {
            definition: text(node, "definition"),
        },
        _ => Input::Stop(failure(node)),
    })
}

fn token(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<TaskToken> {
    let text = node.get("token").and_then(Node::as_str);
    let token = text.and_then(|text| text.parse().ok());
    if token.is_none() {
        mistakes.add(node.span, "`token` is missing, or is no task token");
    }
    token
}

fn output(node: &Node) -> Data {
    node.get("output").map_or(Data::Null, Node::to_data)
}

fn text(node: &Node, key: &str) -> Option<EcoString> {
    node.get(key).and_then(Node::as_str).map(EcoString::from)
}

fn failure(node: &Node) -> Failure {
    Failure {
        error: text(node, "error"),
        cause: text(node, "cause"),
    }
}

pub(super) fn integer(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<i64> {
    let number = match &node.value {
        Value::Number(number) => number.to_i64(),
        _ => None,
    };
    if number.is_none() {
        mistakes.add(node.span, "expected a whole number");
    }
    number
}
