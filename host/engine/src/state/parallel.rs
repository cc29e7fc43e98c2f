//! Parallel: branches side by side.

use asl::Parallel;
use data::Data;

use super::task::complete;
use crate::dataflow::{arguments, effective_input};
use crate::frame::Activity;
use crate::ids::FrameId;
use crate::record::Change;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, parallel: &Parallel) -> Result<(), Stop> {
    let input = turn.evaluate(id, |state, raw, outside| {
        let input = effective_input(state, raw, outside)?;
        arguments(state, &input, outside)
    })?;
    turn.within_limits(id, &input)?;
    let last = turn.execution.frame(id).last_event;
    let branches = parallel.branches.clone();
    let input = turn.payload(id, input);
    let children = turn.execution.next_frames(branches.len());
    turn.event(
        last,
        Change::ParallelStarted {
            frame: id,
            branches,
            input,
        },
    )?;
    for child in children {
        turn.ready(child);
    }
    Ok(())
}

pub(super) fn child_done(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    match &turn.execution.frame(id).activity {
        Activity::Children(children) if children.running == 0 => finish(turn, id),
        _ => Ok(()),
    }
}

/// All children are done: their outputs become the state's result.
pub(super) fn finish(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let frame = turn.execution.frame(id);
    let Activity::Children(children) = &frame.activity else {
        return Ok(());
    };
    let result: Data = children.results.iter().flatten().cloned().collect();
    let last = frame.last_event;
    let kind = turn.state(id).kind.state_type();
    turn.event(last, Change::ChildrenSucceeded { frame: id, kind })?;
    complete(turn, id, result)
}

/// The frames that belong to a Parallel or Map, in the order of their slots.
pub(super) fn children_of(turn: &Turn<'_>, id: FrameId) -> Vec<FrameId> {
    let frames = (0..).map(FrameId).zip(&turn.execution.frames);
    let mut children: Vec<(u32, FrameId)> = frames
        .filter_map(|(child, frame)| match frame.as_ref()?.parent? {
            (parent, slot) if parent == id => Some((slot, child)),
            _ => None,
        })
        .collect();
    children.sort_unstable();
    children.into_iter().map(|(_, child)| child).collect()
}
