//! CreateStateMachine, DescribeStateMachine, ListStateMachines, DeleteStateMachine.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::Program;
use data::{Data, EcoString, Format, Object};
use engine::Timestamp;
use journal::Filter;
use runtime::{Machine, is_name};

use super::arn::MachineArn;
use super::refuse::{
    invalid, invalid_name, machine_deleting, machine_exists, no_machine, over_quota,
};
use super::registry::{Resolved, Revision, Settings, StateMachine, Terms};
use super::tags::Tags;
use super::wire::{answer, flag, metadata_only, needed, nothing, owned, put, seconds, text};
use super::{Called, StepFunctions, definition};
use crate::error::ApiError;

/// The most state machines of a region (developer guide, "Step Functions service quotas").
const MOST: usize = 100_000;

impl StepFunctions {
    pub(super) fn create_state_machine(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let name = needed(parameters, "name");
        if !is_name(name) {
            return Err(invalid_name(name));
        }
        let arn = called.caller.arn("states", &format!("stateMachine:{name}"));
        let express = text(parameters, "type") == Some("EXPRESS");
        let published = publication(parameters)?;
        let settings = Settings::of_new(parameters)?;
        let program = definition::program(&settings.definition, express)?;
        let tags = Tags::of_new(parameters, &arn)?;

        let mut state = self.registry.lock();
        if let Some(known) = state
            .machines
            .get(&arn)
            .filter(|known| known.file.is_none())
        {
            return known_machine(known, express, &published, &settings);
        }
        if state.machines.len() >= MOST {
            let message = format!("State machine limit of {MOST} is reached");
            return Err(ApiError::new("StateMachineLimitExceeded", message));
        }
        let (name, now) = (EcoString::from(name), called.now);
        let subject = (&arn, &name, express);
        let mut machine = StateMachine {
            revision: Revision::new(
                Terms::new(None, now, settings, BTreeMap::new()),
                program,
                subject,
            ),
            arn: arn.clone(),
            name,
            region: called.caller.region.clone(),
            express,
            file: None,
            created_at: called.now,
            published,
            deleting: false,
            tags,
            versions: Vec::new(),
            last_version: 0,
            aliases: Vec::new(),
            aliases_made: 0,
        };
        if let (true, description) = machine.published.clone() {
            machine.publish(called.now, description)?;
        }
        state.keep(&machine.revision);
        let created = created(&machine);
        state.machines.insert(arn.clone(), machine);
        state.save(&arn);
        Ok(created)
    }

    pub(super) fn describe_state_machine(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let text = needed(called.parameters, "stateMachineArn");
        let arn = MachineArn::parse(text)?;
        let state = self.registry.lock();
        // An alias stands for the version that it gives the first share to.
        let resolved = state.resolve(&arn, 0).filter(|_| called.sees(text));
        let resolved = resolved.ok_or_else(|| no_machine(text))?;
        Ok(described(&resolved, &arn, metadata_only(called.parameters)))
    }

    pub(super) fn list_state_machines(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let wanted = self.pager.wanted("ListStateMachines", called.parameters)?;
        let state = self.registry.lock();
        let machines = state.machines.values();
        let machines = machines.filter(|machine| machine.region == called.caller.region);
        let items = machines.map(|machine| {
            let item = Object::builder()
                .with("stateMachineArn", machine.arn.clone())
                .with("name", machine.name.clone())
                .with("type", machine.kind())
                .with("creationDate", seconds(machine.created_at));
            (machine.name.to_string(), answer(item))
        });
        let mut list = Object::builder();
        wanted.cut("stateMachines", items, &mut list);
        Ok(answer(list))
    }

    /// The machine is `DELETING` as long as executions of it run.
    pub(super) async fn delete_state_machine(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let text = needed(called.parameters, "stateMachineArn");
        let arn = MachineArn::unqualified(text)?;
        if called.sees(text) {
            let mut state = self.registry.lock();
            if let Some(machine) = state.machines.get_mut(&arn.machine) {
                machine.deleting = true;
                state.save(&arn.machine);
                state.deleting.insert(arn.machine);
            }
        }
        self.finish_deletions().await?;
        Ok(nothing())
    }

    /// Removes the machines that are deleted and have no running execution any more.
    pub(super) async fn finish_deletions(&self) -> Result<(), ApiError> {
        let deleting = self.registry.lock().deleting.clone();
        for arn in deleting {
            let running = Filter {
                state_machine_arn: Some(arn.to_string()),
                status: Some("RUNNING".to_owned()),
                limit: Some(1),
                ..Filter::default()
            };
            if self.host.list(running).await?.is_empty() {
                self.registry.lock().remove_deleted(&arn);
            }
        }
        Ok(())
    }
}

