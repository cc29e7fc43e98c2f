//! Coverage: which states, ways and retries of a machine ever happened, and which never did.
//!
//! A projection of records, like AWS's history. [`Coverage::of`] lists every [`Point`] that the definition has;
//! [`Coverage::see`] counts those that a record tells of. A [`Report`] shows them for people, for programs and as
//! LCOV; a [`Summary`] has the totals, which [`Thresholds`] judge.

mod json;
mod lcov;
mod report;
mod summary;
mod text;
mod thresholds;

use std::ops::Range;
use std::sync::Arc;

use asl::{Program, StateId, StateKind, Transition};
use engine::{Change, Record, Via};

pub use lcov::lcov;
pub use report::{Report, RetrierReport, StateReport, WayReport};
pub use summary::{Kind, Summary, Total};
pub use text::text;
pub use thresholds::{Shortfall, Thresholds};

/// Attempts of a retrier beyond this one are not told apart: a definition may allow a hundred million.
pub const MOST_ATTEMPTS: u64 = 10;

/// Something of a definition that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// The state is entered.
    State(StateId),
    /// The state is left this way: by `Next` or `End`, by a rule or the default of a Choice, by a catcher.
    Way(StateId, Via),
    /// A retrier of the state retries.
    Retry {
        /// The state.
        state: StateId,
        /// The retrier's index.
        retrier: u32,
        /// Which retry since the state was entered, from 0; the last one stands for all beyond
        /// [`MOST_ATTEMPTS`].
        attempt: u32,
    },
}

impl Point {
    /// The state that it is a point of.
    pub fn state(self) -> StateId {
        match self {
            Point::State(state) | Point::Way(state, _) | Point::Retry { state, .. } => state,
        }
    }
}

/// How often each point of a program happened.
#[derive(Clone, Debug)]
pub struct Coverage {
    program: Arc<Program>,
    points: Vec<Point>,
    hits: Vec<u64>,
    /// For each state the index of its first point.
    first: Vec<usize>,
}

impl Coverage {
    /// Nothing of `program` happened yet.
    pub fn of(program: Arc<Program>) -> Coverage {
        let (mut points, mut first) = (Vec::new(), Vec::new());
        for (id, state) in program.states() {
            first.push(points.len());
            points.push(Point::State(id));
            match &state.kind {
                StateKind::Choice(choice) => {
                    points.extend(
                        (0..)
                            .take(choice.rules.len())
                            .map(|n| Point::Way(id, Via::Rule(n))),
                    );
                    points.extend(choice.default.map(|_| Point::Way(id, Via::Default)));
                }
                StateKind::Fail(_) => {}
                StateKind::Task(_)
                | StateKind::Parallel(_)
                | StateKind::Map(_)
                | StateKind::Wait(_)
                | StateKind::Pass(_)
                | StateKind::Succeed => points.push(Point::Way(id, Via::Next)),
            }
            let catchers = (0..).take(state.catch.len());
            points.extend(catchers.map(|n| Point::Way(id, Via::Catcher(n))));
            for (retrier, known) in (0..).zip(&state.retry) {
                let attempts = known.max_attempts.min(MOST_ATTEMPTS) as u32;
                points.extend((0..attempts).map(|attempt| Point::Retry {
                    state: id,
                    retrier,
                    attempt,
                }));
            }
        }
        Coverage {
            hits: vec![0; points.len()],
            program,
            points,
            first,
        }
    }

    /// The program whose points these are.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Counts what a record of an execution of the program tells of.
    pub fn see(&mut self, record: &Record) {
        let point = match &record.change {
            Change::StateEntered { state, .. } => Point::State(state.id),
            Change::StateExited { state, via, .. } => Point::Way(state.id, *via),
            Change::RetryScheduled {
                state,
                retrier,
                attempt,
                ..
            } => Point::Retry {
                state: *state,
                retrier: *retrier,
                attempt: (*attempt).min(MOST_ATTEMPTS as u32 - 1),
            },
            _ => return,
        };
        if let Some(at) = self.place(point) {
            self.hits[at] += 1;
        }
    }

    /// Adds what was counted elsewhere for the same program.
    pub fn add(&mut self, other: &Coverage) {
        for (mine, theirs) in self.hits.iter_mut().zip(&other.hits) {
            *mine += theirs;
        }
    }

    /// Every point with how often it happened, state by state in the order of the definition.
    pub fn points(&self) -> impl Iterator<Item = (Point, u64)> {
        self.points.iter().copied().zip(self.hits.iter().copied())
    }

    /// How often a point happened.
    pub fn hits(&self, point: Point) -> u64 {
        self.place(point).map_or(0, |at| self.hits[at])
    }

    /// Where a way leads; none out of its block.
    pub fn target(&self, state: StateId, via: Via) -> Option<StateId> {
        let known = self.program.state(state);
        match (via, &known.kind) {
            (Via::Rule(n), StateKind::Choice(choice)) => {
                choice.rules.get(n as usize).map(|r| r.next)
            }
            (Via::Default, StateKind::Choice(choice)) => choice.default,
            (Via::Catcher(n), _) => known.catch.get(n as usize).map(|c| c.next),
            _ => match known.next {
                Transition::Next(next) => Some(next),
                Transition::End => None,
            },
        }
    }

    /// The points of one state with how often they happened.
    pub fn of_state(&self, state: StateId) -> impl Iterator<Item = (Point, u64)> {
        let range = self.range(state).unwrap_or_default();
        let points = self.points[range.clone()].iter().copied();
        points.zip(self.hits[range].iter().copied())
    }

    fn place(&self, point: Point) -> Option<usize> {
        let range = self.range(point.state())?;
        let own = &self.points[range.clone()];
        let at = own.iter().position(|known| *known == point);
        at.map(|at| range.start + at)
    }

    fn range(&self, state: StateId) -> Option<Range<usize>> {
        let state = state.0 as usize;
        let from = *self.first.get(state)?;
        let to = self.first.get(state + 1).copied();
        Some(from..to.unwrap_or(self.points.len()))
    }
}
