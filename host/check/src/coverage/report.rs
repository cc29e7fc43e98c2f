//! Coverage of one machine, state by state, with the lines of its definition: what every form of report shows.

use std::sync::Arc;

use asl::{BlockId, Program, StateId, StateKind, StateType};
use data::{EcoString, Source, Span};
use engine::Via;

use super::summary::Summary;
use super::{Coverage, MOST_ATTEMPTS, Point};

/// What happened in a machine and what never did.
#[derive(Clone, Debug)]
pub struct Report {
    /// The machine's name.
    pub machine: EcoString,
    /// The definition's file, as its source names it.
    pub file: Arc<str>,
    /// Its states; those of a Parallel or Map follow it.
    pub states: Vec<StateReport>,
    /// The totals.
    pub summary: Summary,
}

/// What happened in a state.
#[derive(Clone, Debug)]
pub struct StateReport {
    /// Its name.
    pub name: EcoString,
    /// Its type.
    pub kind: StateType,
    /// In how many Parallel and Map states it lies.
    pub depth: usize,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// How often it was entered.
    pub hits: u64,
    /// The ways out of it.
    pub ways: Vec<WayReport>,
    /// Its retriers.
    pub retriers: Vec<RetrierReport>,
}

/// A way out of a state.
#[derive(Clone, Debug)]
pub struct WayReport {
    /// Which way.
    pub via: Via,
    /// The state that it leads to; none out of the block.
    pub next: Option<EcoString>,
    /// `ErrorEquals` of a catcher.
    pub errors: Vec<EcoString>,
    /// The line of a rule or catcher.
    pub line: Option<usize>,
    /// How often it was taken.
    pub hits: u64,
}

/// A retrier.
#[derive(Clone, Debug)]
pub struct RetrierReport {
    /// `ErrorEquals`.
    pub errors: Vec<EcoString>,
    /// The line on which it begins.
    pub line: usize,
    /// How often each attempt happened.
    pub attempts: Vec<u64>,
    /// Whether the last of them stands for all that come after it, too.
    pub open: bool,
}

impl Report {
    /// The report of a machine whose definition is `source`.
    pub fn of(coverage: &Coverage, machine: &str, source: &Source) -> Report {
        let mut reporter = Reporter {
            coverage,
            program: coverage.program(),
            source,
            states: Vec::new(),
        };
        reporter.block(Program::ROOT, 0);
        Report {
            machine: machine.into(),
            file: Arc::clone(&source.name),
            states: reporter.states,
            summary: Summary::of(coverage),
        }
    }
}

impl StateReport {
    /// Whether everything of it happened.
    pub fn is_covered(&self) -> bool {
        let attempts = self.retriers.iter().flat_map(|retrier| &retrier.attempts);
        let ways = self.ways.iter().map(|way| way.hits);
        self.hits > 0 && ways.chain(attempts.copied()).all(|hits| hits > 0)
    }
}

struct Reporter<'a> {
    coverage: &'a Coverage,
    program: &'a Program,
    source: &'a Source,
    states: Vec<StateReport>,
}

impl Reporter<'_> {
    fn block(&mut self, block: BlockId, depth: usize) {
        for id in &self.program.block(block).states {
            let state = self.state(*id, depth);
            self.states.push(state);
            match &self.program.state(*id).kind {
                StateKind::Parallel(parallel) => {
                    for branch in &parallel.branches {
                        self.block(*branch, depth + 1);
                    }
                }
                StateKind::Map(map) => self.block(map.processor, depth + 1),
                StateKind::Task(_)
                | StateKind::Choice(_)
                | StateKind::Wait(_)
                | StateKind::Pass(_)
                | StateKind::Succeed
                | StateKind::Fail(_) => {}
            }
        }
    }

    fn state(&self, id: StateId, depth: usize) -> StateReport {
        let state = self.program.state(id);
        let ways = self
            .coverage
            .of_state(id)
            .filter_map(|(point, hits)| match point {
                Point::Way(_, via) => Some(self.way(id, via, hits)),
                Point::State(_) | Point::Retry { .. } => None,
            });
        let retriers = (0..).zip(&state.retry).map(|(index, retrier)| {
            let attempts = self.coverage.of_state(id);
            let attempts = attempts.filter_map(|(point, hits)| match point {
                Point::Retry { retrier, .. } if retrier == index => Some(hits),
                _ => None,
            });
            RetrierReport {
                errors: retrier.error_equals.clone(),
                line: self.line(retrier.span),
                attempts: attempts.collect(),
                open: retrier.max_attempts > MOST_ATTEMPTS,
            }
        });
        StateReport {
            name: state.name.clone(),
            kind: state.kind.state_type(),
            depth,
            line: self.line(state.span),
            hits: self.coverage.hits(Point::State(id)),
            ways: ways.collect(),
            retriers: retriers.collect(),
        }
    }

    fn way(&self, id: StateId, via: Via, hits: u64) -> WayReport {
        let state = self.program.state(id);
        let catcher = match via {
            Via::Catcher(n) => state.catch.get(n as usize),
            Via::Next | Via::Rule(_) | Via::Default => None,
        };
        let rule = match (via, &state.kind) {
            (Via::Rule(n), StateKind::Choice(choice)) => choice.rules.get(n as usize),
            _ => None,
        };
        let span = catcher.map(|c| c.span).or(rule.map(|rule| rule.span));
        let next = self.coverage.target(id, via);
        WayReport {
            via,
            next: next.map(|next| self.program.state(next).name.clone()),
            errors: catcher.map_or_else(Vec::new, |c| c.error_equals.clone()),
            line: span.map(|span| self.line(span)),
            hits,
        }
    }

    fn line(&self, span: Span) -> usize {
        self.source.position(span).line
    }
}
