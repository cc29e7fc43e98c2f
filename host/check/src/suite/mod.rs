//! Suites: what a workflow is expected to do, case by case, as data.
//!
//! ```json
//! { "version": 1, "machine": "order-workflow.json",
//!   "cases": {
//!     "declined twice, then paid": {
//!       "input":  { "orderId": "ORDER-001" },
//!       "mock":   { "ProcessPayment": { "0-1": { "Throw": { "Error": "PaymentDeclined" } },
//!                                       "2":   { "Return": { "transactionId": "T1" } } } },
//!       "expect": { "status": "SUCCEEDED", "attempts": { "ProcessPayment": 3 }, "duration": "6s" } } } }
//! ```
//!
//! Every case is an execution of its own under the virtual clock, so cases run side by side and a year of waiting
//! takes no time. A fault that never took effect and a mock that was never used fail their case: a typo must not
//! look like a pass.

mod case;
mod events;
mod expect;
mod judge;
mod junit;
mod matcher;
mod observed;
mod report;
mod run;

use asl::Program;
use data::{EcoString, Format, Mistake, Mistakes, Node, Source, read, units};

use runtime::most_guests;

use crate::coverage::Thresholds;
use crate::faults::World;
use crate::invariant::Invariant;

pub use case::Case;
pub use judge::Difference;
pub use junit::junit;
pub use report::{CaseReport, SuiteReport};
pub use run::{Stage, run};

/// Finds what a suite names, by paths relative to the suite.
pub trait Files {
    /// The text of a file with its format. The error says why there is none.
    fn read(&self, path: &str) -> Result<(Source, Format), String>;
}

/// A suite, read; not yet held against its machine.
#[derive(Debug)]
pub struct Suite {
    /// The suite's text, under the name by which it is reported.
    pub source: Source,
    /// The definition's path.
    pub machine: EcoString,
    /// The machine's name; none: that of the file.
    pub name: Option<EcoString>,
    /// The functions file's path; none: the one beside the definition.
    pub config: Option<EcoString>,
    /// Whether the machine's type is EXPRESS.
    pub express: bool,
    /// What must hold of every case.
    pub invariants: Vec<Invariant>,
    /// Where each of them is written.
    invariant_places: Vec<data::Span>,
    /// How much coverage all cases together must reach.
    pub thresholds: Thresholds,
    /// The cases in the order of the text.
    pub cases: Vec<Case>,
}

const KEYS: [&str; 10] = [
    "version",
    "machine",
    "name",
    "config",
    "type",
    "defaults",
    "invariants",
    "coverage",
    "cases",
    "$schema",
];

impl Suite {
    /// Reads a suite and the files that its cases name; all that is wrong is told at once.
    pub fn read(source: &Source, format: Format, files: &dyn Files) -> Result<Suite, Vec<Mistake>> {
        let mut mistakes = Mistakes::new(source);
        match read(source, format) {
            Err(error) => mistakes.add(error.span, error.message),
            Ok(root) => {
                let suite = Suite::of(&root, files, &mut mistakes);
                if mistakes.found.is_empty() {
                    return Ok(suite);
                }
            }
        }
        Err(mistakes.in_order())
    }

