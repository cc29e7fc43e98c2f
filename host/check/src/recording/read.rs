//! Reading a recording.

use asl::{BlockId, Program};
use data::{Data, EcoString, Format, Mistake, Mistakes, Node, Source, read, units};

use super::{Heard, MachineText, Recorded, Recording, about};

const KEYS: [&str; 7] = [
    "version",
    "seed",
    "settings",
    "functions",
    "machines",
    "executions",
    "$schema",
];

impl Recording {
    /// Reads a recording; all that is wrong with it is told at once.
    pub fn read(source: &Source) -> Result<Recording, Vec<Mistake>> {
        let mut mistakes = Mistakes::new(source);
        match read(source, Format::Json) {
            Err(error) => mistakes.add(error.span, error.message),
            Ok(root) => {
                let recording = Recording::of(&root, &mut mistakes);
                if mistakes.found.is_empty() {
                    return Ok(recording);
                }
            }
        }
        Err(mistakes.found)
    }

    fn of(root: &Node, mistakes: &mut Mistakes<'_>) -> Recording {
        let mut recording = Recording {
            settings: Data::Null,
            seed: 0,
            functions: Vec::new(),
            machines: Vec::new(),
            executions: Vec::new(),
        };
        for (key, node) in mistakes.entries("a recording", root) {
            match key.name.as_str() {
                "version" if units::count(node, 1, 1).is_err() => {
                    mistakes.add(node.span, "this wf-host reads recordings of version 1 only");
                }
                "seed" => {
                    recording.seed = mistakes.take(node, units::seed(node)).unwrap_or_default()
                }
                "settings" => recording.settings = node.to_data(),
                "functions" => {
                    let names = mistakes.strings(node).into_iter();
                    recording.functions = names.map(Into::into).collect();
                }
                "machines" => recording.machines = list(node, mistakes, machine),
                "executions" => recording.executions = list(node, mistakes, execution),
                "version" | "$schema" => {}
                _ => mistakes.unknown(key, &KEYS),
            }
        }
        for needed in ["version", "seed", "machines", "executions"] {
            if root.entries().is_some() && root.get(needed).is_none() {
                mistakes.add(root.span, format!("`{needed}` is missing"));
            }
        }
        recording
    }
}

fn list<T>(
    node: &Node,
    mistakes: &mut Mistakes<'_>,
    read: impl Fn(&Node, &mut Mistakes<'_>) -> Option<T>,
) -> Vec<T> {
    match node.items() {
        Some(items) => items
            .iter()
            .filter_map(|item| read(item, mistakes))
            .collect(),
        None => {
            mistakes.add(node.span, "expected a list");
            Vec::new()
        }
    }
}

const MACHINE: [&str; 6] = ["name", "type", "file", "format", "define", "definition"];

fn machine(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<MachineText> {
    let mut machine = MachineText {
        name: EcoString::new(),
        file: EcoString::new(),
        format: Format::Json,
        text: EcoString::new(),
        define: Vec::new(),
        express: false,
    };
    for (key, node) in mistakes.entries("a machine", node) {
        if key.name == "define" {
            for (name, value) in mistakes.entries("define", node) {
                let value = mistakes.string(value)?;
                machine.define.push((name.name.clone(), value.into()));
            }
            continue;
        }
        let text = EcoString::from(mistakes.string(node)?);
        match key.name.as_str() {
            "name" => machine.name = text,
            "type" => machine.express = text == "EXPRESS",
            "file" => machine.file = text,
            "definition" => machine.text = text,
            "format" => {
                let format = Format::of_name(&format!(".{text}"));
                let format = format.ok_or_else(|| "expected json, yaml or toml".to_owned());
                machine.format = mistakes.take(node, format)?;
            }
            _ => mistakes.unknown(key, &MACHINE),
        }
    }
    Some(machine)
}

const EXECUTION: [&str; 5] = ["machine", "processor", "about", "heard", "history"];

fn execution(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Recorded> {
    for (key, _) in mistakes.entries("an execution", node) {
        if !EXECUTION.contains(&key.name.as_str()) {
            mistakes.unknown(key, &EXECUTION);
        }
    }
    let field = |name: &str, mistakes: &mut Mistakes<'_>| {
        let found = node.get(name);
        if found.is_none() {
            mistakes.add(node.span, format!("`{name}` is missing"));
        }
        found
    };
    let machine = field("machine", mistakes).and_then(|node| mistakes.string(node));
    let block = node.get("processor").and_then(|node| {
        let number = units::count(node, 0, u64::from(u32::MAX));
        let number = mistakes.take(node, number)?;
        u32::try_from(number).ok().map(BlockId)
    });
    let about = field("about", mistakes).and_then(|node| about::read(node, mistakes));
    let heard = field("heard", mistakes).map(|node| list(node, mistakes, Heard::read));
    let history = field("history", mistakes);
    let history = history.map(|node| list(node, mistakes, |event, _| Some(event.to_data())));
    Some(Recorded {
        machine: machine?.into(),
        block: block.unwrap_or(Program::ROOT),
        about: about?,
        heard: heard?,
        history: history?,
    })
}
