//! Task tokens: which task each of them answers, in whichever execution.

use std::collections::BTreeMap;

use data::EcoString;
use engine::{Input, TaskToken};

use super::{ExecutionId, Shell, Worker};
use crate::outside::{Answer, Refused};

/// Every token that somebody outside of its execution may hold.
#[derive(Default)]
pub(super) struct Tokens {
    known: BTreeMap<TaskToken, (ExecutionId, State)>,
    open: usize,
    /// Tasks that began to wait and that nobody was told of yet.
    news: Vec<(TaskToken, EcoString)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Closed,
}

impl Tokens {
    /// From now on the token may be answered.
    pub(super) fn open(&mut self, token: TaskToken, execution: ExecutionId) {
        let before = self.known.insert(token, (execution, State::Open));
        // A task that is offered or handed out again has the token that it had.
        if !matches!(before, Some((_, State::Open))) {
            self.open += 1;
        }
    }

    /// Nobody waits for the token any more.
    pub(super) fn close(&mut self, token: TaskToken) {
        if let Some((_, state @ State::Open)) = self.known.get_mut(&token) {
            *state = State::Closed;
            self.open -= 1;
        }
    }

    /// The task does nothing more but wait for its token.
    pub(super) fn waits(&mut self, token: TaskToken, state: &EcoString) {
        self.news.push((token, state.clone()));
    }

    /// Whether any answer would mean anything.
    pub(super) fn any_open(&self) -> bool {
        self.open > 0
    }

    pub(super) fn is_open(&self, token: TaskToken) -> bool {
        matches!(self.known.get(&token), Some((_, State::Open)))
    }

    /// Forgets a token that was closed.
    pub(super) fn forget(&mut self, token: TaskToken) {
        self.close(token);
        self.known.remove(&token);
    }

    /// The execution whose task a token answers.
    pub(super) fn execution(&self, text: &str) -> Option<ExecutionId> {
        self.find(text).ok().map(|(_, execution)| execution)
    }

    fn find(&self, text: &str) -> Result<(TaskToken, ExecutionId), Refused> {
        let token: TaskToken = text.parse().map_err(|_| Refused::Invalid)?;
        // Only the very text that was handed out, not another spelling of its numbers.
        if token.to_string() != text {
            return Err(Refused::Invalid);
        }
        match self.known.get(&token) {
            None => Err(Refused::Unknown),
            Some((_, State::Closed)) => Err(Refused::Closed),
            Some((execution, State::Open)) => Ok((token, *execution)),
        }
    }
}

impl Shell<'_> {
    /// From now on the token of a task may be answered.
    pub(super) fn open_token(&mut self, token: TaskToken, id: ExecutionId) {
        self.tokens.open(token, id);
        if self.main.is_none() || self.hosted[id.0].map_run.is_some() {
            self.hosted[id.0].tokens.push(token);
        }
    }

    /// Takes what somebody says of a task; the execution hears it when the run settles.
    pub(crate) fn answer_token(&mut self, text: &str, answer: Answer) -> Result<(), Refused> {
        let (token, id) = self.tokens.find(text)?;
        if let Some(Worker::Offered(arn)) = self.workers.get(&token) {
            // Somebody does the work of an activity without having asked for it.
            self.activities.withdraw(arn, token);
            self.workers.remove(&token);
            let worker = None;
            self.tell(id, Input::TaskStarted { token, worker });
        }
        self.activities.have_hope();
        let answer = match answer {
            Answer::Succeed(output) => Ok(output),
            Answer::Fail(failure) => Err(failure),
            Answer::Heartbeat => {
                if !self.loses_heartbeat(token) {
                    self.tell(id, Input::TaskHeartbeat { token });
                }
                return Ok(());
            }
        };
        self.tokens.close(token);
        self.deliver(id, token, answer);
        Ok(())
    }

    /// Tells the observer of tasks that wait for somebody outside.
    pub(crate) fn announce(&mut self) {
        for (token, state) in std::mem::take(&mut self.tokens.news) {
            if let Ok((token, id)) = self.tokens.find(&token.to_string()) {
                let execution = &self.hosted[id.0].execution;
                self.observer.waiting(execution, &state, token);
            }
        }
    }
}
