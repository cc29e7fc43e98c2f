//! The functions file, `wf-host.toml`: which guest stands behind which function, and what it may use.
//!
//! The same tables may be written as JSON or YAML. A manifest names only files under its own folder.

mod function;
mod limits;
mod reader;
pub mod units;

use std::collections::BTreeMap;

use data::{Data, Format, Node, Source, read};

pub use function::{FunctionEntry, MountEntry};
pub use limits::Ceilings;
use reader::Faults;
pub use reader::ManifestError;

/// A functions file, read and checked; no guest is loaded yet.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Values of `${Name}` in definitions.
    pub define: BTreeMap<String, String>,
    /// The functions by name.
    pub functions: BTreeMap<String, FunctionEntry>,
    /// What stands behind a Task's `Resource`, by its exact text.
    pub tasks: BTreeMap<String, TaskBinding>,
}

/// What stands behind a `Resource`.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskBinding {
    /// A function of the manifest, by name.
    Function(String),
    /// Always the same result.
    Result(Data),
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
    pub fn read(source: &Source, format: Format) -> Result<Manifest, Vec<ManifestError>> {
        let root = read(source, format).map_err(|error| {
            vec![ManifestError {
                file: error.name,
                position: error.position,
                message: error.message,
            }]
        })?;
        let mut faults = Faults::new(source);
        let manifest = Manifest::of(&root, &mut faults);
        if faults.found.is_empty() {
            Ok(manifest)
        } else {
            Err(faults.found)
        }
    }

    fn of(root: &Node, faults: &mut Faults<'_>) -> Manifest {
        let mut manifest = Manifest::default();
        let entries = faults.entries("a functions file", root);
        let default = function::defaults(root.get("defaults"), faults);
        if root.get("version").is_none() {
            faults.add(root.span, "`version = 1` is missing");
        }
        for (key, node) in entries {
            match key.name.as_str() {
                "version" => version(node, faults),
                "define" => {
                    for (name, value) in faults.entries("define", node) {
                        if let Some(value) = faults.string(value) {
                            manifest.define.insert(name.name.to_string(), value);
                        }
                    }
                }
                "functions" => {
                    for (name, node) in faults.entries("functions", node) {
                        let entry = function::read(node, &default, faults);
                        manifest.functions.insert(name.name.to_string(), entry);
                    }
                }
                "machines" => machines(node, faults),
                "tasks" => {
                    for (resource, node) in faults.entries("tasks", node) {
                        if let Some(binding) = task(resource, node, faults) {
                            manifest.tasks.insert(resource.name.to_string(), binding);
                        }
                    }
                }
                "defaults" | "$schema" => {}
                _ => faults.unknown(key, &KEYS),
            }
        }
        manifest.check_bindings(root, faults);
        manifest
    }

    fn check_bindings(&self, root: &Node, faults: &mut Faults<'_>) {
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
            faults.add(span, format!("there is no function `{name}`{hint}"));
        }
    }
}

fn version(node: &Node, faults: &mut Faults<'_>) {
    if units::count(node, 1, 1).is_err() {
        faults.add(node.span, "this wf-host reads version 1 only");
    }
}

/// Machines are named for nested executions, suites and servers; their keys are checked.
fn machines(node: &Node, faults: &mut Faults<'_>) {
    const KEYS: [&str; 2] = ["definition", "type"];
    for (_, machine) in faults.entries("machines", node) {
        for (key, node) in faults.entries("a machine", machine) {
            match key.name.as_str() {
                "definition" => {
                    faults.string(node);
                }
                "type" if matches!(node.as_str(), Some("STANDARD" | "EXPRESS")) => {}
                "type" => faults.add(node.span, "type is \"STANDARD\" or \"EXPRESS\""),
                _ => faults.unknown(key, &KEYS),
            }
        }
    }
}

fn task(resource: &data::Key, node: &Node, faults: &mut Faults<'_>) -> Option<TaskBinding> {
    let (mut function, mut result) = (None, None);
    for (key, node) in faults.entries("a task", node) {
        match key.name.as_str() {
            "function" => function = faults.string(node),
            "result" => result = Some(node.to_data()),
            "endpoint" | "forward" => {
                faults.add(key.span, format!("`{}` is reserved: not yet", key.name))
            }
            _ => faults.unknown(key, &["function", "result"]),
        }
    }
    match (function, result) {
        (Some(name), None) => Some(TaskBinding::Function(name)),
        (None, Some(result)) => Some(TaskBinding::Result(result)),
        _ => {
            faults.add(resource.span, "give exactly one of `function` and `result`");
            None
        }
    }
}