    fn of(root: &Node, files: &dyn Files, mistakes: &mut Mistakes<'_>) -> Suite {
        let mut suite = Suite {
            source: mistakes.source().clone(),
            machine: EcoString::new(),
            name: None,
            config: None,
            express: false,
            invariants: Vec::new(),
            invariant_places: Vec::new(),
            thresholds: Thresholds::default(),
            cases: Vec::new(),
        };
        let entries = mistakes.entries("a suite", root);
        let defaults = root.get("defaults");
        if let Some(defaults) = defaults {
            case::check_defaults(defaults, mistakes);
        }
        for (key, node) in entries {
            let text = |mistakes: &mut Mistakes<'_>| mistakes.string(node).map(EcoString::from);
            match key.name.as_str() {
                "version" if units::count(node, 1, 1).is_err() => {
                    mistakes.add(node.span, "this wf-host reads version 1 only");
                }
                "machine" => suite.machine = text(mistakes).unwrap_or_default(),
                "name" => suite.name = text(mistakes),
                "config" => suite.config = text(mistakes),
                "type" => match node.as_str() {
                    Some("STANDARD") => {}
                    Some("EXPRESS") => suite.express = true,
                    _ => mistakes.add(node.span, "type is \"STANDARD\" or \"EXPRESS\""),
                },
                "invariants" => {
                    let read = invariants(node, mistakes);
                    (suite.invariants, suite.invariant_places) = read.into_iter().unzip();
                }
                "coverage" => suite.thresholds = Thresholds::read(node, mistakes),
                "cases" => suite.cases = cases(node, defaults, files, mistakes),
                "version" | "defaults" | "$schema" => {}
                _ => mistakes.unknown(key, &KEYS),
            }
        }
        for needed in ["version", "machine", "cases"] {
            if root.entries().is_some() && root.get(needed).is_none() {
                mistakes.add(root.span, format!("`{needed}` is missing"));
            }
        }
        suite
    }

    /// How many guests a case can have live at once, the one with the most.
    pub fn guests(&self, programs: &[&Program]) -> u32 {
        let guests = self.cases.iter().map(|case| {
            let concurrency = case.quotas.map_concurrency;
            most_guests(
                programs.iter().copied(),
                concurrency,
                case.faults.delivers_twice(),
            )
        });
        guests.max().unwrap_or(0)
    }

    /// Everything that the suite says of states, functions and machines that are not there.
    pub fn check(&self, world: &World<'_>) -> Vec<Mistake> {
        let mut mistakes = Mistakes::new(&self.source);
        let Some((_, program)) = world.machines.first() else {
            return Vec::new();
        };
        self.check_invariants(program, &mut mistakes);
        for case in &self.cases {
            mistakes.found.extend(case.check(&self.source, world));
        }
        mistakes.in_order()
    }

    fn check_invariants(&self, program: &Program, mistakes: &mut Mistakes<'_>) {
        for (invariant, place) in self.invariants.iter().zip(&self.invariant_places) {
            if let Err(error) = invariant.rule(program) {
                mistakes.add(*place, error.to_string());
            }
        }
    }
}

fn cases(
    node: &Node,
    defaults: Option<&Node>,
    files: &dyn Files,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Case> {
    let entries = mistakes.entries("cases", node);
    if node.entries().is_some_and(<[_]>::is_empty) {
        mistakes.add(node.span, "a suite without cases proves nothing");
    }
    let mut cases: Vec<Case> = Vec::new();
    for (key, node) in entries {
        cases.push(Case::read(key, node, defaults, files, mistakes));
    }
    cases
}

fn invariants(node: &Node, mistakes: &mut Mistakes<'_>) -> Vec<(Invariant, data::Span)> {
    let Some(items) = node.items() else {
        mistakes.add(node.span, "expected a list of invariants");
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| Some((invariant(item, mistakes)?, item.span)))
        .collect()
}

const INVARIANT: [&str; 3] = ["whenSucceeded", "mustRun", "andExecutionFails"];

fn invariant(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Invariant> {
    let (mut when, mut must, mut fails) = (None, None, false);
    for (key, node) in mistakes.entries("an invariant", node) {
        match key.name.as_str() {
            "whenSucceeded" => when = mistakes.string(node),
            "mustRun" => must = mistakes.string(node),
            "andExecutionFails" => match node.value {
                data::Value::Bool(value) => fails = value,
                _ => mistakes.add(node.span, "expected true or false"),
            },
            _ => mistakes.unknown(key, &INVARIANT),
        }
    }
    if when.is_none() || must.is_none() {
        mistakes.add(
            node.span,
            "an invariant needs `whenSucceeded` and `mustRun`",
        );
    }
    Some(Invariant {
        when_succeeded: when?.into(),
        must_run: must?.into(),
        and_execution_fails: fails,
    })
}
