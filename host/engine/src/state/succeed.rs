//! Succeed: the end of a block, well.

use asl::Transition;

use crate::dataflow::data_path;
use crate::ids::FrameId;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let output = turn.evaluate(id, |state, raw, outside| {
        let input = data_path(&state.flow.input_path, raw, outside)?;
        data_path(&state.flow.output_path, &input, outside)
    })?;
    turn.exit(id, output, Transition::End)
}
