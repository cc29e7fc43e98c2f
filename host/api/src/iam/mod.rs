//! IAM: roles and policies, kept and answered, never enforced.
//!
//! Error codes are those of the service model; the wordings are those that IAM answers with. IAM is global: the
//! caller's region means nothing.
//!
//! Roles and policies outlive the process if there is a store ([`Iam::open`]).

mod attached;
mod document;
mod inline;
mod kept;
mod managed;
mod page;
mod roles;
mod store;
mod tags;
mod versions;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use data::Data;
use engine::Timestamp;
use journal::{Forgetful, JournalError, Resources};
use regex::{Captures, Regex};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::given;
use crate::keeper::{self, Keeper, Unreadable};
use crate::model::{IAM, Mismatch};
use store::Store;

/// Identity and Access Management.
#[derive(Debug)]
pub struct Iam {
    store: Mutex<Store>,
    keeper: Keeper,
}

impl Default for Iam {
    fn default() -> Iam {
        Iam {
            store: Mutex::default(),
            keeper: Keeper::new(Arc::new(Forgetful::default())),
        }
    }
}

impl Iam {
    /// An account without roles, which lasts as long as the process.
    pub fn new() -> Iam {
        Iam::default()
    }

    /// The account as a store holds it, and what of it cannot be read.
    pub fn open(resources: Arc<dyn Resources>) -> Result<(Iam, Vec<Unreadable>), JournalError> {
        let (keeper, store, unreadable) = kept::open(resources)?;
        let store = Mutex::new(store);
        Ok((Iam { store, keeper }, unreadable))
    }

    /// Carries out an operation. Timestamps of the answer are ISO 8601 in whole seconds, and policy documents are
    /// percent-encoded, as IAM gives both. What changes something is answered when it is kept.
    pub async fn call(
        &self,
        now: Timestamp,
        _caller: &Caller,
        operation: &str,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        if !IAM.operations.contains_key(operation) {
            return Err(unknown(operation));
        }
        check(operation, parameters)?;
        let answer = self.carry_out(now, operation, parameters)?;
        self.keeper.kept(operation).await?;
        Ok(answer)
    }

    fn carry_out(
        &self,
        now: Timestamp,
        operation: &str,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = dispatch(&mut store, now, operation, parameters);
        let touched = std::mem::take(&mut store.touched);
        if answer.is_ok() && keeper::changes(operation) {
            self.keeper.put(store.written(&touched));
        }
        answer
    }
}

fn dispatch(
    store: &mut Store,
    now: Timestamp,
    operation: &str,
    parameters: &Data,
) -> Result<Data, ApiError> {
    match operation {
        "CreateRole" => roles::create(store, now, parameters),
        "GetRole" => roles::get(store, parameters),
        "ListRoles" => roles::list(store, parameters),
        "DeleteRole" => roles::delete(store, parameters),
        "UpdateRole" => roles::update(store, parameters),
        "UpdateAssumeRolePolicy" => roles::trust(store, parameters),
        "ListInstanceProfilesForRole" => roles::instance_profiles(store, parameters),
        "PutRolePolicy" => inline::put(store, parameters),
        "GetRolePolicy" => inline::get(store, parameters),
        "ListRolePolicies" => inline::list(store, parameters),
        "DeleteRolePolicy" => inline::delete(store, parameters),
        "AttachRolePolicy" => attached::attach(store, parameters),
        "DetachRolePolicy" => attached::detach(store, parameters),
        "ListAttachedRolePolicies" => attached::list(store, parameters),
        "ListEntitiesForPolicy" => attached::entities(store, parameters),
        "CreatePolicy" => managed::create(store, now, parameters),
        "GetPolicy" => managed::get(store, parameters),
        "ListPolicies" => managed::list(store, parameters),
        "DeletePolicy" => managed::delete(store, parameters),
        "CreatePolicyVersion" => versions::create(store, now, parameters),
        "GetPolicyVersion" => versions::get(store, parameters),
        "ListPolicyVersions" => versions::list(store, parameters),
        "DeletePolicyVersion" => versions::delete(store, parameters),
        "SetDefaultPolicyVersion" => versions::set_default(store, now, parameters),
        "TagRole" => tags::tag_role(store, parameters),
        "UntagRole" => tags::untag_role(store, parameters),
        "ListRoleTags" => tags::of_role(store, parameters),
        "TagPolicy" => tags::tag_policy(store, parameters),
        "UntagPolicy" => tags::untag_policy(store, parameters),
        "ListPolicyTags" => tags::of_policy(store, parameters),
        _ => Err(unknown(operation)),
    }
}

fn unknown(operation: &str) -> ApiError {
    let message = format!("Could not find operation {operation} for version 2010-05-08");
    ApiError::new("InvalidAction", message)
}

/// The model's constraints in IAM's words: its name for the error, and places with small first letters.
fn check(operation: &str, parameters: &Data) -> Result<(), ApiError> {
    IAM.check(operation, parameters).map_err(|error| {
        let pattern =
            error.message.starts_with("1 ") && error.message.contains("expression pattern:");
        let mismatches = IAM.mismatches(operation, parameters);
        let mismatch = mismatches.first().filter(|_| pattern);
        mismatch.and_then(mismatched).unwrap_or_else(|| {
            let message = small(&error.message);
            given::renamed(ApiError { message, ..error }, "ValidationError")
        })
    })
}

/// IAM has words of its own for the names and paths that people choose.
fn mismatched(mismatch: &Mismatch<'_>) -> Option<ApiError> {
    let place = lowered(&mismatch.place);
    let rule = match place.as_str() {
        "roleName" | "policyName" => {
            "It must contain only alphanumeric characters and/or the following: +=,.@_-"
        }
        "path" => {
            "It must begin and end with / and contain only alphanumeric characters and/or / characters."
        }
        "description" => "It must contain only printable ASCII characters.",
        _ => return None,
    };
    let message = format!("The specified value for {place} is invalid. {rule}");
    Some(ApiError::new("ValidationError", message))
}

fn small(message: &str) -> String {
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r" at '([0-9A-Za-z.]+)' failed").expect("a fixed pattern"));
    let place = |found: &Captures<'_>| format!(" at '{}' failed", lowered(&found[1]));
    PLACE.replace_all(message, place).into_owned()
}

fn lowered(place: &str) -> String {
    let part = |part: &str| {
        let mut part = part.to_owned();
        if let Some(first) = part.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        part
    };
    place.split('.').map(part).collect::<Vec<_>>().join(".")
}
