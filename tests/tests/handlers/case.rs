//! One case: a handler, what it is given, what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use data::{Data, Object};
use engine::Status;
use languages::Language;
use libtest_mimic::Failed;
use runtime::Functions;
use wf_host_tests::Workflow;

use super::folder;

/// A case file.
pub struct Case {
    /// `python/decorators/case`
    pub name: String,
    pub language: Language,
    path: PathBuf,
    value: Data,
}

/// The members that a function of a manifest has too, and that are handed on to it.
const SETTINGS: [&str; 6] = [
    "runtime",
    "handler",
    "environment",
    "timeout",
    "memory",
    "ephemeral-storage",
];

/// Errors whose stack is that of the language's own engine, with offsets in it that change with each build.
const BY_THE_ENGINE: [&str; 4] = [
    "Runtime.OutOfMemory",
    "Runtime.OutOfFuel",
    "Runtime.StackOverflow",
    "Runtime.Trap",
];

/// What came of a case.
#[derive(Debug, PartialEq)]
pub struct Found {
    /// Output, or error and cause; and the log.
    pub came: Data,
    /// None where it depends on when the guest was stopped from outside.
    fuel: Option<u64>,
}

impl Case {
    /// None: a JSON file that is no case, but something that a handler reads.
    pub fn read(path: &Path) -> Option<Case> {
        let text = std::fs::read_to_string(path).expect("a case is text");
        let value =
            Data::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        value.get("expect")?;
        let runtime = value
            .get("runtime")
            .and_then(Data::as_str)
            .unwrap_or_default();
        let language = Language::of_runtime(runtime);
        let relative = path
            .strip_prefix(folder())
            .expect("cases are below their folder");
        Some(Case {
            name: relative.with_extension("").display().to_string(),
            language: language.unwrap_or_else(|| panic!("{}: no runtime", path.display())),
            path: path.to_owned(),
            value,
        })
    }

    /// What its function is called: a name as Lambda allows it.
    pub fn function(&self) -> String {
        self.name.replace('/', "-")
    }

    /// Its function, as a manifest has it.
    pub fn manifest(&self) -> Data {
        let mut entry = Object::builder();
        for name in SETTINGS {
            if let Some(value) = self.value.get(name) {
                entry.insert(name.into(), value.clone());
            }
        }
        let code = Path::new(&self.name)
            .parent()
            .expect("a case is in a folder");
        let layers = self.value.get("layers").and_then(Data::as_array);
        let layers = layers.into_iter().flat_map(|layers| layers.items());
        let layer = |layer: &Data| {
            Data::from(
                code.join(layer.as_str().expect("a path"))
                    .display()
                    .to_string(),
            )
        };
        let layers: Vec<Data> = layers.map(layer).collect();
        if !layers.is_empty() {
            entry.insert("layers".into(), layers.into());
        }
        entry.insert("code".into(), code.display().to_string().into());
        entry.build().into()
    }

    /// What comes of it.
    pub fn run(&self, functions: &Arc<Functions>) -> Found {
        let arn = format!(
            "arn:aws:lambda:us-east-1:000000000000:function:{}",
            self.function()
        );
        let call = Object::builder()
            .with("Type", "Task")
            .with("Resource", arn)
            .with("End", true);
        let states = Object::builder().with("Call", call.build());
        let machine = Object::builder()
            .with("StartAt", "Call")
            .with("States", states.build());
        let machine = Data::from(machine.build()).to_string();
        let event = self
            .value
            .get("event")
            .cloned()
            .unwrap_or_else(Data::empty_object);
        let ran = Workflow::shared(&machine, functions).run(event);
        let log = ran.invocations.iter().flat_map(|one| &one.log);
        let log = shortened_log(log.map(String::as_str).collect());
        let came = match ran.status() {
            Status::Succeeded { output } => Object::builder().with("output", output.clone()),
            Status::Failed(failure) => {
                let error = failure.error.as_deref().unwrap_or_default();
                let cause = failure.cause.as_deref().unwrap_or_default();
                Object::builder()
                    .with("error", error)
                    .with("cause", shown(error, cause))
            }
            other => panic!("neither succeeded nor failed: {other:?}"),
        };
        let came = shortened(&came.with("log", log).build().into());
        let is_stopped = came.get("error").and_then(Data::as_str) == Some("Runtime.Trap");
        let fuel = ran.invocations.iter().map(|one| one.fuel).sum();
        Found {
            came,
            fuel: (!is_stopped).then_some(fuel),
        }
    }

    /// Whether it is what is expected.
    pub fn judge(&self, found: &Data) -> Result<(), Failed> {
        let expected = self.value.get("expect").expect("cases have it");
        if expected == found {
            return Ok(());
        }
        Err(format!("expected {expected:#}\nfound    {found:#}").into())
    }

    /// Writes down what came of it as what is expected.
    pub fn bless(&self, found: &Data) {
        let case = self.value.as_object().expect("a case is an object");
        let case = case.with("expect", found.clone());
        let text = serde_json::from_str::<serde_json::Value>(&Data::from(case).to_string());
        let text = serde_json::to_string_pretty(&text.expect("it is JSON")).expect("it is a value");
        std::fs::write(&self.path, text + "\n").expect("the case can be written");
    }
}

/// Lines of a log, and characters of a text, that a case file shows.
const SHOWN_LINES: usize = 20;
const SHOWN_TEXT: usize = 2000;

/// The log, without the middle of one that is long.
fn shortened_log(lines: Vec<&str>) -> Data {
    let left_out = lines.len().saturating_sub(SHOWN_LINES);
    if left_out == 0 {
        return lines.into_iter().map(Data::from).collect();
    }
    let (first, last) = (
        &lines[..SHOWN_LINES / 2],
        &lines[lines.len() - SHOWN_LINES / 2..],
    );
    let middle = format!("({left_out} lines)");
    let all = first
        .iter()
        .copied()
        .chain([middle.as_str()])
        .chain(last.iter().copied());
    all.map(Data::from).collect()
}

/// The value with texts that are long cut short, which say how long they are.
fn shortened(value: &Data) -> Data {
    if let Some(object) = value.as_object() {
        let members = object
            .iter()
            .map(|(name, value)| (name.clone(), shortened(value)));
        return members.collect::<Object>().into();
    }
    if let Some(array) = value.as_array() {
        return array.items().iter().map(shortened).collect();
    }
    match value.as_str() {
        Some(text) if text.chars().count() > SHOWN_TEXT => {
            let (start, length) = (
                text.chars().take(60).collect::<String>(),
                text.chars().count(),
            );
            format!("{start} ({length} characters)").into()
        }
        _ => value.clone(),
    }
}

/// The cause as JSON where it is JSON, without what changes with each build of an engine.
fn shown(error: &str, cause: &str) -> Data {
    let Ok(payload) = Data::parse(cause) else {
        return cause.into();
    };
    match payload.as_object() {
        Some(object) if BY_THE_ENGINE.contains(&error) => {
            let members = object.iter().filter(|(name, _)| *name != "stackTrace");
            let members = members.map(|(name, value)| (name.clone(), value.clone()));
            members.collect::<Object>().into()
        }
        _ => payload,
    }
}
