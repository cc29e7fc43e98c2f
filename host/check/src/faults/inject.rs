//! What a fault injects, as it is written.

use std::time::Duration;

use data::{Key, Mistakes, Node, Value, units};
use engine::Failure;
use runtime::inject::{Callback, Fault, Injection, JsonType, OutputFault, When};

/// What a fault of a plan does.
#[derive(Clone, Debug)]
pub(super) enum Planned {
    /// Something befalls an attempt.
    Injection(Injection),
    /// The execution is stopped.
    Stop(Failure),
    /// The host dies and starts again.
    Crash,
}

const KEYS: [&str; 16] = [
    "error",
    "throttle",
    "trap",
    "exit",
    "fuel",
    "memory",
    "slow",
    "latency",
    "hang",
    "heartbeat",
    "late",
    "output",
    "duplicate",
    "callback",
    "stop",
    "crash",
];

/// What can also happen when the work is done.
const AFTER: [&str; 7] = [
    "error", "throttle", "trap", "exit", "slow", "latency", "hang",
];

impl Planned {
    pub(super) fn read(
        node: &Node,
        when: Option<&Node>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<Planned> {
        let entries = mistakes.entries("inject", node);
        let [(key, value)] = entries else {
            if node.entries().is_some() {
                let message = format!("give exactly one of {}", KEYS.join(", "));
                mistakes.add(node.span, message);
            }
            return None;
        };
        let when = when.map_or(Some(When::Before), |when| read_when(when, key, mistakes));
        let fault = match key.name.as_str() {
            "error" => Fault::Error(failure(value, mistakes)?),
            "throttle" => mark(value, mistakes, Fault::Throttle)?,
            "trap" => mark(value, mistakes, Fault::Trap)?,
            "hang" => mark(value, mistakes, Fault::Hang)?,
            "duplicate" => mark(value, mistakes, Fault::Duplicate)?,
            "exit" => Fault::Exit(mistakes.take(value, units::count(value, 1, 255))? as i32),
            "fuel" => Fault::Fuel(mistakes.take(value, units::count(value, 1, u64::MAX >> 12))?),
            "memory" => Fault::Memory(mistakes.take(value, units::size(value))?),
            "slow" => Fault::Slow(duration(value, mistakes)?),
            "latency" => Fault::Latency(duration(value, mistakes)?),
            "late" => Fault::Late(duration(value, mistakes)?),
            "heartbeat" => match value.as_str() {
                Some("lost") => Fault::LostHeartbeat,
                _ => return told(value, mistakes, "a heartbeat can be \"lost\""),
            },
            "output" => Fault::Output(output(value, mistakes)?),
            "callback" => Fault::Callback(callback(value, mistakes)?),
            "stop" => return Some(Planned::Stop(stop(value, mistakes)?)),
            "crash" => return mark(value, mistakes, Planned::Crash),
            _ => {
                mistakes.unknown(key, &KEYS);
                return None;
            }
        };
        Some(Planned::Injection(Injection { fault, when: when? }))
    }
}

fn read_when(node: &Node, key: &Key, mistakes: &mut Mistakes<'_>) -> Option<When> {
    match node.as_str() {
        Some("before") => Some(When::Before),
        Some("after") if AFTER.contains(&key.name.as_str()) => Some(When::After),
        Some("after") => {
            let message = format!(
                "`after` goes with {}; not with `{}`",
                AFTER.join(", "),
                key.name
            );
            told(node, mistakes, &message)
        }
        _ => told(node, mistakes, "`when` is \"before\" or \"after\""),
    }
}

fn told<T>(node: &Node, mistakes: &mut Mistakes<'_>, message: &str) -> Option<T> {
    mistakes.add(node.span, message);
    None
}

/// A fault without settings: `{}` or `true`.
fn mark<T>(node: &Node, mistakes: &mut Mistakes<'_>, fault: T) -> Option<T> {
    match &node.value {
        Value::Bool(true) => Some(fault),
        Value::Object(fields) if fields.is_empty() => Some(fault),
        _ => told(node, mistakes, "expected {}: this fault has no settings"),
    }
}

fn duration(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Duration> {
    mistakes.take(node, units::duration(node))
}

/// An error's name, or its name and cause.
fn failure(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Failure> {
    if let Some(error) = node.as_str() {
        return Some(Failure::new(error, ""));
    }
    if node.entries().is_none() {
        let help = "expected an error's name, or {\"error\": NAME, \"cause\": TEXT}";
        return told(node, mistakes, help);
    }
    let failure = words(node, mistakes);
    if failure.error.is_none() {
        return told(node, mistakes, "`error` is missing: the error's name");
    }
    Some(failure)
}

/// The error and cause of StopExecution, which may both be absent.
fn stop(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Failure> {
    match &node.value {
        Value::Bool(true) => Some(Failure::default()),
        _ => Some(words(node, mistakes)),
    }
}

fn words(node: &Node, mistakes: &mut Mistakes<'_>) -> Failure {
    let mut failure = Failure::default();
    for (key, node) in mistakes.entries("an error", node) {
        match key.name.as_str() {
            "error" => failure.error = mistakes.string(node).map(Into::into),
            "cause" => failure.cause = mistakes.string(node).map(Into::into),
            _ => mistakes.unknown(key, &["error", "cause"]),
        }
    }
    failure
}

fn callback(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Callback> {
    const HELP: &str =
        "a callback is \"never\", \"twice\", {\"late\": \"5s\"} or {\"failed\": {\"error\": ...}}";
    match node.as_str() {
        Some("never") => return Some(Callback::Never),
        Some("twice") => return Some(Callback::Twice),
        Some(_) => return told(node, mistakes, HELP),
        None => {}
    }
    match node.entries() {
        Some([(key, value)]) => match key.name.as_str() {
            "late" => Some(Callback::Late(duration(value, mistakes)?)),
            "failed" => Some(Callback::Failed(failure(value, mistakes)?)),
            _ => {
                mistakes.unknown(key, &["late", "failed"]);
                None
            }
        },
        _ => told(node, mistakes, HELP),
    }
}

const OUTPUT: [&str; 6] = [
    "truncate", "oversize", "replace", "remove", "null", "retype",
];

fn output(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<OutputFault> {
    match node.as_str() {
        Some("garbage") => return Some(OutputFault::Garbage),
        Some(_) => return told(node, mistakes, &output_help()),
        None => {}
    }
    let Some([(key, value)]) = node.entries() else {
        return told(node, mistakes, &output_help());
    };
    Some(match key.name.as_str() {
        "truncate" => {
            let length = mistakes.take(value, units::count(value, 1, 1 << 30))?;
            OutputFault::Truncated(length as usize)
        }
        "oversize" => OutputFault::Oversized(oversize(value, mistakes)?),
        "replace" => OutputFault::Replaced(value.to_data()),
        "remove" => OutputFault::Removed(pointer(value, mistakes)?),
        "null" => OutputFault::Nulled(pointer(value, mistakes)?),
        "retype" => return retype(value, mistakes),
        _ => {
            mistakes.unknown(key, &OUTPUT);
            return None;
        }
    })
}

fn output_help() -> String {
    let kinds = OUTPUT.join(", ");
    format!("an output is \"garbage\" or a table with exactly one of {kinds}")
}

/// The largest output that is made up, well above every quota.
const MOST_OVERSIZE: u64 = 64 << 20;

fn oversize(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<u64> {
    let size = mistakes.take(node, units::size(node))?;
    if size > MOST_OVERSIZE {
        return told(
            node,
            mistakes,
            "an output of more than 64 MB proves nothing more",
        );
    }
    Some(size)
}

fn retype(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<OutputFault> {
    const HELP: &str = "expected {POINTER: TYPE}, such as {\"/total\": \"string\"}; types are string, number, boolean, array, object";
    let Some([(key, value)]) = node.entries() else {
        return told(node, mistakes, HELP);
    };
    if !is_pointer(&key.name) {
        mistakes.add(key.span, POINTER);
        return None;
    }
    let to = match value.as_str() {
        Some("string") => JsonType::String,
        Some("number") => JsonType::Number,
        Some("boolean") => JsonType::Boolean,
        Some("array") => JsonType::Array,
        Some("object") => JsonType::Object,
        _ => return told(value, mistakes, HELP),
    };
    Some(OutputFault::Retyped(key.name.to_string(), to))
}

const POINTER: &str =
    "expected a JSON pointer into the output, such as \"/inventoryAvailable\" or \"/lines/0\"";

fn pointer(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<String> {
    match node.as_str() {
        Some(text) if is_pointer(text) => Some(text.to_owned()),
        _ => told(node, mistakes, POINTER),
    }
}

fn is_pointer(text: &str) -> bool {
    text.starts_with('/')
}
