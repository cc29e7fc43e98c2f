//! What the tests of the whole house share: running a workflow through real guests under virtual time, and
//! running the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock};

use data::{Data, EcoString, Format, Source};
use engine::{About, Entropy, HistoryEvent, Quotas, Status, Timestamp};
use journal::{Definition, Journal, MemoryJournal};
use languages::{Language, Runtimes};
use runtime::inject::Injector;
use runtime::manifest::{Ceilings, Manifest};
use runtime::{
    Clock, Companion, Finished, Functions, InvocationReport, Machine, Machines, Observer, Outside,
    Run, RunError, Stopper, Trust,
};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in the repository")
        .to_owned()
}

/// A guest that scripts/guests has built.
pub fn guest(name: &str) -> PathBuf {
    let path = root().join("workflows/guests").join(format!("{name}.wasm"));
    assert!(
        path.is_file(),
        "{} is missing: run scripts/guests first",
        path.display()
    );
    path
}

/// The text of a file below `workflows/`.
pub fn workflow(name: &str) -> String {
    std::fs::read_to_string(root().join("workflows").join(name)).expect(name)
}

/// A JSON file below `workflows/inputs/`.
pub fn input(name: &str) -> Data {
    Data::parse(&workflow(&format!("inputs/{name}"))).expect(name)
}

/// One tokio runtime serves all tests of a process, as one serves all runs of a host.
static TOKIO: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .event_interval(1)
        .enable_all()
        .build()
        .expect("threads can be made")
});

/// A workflow about to be run under virtual time.
pub struct Workflow {
    definition: String,
    functions: Arc<Functions>,
    seed: u64,
    quotas: Quotas,
    stop: Stopper,
    clock: Clock,
    machines: Machines,
    companions: Vec<Companion>,
    activities: Option<Arc<BTreeSet<EcoString>>>,
    injector: Option<Box<dyn Injector>>,
    outside: Option<Outside>,
    journal: Box<dyn Journal>,
}

/// A workflow that is over.
pub struct Ran {
    /// The execution and its records.
    pub finished: Finished,
    /// Every invocation, in the order in which they ended.
    pub invocations: Vec<InvocationReport>,
}

#[derive(Default)]
struct Watch(Vec<InvocationReport>);

impl Observer for Watch {
    fn invoked(&mut self, report: &InvocationReport) {
        self.0.push(report.clone());
    }
}

/// The functions of a manifest's text, modules relative to `workflows/`, with compiled guests kept between
/// test runs.
pub fn functions(manifest: &str) -> Functions {
    let cache = std::env::current_exe()
        .ok()
        .and_then(|test| Some(test.parent()?.join("guest-cache")));
    functions_with(manifest, &root().join("workflows"), cache)
}

/// The same with a cache folder that has the languages' runtimes below it.
pub fn functions_in(manifest: &str, cache: PathBuf) -> Functions {
    functions_with(manifest, &root().join("workflows"), Some(cache))
}

/// The same, paths relative to the repository.
pub fn functions_of_repository(manifest: &str, cache: PathBuf) -> Functions {
    functions_with(manifest, &root(), Some(cache))
}

/// The same, paths relative to any folder.
pub fn functions_below(manifest: &str, folder: &Path, cache: PathBuf) -> Functions {
    functions_with(manifest, folder, Some(cache))
}

fn functions_with(manifest: &str, folder: &Path, cache: Option<PathBuf>) -> Functions {
    let config = sandbox::Config {
        cache_dir: cache,
        max_guests: 200,
        ..sandbox::Config::default()
    };
    let mut functions = Functions::new(config, Ceilings::default());
    let source = Source::new("test.toml", manifest);
    let manifest = Manifest::read(&source, Format::Toml).expect("a manifest");
    functions
        .add_manifest(&manifest, folder, Trust::Named, &|_| None)
        .expect("functions");
    functions
}

/// The program of a definition, which must be one.
pub fn compile(definition: &str) -> Arc<asl::Program> {
    let source = Source::new("test.asl.json", definition);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    let errors: Vec<String> = compiled
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == asl::Severity::Error)
        .map(|diagnostic| diagnostic.render(&source))
        .collect();
    let program = compiled.program;
    Arc::new(program.unwrap_or_else(|| panic!("{}", errors.join("\n"))))
}

/// A definition as a journal that lasts keeps it.
fn kept(definition: &str) -> Definition {
    runtime::definition(definition, Format::Json, &BTreeMap::new())
}

