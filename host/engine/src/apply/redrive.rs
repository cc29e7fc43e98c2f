//! What is kept of an execution that ended badly, and how it goes on.

use data::EcoString;

use super::{Applied, Step, is_over_a_limit};
use crate::execution::{Execution, Status};
use crate::frame::Frame;
use crate::ids::FrameId;
use crate::redrive::Retained;
use crate::time::Timestamp;

impl Execution {
    /// Takes the frames away, and keeps them if the execution may be redriven.
    pub(super) fn retain(&mut self, status: &Status) {
        let mut frames = std::mem::take(&mut self.frames);
        let free = std::mem::take(&mut self.free);
        if matches!(status, Status::Succeeded { .. }) {
            return;
        }
        // No execution is without its own frame, unless its quota of events left no room to begin.
        let Some(root) = frames.first_mut().and_then(Option::as_mut) else {
            return;
        };
        if let Status::Failed(failure) = status
            && is_over_a_limit(failure.error.as_ref())
        {
            root.forget_children();
        }
        self.retained = Some(Box::new(Retained { frames, free }));
    }

    pub(super) fn redriven(
        &mut self,
        step: &Step,
        redrive_count: u32,
        deadline: Option<Timestamp>,
        definition: Option<&EcoString>,
    ) -> Applied {
        let retained = self.retained.take();
        let Retained { frames, free } = *retained.ok_or("the execution cannot be redriven")?;
        if self.redrives.checked_add(1) != Some(redrive_count) {
            return Err("another redrive is next");
        }
        if definition.is_some() != self.rebased {
            return Err("it is for another definition");
        }
        self.rebased = false;
        self.redrives = redrive_count;
        self.redriven_at = Some(step.at);
        self.status = Status::Running;
        self.stopped_at = None;
        self.deadline = deadline;
        (self.frames, self.free) = (frames, free);
        let there: Vec<FrameId> = self.frame_ids().collect();
        for id in there {
            self.redrive_frame(id);
        }
        Ok(())
    }

    /// The frames that there are, by their ids.
    fn frame_ids(&self) -> impl Iterator<Item = FrameId> {
        let frames = (0..).map(FrameId).zip(&self.frames);
        frames.filter_map(|(id, frame): (FrameId, &Option<Frame>)| frame.as_ref().map(|_| id))
    }
}
