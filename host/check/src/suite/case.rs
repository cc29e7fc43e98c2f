//! One case: what an execution is given, and what is expected of it.

use data::{
    Data, EcoString, Format, Key, Mistake, Mistakes, Node, Source, Span, Value, nearest, read,
    units,
};
use engine::{Quotas, Timestamp};

use super::Files;
use super::expect::Expectations;
use crate::faults::{FaultPlan, World};
use crate::mock::{MockConfig, Mocks};
use crate::place::Place;

/// A case of a suite.
#[derive(Debug)]
pub struct Case {
    /// Its name.
    pub name: EcoString,
    /// Where it stands.
    pub place: Place,
    pub(super) input: Data,
    pub(super) seed: u64,
    /// When its virtual time begins; none: at the usual moment.
    pub(super) start: Option<Timestamp>,
    pub(super) faults: FaultPlan,
    /// The text that the faults are written in.
    faults_source: Source,
    pub(super) mocks: Mocks,
    /// Machines that run beside it, with their inputs.
    pub(super) beside: Vec<(EcoString, Span, Data)>,
    pub(super) quotas: Quotas,
    /// Whether faults and mocks may have done nothing.
    pub(super) allow_unused: bool,
    pub(super) expect: Expectations,
}

const KEYS: [&str; 12] = [
    "input",
    "inputFile",
    "seed",
    "startTime",
    "faults",
    "mock",
    "mockConfig",
    "testCase",
    "beside",
    "quotas",
    "allowUnused",
    "expect",
];

/// Settings of which a case has one or the other: one of its own keeps out the other's default.
const EITHER: [[&str; 2]; 2] = [["input", "inputFile"], ["mock", "testCase"]];

/// Notes what the defaults of a suite cannot hold.
pub(super) fn check_defaults(node: &Node, mistakes: &mut Mistakes<'_>) {
    for (key, _) in mistakes.entries("defaults", node) {
        if !KEYS.contains(&key.name.as_str()) || key.name == "expect" {
            mistakes.unknown(key, &KEYS[..KEYS.len() - 1]);
        }
    }
}

/// What a case says, with what the suite says where the case does not.
struct Settings<'n> {
    case: &'n Node,
    defaults: Option<&'n Node>,
}

impl<'n> Settings<'n> {
    fn get(&self, key: &str) -> Option<&'n Node> {
        if let Some(own) = self.case.get(key) {
            return Some(own);
        }
        let pair = EITHER.iter().find(|pair| pair.contains(&key));
        let kept_out = pair.is_some_and(|pair| pair.iter().any(|key| self.case.get(key).is_some()));
        self.defaults?.get(key).filter(|_| !kept_out)
    }
}

impl Case {
    pub(super) fn read(
        key: &Key,
        node: &Node,
        defaults: Option<&Node>,
        files: &dyn Files,
        mistakes: &mut Mistakes<'_>,
    ) -> Case {
        for (key, _) in mistakes.entries("a case", node) {
            if !KEYS.contains(&key.name.as_str()) {
                mistakes.unknown(key, &KEYS);
            }
        }
        let settings = Settings {
            case: node,
            defaults,
        };
        let (faults, faults_source) = faults(settings.get("faults"), files, mistakes);
        let expect = node
            .get("expect")
            .map(|node| Expectations::read(node, mistakes));
        if expect.is_none() {
            mistakes.add(
                node.span,
                "`expect` is missing: a case that expects nothing cannot fail",
            );
        }
        Case {
            name: key.name.clone(),
            place: Place::of(key.span, mistakes),
            input: input(&settings, files, mistakes),
            seed: settings
                .get("seed")
                .and_then(|node| mistakes.take(node, units::seed(node)))
                .unwrap_or(1),
            start: settings
                .get("startTime")
                .and_then(|node| moment(node, mistakes)),
            faults,
            faults_source,
            mocks: mocks(&settings, files, mistakes),
            beside: settings.get("beside").map_or_else(Vec::new, |node| {
                let machines = mistakes.entries("beside", node).iter();
                machines
                    .map(|(key, node)| (key.name.clone(), key.span, node.to_data()))
                    .collect()
            }),
            quotas: settings
                .get("quotas")
                .map_or_else(Quotas::default, |node| quotas(node, mistakes)),
            allow_unused: settings
                .get("allowUnused")
                .is_some_and(|node| flag(node, mistakes)),
            expect: expect.unwrap_or_default(),
        }
    }

    /// What it says of states, functions and machines that are not there.
    pub(super) fn check(&self, suite: &Source, world: &World<'_>) -> Vec<Mistake> {
        let mut found = self.faults.check_file(world, &self.faults_source);
        let mut mistakes = Mistakes::new(suite);
        if let Some((_, program)) = world.machines.first() {
            found.extend(
                self.mocks
                    .check(program)
                    .into_iter()
                    .map(|misplaced| Mistake {
                        file: misplaced.place.file.to_string(),
                        position: misplaced.place.position,
                        message: misplaced.message,
                    }),
            );
            self.expect.check(program, world, &mut mistakes);
            self.check_beside(world, &mut mistakes);
        }
        found.extend(mistakes.found);
        found
    }
}

