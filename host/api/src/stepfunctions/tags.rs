//! TagResource, UntagResource, ListTagsForResource.

use data::{Data, EcoString, Object};

use super::arn::MachineArn;
use super::refuse::{invalid_arn, no_resource};
use super::wire::{answer, items, needed, nothing, text};
use super::{Called, StepFunctions, arn};
use crate::error::ApiError;

/// The most tags of a resource (developer guide, "Tagging in Step Functions").
const MOST: usize = 50;

/// The tags of a resource, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags(Vec<(EcoString, EcoString)>);

impl Tags {
    /// The tags of a resource that is made.
    pub fn of_new(parameters: &Data, arn: &str) -> Result<Tags, ApiError> {
        Tags::default().with(items(parameters, "tags"), arn)
    }

    /// These and those of a request; a key that is there gets the new value.
    fn with(&self, more: &[Data], arn: &str) -> Result<Tags, ApiError> {
        let mut tags = self.clone();
        for tag in more {
            let value = EcoString::from(text(tag, "value").unwrap_or_default());
            let key = needed(tag, "key");
            match tags.0.iter_mut().find(|(known, _)| known == key) {
                Some(known) => known.1 = value,
                None => tags.0.push((key.into(), value)),
            }
        }
        if tags.0.len() > MOST {
            let message = format!("A resource can have at most {MOST} tags: '{arn}'");
            return Err(ApiError::new("TooManyTags", message).with_member("resourceName", arn));
        }
        Ok(tags)
    }

    fn without(&self, keys: &[Data]) -> Tags {
        let is_gone = |key: &str| keys.iter().any(|gone| gone.as_str() == Some(key));
        let left = self.0.iter().filter(|(key, _)| !is_gone(key));
        Tags(left.cloned().collect())
    }

    fn to_data(&self) -> Data {
        let tag = |(key, value): &(EcoString, EcoString)| {
            let tag = Object::builder().with("key", key.clone());
            Data::from(tag.with("value", value.clone()).build())
        };
        self.0.iter().map(tag).collect()
    }
}

impl StepFunctions {
    pub(super) fn tag_resource(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "resourceArn");
        let more = items(called.parameters, "tags");
        self.with_tags(called, arn, |tags| {
            *tags = tags.with(more, arn)?;
            Ok(nothing())
        })
    }

    pub(super) fn untag_resource(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "resourceArn");
        let keys = items(called.parameters, "tagKeys");
        self.with_tags(called, arn, |tags| {
            *tags = tags.without(keys);
            Ok(nothing())
        })
    }

    pub(super) fn list_tags_for_resource(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "resourceArn");
        self.with_tags(called, arn, |tags| {
            Ok(answer(Object::builder().with("tags", tags.to_data())))
        })
    }

    /// Does something to the tags of a state machine or an activity, which alone have some.
    fn with_tags(
        &self,
        called: &Called<'_>,
        arn: &str,
        work: impl FnOnce(&mut Tags) -> Result<Data, ApiError>,
    ) -> Result<Data, ApiError> {
        if arn::activity(arn).is_ok() {
            let mut activities = self.activities();
            let activity = activities.get_mut(arn);
            let activity = activity.filter(|one| one.region == called.caller.region);
            return work(&mut activity.ok_or_else(|| no_resource(arn))?.tags);
        }
        let parsed = MachineArn::parse(arn)?;
        if parsed.qualifier.is_some() {
            let detail = format!("Versions and aliases have no tags: {arn}");
            return Err(invalid_arn(detail));
        }
        let mut state = self.registry.lock();
        let machine = state.machines.get_mut(arn);
        let machine = machine.filter(|one| one.region == called.caller.region);
        work(&mut machine.ok_or_else(|| no_resource(arn))?.tags)
    }
}
