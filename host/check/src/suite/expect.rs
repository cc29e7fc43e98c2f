//! What is expected of an execution, as it is written.

use std::collections::BTreeMap;

use asl::Program;
use data::{EcoString, Key, Mistakes, Node, Span as Place, nearest};
use runtime::{Called, called};

use super::events::EVENT_TYPES;
use super::matcher::{Bounds, Matcher, Span, TextMatcher};
use crate::faults::{Numbers, World};

/// The expectations of a case; what is not named is not judged.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectations {
    /// Where each key stands.
    pub places: BTreeMap<EcoString, crate::place::Place>,
    pub status: Option<&'static str>,
    pub output: Option<Matcher>,
    pub error: Option<TextMatcher>,
    pub cause: Option<TextMatcher>,
    /// The states in the order of their entries.
    pub path: Option<Vec<Name>>,
    /// How many attempts at each Task there were.
    pub attempts: Vec<(Name, Bounds)>,
    /// What a Task sent, by the number of its attempt in the execution.
    pub requests: Vec<(Name, Numbers, Matcher)>,
    /// How often a function was invoked.
    pub calls: Vec<(Name, Bounds)>,
    pub duration: Option<Span>,
    /// The fuel of each invocation by a state, or of those with this number in the execution.
    pub fuel: Vec<(Name, Option<Numbers>, Bounds)>,
    /// How many events there were of a type, or of all.
    pub events: Vec<(Name, Bounds)>,
}

/// A name and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub text: EcoString,
    pub place: Place,
}

/// Stands for all types of events together.
pub(super) const TOTAL: &str = "total";

const STATUSES: [&str; 5] = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING"];

const KEYS: [&str; 11] = [
    "status", "output", "error", "cause", "path", "attempts", "requests", "calls", "duration",
    "fuel", "events",
];

impl Expectations {
    pub(super) fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Expectations {
        let mut expect = Expectations::default();
        let entries = mistakes.entries("expect", node);
        if node.entries().is_some_and(<[_]>::is_empty) {
            mistakes.add(node.span, "a case that expects nothing cannot fail");
        }
        for (key, node) in entries {
            let place = crate::place::Place::of(key.span, mistakes);
            expect.places.insert(key.name.clone(), place);
            match key.name.as_str() {
                "status" => expect.status = status(node, mistakes),
                "output" => expect.output = Matcher::read(node, "output", mistakes),
                "error" => expect.error = TextMatcher::read(node, mistakes),
                "cause" => expect.cause = TextMatcher::read(node, mistakes),
                "path" => expect.path = path(node, mistakes),
                "attempts" => expect.attempts = counts("attempts", node, mistakes),
                "requests" => expect.requests = requests(node, mistakes),
                "calls" => expect.calls = counts("calls", node, mistakes),
                "duration" => expect.duration = Span::read(node, mistakes),
                "fuel" => expect.fuel = fuel(node, mistakes),
                "events" => expect.events = counts("events", node, mistakes),
                _ => mistakes.unknown(key, &KEYS),
            }
        }
        expect
    }

    /// Notes names that nothing has.
    pub(super) fn check(&self, program: &Program, world: &World<'_>, mistakes: &mut Mistakes<'_>) {
        let states: Vec<&str> = program
            .states()
            .map(|(_, state)| state.name.as_str())
            .collect();
        let named = self.attempts.iter().map(|(name, _)| name);
        let named = named.chain(self.path.iter().flatten());
        let named = named.chain(self.requests.iter().map(|(name, ..)| name));
        for name in named.chain(self.fuel.iter().map(|(name, ..)| name)) {
            known("state", name, &states, mistakes);
        }
        let types: Vec<&str> = EVENT_TYPES.into_iter().chain([TOTAL]).collect();
        for (name, _) in &self.events {
            known("type of event", name, &types, mistakes);
        }
        self.check_calls(world, mistakes);
    }

