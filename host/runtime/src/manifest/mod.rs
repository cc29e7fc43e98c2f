//! The functions file, `wf-host.toml`: which guest stands behind which function, and what it may use.
//!
//! The same tables may be written as JSON or YAML. A manifest names only files under its own folder.

mod endpoint;
mod function;
mod limits;
mod task;

use std::collections::BTreeMap;

use data::{Format, Mistake, Mistakes, Node, Source, read, units};

pub(crate) use function::SCRIPT_PACE;
pub use function::{FunctionEntry, MountEntry, ScriptEntry};
pub use limits::Ceilings;
pub use task::TaskBinding;

/// A functions file, read and checked; no guest is loaded yet.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Values of `${Name}` in definitions.
    pub define: BTreeMap<String, String>,
    /// The functions by name.
    pub functions: BTreeMap<String, FunctionEntry>,
    /// What stands behind a Task's `Resource`, by its exact text or, with a `*` at the end, by how it begins.
    pub tasks: BTreeMap<String, TaskBinding>,
    /// State machines by name, for nested executions.
    pub machines: BTreeMap<String, MachineEntry>,
}

/// A state machine as a manifest has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineEntry {
    /// The definition's file, relative to the manifest's folder.
    pub definition: String,
    /// Whether its type is EXPRESS.
    pub express: bool,
}

const KEYS: [&str; 7] = [
    "version",
    "define",
    "defaults",
    "functions",
    "machines",
    "tasks",
    "$schema",
];

impl Manifest {
    /// Reads a functions file; all that is wrong with it is told at once.
    pub fn read(source: &Source, format: Format) -> Result<Manifest, Vec<Mistake>> {
        let root = read(source, format).map_err(|error| {
            vec![Mistake {
                file: error.name,
                position: error.position,
                message: error.message,
            }]
        })?;
        let mut mistakes = Mistakes::new(source);
        let manifest = Manifest::of(&root, &mut mistakes);
        if mistakes.found.is_empty() {
            Ok(manifest)
        } else {
            Err(mistakes.found)
        }
    }

    fn of(root: &Node, mistakes: &mut Mistakes<'_>) -> Manifest {
        let mut manifest = Manifest::default();
        let entries = mistakes.entries("a functions file", root);
        let default = function::defaults(root.get("defaults"), mistakes);
        if root.get("version").is_none() {
            mistakes.add(root.span, "`version = 1` is missing");
        }
        for (key, node) in entries {
            match key.name.as_str() {
                "version" => version(node, mistakes),
                "define" => {
                    for (name, value) in mistakes.entries("define", node) {
                        if let Some(value) = mistakes.string(value) {
                            manifest.define.insert(name.name.to_string(), value);
                        }
                    }
                }
                "functions" => {
                    for (name, node) in mistakes.entries("functions", node) {
                        let entry = function::read(node, &default, mistakes);
                        manifest.functions.insert(name.name.to_string(), entry);
                    }
                }
                "machines" => manifest.machines = machines(node, mistakes),
                "tasks" => {
                    for (resource, node) in mistakes.entries("tasks", node) {
                        if let Some(binding) = task::read(resource, node, mistakes) {
                            manifest.tasks.insert(resource.name.to_string(), binding);
                        }
                    }
                }
                "defaults" | "$schema" => {}
                _ => mistakes.unknown(key, &KEYS),
            }
        }
        manifest.check_bindings(root, mistakes);
        manifest
    }

    /// The first function or resource that goes to an endpoint, as an error names it.
    pub(crate) fn first_endpoint(&self) -> Option<String> {
        let functions = self.functions.iter();
        let function = functions
            .filter(|(_, entry)| entry.endpoint.is_some())
            .map(|(name, _)| format!("function {name}"));
        let tasks = self.tasks.iter();
        let task = tasks
            .filter(|(_, binding)| matches!(binding, TaskBinding::Endpoint(_)))
            .map(|(resource, _)| format!("task {resource}"));
        function.chain(task).next()
    }

    fn check_bindings(&self, root: &Node, mistakes: &mut Mistakes<'_>) {
        for (resource, binding) in &self.tasks {
            let TaskBinding::Function(name) = binding else {
                continue;
            };
            if self.functions.contains_key(name) {
                continue;
            }
            let span = root
                .get("tasks")
                .and_then(|tasks| tasks.get(resource))
                .map_or(root.span, |n| n.span);
            let known = self.functions.keys().map(String::as_str);
            let hint = data::nearest(name, known)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            mistakes.add(span, format!("there is no function `{name}`{hint}"));
        }
    }
}

fn version(node: &Node, mistakes: &mut Mistakes<'_>) {
    if units::count(node, 1, 1).is_err() {
        mistakes.add(node.span, "this wf-host reads version 1 only");
    }
}

fn machines(node: &Node, mistakes: &mut Mistakes<'_>) -> BTreeMap<String, MachineEntry> {
    let entries = mistakes.entries("machines", node);
    let named = entries
        .iter()
        .map(|(name, node)| (name.name.to_string(), machine(name, node, mistakes)));
    named.collect()
}

fn machine(name: &data::Key, node: &Node, mistakes: &mut Mistakes<'_>) -> MachineEntry {
    const KEYS: [&str; 2] = ["definition", "type"];
    let mut entry = MachineEntry::default();
    for (key, node) in mistakes.entries("a machine", node) {
        match key.name.as_str() {
            "definition" => entry.definition = mistakes.string(node).unwrap_or_default(),
            "type" => match node.as_str() {
                Some("STANDARD") => {}
                Some("EXPRESS") => entry.express = true,
                _ => mistakes.add(node.span, "type is \"STANDARD\" or \"EXPRESS\""),
            },
            _ => mistakes.unknown(key, &KEYS),
        }
    }
    if node.get("definition").is_none() {
        mistakes.add(
            name.span,
            "`definition` is missing: the path of the machine's file",
        );
    }
    if !crate::is_name(&name.name) {
        mistakes.add(name.span, "not a name for a state machine");
    }
    entry
}
