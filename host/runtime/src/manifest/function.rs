//! One function of a manifest.

use std::collections::BTreeMap;
use std::time::Duration;

use data::{Key, Node};
use languages::Language;
use sandbox::{Access, Limits};

use data::Mistakes;
use data::units::{count, duration, size};

use super::endpoint::Written;
use crate::remote::Endpoint;

/// A function as a manifest has it.
#[derive(Clone, Debug, Default)]
pub struct FunctionEntry {
    /// The guest's file, relative to the manifest's folder.
    pub module: String,
    /// The handler that a language's runtime runs instead of a guest of the function's own.
    pub script: Option<ScriptEntry>,
    /// The file's SHA-256 that must hold, in hexadecimal.
    pub sha256: Option<String>,
    /// Other names that mean this function; also what `${Alias}` stands for.
    pub aliases: Vec<String>,
    /// What an invocation may use.
    pub limits: Limits,
    /// Whether `fuel-per-second` was said.
    has_pace: bool,
    /// The bytes of a `/tmp` that each invocation has for itself; none: as much as Lambda gives to a handler in a
    /// language with a runtime, and no `/tmp` for a guest.
    pub scratch: Option<u64>,
    /// Invocations that may run side by side.
    pub concurrency: Option<u32>,
    /// The function's environment variables.
    pub environment: BTreeMap<String, String>,
    /// Variables to take from the host's environment, each only if the run allows it by name.
    pub environment_from_host: Vec<String>,
    /// Folders it sees.
    pub mounts: Vec<MountEntry>,
    /// The server that runs it instead of a guest, by the protocol of Lambda's Invoke.
    pub endpoint: Option<Endpoint>,
}

/// A handler in a language that has a runtime here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptEntry {
    /// The language.
    pub language: Language,
    /// Lambda's name of the runtime, such as `python3.12`.
    pub runtime: String,
    /// The file and the function in it, such as `validate_order.lambda_handler`.
    pub handler: String,
    /// The folder or zip with the code, relative to the manifest's folder.
    pub code: String,
    /// Folders or zips that are its `/opt` together, later ones over earlier ones.
    pub layers: Vec<String>,
}

/// A folder that a function sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountEntry {
    /// The folder, relative to the manifest's.
    pub source: String,
    /// Its path for the guest.
    pub target: String,
    /// What the guest may do there.
    pub access: Access,
}

const KEYS: [&str; 21] = [
    "module",
    "runtime",
    "handler",
    "code",
    "layers",
    "endpoint",
    "region",
    "sha256",
    "aliases",
    "timeout",
    "memory",
    "fuel",
    "fuel-per-second",
    "output",
    "log",
    "ephemeral-storage",
    "concurrency",
    "environment",
    "environment-from-host",
    "mounts",
    "network",
];

/// What a function may have that another server runs.
const ELSEWHERE: [&str; 3] = ["endpoint", "region", "aliases"];

/// What a function has that a language's runtime runs.
const SCRIPT: [&str; 4] = ["runtime", "handler", "code", "layers"];

/// Fuel that is a second of a language's runtime: what an interpreter is made of computes faster than most guests, and
/// under the virtual clock a handler is to take about the time that it takes.
pub(crate) const SCRIPT_PACE: u64 = 4_000_000_000;

/// What each function says for itself.
const NO_DEFAULT: [&str; 6] = ["endpoint", "region", "runtime", "handler", "code", "layers"];

/// `[defaults.function]`: what every function has unless it says otherwise.
pub(super) fn defaults(node: Option<&Node>, mistakes: &mut Mistakes<'_>) -> FunctionEntry {
    let mut entry = FunctionEntry::default();
    let Some(node) = node else { return entry };
    for (key, node) in mistakes.entries("defaults", node) {
        match key.name.as_str() {
            "function" => {
                fill(&mut entry, node, mistakes);
                refuse_own(node, mistakes);
            }
            _ => mistakes.unknown(key, &["function"]),
        }
    }
    entry
}

