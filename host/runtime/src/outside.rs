//! Answers to tasks that come from outside of the run.

use std::sync::mpsc as reply;

use data::Data;
use engine::Failure;
use tokio::sync::mpsc;

/// What somebody says of a task whose token they hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// SendTaskSuccess, with the output.
    Succeed(Data),
    /// SendTaskFailure.
    Fail(Failure),
    /// SendTaskHeartbeat.
    Heartbeat,
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The text is no task token.
    #[error("Invalid Token: 'Invalid token'")]
    Invalid,
    /// No task of this run has that token.
    #[error("Task Does Not Exist: 'Provided task does not exist'")]
    Unknown,
    /// The task was answered, timed out or called off before.
    #[error("Task Timed Out: 'Provided task does not exist anymore'")]
    Closed,
    /// The journal cannot keep it for now. It may count yet.
    #[error("the journal cannot keep it for now")]
    Unkept,
    /// The run is over.
    #[error("the run is over")]
    Over,
}

impl Refused {
    /// The name of AWS's exception.
    pub fn name(self) -> &'static str {
        match self {
            Refused::Invalid => "InvalidToken",
            Refused::Unknown | Refused::Over => "TaskDoesNotExist",
            Refused::Unkept => "ServiceUnavailable",
            Refused::Closed => "TaskTimedOut",
        }
    }
}

/// An answer on its way in.
#[derive(Debug)]
pub(crate) struct Letter {
    pub token: String,
    pub answer: Answer,
    pub reply: reply::SyncSender<Result<(), Refused>>,
}

/// Hands answers to a run; clones reach the same one. The run must be under the wall clock: virtual time waits
/// for nobody outside.
#[derive(Clone, Debug)]
pub struct Answerer {
    sender: mpsc::UnboundedSender<Letter>,
}

impl Answerer {
    /// Hands an answer in and waits until the run has taken or refused it. Not to be called on a thread of the
    /// run's tokio runtime.
    pub fn answer(&self, token: &str, answer: Answer) -> Result<(), Refused> {
        let (reply, replied) = reply::sync_channel(1);
        let letter = Letter {
            token: token.to_owned(),
            answer,
            reply,
        };
        self.sender.send(letter).map_err(|_| Refused::Over)?;
        replied.recv().unwrap_or(Err(Refused::Over))
    }
}

/// The way into a run for answers from outside.
#[derive(Debug)]
pub struct Outside {
    pub(crate) letters: mpsc::UnboundedReceiver<Letter>,
    /// Whether the run waits for answers even if nothing inside can move it any more.
    pub(crate) listen: bool,
}

impl Outside {
    /// A way in, with the handle for whoever stands outside. `listen` makes the run wait for answers when
    /// nothing inside could move it; otherwise it ends then.
    pub fn new(listen: bool) -> (Answerer, Outside) {
        let (sender, letters) = mpsc::unbounded_channel();
        (Answerer { sender }, Outside { letters, listen })
    }
}
