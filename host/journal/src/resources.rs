//! What is kept beside executions: state machines, functions, roles, activities and whatever else exists.

use crate::JournalError;
use crate::progress::{Mark, Progress};

/// Something that exists, as whoever it belongs to wants to find it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// What it is, such as `state-machine`.
    pub kind: String,
    /// Its key among those of its kind, such as its ARN.
    pub key: String,
    /// The execution that it is forgotten with.
    pub owner: Option<String>,
    /// What it is like; none if there is no such thing any more.
    pub value: Option<Value>,
}

/// What a resource is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// As JSON.
    pub json: String,
    /// Bytes that belong to it, such as a function's code.
    pub bytes: Option<Vec<u8>>,
}

impl Resource {
    /// A resource that is like this.
    pub fn new(kind: &str, key: &str, json: String) -> Resource {
        let value = Value { json, bytes: None };
        Resource {
            value: Some(value),
            ..Resource::gone(kind, key)
        }
    }

    /// A resource that there is no more.
    pub fn gone(kind: &str, key: &str) -> Resource {
        Resource {
            kind: kind.to_owned(),
            key: key.to_owned(),
            owner: None,
            value: None,
        }
    }

    /// The same with bytes that belong to it.
    #[must_use]
    pub fn with_bytes(mut self, bytes: Vec<u8>) -> Resource {
        if let Some(value) = &mut self.value {
            value.bytes = Some(bytes);
        }
        self
    }

    /// The same, to be forgotten with an execution.
    #[must_use]
    pub fn owned_by(mut self, execution_arn: &str) -> Resource {
        self.owner = Some(execution_arn.to_owned());
        self
    }
}

/// A resource that is kept and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of {kind} {key} is damaged: {reason}")]
pub struct GarbledResource {
    /// What it is, such as `state-machine`.
    pub kind: String,
    /// Its key among those of its kind, as far as that can be read.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl From<GarbledResource> for JournalError {
    fn from(garbled: GarbledResource) -> JournalError {
        JournalError::Store(garbled.to_string())
    }
}

/// Where resources are kept.
pub trait Resources: Send + Sync {
    /// Keeps resources as they are now, all of them or none. Whoever changes one calls this under the lock that
    /// guards it, so that changes are kept in their order, and waits for the mark after it let go of the lock.
    fn put(&self, resources: Vec<Resource>) -> Mark;

    /// The resources of a kind, by key, each by itself: one that cannot be read hides no other.
    fn all(&self, kind: &str) -> Result<Vec<Result<Resource, GarbledResource>>, JournalError>;

    /// How far the store has come with keeping.
    fn progress(&self) -> &Progress;
}

/// Keeps nothing: everything lasts as long as the process.
#[derive(Debug, Default)]
pub struct Forgetful(Progress);

impl Resources for Forgetful {
    fn put(&self, _resources: Vec<Resource>) -> Mark {
        Mark::default()
    }

    fn all(&self, _kind: &str) -> Result<Vec<Result<Resource, GarbledResource>>, JournalError> {
        Ok(Vec::new())
    }

    fn progress(&self) -> &Progress {
        &self.0
    }
}
