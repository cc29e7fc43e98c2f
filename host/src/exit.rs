//! What the exit code says: the one list that scripts and the help page read.

use std::fmt;
use std::process::ExitCode;

/// The exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// The workflow ended as FAILED, or a test, a sweep or a check of a store found something.
    Failed = 1,
    /// The command line is wrong; `task`: nobody waits for that token; `executions`: refused.
    Usage = 2,
    /// A definition, an input or another file is wrong or cannot be read, or nobody answers at a URL.
    BadFile = 3,
    /// The workflow ended as TIMED_OUT.
    TimedOut = 4,
    /// The workflow ended as ABORTED.
    Aborted = 5,
    /// A guest cannot be loaded.
    GuestNotLoadable = 6,
    /// The workflow waits for something that only the outside can send.
    Waiting = 7,
    /// A replay came to another history than was recorded.
    Diverged = 8,
    /// wf-host or its machine is at fault, not the workflow.
    HostFault = 70,
    /// Ctrl-C stopped the workflow, which ended as ABORTED.
    Interrupted = 130,
}

impl Exit {
    /// Every code with what it means, for `wf-host help exit-codes`.
    pub const ALL: [(Exit, &'static str); 11] = [
        (Exit::Ok, "all is well; `run`: the workflow SUCCEEDED"),
        (
            Exit::Failed,
            "the workflow FAILED; `test`, `sweep`, `store check`: something was found",
        ),
        (
            Exit::Usage,
            "the command line is wrong; `task`: nobody waits for that token; `executions`: there is no such, or it is refused",
        ),
        (
            Exit::BadFile,
            "a definition, an input, a store or another file is wrong or cannot be read; nobody answers at a URL",
        ),
        (Exit::TimedOut, "the workflow TIMED_OUT"),
        (Exit::Aborted, "the workflow was ABORTED"),
        (Exit::GuestNotLoadable, "a guest cannot be loaded"),
        (
            Exit::Waiting,
            "the workflow waits for something that only the outside can send",
        ),
        (
            Exit::Diverged,
            "a replay came to another history than was recorded",
        ),
        (
            Exit::HostFault,
            "wf-host or its machine is at fault, not the workflow",
        ),
        (
            Exit::Interrupted,
            "Ctrl-C stopped the workflow, which ended as ABORTED",
        ),
    ];
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// An error's exit code and what may be done about it, carried along as its context.
#[derive(Debug)]
pub struct Because {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Because {}

/// An error with its exit code.
pub fn because(exit: Exit, message: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Because {
        exit,
        message: message.into(),
        hint: None,
    })
}

/// An error with its exit code and what to do.
pub fn because_hint(
    exit: Exit,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> anyhow::Error {
    anyhow::Error::new(Because {
        exit,
        message: message.into(),
        hint: Some(hint.into()),
    })
}
