//! One input to the execution of a node, and what is learned from the records that it gives.

use std::sync::Arc;

use asl::{StateId, StateKind};
use engine::{Change, Command, FrameId, Input, Record, Status, To};

use super::explore::Explorer;
use super::node::{End, Ending, Node, Pending};

/// What the records of one turn tell.
#[derive(Default)]
struct Turn {
    /// The failure that is on its way outwards.
    failing: Option<Failing>,
    /// The state that was entered last.
    entered: Option<StateId>,
    /// The state by which the machine's own block was left.
    left: Option<StateId>,
    /// The state whose retrier goes on beyond the most attempts.
    unbounded: Option<StateId>,
    /// The times of the task that was scheduled last.
    scheduled: (Option<u64>, Option<u64>),
}

/// A failed attempt, until it is retried, caught or has ended everything.
#[derive(Clone, Copy)]
struct Failing {
    /// The run of faults that it belongs to; none if the worker failed by itself.
    run: Option<usize>,
    state: Option<StateId>,
    retried: Option<StateId>,
    /// Whether the execution went on afterwards.
    overcome: bool,
}

impl Explorer<'_> {
    /// Hands an input to the node's execution; `answered` is the state that it answers.
    pub(super) fn feed(&mut self, node: &mut Node, input: Input, answered: Option<StateId>) {
        let before = node.execution.standing().last().map(|(_, state)| state);
        let mut effects = std::mem::take(&mut self.effects);
        effects.records.clear();
        effects.commands.clear();
        node.execution
            .handle(node.now, &self.entropy, input, &mut effects);
        let mut turn = Turn::default();
        let mut commands = effects.commands.drain(..);
        for record in &effects.records {
            self.coverage.see(record);
            for watcher in &mut node.watchers {
                watcher.see(record);
            }
            self.follow(&mut turn, node, record, answered);
            if matches!(record.change, Change::TaskScheduled { .. }) {
                let start = commands.find(|command| carry_out(node, command));
                if let Some(Command::StartTask(task)) = start {
                    let (timeout_seconds, heartbeat_seconds) = turn.scheduled;
                    node.pending.push(Arc::new(Pending {
                        task: *task,
                        timeout_seconds,
                        heartbeat_seconds,
                    }));
                }
            }
        }
        let last = turn.failing;
        self.end_failing(&mut turn, node);
        self.judge(&turn, node, last, answered.or(before));
        for command in commands {
            carry_out(node, &command);
        }
        self.effects = effects;
    }

    fn follow(&self, turn: &mut Turn, node: &mut Node, record: &Record, answered: Option<StateId>) {
        match &record.change {
            Change::TaskFailed { frame, .. } | Change::TaskTimedOut { frame, .. } => {
                self.end_failing(turn, node);
                let fails = |token: &engine::TaskToken| token.frame == *frame;
                let mut runs = node.faults.iter();
                let run = runs.position(|run| run.token.as_ref().is_some_and(fails));
                let state = run.map(|at| self.sites.get(node.faults[at].site).state);
                if let Some(run) = run {
                    node.faults[run].token = None;
                    node.faults[run].beats = None;
                }
                turn.failing = Some(Failing {
                    run,
                    state: state.or(answered),
                    retried: None,
                    overcome: false,
                });
            }
            Change::RetryScheduled { state, .. } => {
                if let Some(failing) = &mut turn.failing {
                    failing.retried = Some(*state);
                }
            }
            Change::StateEntered { state, .. } => {
                turn.entered = Some(state.id);
                turn.overcome();
            }
            Change::StateExited {
                frame, state, to, ..
            } => {
                turn.overcome();
                if *frame == FrameId::ROOT && *to == To::End {
                    turn.left = Some(state.id);
                }
            }
            Change::TaskScheduled {
                timeout_seconds,
                heartbeat_seconds,
                ..
            } => turn.scheduled = (*timeout_seconds, *heartbeat_seconds),
            _ => {}
        }
    }

    /// The records about a failed attempt are over: it is retried, or its run of faults is.
    fn end_failing(&self, turn: &mut Turn, node: &mut Node) {
        let Some(failing) = turn.failing.take() else {
            return;
        };
        let Some(run) = failing.run.and_then(|at| node.faults.get_mut(at)) else {
            return;
        };
        match failing.retried {
            Some(state) if run.failures > self.options.max_attempts => {
                turn.unbounded = Some(state);
            }
            Some(_) => {}
            None => {
                run.open = false;
                node.fresh = true;
            }
        }
    }

    /// Says how the node ended, if it did.
    fn judge(
        &self,
        turn: &Turn,
        node: &mut Node,
        failed: Option<Failing>,
        around: Option<StateId>,
    ) {
        let entered = turn.entered.or(around).unwrap_or(StateId(0));
        if let Some(state) = turn.unbounded {
            node.end = Some(Arc::new(cut(node, Ending::UnboundedRetry, state)));
            return;
        }
        let status = node.execution.status();
        let (error, (ending, state, run)) = match status {
            Status::Created | Status::Running => return,
            Status::Succeeded { .. } => {
                let state = turn.left.unwrap_or(entered);
                (None, (Ending::Succeeded, state, None))
            }
            Status::Failed(failure) => {
                let how = self.how_failed(entered, turn.entered.is_some(), failed);
                (failure.error.clone(), how)
            }
            Status::TimedOut(failure) | Status::Aborted(failure) => {
                let mut runs = node.faults.iter();
                let silent = runs.position(|run| run.token.is_some());
                let state = silent.map(|at| self.sites.get(node.faults[at].site).state);
                let ending = silent.map_or(Ending::TimedOut, |_| Ending::Uncaught);
                let how = (ending, state.unwrap_or(entered), silent);
                (failure.error.clone(), how)
            }
        };
        let broken = (0..).zip(&node.watchers);
        let broken = broken.filter(|(_, watcher)| watcher.broken(status));
        let end = End {
            ending,
            status: status.as_str(),
            state,
            error,
            by: run.map(|at| node.faults[at].class),
            millis: node.now.0 - node.execution.started_at().0,
            broken: broken.map(|(at, _)| at).collect(),
        };
        node.end = Some(Arc::new(end));
    }

    /// A failure that nothing came after ended it all; else a Fail state did, or the machine itself.
    fn how_failed(
        &self,
        entered: StateId,
        anything: bool,
        failed: Option<Failing>,
    ) -> (Ending, StateId, Option<usize>) {
        if let Some(failing) = failed.filter(|failing| !failing.overcome) {
            let state = failing.state.unwrap_or(entered);
            return (Ending::Uncaught, state, failing.run);
        }
        let ending = match &self.program.state(entered).kind {
            StateKind::Fail(_) if anything => Ending::FailState,
            _ => Ending::MachineError,
        };
        (ending, entered, None)
    }
}

impl Turn {
    fn overcome(&mut self) {
        if let Some(failing) = &mut self.failing {
            failing.overcome = true;
        }
    }
}

/// The end of a path that is not run further.
pub(super) fn cut(node: &Node, ending: Ending, state: StateId) -> End {
    End {
        ending,
        status: node.execution.status().as_str(),
        state,
        error: None,
        by: None,
        millis: node.now.0 - node.execution.started_at().0,
        broken: Vec::new(),
    }
}

/// Calls off what a command calls off; true for a task that is to be started.
fn carry_out(node: &mut Node, command: &Command) -> bool {
    match command {
        Command::StartTask(_) => true,
        Command::CancelTask(token) => {
            node.pending.retain(|pending| pending.task.token != *token);
            for run in &mut node.faults {
                if run.token == Some(*token) {
                    run.token = None;
                    run.open = false;
                }
            }
            false
        }
        Command::Finish => false,
    }
}
