//! Which roles have which managed policies.

use data::{Data, Object};

use super::managed::{self, parts};
use super::page::page;
use super::store::{Role, Store, limit_exceeded, no_such_entity};
use crate::error::ApiError;
use crate::given::{maybe, text};

/// The quota for managed policies of a role.
const PER_ROLE: usize = 10;

pub(super) fn attach(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let arn = text(parameters, "PolicyArn");
    managed::exists(store, arn)?;
    let role = store.role(text(parameters, "RoleName"))?;
    if role.attached.len() >= PER_ROLE && !role.attached.contains(arn) {
        let message = format!("Cannot exceed quota for PoliciesPerRole: {PER_ROLE}");
        return Err(limit_exceeded(message));
    }
    role.attached.insert(arn.to_owned());
    Ok(Data::empty_object())
}

pub(super) fn detach(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let arn = text(parameters, "PolicyArn");
    let role = store.role(text(parameters, "RoleName"))?;
    if role.attached.remove(arn) {
        return Ok(Data::empty_object());
    }
    Err(no_such_entity(format!("Policy {arn} was not found.")))
}

pub(super) fn list(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let prefix = maybe(parameters, "PathPrefix").unwrap_or("/");
    let role = store.role(text(parameters, "RoleName"))?;
    let entries = role.attached.iter().filter_map(|arn| {
        let (_, name) = parts(arn).filter(|(path, _)| path.starts_with(prefix))?;
        let entry = Object::builder().with("PolicyName", name);
        let entry = entry.with("PolicyArn", arn.as_str()).build();
        Some((arn.as_str(), entry.into()))
    });
    Ok(page(parameters, "AttachedPolicies", entries)?
        .build()
        .into())
}

/// ListEntitiesForPolicy. There are no users and groups here.
pub(super) fn entities(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let arn = text(parameters, "PolicyArn");
    managed::found(store, arn)?;
    let prefix = maybe(parameters, "PathPrefix").unwrap_or("/");
    let usage = maybe(parameters, "PolicyUsageFilter");
    let wanted = maybe(parameters, "EntityFilter").is_none_or(|filter| filter == "Role");
    let uses = |role: &Role| match usage {
        Some("PermissionsBoundary") => role.boundary.as_deref() == Some(arn),
        _ => role.attached.contains(arn),
    };
    let roles = store.roles.values();
    let roles = roles.filter(|role| wanted && role.path.starts_with(prefix) && uses(role));
    let entries = roles.map(|role| {
        let entry = Object::builder().with("RoleName", role.name.as_str());
        let entry = entry.with("RoleId", role.id.as_str()).build();
        (role.name.as_str(), entry.into())
    });
    let answer = page(parameters, "PolicyRoles", entries)?
        .with("PolicyGroups", Vec::new())
        .with("PolicyUsers", Vec::new());
    Ok(answer.build().into())
}
