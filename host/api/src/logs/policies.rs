//! Resource policies: kept and answered, never enforced.

use data::{Data, Object, ObjectBuilder};
use engine::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::kept::POLICY;
use super::{Region, Request, answer, invalid};
use crate::error::ApiError;
use crate::given::maybe;

/// The quota for policies of a region that belong to no single resource.
const PER_REGION: usize = 10;

/// A resource policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) name: Option<String>,
    pub(super) document: String,
    pub(super) updated: Timestamp,
    /// The one resource that it is for; none: the policy is the account's.
    pub(super) resource: Option<String>,
    pub(super) revision: String,
}

pub(super) fn put(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let parameters = request.parameters;
    let key = key(parameters, "policyName")?;
    let document = maybe(parameters, "policyDocument")
        .ok_or_else(|| invalid("policyDocument must not be null."))?;
    if Data::parse(document)
        .ok()
        .is_none_or(|policy| policy.get("Statement").is_none())
    {
        return Err(invalid("The policy document is not valid."));
    }
    let resource = maybe(parameters, "resourceArn");
    expected(region, key, parameters)?;
    let of_account = region
        .policies
        .values()
        .filter(|policy| policy.resource.is_none());
    let full = of_account.count() >= PER_REGION;
    if full && resource.is_none() && !region.policies.contains_key(key) {
        return Err(ApiError::new(
            "LimitExceededException",
            "Resource limit exceeded.",
        ));
    }
    let policy = Policy {
        name: maybe(parameters, "policyName").map(str::to_owned),
        document: document.to_owned(),
        updated: request.now,
        resource: resource.map(str::to_owned),
        revision: revision(key, document, request.now),
    };
    let answer = Object::builder().with("resourcePolicy", described(&policy).build());
    let answer = answer.with("revisionId", policy.revision.as_str());
    region.touch(POLICY, key);
    region.policies.insert(key.to_owned(), policy);
    Ok(answer.build().into())
}

pub(super) fn describe(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let resource = maybe(request.parameters, "resourceArn");
    let scope = match maybe(request.parameters, "policyScope") {
        None if resource.is_some() => "RESOURCE",
        scope => scope.unwrap_or("ACCOUNT"),
    };
    let wanted = |policy: &Policy| {
        policy.scope() == scope
            && resource.is_none_or(|arn| policy.resource.as_deref() == Some(arn))
    };
    let policies = region.policies.iter().filter(|(_, policy)| wanted(policy));
    let entries = policies.map(|(key, policy)| (key.clone(), described(policy).build().into()));
    answer::page(request, "resourcePolicies", entries, |key, start| {
        key > start
    })
}

pub(super) fn delete(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let key = key(request.parameters, "policyName")?;
    expected(region, key, request.parameters)?;
    region.touch(POLICY, key);
    match region.policies.remove(key) {
        Some(_) => Ok(Data::empty_object()),
        None => {
            let message = format!("Policy with name [{key}] does not exist");
            Err(ApiError::new("ResourceNotFoundException", message))
        }
    }
}

/// What a policy is known by: the resource that it is for, else its name.
fn key<'d>(parameters: &'d Data, name: &str) -> Result<&'d str, ApiError> {
    let key = maybe(parameters, "resourceArn").or_else(|| maybe(parameters, name));
    key.ok_or_else(|| invalid("Either policyName or resourceArn must be specified."))
}

/// Refuses a change of another revision than the caller knows.
fn expected(region: &Region, key: &str, parameters: &Data) -> Result<(), ApiError> {
    let policy = region.policies.get(key);
    match (maybe(parameters, "expectedRevisionId"), policy) {
        (Some(expected), Some(policy)) if policy.revision != expected => Err(ApiError::new(
            "OperationAbortedException",
            "The revision id does not match that of the policy.",
        )),
        _ => Ok(()),
    }
}

fn revision(key: &str, document: &str, now: Timestamp) -> String {
    let digest = Sha256::digest(format!("{key}\n{document}\n{}", now.0).as_bytes());
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Policy {
    fn scope(&self) -> &'static str {
        if self.resource.is_some() {
            "RESOURCE"
        } else {
            "ACCOUNT"
        }
    }
}

fn described(policy: &Policy) -> ObjectBuilder {
    let mut answer = Object::builder();
    if let Some(name) = &policy.name {
        answer.insert("policyName".into(), name.as_str().into());
    }
    let mut answer = answer
        .with("policyDocument", policy.document.as_str())
        .with("lastUpdatedTime", policy.updated.0)
        .with("policyScope", policy.scope());
    if let Some(arn) = &policy.resource {
        answer.insert("resourceArn".into(), arn.as_str().into());
    }
    answer.with("revisionId", policy.revision.as_str())
}
