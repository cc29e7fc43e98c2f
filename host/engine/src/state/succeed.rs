//! Succeed: the end of a block, well.

use asl::{State, Transition};
use data::Data;

use crate::dataflow::{Exit, Flow, conclude, effective_input};
use crate::ids::FrameId;
use crate::inspect::Around;
use crate::record::Via;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let exit = turn.evaluate(id, |state, raw, outside| hand_on(state, raw, outside))?;
    turn.exit(id, exit, Transition::End, Via::Next)
}

/// The way through a state that does nothing to its data: Succeed, and Wait when its time has come.
pub(crate) fn hand_on(state: &State, raw: &Data, outside: &impl Around) -> Flow<Exit> {
    let input = effective_input(state, raw, outside)?;
    conclude(state, raw, input, outside)
}
