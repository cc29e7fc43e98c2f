//! What of IAM outlives the process: roles, the account's policies, and how many of both were ever made.

use std::collections::BTreeSet;
use std::sync::Arc;

use journal::{JournalError, Resource, Resources};
use serde::{Deserialize, Serialize};

use super::store::{Policy, Role, Store};
use crate::keeper::{Keeper, Unreadable, resource};

/// The kind of roles; their keys are their names.
pub(super) const ROLE: &str = "iam-role";
/// The kind of policies; their keys are their ARNs.
pub(super) const POLICY: &str = "iam-policy";
/// The kind of what is kept of the account itself, and its only key.
const ACCOUNT: &str = "iam-account";

/// What was asked for to be changed, by kind and key.
pub(super) type Touched = BTreeSet<(&'static str, String)>;

/// What is kept of the account itself.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Account {
    /// How many roles and policies were ever made: no id is given twice.
    made: u64,
}

impl Store {
    /// What the store holds, and what of it cannot be read.
    pub fn restore(keeper: &Keeper) -> Result<(Store, Vec<Unreadable>), JournalError> {
        let mut unreadable = Vec::new();
        let roles = keeper.restore::<Role>(ROLE, &mut unreadable)?;
        let policies = keeper.restore::<Policy>(POLICY, &mut unreadable)?;
        let account = keeper.restore::<Account>(ACCOUNT, &mut unreadable)?;
        let roles = roles.into_iter().map(|role| (role.key, role.value));
        let policies = policies
            .into_iter()
            .map(|policy| (policy.key, policy.value));
        let store = Store {
            roles: roles.collect(),
            policies: policies.collect(),
            made: account.first().map_or(0, |account| account.value.made),
            touched: Touched::new(),
        };
        Ok((store, unreadable))
    }

    /// What was touched, as it is now.
    pub fn written(&self, touched: &Touched) -> Vec<Resource> {
        let touched = touched.iter();
        touched.map(|(kind, key)| self.now(kind, key)).collect()
    }

    fn now(&self, kind: &'static str, key: &str) -> Resource {
        let written = match kind {
            ROLE => self.roles.get(key).map(|role| resource(kind, key, role)),
            POLICY => {
                let policy = self.policies.get(key);
                policy.map(|policy| resource(kind, key, policy))
            }
            _ => Some(resource(kind, key, &Account { made: self.made })),
        };
        written.unwrap_or_else(|| Resource::gone(kind, key))
    }

    /// Notes that something was made.
    pub(super) fn touch_account(&mut self) {
        self.touched.insert((ACCOUNT, ACCOUNT.to_owned()));
    }
}

/// A keeper, what the store behind it holds, and what of it cannot be read.
pub(super) fn open(
    resources: Arc<dyn Resources>,
) -> Result<(Keeper, Store, Vec<Unreadable>), JournalError> {
    let keeper = Keeper::new(resources);
    let (store, unreadable) = Store::restore(&keeper)?;
    Ok((keeper, store, unreadable))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use engine::Timestamp;

    use super::super::store::{Tags, Version};
    use super::*;

    const ROLE_1: &str = r#"{"v":1,"name":"r","path":"/a/","id":"AROA","created":1767225600001,"trust":"{}","description":"d","max_session_duration":3600,"max_signin_session_duration":7200,"boundary":"arn:b","tags":[["k","v"]],"inline":{"p":"{}"},"attached":["arn:a"]}"#;
    const POLICY_1: &str = r#"{"v":1,"name":"p","path":"/","id":"ANPA","arn":"arn:p","description":null,"created":1,"updated":2,"tags":[],"versions":{"3":{"document":"{}","created":3}},"default":3,"next":4}"#;

    fn role() -> Role {
        Role {
            name: "r".into(),
            path: "/a/".into(),
            id: "AROA".into(),
            created: Timestamp(1_767_225_600_001),
            trust: "{}".into(),
            description: Some("d".into()),
            max_session_duration: 3600,
            max_signin_session_duration: Some(7200),
            boundary: Some("arn:b".into()),
            tags: Tags(vec![("k".into(), "v".into())]),
            inline: BTreeMap::from([("p".into(), "{}".into())]),
            attached: BTreeSet::from(["arn:a".into()]),
        }
    }

    #[test]
    fn version_1_is_read_for_ever() {
        crate::keeper::tests::is_written_as(ROLE, &role(), ROLE_1);
        let version = Version {
            document: "{}".into(),
            created: Timestamp(3),
        };
        let policy = Policy {
            name: "p".into(),
            path: "/".into(),
            id: "ANPA".into(),
            arn: "arn:p".into(),
            description: None,
            created: Timestamp(1),
            updated: Timestamp(2),
            tags: Tags::default(),
            versions: BTreeMap::from([(3, version)]),
            default: 3,
            next: 4,
        };
        crate::keeper::tests::is_written_as(POLICY, &policy, POLICY_1);
        crate::keeper::tests::is_written_as(ACCOUNT, &Account { made: 2 }, r#"{"v":1,"made":2}"#);
    }
}
