//! A store: one SQLite file that holds all there is, for a year and through every crash.
//!
//! [`Store::open`] takes a file for this process alone, by an advisory lock on `FILE-lock` beside it;
//! [`Store::look`] reads one, beside whoever writes it. The tables are in `version1.sql`, and `wf-host help store`
//! explains them to those who ask with plain SQL: columns are plain, moments are milliseconds since the epoch, and only
//! texts are encrypted, if there is a key.
//!
//! **Writing.** One thread takes all units that wait and keeps them in one transaction: WAL, `synchronous = FULL`, so
//! that a transaction is on the disk when it is over. A unit that cannot be written is tried again until it can be, and
//! those behind it wait. Units wait in memory: [`Progress::pending`](crate::Progress::pending) says how many, and
//! whoever takes work from outside must take no more above a number ([`Progress::is_full`](crate::Progress::is_full)).
//!
//! **Reading.** What is asked sees what is kept, and no unit that is still to be. It goes through connections of their
//! own, which wait for nobody.
//!
//! **Damage.** Each row has a checksum of its columns, since SQLite has none. A row or page that is not what was written
//! is told of by [`JournalError::Damaged`](crate::JournalError::Damaged) and [`Journal::damaged`](crate::Journal::damaged),
//! and hides no other. An index that lost an entry shows only in a check, [`Store::check`].
//!
//! ```
//! use journal::{Batch, Store, StoreOptions, Summary};
//! use engine::{Change, Failure, Record, Timestamp};
//!
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("wf.db");
//! let store = Store::open(&path, StoreOptions::default()).unwrap();
//! let mut journal = store.journal().unwrap();
//! let failure = Failure::new("Stopped", "");
//! let record = Record { seq: 0, at: Timestamp(0), event: None, change: Change::ExecutionAborted { failure } };
//! let summary = Summary::new("arn:x", "machine", "first", Timestamp(0));
//! journal.append(Batch::of(summary, &[record])).unwrap();
//! journal.seal();
//! store.close().unwrap();
//!
//! let looking = Store::look(&path, None).unwrap();
//! assert_eq!(looking.journal.read("arn:x").unwrap().len(), 1);
//! ```

mod check;
mod connect;
mod counts;
mod entries;
mod error;
mod journal;
mod key;
mod list;
mod lock;
mod logs;
mod open;
mod piece;
mod prune;
mod queue;
mod read;
mod resources;
mod row;
mod schema;
mod store;
mod wal;
mod write;
mod writer;

pub use check::Report;
pub use error::OpenError;
pub use key::{Key, KeyError};
pub use prune::Pruned;
pub use store::{Looking, Store, StoreOptions};

/// What those hear who want to change a store that is open for looking.
const LOOKING: &str = "the store was opened for looking, and cannot be changed";
