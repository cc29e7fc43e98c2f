//! What of Lambda outlives the process: functions with all their versions, and packages of code by their SHA-256.
//!
//! A package is kept as long as a version of some function is made of it, and once however many are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use data::{Data, EcoString};
use engine::Timestamp;
use journal::{JournalError, Resource};
use runtime::Code;
use serde::{Deserialize, Serialize};

use super::configuration::deployment;
use super::create::SETTINGS;
use super::name::{LATEST, Name, arn};
use super::store::{Package, Policy, Store, Stored, Version};
use super::{Lambda, code};
use crate::keeper::{Keeper, Restored, Unreadable, resource};

/// The kind of functions; their keys are their ARNs.
const FUNCTION: &str = "lambda-function";
/// The kind of packages; their keys are their SHA-256 in base64, and their bytes those that were uploaded.
const PACKAGE: &str = "lambda-package";

/// A function.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptFunction {
    region: EcoString,
    name: String,
    latest: KeptVersion,
    published: BTreeMap<u64, KeptVersion>,
    last_number: u64,
    tags: BTreeMap<String, String>,
    policies: BTreeMap<String, Policy>,
    concurrency: Option<u32>,
}

/// A version of a function.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptVersion {
    settings: BTreeMap<EcoString, Data>,
    /// The key of its package.
    package: String,
    unsupported: Option<String>,
    architectures: Data,
    modified: Timestamp,
    revision: String,
}

/// What is said of a package beside its bytes.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct KeptPackage {
    /// In bytes.
    size: u64,
}

/// Packages while functions are made of them.
struct Packages {
    /// By key.
    bytes: BTreeMap<String, Arc<[u8]>>,
    /// What runs of the versions of one function, by key and handler.
    made: BTreeMap<(String, Option<EcoString>), Code>,
}

/// What the store holds, and what of it cannot be read.
pub(super) fn restore(keeper: &Keeper) -> Result<(Store, Vec<Unreadable>), JournalError> {
    let mut unreadable = Vec::new();
    let functions = keeper.restore::<KeptFunction>(FUNCTION, &mut unreadable)?;
    let packages = keeper.restore::<KeptPackage>(PACKAGE, &mut unreadable)?;
    let mut packages = Packages::of(packages, &mut unreadable);
    let mut store = Store {
        given: packages.bytes.keys().cloned().collect(),
        ..Store::default()
    };
    for function in functions {
        let kept = function.value;
        let key = (kept.region.clone(), kept.name.clone());
        match kept.stored(&mut packages) {
            Ok(stored) => drop(store.functions.insert(key, stored)),
            Err(reason) => unreadable.push(Unreadable::new(FUNCTION, &function.key, reason)),
        }
    }
    store.spares_packages = !unreadable.is_empty();
    Ok((store, unreadable))
}

impl Lambda {
    /// Puts all versions of all functions in their places.
    pub(super) fn deploy_all(&self) {
        for ((region, name), stored) in &self.store().functions {
            for version in stored.versions() {
                let deployment = deployment(region, name, version, stored.concurrency);
                self.functions.deploy(deployment);
            }
        }
    }

    /// Gives the store a function as it is now, with the packages that it brought and without those that it was the
    /// last to use.
    pub(super) fn save(&self, store: &mut Store, name: &Name) {
        let key = arn(&name.region, &name.name, None);
        let mut changed = store.changed_packages();
        changed.push(match store.get(name) {
            Some(stored) => {
                let kept = KeptFunction::of(&name.region, &name.name, stored);
                resource(FUNCTION, &key, &kept)
            }
            None => Resource::gone(FUNCTION, &key),
        });
        self.keeper.put(changed);
    }
}

