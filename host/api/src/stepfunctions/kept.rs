//! What of Step Functions outlives the process beside executions: state machines with their versions, aliases and tags,
//! the revisions that they ever had, and activities.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::Options;
use data::{EcoString, Format, Source};
use engine::Timestamp;
use journal::{JournalError, Resource};
use runtime::Machine;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::activities::Activity;
use super::registry::{Activities, Alias, Revision, State, StateMachine, Terms, Version};
use super::tags::Tags;
use crate::keeper::{Keeper, Unreadable, resource};

/// The kind of state machines; their keys are their ARNs.
const MACHINE: &str = "state-machine";
/// The kind of revisions; executions in the store refer to them by their keys.
const REVISION: &str = "state-machine-revision";
/// The kind of activities; their keys are their ARNs.
const ACTIVITY: &str = "activity";

/// A state machine, with the keys of its revisions.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptMachine {
    arn: EcoString,
    name: EcoString,
    region: EcoString,
    express: bool,
    file: Option<EcoString>,
    created_at: Timestamp,
    published: (bool, Option<EcoString>),
    deleting: bool,
    tags: Tags,
    revision: EcoString,
    versions: Vec<KeptVersion>,
    last_version: u32,
    aliases: Vec<Alias>,
    aliases_made: u64,
}

/// A version, with the key of its revision.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptVersion {
    number: u32,
    description: Option<EcoString>,
    created_at: Timestamp,
    revision: EcoString,
}

/// A revision, and which machine's it is.
#[derive(Debug, Serialize, Deserialize)]
struct KeptRevision {
    arn: EcoString,
    name: EcoString,
    express: bool,
    terms: Arc<Terms>,
}

/// A machine as it is written, or that there is no such machine any more.
pub(super) fn machine(arn: &str, machine: Option<&StateMachine>) -> Resource {
    match machine {
        Some(machine) => resource(MACHINE, arn, &KeptMachine::of(machine)),
        None => Resource::gone(MACHINE, arn),
    }
}

/// A revision as it is written.
pub(super) fn revision(revision: &Revision) -> Resource {
    let machine = &revision.machine;
    let kept = KeptRevision {
        arn: machine.arn.clone(),
        name: machine.name.clone(),
        express: machine.express,
        terms: Arc::clone(&revision.terms),
    };
    resource(REVISION, &machine.revision, &kept)
}

/// An activity as it is written, or that there is no such activity any more.
pub(super) fn activity(arn: &str, activity: Option<&Activity>) -> Resource {
    match activity {
        Some(activity) => resource(ACTIVITY, arn, activity),
        None => Resource::gone(ACTIVITY, arn),
    }
}

/// The key of a revision that stands in a file: it follows from what the file says.
pub(super) fn file_key(
    machine: &Machine,
    definition: &str,
    define: &BTreeMap<String, String>,
) -> EcoString {
    let mut hash = Sha256::new();
    let define = define.iter().flat_map(|(name, value)| [name, value]);
    let express = if machine.express {
        "EXPRESS"
    } else {
        "STANDARD"
    };
    let parts = [machine.arn.as_str(), express, definition];
    for part in parts.into_iter().chain(define.map(String::as_str)) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let digits = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    format!("file-{}", digits.collect::<String>()).into()
}

/// The activities that the store holds.
pub(super) fn restore_activities(
    keeper: &Keeper,
    unreadable: &mut Vec<Unreadable>,
) -> Result<Activities, JournalError> {
    let activities = keeper.restore::<Activity>(ACTIVITY, unreadable)?;
    let activities = activities.into_iter();
    Ok(activities
        .map(|activity| (activity.key.into(), activity.value))
        .collect())
}

