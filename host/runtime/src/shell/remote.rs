//! Tasks that somebody outside does: the call is on its way, and its answer comes as a message.

use std::future::Future;

use data::Data;
use engine::{Failure, TaskRequest};
use tokio::task::JoinHandle;

use super::{ExecutionId, Shell, Worker};
use crate::invoke::{Message, Ticket};
use crate::run::RunError;

/// A call that is on its way.
pub(super) struct Away {
    pub execution: ExecutionId,
    request: Box<TaskRequest>,
    task: JoinHandle<()>,
}

impl Shell<'_> {
    /// Lets a call set out.
    pub(super) fn call_out(
        &mut self,
        execution: ExecutionId,
        request: Box<TaskRequest>,
        call: impl Future<Output = Result<Data, Failure>> + Send + 'static,
    ) {
        let ticket = self.ticket();
        let messages = self.messages.clone();
        let task = tokio::spawn(async move {
            let answer = call.await;
            // A closed channel means that nobody waits any more.
            let _ = messages.send(Message::Answered { ticket, answer });
        });
        self.workers.insert(request.token, Worker::Remote(ticket));
        let away = Away {
            execution,
            request,
            task,
        };
        self.away.insert(ticket, away);
    }

    /// Whether a call is on its way.
    pub(crate) fn is_away(&self, ticket: Ticket) -> bool {
        self.away.contains_key(&ticket)
    }

    /// How many guests and calls are at work.
    pub(crate) fn at_work(&self) -> usize {
        self.started.len() + self.away.len()
    }

    /// A call is answered.
    pub(crate) fn answered(
        &mut self,
        ticket: Ticket,
        answer: Result<Data, Failure>,
    ) -> Result<(), RunError> {
        let Some(away) = self.away.remove(&ticket) else {
            return Ok(());
        };
        self.workers.remove(&away.request.token);
        self.activities.have_hope();
        self.answer(away.execution, &away.request, answer);
        self.settle()
    }

    /// Nobody waits for a call any more.
    pub(super) fn call_back(&mut self, ticket: Ticket) {
        self.cancelled.push(ticket);
        if let Some(away) = self.away.remove(&ticket) {
            away.task.abort();
        }
    }
}
