//! The functions that are deployed, as their owners made them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use data::{Data, EcoString};
use engine::Timestamp;
use runtime::Code;
use serde::{Deserialize, Serialize};

use super::name::{LATEST, Name};
use crate::ApiError;

/// Everything that the service remembers.
#[derive(Default)]
pub(super) struct Store {
    /// By region and name.
    pub functions: BTreeMap<(EcoString, String), Stored>,
    /// The packages that the store was given, by their SHA-256.
    pub given: BTreeSet<String>,
    /// Whether the store holds a function that cannot be read, whose package must stay for it.
    pub spares_packages: bool,
}

/// A function with its versions.
pub(super) struct Stored {
    /// `$LATEST`
    pub latest: Version,
    /// The published versions.
    pub published: BTreeMap<u64, Version>,
    /// The number of the version that was published last; numbers are never given twice.
    pub last_number: u64,
    pub tags: BTreeMap<String, String>,
    /// The statements by what they are about: the function (`""`) or a version.
    pub policies: BTreeMap<String, Policy>,
    /// `ReservedConcurrentExecutions`
    pub concurrency: Option<u32>,
}

/// What may be done to a function, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    pub revision: String,
    /// By `StatementId`, in the order in which they were added.
    pub statements: Vec<(String, Data)>,
}

/// One version of a function.
#[derive(Clone)]
pub(super) struct Version {
    /// `$LATEST` or a number.
    pub version: EcoString,
    /// What CreateFunction and UpdateFunctionConfiguration said, by member.
    pub settings: BTreeMap<&'static str, Data>,
    pub code: Arc<Package>,
    /// Which instruction set it was made for; nothing depends on it.
    pub architectures: Data,
    pub modified: Timestamp,
    pub revision: String,
}

/// A function's code as it was uploaded.
pub(super) struct Package {
    pub bytes: Arc<[u8]>,
    /// In base64.
    pub sha256: String,
    /// What runs of it.
    pub code: Code,
    /// The runtime that it was uploaded for, if there is no WebAssembly in it.
    pub unsupported: Option<String>,
}

impl Store {
    pub fn get(&self, name: &Name) -> Option<&Stored> {
        self.functions
            .get(&(name.region.clone(), name.name.clone()))
    }

    /// A function that the caller may change.
    pub fn get_mut(&mut self, name: &Name) -> Option<&mut Stored> {
        self.functions
            .get_mut(&(name.region.clone(), name.name.clone()))
    }

    pub fn in_region(&self, region: &str) -> impl Iterator<Item = (&str, &Stored)> {
        let named = self
            .functions
            .iter()
            .filter(move |((of, _), _)| of == region);
        named.map(|((_, name), stored)| (name.as_str(), stored))
    }
}

impl Stored {
    /// The version that a name means: `$LATEST` if it does not say.
    pub fn version(&self, name: &Name) -> Result<&Version, ApiError> {
        let version = match name.qualifier.as_deref() {
            None | Some(LATEST) => return Ok(&self.latest),
            Some(number) => number
                .parse()
                .ok()
                .and_then(|number: u64| self.published.get(&number)),
        };
        version.ok_or_else(|| name.not_found())
    }

    /// All versions, `$LATEST` first.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.latest).chain(self.published.values())
    }
}

impl Version {
    /// A number among the settings.
    pub fn number(&self, member: &str, default: i64) -> i64 {
        let value = self.settings.get(member).and_then(Data::as_i64);
        value.unwrap_or(default)
    }

    /// A text among the settings.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.settings.get(member).and_then(Data::as_str)
    }
}
