//! What definitions need and what their stubs are worth, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use data::{Data, EcoString, Object};
use engine::Failure;

use super::Stubs;
use super::inventory::{Inventory, Use, Used, users};
use super::placeholder::{Placeholder, Stands};

/// A listing for people; `machines` says where the definition of a machine is.
pub fn text(
    inventory: &Inventory,
    placeholders: &[Placeholder],
    machines: &BTreeMap<EcoString, String>,
    stubs: &[Stubs],
) -> String {
    let functions = inventory.functions.iter();
    let functions = functions.map(|function| (function.name.to_string(), users(&function.by)));
    let nested = inventory.machines.iter().map(|machine| {
        let path = machines
            .get(&machine.name)
            .map_or("not here", String::as_str);
        (
            machine.name.to_string(),
            format!("{path}; {}", users(&machine.by)),
        )
    });
    let placeholders = placeholders.iter().map(|placeholder| {
        let stands = match &placeholder.stands {
            Stands::Function => "a function".to_owned(),
            Stands::Value(value) => format!("{value:?}"),
        };
        (format!("${{{}}}", placeholder.name), stands)
    });
    let sections = [
        ("Functions", functions.collect()),
        ("Services", lines_of(&inventory.services)),
        ("Activities", lines_of(&inventory.activities)),
        ("Machines that are started", nested.collect()),
        ("Placeholders", placeholders.collect()),
        (
            "Tasks that wait for an answer",
            places(&inventory.token_tasks),
        ),
        ("Known only when they run", places(&inventory.computed)),
        ("Stubs", stubs.iter().map(verdict).collect()),
    ];
    let sections = sections.iter().filter(|(_, lines)| !lines.is_empty());
    let sections = sections.map(|(title, lines)| section(title, lines));
    sections.collect::<Vec<_>>().join("\n")
}

/// The two columns of a section.
type Lines = Vec<(String, String)>;

fn lines_of(all: &[Used]) -> Lines {
    let lines = all
        .iter()
        .map(|used| (used.resource.to_string(), users(&used.by)));
    lines.collect()
}

fn places(all: &[Use]) -> Lines {
    let place = |one: &Use| {
        (
            users(std::slice::from_ref(one)),
            format!("line {}", one.line),
        )
    };
    all.iter().map(place).collect()
}

fn section(title: &str, lines: &[(String, String)]) -> String {
    let width = lines
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = format!("{title}\n");
    for (name, rest) in lines {
        let _ = writeln!(text, "  {name:width$}  {rest}");
    }
    text
}

fn verdict(stubs: &Stubs) -> (String, String) {
    let tasks = stubs.results.len();
    let mut line = format!("{tasks} task{}", if tasks == 1 { "" } else { "s" });
    match &stubs.failure {
        None => line.push_str(", the machine succeeds with them"),
        Some(failure) => {
            let _ = write!(
                line,
                ", the machine does not succeed with them: {}",
                said(failure)
            );
        }
    }
    if stubs.troubled && stubs.succeeds() {
        line.push_str(", though something fails on the way");
    }
    if !stubs.unreached.is_empty() {
        let _ = write!(line, "; not reached: {}", stubs.unreached.join(", "));
    }
    (stubs.machine.to_string(), line)
}

/// Error and cause on one line, a long cause cut short.
fn said(failure: &Failure) -> String {
    const MOST: usize = 200;
    let words = [&failure.error, &failure.cause].into_iter().flatten();
    let words = words.map(EcoString::as_str).collect::<Vec<_>>().join(": ");
    let line = words.replace(char::is_control, " ");
    match line.char_indices().nth(MOST) {
        None => line,
        Some((at, _)) => format!("{}...", &line[..at]),
    }
}

/// The listing for programs: `functions`, `services`, `activities`, `machines`, `placeholders`, `tokenTasks`,
/// `computed` and `stubs`.
pub fn to_data(
    inventory: &Inventory,
    placeholders: &[Placeholder],
    machines: &BTreeMap<EcoString, String>,
    stubs: &[Stubs],
) -> Data {
    let functions = inventory.functions.iter().map(|function| {
        Object::builder()
            .with("name", function.name.clone())
            .with("aliases", names(&function.aliases))
            .with("usedBy", uses(&function.by))
            .build()
    });
    let nested = inventory.machines.iter().map(|machine| {
        let path = machines.get(&machine.name);
        Object::builder()
            .with("name", machine.name.clone())
            .with(
                "definition",
                path.map_or(Data::Null, |path| Data::from(path.as_str())),
            )
            .with("usedBy", uses(&machine.by))
            .build()
    });
    let placeholders = placeholders.iter().map(|placeholder| {
        let value = placeholder.value().cloned();
        Object::builder()
            .with("name", placeholder.name.clone())
            .with("value", value.map_or(Data::Null, Data::from))
            .with("isFunction", placeholder.stands == Stands::Function)
            .build()
    });
    Object::builder()
        .with("functions", list(functions))
        .with("services", list(inventory.services.iter().map(used)))
        .with("activities", list(inventory.activities.iter().map(used)))
        .with("machines", list(nested))
        .with("placeholders", list(placeholders))
        .with("tokenTasks", uses(&inventory.token_tasks))
        .with("computed", uses(&inventory.computed))
        .with("stubs", list(stubs.iter().map(stub)))
        .build()
        .into()
}

fn used(used: &Used) -> Object {
    Object::builder()
        .with("resource", used.resource.clone())
        .with("usedBy", uses(&used.by))
        .build()
}

fn stub(stubs: &Stubs) -> Object {
    let text = |text: Option<&EcoString>| text.cloned().map_or(Data::Null, Data::from);
    let failure = stubs.failure.as_ref();
    Object::builder()
        .with("machine", stubs.machine.clone())
        .with("tasks", stubs.results.len() as i64)
        .with("succeeds", stubs.succeeds())
        .with(
            "error",
            text(failure.and_then(|failure| failure.error.as_ref())),
        )
        .with(
            "cause",
            text(failure.and_then(|failure| failure.cause.as_ref())),
        )
        .with("input", stubs.input.clone())
        .with("unreached", names(&stubs.unreached))
        .build()
}

fn uses(by: &[Use]) -> Data {
    list(by.iter().map(|by| {
        Object::builder()
            .with("machine", by.machine.clone())
            .with("state", by.state.clone())
            .with("line", by.line as i64)
            .build()
    }))
}

fn names(names: &[EcoString]) -> Data {
    names.iter().cloned().map(Data::from).collect()
}

fn list(objects: impl Iterator<Item = Object>) -> Data {
    objects.map(Data::from).collect()
}