impl Store {
    /// The packages that are used and not given yet, and those that are not used any more.
    fn changed_packages(&mut self) -> Vec<Resource> {
        let versions = self.functions.values().flat_map(Stored::versions);
        let used: BTreeMap<&String, &Package> = versions
            .map(|version| (&version.code.sha256, &*version.code))
            .collect();
        let fresh = used.iter().filter(|(key, _)| !self.given.contains(**key));
        let fresh = fresh.map(|(key, package)| written(key, package));
        let unused = self.given.iter().filter(|key| !used.contains_key(key));
        let unused = unused.filter(|_| !self.spares_packages);
        let gone = unused.map(|key| Resource::gone(PACKAGE, key));
        let changed = fresh.chain(gone).collect();
        let used: BTreeSet<String> = used.into_keys().cloned().collect();
        if self.spares_packages {
            self.given.extend(used);
        } else {
            self.given = used;
        }
        changed
    }
}

fn written(key: &str, package: &Package) -> Resource {
    let size = package.bytes.len() as u64;
    resource(PACKAGE, key, &KeptPackage { size }).with_bytes(package.bytes.to_vec())
}

impl KeptFunction {
    fn of(region: &EcoString, name: &str, stored: &Stored) -> KeptFunction {
        let published = stored.published.iter();
        KeptFunction {
            region: region.clone(),
            name: name.to_owned(),
            latest: KeptVersion::of(&stored.latest),
            published: published
                .map(|(number, version)| (*number, KeptVersion::of(version)))
                .collect(),
            last_number: stored.last_number,
            tags: stored.tags.clone(),
            policies: stored.policies.clone(),
            concurrency: stored.concurrency,
        }
    }

    fn stored(self, packages: &mut Packages) -> Result<Stored, String> {
        packages.made.clear();
        let latest = self.latest.version(LATEST.into(), packages)?;
        let mut published = BTreeMap::new();
        for (number, version) in self.published {
            let version = version.version(number.to_string().into(), packages)?;
            published.insert(number, version);
        }
        Ok(Stored {
            latest,
            published,
            last_number: self.last_number,
            tags: self.tags,
            policies: self.policies,
            concurrency: self.concurrency,
        })
    }
}

impl KeptVersion {
    fn of(version: &Version) -> KeptVersion {
        let settings = version.settings.iter();
        KeptVersion {
            settings: settings
                .map(|(name, value)| (EcoString::from(*name), value.clone()))
                .collect(),
            package: version.code.sha256.clone(),
            unsupported: version.code.unsupported.clone(),
            architectures: version.architectures.clone(),
            modified: version.modified,
            revision: version.revision.clone(),
        }
    }

    fn version(self, number: EcoString, packages: &mut Packages) -> Result<Version, String> {
        let mut settings = BTreeMap::new();
        for (name, value) in self.settings {
            let known = SETTINGS.iter().find(|known| **known == name);
            let known = known.ok_or_else(|| format!("it has the unknown setting {name}"))?;
            settings.insert(*known, value);
        }
        let handler = settings.get("Handler").and_then(Data::as_str);
        let code = packages.package(self.package, self.unsupported, handler.map(Into::into))?;
        Ok(Version {
            version: number,
            settings,
            code: Arc::new(code),
            architectures: self.architectures,
            modified: self.modified,
            revision: self.revision,
        })
    }
}

impl Packages {
    fn of(restored: Vec<Restored<KeptPackage>>, unreadable: &mut Vec<Unreadable>) -> Packages {
        let mut bytes = BTreeMap::new();
        for package in restored {
            let found = package.bytes.unwrap_or_default();
            if found.len() as u64 == package.value.size {
                bytes.insert(package.key, found.into());
                continue;
            }
            let size = package.value.size;
            let reason = format!("it has {} bytes of {size}", found.len());
            unreadable.push(Unreadable::new(PACKAGE, &package.key, reason));
        }
        Packages {
            bytes,
            made: BTreeMap::new(),
        }
    }

    fn package(
        &mut self,
        sha256: String,
        unsupported: Option<String>,
        handler: Option<EcoString>,
    ) -> Result<Package, String> {
        let bytes = self.bytes.get(&sha256);
        let bytes = bytes.ok_or_else(|| format!("its package {sha256} is missing"))?;
        let code = match &unsupported {
            Some(_) => Code::zip(Arc::clone(bytes)),
            None => {
                let made = self.made.entry((sha256.clone(), handler.clone()));
                made.or_insert_with(|| later(Arc::clone(bytes), handler))
                    .clone()
            }
        };
        Ok(Package {
            bytes: Arc::clone(bytes),
            sha256,
            code,
            unsupported,
        })
    }
}