/// The machines and revisions that the store holds. Only what a machine or a version does now is compiled.
pub(super) fn restore_machines(
    state: &mut State,
    keeper: &Keeper,
    unreadable: &mut Vec<Unreadable>,
) -> Result<(), JournalError> {
    let revisions = keeper.restore::<KeptRevision>(REVISION, unreadable)?;
    let revisions = revisions
        .into_iter()
        .map(|revision| (EcoString::from(revision.key), revision.value));
    let revisions: BTreeMap<EcoString, KeptRevision> = revisions.collect();
    let terms = revisions.iter();
    state.past = terms
        .map(|(key, revision)| (key.clone(), Arc::clone(&revision.terms)))
        .collect();
    for restored in keeper.restore::<KeptMachine>(MACHINE, unreadable)? {
        match restored.value.machine(state, &revisions) {
            Ok(machine) => {
                if machine.deleting {
                    state.deleting.insert(machine.arn.clone());
                }
                state.machines.insert(machine.arn.clone(), machine);
            }
            Err(reason) => unreadable.push(Unreadable::new(MACHINE, &restored.key, reason)),
        }
    }
    Ok(())
}

impl KeptMachine {
    fn of(machine: &StateMachine) -> KeptMachine {
        KeptMachine {
            arn: machine.arn.clone(),
            name: machine.name.clone(),
            region: machine.region.clone(),
            express: machine.express,
            file: machine.file.clone(),
            created_at: machine.created_at,
            published: machine.published.clone(),
            deleting: machine.deleting,
            tags: machine.tags.clone(),
            revision: machine.revision.machine.revision.clone(),
            versions: machine.versions.iter().map(KeptVersion::of).collect(),
            last_version: machine.last_version,
            aliases: machine.aliases.clone(),
            aliases_made: machine.aliases_made,
        }
    }

    fn machine(
        self,
        state: &mut State,
        revisions: &BTreeMap<EcoString, KeptRevision>,
    ) -> Result<StateMachine, String> {
        let mut versions = Vec::new();
        for version in self.versions {
            versions.push(Version {
                number: version.number,
                description: version.description,
                created_at: version.created_at,
                revision: revived(&version.revision, state, revisions)?,
            });
        }
        Ok(StateMachine {
            revision: revived(&self.revision, state, revisions)?,
            arn: self.arn,
            name: self.name,
            region: self.region,
            express: self.express,
            file: self.file,
            created_at: self.created_at,
            published: self.published,
            deleting: self.deleting,
            tags: self.tags,
            versions,
            last_version: self.last_version,
            aliases: self.aliases,
            aliases_made: self.aliases_made,
        })
    }
}

impl KeptVersion {
    fn of(version: &Version) -> KeptVersion {
        KeptVersion {
            number: version.number,
            description: version.description.clone(),
            created_at: version.created_at,
            revision: version.revision.machine.revision.clone(),
        }
    }
}

/// A revision that can run, compiled once.
fn revived(
    key: &EcoString,
    state: &mut State,
    revisions: &BTreeMap<EcoString, KeptRevision>,
) -> Result<Arc<Revision>, String> {
    if let Some(known) = state.revisions.get(key) {
        return Ok(Arc::clone(known));
    }
    let kept = revisions.get(key);
    let kept = kept.ok_or_else(|| format!("its revision {key} is missing"))?;
    let program = kept.compile();
    let program =
        program.ok_or_else(|| format!("the definition of its revision {key} is wrong"))?;
    let subject = (&kept.arn, &kept.name, kept.express);
    let revision = Revision::of(
        Arc::clone(&kept.terms),
        key.clone(),
        Arc::new(program),
        subject,
    );
    state.past.remove(key);
    state.revisions.insert(key.clone(), Arc::clone(&revision));
    Ok(revision)
}

impl KeptRevision {
    /// The definition was compiled before, so that what it names was there.
    fn compile(&self) -> Option<asl::Program> {
        let options = Options {
            definitions: &self.terms.define,
            is_function: &|_| true,
            express: self.express,
        };
        let definition = self.terms.settings.definition.as_str();
        let source = Source::new("definition", definition);
        asl::compile(&source, Format::Json, &options).program
    }
}

#[cfg(test)]
mod tests {
    use data::Data;

    use super::super::registry::{Route, Settings};
    use super::*;

