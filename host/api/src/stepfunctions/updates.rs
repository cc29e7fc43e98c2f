//! UpdateStateMachine.

use std::collections::BTreeMap;

use data::{Data, Object};

use super::arn::MachineArn;
use super::machines::{drawn_id, publication};
use super::refuse::{machine_deleting, no_machine};
use super::registry::{Revision, State, StateMachine, Terms};
use super::wire::{answer, member, needed, put, seconds, text};
use super::{Called, StepFunctions, definition};
use crate::error::ApiError;

/// What an update may change. AWS's message does not name the last.
const UPDATABLE: [&str; 5] = [
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
];

impl StepFunctions {
    /// Executions that run keep the revision that they started with. What changes nothing makes no revision.
    pub(super) fn update_state_machine(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let text_arn = needed(parameters, "stateMachineArn");
        let arn = MachineArn::unqualified(text_arn)?;
        if !UPDATABLE
            .iter()
            .any(|name| member(parameters, name).is_some())
        {
            let message = "Either the definition, the role ARN, the LoggingConfiguration, or the \
                TracingConfiguration must be specified";
            return Err(ApiError::new("MissingRequiredParameter", message));
        }
        let (publish, description) = publication(parameters)?;
        let express = updatable(&mut self.registry.lock(), &arn, called)?.express;
        let program = match text(parameters, "definition") {
            Some(definition) => Some(definition::program(definition, express)?),
            None => None,
        };

        let mut state = self.registry.lock();
        let machine = updatable(&mut state, &arn, called)?;
        let old = &machine.revision;
        let settings = old.terms.settings.updated(parameters)?;
        // Nothing changes if the version cannot be published.
        let mut updated = machine.clone();
        if settings != old.terms.settings {
            // A definition that is given has no placeholders.
            let (program, define) = match program {
                Some(program) => (program, BTreeMap::new()),
                None => (old.machine.program.clone(), old.terms.define.clone()),
            };
            let terms = Terms::new(Some(drawn_id()), called.now, settings, define);
            let subject = (&machine.arn, &machine.name, express);
            updated.revision = Revision::new(terms, program, subject);
        }
        let mut answered = Object::builder().with("updateDate", seconds(called.now));
        put(
            &mut answered,
            "revisionId",
            updated.revision.terms.id.clone(),
        );
        if publish {
            let number = updated.publish(called.now, description)?;
            let version = updated.version_arn(number);
            put(&mut answered, "stateMachineVersionArn", Some(version));
        }
        let revision = updated.revision.clone();
        *machine = updated;
        state.keep(&revision);
        state.save(&arn.machine);
        drop(revision);
        state.drop_unused();
        Ok(answer(answered))
    }
}

fn updatable<'s>(
    state: &'s mut State,
    arn: &MachineArn,
    called: &Called<'_>,
) -> Result<&'s mut StateMachine, ApiError> {
    let machine = state.machines.get_mut(&arn.machine);
    let machine = machine.filter(|_| called.sees(&arn.text));
    let machine = machine.ok_or_else(|| no_machine(&arn.text))?;
    if machine.deleting {
        return Err(machine_deleting(&arn.text));
    }
    Ok(machine)
}
