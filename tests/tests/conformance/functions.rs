//! What stands behind the tasks of a recording: guests for functions, recorded results for services.

use std::path::PathBuf;
use std::sync::Arc;

use data::{Data, Format, Object, ObjectBuilder, Source};
use languages::{Language, Runtimes};
use runtime::manifest::{Ceilings, Manifest};
use runtime::{Functions, Trust};

use crate::recording::{Recording, text_of};

/// Services that are not mocked, by `resourceType`.
const LOCAL: [&str; 3] = ["lambda", "states", "aws-sdk:sfn"];

/// The functions of a recording: handlers in their language, where its runtime is at hand, else the guest
/// `behaviours`, which is all of them; a variable says which.
pub struct Bound(pub Arc<Functions>);

impl Bound {
    /// Binds the functions by their names, and services without a local implementation to what AWS's said
    /// in this execution.
    pub fn new(recording: &Recording, expected: &Data) -> Bound {
        Bound::with(recording, services(expected))
    }

    /// The functions for all calls of a recording; a message that is sent is taken, whatever becomes of it, and an
    /// object that is read is one of two rows, as there are two items in what was recorded of map runs.
    pub fn of_calls(recording: &Recording) -> Bound {
        let taken = || {
            Object::builder()
                .with("result", Data::empty_object())
                .build()
        };
        let sent = "arn:aws:states:::sqs:sendMessage";
        let services = Object::builder()
            .with(sent, taken())
            .with(format!("{sent}.waitForTaskToken"), taken())
            .with("arn:aws:states:::s3:getObject", object());
        Bound::with(recording, services)
    }

    fn with(recording: &Recording, services: ObjectBuilder) -> Bound {
        let mut functions = Object::builder();
        for (name, function) in recording.functions() {
            functions.insert(name.into(), entry(function).into());
        }
        let manifest = Object::builder()
            .with("version", 1)
            .with("functions", functions.build())
            .with("tasks", services.build());
        Bound(Arc::new(read(&Data::from(manifest.build()).to_string())))
    }
}

fn object() -> Object {
    let body = Object::builder().with("Body", "column\nfirst\nsecond\n");
    Object::builder().with("result", body.build()).build()
}

fn entry(function: &Data) -> Object {
    let behaviour = text_of(function, "behaviour").expect("a function has a behaviour");
    let timeout = function.get("timeout").and_then(Data::as_i64).unwrap_or(3);
    let entry = Object::builder().with("timeout", timeout);
    let runtime = text_of(function, "runtime").unwrap_or_default();
    if let Some(code) = handler(runtime, behaviour) {
        let entry = entry.with("runtime", runtime).with("code", code);
        return entry.with("handler", "handler.handler").build();
    }
    let environment = Object::builder().with("BEHAVIOUR", behaviour).build();
    entry
        .with("module", "workflows/guests/behaviours.wasm")
        .with("environment", environment)
        .build()
}

/// The folder of the handler that behaves like this, if its language has a runtime here.
fn handler(runtime: &str, behaviour: &str) -> Option<String> {
    let language = Language::of_runtime(runtime)?;
    let cache = runtimes()?;
    Runtimes::below(Some(&cache)).find(language).ok()?;
    let folder = format!("tests/handlers/{language}/recorded-{behaviour}");
    wf_host_tests::root()
        .join(&folder)
        .is_dir()
        .then_some(folder)
}

/// Why the functions that were recorded, all of them in Python, do not run as they are.
pub fn without_runtime() -> Option<String> {
    match runtimes() {
        Some(cache) => {
            let found = Runtimes::below(Some(&cache)).find(Language::Python);
            found.err().map(|missing| missing.to_string())
        }
        None => Some("WF_HOST_TEST_RUNTIMES names no cache folder".to_owned()),
    }
}

/// The cache folder that the languages' runtimes are below.
pub fn runtimes() -> Option<PathBuf> {
    std::env::var_os("WF_HOST_TEST_RUNTIMES").map(PathBuf::from)
}

/// The results of services by resource, out of the history that is expected.
fn services(expected: &Data) -> ObjectBuilder {
    let mut tasks = Object::builder();
    let events = expected.get("history").and_then(Data::as_array);
    for event in events.into_iter().flat_map(|events| events.items()) {
        let details = event
            .get("taskSubmittedEventDetails")
            .or_else(|| event.get("taskSucceededEventDetails"));
        let Some(details) = details else { continue };
        let (Some(service), Some(action)) = (
            text_of(details, "resourceType"),
            text_of(details, "resource"),
        ) else {
            continue;
        };
        if LOCAL.contains(&service) {
            continue;
        }
        let result = details.get("output").cloned().unwrap_or_default();
        let binding = Object::builder().with("result", result).build();
        let resource = format!("arn:aws:states:::{service}:{action}");
        tasks.insert(resource.into(), binding.into());
    }
    tasks
}

fn read(manifest: &str) -> Functions {
    let beside_tests = || {
        let test = std::env::current_exe().ok()?;
        Some(test.parent()?.join("guest-cache"))
    };
    let cache = runtimes().or_else(beside_tests);
    let config = sandbox::Config {
        cache_dir: cache,
        max_guests: 40,
        ..sandbox::Config::default()
    };
    let mut functions = Functions::new(config, Ceilings::default());
    let source = Source::new("functions.json", manifest);
    let manifest = Manifest::read(&source, Format::Json).expect("a manifest");
    let folder = wf_host_tests::root();
    functions
        .add_manifest(&manifest, &folder, Trust::Named, &|_| None)
        .expect("functions");
    functions
}
