//! Why a store cannot be opened, and what SQLite's errors mean for those who keep something.

use std::path::PathBuf;

use crate::{JournalError, Trouble};

/// Why a store cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open for writing.
    #[error("{} is in use{}: {}", path.display(), holder(*pid), advice(url.as_deref()))]
    InUse {
        /// The store.
        path: PathBuf,
        /// The process that has it open, if it said so.
        pid: Option<u32>,
        /// Where that process serves, if it does.
        url: Option<String>,
    },
    /// The file is something else. It was left as it is.
    #[error("{} is no store of wf-host{}; it was left as it is", path.display(), because(reason))]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it is, as far as that is known.
        reason: String,
    },
    /// There is no such file.
    #[error("there is no store {}", .0.display())]
    Missing(PathBuf),
    /// A later version of this program wrote it.
    #[error("{} has version {found}, and this wf-host knows versions up to {known}: use the wf-host that wrote it, or a later one", path.display())]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The last version that is known here.
        known: i64,
    },
    /// It is encrypted, and no key was given.
    #[error("{} is encrypted: give the key that it was made with", .0.display())]
    KeyNeeded(PathBuf),
    /// It is encrypted with another key.
    #[error("{} is encrypted with another key", .0.display())]
    WrongKey(PathBuf),
    /// A key was given, and it is not encrypted.
    #[error("{} is not encrypted: open it without a key, or make a new store with one", .0.display())]
    NotEncrypted(PathBuf),
    /// SQLite cannot be had as durability needs it.
    #[error("{}: {setting} is {found}, and {wanted} is needed", path.display())]
    Setting {
        /// The store.
        path: PathBuf,
        /// The pragma's name.
        setting: &'static str,
        /// What it must be.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// It is damaged so that nothing of it can be read.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The store.
        path: PathBuf,
        /// How that showed.
        reason: String,
    },
    /// The operating system or SQLite refuses.
    #[error("cannot open {}: {reason}", path.display())]
    Refused {
        /// The store.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" by process {pid}"))
}

fn advice(url: Option<&str>) -> String {
    match url {
        Some(url) => format!("ask the server at {url}, or stop it first"),
        None => "wait until that is over, or stop it first".to_owned(),
    }
}

fn because(reason: &str) -> String {
    match reason {
        "" => String::new(),
        reason => format!(" ({reason})"),
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        JournalError::Store(told(&error))
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble(told(&error))
    }
}

/// What a person is told of an error of SQLite.
pub(super) fn told(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode;
    let what = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::ReadOnly) => "the store's file or folder is read-only",
        Some(ErrorCode::CannotOpen) => "the store's files cannot be opened",
        Some(ErrorCode::SystemIoFailure) => "reading or writing the store's files fails",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process holds the store"
        }
        Some(ErrorCode::DatabaseCorrupt) => "the store is damaged",
        Some(ErrorCode::NotADatabase) => "the file is no SQLite database",
        _ => return error.to_string(),
    };
    format!("{what} ({error})")
}