impl Case {
    fn check_beside(&self, world: &World<'_>, mistakes: &mut Mistakes<'_>) {
        let known = || world.machines.iter().map(|(name, _)| name.as_str());
        for (machine, place, _) in &self.beside {
            if known().any(|name| name == machine) {
                continue;
            }
            let near = nearest(machine, known());
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            let message = format!("there is no machine {:?}{hint}", machine.as_str());
            mistakes.add(*place, message);
        }
    }
}

fn flag(node: &Node, mistakes: &mut Mistakes<'_>) -> bool {
    match node.value {
        Value::Bool(value) => value,
        _ => {
            mistakes.add(node.span, "expected true or false");
            false
        }
    }
}

fn moment(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Timestamp> {
    let text = mistakes.string(node)?;
    let at = Timestamp::parse(&text).filter(|at| at.0 >= 0);
    if at.is_none() {
        mistakes.add(
            node.span,
            "expected an RFC 3339 time from 1970 on, such as 2026-01-01T00:00:00Z",
        );
    }
    at
}

fn quotas(node: &Node, mistakes: &mut Mistakes<'_>) -> Quotas {
    let mut quotas = Quotas::default();
    for (key, node) in mistakes.entries("quotas", node) {
        let value = mistakes.take(node, units::count(node, 1, u64::from(u32::MAX)));
        if let Some(Err(error)) = value.map(|value| quotas.set(&key.name, value)) {
            mistakes.add(key.span, error);
        }
    }
    quotas
}

/// Reads a file that a setting names; what is wrong with its name is noted at the setting.
fn file(node: &Node, files: &dyn Files, mistakes: &mut Mistakes<'_>) -> Option<(Source, Format)> {
    let path = mistakes.string(node)?;
    mistakes.take(node, files.read(&path))
}

fn input(settings: &Settings<'_>, files: &dyn Files, mistakes: &mut Mistakes<'_>) -> Data {
    match (settings.get("input"), settings.get("inputFile")) {
        (Some(_), Some(node)) => {
            mistakes.add(node.span, "give one of `input` and `inputFile`");
            Data::Null
        }
        (Some(node), None) => node.to_data(),
        (None, None) => Data::empty_object(),
        (None, Some(node)) => {
            let Some((source, format)) = file(node, files, mistakes) else {
                return Data::Null;
            };
            match read(&source, format) {
                Ok(root) => root.to_data(),
                Err(error) => {
                    mistakes.add(node.span, error.to_string());
                    Data::Null
                }
            }
        }
    }
}

/// The faults of a case: a list, or a plan's file with or without the name of one of its faults.
fn faults(
    node: Option<&Node>,
    files: &dyn Files,
    mistakes: &mut Mistakes<'_>,
) -> (FaultPlan, Source) {
    let own = mistakes.source().clone();
    let Some(node) = node else {
        return (FaultPlan::default(), own);
    };
    let Some(reference) = node.as_str() else {
        return (FaultPlan::of_list(node, mistakes), own);
    };
    let (path, name) = match reference.split_once('#') {
        Some((path, name)) => (path, Some(name)),
        None => (reference, None),
    };
    let Some((source, format)) = mistakes.take(node, files.read(path)) else {
        return (FaultPlan::default(), own);
    };
    match FaultPlan::read(&source, format) {
        Err(theirs) => {
            mistakes.found.extend(theirs);
            (FaultPlan::default(), source)
        }
        Ok(plan) => {
            let chosen = name.map_or(Ok(plan.clone()), |name| plan.only(name));
            (mistakes.take(node, chosen).unwrap_or_default(), source)
        }
    }
}

/// The mocks of a case: in place, or a test case of a mock file.
fn mocks(settings: &Settings<'_>, files: &dyn Files, mistakes: &mut Mistakes<'_>) -> Mocks {
    let (inline, test_case) = (settings.get("mock"), settings.get("testCase"));
    let (node, name) = match (inline, test_case) {
        (None, None) => {
            // Among the defaults it only says where the cases' test cases are.
            if let Some(config) = settings.case.get("mockConfig") {
                mistakes.add(
                    config.span,
                    "`mockConfig` goes with `testCase`, the case of it",
                );
            }
            return Mocks::default();
        }
        (Some(node), None) => return Mocks::read(node, mistakes),
        (Some(_), Some(node)) => {
            mistakes.add(node.span, "give one of `mock` and `testCase`");
            return Mocks::default();
        }
        (None, Some(node)) => (node, mistakes.string(node).unwrap_or_default()),
    };
    let Some(config) = settings.get("mockConfig") else {
        mistakes.add(
            node.span,
            "`testCase` goes with `mockConfig`, the mock file",
        );
        return Mocks::default();
    };
    let Some((source, format)) = file(config, files, mistakes) else {
        return Mocks::default();
    };
    match MockConfig::read(&source, format) {
        Err(theirs) => {
            mistakes.found.extend(theirs);
            Mocks::default()
        }
        Ok(config) => {
            let found = config
                .case(&name)
                .map_err(|error| format!("{error}; {}", error.hint));
            let found = mistakes.take(node, found);
            found.map_or_else(Mocks::default, |case| case.mocks)
        }
    }
}
