//! Log groups.

use data::Data;

use super::group::Group;
use super::kept::GROUP;
use super::{Region, Request, answer, invalid, name_of, tags};
use crate::error::ApiError;
use crate::given::{flag, integer, items, maybe, text, texts};

/// The values that `retentionInDays` may have.
const RETENTION: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub(super) fn create(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let parameters = request.parameters;
    let name = text(parameters, "logGroupName");
    if name.to_ascii_lowercase().starts_with("aws/") {
        return Err(invalid(
            "Log groups starting with AWS/ are reserved for AWS.",
        ));
    }
    if region.groups.contains_key(name) {
        let message = "The specified log group already exists";
        return Err(ApiError::new("ResourceAlreadyExistsException", message));
    }
    let mut group = Group::new(request.now);
    group.class = maybe(parameters, "logGroupClass")
        .unwrap_or("STANDARD")
        .into();
    group.kms_key = maybe(parameters, "kmsKeyId").map(str::to_owned);
    group.deletion_protection = flag(parameters, "deletionProtectionEnabled");
    group.tags = tags::given(parameters).collect();
    region.touch(GROUP, name);
    region.groups.insert(name.to_owned(), group);
    Ok(Data::empty_object())
}

pub(super) fn delete(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let name = text(request.parameters, "logGroupName");
    if region.group(name, request.now)?.deletion_protection {
        let message = "The log group cannot be deleted: its deletion protection is enabled.";
        return Err(ApiError::new("ValidationException", message));
    }
    region.groups.remove(name);
    Ok(Data::empty_object())
}

pub(super) fn describe(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let parameters = request.parameters;
    let prefix = maybe(parameters, "logGroupNamePrefix");
    let pattern = maybe(parameters, "logGroupNamePattern").map(str::to_lowercase);
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let class = maybe(parameters, "logGroupClass");
    let named: Vec<&str> = texts(parameters, "logGroupIdentifiers")
        .map(name_of)
        .collect();
    let all = items(parameters, "logGroupIdentifiers").is_empty();
    region
        .groups
        .values_mut()
        .for_each(|group| group.expire(request.now));
    let wanted = |(name, group): &(&String, &Group)| {
        prefix.is_none_or(|prefix| name.starts_with(prefix))
            && pattern
                .as_deref()
                .is_none_or(|part| name.to_lowercase().contains(part))
            && class.is_none_or(|class| group.class == class)
            && (all || named.contains(&name.as_str()))
    };
    let groups = region.groups.iter().filter(wanted);
    let entries = groups.map(|(name, group)| (name.clone(), answer::group(request, name, group)));
    answer::page(request, "logGroups", entries, |key, start| key > start)
}

pub(super) fn put_retention(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let days = integer(request.parameters, "retentionInDays").unwrap_or_default();
    if !RETENTION.contains(&days) {
        let values = RETENTION.map(|days| days.to_string()).join(", ");
        return Err(invalid(format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member \
             must satisfy enum value set: [{values}]"
        )));
    }
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    group.retention = Some(days);
    Ok(Data::empty_object())
}

pub(super) fn delete_retention(
    region: &mut Region,
    request: &Request<'_>,
) -> Result<Data, ApiError> {
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    group.retention = None;
    Ok(Data::empty_object())
}
