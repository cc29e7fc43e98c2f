//! Managed policies: the account's own, and AWS's, any of which is taken to exist.

use std::collections::{BTreeMap, BTreeSet};

use data::{Data, Object, ObjectBuilder};
use engine::Timestamp;

use super::document::{Purpose, check};
use super::page::page;
use super::store::{
    Policy, Store, Version, already_exists, date, delete_conflict, length, letters, limit_exceeded,
    no_such_entity,
};
use super::tags;
use crate::caller::ACCOUNT;
use crate::error::ApiError;
use crate::given::{flag, maybe, number, text};

/// The quota for the length of a managed policy.
const LENGTH: usize = 6144;
/// When AWS's own policies were made, as far as it is told here: when managed policies were new.
const OF_OLD: Timestamp = Timestamp(1_423_161_658_000);

/// Path and name of a managed policy, from its ARN.
pub(super) fn parts(arn: &str) -> Option<(&str, &str)> {
    let (_, resource) = arn.split_once(":policy/")?;
    let start = arn.len() - resource.len() - 1;
    let slash = arn.rfind('/')?;
    Some((&arn[start..=slash], &arn[slash + 1..]))
}

/// Whether an ARN is one of AWS's own policies.
pub(super) fn is_aws(arn: &str) -> bool {
    arn.starts_with("arn:aws:iam::aws:policy/")
        && parts(arn).is_some_and(|(_, name)| !name.is_empty())
}

/// Whether there is such a policy to attach.
pub(super) fn exists(store: &Store, arn: &str) -> Result<(), ApiError> {
    if !arn.starts_with("arn:") {
        return Err(ApiError::new(
            "InvalidInput",
            format!("ARN {arn} is not valid."),
        ));
    }
    if is_aws(arn) || store.policies.contains_key(arn) {
        return Ok(());
    }
    Err(no_such_entity(format!(
        "Policy {arn} does not exist or is not attachable."
    )))
}

/// Whether there is such a policy to ask about.
pub(super) fn found(store: &Store, arn: &str) -> Result<(), ApiError> {
    if is_aws(arn) || store.policies.contains_key(arn) {
        return Ok(());
    }
    Err(no_such_entity(format!("Policy {arn} was not found.")))
}

pub(super) fn create(
    store: &mut Store,
    now: Timestamp,
    parameters: &Data,
) -> Result<Data, ApiError> {
    let name = text(parameters, "PolicyName");
    let path = maybe(parameters, "Path").unwrap_or("/");
    let document = text(parameters, "PolicyDocument");
    check_document(document)?;
    let tags = tags::new(parameters)?;
    if store
        .policies
        .values()
        .any(|known| known.name.eq_ignore_ascii_case(name))
    {
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(already_exists(message));
    }
    let first = Version {
        document: document.to_owned(),
        created: now,
    };
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy{path}{name}");
    let policy = Policy {
        id: store.id("ANPA", name),
        name: name.to_owned(),
        path: path.to_owned(),
        arn,
        description: maybe(parameters, "Description").map(str::to_owned),
        created: now,
        updated: now,
        tags,
        versions: BTreeMap::from([(1, first)]),
        default: 1,
        next: 2,
    };
    let answer = policy.tags.shown(described(store, &policy));
    store.add_policy(policy);
    Ok(Object::builder()
        .with("Policy", answer.build())
        .build()
        .into())
}

pub(super) fn get(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let arn = text(parameters, "PolicyArn");
    found(store, arn)?;
    let mut answer = shown(store, arn);
    let policy = store.policies.get(arn);
    if let Some(description) = policy.and_then(|policy| policy.description.as_deref()) {
        answer.insert("Description".into(), description.into());
    }
    let tags = policy.map_or_else(|| Vec::new().into(), |policy| policy.tags.to_data());
    let answer = answer.with("Tags", tags).build();
    Ok(Object::builder().with("Policy", answer).build().into())
}

/// ListPolicies. Of AWS's own policies only those in use are known.
pub(super) fn list(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let scope = maybe(parameters, "Scope").unwrap_or("All");
    let prefix = maybe(parameters, "PathPrefix").unwrap_or("/");
    let usage = maybe(parameters, "PolicyUsageFilter");
    let only_attached = flag(parameters, "OnlyAttached");
    let used = store
        .roles
        .values()
        .flat_map(|role| role.attached.iter().chain(&role.boundary));
    let aws = used.filter(|arn| is_aws(arn) && scope != "Local");
    let own = store.policies.keys().filter(|_| scope != "AWS");
    let arns: BTreeSet<&String> = aws.chain(own).collect();
    let wanted = |arn: &&&String| {
        let (attached, bounding) = store.uses(arn);
        let fits = match usage {
            Some("PermissionsBoundary") => bounding > 0,
            Some(_) => attached > 0,
            None => !only_attached || attached > 0,
        };
        fits && parts(arn).is_some_and(|(path, _)| path.starts_with(prefix))
    };
    let arns = arns.iter().filter(wanted);
    let entries = arns.map(|arn| (arn.as_str(), shown(store, arn).build().into()));
    Ok(page(parameters, "Policies", entries)?.build().into())
}

pub(super) fn delete(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let arn = text(parameters, "PolicyArn");
    let uses = store.uses(arn);
    let policy = store.policy(arn)?;
    if uses != (0, 0) {
        return Err(delete_conflict(
            "Cannot delete a policy attached to entities.",
        ));
    }
    if policy.versions.len() > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.",
        ));
    }
    store.policies.remove(arn);
    Ok(Data::empty_object())
}

/// Whether a text may be a version of a managed policy.
pub(super) fn check_document(document: &str) -> Result<(), ApiError> {
    check(Purpose::Managed, document)?;
    if length(document) > LENGTH {
        return Err(limit_exceeded(format!(
            "Cannot exceed quota for PolicySize: {LENGTH}"
        )));
    }
    Ok(())
}

fn shown(store: &Store, arn: &str) -> ObjectBuilder {
    match store.policies.get(arn) {
        Some(policy) => described(store, policy),
        None => of_aws(store, arn),
    }
}

fn described(store: &Store, policy: &Policy) -> ObjectBuilder {
    let answer = Object::builder()
        .with("PolicyName", policy.name.as_str())
        .with("PolicyId", policy.id.as_str())
        .with("Arn", policy.arn.as_str())
        .with("Path", policy.path.as_str())
        .with("DefaultVersionId", format!("v{}", policy.default));
    counted(store, &policy.arn, answer)
        .with("CreateDate", date(policy.created))
        .with("UpdateDate", date(policy.updated))
}

fn of_aws(store: &Store, arn: &str) -> ObjectBuilder {
    let (path, name) = parts(arn).unwrap_or(("/", arn));
    let answer = Object::builder()
        .with("PolicyName", name)
        .with("PolicyId", format!("ANPA{}", letters(arn)))
        .with("Arn", arn)
        .with("Path", path)
        .with("DefaultVersionId", "v1");
    counted(store, arn, answer)
        .with("CreateDate", date(OF_OLD))
        .with("UpdateDate", date(OF_OLD))
}

fn counted(store: &Store, arn: &str, answer: ObjectBuilder) -> ObjectBuilder {
    let (attached, bounding) = store.uses(arn);
    answer
        .with("AttachmentCount", number(attached))
        .with("PermissionsBoundaryUsageCount", number(bounding))
        .with("IsAttachable", true)
}
