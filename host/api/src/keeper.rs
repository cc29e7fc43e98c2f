//! What a service has outlive the process.
//!
//! Each thing is one resource: JSON with the version of its form in `v`. The members of the types that are written
//! are the form of version 1: a change that an old text cannot be read by needs a new version, and whoever reads must
//! know both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use journal::{JournalError, Mark, Resource, Resources};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// The version of the form that is written.
const VERSION: u32 = 1;

/// What begins the names of the operations that change what a service keeps.
const CHANGES: [&str; 12] = [
    "Add", "Attach", "Create", "Delete", "Detach", "Publish", "Put", "Remove", "Set", "Tag",
    "Untag", "Update",
];

/// Something in a store that a service cannot read. It stays there as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {kind} {key} cannot be read from the store and is left alone: {reason}")]
pub struct Unreadable {
    /// What it is, such as `state-machine`.
    pub kind: String,
    /// Its key among those of its kind, such as its ARN.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Something that was read from a store.
pub(crate) struct Restored<T> {
    pub key: String,
    pub value: T,
    pub bytes: Option<Vec<u8>>,
}

/// A service's way to the store.
pub(crate) struct Keeper {
    resources: Arc<dyn Resources>,
    /// The mark of what was given last.
    last: AtomicU64,
    /// Whether what is given outlives the process.
    lasting: AtomicBool,
}

#[derive(Serialize)]
struct Written<'t, T> {
    v: u32,
    #[serde(flatten)]
    value: &'t T,
}

#[derive(Deserialize)]
struct Form {
    v: u32,
}

impl Keeper {
    pub fn new(resources: Arc<dyn Resources>) -> Keeper {
        Keeper {
            resources,
            last: AtomicU64::new(0),
            lasting: AtomicBool::new(false),
        }
    }

    /// Gives the store what has changed, all of it or none. Called under the lock that guards what is given.
    pub fn put(&self, changed: Vec<Resource>) {
        if changed.is_empty() {
            return;
        }
        let mark = self.resources.put(changed);
        self.last.fetch_max(mark.0, Ordering::Relaxed);
        if mark > Mark::default() {
            self.lasting.store(true, Ordering::Relaxed);
        }
    }

    /// Whether there is a store, as far as it is known: it held something, or was given something.
    pub fn is_lasting(&self) -> bool {
        self.lasting.load(Ordering::Relaxed)
    }

    /// Waits until everything that was given is kept, if an operation of that name may change something: what it says
    /// may rest on what another caller has changed a moment ago.
    pub async fn kept(&self, operation: &str) -> Result<(), ApiError> {
        if !changes(operation) {
            return Ok(());
        }
        let mark = Mark(self.last.load(Ordering::Relaxed));
        let reached = self.resources.progress().reached(mark).await;
        reached.map_err(|trouble| ApiError::not_kept(&trouble.to_string()))
    }

    /// What the store holds of a kind. What cannot be read is told and added to `unreadable`.
    pub fn restore<T: DeserializeOwned>(
        &self,
        kind: &str,
        unreadable: &mut Vec<Unreadable>,
    ) -> Result<Vec<Restored<T>>, JournalError> {
        let mut restored = Vec::new();
        for resource in self.resources.all(kind)? {
            self.lasting.store(true, Ordering::Relaxed);
            let resource = match resource {
                Ok(resource) => resource,
                Err(garbled) => {
                    unreadable.push(Unreadable::new(kind, &garbled.key, garbled.reason));
                    continue;
                }
            };
            let Some(value) = resource.value else {
                continue;
            };
            match read(&value.json) {
                Ok(read) => restored.push(Restored {
                    key: resource.key,
                    value: read,
                    bytes: value.bytes,
                }),
                Err(reason) => unreadable.push(Unreadable::new(kind, &resource.key, reason)),
            }
        }
        Ok(restored)
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl Unreadable {
    /// Something that cannot be read, which is also logged.
    pub(crate) fn new(kind: &str, key: &str, reason: impl Into<String>) -> Unreadable {
        let unreadable = Unreadable {
            kind: kind.to_owned(),
            key: key.to_owned(),
            reason: reason.into(),
        };
        tracing::warn!(kind, key, reason = unreadable.reason, "left in the store");
        unreadable
    }
}

/// Whether an operation of that name changes what a service keeps.
pub(crate) fn changes(operation: &str) -> bool {
    CHANGES.iter().any(|change| operation.starts_with(change))
}

/// A resource as it is written.
pub(crate) fn resource<T: Serialize>(kind: &str, key: &str, value: &T) -> Resource {
    let written = Written { v: VERSION, value };
    let json = serde_json::to_string(&written);
    let json = json.expect("what services keep are texts, numbers and maps by text");
    Resource::new(kind, key, json)
}

pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    let form: Form = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if form.v != VERSION {
        return Err(format!(
            "it is of version {}, and this program reads version {VERSION}",
            form.v
        ));
    }
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use journal::{GarbledResource, Progress};

    use super::*;

    /// Whether a thing is written as this text, and read from it as the same.
    #[track_caller]
    pub fn is_written_as<T>(kind: &str, thing: &T, text: &str)
    where
        T: std::fmt::Debug + PartialEq + Serialize + DeserializeOwned,
    {
        assert_eq!(resource(kind, "key", thing).value.unwrap().json, text);
        assert_eq!(read(text).as_ref(), Ok(thing));
    }

    /// A store with a row that is garbled, and one that is not.
    struct Damaged(Progress);

    impl Resources for Damaged {
        fn put(&self, _resources: Vec<Resource>) -> Mark {
            Mark::default()
        }

        fn all(&self, kind: &str) -> Result<Vec<Result<Resource, GarbledResource>>, JournalError> {
            let garbled = GarbledResource {
                kind: kind.to_owned(),
                key: "a".to_owned(),
                reason: "it does not have its checksum".to_owned(),
            };
            let thing = Thing {
                name: "b".to_owned(),
                at: 1,
            };
            Ok(vec![Err(garbled), Ok(resource(kind, "b", &thing))])
        }

        fn progress(&self) -> &Progress {
            &self.0
        }
    }

    #[test]
    fn a_row_that_is_damaged_is_told_and_the_rest_is_restored() {
        let keeper = Keeper::new(Arc::new(Damaged(Progress::default())));
        let mut unreadable = Vec::new();
        let restored = keeper.restore::<Thing>("thing", &mut unreadable).unwrap();
        let keys: Vec<&str> = restored.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["b"]);
        let reason = "it does not have its checksum";
        assert_eq!(unreadable, [Unreadable::new("thing", "a", reason)]);
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Thing {
        name: String,
        at: i64,
    }

    #[test]
    fn what_is_written_is_read_again() {
        let thing = Thing {
            name: "\u{0}\"ä".to_owned(),
            at: i64::MIN,
        };
        let json = resource("thing", "key", &thing).value.unwrap().json;
        assert_eq!(read(&json), Ok(thing));
    }

    #[test]
    fn another_version_is_told() {
        let refused = read::<Thing>(r#"{"v": 2, "name": "a", "at": 1}"#);
        let told = "it is of version 2, and this program reads version 1";
        assert_eq!(refused, Err(told.to_owned()));
        for damaged in [
            "",
            "{}",
            r#"{"v": 1}"#,
            r#"{"v": 1, "name": "a", "at": 1.5}"#,
        ] {
            assert!(read::<Thing>(damaged).is_err(), "{damaged}");
        }
    }
}