/// What runs of a package, to be made when it is first needed.
fn later(bytes: Arc<[u8]>, handler: Option<EcoString>) -> Code {
    Code::later(move || match code::module(&bytes, handler.as_deref()) {
        Ok(Some(module)) => Ok(module),
        Ok(None) => Err("its package has no WebAssembly module".to_owned()),
        Err(error) => Err(error.message),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION_1: &str = r#"{"v":1,"region":"eu-west-1","name":"f","latest":{"settings":{"Environment":{"Variables":{"B":"1","A":"2"}},"Handler":"h","Timeout":7},"package":"sha=","unsupported":null,"architectures":["arm64"],"modified":1767225600001,"revision":"r"},"published":{"3":{"settings":{},"package":"sha=","unsupported":"python3.12","architectures":["x86_64"],"modified":1,"revision":"q"}},"last_number":3,"tags":{"k":"v"},"policies":{"":{"revision":"p","statements":[["s",{"Sid":"s"}]]}},"concurrency":5}"#;

    fn function() -> KeptFunction {
        let settings = [
            ("Environment", r#"{"Variables": {"B": "1", "A": "2"}}"#),
            ("Handler", r#""h""#),
            ("Timeout", "7"),
        ];
        let settings = settings.map(|(name, value)| (name.into(), Data::parse(value).unwrap()));
        let version = |package: &str| KeptVersion {
            settings: BTreeMap::new(),
            package: package.into(),
            unsupported: Some("python3.12".into()),
            architectures: vec![Data::from("x86_64")].into(),
            modified: Timestamp(1),
            revision: "q".into(),
        };
        let latest = KeptVersion {
            settings: settings.into(),
            unsupported: None,
            architectures: vec![Data::from("arm64")].into(),
            modified: Timestamp(1_767_225_600_001),
            revision: "r".into(),
            ..version("sha=")
        };
        let policy = Policy {
            revision: "p".into(),
            statements: vec![("s".into(), Data::parse(r#"{"Sid": "s"}"#).unwrap())],
        };
        KeptFunction {
            region: "eu-west-1".into(),
            name: "f".into(),
            latest,
            published: BTreeMap::from([(3, version("sha="))]),
            last_number: 3,
            tags: BTreeMap::from([("k".into(), "v".into())]),
            policies: BTreeMap::from([(String::new(), policy)]),
            concurrency: Some(5),
        }
    }

    #[test]
    fn version_1_is_read_for_ever() {
        crate::keeper::tests::is_written_as(FUNCTION, &function(), FUNCTION_1);
        let package = KeptPackage { size: 7 };
        crate::keeper::tests::is_written_as(PACKAGE, &package, r#"{"v":1,"size":7}"#);
    }

    fn packages(keys: &[&str]) -> Packages {
        let bytes = keys.iter().map(|key| ((*key).to_owned(), [7; 3].into()));
        Packages {
            bytes: bytes.collect(),
            made: BTreeMap::new(),
        }
    }

    #[test]
    fn a_function_is_the_same_again() {
        let stored = function().stored(&mut packages(&["sha="])).ok().unwrap();
        let again = KeptFunction::of(&"eu-west-1".into(), "f", &stored);
        assert_eq!(again, function());
    }

    #[test]
    fn a_function_without_its_package_is_told() {
        let refused = function().stored(&mut packages(&["other="])).err();
        assert_eq!(refused.as_deref(), Some("its package sha= is missing"));
        let mut newer = function();
        newer.latest.settings.insert("Newer".into(), Data::Null);
        let refused = newer.stored(&mut packages(&["sha="])).err();
        assert_eq!(refused.as_deref(), Some("it has the unknown setting Newer"));
    }
}
