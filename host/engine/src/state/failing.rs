//! What becomes of a failure: a retry, a catcher, or the failure of whatever is around.

use asl::{Catcher, Jitter, StateKind, Transition};

use super::map;
use super::parallel::children_of;
use crate::dataflow::result_path;
use crate::execution::Command;
use crate::failure::{Failure, errors};
use crate::frame::Activity;
use crate::ids::{EventId, FrameId};
use crate::record::Change;
use crate::retry::{Verdict, jittered, verdict};
use crate::step::{Over, Stop, Turn};

impl Turn<'_> {
    /// Lets retriers and catchers have their say, from the frame's state outwards.
    pub(crate) fn fail(&mut self, id: FrameId, failure: Failure, silent: bool) -> Result<(), Over> {
        let (mut id, mut failure, mut silent) = (id, failure, silent);
        loop {
            let has_children = matches!(self.execution.frame(id).activity, Activity::Children(_));
            if has_children {
                self.abort_children(id)?;
                self.forget_dropped();
            }
            let state = self.state(id);
            let attempts = &self.execution.frame(id).attempts;
            if let Some(verdict) = verdict(&state.retry, attempts, &failure, silent) {
                return self.retry_later(id, verdict);
            }
            if has_children {
                self.children_failed(id, &failure)?;
            }
            let catcher = state
                .catch
                .iter()
                .find(|c| failure.matches(&c.error_equals, silent));
            if let Some(catcher) = catcher {
                match self.caught(id, catcher, &failure) {
                    Ok(()) => {
                        self.ready(id);
                        return Ok(());
                    }
                    Err(Stop::Over) => return Err(Over),
                    Err(Stop::Failed(worse)) => (failure, silent) = (worse, false),
                }
            }
            match self.fail_block(id, failure)? {
                None => return Ok(()),
                Some((parent, outward)) => (id, failure) = (parent, outward),
            }
        }
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
        self.note(Change::RetryScheduled {
            frame: id,
            retrier: verdict.retrier,
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

    fn caught(&mut self, id: FrameId, catcher: &Catcher, failure: &Failure) -> Result<(), Stop> {
        let output = self.evaluate(id, |_, raw, _| {
            result_path(&catcher.result_path, raw, failure.to_data())
        })?;
        self.exit(id, output, Transition::Next(catcher.next))
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
            Activity::Entering | Activity::Running | Activity::Done => false,
            Activity::Waiting { .. } | Activity::Backoff { .. } => true,
            Activity::Task(task) => {
                task_token = Some(task.token);
                true
            }
            Activity::Children(_) => {
                self.abort_children(id)?;
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
