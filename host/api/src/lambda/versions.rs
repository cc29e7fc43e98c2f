//! PublishVersion and ListVersionsByFunction.

use data::{Data, EcoString, Object};

use super::configuration::{configuration, deployment};
use super::name::Name;
use super::read::page;
use super::store::{Stored, Version};
use super::update::check_revision;
use super::{Lambda, invalid, uuid};
use crate::{ApiError, Caller};

impl Lambda {
    pub(super) fn publish_version(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read_latest(caller, parameters)?;
        let mut store = self.store();
        let Some(stored) = store.get_mut(&name) else {
            return Err(name.not_found());
        };
        check_revision(parameters, &stored.latest.revision)?;
        let sha256 = &stored.latest.code.sha256;
        let wanted = parameters.get("CodeSha256").and_then(Data::as_str);
        if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty() && wanted != sha256) {
            return Err(invalid(format!(
                "CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({sha256}). Please try again \
                 with the CodeSHA256 in $LATEST."
            )));
        }
        let description = parameters
            .get("Description")
            .filter(|value| !value.is_null());
        let shown = self.publish(&name, stored, description);
        self.save(&mut store, &name);
        Ok(shown.into())
    }

    /// Publishes `$LATEST`, or finds the version that it was published as.
    pub(super) fn publish(
        &self,
        name: &Name,
        stored: &mut Stored,
        description: Option<&Data>,
    ) -> Object {
        let last = stored.published.get(&stored.last_number);
        if let Some(last) = last.filter(|last| is_same(last, &stored.latest)) {
            return configuration(&name.region, &name.name, last, true);
        }
        stored.last_number += 1;
        let number = stored.last_number;
        let mut version = Version {
            version: EcoString::from(number.to_string()),
            modified: self.host.now(),
            revision: uuid(),
            ..stored.latest.clone()
        };
        if let Some(description) = description {
            version.settings.insert("Description", description.clone());
        }
        self.functions.deploy(deployment(
            &name.region,
            &name.name,
            &version,
            stored.concurrency,
        ));
        let shown = configuration(&name.region, &name.name, &version, true);
        stored.published.insert(number, version);
        shown
    }

    pub(super) fn list_versions(
        &self,
        caller: &Caller,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let name = Name::read_latest(caller, parameters)?;
        let store = self.store();
        let stored = store.get(&name).ok_or_else(|| name.not_found())?;
        let shown: Vec<Object> = stored
            .versions()
            .map(|version| configuration(&name.region, &name.name, version, true))
            .collect();
        page("Versions", shown, parameters)
    }
}

/// Whether publishing would make the same version again. What differs by its description alone is the same.
fn is_same(published: &Version, latest: &Version) -> bool {
    let settings = |version: &Version| {
        let mut settings = version.settings.clone();
        settings.remove("Description");
        settings
    };
    published.code.sha256 == latest.code.sha256
        && published.architectures == latest.architectures
        && settings(published) == settings(latest)
}
