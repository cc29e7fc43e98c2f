//! One execution of a recording, through the real runtime under virtual time.
//!
//! The other machines of the recording are there to be started, its workers run beside the execution, and its
//! activities exist.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use asl::Program;
use data::{Data, EcoString};
use engine::{About, Entropy, Failure, HistoryEvent};
use journal::MemoryJournal;
use runtime::{Clock, Companion, Finished, Machine, Machines, Run, RunError, Silent, Stopper};

use crate::definition;
use crate::functions::Bound;
use crate::recording::{Recording, text_of};
use crate::service::Names;

/// One tokio runtime serves all runs, as in a host.
pub static TOKIO: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads can be made")
});

/// Why an execution is not compared to its end.
pub enum NotRun {
    /// It needs something that is not built yet.
    Waits(String),
    /// It comes out otherwise.
    Differs(String),
}

/// An execution that is over.
pub struct Ran(pub Finished);

impl Ran {
    /// GetExecutionHistory's events.
    pub fn history(&self) -> Vec<Data> {
        let about = self.0.execution.about();
        let events = self.0.records.iter();
        events
            .filter_map(|record| HistoryEvent::of(record, about))
            .map(|event| event.to_data(|at| at.to_iso_millis().into()))
            .collect()
    }
}

/// Runs an execution to its end. `names` says what the ARNs of executions are here.
pub fn execute(recording: &Recording, execution: &Data, names: &Names) -> Result<Ran, NotRun> {
    let machine = recording.machine(execution).cloned().unwrap_or_default();
    let definition = text_of(&machine, "definition").unwrap_or_default();
    let program =
        definition::compile(definition, text_of(&machine, "type")).map_err(NotRun::Differs)?;
    let expected = execution.get("expected").cloned().unwrap_or_default();
    let functions = Bound::new(recording, &expected);
    let run = Run {
        stop: stopper(recording, execution),
        machines: machines(recording),
        companions: companions(recording, execution),
        activities: Some(Arc::new(activities(recording, &expected))),
        ..alone(program, about(&machine, execution, names), &functions)
    };
    // An input that was not sent is an empty object.
    let input = text_of(execution, "input").unwrap_or("{}");
    let input = Data::parse(input).map_err(|error| NotRun::Differs(error.to_string()))?;
    match TOKIO.block_on(run.execute(input, &mut Silent)) {
        Ok(finished) => Ok(Ran(finished)),
        Err(RunError::Waiting { .. }) => Err(NotRun::Waits("API: an answer to its task".into())),
        Err(error) => Err(NotRun::Differs(format!("the host fails: {error}"))),
    }
}

/// A run of one machine with nothing beside it.
fn alone(program: Program, about: About, functions: &Bound) -> Run {
    Run {
        program: Arc::new(program),
        about: Arc::new(about),
        entropy: Entropy::from_seed(1),
        clock: Clock::Virtual {
            start: Clock::DEFAULT_START,
        },
        functions: Arc::clone(&functions.0),
        journal: Box::new(MemoryJournal::default()),
        stop: Stopper::default(),
        machines: Machines::default(),
        companions: Vec::new(),
        activities: None,
        guests: None,
        injector: None,
        outside: None,
        definition: Default::default(),
    }
}

/// The machines that startExecution may name.
fn machines(recording: &Recording) -> Machines {
    let mut machines = Machines::default();
    recording
        .machines()
        .filter_map(machine)
        .for_each(|machine| machines.add(machine));
    machines
}

fn machine(machine: &Data) -> Option<Machine> {
    let machine_type = text_of(machine, "type");
    let program = definition::compile(text_of(machine, "definition")?, machine_type).ok()?;
    let express = machine_type == Some("EXPRESS");
    Some(Machine::local(
        text_of(machine, "name")?,
        Arc::new(program),
        express,
    ))
}

/// The executions that nobody looked at: they run beside this one, as workers.
fn companions(recording: &Recording, execution: &Data) -> Vec<Companion> {
    let is_worker = |other: &&Data| {
        let definition = recording
            .machine(other)
            .and_then(|machine| text_of(machine, "definition"));
        definition.is_some_and(|text| text.contains(":getActivityTask"))
    };
    let others = recording
        .executions()
        .filter(|other| !std::ptr::eq(*other, execution));
    let companion = |(index, other): (usize, &Data)| {
        let input = Data::parse(text_of(other, "input").unwrap_or("{}")).ok()?;
        Some(Companion {
            machine: Arc::new(machine(recording.machine(other)?)?),
            name: format!("worker-{index}").into(),
            input,
        })
    };
    others
        .filter(is_worker)
        .enumerate()
        .filter_map(companion)
        .collect()
}

/// The activities that exist. That one was deleted is only seen from the answer that it does not exist.
fn activities(recording: &Recording, expected: &Data) -> BTreeSet<EcoString> {
    let is_gone = text_of(expected, "cause").is_some_and(|cause| cause.contains("does not exist"));
    let created = recording
        .calls()
        .filter(|call| !is_gone && text_of(call, "op") == Some("CreateActivity"));
    created
        .filter_map(|call| text_of(call.get("params")?, "name"))
        .map(|name| format!("arn:aws:states:us-east-1:000000000000:activity:{name}").into())
        .collect()
}

/// Stops the execution as soon as it waits, if somebody called StopExecution.
fn stopper(recording: &Recording, execution: &Data) -> Stopper {
    let arn = text_of(execution, "arn");
    let mut calls = recording.calls().filter_map(|call| {
        let params = call.get("params")?;
        let is_stop = text_of(call, "op") == Some("StopExecution");
        (is_stop && text_of(params, "executionArn") == arn).then_some(params)
    });
    let stopper = Stopper::default();
    if let Some(params) = calls.next() {
        let text = |name: &str| text_of(params, name).map(Into::into);
        stopper.stop(Failure {
            error: text("error"),
            cause: text("cause"),
        });
    }
    stopper
}

/// The names that the execution has.
fn about(machine: &Data, execution: &Data, names: &Names) -> About {
    let recorded = text_of(execution, "arn").unwrap_or_default();
    let here = names.iter().find(|(known, _)| known == recorded);
    let arn = here.map_or(recorded, |(_, here)| here);
    let mut parts = arn.rsplit(':');
    let name = parts.next().filter(|name| !name.is_empty());
    let machine = text_of(machine, "name").or(parts.next());
    About::local(machine.unwrap_or("machine"), name.unwrap_or("execution"))
}
