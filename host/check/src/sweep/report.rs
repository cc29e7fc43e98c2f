//! What a sweep found, as data.

use std::sync::Arc;

use asl::{Program, StateId, StateKind};
use data::EcoString;
use engine::{About, Via};

use super::class::{ClassId, Classes, UNTRIED};
use super::findings::{self, Finding};
use super::node::{Ending, Leaf, Sites};
use super::{Options, Unanswered};
use crate::coverage::{Coverage, Point};

/// The search from one input.
#[derive(Debug)]
pub(crate) struct Search {
    pub sites: Sites,
    pub leaves: Vec<Leaf>,
    pub coverage: Coverage,
    pub merged: u64,
    pub unanswered: Vec<Unanswered>,
    pub full: bool,
}

/// What a sweep found.
#[derive(Debug)]
pub struct Report {
    /// The state machine's name.
    pub machine: EcoString,
    /// How far the sweep went.
    pub options: Options,
    /// Inputs that it started from.
    pub inputs: usize,
    /// Paths that were run to their end; the faultless one is among them.
    pub forks: u64,
    /// Paths that met one which was explored already, and go on as it did.
    pub merged: u64,
    /// What ever happened on any path.
    pub coverage: Coverage,
    /// What is wrong with the machine.
    pub findings: Vec<Finding>,
    /// What was left out, a sentence each.
    pub left_out: Vec<String>,
    pub(crate) program: Arc<Program>,
    pub(crate) classes: Classes,
    pub(crate) searches: Vec<Search>,
    /// For each state the ways out of it that lead to another of its block.
    pub(crate) ways: Vec<Vec<(Via, StateId)>>,
    /// For each state whether any fault was tried there.
    pub(crate) tried: Vec<bool>,
}

/// A path and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'r> {
    /// The input that it starts from, from 0.
    pub input: usize,
    /// What went wrong, in order; nothing on the faultless path.
    pub faults: Vec<Fault<'r>>,
    /// How it ends.
    pub ending: Ending,
    /// AWS's word for it.
    pub status: &'static str,
    /// The state in which it ends.
    pub state: &'r str,
    /// The error with which it ends.
    pub error: Option<&'r str>,
    /// The class of the fault that ends it; none if no fault did, or not by itself.
    pub by: Option<&'r str>,
    /// Milliseconds of virtual time from start to end.
    pub millis: i64,
    /// The invariants that it breaks, as indices of [`Options::invariants`].
    pub broken: &'r [u32],
    pub(crate) at: StateId,
}

/// A fault on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'r> {
    /// The Task's state.
    pub state: &'r str,
    /// The same with the branches and Map items around it, such as `Orders[3]/Charge`.
    pub site: &'r str,
    /// Which visit of the state, from 0.
    pub visit: u32,
    /// The class: an error's name, or [`LOST_CALLBACK`](super::LOST_CALLBACK).
    pub fault: &'r str,
    /// Milliseconds from the start of the execution to the first attempt that fails so.
    pub since: i64,
    /// Attempts in a row that failed.
    pub attempts: u32,
}

impl Report {
    pub(crate) fn new(
        program: &Arc<Program>,
        about: &About,
        options: &Options,
        classes: Classes,
        searches: Vec<Search>,
    ) -> Report {
        let mut coverage = Coverage::of(Arc::clone(program));
        for search in &searches {
            coverage.add(&search.coverage);
        }
        let merged = searches.iter().map(|search| search.merged).sum();
        let paths: usize = searches.iter().map(|search| search.leaves.len()).sum();
        let mut report = Report {
            machine: about.state_machine_name.clone(),
            options: options.clone(),
            inputs: searches.len(),
            forks: (paths as u64).saturating_sub(merged),
            merged,
            ways: ways(&coverage),
            tried: tried(program, &searches),
            coverage,
            findings: Vec::new(),
            left_out: Vec::new(),
            program: Arc::clone(program),
            classes,
            searches,
        };
        report.left_out = report.what_was_left_out();
        report.findings = findings::of(&report);
        report
    }

