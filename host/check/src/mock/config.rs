//! Reading the mock file.

use std::collections::BTreeMap;

use data::{EcoString, Format, Key, Mistake, Mistakes, Node, Source, read};

use super::case::{CaseError, TestCase};
use super::mocks::{Mocked, Mocks, unique};
use super::response::Response;
use crate::place::Place;

const KEYS: [&str; 4] = ["StateMachines", "MockedResponses", "$schema", "Comment"];

/// A mock file, read and checked.
#[derive(Clone, Debug, Default)]
pub struct MockConfig {
    /// The test cases of each machine by name.
    pub(super) machines: BTreeMap<EcoString, BTreeMap<EcoString, Mocks>>,
}

impl MockConfig {
    /// Reads a mock file, which may be JSON, YAML or TOML; all that is wrong with it is told at once.
    ///
    /// What Step Functions Local lets pass passes here: responses that no case names, machines and cases
    /// without entries, a `Throw` without `Cause`. `$schema` and `Comment` beside the two tables mean nothing.
    /// Anything else that is unknown is a mistake, and so are attempts with gaps: those in the gap would fail
    /// the execution.
    pub fn read(source: &Source, format: Format) -> Result<MockConfig, Vec<Mistake>> {
        let root = read(source, format).map_err(|error| {
            vec![Mistake {
                file: error.name,
                position: error.position,
                message: error.message,
            }]
        })?;
        let mut mistakes = Mistakes::new(source);
        let config = MockConfig::of(&root, &mut mistakes);
        if mistakes.found.is_empty() {
            Ok(config)
        } else {
            mistakes.found.sort_by_key(|mistake| mistake.position);
            Err(mistakes.found)
        }
    }

    /// The mocks of a test case: `Machine#Case`, or only `Case` where a single machine has one of that name.
    pub fn case(&self, test_case: &str) -> Result<TestCase, CaseError> {
        super::case::find(&self.machines, test_case)
    }

    /// Every test case, by machine and name.
    pub fn cases(&self) -> impl Iterator<Item = (&EcoString, &EcoString)> {
        let machines = self.machines.iter();
        machines.flat_map(|(machine, cases)| cases.keys().map(move |case| (machine, case)))
    }

    fn of(root: &Node, mistakes: &mut Mistakes<'_>) -> MockConfig {
        let entries = mistakes.entries("a mock file", root);
        let (mut responses, mut machines) = (None, None);
        for (key, node) in unique(entries) {
            match key.name.as_str() {
                "StateMachines" => machines = Some(node),
                "MockedResponses" => responses = Some(node),
                "$schema" | "Comment" => {}
                _ => mistakes.unknown(key, &KEYS),
            }
        }
        if root.entries().is_some() && machines.is_none() {
            mistakes.add(root.span, "`StateMachines` is missing");
        }
        let responses =
            responses.map(|node| table("MockedResponses", node, Response::read, mistakes));
        let responses = responses.unwrap_or_default();
        let read =
            |_: &Key, node: &Node, mistakes: &mut Mistakes<'_>| machine(node, &responses, mistakes);
        let machines = machines.map(|node| table("StateMachines", node, read, mistakes));
        MockConfig {
            machines: machines.unwrap_or_default(),
        }
    }
}

/// What stands under each name of a table.
fn table<T>(
    what: &str,
    node: &Node,
    read: impl Fn(&Key, &Node, &mut Mistakes<'_>) -> T,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<EcoString, T> {
    let entries = mistakes.entries(what, node);
    let entries = unique(entries).into_iter();
    let named = entries.map(|(key, node)| (key.name.clone(), read(key, node, mistakes)));
    named.collect()
}

fn machine(
    node: &Node,
    responses: &BTreeMap<EcoString, Response>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<EcoString, Mocks> {
    let mut cases = BTreeMap::new();
    let entries = mistakes.entries("a state machine", node);
    for (key, node) in unique(entries) {
        match key.name.as_str() {
            "TestCases" => {
                let read = |_: &Key, node: &Node, mistakes: &mut Mistakes<'_>| {
                    case(node, responses, mistakes)
                };
                cases = table("TestCases", node, read, mistakes);
            }
            _ => mistakes.unknown(key, &["TestCases"]),
        }
    }
    cases
}

fn case(
    node: &Node,
    responses: &BTreeMap<EcoString, Response>,
    mistakes: &mut Mistakes<'_>,
) -> Mocks {
    let entries = mistakes.entries("a test case", node);
    let mut mocked = Vec::new();
    for (key, node) in unique(entries) {
        let Some(name) = node.as_str() else {
            let kind = node.type_name();
            let message = format!("expected the name of a mocked response, not a {kind}");
            mistakes.add(node.span, message);
            continue;
        };
        let Some(response) = responses.get(name) else {
            mistakes.add(node.span, no_response(name, responses));
            continue;
        };
        mocked.push(Mocked {
            state: key.name.clone(),
            place: Place::of(key.span, mistakes),
            response: response.clone(),
        });
    }
    Mocks::new(mocked)
}

fn no_response(name: &str, responses: &BTreeMap<EcoString, Response>) -> String {
    let hint = match data::nearest(name, responses.keys().map(EcoString::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if responses.is_empty() => "`MockedResponses` has none".to_owned(),
        None => {
            let known: Vec<&str> = responses.keys().map(EcoString::as_str).collect();
            format!("known responses: {}", known.join(", "))
        }
    };
    format!("there is no mocked response `{name}`; {hint}")
}
