//! One file a type of state: what it does on entry, and how it goes on when something happened.

pub(crate) mod choice;
pub(crate) mod distributed;
pub(crate) mod fail;
pub(crate) mod failing;
pub(crate) mod map;
mod parallel;
pub(crate) mod pass;
pub(crate) mod succeed;
pub(crate) mod task;
mod timestamp;
pub(crate) mod wait;

use asl::StateKind;

use crate::frame::{Activity, Remains};
use crate::ids::{EventId, FrameId};
use crate::step::{Over, Stop, Turn};

/// Enters the state before which the frame stands.
pub(crate) fn enter(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    turn.entered(id)?;
    begin(turn, id)
}

/// Begins the work of the state, on entry and at each retry.
fn begin(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    match &turn.state(id).kind {
        StateKind::Task(task) => task::begin(turn, id, task),
        StateKind::Choice(choice) => choice::begin(turn, id, choice),
        StateKind::Parallel(parallel) => parallel::begin(turn, id, parallel),
        StateKind::Map(map) => map::begin(turn, id, map),
        StateKind::Wait(wait) => wait::begin(turn, id, wait),
        StateKind::Pass(pass) => pass::begin(turn, id, pass),
        StateKind::Succeed => succeed::begin(turn, id),
        StateKind::Fail(fail) => fail::begin(turn, id, fail),
    }
}

/// Does the state again that the frame was in when the execution ended.
pub(crate) fn again(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    match &turn.execution.frame(id).activity {
        Activity::Ended(Remains::MapRun(_)) => distributed::redrive(turn, id),
        _ => begin(turn, id),
    }
}

/// Goes on with a Parallel or Map as far as its children let it.
pub(crate) fn go_on(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let Activity::Children(children) = &turn.execution.frame(id).activity else {
        return Ok(());
    };
    let started = children.started_event;
    child_done(turn, id, started)
}

/// Goes on with a Parallel or Map after one of its children is done.
///
/// `last` is the last event of that child.
pub(crate) fn child_done(turn: &mut Turn<'_>, id: FrameId, last: EventId) -> Result<(), Stop> {
    match &turn.state(id).kind {
        StateKind::Map(map) => map::fill(turn, id, map, last),
        _ => parallel::child_done(turn, id),
    }
}

/// Goes on with a frame whose deadline has come.
pub(crate) fn deadline(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Over> {
    match &turn.execution.frame(id).activity {
        Activity::Waiting { .. } => {
            let outcome = wait::resume(turn, id);
            turn.settle(id, outcome)?;
        }
        Activity::Backoff { .. } => {
            let outcome = begin(turn, id);
            turn.settle(id, outcome)?;
        }
        Activity::Task(_) => task::timed_out(turn, id)?,
        Activity::Entering
        | Activity::Running
        | Activity::MapRun(_)
        | Activity::Children(_)
        | Activity::Ended(_)
        | Activity::Done => {}
    }
    turn.ready(id);
    Ok(())
}
