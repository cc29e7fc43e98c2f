//! Succeed: the end of a block, well.

use asl::Transition;

use crate::dataflow::{conclude, effective_input};
use crate::ids::FrameId;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let exit = turn.evaluate(id, |state, raw, outside| {
        let input = effective_input(state, raw, outside)?;
        conclude(state, raw, input, outside)
    })?;
    turn.exit(id, exit, Transition::End)
}
