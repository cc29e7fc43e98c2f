//! Wait: a pause.

use asl::Wait;
use data::Data;
use query::Path;

use crate::context::Outside;
use crate::dataflow::{Fault, Flow, conclude, effective_input, quantity};
use crate::ids::FrameId;
use crate::jsonata;
use crate::record::Change;
use crate::step::{Stop, Turn};
use crate::time::Timestamp;

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, wait: &Wait) -> Result<(), Stop> {
    let now = turn.now;
    let until = turn.evaluate(id, |state, raw, outside| {
        let input = effective_input(state, raw, outside)?;
        match wait {
            Wait::Seconds(seconds) => {
                Ok(now.plus_seconds(quantity("Seconds", seconds, &input, outside)?))
            }
            Wait::Timestamp(millis) => Ok(Timestamp(*millis)),
            Wait::TimestampPath(path) => moment(path, &input, outside),
            Wait::TimestampJsonata(expression) => {
                jsonata::moment("Timestamp", expression, &jsonata::states(&input, outside))
            }
        }
    })?;
    turn.note(Change::Waiting {
        frame: id,
        until: until.max(now),
    })?;
    Ok(())
}

pub(super) fn resume(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let exit = turn.evaluate(id, |state, raw, outside| {
        let input = effective_input(state, raw, outside)?;
        conclude(state, raw, input, outside)
    })?;
    turn.exit(id, exit, turn.state(id).next)
}

fn moment(path: &Path, input: &Data, outside: &Outside<'_>) -> Flow<Timestamp> {
    let found = path.evaluate(&query::Scope { input, outside });
    let path = path.as_str();
    let Ok(value) = found else {
        let detail =
            format!("The TimestampPath parameter does not reference an input value: {path}");
        return Err(Fault::runtime(detail));
    };
    value.as_str().and_then(Timestamp::parse).ok_or_else(|| {
        Fault::runtime(format!(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset \
             date-time format string: {path} == {}",
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        ))
    })
}
