//! The store that executions are kept in: `--store`.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use journal::{Forgetful, Journal, MemoryJournal, Resources};
use journal::{Key, OpenError, Store, StoreOptions};

use crate::args::StoreArgs;
use crate::exit::{Exit, because, because_hint};
use crate::output;

/// The variable that holds the key itself.
const KEY: &str = "WF_HOST_STORE_KEY";

/// Where executions are kept, and what is beside them.
pub struct Keeping {
    pub journal: Box<dyn Journal>,
    pub resources: Arc<dyn Resources>,
    /// The store, if they last. To be closed at the end: that keeps what still waits.
    pub store: Option<Store>,
}

impl Keeping {
    /// Opens the store that the flags name; without one everything is kept in memory.
    pub fn open(args: &StoreArgs) -> Result<Keeping> {
        let Some(path) = &args.store else {
            if args.store_key.is_some() {
                return Err(because(Exit::Usage, "--store-key goes with --store"));
            }
            return Ok(Keeping {
                journal: Box::new(MemoryJournal::default()),
                resources: Arc::new(Forgetful::default()),
                store: None,
            });
        };
        let key = key(args.store_key.as_deref())?;
        let store = Store::open(path, StoreOptions { key }).map_err(|error| not_opened(&error))?;
        if let Some(notice) = store.notice() {
            output::talk(&format!("warning: {notice}"));
        }
        let unreadable = |error: journal::JournalError| because(Exit::BadFile, error.to_string());
        Ok(Keeping {
            journal: store.journal().map_err(unreadable)?,
            resources: store.resources().map_err(unreadable)?,
            store: Some(store),
        })
    }
}

/// The key of a store: from the file that is named, else from the environment.
pub fn key(file: Option<&Path>) -> Result<Option<Key>> {
    let bad = |error: journal::KeyError| because(Exit::BadFile, error.to_string());
    if let Some(file) = file {
        return Key::from_file(file).map(Some).map_err(bad);
    }
    match std::env::var(KEY) {
        Ok(text) if !text.is_empty() => Key::from_text(&text)
            .map(Some)
            .map_err(|error| because(Exit::BadFile, format!("{KEY}: {error}"))),
        _ => Ok(None),
    }
}

/// A store that cannot be opened.
pub fn not_opened(error: &OpenError) -> anyhow::Error {
    match error {
        OpenError::InUse { url: Some(url), .. } => because_hint(
            Exit::BadFile,
            error.to_string(),
            format!("a server has it open: wf-host executions --server {url} asks it"),
        ),
        error => because(Exit::BadFile, error.to_string()),
    }
}

/// Closes a store; whatever still waits is kept first.
pub fn close(store: Option<Store>) -> Result<()> {
    match store.map(Store::close) {
        Some(Err(trouble)) => Err(because(Exit::HostFault, trouble.to_string())),
        _ => Ok(()),
    }
}