impl Revision {
    /// A revision that nobody holds yet, of the machine with this ARN, this name and this type.
    pub fn new(
        terms: Terms,
        program: Arc<Program>,
        subject: (&EcoString, &EcoString, bool),
    ) -> Arc<Revision> {
        let key = terms.id.clone().unwrap_or_else(drawn_id);
        Revision::of(Arc::new(terms), key, program, subject)
    }

    /// The same with its key.
    pub fn of(
        terms: Arc<Terms>,
        key: EcoString,
        program: Arc<Program>,
        (arn, name, express): (&EcoString, &EcoString, bool),
    ) -> Arc<Revision> {
        let machine = Machine {
            name: name.clone(),
            arn: arn.clone(),
            program,
            express,
            role_arn: Some(terms.settings.role_arn.clone()),
            revision: key,
            definition: runtime::definition(
                &terms.settings.definition,
                Format::Json,
                &terms.define,
            ),
        };
        Arc::new(Revision {
            terms,
            machine: Arc::new(machine),
        })
    }
}

/// A version 4 UUID.
pub(super) fn drawn_id() -> EcoString {
    let uuid = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
    uuid.to_string().into()
}

/// `publish` and `versionDescription`, which goes with `publish` alone.
pub(super) fn publication(parameters: &Data) -> Result<(bool, Option<EcoString>), ApiError> {
    let publish = flag(parameters, "publish");
    let description = owned(parameters, "versionDescription");
    if description.is_some() && !publish {
        let message = "Version description can only be set when publish is true";
        return Err(invalid(message, None));
    }
    Ok((publish, description))
}

/// The same creation again gives the same answer; role and tags may differ.
fn known_machine(
    known: &StateMachine,
    express: bool,
    published: &(bool, Option<EcoString>),
    settings: &Settings,
) -> Result<Data, ApiError> {
    if known.deleting {
        return Err(machine_deleting(&known.arn));
    }
    let current = &known.revision.terms.settings;
    let same_role = Settings {
        role_arn: current.role_arn.clone(),
        ..settings.clone()
    };
    if known.express == express && known.published == *published && *current == same_role {
        return Ok(created(known));
    }
    Err(machine_exists(&known.arn))
}

fn created(machine: &StateMachine) -> Data {
    let mut created = Object::builder()
        .with("stateMachineArn", machine.arn.clone())
        .with("creationDate", seconds(machine.created_at));
    let version = machine
        .published
        .0
        .then(|| machine.current_version())
        .flatten();
    let version = version.map(|version| machine.version_arn(version.number));
    put(&mut created, "stateMachineVersionArn", version);
    answer(created)
}

fn described(resolved: &Resolved<'_>, arn: &MachineArn, metadata_only: bool) -> Data {
    let Resolved {
        machine,
        revision,
        version,
        ..
    } = resolved;
    let made_at = version.map_or(machine.created_at, |version| version.created_at);
    let described = Object::builder()
        .with("stateMachineArn", arn.text.clone())
        .with("name", machine.name.clone())
        .with("status", machine.status())
        .with("type", machine.kind())
        .with("creationDate", seconds(made_at));
    let mut described = settings(described, &revision.terms, metadata_only);
    let description = version.and_then(|version| version.description.clone());
    put(&mut described, "description", description);
    answer(described)
}

/// The members of a revision, which DescribeStateMachineForExecution has as well.
pub(super) fn settings(
    described: data::ObjectBuilder,
    terms: &Terms,
    metadata_only: bool,
) -> data::ObjectBuilder {
    let settings = &terms.settings;
    // Service model: METADATA_ONLY gives the definition `{}`.
    let definition = match metadata_only {
        true => "{}".into(),
        false => settings.definition.clone(),
    };
    let mut described = described
        .with("definition", definition)
        .with("roleArn", settings.role_arn.clone())
        .with("loggingConfiguration", settings.logging.clone())
        .with("tracingConfiguration", settings.tracing.clone());
    put(&mut described, "revisionId", terms.id.clone());
    let encryption = settings.encryption.clone();
    put(&mut described, "encryptionConfiguration", encryption);
    let references = terms.references().filter(|_| !metadata_only).cloned();
    put(&mut described, "variableReferences", references);
    described
}

/// The most versions of a state machine (developer guide, "Step Functions service quotas").
const MOST_VERSIONS: usize = 1000;

impl StateMachine {
    /// Publishes the current revision, unless it is published. The answer is the version's number.
    pub fn publish(
        &mut self,
        now: Timestamp,
        description: Option<EcoString>,
    ) -> Result<u32, ApiError> {
        if let Some(version) = self.current_version() {
            return Ok(version.number);
        }
        if self.versions.len() >= MOST_VERSIONS {
            let message = format!("State machine version limit of {MOST_VERSIONS} is reached");
            return Err(over_quota(message));
        }
        self.last_version += 1;
        self.versions.push(super::registry::Version {
            number: self.last_version,
            description,
            created_at: now,
            revision: Arc::clone(&self.revision),
        });
        Ok(self.last_version)
    }
}
