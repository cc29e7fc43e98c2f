//! Wait: a pause.

use asl::{State, Wait};
use data::Data;
use query::Path;

use super::succeed::hand_on;
use crate::dataflow::{Fault, Flow, effective_input, quantity};
use crate::ids::FrameId;
use crate::inspect::Around;
use crate::jsonata;
use crate::record::{Change, Via};
use crate::step::{Stop, Turn};
use crate::time::Timestamp;

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, wait: &Wait) -> Result<(), Stop> {
    let now = turn.now;
    let until = turn.evaluate(id, |state, raw, outside| {
        until(state, wait, now, raw, outside)
    })?;
    turn.note(Change::Waiting { frame: id, until })?;
    Ok(())
}

/// The moment at which the state is over, if it is entered at `now`.
pub(crate) fn until(
    state: &State,
    wait: &Wait,
    now: Timestamp,
    raw: &Data,
    outside: &impl Around,
) -> Flow<Timestamp> {
    let input = effective_input(state, raw, outside)?;
    let until = match wait {
        Wait::Seconds(seconds) => now.plus_seconds(quantity("Seconds", seconds, &input, outside)?),
        Wait::Timestamp(millis) => Timestamp(*millis),
        Wait::TimestampPath(path) => moment(path, &input, outside)?,
        Wait::TimestampJsonata(expression) => {
            jsonata::moment("Timestamp", expression, &jsonata::states(&input, outside))?
        }
    };
    Ok(until.max(now))
}

pub(super) fn resume(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Stop> {
    let exit = turn.evaluate(id, |state, raw, outside| hand_on(state, raw, outside))?;
    turn.exit(id, exit, turn.state(id).next, Via::Next)
}

fn moment(path: &Path, input: &Data, outside: &impl Around) -> Flow<Timestamp> {
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
