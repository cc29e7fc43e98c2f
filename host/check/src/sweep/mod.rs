//! The sweep: an execution runs through everything that can go wrong at its tasks.
//!
//! Wherever a Task asks for its answer the execution forks: into the answer of a good day and into each class of
//! fault that can happen there, attempt after attempt, until the retriers are spent. Time is virtual and workers
//! take none of it, so a path lasts as long as its waits, back-offs and timeouts. Two paths merge only where
//! their executions and all eyes on them agree. What comes of every path is a [`Report`].
//!
//! What this room must never know: a clock, a thread, a file. The workers of a good day come through [`Nominal`].
//!
//! ```
//! use std::sync::Arc;
//! use check::sweep::{FixedAnswers, Options, sweep};
//! use data::{Data, Format, Source};
//! use engine::About;
//!
//! let text = r#"{"StartAt": "Pay", "States": {"Pay": {"Type": "Task", "Resource": "pay", "End": true,
//!     "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}]}}}"#;
//! let source = Source::new("pay.asl.json", text);
//! let program = asl::compile(&source, Format::Json, &asl::Options::default()).program;
//! let (program, about) = (Arc::new(program.unwrap()), Arc::new(About::local("pay", "sweep")));
//! let mut workers = FixedAnswers::default().otherwise(Data::from("paid"));
//! let inputs = [Data::empty_object()];
//! let report = sweep(&program, &about, &inputs, &Options::default(), &mut workers, &mut |_| {}).unwrap();
//!
//! let trap = |row: &check::sweep::Row| row.faults.iter().any(|fault| fault.fault == "Runtime.Trap");
//! let traps: Vec<_> = report.rows().filter(trap).map(|row| (row.faults[0].attempts, row.status)).collect();
//! assert_eq!(traps, [(1, "SUCCEEDED"), (2, "FAILED")]);
//! ```

mod class;
mod dead;
mod explore;
mod findings;
mod group;
mod json;
mod markdown;
mod memo;
mod mermaid;
mod node;
mod nominal;
mod report;
mod text;
pub(crate) mod turn;
mod unreached;
mod world;

use std::sync::Arc;

use asl::{Program, StateId};
use data::Data;
use engine::{About, Execution, Timestamp};

pub use class::LOST_CALLBACK;
pub use findings::{Finding, Kind};
pub use node::Ending;
pub use nominal::{Call, FixedAnswers, MockedWorkers, NoAnswer, Nominal};
pub use report::{Fault, Report, Row};

use crate::invariant::{Invariant, InvariantError, Watcher};
use class::Classes;
use explore::Explorer;

/// How far a sweep goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How many faults may come together on one path. A fault is one class at one Task execution, however many
    /// attempts in a row it takes.
    pub depth: u32,
    /// Retries of one fault, and visits of one Task in its block, beyond which a path is not run.
    pub max_attempts: u32,
    /// Paths of one input after which the sweep ends.
    pub max_forks: u64,
    /// The seed of all chance.
    pub seed: u64,
    /// When virtual time begins.
    pub start: Timestamp,
    /// What must hold of every path.
    pub invariants: Vec<Invariant>,
    /// Whether paths that meet are explored once; the report is the same either way.
    pub merge: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            depth: 1,
            max_attempts: 10,
            max_forks: 1_000_000,
            seed: 0,
            // 2026-01-01T00:00:00Z, as for every run under virtual time.
            start: Timestamp(1_767_225_600_000),
            invariants: Vec::new(),
            merge: true,
        }
    }
}

impl Options {
    fn watchers(&self, program: &Program) -> Result<Vec<Watcher>, InvariantError> {
        let rules = self.invariants.iter().map(|one| one.rule(program));
        rules.map(|rule| rule.map(Watcher::new)).collect()
    }
}

/// Why a sweep has no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SweepError {
    /// An invariant does not fit the machine.
    #[error(transparent)]
    Invariant(#[from] InvariantError),
    /// A guest cannot be loaded.
    #[error("{0}")]
    Guest(String),
    /// The host failed under a worker.
    #[error("{0}")]
    Host(String),
}

/// A Task whose paths end where nobody answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// The state.
    pub state: StateId,
    /// Why, as a sentence without its full stop.
    pub why: String,
    /// What may be done about it.
    pub hint: String,
}

/// Explores the machine from each of the inputs.
///
/// `progress` is told now and then how many paths have come to their end.
pub fn sweep(
    program: &Arc<Program>,
    about: &Arc<About>,
    inputs: &[Data],
    options: &Options,
    nominal: &mut dyn Nominal,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, SweepError> {
    let classes = Classes::of(program);
    let mut searches = Vec::new();
    for input in inputs {
        let mut explorer = Explorer::new(program, &classes, options, nominal, progress);
        let execution = Execution::new(Arc::clone(program), Arc::clone(about));
        explorer.explore(execution, input.clone())?;
        searches.push(explorer.done());
    }
    Ok(Report::new(program, about, options, classes, searches))
}
