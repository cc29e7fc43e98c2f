//! The branches of a Parallel and the iterations of a Map.

use asl::{BlockId, StateKind};
use data::EcoString;

use super::{Applied, Step, is_over_a_limit};
use crate::execution::Execution;
use crate::frame::{Activity, Children, Frame, MapActivity};
use crate::ids::{EventId, FrameId};
use crate::record::{Change, Payload};

impl Execution {
    pub(super) fn parallel_started(
        &mut self,
        step: &Step,
        id: FrameId,
        branches: &[BlockId],
        input: &Payload,
    ) -> Applied {
        let program = std::sync::Arc::clone(&self.program);
        let started = step.event.unwrap_or_default();
        match &program.state(self.existing(id)?.state).kind {
            StateKind::Parallel(parallel) if parallel.branches == branches => {}
            _ => return Err("the state has other branches"),
        }
        let count = u32::try_from(branches.len()).map_err(|_| "too many branches")?;
        self.update(id, Frame::works_itself, |frame| {
            frame.activity = Activity::Children(Box::new(Children {
                map: None,
                results: vec![None; branches.len()],
                running: count,
                failed: 0,
                started_event: started,
                unfinished: Vec::new(),
                again: Vec::new(),
            }));
            step.advance(frame);
        })?;
        for (slot, block) in (0..).zip(branches) {
            let start = program.block(*block).start;
            self.add(Frame::new(
                Some((id, slot)),
                start,
                input,
                step.seq,
                started,
            ));
        }
        Ok(())
    }

    pub(super) fn map_started(&mut self, step: &Step, change: &Change) -> Applied {
        let Change::MapStarted {
            frame,
            items,
            input,
            concurrency,
            tolerated,
            keyed,
        } = change
        else {
            return Err("not a started Map");
        };
        let items = items.data.as_array();
        let items = items.ok_or("the items of a Map are no array")?.clone();
        let state = self.existing(*frame)?.state;
        let StateKind::Map(map) = &self.program.state(state).kind else {
            return Err("the state is no Map");
        };
        let children = Children {
            results: vec![None; items.len()],
            map: Some(MapActivity {
                items,
                input: input.data.clone(),
                block: map.processor,
                next: 0,
                concurrency: *concurrency,
                tolerated: *tolerated,
                keyed: *keyed,
            }),
            running: 0,
            failed: 0,
            started_event: step.event.unwrap_or_default(),
            unfinished: Vec::new(),
            again: Vec::new(),
        };
        self.update(*frame, Frame::works_itself, |frame| {
            frame.activity = Activity::Children(Box::new(children));
            step.advance(frame);
        })
    }

    pub(super) fn iteration_started(
        &mut self,
        step: &Step,
        id: FrameId,
        index: u32,
        block: BlockId,
        input: &Payload,
    ) -> Applied {
        let children = self.children(id)?;
        let map = children.map.as_mut().ok_or("the frame is no Map")?;
        if (map.next, map.block) != (index, block) {
            return Err("another iteration is next");
        }
        let item = map.items.get(index as usize);
        let item = item.ok_or("there is no such item")?.clone();
        map.next += 1;
        children.running += 1;
        let start = self.program.block(block).start;
        let last = step.event.unwrap_or_default();
        let mut child = Frame::new(Some((id, index)), start, input, step.seq, last);
        child.item = Some(item);
        self.add(child);
        Ok(())
    }

    pub(super) fn child_succeeded(&mut self, step: &Step, id: FrameId) -> Applied {
        if self.existing(id)?.activity != Activity::Done {
            return Err("the child is not done");
        }
        let child = self.drop_child(id)?;
        let (parent, slot) = child.parent.ok_or("the machine itself is nobody's child")?;
        let place = self.children(parent)?.results.get_mut(slot as usize);
        *place.ok_or("there is no such child")? = Some(child.data);
        self.follow(parent, step.event.unwrap_or(child.last_event))
    }

    pub(super) fn child_failed(&mut self, id: FrameId, error: Option<&EcoString>) -> Applied {
        let mut child = self.drop_child(id)?;
        if is_over_a_limit(error) {
            child.forget_children();
        }
        let (parent, _) = child.parent.ok_or("the machine itself is nobody's child")?;
        let last = child.last_event;
        let children = self.children(parent)?;
        children.failed += 1;
        children.unfinished.push(child);
        self.follow(parent, last)
    }

