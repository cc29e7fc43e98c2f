//! One input to the execution of a node, and what is learned from the records that it gives.

use std::sync::Arc;

use asl::{StateId, StateKind};
use data::EcoString;
use engine::{Change, Command, Failure, FrameId, Input, Record, Status, To, errors};

use super::explore::Explorer;
use super::node::{End, Ending, Node, Pending, Run};

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
        let map_runs = unseen_map_runs(&effects.commands);
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
        for input in map_runs {
            self.feed(node, input, None);
        }
    }

    fn follow(&self, turn: &mut Turn, node: &mut Node, record: &Record, answered: Option<StateId>) {
        match &record.change {
            Change::TaskFailed { frame, .. } | Change::TaskTimedOut { frame, .. } => {
                self.end_failing(turn, node);
                turn.failing = Some(self.begin_failing(node, *frame, answered));
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

    /// An attempt failed: the one of a fault, or the one that was just answered.
    fn begin_failing(&self, node: &mut Node, frame: FrameId, answered: Option<StateId>) -> Failing {
        let fails = |run: &Run| run.token.is_some_and(|token| token.frame == frame);
        let run = node.faults.iter().position(fails);
        if let Some(run) = run {
            node.faults[run].token = None;
            node.faults[run].beats = None;
        }
        let state = run.map(|at| self.sites.get(node.faults[at].site).state);
        Failing {
            run,
            state: state.or(answered),
            retried: None,
            overcome: false,
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

    /// Says how the node ended, if it did. `around` is where it stood if it entered nothing.
    fn judge(
        &self,
        turn: &Turn,
        node: &mut Node,
        failed: Option<Failing>,
        around: Option<StateId>,
    ) {
        if let Some(state) = turn.unbounded {
            node.end = Some(Arc::new(cut(node, Ending::UnboundedRetry, state)));
            return;
        }
        let status = node.execution.status();
        let entered = turn.entered.or(around).unwrap_or(StateId(0));
        let (ending, state, run) = match status {
            Status::Created | Status::Running => return,
            Status::Succeeded { .. } => (Ending::Succeeded, turn.left.unwrap_or(entered), None),
            Status::Failed(_) => self.how_failed(entered, turn.entered.is_some(), failed),
            Status::TimedOut(_) | Status::Aborted(_) => self.how_timed_out(node, entered),
        };
        let broken = (0..).zip(&node.watchers);
        let broken = broken.filter(|(_, watcher)| watcher.broken(status));
        let end = End {
            ending,
            status: status.as_str(),
            state,
            error: error(status),
            by: run.map(|at| node.faults[at].class),
            millis: node.now.0 - node.execution.started_at().0,
            broken: broken.map(|(at, _)| at).collect(),
        };
        node.end = Some(Arc::new(end));
    }

    /// A worker that never answers is to blame, if there is one.
    fn how_timed_out(&self, node: &Node, entered: StateId) -> (Ending, StateId, Option<usize>) {
        let silent = node.faults.iter().position(|run| run.token.is_some());
        match silent {
            Some(at) => {
                let state = self.sites.get(node.faults[at].site).state;
                (Ending::Uncaught, state, silent)
            }
            None => (Ending::TimedOut, entered, None),
        }
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

fn error(status: &Status) -> Option<EcoString> {
    match status {
        Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
            failure.error.clone()
        }
        Status::Created | Status::Running | Status::Succeeded { .. } => None,
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
        Command::StartMapRun(_) => false,
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

/// What executions hear of their Distributed Maps: the children are executions of their own, into which no sweep
/// looks, and what they come to nobody knows.
fn unseen_map_runs(commands: &[Command]) -> Vec<Input> {
    let of = |command: &Command| match command {
        Command::StartMapRun(request) => Some(Input::MapRunFailed {
            token: request.token,
            failure: no_map_run(),
        }),
        Command::StartTask(_) | Command::CancelTask(_) | Command::Finish => None,
    };
    commands.iter().filter_map(of).collect()
}

/// How a Distributed Map fails where its child executions are not run.
pub(crate) fn no_map_run() -> Failure {
    Failure::new(
        errors::RUNTIME,
        "The child executions of a Distributed Map are not run here",
    )
}