impl Workflow {
    /// A definition with the functions of `workflows/wf-host.toml`.
    pub fn new(definition: &str) -> Workflow {
        Workflow::with(definition, functions(&workflow("wf-host.toml")))
    }

    /// A definition with other functions.
    pub fn with(definition: &str, functions: Functions) -> Workflow {
        Workflow::shared(definition, &Arc::new(functions))
    }

    /// A definition with functions that other runs use too.
    pub fn shared(definition: &str, functions: &Arc<Functions>) -> Workflow {
        Workflow {
            definition: definition.to_owned(),
            functions: Arc::clone(functions),
            seed: 1,
            quotas: Quotas::default(),
            stop: Stopper::default(),
            clock: Clock::Virtual {
                start: Clock::DEFAULT_START,
            },
            machines: Machines::default(),
            companions: Vec::new(),
            activities: None,
            injector: None,
            outside: None,
            journal: Box::new(MemoryJournal::default()),
        }
    }

    /// A machine that startExecution may name.
    #[must_use]
    pub fn machine(mut self, name: &str, definition: &str) -> Workflow {
        self.machines.add(
            Machine::local(name, compile(definition), false).with_definition(kept(definition)),
        );
        self
    }

    /// The same, of type EXPRESS.
    #[must_use]
    pub fn express(mut self, name: &str, definition: &str) -> Workflow {
        self.machines
            .add(Machine::local(name, compile(definition), true).with_definition(kept(definition)));
        self
    }

    /// An execution of such a machine, named as it is, that starts beside this one.
    #[must_use]
    pub fn beside(mut self, machine: &str, input: Data) -> Workflow {
        let machine = self.machines.find(machine).expect("a machine of that name");
        self.companions.push(Companion {
            machine: Arc::clone(machine),
            name: machine.name.clone(),
            input,
        });
        self
    }

    /// The activities that exist, by ARN.
    #[must_use]
    pub fn activities(mut self, arns: &[&str]) -> Workflow {
        self.activities = Some(Arc::new(arns.iter().map(|arn| (*arn).into()).collect()));
        self
    }

    /// Who decides what goes wrong.
    #[must_use]
    pub fn injected_by(mut self, injector: Option<Box<dyn Injector>>) -> Workflow {
        self.injector = injector;
        self
    }

    /// Where its records go; else they are forgotten with it.
    #[must_use]
    pub fn kept_in(mut self, journal: Box<dyn Journal>) -> Workflow {
        self.journal = journal;
        self
    }

    /// The way in for answers from outside.
    #[must_use]
    pub fn outside(mut self, outside: Outside) -> Workflow {
        self.outside = Some(outside);
        self
    }

    /// Who may stop it.
    #[must_use]
    pub fn stopped_by(mut self, stop: &Stopper) -> Workflow {
        self.stop = stop.clone();
        self
    }

