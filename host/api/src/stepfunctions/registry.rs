//! The state machines that exist, with their revisions, versions and aliases.
//!
//! A revision is what a machine does at some time: definition, role and settings. Whoever updates a machine gives it a
//! new one; versions keep theirs, and so does every execution that runs it. A revision is dropped when nothing holds it
//! any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data::{Data, EcoString};
use engine::Timestamp;
use runtime::host::{Origin, Registry};
use runtime::{Machine, machine_name};

use super::arn::{MachineArn, Qualifier};
use super::tags::Tags;

/// The state machines of all regions; what tasks and calls find them by.
#[derive(Debug, Default)]
pub struct MachineRegistry {
    state: Mutex<State>,
}

/// What the registry holds.
#[derive(Debug, Default)]
pub(super) struct State {
    /// By ARN.
    pub machines: BTreeMap<EcoString, StateMachine>,
    /// The ARNs of those that are being deleted.
    pub deleting: BTreeSet<EcoString>,
    /// Every revision that something still holds, by its key.
    revisions: BTreeMap<EcoString, Arc<Revision>>,
}

/// A state machine.
#[derive(Clone, Debug)]
pub(super) struct StateMachine {
    pub arn: EcoString,
    pub name: EcoString,
    pub region: EcoString,
    pub express: bool,
    /// Whether it stands in a file: then it gives way to one of its name that is created.
    pub of_file: bool,
    pub created_at: Timestamp,
    /// `publish` and `versionDescription` of CreateStateMachine, which make two creations different ones.
    pub published: (bool, Option<EcoString>),
    pub deleting: bool,
    pub tags: Tags,
    pub revision: Arc<Revision>,
    /// The oldest first.
    pub versions: Vec<Version>,
    /// The last number that was given to a version.
    pub last_version: u32,
    /// The oldest first.
    pub aliases: Vec<Alias>,
    /// How many aliases there have ever been.
    pub aliases_made: u64,
}

/// What a machine does.
#[derive(Debug)]
pub(super) struct Revision {
    /// `revisionId`; that which a machine is created with has none.
    pub id: Option<EcoString>,
    pub made_at: Timestamp,
    pub settings: Settings,
    /// `variableReferences`, if there are any.
    pub references: Option<Data>,
    /// The machine as executions run it; its `revision` is the key of this one.
    pub machine: Arc<Machine>,
}

/// What may be updated of a machine.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    pub definition: EcoString,
    pub role_arn: EcoString,
    /// `LoggingConfiguration` with all its members.
    pub logging: Data,
    /// `TracingConfiguration`
    pub tracing: Data,
    /// `EncryptionConfiguration`, if one was given.
    pub encryption: Option<Data>,
}

/// A version: a revision with a number.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub number: u32,
    pub description: Option<EcoString>,
    pub created_at: Timestamp,
    pub revision: Arc<Revision>,
}

/// An alias.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    pub name: EcoString,
    pub description: Option<EcoString>,
    pub routes: Vec<Route>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Which alias of its machine it is.
    pub number: u64,
}

/// Which share of its executions an alias gives to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub version: u32,
    /// In percent.
    pub weight: u32,
}

/// What an ARN means at the moment.
#[derive(Clone, Debug)]
pub(super) struct Resolved<'s> {
    pub machine: &'s StateMachine,
    pub revision: Arc<Revision>,
    pub version: Option<&'s Version>,
    pub alias: Option<&'s Alias>,
}

impl MachineRegistry {
    /// The state; never held over an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if something did, the maps would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MachineRegistry {
    /// A machine that stands in a file. One that is there already stays.
    pub fn preload(&self, machine: &Machine, definition: &str, now: Timestamp) {
        let settings = Settings::of_file(definition);
        let (arn, express) = (&machine.arn, machine.express);
        let program = Arc::clone(&machine.program);
        let subject = (arn, &machine.name, express);
        let revision = Revision::new(None, now, settings, program, subject);
        let mut state = self.lock();
        state.keep(&revision);
        state.machines.entry(arn.clone()).or_insert(StateMachine {
            arn: arn.clone(),
            name: machine.name.clone(),
            region: super::arn::region(arn).into(),
            express,
            of_file: true,
            created_at: now,
            published: (false, None),
            deleting: false,
            tags: Tags::default(),
            revision,
            versions: Vec::new(),
            last_version: 0,
            aliases: Vec::new(),
            aliases_made: 0,
        });
    }

    /// How executions of a machine are to be logged.
    pub fn logging(&self, machine: &Machine) -> Option<Data> {
        let revision = self.lock().revision(&machine.revision)?;
        Some(revision.settings.logging.clone())
    }
}

impl Registry for MachineRegistry {
    fn machine(&self, reference: &str, draw: u64) -> Option<(Arc<Machine>, Origin)> {
        let state = self.lock();
        let arn = match MachineArn::parse(reference) {
            Ok(arn) => arn,
            Err(_) => state.named(machine_name(reference))?,
        };
        let resolved = state.resolve(&arn, draw)?;
        if resolved.machine.deleting {
            return None;
        }
        let origin = Origin {
            test_case: arn.case.clone(),
            ..resolved.origin()
        };
        Some((Arc::clone(&resolved.revision.machine), origin))
    }
}