    pub(super) fn child_aborted(&mut self, id: FrameId) -> Applied {
        let child = self.drop_child(id)?;
        let (parent, _) = child.parent.ok_or("the machine itself is nobody's child")?;
        self.children(parent)?.unfinished.push(child);
        Ok(())
    }

    pub(super) fn children_succeeded(&mut self, id: FrameId) -> Applied {
        let legal = |frame: &Frame| frame.works_itself() || frame.has_no_child_left();
        self.update(id, legal, Frame::end_children)
    }

    pub(super) fn children_failed(
        &mut self,
        step: &Step,
        id: FrameId,
        error: Option<&EcoString>,
    ) -> Applied {
        let legal = |frame: &Frame| frame.works_itself() || frame.has_no_child_left();
        self.update(id, legal, |frame| {
            frame.end_children();
            if is_over_a_limit(error) {
                frame.forget_children();
            }
            step.advance(frame);
        })
    }

    pub(super) fn iteration_redriven(&mut self, id: FrameId, index: u32) -> Applied {
        let children = self.children(id)?;
        let next = children.again.pop().ok_or("no iteration is to go on")?;
        if next.parent.is_none_or(|(_, slot)| slot != index) {
            return Err("another iteration is next");
        }
        children.running += 1;
        self.revive(next, id);
        Ok(())
    }

    /// Lets a child go on that had failed or been aborted, with all that was inside of it.
    pub(super) fn revive(&mut self, mut child: Frame, parent: FrameId) {
        child.parent = child.parent.map(|(_, slot)| (parent, slot));
        let id = self.add(child);
        self.redrive_frame(id);
    }

    /// Lets the state of a frame be done again, and its branches with it.
    pub(super) fn redrive_frame(&mut self, id: FrameId) {
        let program = std::sync::Arc::clone(&self.program);
        let Some(frame) = self.frames.get_mut(id.0 as usize).and_then(Option::as_mut) else {
            return;
        };
        for child in frame.redrive(&program.state(frame.state).kind) {
            self.revive(child, id);
        }
    }

    pub(super) fn drop_child(&mut self, id: FrameId) -> Result<Frame, &'static str> {
        let parent = self.existing(id)?.parent;
        let parent = parent.ok_or("the machine itself is nobody's child")?.0;
        let legal = |frame: &Frame| match &frame.activity {
            Activity::Children(children) => children.running == 0,
            Activity::Task(_) => false,
            Activity::MapRun(run) => run.ended,
            Activity::Entering
            | Activity::Running
            | Activity::Waiting { .. }
            | Activity::Backoff { .. }
            | Activity::Ended(_)
            | Activity::Done => true,
        };
        let due = self.existing(id)?.deadline();
        self.update(id, legal, |_| {})?;
        due.map(|at| self.deadlines.remove(&(at, id)));
        let place = self.frames.get_mut(id.0 as usize);
        let dropped = place.and_then(Option::take);
        self.free.push(id.0);
        let children = self.children(parent)?;
        children.running = children
            .running
            .checked_sub(1)
            .ok_or("no child is running")?;
        dropped.ok_or("there is no such frame")
    }

    fn follow(&mut self, parent: FrameId, last: EventId) -> Applied {
        self.update(parent, |_| true, |frame| frame.last_event = last)
    }

    fn children(&mut self, id: FrameId) -> Result<&mut Children, &'static str> {
        let frame = self.frames.get_mut(id.0 as usize).and_then(Option::as_mut);
        match frame.map(|frame| &mut frame.activity) {
            Some(Activity::Children(children)) => Ok(children),
            _ => Err("the frame has no children"),
        }
    }

    /// The ids that the next frames will have, in their order.
    pub(crate) fn next_frames(&self, count: usize) -> Vec<FrameId> {
        let fresh = (self.frames.len() as u32)..;
        let free = self.free.iter().rev().copied();
        free.chain(fresh).take(count).map(FrameId).collect()
    }

    fn add(&mut self, frame: Frame) -> FrameId {
        match self.free.pop() {
            Some(slot) => {
                self.frames[slot as usize] = Some(frame);
                FrameId(slot)
            }
            None => {
                self.frames.push(Some(frame));
                FrameId(self.frames.len() as u32 - 1)
            }
        }
    }
}