    /// The seed of all chance.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Workflow {
        self.seed = seed;
        self
    }

    /// The quota of events in the history.
    #[must_use]
    pub fn history_events(mut self, events: u32) -> Workflow {
        self.quotas.history_events = events;
        self
    }

    /// Under the wall clock instead of virtual time.
    #[must_use]
    pub fn real_time(mut self) -> Workflow {
        self.clock = Clock::Real;
        self
    }

    /// Runs it; the error is one of the host, never of the workflow.
    pub fn try_run(self, input: Data) -> Result<Ran, RunError> {
        let mut watch = Watch::default();
        let ran = self.watched(input, &mut watch)?;
        Ok(Ran {
            invocations: watch.0,
            ..ran
        })
    }

    /// The same with somebody who watches.
    pub fn watched(self, input: Data, observer: &mut dyn Observer) -> Result<Ran, RunError> {
        let mut about = About::local("test", "run");
        about.quotas = self.quotas;
        let run = Run {
            program: compile(&self.definition),
            about: Arc::new(about),
            entropy: Entropy::from_seed(self.seed),
            clock: self.clock,
            functions: self.functions,
            journal: self.journal,
            stop: self.stop,
            machines: self.machines,
            companions: self.companions,
            activities: self.activities,
            guests: None,
            injector: self.injector,
            outside: self.outside,
            definition: kept(&self.definition),
        };
        let finished = TOKIO.block_on(run.execute(input, observer))?;
        Ok(Ran {
            finished,
            invocations: Vec::new(),
        })
    }

    /// Runs it to its end.
    pub fn run(self, input: Data) -> Ran {
        self.try_run(input)
            .unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Ran {
    /// Where it ended.
    pub fn status(&self) -> &Status {
        self.finished.execution.status()
    }

    /// The output of a workflow that succeeded.
    pub fn output(&self) -> &Data {
        match self.status() {
            Status::Succeeded { output } => output,
            other => panic!("did not succeed: {other:?}"),
        }
    }

    /// The error of a workflow that failed.
    pub fn error(&self) -> &str {
        match self.status() {
            Status::Failed(failure) => failure.error.as_deref().unwrap_or_default(),
            other => panic!("did not fail: {other:?}"),
        }
    }

    /// The first execution of another machine.
    pub fn other(&self, machine: &str) -> Ran {
        let others = &self.finished.others;
        let found = others
            .iter()
            .find(|other| other.execution.about().state_machine_name == machine);
        let other = found.unwrap_or_else(|| panic!("no execution of {machine}"));
        Ran {
            finished: Finished {
                execution: other.execution.clone(),
                records: other.records.clone(),
                others: Vec::new(),
            },
            invocations: Vec::new(),
        }
    }

    /// The details of the first event of a type.
    pub fn event(&self, event_type: &str) -> Data {
        let found = self
            .history()
            .into_iter()
            .find(|event| event.event_type == event_type);
        let event = found.unwrap_or_else(|| panic!("no {event_type}"));
        event
            .details
            .map_or(Data::Null, |(_, details)| details.into())
    }

    /// The types of all events, in order.
    pub fn types(&self) -> Vec<String> {
        let events = self.history().into_iter();
        events.map(|event| event.event_type.to_string()).collect()
    }

    /// AWS's history.
    pub fn history(&self) -> Vec<HistoryEvent> {
        let about = self.finished.execution.about();
        self.finished
            .records
            .iter()
            .filter_map(|record| HistoryEvent::of(record, about))
            .collect()
    }

    /// The history as JSON text.
    pub fn history_text(&self) -> String {
        let lines = self
            .history()
            .into_iter()
            .map(|event| event.to_data(|at| at.0.into()).to_string());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The moments of all events of a type, in seconds since the start.
    pub fn seconds_of(&self, event_type: &str) -> Vec<f64> {
        let start = self.finished.execution.started_at();
        let since = |at: Timestamp| (at.0 - start.0) as f64 / 1000.0;
        let events = self
            .history()
            .into_iter()
            .filter(|event| event.event_type == event_type);
        events.map(|event| since(event.timestamp)).collect()
    }

    /// The states that were entered, in order.
    pub fn path(&self) -> Vec<String> {
        let entered = self
            .history()
            .into_iter()
            .filter(|e| e.event_type.ends_with("StateEntered"));
        entered
            .filter_map(|event| Some(event.details?.1.get("name")?.as_str()?.to_owned()))
            .collect()
    }

    /// How many events of a type there are.
    pub fn count(&self, event_type: &str) -> usize {
        self.history()
            .iter()
            .filter(|event| event.event_type == event_type)
            .count()
    }
}

/// The binary that belongs to this build.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test
        .parent()
        .and_then(Path::parent)
        .expect("tests are built below the target folder");
    let path = folder.join("wf-host");
    assert!(
        path.is_file(),
        "{} is missing: run scripts/test, or cargo build -p wf-host",
        path.display()
    );
    path
}

/// The binary, told nothing by the environment of whoever runs the tests.
pub fn wf_host(args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WF_HOST_") {
            command.env_remove(name);
        }
    }
    command.args(args).current_dir(root());
    command
}

/// Runs the binary to its end.
pub fn call(args: &[&str]) -> Output {
    wf_host(args).output().expect("the binary runs")
}

/// The cache folder in which the runtime of a language is, for tests that run functions in it: the one that
/// `WF_HOST_TEST_RUNTIMES` names, else what `scripts/test` makes below the target folder. None where it is not
/// installed, which is said: the test is skipped then.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub fn runtimes(language: Language) -> Option<PathBuf> {
    let named = std::env::var_os("WF_HOST_TEST_RUNTIMES").map(PathBuf::from);
    let target = || Some(binary().parent()?.parent()?.join("test-runtimes"));
    let cache = named.or_else(target)?;
    match Runtimes::below(Some(&cache)).find(language) {
        Ok(_) => Some(cache),
        Err(missing) => {
            eprintln!(
                "SKIPPED: {missing} --cache-dir {}; scripts/test does it",
                cache.display()
            );
            None
        }
    }
}

/// stdout or stderr as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
