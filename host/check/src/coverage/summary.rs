//! How much of a machine happened, in numbers.

use std::fmt;

use asl::{StateKind, StateType};
use engine::Via;

use super::{Coverage, Point};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// States that were entered.
    States,
    /// Every way out of a state: `Next` or `End`, rules, `Default`, catchers.
    Transitions,
    /// The rules and the `Default` of Choice states.
    Choices,
    /// The attempts of retriers.
    Retry,
    /// Catchers.
    Catch,
}

impl Kind {
    /// All of them, in the order of reports.
    pub const ALL: [Kind; 5] = [
        Kind::States,
        Kind::Transitions,
        Kind::Choices,
        Kind::Retry,
        Kind::Catch,
    ];

    /// The word used in reports and thresholds.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::States => "states",
            Kind::Transitions => "transitions",
            Kind::Choices => "choices",
            Kind::Retry => "retry",
            Kind::Catch => "catch",
        }
    }

    /// The kind that a word of reports and thresholds means.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    fn holds(self, point: Point, state: StateType) -> bool {
        match (self, point) {
            (Kind::States, Point::State(_)) | (Kind::Transitions, Point::Way(..)) => true,
            (Kind::Choices, Point::Way(_, via)) => {
                state == StateType::Choice && matches!(via, Via::Rule(_) | Via::Default)
            }
            (Kind::Catch, Point::Way(_, via)) => matches!(via, Via::Catcher(_)),
            (Kind::Retry, Point::Retry { .. }) => true,
            (Kind::States | Kind::Transitions | Kind::Choices | Kind::Retry | Kind::Catch, _) => {
                false
            }
        }
    }
}

/// Some of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many happened at least once.
    pub hit: u64,
    /// How many there are.
    pub total: u64,
}

impl Total {
    /// From 0 to 1; where there is nothing to happen nothing is missing.
    pub fn ratio(self) -> f64 {
        if self.total == 0 {
            1.0
        } else {
            self.hit as f64 / self.total as f64
        }
    }

    /// Whole percents, rounded down: 100 means all of it.
    pub fn percent(self) -> u64 {
        (self.hit * 100).checked_div(self.total).unwrap_or(100)
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.hit, self.total)
    }
}

/// The totals of every kind, of one machine or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    totals: [Total; Kind::ALL.len()],
}

impl Summary {
    /// The totals of one machine.
    pub fn of(coverage: &Coverage) -> Summary {
        let mut summary = Summary::default();
        for (point, hits) in coverage.points() {
            let state = coverage.program().state(point.state());
            let kind = StateKind::state_type(&state.kind);
            for (counted, total) in Kind::ALL.into_iter().zip(&mut summary.totals) {
                if counted.holds(point, kind) {
                    total.total += 1;
                    total.hit += u64::from(hits > 0);
                }
            }
        }
        summary
    }

    /// Adds the totals of another machine.
    pub fn add(&mut self, other: &Summary) {
        for (mine, theirs) in self.totals.iter_mut().zip(other.totals) {
            mine.hit += theirs.hit;
            mine.total += theirs.total;
        }
    }

    /// The total of a kind.
    pub fn total(&self, kind: Kind) -> Total {
        self.totals[kind as usize]
    }

    /// How much of a kind happened, from 0 to 1.
    pub fn ratio(&self, kind: Kind) -> f64 {
        self.total(kind).ratio()
    }

    /// Every kind with its total.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, Total)> {
        Kind::ALL.into_iter().zip(self.totals)
    }
}
