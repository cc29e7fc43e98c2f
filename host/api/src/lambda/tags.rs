//! TagResource, UntagResource and ListTags.

use std::collections::BTreeMap;

use data::{Data, EcoString, Object};

use super::name::Name;
use super::{Lambda, invalid};
use crate::{ApiError, Caller};

/// Lambda's most tags of a function.
const MOST: usize = 50;

impl Lambda {
    pub(super) fn tag_resource(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let more = read(parameters.get("Tags"))?;
        self.with_tags(caller, parameters, |tags| {
            let mut all = tags.clone();
            all.extend(more);
            check(&all)?;
            *tags = all;
            Ok(())
        })
    }

    pub(super) fn untag_resource(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let keys = parameters.get("TagKeys").and_then(Data::as_array);
        self.with_tags(caller, parameters, |tags| {
            let keys = keys.into_iter().flat_map(|keys| keys.items());
            keys.filter_map(Data::as_str)
                .for_each(|key| drop(tags.remove(key)));
            Ok(())
        })
    }

    pub(super) fn list_tags(&self, caller: &Caller, parameters: &Data) -> Result<Data, ApiError> {
        let name = tagged(caller, parameters)?;
        let store = self.store();
        let stored = store.get(&name).ok_or_else(|| name.not_found())?;
        Ok(super::configuration::one("Tags", shown(&stored.tags)))
    }

    fn with_tags(
        &self,
        caller: &Caller,
        parameters: &Data,
        change: impl FnOnce(&mut BTreeMap<String, String>) -> Result<(), ApiError>,
    ) -> Result<Data, ApiError> {
        let name = tagged(caller, parameters)?;
        let mut store = self.store();
        match store.get_mut(&name) {
            Some(stored) => change(&mut stored.tags)?,
            None => return Err(name.not_found()),
        }
        self.save(&mut store, &name);
        Ok(Data::empty_object())
    }
}

/// The function that a resource is.
fn tagged(caller: &Caller, parameters: &Data) -> Result<Name, ApiError> {
    let resource = parameters
        .get("Resource")
        .and_then(Data::as_str)
        .unwrap_or_default();
    let name = Name::of(caller, resource)?;
    match name.qualifier {
        None => Ok(name),
        Some(_) => Err(invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        )),
    }
}

/// Tags as a request has them.
pub(super) fn read(tags: Option<&Data>) -> Result<BTreeMap<String, String>, ApiError> {
    let tags = tags
        .and_then(Data::as_object)
        .into_iter()
        .flat_map(Object::iter);
    let text = |value: &Data| value.as_str().unwrap_or_default().to_owned();
    let tags = tags
        .map(|(key, value)| (key.to_string(), text(value)))
        .collect();
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags
        .keys()
        .any(|key| key.to_ascii_lowercase().starts_with("aws:"))
    {
        return Err(invalid("Tag keys must not start with aws:"));
    }
    if tags
        .keys()
        .any(|key| key.is_empty() || key.chars().count() > 128)
    {
        return Err(invalid("A tag's key has between 1 and 128 characters"));
    }
    if tags.len() > MOST {
        return Err(invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(())
}

pub(super) fn shown(tags: &BTreeMap<String, String>) -> Data {
    let tags = tags.iter().fold(Object::builder(), |all, (key, value)| {
        all.with(EcoString::from(key.as_str()), value.as_str())
    });
    tags.build().into()
}
