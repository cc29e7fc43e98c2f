//! What IAM keeps.

use std::collections::{BTreeMap, BTreeSet};

use data::{Data, Object, ObjectBuilder};
use engine::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::kept::{POLICY, ROLE, Touched};
use crate::caller::ACCOUNT;
use crate::error::ApiError;

/// The roles and managed policies of the account.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// By name.
    pub roles: BTreeMap<String, Role>,
    /// Of the account, by ARN.
    pub policies: BTreeMap<String, Policy>,
    /// How many of both were ever made.
    pub(super) made: u64,
    /// What the operation under way may have changed.
    pub(super) touched: Touched,
}

/// A role.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Role {
    pub name: String,
    pub path: String,
    pub id: String,
    pub created: Timestamp,
    /// The trust policy.
    pub trust: String,
    pub description: Option<String>,
    pub max_session_duration: i64,
    pub max_signin_session_duration: Option<i64>,
    /// The ARN of the policy that is the permissions boundary.
    pub boundary: Option<String>,
    pub tags: Tags,
    /// Inline policies: documents by name.
    pub inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies.
    pub attached: BTreeSet<String>,
}

/// A managed policy of the account.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    pub name: String,
    pub path: String,
    pub id: String,
    pub arn: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub tags: Tags,
    /// By number.
    pub versions: BTreeMap<u32, Version>,
    /// The number of the version that counts.
    pub default: u32,
    /// The number of the next version: numbers are not used twice.
    pub next: u32,
}

/// A version of a managed policy.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Version {
    pub document: String,
    pub created: Timestamp,
}

/// Tags in the order in which they came.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tags(pub Vec<(String, String)>);

impl Store {
    /// The role of that name, to look at or to change or remove it.
    pub fn role(&mut self, name: &str) -> Result<&mut Role, ApiError> {
        let role = self.roles.get_mut(name);
        let role = role
            .ok_or_else(|| no_such_entity(format!("The role with name {name} cannot be found.")))?;
        self.touched.insert((ROLE, name.to_owned()));
        Ok(role)
    }

    /// The policy of the account that has the ARN, to look at or to change or remove it.
    pub fn policy(&mut self, arn: &str) -> Result<&mut Policy, ApiError> {
        let policy = self.policies.get_mut(arn);
        let policy =
            policy.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))?;
        self.touched.insert((POLICY, arn.to_owned()));
        Ok(policy)
    }

    /// Adds a role that there is not yet.
    pub fn add_role(&mut self, role: Role) {
        self.touched.insert((ROLE, role.name.clone()));
        self.roles.insert(role.name.clone(), role);
    }

    /// Adds a policy that there is not yet.
    pub fn add_policy(&mut self, policy: Policy) {
        self.touched.insert((POLICY, policy.arn.clone()));
        self.policies.insert(policy.arn.clone(), policy);
    }

    /// How many roles have the policy attached, and how many have it as their permissions boundary.
    pub fn uses(&self, arn: &str) -> (usize, usize) {
        let attached = self
            .roles
            .values()
            .filter(|role| role.attached.contains(arn));
        let bound = |role: &&Role| role.boundary.as_deref() == Some(arn);
        (attached.count(), self.roles.values().filter(bound).count())
    }

    /// A unique id, such as `AROA...`. It follows from what was made before, so that a run can be repeated.
    pub fn id(&mut self, prefix: &str, name: &str) -> String {
        self.made += 1;
        self.touch_account();
        format!(
            "{prefix}{}",
            letters(&format!("{prefix}/{name}/{}", self.made))
        )
    }
}

/// 17 capital letters and digits that follow from a text.
pub(super) fn letters(text: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Sha256::digest(text.as_bytes());
    let letters = digest.iter().take(17);
    letters
        .map(|byte| char::from(ALPHABET[usize::from(*byte % 32)]))
        .collect()
}

impl Role {
    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:role{}{}", self.path, self.name)
    }
}

impl Tags {
    /// The member `Tags` of an answer.
    pub fn to_data(&self) -> Data {
        let tag = |(key, value): &(String, String)| -> Data {
            let tag = Object::builder().with("Key", key.as_str());
            tag.with("Value", value.as_str()).build().into()
        };
        self.0.iter().map(tag).collect()
    }

    /// Adds the member `Tags` if there are any.
    pub fn shown(&self, answer: ObjectBuilder) -> ObjectBuilder {
        if self.0.is_empty() {
            return answer;
        }
        answer.with("Tags", self.to_data())
    }
}

pub(super) fn no_such_entity(message: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", message).with_status(404)
}

pub(super) fn delete_conflict(message: &str) -> ApiError {
    ApiError::new("DeleteConflict", message).with_status(409)
}

pub(super) fn limit_exceeded(message: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceeded", message).with_status(409)
}

pub(super) fn already_exists(message: impl Into<String>) -> ApiError {
    ApiError::new("EntityAlreadyExists", message).with_status(409)
}

/// A moment as IAM gives it: ISO 8601 in whole seconds.
pub(super) fn date(at: Timestamp) -> Data {
    let text = at.to_iso_millis();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z").into(),
        None => text.into(),
    }
}

/// A document as IAM gives it: percent-encoded as RFC 3986 says.
pub(super) fn encoded(document: &str) -> Data {
    let mut text = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text.into()
}

/// How long a document is as IAM counts: white space is free.
pub(super) fn length(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}
