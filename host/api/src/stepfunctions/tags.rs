//! TagResource, UntagResource, ListTagsForResource.

use data::{Data, EcoString, Object};
use serde::{Deserialize, Serialize};

use super::arn::MachineArn;
use super::refuse::{invalid_arn, no_resource};
use super::registry::{Activities, State};
use super::wire::{answer, items, needed, nothing, text};
use super::{Called, StepFunctions, arn};
use crate::error::ApiError;

/// The most tags of a resource (developer guide, "Tagging in Step Functions").
const MOST: usize = 50;

/// The tags of a resource, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        self.change_tags(called, arn, |tags| tags.with(more, arn))
    }

    pub(super) fn untag_resource(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "resourceArn");
        let keys = items(called.parameters, "tagKeys");
        self.change_tags(called, arn, |tags| Ok(tags.without(keys)))
    }

    pub(super) fn list_tags_for_resource(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "resourceArn");
        let listed = |tags: &mut Tags| answer(Object::builder().with("tags", tags.to_data()));
        if is_activity(arn)? {
            let mut activities = self.registry.lock_activities();
            return tags_of_activity(&mut activities, called, arn).map(listed);
        }
        tags_of_machine(&mut self.registry.lock(), called, arn).map(listed)
    }

    /// Gives a state machine or an activity other tags.
    fn change_tags(
        &self,
        called: &Called<'_>,
        arn: &str,
        change: impl FnOnce(&Tags) -> Result<Tags, ApiError>,
    ) -> Result<Data, ApiError> {
        if is_activity(arn)? {
            let mut activities = self.registry.lock_activities();
            let tags = tags_of_activity(&mut activities, called, arn)?;
            *tags = change(tags)?;
            self.registry.save_activity(&activities, arn);
            return Ok(nothing());
        }
        let mut state = self.registry.lock();
        let tags = tags_of_machine(&mut state, called, arn)?;
        *tags = change(tags)?;
        state.save(arn);
        Ok(nothing())
    }
}

/// Whether an ARN is an activity's; else it is a state machine's. Nothing else has tags.
fn is_activity(arn: &str) -> Result<bool, ApiError> {
    if arn::activity(arn).is_ok() {
        return Ok(true);
    }
    if MachineArn::parse(arn)?.qualifier.is_some() {
        let detail = format!("Versions and aliases have no tags: {arn}");
        return Err(invalid_arn(detail));
    }
    Ok(false)
}

fn tags_of_activity<'s>(
    activities: &'s mut Activities,
    called: &Called<'_>,
    arn: &str,
) -> Result<&'s mut Tags, ApiError> {
    let activity = activities.get_mut(arn);
    let activity = activity.filter(|one| one.region == called.caller.region);
    Ok(&mut activity.ok_or_else(|| no_resource(arn))?.tags)
}

fn tags_of_machine<'s>(
    state: &'s mut State,
    called: &Called<'_>,
    arn: &str,
) -> Result<&'s mut Tags, ApiError> {
    let machine = state.machines.get_mut(arn);
    let machine = machine.filter(|one| one.region == called.caller.region);
    Ok(&mut machine.ok_or_else(|| no_resource(arn))?.tags)
}
