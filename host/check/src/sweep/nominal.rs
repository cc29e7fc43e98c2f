//! What workers say when nothing goes wrong.

use std::collections::BTreeMap;

use data::{Data, EcoString};
use engine::{Failure, TaskRequest, Timestamp};

use crate::mock::Mocks;

/// A Task that asks for its answer.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The attempt.
    pub task: &'a TaskRequest,
    /// Which call of the state on this path it is, from 0: retries, visits and Map iterations count alike.
    /// Attempts that are made to fail do not count, since no worker hears of them.
    pub nth: u32,
    /// The moment of the call.
    pub at: Timestamp,
}

/// The workers of a sweep on a good day.
pub trait Nominal {
    /// What the worker answers. The same call must get the same answer: paths that meet are explored once.
    fn answer(&mut self, call: &Call<'_>) -> Result<Result<Data, Failure>, NoAnswer>;
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nobody inside the host would give one; the sweep goes on without it and says so.
    Nobody {
        /// Why, as a sentence without its full stop.
        why: String,
        /// What may be done about it.
        hint: String,
    },
    /// The guest that would answer cannot be loaded; the sweep ends.
    Guest(String),
    /// The host failed; the sweep ends.
    Host(String),
}

/// Workers of whom some are mocked: the mocks answer where they can, the others do their work.
pub struct MockedWorkers<N> {
    /// The mocks, as they are before the first attempt.
    pub mocks: Mocks,
    /// Who does what is not mocked.
    pub others: N,
}

impl<N: Nominal> Nominal for MockedWorkers<N> {
    fn answer(&mut self, call: &Call<'_>) -> Result<Result<Data, Failure>, NoAnswer> {
        match self.mocks.nth(&call.task.state_name, call.nth) {
            Some(mocked) => Ok(mocked),
            None => self.others.answer(call),
        }
    }
}

/// The same answer for each call of a state, for tests and measurements.
#[derive(Clone, Debug, Default)]
pub struct FixedAnswers {
    by_state: BTreeMap<EcoString, Data>,
    otherwise: Option<Data>,
}

impl FixedAnswers {
    /// Answers by the name of the state.
    pub fn new(answers: impl IntoIterator<Item = (EcoString, Data)>) -> FixedAnswers {
        FixedAnswers {
            by_state: answers.into_iter().collect(),
            otherwise: None,
        }
    }

    /// The answer of every state that has none of its own.
    #[must_use]
    pub fn otherwise(mut self, answer: Data) -> FixedAnswers {
        self.otherwise = Some(answer);
        self
    }
}

impl Nominal for FixedAnswers {
    fn answer(&mut self, call: &Call<'_>) -> Result<Result<Data, Failure>, NoAnswer> {
        let name = &call.task.state_name;
        let known = self.by_state.get(name).or(self.otherwise.as_ref());
        known.cloned().map(Ok).ok_or_else(|| NoAnswer::Nobody {
            why: format!("no answer is known for {name}"),
            hint: format!("give an answer for {name}"),
        })
    }
}