    fn check_calls(&self, world: &World<'_>, mistakes: &mut Mistakes<'_>) {
        let mut functions: Vec<String> = world
            .functions
            .iter()
            .map(|function| function.name.clone())
            .collect();
        for (_, program) in &world.machines {
            functions.extend(program.states().filter_map(|(_, state)| {
                match called(state, world.functions) {
                    Called::Function(name) => Some(name),
                    Called::Computed | Called::None => None,
                }
            }));
        }
        let functions: Vec<&str> = functions.iter().map(String::as_str).collect();
        for (name, _) in &self.calls {
            known("function", name, &functions, mistakes);
        }
    }
}

fn known(what: &str, name: &Name, all: &[&str], mistakes: &mut Mistakes<'_>) {
    if all.contains(&name.text.as_str()) {
        return;
    }
    let near = nearest(&name.text, all.iter().copied());
    let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
    let message = format!("there is no {what} {:?}{hint}", name.text.as_str());
    mistakes.add(name.place, message);
}

fn status(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<&'static str> {
    let text = node.as_str().unwrap_or_default();
    let found = STATUSES.into_iter().find(|status| *status == text);
    if found.is_none() {
        mistakes.add(
            node.span,
            format!("a status is one of {}", STATUSES.join(", ")),
        );
    }
    found
}

fn name(key: &Key) -> Name {
    Name {
        text: key.name.clone(),
        place: key.span,
    }
}

fn path(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Vec<Name>> {
    let Some(items) = node.items() else {
        mistakes.add(node.span, "expected a list of states");
        return None;
    };
    let mut names = Vec::new();
    for item in items {
        names.extend(mistakes.string(item).map(|text| Name {
            text: text.into(),
            place: item.span,
        }));
    }
    Some(names)
}

/// The entries of a table that must have some: without any it would expect nothing.
fn some<'n>(what: &str, node: &'n Node, mistakes: &mut Mistakes<'_>) -> &'n [(Key, Node)] {
    if node.entries().is_some_and(<[_]>::is_empty) {
        mistakes.add(
            node.span,
            format!("{what} must name something: empty it expects nothing"),
        );
    }
    mistakes.entries(what, node)
}

fn counts(what: &str, node: &Node, mistakes: &mut Mistakes<'_>) -> Vec<(Name, Bounds)> {
    let mut read = Vec::new();
    for (key, node) in some(what, node, mistakes) {
        read.extend(Bounds::read(node, mistakes).map(|bounds| (name(key), bounds)));
    }
    read
}

/// The number or range that a key is.
fn numbers(key: &Key, mistakes: &mut Mistakes<'_>) -> Option<Numbers> {
    let found = Numbers::parse(&key.name);
    if found.is_none() {
        mistakes.add(
            key.span,
            "expected a number that counts from 0, or a range such as \"1-2\"",
        );
    }
    found
}

fn requests(node: &Node, mistakes: &mut Mistakes<'_>) -> Vec<(Name, Numbers, Matcher)> {
    let mut read = Vec::new();
    for (state, node) in some("requests", node, mistakes) {
        for (key, node) in some("the requests of a state", node, mistakes) {
            let (number, matcher) = (
                numbers(key, mistakes),
                Matcher::read(node, "request", mistakes),
            );
            read.extend(
                number
                    .zip(matcher)
                    .map(|(number, matcher)| (name(state), number, matcher)),
            );
        }
    }
    read
}

fn fuel(node: &Node, mistakes: &mut Mistakes<'_>) -> Vec<(Name, Option<Numbers>, Bounds)> {
    let mut read = Vec::new();
    for (state, node) in some("fuel", node, mistakes) {
        let bounds = ["min", "max"];
        let by_attempt = node.entries().is_some_and(|entries| {
            entries
                .iter()
                .any(|(key, _)| !bounds.contains(&key.name.as_str()))
        });
        if !by_attempt {
            let bounds = Bounds::read(node, mistakes);
            read.extend(bounds.map(|bounds| (name(state), None, bounds)));
            continue;
        }
        for (key, node) in mistakes.entries("the fuel of a state", node) {
            let (number, bounds) = (numbers(key, mistakes), Bounds::read(node, mistakes));
            read.extend(
                number
                    .zip(bounds)
                    .map(|(number, bounds)| (name(state), Some(number), bounds)),
            );
        }
    }
    read
}
