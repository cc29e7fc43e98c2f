//! PublishStateMachineVersion, ListStateMachineVersions, DeleteStateMachineVersion.

use data::{Data, EcoString, Object};

use super::arn::MachineArn;
use super::page::descending;
use super::refuse::{conflict, machine_deleting, no_machine};
use super::wire::{answer, needed, nothing, owned, seconds, text};
use super::{Called, StepFunctions};
use crate::error::ApiError;

/// What the revision that a machine is created with is called, having no id (service model).
const INITIAL: &str = "INITIAL";

impl StepFunctions {
    pub(super) fn publish_state_machine_version(
        &self,
        called: &Called<'_>,
    ) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let text_arn = needed(parameters, "stateMachineArn");
        let arn = MachineArn::unqualified(text_arn)?;
        let mut state = self.registry.lock();
        let machine = state.machines.get_mut(&arn.machine);
        let machine = machine.filter(|_| called.sees(text_arn));
        let machine = machine.ok_or_else(|| no_machine(text_arn))?;
        if machine.deleting {
            return Err(machine_deleting(text_arn));
        }
        let current = machine.revision.terms.id.as_deref().unwrap_or(INITIAL);
        if let Some(wanted) = text(parameters, "revisionId").filter(|wanted| *wanted != current) {
            return Err(conflict(format!(
                "Failed to publish the State Machine version for revision {wanted}. \
                 The current State Machine revision is {current}."
            )));
        }
        let number = machine.publish(called.now, owned(parameters, "description"))?;
        let created = machine
            .version(number)
            .map_or(called.now, |one| one.created_at);
        let published = Object::builder()
            .with("stateMachineVersionArn", machine.version_arn(number))
            .with("creationDate", seconds(created));
        state.save(&arn.machine);
        Ok(answer(published))
    }

    /// The newest first. A machine that there is not has no versions: the model declares no other answer.
    pub(super) fn list_state_machine_versions(
        &self,
        called: &Called<'_>,
    ) -> Result<Data, ApiError> {
        let text_arn = needed(called.parameters, "stateMachineArn");
        let arn = MachineArn::unqualified(text_arn)?;
        let pager = &self.pager;
        let wanted = pager.wanted("ListStateMachineVersions", called.parameters)?;
        let state = self.registry.lock();
        let machine = state.machine(&arn).filter(|_| called.sees(text_arn));
        let versions = machine.iter().flat_map(|machine| {
            machine.versions.iter().rev().map(|version| {
                let item = Object::builder()
                    .with(
                        "stateMachineVersionArn",
                        machine.version_arn(version.number),
                    )
                    .with("creationDate", seconds(version.created_at));
                (descending(version.number.into()), answer(item))
            })
        });
        let mut list = Object::builder();
        wanted.cut("stateMachineVersions", versions, &mut list);
        Ok(answer(list))
    }

    /// A version that there is not is deleted already.
    pub(super) fn delete_state_machine_version(
        &self,
        called: &Called<'_>,
    ) -> Result<Data, ApiError> {
        let text_arn = needed(called.parameters, "stateMachineVersionArn");
        let (arn, number) = MachineArn::version(text_arn)?;
        let mut state = self.registry.lock();
        let machine = state.machines.get_mut(&arn.machine);
        let Some(machine) = machine.filter(|_| called.sees(text_arn)) else {
            return Ok(nothing());
        };
        let refers = |alias: &&super::registry::Alias| {
            alias.routes.iter().any(|route| route.version == number)
        };
        let aliases = machine.aliases.iter().filter(refers);
        let aliases: Vec<EcoString> = aliases.map(|alias| alias.name.clone()).collect();
        if !aliases.is_empty() {
            return Err(conflict(format!(
                "Version to be deleted must not be referenced by an alias. \
                 Current list of aliases referencing this version: [{}]",
                aliases.join(", ")
            )));
        }
        machine.versions.retain(|version| version.number != number);
        state.save(&arn.machine);
        state.drop_unused();
        Ok(nothing())
    }
}
