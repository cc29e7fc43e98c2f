//! Pass: data handed on or made up.

use asl::Pass;

use crate::dataflow::{data_path, result_path, template};
use crate::ids::FrameId;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, pass: &Pass) -> Result<(), Stop> {
    let output = turn.evaluate(id, |state, raw, outside| {
        let input = data_path(&state.flow.input_path, raw, outside)?;
        let result = match &pass.result {
            Some(result) => result.clone(),
            None => template(state.flow.parameters.as_ref(), &input, outside)?,
        };
        let output = result_path(&state.flow.result_path, raw, result)?;
        data_path(&state.flow.output_path, &output, outside)
    })?;
    turn.exit(id, output, turn.state(id).next)
}
