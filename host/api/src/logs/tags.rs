//! Tags of groups, by ARN and, as it used to be, by name.

use data::Data;

use super::group::Group;
use super::{Region, Request, answer, invalid, name_of};
use crate::error::ApiError;
use crate::given::{text, texts};

/// The quota for tags of a group.
const PER_GROUP: usize = 50;

pub(super) fn tag_resource(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let arn = text(request.parameters, "resourceArn");
    put(resource(region, request)?, request).map_err(|error| error.with_member("resourceName", arn))
}

pub(super) fn untag_resource(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let group = resource(region, request)?;
    texts(request.parameters, "tagKeys").for_each(|key| drop(group.tags.remove(key)));
    Ok(Data::empty_object())
}

pub(super) fn of_resource(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    Ok(answer::tags(&resource(region, request)?.tags)
        .build()
        .into())
}

pub(super) fn tag_group(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    // The older operation does not declare TooManyTagsException.
    put(group, request).map_err(|error| invalid(error.message))
}

pub(super) fn untag_group(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    texts(request.parameters, "tags").for_each(|key| drop(group.tags.remove(key)));
    Ok(Data::empty_object())
}

pub(super) fn of_group(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    Ok(answer::tags(&group.tags).build().into())
}

/// The member `tags`, a map.
pub(super) fn given(parameters: &Data) -> impl Iterator<Item = (String, String)> {
    let tags = parameters.get("tags").and_then(Data::as_object);
    let tags = tags.into_iter().flat_map(|tags| tags.iter());
    tags.filter_map(|(key, value)| Some((key.to_string(), value.as_str()?.to_owned())))
}

fn put(group: &mut Group, request: &Request<'_>) -> Result<Data, ApiError> {
    let mut tags = group.tags.clone();
    tags.extend(given(request.parameters));
    if tags.len() > PER_GROUP {
        let message = "A resource can have no more than 50 tags.";
        return Err(ApiError::new("TooManyTagsException", message));
    }
    group.tags = tags;
    Ok(Data::empty_object())
}

/// The group whose ARN `resourceArn` is.
fn resource<'r>(region: &'r mut Region, request: &Request<'_>) -> Result<&'r mut Group, ApiError> {
    let arn = text(request.parameters, "resourceArn");
    if !arn.starts_with("arn:") || !arn.contains(":log-group:") {
        return Err(invalid(format!("The ARN is not valid: {arn}")));
    }
    region.group(name_of(arn), request.now)
}
