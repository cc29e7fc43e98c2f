//! A functions file to begin with.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use data::EcoString;

use super::inventory::{Inventory, NamedMachine, users};
use super::placeholder::Placeholder;

/// The text of a `wf-host.toml` that is valid as it is: values for the placeholders, the machines that are at
/// hand, and in comments what is still to be filled in.
///
/// `machines` says where the definition of a machine is, relative to the file's folder.
pub fn manifest(
    inventory: &Inventory,
    placeholders: &[Placeholder],
    machines: &BTreeMap<EcoString, String>,
) -> String {
    let mut text = String::from(
        "# What the definitions here need. `wf-host help config` explains every key.\nversion = 1\n",
    );
    define(placeholders, &mut text);
    functions(inventory, &mut text);
    for machine in &inventory.machines {
        nested(machine, machines, &mut text);
    }
    tasks(inventory, &mut text);
    text
}

fn define(placeholders: &[Placeholder], text: &mut String) {
    let values = placeholders.iter();
    let mut values = values
        .filter_map(|placeholder| Some((&placeholder.name, placeholder.value()?)))
        .peekable();
    if values.peek().is_none() {
        return;
    }
    text.push_str(
        "\n# What ${Name} in a definition stands for; --define NAME=VALUE wins.\n[define]\n",
    );
    for (name, value) in values {
        let _ = writeln!(text, "{} = {}", key(name), quoted(value));
    }
}

fn functions(inventory: &Inventory, text: &mut String) {
    if inventory.functions.is_empty() {
        return;
    }
    text.push_str(
        "\n# A function needs a module: `wf-host guest new NAME` begins one. Until a function has its own, the mock file\n\
         # stands in for it; then uncomment its table.\n",
    );
    for function in &inventory.functions {
        let name = &function.name;
        let file = name
            .as_str()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let _ = writeln!(text, "\n# Used by {}", users(&function.by));
        let _ = writeln!(text, "# [functions.{}]", key(name));
        let _ = writeln!(
            text,
            "# module = {}",
            quoted(&format!("guests/{}.wasm", file.to_lowercase()))
        );
        if !function.aliases.is_empty() {
            let aliases: Vec<String> = function.aliases.iter().map(|alias| quoted(alias)).collect();
            let _ = writeln!(text, "# aliases = [{}]", aliases.join(", "));
        }
    }
}

fn nested(machine: &NamedMachine, known: &BTreeMap<EcoString, String>, text: &mut String) {
    let _ = writeln!(text, "\n# Started by {}", users(&machine.by));
    let table = format!("[machines.{}]", key(&machine.name));
    match known.get(&machine.name) {
        Some(path) => {
            let _ = writeln!(text, "{table}\ndefinition = {}", quoted(path));
        }
        None => {
            let path = quoted(&format!("{}.asl.json", machine.name));
            let _ = writeln!(text, "# {table}\n# definition = {path}");
        }
    }
}

fn tasks(inventory: &Inventory, text: &mut String) {
    if !inventory.services.is_empty() {
        text.push_str(
            "\n# Other services, too, are mocked; without a mock a task may always have the same result, or a function.\n",
        );
    }
    for service in &inventory.services {
        let _ = writeln!(text, "\n# Used by {}", users(&service.by));
        let _ = writeln!(
            text,
            "# [tasks.{}]\n# result = {{}}",
            quoted(&service.resource)
        );
    }
    if !inventory.activities.is_empty() {
        text.push_str("\n# Activities need no entry; whoever works for one asks for its tasks:\n");
    }
    for activity in &inventory.activities {
        let _ = writeln!(text, "#   {} of {}", activity.resource, users(&activity.by));
    }
}

fn key(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(plain) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A basic string of TOML; JSON's escapes are among its own.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    data::write_string(text, &mut out);
    out
}
