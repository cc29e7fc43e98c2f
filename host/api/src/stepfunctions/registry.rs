//! The state machines that exist, with their revisions, versions and aliases.
//!
//! A revision is what a machine does at some time: definition, role and settings. Whoever updates a machine gives it a
//! new one; versions keep theirs, and so does every execution that runs it. A revision is dropped when nothing holds it
//! any more; where there is a store what it says stays for good, since executions in the store may have run it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use data::{Data, EcoString};
use engine::Timestamp;
use journal::{Forgetful, JournalError, Resource, Resources};
use runtime::host::{Origin, Registry};
use runtime::{Machine, machine_name};
use serde::{Deserialize, Serialize};

use super::activities::Activity;
use super::arn::{MachineArn, Qualifier};
use super::kept;
use super::references::variable_references;
use super::tags::Tags;
use crate::error::ApiError;
use crate::keeper::{Keeper, Unreadable};

/// The state machines and activities of all regions; what tasks and calls find them by.
#[derive(Debug)]
pub struct MachineRegistry {
    state: Mutex<State>,
    activities: Mutex<Activities>,
    keeper: Arc<Keeper>,
}

/// Activities by ARN.
pub(super) type Activities = BTreeMap<EcoString, Activity>;

/// What the registry holds of state machines.
#[derive(Debug)]
pub(super) struct State {
    /// By ARN.
    pub machines: BTreeMap<EcoString, StateMachine>,
    /// The ARNs of those that are being deleted.
    pub deleting: BTreeSet<EcoString>,
    /// Every revision that something still holds, by its key.
    pub revisions: BTreeMap<EcoString, Arc<Revision>>,
    /// What those said that nothing here holds any more, by their keys; only where there is a store.
    pub past: BTreeMap<EcoString, Arc<Terms>>,
    /// What the store is yet to be given.
    unsaved: Vec<Resource>,
    keeper: Arc<Keeper>,
}

/// A state machine.
#[derive(Clone, Debug)]
pub(super) struct StateMachine {
    pub arn: EcoString,
    pub name: EcoString,
    pub region: EcoString,
    pub express: bool,
    /// The key of the revision that stands in a file, if it is a file's: then it gives way to one of its name that is
    /// created.
    pub file: Option<EcoString>,
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
    pub terms: Arc<Terms>,
    /// The machine as executions run it; its `revision` is the key of this one.
    pub machine: Arc<Machine>,
}

/// What a revision says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    /// `revisionId`; that which a machine is created with has none.
    pub id: Option<EcoString>,
    pub made_at: Timestamp,
    pub settings: Settings,
    /// The values of `${NAME}` in a definition that stands in a file.
    pub define: BTreeMap<String, String>,
    #[serde(skip)]
    references: OnceLock<Option<Data>>,
}

/// What may be updated of a machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Default for MachineRegistry {
    fn default() -> MachineRegistry {
        let keeper = Arc::new(Keeper::new(Arc::new(Forgetful::default())));
        MachineRegistry {
            state: Mutex::new(State::new(Arc::clone(&keeper))),
            activities: Mutex::default(),
            keeper,
        }
    }
}

impl MachineRegistry {
    /// The state machines and activities that a store holds, and what of it cannot be read. Without a store
    /// ([`MachineRegistry::default`]) there are none, and what is made lasts as long as the process.
    pub fn open(
        resources: Arc<dyn Resources>,
    ) -> Result<(MachineRegistry, Vec<Unreadable>), JournalError> {
        let keeper = Arc::new(Keeper::new(resources));
        let mut unreadable = Vec::new();
        let mut state = State::new(Arc::clone(&keeper));
        kept::restore_machines(&mut state, &keeper, &mut unreadable)?;
        let activities = kept::restore_activities(&keeper, &mut unreadable)?;
        let registry = MachineRegistry {
            state: Mutex::new(state),
            activities: Mutex::new(activities),
            keeper,
        };
        Ok((registry, unreadable))
    }

    /// The state; never held over an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; if something did, the maps would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The activities; never held over an await.
    pub(super) fn lock_activities(&self) -> MutexGuard<'_, Activities> {
        // As with the state.
        let activities = self.activities.lock();
        activities.unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the store an activity as it is now. Called under the lock of `activities`.
    pub(super) fn save_activity(&self, activities: &Activities, arn: &str) {
        let saved = kept::activity(arn, activities.get(arn));
        self.keeper.put(vec![saved]);
    }

    /// Waits until all changes are kept, if an operation of that name makes some.
    pub(super) async fn kept(&self, operation: &str) -> Result<(), ApiError> {
        self.keeper.kept(operation).await
    }

