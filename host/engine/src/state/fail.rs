//! Fail: the end of a block, badly.

use asl::{Fail, Words};
use data::{Data, EcoString};
use query::Scope;

use crate::dataflow::{Fault, Flow};
use crate::failure::Failure;
use crate::ids::FrameId;
use crate::inspect::Around;
use crate::jsonata;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, fail: &Fail) -> Result<(), Stop> {
    let failure = turn.evaluate(id, |_, raw, outside| failure(fail, raw, outside))?;
    Err(Stop::Failed(failure))
}

/// What the state says.
pub(crate) fn failure(fail: &Fail, raw: &Data, outside: &impl Around) -> Flow<Failure> {
    Ok(Failure {
        error: words("Error", fail.error.as_ref(), raw, outside)?,
        cause: words("Cause", fail.cause.as_ref(), raw, outside)?,
    })
}

fn words(
    field: &str,
    words: Option<&Words>,
    raw: &Data,
    outside: &impl Around,
) -> Flow<Option<EcoString>> {
    let expression = match words {
        None => return Ok(None),
        Some(Words::Value(text)) => return Ok(Some(text.clone())),
        Some(Words::Path(expression)) => expression,
        Some(Words::Jsonata(expression)) => {
            return jsonata::text(field, expression, &jsonata::states(raw, outside)).map(Some);
        }
    };
    let value = expression.evaluate(&Scope {
        input: raw,
        outside,
    });
    let value = value.map_err(|error| Fault::runtime(error.to_string()))?;
    match value.as_str() {
        Some(text) => Ok(Some(text.into())),
        None => Err(Fault::runtime(format!(
            "The {field}Path parameter must be a string: {} == {value}",
            expression.as_str()
        ))),
    }
}
