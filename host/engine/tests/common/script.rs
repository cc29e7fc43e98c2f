//! What workers do, as a case file says it.
//!
//! Per state a list of attempts, or per index of the innermost Map an own list. The last attempt counts for
//! all later ones too. An attempt:
//!
//! - `return` or `throw`: how it ends; `never`: it does not
//! - `after`: seconds until then, 0 by default
//! - `heartbeatEvery`: seconds between its signs of life
//! - `submitted`: what a service answers at once, where the end comes later
//! - `takenAfter`: seconds until a worker begins, 0 by default; `neverTaken`: nobody does
//! - `worker`: the name of an activity's worker

use std::collections::BTreeMap;

use data::Data;
use engine::{Failure, TaskRequest};

use super::Say;

pub struct Script {
    script: Data,
    attempts: BTreeMap<(String, Option<u32>), usize>,
}

impl Script {
    pub fn new(script: Option<&Data>) -> Script {
        Script {
            script: script.cloned().unwrap_or_else(Data::empty_object),
            attempts: BTreeMap::new(),
        }
    }

    pub fn worker(&mut self, request: &TaskRequest) -> Vec<(i64, Say)> {
        let name = request.state_name.as_str();
        let of_state = self
            .script
            .get(name)
            .unwrap_or_else(|| panic!("{name} has no script"));
        let (list, item) = match of_state.as_array() {
            Some(list) => (list, None),
            None => (per_item(of_state, name, request.item), request.item),
        };
        let used = self.attempts.entry((name.to_owned(), item)).or_default();
        let attempt = list.get(*used).or(list.last());
        *used += 1;
        said(
            attempt.unwrap_or_else(|| panic!("{name} has an empty script")),
            request,
        )
    }
}

fn per_item<'s>(script: &'s Data, name: &str, item: Option<u32>) -> &'s data::Array {
    let own = item.and_then(|item| script.get(&item.to_string()));
    let list = own.or_else(|| script.get("*")).and_then(Data::as_array);
    list.unwrap_or_else(|| panic!("{name} has no script for item {item:?}"))
}

fn said(attempt: &Data, request: &TaskRequest) -> Vec<(i64, Say)> {
    let mut said = Vec::new();
    if attempt.get("neverTaken").is_some() {
        return said;
    }
    let taken = millis(attempt, "takenAfter").unwrap_or(0);
    let worker = attempt.get("worker").and_then(Data::as_str).map(Into::into);
    said.push((taken, Say::Started(worker)));
    if let Some(output) = attempt.get("submitted") {
        said.push((taken, Say::Submitted(output.clone())));
    }
    let end = taken + millis(attempt, "after").unwrap_or(0);
    let never = attempt.get("never").is_some();
    if let Some(every) = millis(attempt, "heartbeatEvery") {
        let last = if never { taken + 10 * every } else { end - 1 };
        let beats = (1..)
            .map(|n| taken + n * every)
            .take_while(|at| *at <= last);
        said.extend(beats.map(|at| (at, Say::Heartbeat)));
    }
    if never {
        return said;
    }
    said.push((end, ending(attempt, request)));
    said
}

fn ending(attempt: &Data, request: &TaskRequest) -> Say {
    if attempt.get("echo").is_some() {
        return Say::Succeeded(request.input.clone());
    }
    if let Some(output) = attempt.get("return") {
        return Say::Succeeded(output.clone());
    }
    if let Some(bytes) = attempt.get("returnBytes").and_then(Data::as_i64) {
        let text = "a".repeat(usize::try_from(bytes).expect("a size"));
        return Say::Succeeded(Data::from(text));
    }
    let throw = attempt
        .get("throw")
        .unwrap_or_else(|| panic!("{attempt} has no end"));
    let text = |name: &str| throw.get(name).and_then(Data::as_str).map(Into::into);
    Say::Failed(Failure {
        error: text("Error"),
        cause: text("Cause"),
    })
}

fn millis(attempt: &Data, name: &str) -> Option<i64> {
    let seconds = attempt
        .get(name)?
        .as_number()
        .expect("seconds are a number");
    Some((seconds.as_f64() * 1000.0).round() as i64)
}