    /// A machine that stands in a file, with its definition as JSON. One of that ARN that is there already stays, unless
    /// it was a file's too and the file is another now.
    pub fn preload(&self, machine: &Machine, definition: &str, now: Timestamp) {
        let mut state = self.lock();
        let revision = state.of_file(machine, definition, now);
        let key = revision.machine.revision.clone();
        state.keep(&revision);
        match state.machines.get_mut(&machine.arn) {
            None => {
                let new = StateMachine::of_file(revision, now);
                state.machines.insert(machine.arn.clone(), new);
            }
            Some(known) if known.file.as_ref().is_some_and(|file| *file != key) => {
                known.file = Some(key);
                known.express = machine.express;
                known.revision = revision;
                state.drop_unused();
                state.save(&machine.arn);
            }
            Some(_) => {}
        }
        state.save_revisions();
    }

    /// How executions of a machine are to be logged.
    pub fn logging(&self, machine: &Machine) -> Option<Data> {
        let terms = self.lock().terms(&machine.revision)?;
        Some(terms.settings.logging.clone())
    }
}

impl Registry for MachineRegistry {
    fn activities(&self) -> BTreeSet<EcoString> {
        self.lock_activities().keys().cloned().collect()
    }

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
    fn new(keeper: Arc<Keeper>) -> State {
        State {
            machines: BTreeMap::new(),
            deleting: BTreeSet::new(),
            revisions: BTreeMap::new(),
            past: BTreeMap::new(),
            unsaved: Vec::new(),
            keeper,
        }
    }

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

    /// Keeps a revision as long as something holds it, and in the store for good.
    pub fn keep(&mut self, revision: &Arc<Revision>) {
        let key = revision.machine.revision.clone();
        let is_past = self.past.remove(&key).is_some();
        let known = self.revisions.insert(key, Arc::clone(revision));
        if known.is_none() && !is_past {
            self.unsaved.push(kept::revision(revision));
        }
    }

    /// What a revision said, by its key.
    pub fn terms(&self, key: &str) -> Option<Arc<Terms>> {
        let revision = self.revisions.get(key);
        let terms = revision.map(|revision| &revision.terms);
        terms.or_else(|| self.past.get(key)).cloned()
    }

    /// Drops the revisions that neither a machine nor a version nor an execution holds. Where there is a store only
    /// their programs are dropped.
    pub fn drop_unused(&mut self) {
        let is_lasting = self.keeper.is_lasting();
        let unused = |revision: &Arc<Revision>| {
            Arc::strong_count(revision) == 1 && Arc::strong_count(&revision.machine) == 1
        };
        let unused = self
            .revisions
            .extract_if(.., |_, revision| unused(revision));
        for (key, revision) in unused {
            if is_lasting {
                self.past.insert(key, Arc::clone(&revision.terms));
            }
        }
    }

    /// Gives the store a machine as it is now, with the revisions that it does not have yet.
    pub fn save(&mut self, arn: &str) {
        let saved = kept::machine(arn, self.machines.get(arn));
        self.unsaved.push(saved);
        self.save_revisions();
    }

    /// Gives the store the revisions that it does not have yet.
    fn save_revisions(&mut self) {
        self.keeper.put(std::mem::take(&mut self.unsaved));
    }

    /// The revision that stands in a file: the same as long as the file is.
    fn of_file(&self, machine: &Machine, definition: &str, now: Timestamp) -> Arc<Revision> {
        let define = serde_json::from_str(&machine.definition.define).unwrap_or_default();
        let key = kept::file_key(machine, definition, &define);
        let known = self.terms(&key);
        let terms = known.unwrap_or_else(|| {
            let settings = Settings::of_file(definition);
            Arc::new(Terms::new(None, now, settings, define))
        });
        let program = Arc::clone(&machine.program);
        Revision::of(
            terms,
            key,
            program,
            (&machine.arn, &machine.name, machine.express),
        )
    }

    /// Removes a machine that is being deleted, with its versions and aliases. Another caller may have done so before,
    /// and a new machine may have the name.
    pub fn remove_deleted(&mut self, arn: &str) {
        if self.deleting.remove(arn) {
            self.machines.remove(arn);
            self.save(arn);
            self.drop_unused();
        }
    }
}

impl Terms {
    pub fn new(
        id: Option<EcoString>,
        made_at: Timestamp,
        settings: Settings,
        define: BTreeMap<String, String>,
    ) -> Terms {
        Terms {
            id,
            made_at,
            settings,
            define,
            references: OnceLock::new(),
        }
    }

    /// `variableReferences`, if there are any.
    pub fn references(&self) -> Option<&Data> {
        let definition = &self.settings.definition;
        let references = self
            .references
            .get_or_init(|| variable_references(definition));
        references.as_ref()
    }
}

impl StateMachine {
    /// A machine that stands in a file and that nothing was done to yet.
    fn of_file(revision: Arc<Revision>, now: Timestamp) -> StateMachine {
        let machine = &revision.machine;
        StateMachine {
            arn: machine.arn.clone(),
            name: machine.name.clone(),
            region: super::arn::region(&machine.arn).into(),
            express: machine.express,
            file: Some(machine.revision.clone()),
            created_at: now,
            published: (false, None),
            deleting: false,
            tags: Tags::default(),
            revision,
            versions: Vec::new(),
            last_version: 0,
            aliases: Vec::new(),
            aliases_made: 0,
        }
    }

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
