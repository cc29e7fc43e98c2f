//! The only code that moves an execution.

mod children;
mod map_run;
mod redrive;
mod task;

use asl::StateKind;

use data::{Data, EcoString};

use crate::execution::{Corrupt, Execution, Status};
use crate::failure::errors;
use crate::frame::{Activity, Frame, Phase};
use crate::ids::{EventId, FrameId};
use crate::record::{Change, Payload, Record, StateRef, To};
use crate::time::Timestamp;

type Applied = Result<(), &'static str>;

impl Execution {
    /// Takes the step that `record` tells of.
    ///
    /// Folding a log with this rebuilds the execution that wrote it. A record that does not fit is refused;
    /// the execution is then of no use any more: its log is damaged.
    pub fn apply(&mut self, record: &Record) -> Result<(), Corrupt> {
        self.folded = true;
        self.step(record)
    }

    /// The same within a turn, which knows what comes next.
    pub(crate) fn step(&mut self, record: &Record) -> Result<(), Corrupt> {
        self.try_apply(record).map_err(|reason| Corrupt {
            seq: record.seq,
            reason,
        })
    }

    fn try_apply(&mut self, record: &Record) -> Applied {
        if record.seq != self.next_record {
            return Err("its number is not the next one");
        }
        let redriven = matches!(record.change, Change::ExecutionRedriven { .. });
        if self.status.is_final() != redriven {
            return Err(match redriven {
                true => "the execution is not over",
                false => "the execution is over",
            });
        }
        self.next_record += 1;
        let mut event = None;
        if let Some(place) = record.event {
            if place.id.0 != self.next_event || place.previous >= place.id {
                return Err("its event number is not the next one");
            }
            self.next_event += 1;
            event = Some(place.id);
        }
        let step = Step {
            seq: record.seq,
            at: record.at,
            event,
        };
        self.change(&step, &record.change)
    }

    fn change(&mut self, step: &Step, change: &Change) -> Applied {
        match change {
            Change::ExecutionStarted { input, deadline } => self.started(step, input, *deadline),
            Change::ExecutionRedriven {
                redrive_count,
                deadline,
                definition,
            } => self.redriven(step, *redrive_count, *deadline, definition.as_ref()),
            Change::StateEntered {
                frame,
                state,
                input,
            } => self.entered(step, *frame, state, input),
            Change::StateExited {
                frame,
                output,
                assigned,
                to,
                ..
            } => self.exited(step, *frame, output, assigned.as_ref(), *to),
            Change::EvaluationFailed { frame, .. } => {
                self.update(*frame, |_| true, |frame| step.advance(frame))
            }
            Change::Waiting { frame, until } => self.waiting(*frame, *until),
            Change::TaskScheduled { .. } => self.task_scheduled(step, change),
            Change::TaskStarted { frame, kind, .. } => self.task_started(step, *frame, kind),
            Change::TaskSubmitted { frame, .. } => self.task_phase(step, *frame, Phase::Submitted),
            Change::TaskHeartbeat { frame } => self.task_heartbeat(step, *frame),
            Change::TaskSucceeded { frame, .. }
            | Change::TaskFailed { frame, .. }
            | Change::TaskTimedOut { frame, .. } => self.task_ended(step, *frame),
            Change::RetryScheduled {
                frame,
                retrier,
                until,
                ..
            } => self.retry_scheduled(*frame, *retrier, *until),
            Change::ParallelStarted {
                frame,
                branches,
                input,
            } => self.parallel_started(step, *frame, branches, input),
            Change::MapStarted { .. } => self.map_started(step, change),
            Change::DistributedMapStarted { frame, .. } => {
                self.update(*frame, Frame::works_itself, |frame| step.advance(frame))
            }
            Change::MapRunStarted { .. } => self.map_run_started(step, change),
            Change::MapRunRedriven { .. } => self.map_run_redriven(step, change),
            Change::MapRunSucceeded { frame, .. }
            | Change::MapRunFailed { frame, .. }
            | Change::MapRunAborted { frame } => self.map_run_ended(step, *frame),
            Change::IterationStarted {
                frame,
                index,
                block,
                input,
                ..
            } => self.iteration_started(step, *frame, *index, *block, input),
            Change::IterationRedriven { frame, index } => self.iteration_redriven(*frame, *index),
            Change::ChildSucceeded { frame, .. } => self.child_succeeded(step, *frame),
            Change::ChildFailed { frame, error, .. } => self.child_failed(*frame, error.as_ref()),
            Change::ChildAborted { frame, .. } => self.child_aborted(*frame),
            Change::StateAborted { frame, .. } => self.state_aborted(*frame),
            Change::ChildrenSucceeded { frame, .. } => self.children_succeeded(*frame),
            Change::ChildrenFailed { frame, failure, .. } => {
                self.children_failed(step, *frame, failure.error.as_ref())
            }
            Change::ExecutionSucceeded { output } => {
                let output = output.data.clone();
                self.over(step, Status::Succeeded { output })
            }
            Change::ExecutionFailed { failure } => self.over(step, Status::Failed(failure.clone())),
            Change::ExecutionTimedOut { failure } => {
                self.over(step, Status::TimedOut(failure.clone()))
            }
            Change::ExecutionAborted { failure } => {
                self.over(step, Status::Aborted(failure.clone()))
            }
        }
    }

