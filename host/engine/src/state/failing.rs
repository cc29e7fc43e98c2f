//! What becomes of a failure: a retry, a catcher, or the failure of whatever is around.

use asl::{Dataflow, Jitter, State, StateKind, Transition};
use data::Data;

use super::map;
use super::parallel::children_of;
use crate::dataflow::{Exit, Flow, assign, jsonata_exit, result_path};
use crate::execution::Command;
use crate::failure::{Failure, errors};
use crate::frame::Activity;
use crate::ids::{EventId, FrameId};
use crate::inspect::Around;
use crate::jsonata;
use crate::record::{Change, Via};
use crate::retry::{Verdict, jittered, verdict};
use crate::step::{Over, Stop, Turn};

impl Turn<'_> {
    /// Lets retriers and catchers have their say, from the frame's state outwards.
    ///
    /// An error in the machine itself, in a catcher too, ends the execution where it stands: AWS shows no
    /// failure of the blocks around it.
    pub(crate) fn fail(&mut self, id: FrameId, failure: Failure, silent: bool) -> Result<(), Over> {
        let (mut id, mut failure, mut silent) = (id, failure, silent);
        self.failing = Some(self.site(id));
        self.end_by_machine(id, &failure)?;
        loop {
            let has_children = self.has_children(id);
            if has_children {
                self.abort_children(id)?;
                self.forget_dropped();
            }
            let state = self.state(id);
            let attempts = &self.execution.frame(id).attempts;
            if let Some(verdict) = verdict(&state.retry, attempts, &failure, silent) {
                return self.retry_later(id, verdict);
            }
            let before = self.execution.frame(id).last_event;
            if has_children || self.failed_to_evaluate(id, &failure) {
                self.children_failed(id, &failure)?;
            }
            let catchers = &state.catch;
            let matching = |c: &asl::Catcher| failure.matches(&c.error_equals, silent);
            if let Some(at) = catchers.iter().position(matching) {
                match self.handed_to_catcher(id, at, &failure, before)? {
                    None => return Ok(()),
                    Some(worse) => (failure, silent) = (worse, false),
                }
            }
            match self.fail_block(id, failure)? {
                None => return Ok(()),
                Some((parent, outward)) => (id, failure) = (parent, outward),
            }
        }
    }

    /// Ends the execution if the failure is an error in the machine itself.
    fn end_by_machine(&mut self, id: FrameId, failure: &Failure) -> Result<(), Over> {
        if failure.error.as_deref() != Some(errors::RUNTIME) {
            return Ok(());
        }
        let last = self.execution.frame(id).last_event;
        let failure = failure.clone();
        self.finish(last, Change::ExecutionFailed { failure })?;
        Ok(())
    }

    /// Goes where the catcher number `at` says; returns the failure if that fails in its turn, which no other
    /// catcher of the state gets. `before` is what the events of an expression that fails name.
    fn handed_to_catcher(
        &mut self,
        id: FrameId,
        at: usize,
        failure: &Failure,
        before: EventId,
    ) -> Result<Option<Failure>, Over> {
        match self.caught(id, at, failure) {
            Ok(()) => {
                self.ready(id);
                Ok(None)
            }
            Err(Stop::Over) => Err(Over),
            Err(Stop::Failed(worse)) => {
                self.end_by_machine(id, &worse)?;
                Ok(Some(worse))
            }
            Err(Stop::Evaluation(worse, location)) => {
                self.evaluation_failed(id, before, &worse, location)?;
                if self.failed_to_evaluate(id, &worse) {
                    self.children_failed(id, &worse)?;
                }
                Ok(Some(worse))
            }
        }
    }

    fn has_children(&self, id: FrameId) -> bool {
        let activity = &self.execution.frame(id).activity;
        matches!(activity, Activity::Children(_) | Activity::MapRun(_))
    }

    /// Whether an expression of a Parallel or Map itself failed, which AWS shows like a failure inside of it.
    fn failed_to_evaluate(&self, id: FrameId, failure: &Failure) -> bool {
        let evaluation = failure.error.as_deref() == Some(errors::QUERY_EVALUATION_ERROR);
        let kind = &self.state(id).kind;
        evaluation && matches!(kind, StateKind::Parallel(_) | StateKind::Map(_))
    }

    fn retry_later(&mut self, id: FrameId, verdict: Verdict) -> Result<(), Over> {
        let delay = match verdict.jitter {
            Jitter::None => verdict.delay,
            Jitter::Full => jittered(
                verdict.delay,
                self.entropy.draw(self.execution.next_record, 0),
            ),
        };
        let until = self.now.plus(delay);
        let frame = self.execution.frame(id);
        let used = frame.attempts.get(verdict.retrier as usize);
        let (state, attempt) = (frame.state, used.copied().unwrap_or(0));
        self.note(Change::RetryScheduled {
            frame: id,
            state,
            retrier: verdict.retrier,
            attempt,
            until,
        })
    }

    fn children_failed(&mut self, id: FrameId, failure: &Failure) -> Result<(), Over> {
        let last = self.execution.frame(id).last_event;
        let kind = self.state(id).kind.state_type();
        let failure = failure.clone();
        self.event(
            last,
            Change::ChildrenFailed {
                frame: id,
                kind,
                failure,
            },
        )
    }

    fn caught(&mut self, id: FrameId, at: usize, failure: &Failure) -> Result<(), Stop> {
        let exit = self.evaluate(id, |state, raw, outside| {
            catch(state, at, raw, failure.to_data(), outside)
        })?;
        let next = self.state(id).catch[at].next;
        self.exit(id, exit, Transition::Next(next), Via::Catcher(at as u32))
    }

    /// The failure leaves the frame's block. Returns the frame around it, if that fails as well.
    fn fail_block(
        &mut self,
        id: FrameId,
        failure: Failure,
    ) -> Result<Option<(FrameId, Failure)>, Over> {
        let frame = self.execution.frame(id);
        let last = frame.last_event;
        let Some((parent, _)) = frame.parent else {
            self.finish(last, Change::ExecutionFailed { failure })?;
            return Ok(None);
        };
        let iteration = map::iteration(self, id);
        let change = Change::ChildFailed {
            frame: id,
            iteration: iteration.clone(),
            error: failure.error.clone(),
        };
        match iteration {
            Some(_) => self.event(last, change)?,
            None => self.note(change)?,
        }
        match self.tolerated(parent) {
            None => Ok(Some((parent, failure))),
            Some(true) => self.go_on(parent, last).map(|()| None),
            Some(false) => {
                let cause = "The specified tolerated failure threshold was exceeded";
                let failure = Failure::new(errors::EXCEED_TOLERATED_FAILURE_THRESHOLD, cause);
                Ok(Some((parent, failure)))
            }
        }
    }

    /// Whether a Map can bear the failures it has; none if it does not speak of them.
    fn tolerated(&self, id: FrameId) -> Option<bool> {
        let Activity::Children(children) = &self.execution.frame(id).activity else {
            return None;
        };
        let tolerated = children.map.as_ref()?.tolerated?;
        Some(children.failed <= tolerated)
    }

    fn go_on(&mut self, id: FrameId, last: EventId) -> Result<(), Over> {
        if let StateKind::Map(map) = &self.state(id).kind {
            let outcome = map::fill(self, id, map, last);
            self.settle(id, outcome)?;
        }
        self.ready(id);
        Ok(())
    }

    fn abort_children(&mut self, id: FrameId) -> Result<(), Over> {
        for child in children_of(self, id) {
            self.abort(child)?;
        }
        Ok(())
    }

    fn abort(&mut self, id: FrameId) -> Result<(), Over> {
        let frame = self.execution.frame(id);
        let mut task_token = None;
        let inside = match &frame.activity {
            Activity::Entering | Activity::Running | Activity::Ended(_) | Activity::Done => false,
            Activity::Waiting { .. } | Activity::Backoff { .. } => true,
            Activity::Task(task) => {
                task_token = Some(task.token);
                true
            }
            Activity::Children(_) => {
                self.abort_children(id)?;
                true
            }
            Activity::MapRun(run) => {
                task_token = (!run.ended).then_some(run.token);
                let last = frame.last_event;
                self.event(last, Change::MapRunAborted { frame: id })?;
                true
            }
        };
        let last = self.execution.frame(id).last_event;
        let kind = self.state(id).kind.state_type();
        if inside {
            self.event(last, Change::StateAborted { frame: id, kind })?;
        }
        if let Some(token) = task_token {
            self.command(Command::CancelTask(token));
        }
        let iteration = map::iteration(self, id);
        let change = Change::ChildAborted {
            frame: id,
            iteration: iteration.clone(),
        };
        match iteration {
            Some(_) => self.event(last, change),
            None => self.note(change),
        }
    }
}

/// What a state leaves behind by its catcher number `at`. In JSONata the output is what was caught, unless
/// the catcher makes another.
pub(crate) fn catch(
    state: &State,
    at: usize,
    raw: &Data,
    error_output: Data,
    outside: &impl Around,
) -> Flow<Exit> {
    let catcher = &state.catch[at];
    let exit = match &state.flow {
        Dataflow::JsonPath(_) => {
            let assigned = assign(catcher.assign.as_ref(), &error_output, outside)?;
            let output = result_path(&catcher.result_path, raw, error_output)?;
            Ok(Exit { output, assigned })
        }
        Dataflow::Jsonata(_) => {
            let mut states = jsonata::states(raw, outside);
            states.error_output = Some(&error_output);
            let (output, assigned) = (catcher.output.as_ref(), catcher.assign.as_ref());
            jsonata_exit(output, assigned, &states, || error_output.clone())
        }
    };
    exit.map_err(|fault| fault.within("Catch", at))
}
