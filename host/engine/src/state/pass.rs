//! Pass: data handed on or made up.

use asl::{Pass, State};
use data::Data;

use crate::dataflow::{Exit, Flow, arguments, conclude, effective_input};
use crate::ids::FrameId;
use crate::inspect::{Around, Stage};
use crate::record::Via;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, pass: &Pass) -> Result<(), Stop> {
    let exit = turn.evaluate(id, |state, raw, outside| work(state, pass, raw, outside))?;
    turn.exit(id, exit, turn.state(id).next, Via::Next)
}

/// What the state leaves behind.
pub(crate) fn work(state: &State, pass: &Pass, raw: &Data, outside: &impl Around) -> Flow<Exit> {
    let input = effective_input(state, raw, outside)?;
    let made = match &pass.result {
        Some(result) => {
            outside.saw(Stage::Result, result);
            result.clone()
        }
        None => arguments(state, &input, outside)?,
    };
    conclude(state, raw, made, outside)
}
