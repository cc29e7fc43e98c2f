//! The life of a Distributed Map's run.

use super::{Applied, Step};
use crate::execution::Execution;
use crate::frame::{Activity, Frame, MapRunActivity, Remains};
use crate::ids::FrameId;
use crate::record::Change;

impl Execution {
    pub(super) fn map_run_started(&mut self, step: &Step, change: &Change) -> Applied {
        let Change::MapRunStarted {
            frame,
            token,
            map_run_arn,
            input,
            plan,
        } = change
        else {
            return Err("not a started map run");
        };
        if token.frame != *frame {
            return Err("the token is another frame's");
        }
        let run = MapRunActivity {
            token: *token,
            map_run_arn: map_run_arn.clone(),
            input: input.data.clone(),
            plan: (**plan).clone(),
            ended: false,
            redrives: 0,
        };
        self.update(*frame, Frame::works_itself, |frame| {
            frame.activity = Activity::MapRun(Box::new(run));
            step.advance(frame);
        })
    }

    pub(super) fn map_run_redriven(&mut self, step: &Step, change: &Change) -> Applied {
        let Change::MapRunRedriven {
            frame,
            token,
            map_run_arn,
            redrive_count,
        } = change
        else {
            return Err("not a redriven map run");
        };
        if token.frame != *frame {
            return Err("the token is another frame's");
        }
        let legal = |frame: &Frame| match &frame.activity {
            Activity::Ended(Remains::MapRun(run)) => {
                run.map_run_arn == *map_run_arn
                    && run.redrives.checked_add(1) == Some(*redrive_count)
            }
            _ => false,
        };
        self.update(*frame, legal, |frame| {
            let remains = std::mem::replace(&mut frame.activity, Activity::Running);
            if let Activity::Ended(Remains::MapRun(mut run)) = remains {
                run.token = *token;
                run.ended = false;
                run.redrives = *redrive_count;
                frame.activity = Activity::MapRun(run);
            }
            step.advance(frame);
        })
    }

    pub(super) fn map_run_ended(&mut self, step: &Step, id: FrameId) -> Applied {
        let legal = |frame: &Frame| matches!(&frame.activity, Activity::MapRun(run) if !run.ended);
        self.update(id, legal, |frame| {
            if let Activity::MapRun(run) = &mut frame.activity {
                run.ended = true;
            }
            step.advance(frame);
        })
    }
}
