//! The life of an attempt at a task.

use super::{Applied, Step};
use crate::execution::Execution;
use crate::frame::{Activity, Frame, Phase, TaskActivity};
use crate::ids::FrameId;
use crate::record::{Change, TaskKind};

impl Execution {
    pub(super) fn task_scheduled(&mut self, step: &Step, change: &Change) -> Applied {
        let Change::TaskScheduled {
            frame,
            token,
            input,
            timeout_seconds,
            heartbeat_seconds,
            ..
        } = change
        else {
            return Err("not a scheduled task");
        };
        if token.frame != *frame {
            return Err("the token is another frame's");
        }
        let mut task = TaskActivity {
            token: *token,
            phase: Phase::Scheduled,
            timeout_at: None,
            heartbeat_at: None,
            timeout_seconds: *timeout_seconds,
            heartbeat_seconds: *heartbeat_seconds,
            input: input.clone(),
        };
        task.count_from(step.at);
        self.update(*frame, Frame::works_itself, |frame| {
            frame.activity = Activity::Task(task);
            step.advance(frame);
        })
    }

    /// The time of an activity counts from the moment a worker took it.
    pub(super) fn task_started(&mut self, step: &Step, id: FrameId, kind: &TaskKind) -> Applied {
        self.task_phase(step, id, Phase::Started)?;
        match kind {
            TaskKind::Activity => self.task(id, |task| task.count_from(step.at)),
            TaskKind::LambdaFunction | TaskKind::Service { .. } => Ok(()),
        }
    }

    pub(super) fn task_phase(&mut self, step: &Step, id: FrameId, phase: Phase) -> Applied {
        self.task(id, |task| task.phase = phase)?;
        self.update(id, |_| true, |frame| step.advance(frame))
    }

    pub(super) fn task_heartbeat(&mut self, step: &Step, id: FrameId) -> Applied {
        self.task(id, |task| {
            task.heartbeat_at = task
                .heartbeat_seconds
                .map(|seconds| step.at.plus_seconds(seconds));
        })
    }

    pub(super) fn task_ended(&mut self, step: &Step, id: FrameId) -> Applied {
        let legal = |frame: &Frame| matches!(frame.activity, Activity::Task(_));
        self.update(id, legal, |frame| {
            frame.activity = Activity::Running;
            step.advance(frame);
        })
    }

    fn task(&mut self, id: FrameId, change: impl FnOnce(&mut TaskActivity)) -> Applied {
        let legal = |frame: &Frame| matches!(frame.activity, Activity::Task(_));
        self.update(id, legal, |frame| {
            if let Activity::Task(task) = &mut frame.activity {
                change(task);
            }
        })
    }
}