impl State {
    /// The machine of an ARN, whatever is behind its name.
    pub fn machine(&self, arn: &MachineArn) -> Option<&StateMachine> {
        self.machines.get(&arn.machine)
    }

    /// What an ARN means. `draw` is a random number, by which an alias chooses.
    pub fn resolve(&self, arn: &MachineArn, draw: u64) -> Option<Resolved<'_>> {
        let machine = self.machine(arn)?;
        let (version, alias) = match &arn.qualifier {
            None => (None, None),
            Some(Qualifier::Version(number)) => (Some(machine.version(*number)?), None),
            Some(Qualifier::Alias(name)) => {
                let alias = machine.alias(name)?;
                (Some(machine.version(alias.choose(draw)?)?), Some(alias))
            }
        };
        let revision = version.map_or(&machine.revision, |version| &version.revision);
        Some(Resolved {
            machine,
            revision: Arc::clone(revision),
            version,
            alias,
        })
    }

    /// The first machine of a name in any region.
    fn named(&self, name: &str) -> Option<MachineArn> {
        let machine = self.machines.values().find(|one| one.name == name)?;
        MachineArn::parse(&machine.arn).ok()
    }

    /// Keeps a revision as long as something holds it.
    pub fn keep(&mut self, revision: &Arc<Revision>) {
        let key = revision.machine.revision.clone();
        self.revisions.insert(key, Arc::clone(revision));
    }

    /// The revision that an execution runs.
    pub fn revision(&self, key: &str) -> Option<Arc<Revision>> {
        self.revisions.get(key).cloned()
    }

    /// Drops the revisions that neither a machine nor a version nor an execution holds.
    pub fn drop_unused(&mut self) {
        self.revisions.retain(|_, revision| {
            Arc::strong_count(revision) > 1 || Arc::strong_count(&revision.machine) > 1
        });
    }

    /// Removes a machine that is being deleted, with its versions and aliases. Another caller may have done so before,
    /// and a new machine may have the name.
    pub fn remove_deleted(&mut self, arn: &str) {
        if self.deleting.remove(arn) {
            self.machines.remove(arn);
            self.drop_unused();
        }
    }
}

impl StateMachine {
    /// `STANDARD` or `EXPRESS`
    pub fn kind(&self) -> &'static str {
        if self.express { "EXPRESS" } else { "STANDARD" }
    }

    /// `ACTIVE` or `DELETING`
    pub fn status(&self) -> &'static str {
        if self.deleting { "DELETING" } else { "ACTIVE" }
    }

    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|one| one.number == number)
    }

    pub fn alias(&self, name: &str) -> Option<&Alias> {
        self.aliases.iter().find(|one| one.name == name)
    }

    pub fn version_arn(&self, number: u32) -> EcoString {
        format!("{}:{number}", self.arn).into()
    }

    pub fn alias_arn(&self, name: &str) -> EcoString {
        format!("{}:{name}", self.arn).into()
    }

    /// The version of the current revision, if it was published.
    pub fn current_version(&self) -> Option<&Version> {
        let is_current = |one: &&Version| Arc::ptr_eq(&one.revision, &self.revision);
        self.versions.iter().find(is_current)
    }
}

impl Alias {
    /// The version that an execution with that random number runs.
    fn choose(&self, draw: u64) -> Option<u32> {
        let mut left = draw % 100;
        for route in &self.routes {
            let weight = u64::from(route.weight);
            if left < weight {
                return Some(route.version);
            }
            left -= weight;
        }
        None
    }
}

impl Resolved<'_> {
    /// By which way the machine was named.
    pub fn origin(&self) -> Origin {
        let version = self.version;
        Origin {
            version_arn: version.map(|version| self.machine.version_arn(version.number)),
            alias_arn: self.alias.map(|alias| self.machine.alias_arn(&alias.name)),
            ..Origin::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;

    fn machine() -> Machine {
        Machine {
            name: "a".into(),
            arn: "arn:aws:states:us-east-1:000000000000:stateMachine:a".into(),
            program: super::super::definition::program(DEFINITION, false).expect("it is valid"),
            express: false,
            role_arn: None,
            revision: EcoString::new(),
            definition: journal::Definition::default(),
        }
    }

    #[test]
    fn a_new_machine_outlives_the_deletion_of_the_one_before() {
        let (registry, machine) = (MachineRegistry::default(), machine());
        registry.preload(&machine, DEFINITION, Timestamp(0));
        let mut state = registry.lock();
        state.deleting.insert(machine.arn.clone());
        state.remove_deleted(&machine.arn);
        assert!(!state.machines.contains_key(&machine.arn));
        drop(state);
        registry.preload(&machine, DEFINITION, Timestamp(0));
        let mut state = registry.lock();
        // Two callers found that nothing runs any more.
        state.remove_deleted(&machine.arn);
        assert!(state.machines.contains_key(&machine.arn));
    }
}