pub(super) fn read(
    node: &Node,
    default: &FunctionEntry,
    mistakes: &mut Mistakes<'_>,
) -> FunctionEntry {
    let mut entry = default.clone();
    fill(&mut entry, node, mistakes);
    let written = Written {
        endpoint: node.get("endpoint"),
        region: node.get("region"),
    };
    entry.endpoint = written.read(mistakes);
    let is_script = SCRIPT.iter().any(|key| node.get(key).is_some());
    if written.endpoint.is_some() {
        check_elsewhere(node, mistakes);
    } else if is_script {
        entry.module = String::new();
        entry.script = script(node, mistakes);
        if !entry.has_pace {
            entry.limits.fuel_per_second = SCRIPT_PACE;
        }
    } else if entry.module.is_empty() {
        mistakes.add(
            node.span,
            "`module` is missing: the path of the guest's .wasm file; or `runtime`, `handler` and `code`",
        );
    }
    entry
}

/// A function in a language with a runtime; what is wrong or missing is told, each with its place.
fn script(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<ScriptEntry> {
    for key in ["module", "sha256"] {
        if let Some(node) = node.get(key) {
            let message =
                format!("`{key}` means nothing beside `runtime`: the runtime is the guest");
            mistakes.add(node.span, message);
        }
    }
    let mut text = |key: &str, what: &str| match node.get(key) {
        Some(node) => mistakes.string(node).filter(|text| !text.is_empty()),
        None => {
            mistakes.add(node.span, format!("`{key}` is missing: {what}"));
            None
        }
    };
    let runtime = text("runtime", "such as \"python3.12\" or \"nodejs20.x\"");
    let handler = text(
        "handler",
        "the file and its function, such as \"app.handler\"",
    );
    let code = text(
        "code",
        "the folder or zip with the handler, below this file's folder",
    );
    let layers = node.get("layers").map(|node| mistakes.strings(node));
    let runtime = runtime?;
    let Some(language) = Language::of_runtime(&runtime) else {
        let at = node.get("runtime").unwrap_or(node);
        let message = format!(
            "{runtime:?} does not run here; python3.N and nodejsN.x do, and any language that compiles to a `module`"
        );
        mistakes.add(at.span, message);
        return None;
    };
    Some(ScriptEntry {
        language,
        runtime,
        handler: handler?,
        code: code?,
        layers: layers.unwrap_or_default(),
    })
}

/// Each function says for itself where it runs, and what.
fn refuse_own(node: &Node, mistakes: &mut Mistakes<'_>) {
    for (key, _) in node.entries().unwrap_or_default() {
        if NO_DEFAULT.contains(&key.name.as_str()) {
            let message = format!("`{}` is no default: give it to a function", key.name);
            mistakes.add(key.span, message);
        }
    }
}

/// What limits a guest does not limit another server.
fn check_elsewhere(node: &Node, mistakes: &mut Mistakes<'_>) {
    for (key, _) in node.entries().unwrap_or_default() {
        let name = key.name.as_str();
        if KEYS.contains(&name) && !ELSEWHERE.contains(&name) {
            let message = format!("`{name}` means nothing beside `endpoint`: no guest runs here");
            mistakes.add(key.span, message);
        }
    }
}

fn fill(entry: &mut FunctionEntry, node: &Node, mistakes: &mut Mistakes<'_>) {
    for (key, node) in mistakes.entries("a function", node) {
        set(entry, key, node, mistakes);
    }
}

fn set(entry: &mut FunctionEntry, key: &Key, node: &Node, mistakes: &mut Mistakes<'_>) {
    match key.name.as_str() {
        "module" => entry.module = mistakes.string(node).unwrap_or_default(),
        "sha256" => entry.sha256 = mistakes.take(node, sha256(node)),
        "aliases" => entry.aliases = mistakes.strings(node),
        "timeout" => {
            let limit = mistakes.take(node, timeout(node));
            entry.limits.timeout = limit.unwrap_or(entry.limits.timeout);
        }
        "memory" => {
            let limit = mistakes.take(node, within(size(node), 64 << 10, MOST_MEMORY));
            entry.limits.memory = limit.unwrap_or(entry.limits.memory);
        }
        "fuel" => entry.limits.fuel = mistakes.take(node, count(node, 1, MOST_FUEL)),
        "fuel-per-second" => {
            let limit = mistakes.take(node, count(node, 1, MOST_FUEL));
            entry.limits.fuel_per_second = limit.unwrap_or(entry.limits.fuel_per_second);
            entry.has_pace = true;
        }
        "output" => {
            let limit = mistakes.take(node, within(size(node), 1, MOST_OUTPUT));
            entry.limits.output = limit.map_or(entry.limits.output, |n| n as usize);
        }
        "log" => {
            let limit = mistakes.take(node, size(node));
            entry.limits.log = limit.map_or(entry.limits.log, |n| n as usize);
        }
        "ephemeral-storage" => {
            entry.scratch = mistakes.take(node, within(size(node), 1, MOST_SCRATCH));
        }
        "concurrency" => {
            entry.concurrency = mistakes
                .take(node, count(node, 0, 100_000))
                .map(|n| n as u32);
        }
        "environment" => environment(entry, node, mistakes),
        "environment-from-host" => entry.environment_from_host = mistakes.strings(node),
        "mounts" => mounts(entry, node, mistakes),
        // Read by whoever knows where the table stands.
        "endpoint" | "region" | "runtime" | "handler" | "code" | "layers" => {}
        "network" => {
            if node.items().is_none_or(|items| !items.is_empty()) {
                mistakes.add(
                    node.span,
                    "guests have no network; only `network = []` is accepted",
                );
            }
        }
        _ => mistakes.unknown(key, &KEYS),
    }
}

const MOST_FUEL: u64 = 1_000_000_000_000_000;

/// Lambda's own maximum; a guest's 32-bit addresses reach 4 GB of it.
const MOST_MEMORY: u64 = 10_240 << 20;

/// Lambda's own maximum.
const MOST_SCRATCH: u64 = 10_240 << 20;

/// Forty times what Lambda returns; a payload of a workflow is far smaller anyway.
const MOST_OUTPUT: u64 = 256 << 20;

fn within(size: Result<u64, String>, least: u64, most: u64) -> Result<u64, String> {
    let size = size?;
    if (least..=most).contains(&size) {
        return Ok(size);
    }
    Err(format!(
        "{size} bytes; it must be between {least} and {most} bytes"
    ))
}

fn timeout(node: &Node) -> Result<Duration, String> {
    let timeout = duration(node)?;
    if timeout < Duration::from_millis(1) {
        return Err("a function's timeout is at least 1 ms".to_owned());
    }
    if timeout > Duration::from_secs(900) {
        return Err("a function's timeout is at most 900 seconds, as on Lambda".to_owned());
    }
    Ok(timeout)
}

fn sha256(node: &Node) -> Result<String, String> {
    let text = node.as_str().unwrap_or_default().to_ascii_lowercase();
    let valid = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    valid
        .then_some(text)
        .ok_or_else(|| "a SHA-256 has 64 hexadecimal digits".to_owned())
}

fn environment(entry: &mut FunctionEntry, node: &Node, mistakes: &mut Mistakes<'_>) {
    for (key, node) in mistakes.entries("environment", node) {
        let name = key.name.as_str();
        if name.is_empty() || name.contains(['=', '\0']) {
            mistakes.add(key.span, "not a name for an environment variable");
        } else if let Some(value) = mistakes.string(node) {
            entry.environment.insert(name.to_owned(), value);
        }
    }
}

fn mounts(entry: &mut FunctionEntry, node: &Node, mistakes: &mut Mistakes<'_>) {
    let Some(items) = node.items() else {
        mistakes.add(
            node.span,
            "mounts is a list of tables { source, target, access }",
        );
        return;
    };
    entry.mounts = items
        .iter()
        .filter_map(|item| mount(item, mistakes))
        .collect();
}

fn mount(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<MountEntry> {
    let (mut source, mut target, mut access) = (None, None, Access::Read);
    for (key, node) in mistakes.entries("a mount", node) {
        match key.name.as_str() {
            "source" => source = mistakes.string(node),
            "target" => target = mistakes.string(node),
            "access" => match node.as_str() {
                Some("read") => access = Access::Read,
                Some("read-write") => access = Access::ReadWrite,
                _ => mistakes.add(node.span, "access is \"read\" or \"read-write\""),
            },
            _ => mistakes.unknown(key, &["source", "target", "access"]),
        }
    }
    if source.is_none() || target.is_none() {
        mistakes.add(node.span, "a mount needs `source` and `target`");
    }
    Some(MountEntry {
        source: source?,
        target: target?,
        access,
    })
}
