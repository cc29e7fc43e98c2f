//! CreateActivity, DescribeActivity, ListActivities, DeleteActivity, GetActivityTask.

use data::{Data, EcoString, Object};
use engine::Timestamp;
use runtime::is_name;
use serde::{Deserialize, Serialize};

use super::refuse::{invalid_name, no_activity};
use super::settings::encryption;
use super::tags::Tags;
use super::wire::{answer, needed, nothing, put, seconds, text};
use super::{Called, StepFunctions, arn};
use crate::error::ApiError;

/// The most activities of a region (developer guide, "Step Functions service quotas").
const MOST: usize = 10_000;

/// An activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Activity {
    pub name: EcoString,
    pub region: EcoString,
    pub created_at: Timestamp,
    pub encryption: Data,
    pub tags: Tags,
}

impl StepFunctions {
    /// The same creation again gives the same answer, whatever its tags.
    pub(super) async fn create_activity(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let (created, exists) = self.add_activity(called)?;
        if !exists {
            self.tell_activities().await?;
        }
        Ok(created)
    }

    fn add_activity(&self, called: &Called<'_>) -> Result<(Data, bool), ApiError> {
        let name = needed(called.parameters, "name");
        if !is_name(name) {
            return Err(invalid_name(name));
        }
        let arn = called.caller.arn("states", &format!("activity:{name}"));
        let owned_key = || {
            Object::builder()
                .with("type", "AWS_OWNED_KEY")
                .build()
                .into()
        };
        let encryption = encryption(called.parameters)?.unwrap_or_else(owned_key);
        let tags = Tags::of_new(called.parameters, &arn)?;
        let mut activities = self.registry.lock_activities();
        if let Some(known) = activities.get(&arn) {
            if known.encryption != encryption {
                let message = format!("Activity Already Exists: '{arn}'");
                return Err(ApiError::new("ActivityAlreadyExists", message));
            }
            return Ok((created(&arn, known.created_at), true));
        }
        if activities.len() >= MOST {
            let message = format!("Activity limit of {MOST} is reached");
            return Err(ApiError::new("ActivityLimitExceeded", message));
        }
        let activity = Activity {
            name: name.into(),
            region: called.caller.region.clone(),
            created_at: called.now,
            encryption,
            tags,
        };
        activities.insert(arn.clone(), activity);
        self.registry.save_activity(&activities, &arn);
        Ok((created(&arn, called.now), false))
    }

    pub(super) fn describe_activity(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "activityArn");
        let activity = self.activity(called, arn)?;
        let described = Object::builder()
            .with("activityArn", arn)
            .with("name", activity.name)
            .with("creationDate", seconds(activity.created_at))
            .with("encryptionConfiguration", activity.encryption);
        Ok(answer(described))
    }

    pub(super) fn list_activities(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let wanted = self.pager.wanted("ListActivities", called.parameters)?;
        let activities = self.registry.lock_activities();
        let seen = activities
            .iter()
            .filter(|(_, activity)| activity.region == called.caller.region);
        let items = seen.map(|(arn, activity)| {
            let item = Object::builder()
                .with("activityArn", arn.clone())
                .with("name", activity.name.clone())
                .with("creationDate", seconds(activity.created_at));
            (activity.name.to_string(), answer(item))
        });
        let mut list = Object::builder();
        wanted.cut("activities", items, &mut list);
        Ok(answer(list))
    }

    /// An activity that there is not is deleted already.
    pub(super) async fn delete_activity(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "activityArn");
        arn::activity(arn)?;
        if called.sees(arn) && self.remove_activity(arn) {
            self.tell_activities().await?;
        }
        Ok(nothing())
    }

    /// Whether there was such an activity.
    fn remove_activity(&self, arn: &str) -> bool {
        let mut activities = self.registry.lock_activities();
        let is_known = activities.remove(arn).is_some();
        if is_known {
            self.registry.save_activity(&activities, arn);
        }
        is_known
    }

    /// Waits for a task up to a minute; without one the token is null (service model).
    pub(super) async fn get_activity_task(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "activityArn");
        self.activity(called, arn)?;
        let worker = text(called.parameters, "workerName");
        let task = self.host.poll(arn, worker).await?;
        let mut answered = Object::builder();
        let token = task
            .as_ref()
            .map_or(Data::Null, |task| task.token.as_str().into());
        answered.insert("taskToken".into(), token);
        put(
            &mut answered,
            "input",
            task.map(|task| task.input.to_string()),
        );
        Ok(answer(answered))
    }

    fn activity(&self, called: &Called<'_>, arn: &str) -> Result<Activity, ApiError> {
        arn::activity(arn)?;
        let activity = self.registry.lock_activities().get(arn).cloned();
        let activity = activity.filter(|_| called.sees(arn));
        activity.ok_or_else(|| no_activity(arn))
    }

    /// Tells the host which activities there are. It is told while nobody else changes them, so that what it hears last
    /// is how they are.
    async fn tell_activities(&self) -> Result<(), ApiError> {
        let told = {
            let activities = self.registry.lock_activities();
            self.host
                .set_activities(activities.keys().cloned().collect())
        };
        Ok(told.await?)
    }
}

fn created(arn: &EcoString, at: Timestamp) -> Data {
    let created = Object::builder()
        .with("activityArn", arn.clone())
        .with("creationDate", seconds(at));
    answer(created)
}
