//! What of CloudWatch Logs outlives the process: groups without their streams, and resource policies.

use std::collections::{BTreeMap, BTreeSet};

use data::EcoString;
use engine::Timestamp;
use journal::{JournalError, Resource};
use serde::{Deserialize, Serialize};

use super::group::Group;
use super::policies::Policy;
use super::{Region, Regions};
use crate::caller::ACCOUNT;
use crate::keeper::{Keeper, Unreadable, resource};

/// The kind of groups; their keys are their ARNs.
pub(super) const GROUP: &str = "log-group";
/// The kind of resource policies.
pub(super) const POLICY: &str = "log-resource-policy";

/// What was asked for to be changed in a region, by kind and name.
pub(super) type Touched = BTreeSet<(&'static str, String)>;

/// A group without its streams.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptGroup {
    region: EcoString,
    name: String,
    created: Timestamp,
    retention: Option<i64>,
    class: EcoString,
    kms_key: Option<String>,
    deletion_protection: bool,
    tags: BTreeMap<String, String>,
}

/// A policy with what it is known by.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptPolicy {
    region: EcoString,
    key: String,
    policy: Policy,
}

/// What the store holds, and what of it cannot be read.
pub(super) fn restore(keeper: &Keeper) -> Result<(Regions, Vec<Unreadable>), JournalError> {
    let mut unreadable = Vec::new();
    let mut regions = Regions::new();
    for group in keeper.restore::<KeptGroup>(GROUP, &mut unreadable)? {
        let kept = group.value;
        let region = regions.entry(kept.region.clone()).or_default();
        region.groups.insert(kept.name.clone(), kept.group());
    }
    for policy in keeper.restore::<KeptPolicy>(POLICY, &mut unreadable)? {
        let kept = policy.value;
        let region = regions.entry(kept.region).or_default();
        region.policies.insert(kept.key, kept.policy);
    }
    Ok((regions, unreadable))
}

impl Region {
    /// What was touched of the region of that name, as it is now.
    pub(super) fn written(&self, region: &EcoString, touched: &Touched) -> Vec<Resource> {
        let touched = touched.iter();
        let written = touched.map(|(kind, name)| match *kind {
            GROUP => self.group_now(region, name),
            _ => self.policy_now(region, name),
        });
        written.collect()
    }

    fn group_now(&self, region: &EcoString, name: &str) -> Resource {
        let key = format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}");
        match self.groups.get(name) {
            Some(group) => resource(GROUP, &key, &KeptGroup::of(region, name, group)),
            None => Resource::gone(GROUP, &key),
        }
    }

    fn policy_now(&self, region: &EcoString, name: &str) -> Resource {
        let key = format!("{region}/{name}");
        let Some(policy) = self.policies.get(name) else {
            return Resource::gone(POLICY, &key);
        };
        let kept = KeptPolicy {
            region: region.clone(),
            key: name.to_owned(),
            policy: policy.clone(),
        };
        resource(POLICY, &key, &kept)
    }
}

impl KeptGroup {
    fn of(region: &EcoString, name: &str, group: &Group) -> KeptGroup {
        KeptGroup {
            region: region.clone(),
            name: name.to_owned(),
            created: group.created,
            retention: group.retention,
            class: group.class.clone(),
            kms_key: group.kms_key.clone(),
            deletion_protection: group.deletion_protection,
            tags: group.tags.clone(),
        }
    }

    fn group(self) -> Group {
        let mut group = Group::new(self.created);
        group.retention = self.retention;
        group.class = self.class;
        group.kms_key = self.kms_key;
        group.deletion_protection = self.deletion_protection;
        group.tags = self.tags;
        group
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP_1: &str = r#"{"v":1,"region":"eu-west-1","name":"/g","created":1767225600001,"retention":7,"class":"STANDARD","kms_key":"k","deletion_protection":true,"tags":{"a":"b"}}"#;
    const POLICY_1: &str = r#"{"v":1,"region":"eu-west-1","key":"p","policy":{"name":"p","document":"{}","updated":1,"resource":"arn:r","revision":"r"}}"#;

    #[test]
    fn version_1_is_read_for_ever() {
        let group = KeptGroup {
            region: "eu-west-1".into(),
            name: "/g".into(),
            created: Timestamp(1_767_225_600_001),
            retention: Some(7),
            class: "STANDARD".into(),
            kms_key: Some("k".into()),
            deletion_protection: true,
            tags: BTreeMap::from([("a".into(), "b".into())]),
        };
        crate::keeper::tests::is_written_as(GROUP, &group, GROUP_1);
        let policy = Policy {
            name: Some("p".into()),
            document: "{}".into(),
            updated: Timestamp(1),
            resource: Some("arn:r".into()),
            revision: "r".into(),
        };
        let policy = KeptPolicy {
            region: "eu-west-1".into(),
            key: "p".into(),
            policy,
        };
        crate::keeper::tests::is_written_as(POLICY, &policy, POLICY_1);
    }

    #[test]
    fn a_group_is_the_same_again() {
        let kept = || serde_json::from_str::<KeptGroup>(GROUP_1).unwrap();
        let again = KeptGroup::of(&"eu-west-1".into(), "/g", &kept().group());
        assert_eq!(again, kept());
    }
}
