//! What is beside executions, for those who keep and read it without the journal.

use std::sync::{Arc, Mutex, PoisonError};

use super::piece::{Checksum, Piece};
use super::queue::{Op, Queue};
use super::read::Reader;
use crate::{GarbledResource, JournalError, Mark, Progress, Resource, Resources, Trouble};

/// The resources of a store.
pub(super) struct SqliteResources {
    pub(super) reader: Mutex<Reader>,
    /// None if the store is open for looking only.
    pub(super) queue: Option<Arc<Queue>>,
    pub(super) progress: Progress,
}

impl Resources for SqliteResources {
    /// In a store that is open for looking nothing can be put: the mark is never reached, and the trouble says why.
    fn put(&self, resources: Vec<Resource>) -> Mark {
        let Some(queue) = &self.queue else {
            self.progress.fail(Trouble(super::LOOKING.to_owned()));
            return self.progress.give();
        };
        queue.push(resources.into_iter().map(Op::Resource).collect())
    }

    fn all(&self, kind: &str) -> Result<Vec<Result<Resource, GarbledResource>>, JournalError> {
        let reader = self.reader.lock();
        let reader = reader.unwrap_or_else(PoisonError::into_inner);
        reader.resources(kind, None)
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }
}

/// Where the two pieces of a resource are sealed for: JSON and bytes.
pub(super) fn places(kind: &str, key: &str) -> (String, String) {
    let of = |what: &str| format!("resources/{kind}/{key}/{what}");
    (of("json"), of("bytes"))
}

pub(super) fn checksum(
    kind: &str,
    key: &str,
    owner: Option<&str>,
    json: &Piece,
    bytes: Option<&[u8]>,
) -> i64 {
    let mut sum = Checksum::default();
    sum.add(Some(kind.as_bytes()));
    sum.add(Some(key.as_bytes()));
    sum.add(owner.map(str::as_bytes));
    sum.add(Some(json.bytes()));
    sum.add(bytes);
    sum.end()
}
