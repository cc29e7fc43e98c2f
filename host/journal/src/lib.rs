//! Where the records of executions are kept.
//!
//! A [`Journal`] takes batches of records and gives them back in order. It never interprets a record: what a
//! log means is the engine's business, and whoever wants an execution folds its log. Only the few columns of a
//! [`Summary`] are kept beside the records, so that executions can be listed without folding them, and a
//! [`Fact`] for each record, so that they can be counted.
//!
//! Batches are closed into units ([`Journal::seal`]): a unit is kept whole or not at all, and units are kept in
//! their order. So what a store holds after its machine died is always what it held at some moment between two
//! units. Whoever wants to know when a unit is safe asks [`Progress`].
//!
//! Invariants: the records of an execution are contiguous from 0; what was appended is never changed; a unit
//! is kept whole or not at all.
//!
//! ```
//! use journal::{Batch, Journal, MemoryJournal, Summary};
//! use engine::{Change, Failure, Record, Timestamp};
//!
//! let mut journal = MemoryJournal::default();
//! let failure = Failure::new("Stopped", "");
//! let record = Record { seq: 0, at: Timestamp(0), event: None, change: Change::ExecutionAborted { failure } };
//! let summary = Summary::new("arn:x", "machine", "first", Timestamp(0));
//! journal.append(Batch::of(summary, &[record])).unwrap();
//! let mark = journal.seal();
//! assert!(journal.progress().has_kept(mark));
//! assert_eq!(journal.read("arn:x").unwrap().len(), 1);
//! ```

mod memory;
mod progress;
mod resources;
mod sqlite;
mod statistics;

use std::sync::Arc;

use data::EcoString;
use engine::{Record, Timestamp};

pub use memory::MemoryJournal;
pub use progress::{MOST_PENDING, Mark, Progress, Trouble};
pub use resources::{Forgetful, GarbledResource, Resource, Resources, Value};
pub use sqlite::{Key, KeyError, Looking, OpenError, Pruned, Report, Store, StoreOptions};
pub use statistics::{Durations, MachineStatistics, StateStatistics, Statistics};

/// A store of logs.
pub trait Journal: Send {
    /// Takes a batch into the unit that is open.
    fn append(&mut self, batch: Batch<'_>) -> Result<(), JournalError>;

    /// Takes something beside the records into the unit that is open, or removes it.
    fn put(&mut self, resource: Resource) -> Result<(), JournalError>;

    /// Forgets an execution that is over, with its log and the resources that it owns, as a part of the unit that is
    /// open. One that is not known is forgotten already.
    fn forget(&mut self, execution_arn: &str) -> Result<(), JournalError>;

    /// Closes the unit that is open, and has it kept. Cheap if nothing was taken since.
    fn seal(&mut self) -> Mark;

    /// How far the journal has come with keeping.
    fn progress(&self) -> &Progress;

    /// Whether what is kept outlives the process. What a lasting journal was given can be asked for as soon as it is
    /// kept, not before.
    fn is_lasting(&self) -> bool;

    /// The log of an execution, from its first record.
    fn read(&self, execution_arn: &str) -> Result<Vec<Record>, JournalError>;

    /// The records of a log that AWS shows as events, or a part of them, and how many there are in all.
    fn events(&self, execution_arn: &str, page: Page)
    -> Result<(Vec<Record>, usize), JournalError>;

    /// The last record of a log: how an execution that is over ended.
    fn last(&self, execution_arn: &str) -> Result<Record, JournalError>;

    /// An execution; none if it is not known.
    fn find(&self, execution_arn: &str) -> Result<Option<Kept>, JournalError>;

    /// The executions that are not over, in the order in which they were first kept; only those of a root if one is
    /// named.
    fn open(&self, root: Option<&str>) -> Result<Vec<Kept>, JournalError>;

    /// Those of the executions that are not over which cannot be read, so that [`open`](Journal::open) leaves them out;
    /// only those of a root if one is named.
    fn damaged(&self, _root: Option<&str>) -> Result<Vec<Damaged>, JournalError> {
        Ok(Vec::new())
    }

    /// The executions that a parent started, in the order in which they were first kept.
    fn children(&self, parent_arn: &str) -> Result<Vec<Kept>, JournalError>;

    /// The executions that `filter` lets through, the youngest first: that which was kept last.
    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError>;

    /// The definition with that digest.
    fn definition(&self, digest: &str) -> Result<Option<Definition>, JournalError>;

    /// The things of a kind that were [put](Journal::put) beside the records, by key; only an execution's own if one is
    /// named.
    fn resources(&self, kind: &str, owner: Option<&str>) -> Result<Vec<Resource>, JournalError>;

    /// One of these things; none if there is no such thing.
    fn resource(&self, kind: &str, key: &str) -> Result<Option<Resource>, JournalError>;

    /// Figures of the executions that `filter` lets through; `after` and `limit` do not count.
    fn statistics(&self, filter: &Filter) -> Result<Statistics, JournalError>;

    /// When the youngest record was made.
    fn latest(&self) -> Result<Option<Timestamp>, JournalError>;
}

/// Records of one execution that belong together, and what it looks like after them.
#[derive(Clone, Debug)]
pub struct Batch<'r> {
    /// The execution after the batch.
    pub summary: Summary,
    /// What was settled before it began; with its first records.
    pub beginning: Option<Beginning>,
    /// Its next records.
    pub records: &'r [Record],
    /// What is counted of them, one for each record; or none at all.
    pub facts: Vec<Fact>,
}

