//! Roles themselves.

use std::collections::{BTreeMap, BTreeSet};

use data::{Data, Object, ObjectBuilder};
use engine::Timestamp;

use super::document::{Purpose, check};
use super::page::page;
use super::store::{
    Role, Store, already_exists, date, delete_conflict, encoded, length, limit_exceeded,
};
use super::{managed, tags};
use crate::error::ApiError;
use crate::given::{flag, integer, maybe, text};

/// Seconds that a session lasts at most, unless said otherwise.
const MAX_SESSION_DURATION: i64 = 3600;
/// The quota for the length of a trust policy.
const TRUST_LENGTH: usize = 2048;

pub(super) fn create(
    store: &mut Store,
    now: Timestamp,
    parameters: &Data,
) -> Result<Data, ApiError> {
    let name = text(parameters, "RoleName");
    let trust = text(parameters, "AssumeRolePolicyDocument");
    check_trust(trust)?;
    let boundary = maybe(parameters, "PermissionsBoundary");
    if let Some(arn) = boundary {
        managed::exists(store, arn)?;
    }
    let tags = tags::new(parameters)?;
    // Names are kept as written, but two that differ in case only are the same.
    if store
        .roles
        .keys()
        .any(|known| known.eq_ignore_ascii_case(name))
    {
        return Err(already_exists(format!(
            "Role with name {name} already exists."
        )));
    }
    let role = Role {
        id: store.id("AROA", name),
        name: name.to_owned(),
        path: maybe(parameters, "Path").unwrap_or("/").to_owned(),
        created: now,
        trust: trust.to_owned(),
        description: maybe(parameters, "Description").map(str::to_owned),
        max_session_duration: integer(parameters, "MaxSessionDuration")
            .unwrap_or(MAX_SESSION_DURATION),
        max_signin_session_duration: integer(parameters, "MaxSigninSessionDuration"),
        boundary: boundary.map(str::to_owned),
        tags,
        inline: BTreeMap::new(),
        attached: BTreeSet::new(),
    };
    let answer = whole(&role);
    store.add_role(role);
    Ok(Object::builder()
        .with("Role", answer.build())
        .build()
        .into())
}

pub(super) fn get(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    let role = whole(role).with("RoleLastUsed", Data::empty_object());
    Ok(Object::builder().with("Role", role.build()).build().into())
}

pub(super) fn list(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let prefix = maybe(parameters, "PathPrefix").unwrap_or("/");
    let roles = store.roles.values();
    let roles = roles.filter(|role| role.path.starts_with(prefix));
    let entries = roles.map(|role| (role.name.as_str(), described(role).build().into()));
    Ok(page(parameters, "Roles", entries)?.build().into())
}

pub(super) fn delete(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let name = text(parameters, "RoleName");
    let role = store.role(name)?;
    if !role.attached.is_empty() {
        return Err(delete_conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !role.inline.is_empty() {
        return Err(delete_conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    store.roles.remove(name);
    Ok(Data::empty_object())
}

pub(super) fn update(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    if let Some(description) = maybe(parameters, "Description") {
        role.description = Some(description.to_owned());
    }
    if let Some(seconds) = integer(parameters, "MaxSessionDuration") {
        role.max_session_duration = seconds;
    }
    if flag(parameters, "ResetMaxSigninSessionDuration") {
        role.max_signin_session_duration = None;
    }
    if let Some(seconds) = integer(parameters, "MaxSigninSessionDuration") {
        role.max_signin_session_duration = Some(seconds);
    }
    Ok(Data::empty_object())
}

pub(super) fn trust(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    let document = text(parameters, "PolicyDocument");
    check_trust(document)?;
    role.trust = document.to_owned();
    Ok(Data::empty_object())
}

/// There are no instance profiles here, so no role is in one.
pub(super) fn instance_profiles(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    store.role(text(parameters, "RoleName"))?;
    let none = std::iter::empty();
    Ok(page(parameters, "InstanceProfiles", none)?.build().into())
}

fn check_trust(document: &str) -> Result<(), ApiError> {
    check(Purpose::Trust, document)?;
    if length(document) > TRUST_LENGTH {
        let message = format!("Cannot exceed quota for ACLSizePerRole: {TRUST_LENGTH}");
        return Err(limit_exceeded(message));
    }
    Ok(())
}

/// A role as ListRoles has it.
fn described(role: &Role) -> ObjectBuilder {
    let mut answer = Object::builder()
        .with("Path", role.path.as_str())
        .with("RoleName", role.name.as_str())
        .with("RoleId", role.id.as_str())
        .with("Arn", role.arn())
        .with("CreateDate", date(role.created))
        .with("AssumeRolePolicyDocument", encoded(&role.trust))
        .with("MaxSessionDuration", role.max_session_duration);
    if let Some(description) = &role.description {
        answer.insert("Description".into(), description.as_str().into());
    }
    if let Some(seconds) = role.max_signin_session_duration {
        answer.insert("MaxSigninSessionDuration".into(), seconds.into());
    }
    answer
}

/// A role with what only GetRole and CreateRole show: permissions boundary and tags.
fn whole(role: &Role) -> ObjectBuilder {
    let mut answer = described(role);
    if let Some(arn) = &role.boundary {
        let boundary = Object::builder()
            .with("PermissionsBoundaryType", "PermissionsBoundaryPolicy")
            .with("PermissionsBoundaryArn", arn.as_str());
        answer.insert("PermissionsBoundary".into(), boundary.build().into());
    }
    role.tags.shown(answer)
}
