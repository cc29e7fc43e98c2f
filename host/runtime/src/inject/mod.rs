//! Failures on purpose: what can befall a task, an answer or an execution, and who decides that it does.
//!
//! An [`Injector`] is asked about each attempt at a task before its worker gets it. It may give the answer itself
//! ([`Intervention::answer`], a mock) and it may name one [`Injection`]; the shell carries both out where the real
//! thing would happen: the guest really runs out of fuel, the answer really comes late. The history is then what
//! AWS would show, since the engine hears nothing else than it would hear there.

mod output;

use std::time::Duration;

use data::Data;
use engine::{Execution, Failure, Record, TaskRequest};

pub use output::{JsonType, OutputFault};

/// Decides what goes wrong, and is told whether it did.
pub trait Injector: Send {
    /// An attempt is about to be handed to its worker. Asked once an attempt, in the order of their starts.
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Intervention;

    /// Whether it may ever want to halt an execution: if so it is asked after each step.
    fn halts(&self) -> bool {
        false
    }

    /// An execution took a step and wrote `records`; `root` is the ARN of the one that everything began with. Names what is to be halted after which of them, in their order; a
    /// stop is the last, since nothing happens after it.
    fn step(
        &mut self,
        _root: &str,
        _execution: &Execution,
        _records: &[Record],
    ) -> Vec<(u32, Halt)> {
        Vec::new()
    }

    /// A host is about to start an execution for a caller, who named this case of the mock file.
    fn begins(&mut self, _root: &Execution, _test_case: Option<&str>) {}

    /// An execution that nothing else started is over, and every execution that it started too.
    fn is_over(&mut self, _root: &str) {}

    /// An injection changed something. One that was named but changed nothing is never told of.
    fn took_effect(&mut self, _id: InjectionId) {}
}

/// Which injection of its injector one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InjectionId(pub usize);

/// An attempt at a task, as its injector sees it.
pub struct Attempt<'a> {
    /// The execution that makes it.
    pub execution: &'a Execution,
    /// Whether its caller was nobody inside: the run's main execution, or on a host every execution that no other
    /// started.
    pub is_main: bool,
    /// The ARN of the execution that everything began with: itself, or the one that started it, or the one that
    /// started that.
    pub root: &'a str,
    /// What the worker is asked for.
    pub request: &'a TaskRequest,
    /// The function that is called, by the name of its entry or, without one, by the name in the request.
    pub function: Option<&'a str>,
    /// Chance from 0 up to 1 for a purpose. It is keyed by the run's seed and the attempt, so that no draw shifts
    /// another.
    pub chance: &'a dyn Fn(&str) -> f64,
}

/// What an injector wants of an attempt.
#[derive(Clone, Debug, Default)]
pub struct Intervention {
    /// The result, in place of the worker's.
    pub answer: Option<Result<Data, Failure>>,
    /// What goes wrong.
    pub injection: Option<(InjectionId, Injection)>,
}

/// What goes wrong with an attempt, and whether before or after the worker did its work.
#[derive(Clone, Debug, PartialEq)]
pub struct Injection {
    /// What.
    pub fault: Fault,
    /// When.
    pub when: When,
}

/// Whether the work is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// The worker does nothing, or is disturbed at its work.
    #[default]
    Before,
    /// The worker did its work, and what it answered is lost.
    After,
}

/// What can befall an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It fails with this error.
    Error(Failure),
    /// Its service refuses it for too many requests.
    Throttle,
    /// The guest traps.
    Trap,
    /// The guest exits with this code.
    Exit(i32),
    /// The guest has this much fuel.
    Fuel(u64),
    /// The guest has this much memory, in bytes.
    Memory(u64),
    /// The function takes this much longer, on its own time.
    Slow(Duration),
    /// The way to the worker, or back, takes this long: nobody's time but the task's.
    Latency(Duration),
    /// The worker never answers. A function is ended by its own timeout.
    Hang,
    /// Heartbeats are lost on their way.
    LostHeartbeat,
    /// The answer comes this long after the task has given up on it.
    Late(Duration),
    /// The worker's output is spoilt.
    Output(OutputFault),
    /// The task is delivered twice.
    Duplicate,
    /// The answer to the task's token.
    Callback(Callback),
}

/// What becomes of the answer to a task's token.
#[derive(Clone, Debug, PartialEq)]
pub enum Callback {
    /// Nobody sends it.
    Never,
    /// It is sent twice.
    Twice,
    /// It is sent this long after the task has given up on it.
    Late(Duration),
    /// It is a failure.
    Failed(Failure),
}

/// What stops an execution as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Halt {
    /// StopExecution with this error and cause.
    Stop(InjectionId, Failure),
    /// The host dies after the step is kept and before a task of it is handed out, and starts again: guests are lost
    /// with what they answered, executions are rebuilt from their records, and their tasks are handed out again. What
    /// others hold and send, such as the tasks of activities and task tokens, is not lost.
    Crash(InjectionId),
}

impl Fault {
    /// Whether it needs a function behind the task.
    pub fn wants_function(&self) -> bool {
        match self {
            Fault::Trap | Fault::Exit(_) | Fault::Fuel(_) | Fault::Memory(_) | Fault::Slow(_) => {
                true
            }
            Fault::Output(output) => output.wants_function(),
            Fault::Error(_)
            | Fault::Throttle
            | Fault::Latency(_)
            | Fault::Hang
            | Fault::LostHeartbeat
            | Fault::Late(_)
            | Fault::Duplicate
            | Fault::Callback(_) => false,
        }
    }
}