impl<'r> Batch<'r> {
    /// A batch of an execution of which nothing else is known.
    pub fn of(summary: Summary, records: &'r [Record]) -> Batch<'r> {
        let begins = records.first().is_some_and(|record| record.seq == 0);
        Batch {
            beginning: begins.then(|| Beginning::of(&summary.execution_arn)),
            summary,
            records,
            facts: Vec::new(),
        }
    }
}

/// What is settled before an execution begins, and never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beginning {
    /// The ARN of the execution by way of which it was started in the end; its own if no other started it. All of one
    /// run have the run's main execution.
    pub root: EcoString,
    /// The execution whose task started it, and that task's token.
    pub parent: Option<(EcoString, EcoString)>,
    /// What it runs. With what [`Journal::find`] finds, there is only the digest.
    pub definition: Definition,
    /// Whatever else its owner needs to make it again, as JSON.
    pub identity: String,
}

impl Beginning {
    /// That of an execution which no other started and of which nothing else is known.
    pub fn of(root: &str) -> Beginning {
        Beginning {
            root: root.into(),
            ..Beginning::default()
        }
    }
}

/// The text that a program was compiled from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The SHA-256 of the other fields, in hexadecimal digits; empty if there is no text.
    pub digest: EcoString,
    /// The text as it was written.
    pub text: Arc<str>,
    /// `json` or `yaml`.
    pub format: EcoString,
    /// The values of `${NAME}`, a JSON object.
    pub define: Arc<str>,
}

/// What a record is counted as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// The type of its event, such as `TaskFailed`, or what the record is called if it is none, such as
    /// `RetryScheduled`.
    pub kind: EcoString,
    /// The state that it happened in.
    pub state: Option<EcoString>,
    /// The error, if it tells of a failure.
    pub error: Option<EcoString>,
    /// How long the state took, in milliseconds, if it was left.
    pub millis: Option<i64>,
}

/// Something that is kept and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The execution's ARN, or what else is known of it; empty if it is not about one execution.
    pub execution: String,
    /// What is wrong.
    pub reason: String,
}

/// An execution as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What a list shows of it.
    pub summary: Summary,
    /// What was settled before it began.
    pub beginning: Beginning,
}

