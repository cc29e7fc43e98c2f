//! An execution from its input to its end, with those beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use asl::Program;
use data::{Data, EcoString};
use engine::{About, Entropy, Execution, Record};
use journal::{Definition, Journal, JournalError};
use sandbox::{HostFault, SandboxError};

use crate::clock::{Clock, real, virtual_time};
use crate::functions::{Functions, LoadFailure};
use crate::inject::Injector;
use crate::machines::{Companion, Machines};
use crate::observer::Observer;
use crate::outside::Outside;
use crate::shell::Shell;
use crate::stop::Stopper;

/// Everything that a run is made of. The same parts give the same history under the virtual clock.
pub struct Run {
    /// The machine.
    pub program: Arc<Program>,
    /// What the execution is called and may use.
    pub about: Arc<About>,
    /// The source of every random value.
    pub entropy: Entropy,
    /// What moves time.
    pub clock: Clock,
    /// Who does the tasks.
    pub functions: Arc<Functions>,
    /// How many guests of this run may be live at once; none: as many as the sandbox has places for. Runs that
    /// share functions need a share of the places each, or they depend on one another.
    pub guests: Option<u32>,
    /// Where the records go.
    pub journal: Box<dyn Journal>,
    /// Who may stop it.
    pub stop: Stopper,
    /// What startExecution may name; the main machine only if it is among them.
    pub machines: Machines,
    /// Executions that start at the same instant, in this order, just before the main one.
    pub companions: Vec<Companion>,
    /// The ARNs of the activities that exist; none: every one that is named does.
    pub activities: Option<Arc<BTreeSet<EcoString>>>,
    /// Who decides what goes wrong on purpose; none: nothing does.
    pub injector: Option<Box<dyn Injector>>,
    /// Where answers to tasks come from outside; under virtual time nobody outside is waited for.
    pub outside: Option<Outside>,
    /// The text of the program, for a journal that lasts.
    pub definition: Definition,
}

/// A run that is over: its main execution with its log, and the others.
#[derive(Debug)]
pub struct Finished {
    /// The main execution in its last state.
    pub execution: Execution,
    /// Everything that happened to it.
    pub records: Vec<Record>,
    /// The executions beside it in the order of their start: companions, then children. One that waits for what
    /// only the outside could send is still RUNNING.
    pub others: Vec<Other>,
}

/// An execution beside the main one, and its log.
#[derive(Debug)]
pub struct Other {
    /// The execution as it stood when the run ended.
    pub execution: Execution,
    /// Everything that happened to it.
    pub records: Vec<Record>,
}

/// Why a run ends before its execution does. None of these is a failure of the workflow.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A guest that is needed cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadFailure),
    /// The sandbox cannot be made.
    #[error("the sandbox cannot start: {0}")]
    Sandbox(#[from] SandboxError),
    /// The host is at fault.
    #[error("host fault in function {function}: {fault}")]
    Host {
        /// The function that was running.
        function: String,
        /// What happened.
        fault: HostFault,
    },
    /// The journal does not keep what it is given.
    #[error("the journal failed: {0}")]
    Journal(#[from] JournalError),
    /// Two executions of the run would have the same ARN.
    #[error("two executions are called {0}")]
    Twice(String),
    /// The host died on purpose, after everything that had happened was kept.
    #[error("the host crashed on purpose; the same command again goes on where it stood")]
    Crashed,
    /// An execution cannot be rebuilt from its records, or not as it was.
    #[error("execution {execution_arn} cannot be rebuilt: {reason}")]
    Recovery {
        /// The execution.
        execution_arn: String,
        /// Why.
        reason: String,
    },
    /// Nothing inside the run can move it any more.
    #[error("{}", waiting(tasks))]
    Waiting {
        /// The states that wait, with their task tokens.
        tasks: Vec<(String, String)>,
        /// The executions as they stand.
        so_far: Option<Box<Finished>>,
    },
}

fn waiting(tasks: &[(String, String)]) -> String {
    let tasks: Vec<String> = tasks
        .iter()
        .map(|(state, token)| format!("state '{state}' (task token {token})"))
        .collect();
    format!(
        "nobody can answer {}, and no timeout is set that would end the wait",
        tasks.join(", ")
    )
}

impl Run {
    /// Runs until the main execution is over, and those beside it that can still move. `observer` sees
    /// everything on the way.
    pub async fn execute(
        mut self,
        input: Data,
        observer: &mut dyn Observer,
    ) -> Result<Finished, RunError> {
        let (clock, stop, outside) = (self.clock, self.stop.clone(), self.outside.take());
        let (mut shell, messages) = Shell::new(self, observer)?;
        let ended = match clock {
            Clock::Real => real::run(&mut shell, messages, &stop, outside, input).await,
            Clock::Virtual { start } => {
                virtual_time::run(&mut shell, messages, &stop, input, start).await
            }
        };
        shell.flush().await;
        match ended {
            Err(RunError::Waiting { tasks, .. }) => {
                let so_far = Some(Box::new(shell.finished()?));
                Err(RunError::Waiting { tasks, so_far })
            }
            ended => ended.and_then(|()| shell.finished()),
        }
    }
}