    const MACHINE_1: &str = r#"{"v":1,"arn":"arn:m","name":"m","region":"eu-west-1","express":true,"file":"file-1","created_at":1767225600001,"published":[true,"d"],"deleting":true,"tags":[["k","v"]],"revision":"r2","versions":[{"number":1,"description":"first","created_at":2,"revision":"r1"}],"last_version":3,"aliases":[{"name":"a","description":"d","routes":[{"version":1,"weight":100}],"created_at":3,"updated_at":4,"number":5}],"aliases_made":6}"#;
    const REVISION_1: &str = r#"{"v":1,"arn":"arn:m","name":"m","express":false,"terms":{"id":"r1","made_at":1767225600001,"settings":{"definition":"{}","role_arn":"arn:r","logging":{"level":"OFF"},"tracing":{"enabled":true},"encryption":{"type":"AWS_OWNED_KEY"}},"define":{"N":"v"}}}"#;
    const ACTIVITY_1: &str = r#"{"v":1,"name":"a","region":"eu-west-1","created_at":1,"encryption":{"type":"AWS_OWNED_KEY"},"tags":[["k","v"]]}"#;

    fn tags() -> Tags {
        serde_json::from_str(r#"[["k", "v"]]"#).unwrap()
    }

    fn data(text: &str) -> Data {
        Data::parse(text).unwrap()
    }

    fn settings() -> Settings {
        Settings {
            definition: "{}".into(),
            role_arn: "arn:r".into(),
            logging: data(r#"{"level": "OFF"}"#),
            tracing: data(r#"{"enabled": true}"#),
            encryption: Some(data(r#"{"type": "AWS_OWNED_KEY"}"#)),
        }
    }

    fn alias() -> Alias {
        Alias {
            name: "a".into(),
            description: Some("d".into()),
            routes: vec![Route {
                version: 1,
                weight: 100,
            }],
            created_at: Timestamp(3),
            updated_at: Timestamp(4),
            number: 5,
        }
    }

    #[test]
    fn a_machine_of_version_1_is_read_for_ever() {
        let machine = KeptMachine {
            arn: "arn:m".into(),
            name: "m".into(),
            region: "eu-west-1".into(),
            express: true,
            file: Some("file-1".into()),
            created_at: Timestamp(1_767_225_600_001),
            published: (true, Some("d".into())),
            deleting: true,
            tags: tags(),
            revision: "r2".into(),
            versions: vec![KeptVersion {
                number: 1,
                description: Some("first".into()),
                created_at: Timestamp(2),
                revision: "r1".into(),
            }],
            last_version: 3,
            aliases: vec![alias()],
            aliases_made: 6,
        };
        crate::keeper::tests::is_written_as(MACHINE, &machine, MACHINE_1);
    }

    #[test]
    fn a_revision_of_version_1_is_read_for_ever() {
        let define = BTreeMap::from([("N".into(), "v".into())]);
        let made_at = Timestamp(1_767_225_600_001);
        let terms = Terms::new(Some("r1".into()), made_at, settings(), define);
        let kept = KeptRevision {
            arn: "arn:m".into(),
            name: "m".into(),
            express: false,
            terms: Arc::new(terms),
        };
        let written = resource(REVISION, "r1", &kept);
        assert_eq!(written.value.unwrap().json, REVISION_1);
        let read: KeptRevision = crate::keeper::read(REVISION_1).unwrap();
        assert_eq!(read.terms.settings, settings());
        let written = resource(REVISION, "r1", &read);
        assert_eq!(written.value.unwrap().json, REVISION_1);
    }

    #[test]
    fn an_activity_of_version_1_is_read_for_ever() {
        let activity = Activity {
            name: "a".into(),
            region: "eu-west-1".into(),
            created_at: Timestamp(1),
            encryption: data(r#"{"type": "AWS_OWNED_KEY"}"#),
            tags: tags(),
        };
        crate::keeper::tests::is_written_as(ACTIVITY, &activity, ACTIVITY_1);
    }
}