/// An execution as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The execution's ARN: its key.
    pub execution_arn: String,
    /// The state machine's name.
    pub state_machine: String,
    /// The state machine's ARN.
    pub state_machine_arn: String,
    /// The ARN of the version that it was started by, if it was.
    pub version_arn: Option<String>,
    /// The ARN of the alias that it was started by, if it was.
    pub alias_arn: Option<String>,
    /// The ARN of the Map Run that started it, if one did.
    pub map_run_arn: Option<String>,
    /// The execution's name.
    pub name: String,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: &'static str,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was over.
    pub stopped_at: Option<Timestamp>,
    /// The error that it ended with, if it did.
    pub error: Option<EcoString>,
    /// How often it was redriven.
    pub redrives: u32,
    /// When it was redriven last.
    pub redriven_at: Option<Timestamp>,
    /// When it moves by itself next; none if it waits for somebody, or is over.
    pub due: Option<Timestamp>,
}

impl Summary {
    /// A running execution; whose ARNs it belongs to is for the caller to say.
    pub fn new(arn: &str, state_machine: &str, name: &str, started_at: Timestamp) -> Summary {
        Summary {
            execution_arn: arn.to_owned(),
            state_machine: state_machine.to_owned(),
            state_machine_arn: String::new(),
            version_arn: None,
            alias_arn: None,
            map_run_arn: None,
            name: name.to_owned(),
            status: "RUNNING",
            started_at,
            stopped_at: None,
            error: None,
            redrives: 0,
            redriven_at: None,
            due: None,
        }
    }
}

/// Which executions to list; an absent condition lets all through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of the state machine with this ARN.
    pub state_machine_arn: Option<String>,
    /// Only those of state machines with this name.
    pub state_machine: Option<String>,
    /// Only those started by this version.
    pub version_arn: Option<String>,
    /// Only those started by this alias.
    pub alias_arn: Option<String>,
    /// Only those of this Map Run.
    pub map_run_arn: Option<String>,
    /// Only those with this status.
    pub status: Option<String>,
    /// Only those that started at this moment or later.
    pub since: Option<Timestamp>,
    /// Only those that started before this moment.
    pub until: Option<Timestamp>,
    /// Only those that are older than the execution with this ARN; none if there is no such execution.
    pub after: Option<String>,
    /// At most this many.
    pub limit: Option<usize>,
}

impl Filter {
    /// Whether an execution passes; `after` and `limit` are about a list, not about one.
    pub fn passes(&self, summary: &Summary) -> bool {
        let same =
            |want: &Option<String>, has: Option<&str>| want.is_none() || want.as_deref() == has;
        same(&self.state_machine_arn, Some(&summary.state_machine_arn))
            && same(&self.state_machine, Some(&summary.state_machine))
            && same(&self.version_arn, summary.version_arn.as_deref())
            && same(&self.alias_arn, summary.alias_arn.as_deref())
            && same(&self.map_run_arn, summary.map_run_arn.as_deref())
            && same(&self.status, Some(summary.status))
            && self.since.is_none_or(|since| since <= summary.started_at)
            && self.until.is_none_or(|until| summary.started_at < until)
    }
}

/// Which part of a history is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// How many events to pass over.
    pub skip: usize,
    /// At most this many.
    pub take: usize,
    /// Whether the last event comes first.
    pub reverse: bool,
}

/// Why a journal cannot do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// No such execution.
    #[error("there is no execution {0}")]
    Unknown(String),
    /// The batch does not continue the log.
    #[error("execution {execution_arn} expects record {expected}, was given {given}")]
    OutOfOrder {
        /// The execution.
        execution_arn: String,
        /// The number that must come next.
        expected: u32,
        /// The number that came.
        given: u32,
    },
    /// What is kept of an execution cannot be read.
    #[error("what is kept of execution {execution_arn} is damaged: {reason}")]
    Damaged {
        /// The execution.
        execution_arn: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store cannot be read or written.
    #[error("{0}")]
    Store(String),
}
