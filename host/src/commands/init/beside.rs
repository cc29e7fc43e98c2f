//! The definitions that are at hand for nested executions: those that were named, and those beside them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use asl::Options;
use check::stubs::Inventory;
use data::EcoString;

use super::ReadDefinition;
use crate::files;

/// Definitions by the name of their machine.
pub struct Beside {
    known: BTreeMap<String, PathBuf>,
    /// The folder that the functions file goes to, which names only what is below it.
    folder: PathBuf,
}

impl Beside {
    /// The definitions of a command line and of their folders. Of two with one name the one that was named counts.
    pub fn of(read: &[ReadDefinition], folder: &Path) -> Beside {
        let mut known = BTreeMap::new();
        for one in read {
            // A folder without definitions of that kind is none the worse.
            let beside = files::definitions(&files::folder(&one.path)).unwrap_or_default();
            known.extend(
                beside
                    .into_iter()
                    .map(|path| (files::machine_name(&path), path)),
            );
        }
        let named = read
            .iter()
            .map(|one| (one.machine.clone(), one.path.clone()));
        known.extend(named);
        Beside {
            known,
            folder: folder.to_owned(),
        }
    }

    /// The names of the machines.
    pub fn names(&self) -> Vec<&str> {
        self.known.keys().map(String::as_str).collect()
    }

    /// Where the machines are that tasks start, relative to the folder: those that are below it and valid.
    pub fn machines(
        &self,
        inventory: &Inventory,
        define: &BTreeMap<String, String>,
    ) -> BTreeMap<EcoString, String> {
        let wanted = inventory.machines.iter().map(|machine| &machine.name);
        let found = wanted.filter_map(|name| {
            let path = self.known.get(name.as_str())?;
            let relative = self.below(path)?;
            is_valid(path, define).then(|| (name.clone(), relative))
        });
        found.collect()
    }

    fn below(&self, path: &Path) -> Option<String> {
        let absolute = |path: &Path| match path.canonicalize() {
            Ok(absolute) => Some(absolute),
            // A folder that is still to be made.
            Err(_) => std::path::absolute(path).ok(),
        };
        let path = absolute(path)?;
        let relative = path.strip_prefix(absolute(&self.folder)?).ok()?;
        let parts = relative.iter().map(|part| part.to_str());
        Some(parts.collect::<Option<Vec<&str>>>()?.join("/"))
    }
}

/// Whether a definition can be run: a functions file that names another one lets nothing run.
fn is_valid(path: &Path, define: &BTreeMap<String, String>) -> bool {
    let options = Options {
        definitions: define,
        ..Options::default()
    };
    let source = files::source(path).ok();
    source.is_some_and(|(source, format)| asl::compile(&source, format, &options).program.is_some())
}
