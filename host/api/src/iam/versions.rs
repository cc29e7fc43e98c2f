//! Versions of a managed policy.

use data::{Data, Object, ObjectBuilder};
use engine::Timestamp;

use super::managed::{check_document, is_aws};
use super::page::page;
use super::store::{
    Policy, Store, Version, date, delete_conflict, encoded, limit_exceeded, no_such_entity,
};
use crate::error::ApiError;
use crate::given::{flag, text};

/// The quota for versions of a policy.
const PER_POLICY: usize = 5;

pub(super) fn create(
    store: &mut Store,
    now: Timestamp,
    parameters: &Data,
) -> Result<Data, ApiError> {
    let policy = store.policy(text(parameters, "PolicyArn"))?;
    let document = text(parameters, "PolicyDocument");
    check_document(document)?;
    if policy.versions.len() >= PER_POLICY {
        return Err(limit_exceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
             existing version.",
        ));
    }
    let number = policy.next;
    let version = Version {
        document: document.to_owned(),
        created: now,
    };
    policy.versions.insert(number, version);
    policy.next += 1;
    policy.updated = now;
    if flag(parameters, "SetAsDefault") {
        policy.default = number;
    }
    let answer = described(policy, number, now).build();
    Ok(Object::builder()
        .with("PolicyVersion", answer)
        .build()
        .into())
}

pub(super) fn get(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let arn = text(parameters, "PolicyArn");
    if is_aws(arn) {
        let message = format!("The document of {arn} is not known here: it is AWS's own policy.");
        return Err(no_such_entity(message));
    }
    let (policy, number) = find(store, parameters)?;
    let version = &policy.versions[&number];
    let answer = described(policy, number, version.created);
    let answer = answer.with("Document", encoded(&version.document)).build();
    Ok(Object::builder()
        .with("PolicyVersion", answer)
        .build()
        .into())
}

/// ListPolicyVersions, the youngest first.
pub(super) fn list(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let policy = store.policy(text(parameters, "PolicyArn"))?;
    // A page goes upwards by key; the key of a version is how far it is from the last possible one.
    let versions = policy.versions.iter().rev();
    let entries: Vec<(String, Data)> = versions
        .map(|(number, version)| {
            let answer = described(policy, *number, version.created).build();
            (format!("{:010}", u32::MAX - number), answer.into())
        })
        .collect();
    let entries = entries
        .iter()
        .map(|(key, entry)| (key.as_str(), entry.clone()));
    Ok(page(parameters, "Versions", entries)?.build().into())
}

pub(super) fn delete(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let (policy, number) = find(store, parameters)?;
    if number == policy.default {
        return Err(delete_conflict(
            "Cannot delete the default version of a policy.",
        ));
    }
    policy.versions.remove(&number);
    Ok(Data::empty_object())
}

pub(super) fn set_default(
    store: &mut Store,
    now: Timestamp,
    parameters: &Data,
) -> Result<Data, ApiError> {
    let (policy, number) = find(store, parameters)?;
    policy.default = number;
    policy.updated = now;
    Ok(Data::empty_object())
}

/// The policy that is meant, and the number of a version that it has.
fn find<'s>(store: &'s mut Store, parameters: &Data) -> Result<(&'s mut Policy, u32), ApiError> {
    let arn = text(parameters, "PolicyArn");
    let version = text(parameters, "VersionId");
    let policy = store.policy(arn)?;
    let number = version
        .strip_prefix('v')
        .and_then(|number| number.parse().ok());
    match number.filter(|number| policy.versions.contains_key(number)) {
        Some(number) => Ok((policy, number)),
        None => Err(no_such_entity(format!(
            "Policy {arn} version {version} does not exist or is not attachable."
        ))),
    }
}

fn described(policy: &Policy, number: u32, created: Timestamp) -> ObjectBuilder {
    Object::builder()
        .with("VersionId", format!("v{number}"))
        .with("IsDefaultVersion", number == policy.default)
        .with("CreateDate", date(created))
}
