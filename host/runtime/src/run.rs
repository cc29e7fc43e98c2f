//! One execution from its input to its end.

use std::sync::Arc;

use asl::Program;
use data::Data;
use engine::{About, Entropy, Execution, Input, Record};
use journal::{Journal, JournalError};
use sandbox::{HostFault, SandboxError};

use crate::clock::{Clock, real, virtual_time};
use crate::functions::{Functions, LoadFailure};
use crate::observer::Observer;
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
    /// Where the records go.
    pub journal: Box<dyn Journal>,
    /// Who may stop it.
    pub stop: Stopper,
}

/// An execution that is over, and its log.
#[derive(Debug)]
pub struct Finished {
    /// The execution in its last state.
    pub execution: Execution,
    /// Everything that happened.
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
    /// Nothing inside the run can move it any more.
    #[error("{}", waiting(tasks))]
    Waiting {
        /// The states that wait, with their task tokens.
        tasks: Vec<(String, String)>,
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
    /// Runs to the end. `observer` sees everything on the way.
    pub async fn execute(
        self,
        input: Data,
        observer: &mut dyn Observer,
    ) -> Result<Finished, RunError> {
        let execution = Execution::new(self.program, self.about);
        let is_virtual = matches!(self.clock, Clock::Virtual { .. });
        let (mut shell, receiver) = Shell::new(
            execution,
            self.entropy,
            self.functions,
            self.journal,
            observer,
            is_virtual,
        );
        let start = Input::Start(input);
        match self.clock {
            Clock::Real => real::run(&mut shell, receiver, &self.stop, start).await?,
            Clock::Virtual { start: at } => {
                virtual_time::run(&mut shell, receiver, &self.stop, start, at).await?;
            }
        }
        let records = shell.journal.read(&shell.execution.about().execution_arn)?;
        Ok(Finished {
            execution: shell.execution.clone(),
            records,
        })
    }
}
