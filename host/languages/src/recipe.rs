//! What each runtime is made of. Its digest tells whether one that is installed is the one that this version makes.

mod files;
mod node;
mod python;

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::Language;

/// All that a runtime is made of, the user's pip or npm apart.
pub(crate) struct Recipe {
    /// What is in it, for people.
    pub(crate) version: &'static str,
    /// Files, each with its name below the folder that it is built in.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// What else changes the result: the words of the command that builds it, or the number of a step of ours.
    pub(crate) options: &'static [&'static str],
    digest: LazyLock<[u8; 32]>,
}

/// The recipe of a language.
pub(crate) fn of(language: Language) -> &'static Recipe {
    match language {
        Language::Python => &python::RECIPE,
        Language::Node => &node::RECIPE,
    }
}

impl Recipe {
    /// The digest of all of it.
    pub(crate) fn digest(&self) -> [u8; 32] {
        *self.digest
    }
}

fn digest(
    version: &str,
    files: &[(&'static str, &'static str)],
    options: &[&'static str],
    world: &str,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add(version);
    add(world);
    add(&files.len().to_string());
    for (name, text) in files {
        add(name);
        add(text);
    }
    options.iter().for_each(|option| add(option));
    hash.finalize().into()
}
