//! Tags of roles and policies.

use std::collections::BTreeMap;

use data::Data;

use super::page::page;
use super::store::{Store, Tags, limit_exceeded};
use crate::error::ApiError;
use crate::given::{items, text, texts};

/// The quota for tags of one resource.
const PER_RESOURCE: usize = 50;

pub(super) fn tag_role(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    put(&mut role.tags, parameters, "TagsPerRole")
}

pub(super) fn untag_role(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    remove(&mut role.tags, parameters)
}

pub(super) fn of_role(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let role = store.role(text(parameters, "RoleName"))?;
    list(&role.tags, parameters)
}

pub(super) fn tag_policy(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let policy = store.policy(text(parameters, "PolicyArn"))?;
    put(&mut policy.tags, parameters, "TagsPerPolicy")
}

pub(super) fn untag_policy(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let policy = store.policy(text(parameters, "PolicyArn"))?;
    remove(&mut policy.tags, parameters)
}

pub(super) fn of_policy(store: &mut Store, parameters: &Data) -> Result<Data, ApiError> {
    let policy = store.policy(text(parameters, "PolicyArn"))?;
    list(&policy.tags, parameters)
}

/// The tags that a new resource is given.
pub(super) fn new(parameters: &Data) -> Result<Tags, ApiError> {
    Ok(Tags(read(parameters)?))
}

/// The member `Tags`. Keys that differ in case only are the same to IAM.
fn read(parameters: &Data) -> Result<Vec<(String, String)>, ApiError> {
    let tag = |tag: &Data| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned());
    let tags: Vec<(String, String)> = items(parameters, "Tags").iter().map(tag).collect();
    let mut keys: Vec<String> = tags.iter().map(|(key, _)| key.to_lowercase()).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(ApiError::new("InvalidInput", message));
    }
    Ok(tags)
}

fn put(tags: &mut Tags, parameters: &Data, quota: &str) -> Result<Data, ApiError> {
    let given = read(parameters)?;
    let replaced = |key: &str| {
        given
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(key))
    };
    let kept = tags.0.iter().filter(|(key, _)| !replaced(key)).count();
    if kept + given.len() > PER_RESOURCE {
        let message = format!("Cannot exceed quota for {quota}: {PER_RESOURCE}");
        return Err(limit_exceeded(message));
    }
    for (key, value) in given {
        match tags
            .0
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(&key))
        {
            Some(known) => *known = (key, value),
            None => tags.0.push((key, value)),
        }
    }
    Ok(Data::empty_object())
}

fn remove(tags: &mut Tags, parameters: &Data) -> Result<Data, ApiError> {
    for key in texts(parameters, "TagKeys") {
        tags.0.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
    }
    Ok(Data::empty_object())
}

fn list(tags: &Tags, parameters: &Data) -> Result<Data, ApiError> {
    let all = tags.to_data();
    let all = all.as_array().map_or(&[][..], data::Array::items);
    let by_key: BTreeMap<&str, &Data> = all.iter().map(|tag| (text(tag, "Key"), tag)).collect();
    let entries = by_key.into_iter().map(|(key, tag)| (key, tag.clone()));
    Ok(page(parameters, "Tags", entries)?.build().into())
}
