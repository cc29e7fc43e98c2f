//! Inline policies of a role.

use data::{Data, Object};

use super::document::{Purpose, check};
use super::page::page;
use super::store::{Store, encoded, length, limit_exceeded, no_such_entity};
use crate::error::ApiError;
use crate::given::text;

/// The quota for the length of all inline policies of a role together.
const LENGTH: usize = 10_240;

pub(super) fn put(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    let name = text(parameters, "PolicyName");
    let document = text(parameters, "PolicyDocument");
    check(Purpose::Inline, document)?;
    let others = role.inline.iter().filter(|(known, _)| *known != name);
    let others: usize = others.map(|(_, document)| length(document)).sum();
    if others + length(document) > LENGTH {
        let message = format!(
            "Maximum policy size of {LENGTH} bytes exceeded for role {}",
            role.name
        );
        return Err(limit_exceeded(message));
    }
    role.inline.insert(name.to_owned(), document.to_owned());
    Ok(Data::empty_object())
}

pub(super) fn get(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    let name = text(parameters, "PolicyName");
    let document = role.inline.get(name).ok_or_else(|| missing(name))?;
    let answer = Object::builder()
        .with("RoleName", role.name.as_str())
        .with("PolicyName", name)
        .with("PolicyDocument", encoded(document));
    Ok(answer.build().into())
}

pub(super) fn list(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    let names = role
        .inline
        .keys()
        .map(|name| (name.as_str(), name.as_str().into()));
    Ok(page(parameters, "PolicyNames", names)?.build().into())
}

pub(super) fn delete(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    let name = text(parameters, "PolicyName");
    role.inline.remove(name).ok_or_else(|| missing(name))?;
    Ok(Data::empty_object())
}

fn missing(name: &str) -> ApiError {
    no_such_entity(format!("The role policy with name {name} cannot be found."))
}
