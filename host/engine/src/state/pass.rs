//! Pass: data handed on or made up.

use asl::Pass;

use crate::dataflow::{arguments, conclude, effective_input};
use crate::ids::FrameId;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, pass: &Pass) -> Result<(), Stop> {
    let exit = turn.evaluate(id, |state, raw, outside| {
        let input = effective_input(state, raw, outside)?;
        let made = match &pass.result {
            Some(result) => result.clone(),
            None => arguments(state, &input, outside)?,
        };
        conclude(state, raw, made, outside)
    })?;
    turn.exit(id, exit, turn.state(id).next)
}
