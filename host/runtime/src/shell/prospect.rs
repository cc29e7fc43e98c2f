//! Whether a run goes on: what can still move, and what only somebody outside could.

use engine::{Execution, Timestamp};

use super::{ExecutionId, Shell, Timer};
use crate::run::RunError;

impl Shell<'_> {
    /// Whether every execution is over.
    pub(crate) fn is_over(&self) -> bool {
        self.live.is_empty()
    }

    /// Whether there is anything left to wait for. The error says that the main execution waits for what nobody
    /// inside can give. Others that wait so hold up nothing once the main one is over.
    pub(crate) fn goes_on(&self) -> Result<bool, RunError> {
        if self.is_over() {
            return Ok(false);
        }
        let moves = self.has_work() || self.live.iter().any(|id| self.moves(*id));
        if moves || (self.listens && self.tokens.any_open()) {
            return Ok(true);
        }
        if self.main_is_over() {
            return Ok(false);
        }
        Err(RunError::Waiting {
            tasks: self.waiting(),
            so_far: None,
        })
    }

    /// Whether an execution would move by itself: a wait, a back-off, a timeout that its definition sets, or a
    /// poll that might bring it a task. A worker that keeps asking though nobody is left who could give it
    /// anything holds up nothing.
    fn moves(&self, id: ExecutionId) -> bool {
        if self.injected.concerns(id, self.is_virtual) {
            return true;
        }
        let execution = self.execution(id);
        let wake = execution.next_wake();
        if !self.activities.polls(id) {
            return wake.is_some();
        }
        let own_end = wake.is_none() || wake == own_deadline(execution);
        !own_end || (!self.main_is_over() && self.activities.has_hope(id))
    }

    /// Tells the observer that somebody outside is not waited for any longer, unless they only asked for work.
    pub(crate) fn tell_impatient(&mut self) {
        if let Some((_, Timer::Deadline(id))) = self.timers.first().copied() {
            self.observer.impatient(&self.hosted[id.0].execution);
        }
    }

    /// Whether the next timer would end the wait for somebody outside: a worker's poll, the time of a task that
    /// they may answer, or that of an execution which waits for them.
    pub(crate) fn concerns_outside(&self) -> bool {
        let ends = |timer: &(Timestamp, Timer)| self.ends_wait_for_outside(timer);
        match self.timers.first() {
            // A poll that ends early is made again: it holds up nothing that moves by itself.
            Some((_, Timer::Poll(_))) => self.timers.iter().all(ends),
            Some(first) => ends(first),
            None => false,
        }
    }

    fn ends_wait_for_outside(&self, timer: &(Timestamp, Timer)) -> bool {
        match timer {
            (_, Timer::Poll(number)) => self.activities.is_from_outside(*number),
            (at, Timer::Deadline(id)) => {
                let execution = self.execution(*id);
                let own = own_deadline(execution) == Some(*at);
                match execution.due_task() {
                    Some(token) => self.tokens.is_open(token),
                    None => own && self.waits_for_outside(*id),
                }
            }
            (_, Timer::Held(_)) => false,
        }
    }

    /// Whether an execution has a task that somebody outside may answer, itself or in its Distributed Maps.
    fn waits_for_outside(&self, id: ExecutionId) -> bool {
        let mut open = self.execution(id).open_tasks().map(|(token, _)| token);
        open.any(|token| self.tokens.is_open(token))
            || self
                .map_children(id)
                .any(|child| self.waits_for_outside(child))
    }

    /// The tasks that somebody outside would have to answer, with their tokens.
    fn waiting(&self) -> Vec<(String, String)> {
        let all = self
            .live
            .iter()
            .flat_map(|id| self.execution(*id).open_tasks());
        let (held, others): (Vec<_>, Vec<_>) =
            all.partition(|(token, _)| self.tokens.is_open(*token));
        let tasks = if held.is_empty() { others } else { held };
        tasks
            .into_iter()
            .map(|(token, state)| (state.to_string(), token.to_string()))
            .collect()
    }
}

/// When an execution is over at the latest because its definition says so.
fn own_deadline(execution: &Execution) -> Option<Timestamp> {
    let seconds = execution.program().timeout_seconds?;
    let most = execution.about().quotas.execution_seconds;
    Some(execution.started_at().plus_seconds(seconds.min(most)))
}
