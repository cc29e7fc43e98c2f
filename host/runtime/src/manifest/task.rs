//! `[tasks]`: what stands behind a Task's `Resource`.

use data::{Data, Key, Mistakes, Node};
use engine::Failure;

use super::endpoint::Written;
use crate::remote::Endpoint;

/// What stands behind a `Resource`.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskBinding {
    /// A function of the manifest, by name.
    Function(String),
    /// Always the same result.
    Result(Data),
    /// Always the same failure.
    Error(Failure),
    /// A server that is asked.
    Endpoint(Endpoint),
}

const KEYS: [&str; 6] = ["function", "result", "error", "cause", "endpoint", "region"];

/// What the keys of one task say.
#[derive(Default)]
struct Keys<'n> {
    function: Option<String>,
    result: Option<Data>,
    error: Option<String>,
    cause: Option<(&'n Node, String)>,
    endpoint: Written<'n>,
}

pub(super) fn read(
    resource: &Key,
    node: &Node,
    mistakes: &mut Mistakes<'_>,
) -> Option<TaskBinding> {
    check_pattern(resource, mistakes);
    let mut keys = Keys::default();
    for (key, node) in mistakes.entries("a task", node) {
        match key.name.as_str() {
            "function" => keys.function = mistakes.string(node),
            "result" => keys.result = Some(node.to_data()),
            "error" => keys.error = mistakes.string(node),
            "cause" => keys.cause = mistakes.string(node).map(|cause| (node, cause)),
            "endpoint" => keys.endpoint.endpoint = Some(node),
            "region" => keys.endpoint.region = Some(node),
            "forward" => mistakes.add(key.span, "`forward` is reserved: not yet"),
            _ => mistakes.unknown(key, &KEYS),
        }
    }
    binding(keys, resource, mistakes)
}

fn binding(keys: Keys<'_>, resource: &Key, mistakes: &mut Mistakes<'_>) -> Option<TaskBinding> {
    if let (Some((node, _)), None) = (&keys.cause, &keys.error) {
        mistakes.add(node.span, "`cause` means nothing without `error`");
    }
    let has_endpoint = keys.endpoint.endpoint.is_some();
    let endpoint = keys.endpoint.read(mistakes);
    match (keys.function, keys.result, keys.error, has_endpoint) {
        (Some(name), None, None, false) => Some(TaskBinding::Function(name)),
        (None, Some(result), None, false) => Some(TaskBinding::Result(result)),
        (None, None, Some(error), false) => Some(TaskBinding::Error(Failure {
            error: Some(error.into()),
            cause: keys.cause.map(|(_, cause)| cause.into()),
        })),
        (None, None, None, true) => endpoint.map(TaskBinding::Endpoint),
        _ => {
            let message = "give exactly one of `function`, `result`, `error` and `endpoint`";
            mistakes.add(resource.span, message);
            None
        }
    }
}

/// A key with a star means every `Resource` that begins as it does; it must name a service at least.
fn check_pattern(resource: &Key, mistakes: &mut Mistakes<'_>) {
    let Some((before, after)) = resource.name.split_once('*') else {
        return;
    };
    let service = before.split_once(":states:::").and_then(|(_, rest)| {
        rest.strip_prefix("aws-sdk:")
            .unwrap_or(rest)
            .split_once(':')
    });
    let names_service = service.is_some_and(|(service, _)| !service.is_empty());
    if !after.is_empty() || !names_service {
        let message =
            "a `*` stands at the end and behind a service, as in \"arn:aws:states:::dynamodb:*\"";
        mistakes.add(resource.span, message);
    }
}
