//! The mocks of one execution.

use std::fmt;
use std::sync::Arc;

use asl::{Program, StateKind};
use data::{Data, EcoString, Key, Mistakes, Node};
use engine::{Failure, errors};

use super::response::{Range, Response};
use crate::place::Place;

/// What the mocked states of one execution answer, and how far each of them is.
///
/// A clone shares the answers and has counters of its own.
#[derive(Clone, Debug)]
pub struct Mocks {
    /// In the order of the text.
    states: Arc<[Mocked]>,
    /// For each of them how many attempts were answered.
    used: Vec<u32>,
}

/// A state with its answers.
#[derive(Debug)]
pub(super) struct Mocked {
    pub state: EcoString,
    /// Where the state is named.
    pub place: Place,
    pub response: Response,
}

/// A mock that cannot be meant: its state is not in the machine or does no work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misplaced {
    /// The name that was written.
    pub state: EcoString,
    /// What is wrong and what to do.
    pub message: String,
    /// Where it is named.
    pub place: Place,
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Mocked attempts of a state that never came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The state.
    pub state: EcoString,
    /// The first of the attempts, from 0.
    pub first: u32,
    /// The last of them.
    pub last: u32,
    /// Where they are mocked.
    pub place: Place,
}

impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.first, self.last);
        let attempts = Range { first, last };
        let (state, place) = (&self.state, &self.place);
        write!(
            f,
            "mock of state '{state}', {attempts}, was never used ({place})"
        )
    }
}

impl Default for Mocks {
    /// Nothing is mocked.
    fn default() -> Self {
        Mocks::new(Vec::new())
    }
}

impl Mocks {
    pub(super) fn new(states: Vec<Mocked>) -> Mocks {
        Mocks {
            used: vec![0; states.len()],
            states: states.into(),
        }
    }

    /// Reads mocks where their responses stand in place: `{"State": {"0": {"Return": ...}, "1-2": {"Throw":
    /// ...}}}`. All that is wrong is noted in `mistakes`; the rules for responses are those of the mock file.
    pub fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Mocks {
        let entries = mistakes.entries("mocks", node);
        let mut read = Vec::new();
        for (key, node) in unique(entries) {
            read.push(Mocked {
                state: key.name.clone(),
                place: Place::of(key.span, mistakes),
                response: Response::read(key, node, mistakes),
            });
        }
        Mocks::new(read)
    }

    /// Every mock that `program` has no Task state for: a slip in a name would let the real work happen.
    pub fn check(&self, program: &Program) -> Vec<Misplaced> {
        let wrong = self.states.iter().filter_map(|mocked| {
            Some(Misplaced {
                message: misfit(&mocked.state, program)?,
                state: mocked.state.clone(),
                place: mocked.place.clone(),
            })
        });
        wrong.collect()
    }

    /// What the next attempt of `state` answers; none if it runs for real.
    ///
    /// Past the mocked attempts it is a failure that nothing retries or catches.
    pub fn answer(&mut self, state: &str) -> Option<Result<Data, Failure>> {
        let at = self.at(state)?;
        let n = self.used[at];
        self.used[at] = n.saturating_add(1);
        Some(self.states[at].answer(n))
    }

    /// What attempt `n` of `state`, from 0, answers, for those who count themselves; none if it runs for real.
    pub fn nth(&self, state: &str, n: u32) -> Option<Result<Data, Failure>> {
        Some(self.states[self.at(state)?].answer(n))
    }

    /// Whether the tasks of `state` are answered here.
    pub fn is_mocked(&self, state: &str) -> bool {
        self.at(state).is_some()
    }

    /// The mocked states in the order of the text, each with where it is named.
    pub fn states(&self) -> impl Iterator<Item = (&EcoString, &Place)> {
        self.states
            .iter()
            .map(|mocked| (&mocked.state, &mocked.place))
    }

    /// The mocked attempts that [`Mocks::answer`] was never asked for. A range counts as used with its first
    /// attempt.
    pub fn unused(&self) -> Vec<Unused> {
        let counted = self.states.iter().zip(&self.used);
        let unused = counted.map(|(mocked, used)| mocked.unused(*used));
        unused.flatten().collect()
    }

    /// The same for those who count themselves: `used` says how many attempts of a state there were.
    pub fn unused_after(&self, used: impl Fn(&str) -> u32) -> Vec<Unused> {
        let states = self.states.iter();
        let unused = states.map(|mocked| mocked.unused(used(&mocked.state)));
        unused.flatten().collect()
    }

    fn at(&self, state: &str) -> Option<usize> {
        self.states.iter().position(|known| known.state == state)
    }
}

impl Mocked {
    fn answer(&self, n: u32) -> Result<Data, Failure> {
        if let Some(answer) = self.response.nth(n) {
            return answer.clone();
        }
        let mocked = match self.response.mocked() {
            Some(range) => range.to_string(),
            None => "no attempts".to_owned(),
        };
        let (state, place) = (&self.state, &self.place);
        let cause = format!(
            "Attempt {n} of state '{state}' is not mocked; mocked: {mocked}, counted from 0 over the whole \
             execution ({place})"
        );
        Err(Failure::new(errors::RUNTIME, cause))
    }

    fn unused(&self, used: u32) -> impl Iterator<Item = Unused> {
        let never = self.response.attempts.iter();
        let never = never.filter(move |attempts| attempts.range.first >= used);
        never.map(|attempts| Unused {
            state: self.state.clone(),
            first: attempts.range.first,
            last: attempts.range.last,
            place: attempts.place.clone(),
        })
    }
}

/// Why `state` cannot be mocked, if it cannot.
fn misfit(name: &str, program: &Program) -> Option<String> {
    let found = program.states.iter().find(|state| state.name == name);
    let tasks = program.states.iter();
    let tasks = tasks.filter(|state| matches!(state.kind, StateKind::Task(_)));
    let hint = || {
        let names: Vec<&str> = tasks.map(|state| state.name.as_str()).collect();
        match data::nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "it has no Task states".to_owned(),
            None => format!("its Task states: {}", names.join(", ")),
        }
    };
    match found {
        None => Some(format!("the machine has no state '{name}'; {}", hint())),
        Some(state) if !matches!(state.kind, StateKind::Task(_)) => {
            let kind = state.kind.state_type().as_str();
            let message =
                format!("state '{name}' is a {kind} state, and only Task states are mocked");
            Some(format!("{message}; {}", hint()))
        }
        Some(_) => None,
    }
}

/// The entries of a table, of two with one key the first: the other is a mistake that was told with the table.
pub(super) fn unique(entries: &[(Key, Node)]) -> Vec<&(Key, Node)> {
    let mut unique: Vec<&(Key, Node)> = Vec::new();
    for entry in entries {
        if unique.iter().all(|known| known.0.name != entry.0.name) {
            unique.push(entry);
        }
    }
    unique
}
