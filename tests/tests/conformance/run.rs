//! One execution of a recording, through the real runtime under virtual time.
//!
//! **The seam for several executions** is [`execute`]: the machines and activities of the whole recording go
//! into the `Run`, and `waits::execution` no longer holds such recordings back.

use std::sync::{Arc, LazyLock};

use asl::Program;
use data::Data;
use engine::{About, Entropy, Failure, HistoryEvent};
use journal::MemoryJournal;
use runtime::{Clock, Finished, Run, RunError, Silent, Stopper};

use crate::api;
use crate::functions::Bound;
use crate::recording::{Recording, text_of};

/// One tokio runtime serves all runs, as in a host.
static TOKIO: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
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

/// Runs an execution to its end.
pub fn execute(recording: &Recording, execution: &Data) -> Result<Ran, NotRun> {
    let machine = recording.machine(execution).cloned().unwrap_or_default();
    let definition = text_of(&machine, "definition").unwrap_or_default();
    let program = api::compile(definition, text_of(&machine, "type")).map_err(NotRun::Differs)?;
    let expected = execution.get("expected").cloned().unwrap_or_default();
    let functions = Bound::new(recording, &expected);
    let run = Run {
        stop: stopper(recording, execution),
        ..alone(program, about(&machine, execution), &functions)
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
    }
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

/// The names that the execution had.
fn about(machine: &Data, execution: &Data) -> About {
    let arn = text_of(execution, "arn").unwrap_or_default();
    let mut parts = arn.rsplit(':');
    let name = parts.next().filter(|name| !name.is_empty());
    let machine = text_of(machine, "name").or(parts.next());
    About::local(machine.unwrap_or("machine"), name.unwrap_or("execution"))
}
