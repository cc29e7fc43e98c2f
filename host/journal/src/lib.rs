//! Where the records of executions are kept.
//!
//! A [`Journal`] takes batches of records and gives them back in order. It never interprets a record: what a
//! log means is the engine's business, and whoever wants an execution folds its log. Only the few columns of a
//! [`Summary`] are kept beside the records, so that executions can be listed without folding them.
//!
//! Invariants: the records of an execution are contiguous from 0; what was appended is never changed; a batch
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
//! journal.append(Batch { summary, records: &[record] }).unwrap();
//! assert_eq!(journal.read("arn:x").unwrap().len(), 1);
//! ```

mod memory;

use engine::{Record, Timestamp};

pub use memory::MemoryJournal;

/// A store of logs.
pub trait Journal: Send {
    /// Keeps a batch. When this returns, the batch is as safe as the store makes anything.
    fn append(&mut self, batch: Batch<'_>) -> Result<(), JournalError>;

    /// The log of an execution, from its first record.
    fn read(&self, execution_arn: &str) -> Result<Vec<Record>, JournalError>;

    /// Forgets an execution that is over, with its log. One that is not known is forgotten already.
    fn forget(&mut self, execution_arn: &str) -> Result<(), JournalError>;

    /// The executions that `filter` lets through, the youngest first: that which was kept last.
    fn list(&self, filter: &Filter) -> Result<Vec<Summary>, JournalError>;
}

/// Records of one execution that belong together, and what it looks like after them.
#[derive(Clone, Debug)]
pub struct Batch<'r> {
    /// The execution after the batch.
    pub summary: Summary,
    /// Its next records.
    pub records: &'r [Record],
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
        }
    }
}

/// Which executions to list; an absent condition lets all through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of the state machine with this ARN.
    pub state_machine_arn: Option<String>,
    /// Only those started by this version.
    pub version_arn: Option<String>,
    /// Only those started by this alias.
    pub alias_arn: Option<String>,
    /// Only those of this Map Run.
    pub map_run_arn: Option<String>,
    /// Only those with this status.
    pub status: Option<String>,
    /// Only those that are older than the execution with this ARN; none if there is no such execution.
    pub after: Option<String>,
    /// At most this many.
    pub limit: Option<usize>,
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
}
