//! What an execution is called and may use, as a recording holds it.

use data::{Data, EcoString, Mistakes, Node, Object, units};
use engine::{About, Quotas};

pub(super) fn to_data(about: &About) -> Data {
    let quotas = &about.quotas;
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let quotas = Object::builder()
        .with("historyEvents", number(u64::from(quotas.history_events)))
        .with("payloadBytes", number(quotas.payload_bytes as u64))
        .with("assignBytes", number(quotas.assign_bytes as u64))
        .with("variablesBytes", number(quotas.variables_bytes as u64))
        .with("payloadDepth", number(u64::from(quotas.payload_depth)))
        .with("mapConcurrency", number(u64::from(quotas.map_concurrency)))
        .with("executionSeconds", number(quotas.execution_seconds));
    Object::builder()
        .with("executionArn", about.execution_arn.clone())
        .with("executionName", about.execution_name.clone())
        .with("stateMachineArn", about.state_machine_arn.clone())
        .with("stateMachineName", about.state_machine_name.clone())
        .with("roleArn", about.role_arn.clone())
        .with("region", about.region.clone())
        .with("quotas", quotas.build())
        .build()
        .into()
}

const KEYS: [&str; 7] = [
    "executionArn",
    "executionName",
    "stateMachineArn",
    "stateMachineName",
    "roleArn",
    "region",
    "quotas",
];

pub(super) fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<About> {
    let mut about = About::local("", "");
    for (key, node) in mistakes.entries("about", node) {
        let mut text = || mistakes.string(node).map(EcoString::from);
        match key.name.as_str() {
            "executionArn" => about.execution_arn = text()?,
            "executionName" => about.execution_name = text()?,
            "stateMachineArn" => about.state_machine_arn = text()?,
            "stateMachineName" => about.state_machine_name = text()?,
            "roleArn" => about.role_arn = text()?,
            "region" => about.region = text()?,
            "quotas" => about.quotas = quotas(node, mistakes)?,
            _ => mistakes.unknown(key, &KEYS),
        }
    }
    if about.execution_arn.is_empty() || about.state_machine_name.is_empty() {
        mistakes.add(node.span, "an execution needs its names");
        return None;
    }
    Some(about)
}

const QUOTAS: [&str; 7] = [
    "historyEvents",
    "payloadBytes",
    "assignBytes",
    "variablesBytes",
    "payloadDepth",
    "mapConcurrency",
    "executionSeconds",
];

fn quotas(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Quotas> {
    let mut quotas = Quotas::default();
    for (key, node) in mistakes.entries("quotas", node) {
        let value = mistakes.take(node, units::count(node, 1, i64::MAX as u64))?;
        let small = u32::try_from(value).unwrap_or(u32::MAX);
        match key.name.as_str() {
            "historyEvents" => quotas.history_events = small,
            "payloadBytes" => quotas.payload_bytes = value as usize,
            "assignBytes" => quotas.assign_bytes = value as usize,
            "variablesBytes" => quotas.variables_bytes = value as usize,
            "payloadDepth" => quotas.payload_depth = small,
            "mapConcurrency" => quotas.map_concurrency = small,
            "executionSeconds" => quotas.execution_seconds = value,
            _ => mistakes.unknown(key, &QUOTAS),
        }
    }
    Some(quotas)
}