    fn started(&mut self, step: &Step, input: &Payload, deadline: Option<Timestamp>) -> Applied {
        if self.status != Status::Created {
            return Err("the execution has started already");
        }
        self.status = Status::Running;
        self.input = input.data.clone();
        self.started_at = step.at;
        self.deadline = deadline;
        let start = self.program.block(self.program.root).start;
        let root = Frame::new(None, start, input, step.seq, EventId(0));
        self.frames.push(Some(root));
        Ok(())
    }

    fn entered(&mut self, step: &Step, id: FrameId, state: &StateRef, input: &Payload) -> Applied {
        let known = self.program.states.get(state.id.0 as usize);
        let known = known.ok_or("there is no such state")?;
        let counted = matches!(known.kind, StateKind::Task(_));
        let legal = |frame: &Frame| frame.state == state.id && frame.activity == Activity::Entering;
        self.update(id, legal, |frame| {
            if !frame.data.ptr_eq(&input.data) {
                frame.data = input.data.clone();
            }
            frame.data_from = input.same_as.unwrap_or(step.seq);
            frame.entered_event = step.event.unwrap_or_default();
            frame.entered_at = step.at;
            frame.attempts.clear();
            frame.activity = Activity::Running;
            step.advance(frame);
            if counted {
                frame.count_visit();
            }
        })
    }

    fn exited(
        &mut self,
        step: &Step,
        id: FrameId,
        output: &Payload,
        assigned: Option<&Data>,
        to: To,
    ) -> Applied {
        if let To::Next(state) = to {
            let known = self.program.states.get(state.0 as usize);
            known.ok_or("there is no such state")?;
        }
        let assigned = match assigned {
            None => None,
            Some(variables) => Some(variables.as_object().ok_or("variables are no object")?),
        };
        self.update(id, Frame::works_itself, |frame| {
            for (name, value) in assigned.iter().flat_map(|variables| variables.iter()) {
                let variables = frame.variables.get_or_insert_default();
                variables.insert(name.clone(), value.clone());
            }
            frame.data = output.data.clone();
            frame.data_from = output.same_as.unwrap_or(step.seq);
            frame.activity = match to {
                To::Next(state) => {
                    frame.state = state;
                    Activity::Entering
                }
                To::End => Activity::Done,
            };
            step.advance(frame);
        })
    }

    fn waiting(&mut self, id: FrameId, until: Timestamp) -> Applied {
        self.update(id, Frame::works_itself, |frame| {
            frame.activity = Activity::Waiting { until };
        })
    }

    fn retry_scheduled(&mut self, id: FrameId, retrier: u32, until: Timestamp) -> Applied {
        let state = self.existing(id)?.state;
        let retrier = retrier as usize;
        if retrier >= self.program.state(state).retry.len() {
            return Err("the state has no such retrier");
        }
        let legal = |frame: &Frame| frame.works_itself() || frame.has_no_child_left();
        self.update(id, legal, |frame| {
            if frame.attempts.len() <= retrier {
                frame.attempts.resize(retrier + 1, 0);
            }
            frame.attempts[retrier] = frame.attempts[retrier].saturating_add(1);
            frame.activity = Activity::Backoff { until };
        })
    }

    fn state_aborted(&mut self, id: FrameId) -> Applied {
        let legal = |frame: &Frame| {
            frame.works_itself()
                || frame.has_no_child_left()
                || matches!(frame.activity, Activity::Task(_))
        };
        self.update(id, legal, Frame::end_children)
    }

    fn over(&mut self, step: &Step, status: Status) -> Applied {
        if self.status == Status::Created {
            // Its quota of events left no room to say that it began.
            self.started_at = step.at;
        }
        self.retain(&status);
        self.status = status;
        self.stopped_at = Some(step.at);
        self.deadlines.clear();
        self.deadline = None;
        Ok(())
    }

    fn existing(&self, id: FrameId) -> Result<&Frame, &'static str> {
        let frame = self.frames.get(id.0 as usize).and_then(Option::as_ref);
        frame.ok_or("there is no such frame")
    }

    /// Changes a frame that stands where the record has it, and keeps the list of deadlines in step.
    fn update(
        &mut self,
        id: FrameId,
        legal: impl FnOnce(&Frame) -> bool,
        change: impl FnOnce(&mut Frame),
    ) -> Applied {
        let frame = self.frames.get_mut(id.0 as usize).and_then(Option::as_mut);
        let frame = frame.ok_or("there is no such frame")?;
        if !legal(frame) {
            return Err("the frame stands elsewhere");
        }
        let before = frame.deadline();
        change(frame);
        let after = frame.deadline();
        if before != after {
            before.map(|at| self.deadlines.remove(&(at, id)));
            after.map(|at| self.deadlines.insert((at, id)));
        }
        Ok(())
    }
}

/// Whether a state that failed so is redriven as a whole, with the children that succeeded (developer guide, "Redrive
/// behavior of individual states").
fn is_over_a_limit(error: Option<&EcoString>) -> bool {
    error.is_some_and(|error| error == errors::DATA_LIMIT_EXCEEDED)
}

/// The parts of a record that every change may need.
struct Step {
    seq: u32,
    at: Timestamp,
    event: Option<EventId>,
}

impl Step {
    fn advance(&self, frame: &mut Frame) {
        if let Some(event) = self.event {
            frame.last_event = event;
        }
    }
}