    /// Every path, by input, number of faults and place in the machine.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let searches = self.searches.iter().enumerate();
        searches.flat_map(move |(input, search)| {
            let leaves = search.leaves.iter();
            leaves.map(move |leaf| self.row(input, search, leaf))
        })
    }

    fn row<'r>(&'r self, input: usize, search: &'r Search, leaf: &'r Leaf) -> Row<'r> {
        let faults = leaf.faults.iter().map(|fault| {
            let site = search.sites.get(fault.site);
            Fault {
                state: self.name(site.state),
                site: &site.path,
                visit: site.visit,
                fault: self.class(fault.class),
                since: fault.since,
                attempts: fault.attempts,
            }
        });
        Row {
            input,
            faults: faults.collect(),
            ending: leaf.end.ending,
            status: leaf.end.status,
            state: self.name(leaf.end.state),
            error: leaf.end.error.as_deref(),
            by: leaf.end.by.map(|class| self.class(class)),
            millis: leaf.end.millis,
            broken: &leaf.end.broken,
            at: leaf.end.state,
        }
    }

    fn class(&self, id: ClassId) -> &str {
        &self.classes.get(id).name
    }

    /// The path that takes longest, rather one that gives up; paths that were not run to their end have no time.
    pub fn longest(&self) -> Option<Row<'_>> {
        let weight = |row: &Row| (row.millis, row.ending != Ending::Succeeded);
        let ended = self.rows().filter(|row| !row.ending.is_cut());
        ended.reduce(|longest, row| {
            if weight(&row) > weight(&longest) {
                row
            } else {
                longest
            }
        })
    }

    /// The paths without any fault, one an input.
    pub(crate) fn faultless(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows().filter(|row| row.faults.is_empty())
    }

    pub(crate) fn name(&self, state: StateId) -> &str {
        &self.program.state(state).name
    }

    /// Tasks that are only reached when everything that may go wrong went wrong already.
    fn behind_faults(&self) -> Option<String> {
        let states = self.program.states();
        let behind = states.filter(|(id, state)| {
            let is_task = matches!(state.kind, StateKind::Task(_));
            let reached = self.coverage.hits(Point::State(*id)) > 0;
            is_task && reached && !self.tried[id.0 as usize]
        });
        let names: Vec<&str> = behind.map(|(_, state)| state.name.as_str()).collect();
        if self.options.depth == 0 {
            return Some("no fault was tried at all (--depth 0)".to_owned());
        }
        let deeper = self.options.depth + 1;
        (!names.is_empty()).then(|| {
            format!(
                "no fault was tried at {}, reached only behind other faults: --depth {deeper} tries them",
                names.join(", ")
            )
        })
    }

    /// Entries for errors that no Task raises: whether they fire is not known.
    fn untried(&self) -> impl Iterator<Item = String> {
        let states = self.program.states().filter(|(_, state)| {
            let retried = state.retry.iter().flat_map(|entry| &entry.error_equals);
            let caught = state.catch.iter().flat_map(|entry| &entry.error_equals);
            let mut names = retried.chain(caught);
            names.any(|name| UNTRIED.contains(&name.as_str()))
        });
        states.map(|(_, state)| {
            let name = &state.name;
            format!("{} of {name} were not tried", UNTRIED.join(" and "))
        })
    }

    fn what_was_left_out(&self) -> Vec<String> {
        let mut left_out = Vec::new();
        let most = self.options.max_forks;
        for (input, search) in self.searches.iter().enumerate() {
            if search.full {
                let known = search.leaves.iter().filter(|leaf| leaf.faults.len() <= 1);
                let complete = match search.leaves.len() > known.count() {
                    true => "all single faults are among them",
                    false => "not even all single faults are among them",
                };
                left_out.push(format!(
                    "input {input} has more than {most} paths (--max-forks): the rest was not run; {complete}"
                ));
            }
            for Unanswered { state, why, hint } in &search.unanswered {
                let name = self.name(*state);
                left_out.push(format!(
                    "no path goes on behind a success of {name}, since {why}: {hint}"
                ));
            }
        }
        left_out.extend(self.behind_faults());
        left_out.extend(self.untried());
        left_out.dedup();
        let cut = |ending| self.rows().filter(|row| row.ending == ending).count();
        let (retries, loops, most) = (
            cut(Ending::UnboundedRetry),
            cut(Ending::Loop),
            self.options.max_attempts,
        );
        if retries > 0 {
            left_out.push(format!(
                "{retries} paths with more than {most} retries of one fault were not run further (--max-attempts)"
            ));
        }
        if loops > 0 {
            left_out.push(format!(
                "{loops} paths that visit a Task more than {most} times were not run further (--max-attempts)"
            ));
        }
        left_out
    }
}

fn tried(program: &Program, searches: &[Search]) -> Vec<bool> {
    let mut tried = vec![false; program.states.len()];
    for search in searches {
        for fault in search.leaves.iter().flat_map(|leaf| &leaf.faults[..]) {
            tried[search.sites.get(fault.site).state.0 as usize] = true;
        }
    }
    tried
}

fn ways(coverage: &Coverage) -> Vec<Vec<(Via, StateId)>> {
    let mut ways = vec![Vec::new(); coverage.program().states.len()];
    for (point, _) in coverage.points() {
        if let Point::Way(from, via) = point {
            let to = coverage.target(from, via);
            ways[from.0 as usize].extend(to.map(|to| (via, to)));
        }
    }
    ways
}

impl Ending {
    /// Whether the path was not run to its end.
    pub fn is_cut(self) -> bool {
        match self {
            Ending::UnboundedRetry | Ending::Loop => true,
            Ending::Succeeded
            | Ending::FailState
            | Ending::Uncaught
            | Ending::MachineError
            | Ending::TimedOut => false,
        }
    }

    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Ending::Succeeded => "succeeded",
            Ending::FailState => "fail-state",
            Ending::Uncaught => "uncaught",
            Ending::MachineError => "machine-error",
            Ending::TimedOut => "timed-out",
            Ending::UnboundedRetry => "unbounded-retry",
            Ending::Loop => "loop",
        }
    }

    /// The words for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Ending::Succeeded => "succeeds",
            Ending::FailState => "fails as designed",
            Ending::Uncaught => "fails uncaught",
            Ending::MachineError => "fails by the machine's own error",
            Ending::TimedOut => "runs out of time",
            Ending::UnboundedRetry => "retries without bound",
            Ending::Loop => "loops without bound",
        }
    }
}
