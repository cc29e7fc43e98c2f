//! UpdateFunctionCode and UpdateFunctionConfiguration.

use std::sync::Arc;

use data::Data;

use super::configuration::{configuration, deployment};
use super::create::{architectures, changed, uploaded};
use super::name::Name;
use super::store::{Stored, Version};
use super::{Lambda, refused, uuid};
use crate::{ApiError, Caller};

impl Lambda {
    pub(super) async fn update_function_code(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read_latest(caller, parameters)?;
        let before = self.latest(&name, parameters)?;
        let bytes = uploaded(parameters)?;
        let package = self.package(&name, bytes, &before.settings).await?;
        let flag = |member| parameters.get(member).and_then(Data::as_bool) == Some(true);
        let after = Version {
            code: Arc::new(package),
            architectures: architectures(parameters, Some(&before.architectures)),
            modified: self.host.now(),
            revision: uuid(),
            ..before.clone()
        };
        if flag("DryRun") {
            return Ok(configuration(&name.region, &name.name, &after, false).into());
        }
        self.replace(&name, &before, after, flag("Publish"))
    }

    pub(super) async fn update_function_configuration(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read_latest(caller, parameters)?;
        let before = self.latest(&name, parameters)?;
        let mut after = Version {
            modified: self.host.now(),
            revision: uuid(),
            ..before.clone()
        };
        after.settings.extend(changed(parameters));
        let other = |member| after.settings.get(member) != before.settings.get(member);
        if other("Handler") || other("Runtime") {
            // Another handler may be another module of the same code.
            let bytes = Arc::clone(&before.code.bytes);
            after.code = Arc::new(self.package(&name, bytes, &after.settings).await?);
        }
        self.replace(&name, &before, after, false)
    }

    /// `$LATEST` as it is, if it is what the request wants to change.
    fn latest(&self, name: &Name, parameters: &Data) -> Result<Version, ApiError> {
        let store = self.store();
        let Some(stored) = store.get(name) else {
            return Err(name.not_found());
        };
        check_revision(parameters, &stored.latest.revision)?;
        Ok(stored.latest.clone())
    }

    /// Puts a new `$LATEST` in place, unless another came in between.
    fn replace(
        &self,
        name: &Name,
        before: &Version,
        after: Version,
        publish: bool,
    ) -> Result<Data, ApiError> {
        let mut store = self.store();
        let stored = store.get_mut(name).ok_or_else(|| name.not_found())?;
        if stored.latest.revision != before.revision {
            let message = format!(
                "The operation cannot be performed at this time. An update is in progress for resource: {}",
                name.arn()
            );
            return Err(refused("ResourceConflictException", message));
        }
        self.functions.deploy(deployment(
            &name.region,
            &name.name,
            &after,
            stored.concurrency,
        ));
        stored.latest = after;
        let shown = self.shown_or_published(name, stored, publish);
        self.save(&mut store, name);
        Ok(shown)
    }

    fn shown_or_published(&self, name: &Name, stored: &mut Stored, publish: bool) -> Data {
        if publish {
            return self.publish(name, stored, None).into();
        }
        configuration(&name.region, &name.name, &stored.latest, false).into()
    }
}

/// Whether a request wants to change what is there now, if it says what it wants to change.
pub(super) fn check_revision(parameters: &Data, revision: &str) -> Result<(), ApiError> {
    match parameters.get("RevisionId").and_then(Data::as_str) {
        Some(wanted) if wanted != revision => Err(refused(
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to \
             retrieve the latest RevisionId",
        )),
        _ => Ok(()),
    }
}
