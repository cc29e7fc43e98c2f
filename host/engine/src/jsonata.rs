//! JSONata expressions that must give a value of a certain type.

use data::{Data, EcoString};
use query::{Jsonata, JsonataError, Reason, States, Surroundings};

use crate::dataflow::Flow;
use crate::time::Timestamp;

/// `$states` without a result.
pub(crate) fn states<'a>(input: &'a Data, outside: &'a dyn Surroundings) -> States<'a> {
    States {
        input,
        result: None,
        error_output: None,
        outside,
    }
}

/// The value of an expression that stands in `field`.
pub(crate) fn value(field: &str, expression: &Jsonata, states: &States<'_>) -> Flow {
    let found = expression.evaluate(states);
    let reason = match found {
        Ok(Some(value)) => return Ok(value),
        Ok(None) => Reason::Undefined,
        Err(reason) => reason,
    };
    Err(failed(field, expression, reason).into())
}

fn failed(field: &str, expression: &Jsonata, reason: Reason) -> JsonataError {
    JsonataError {
        expression: expression.as_str().into(),
        field: field.into(),
        reason,
    }
}

/// The value, if `wanted` takes it; else AWS's complaint of its type.
pub(crate) fn typed<T>(
    field: &str,
    expression: &Jsonata,
    states: &States<'_>,
    expected: &'static str,
    wanted: impl FnOnce(&Data) -> Option<T>,
) -> Flow<T> {
    let found = value(field, expression, states)?;
    if let Some(value) = wanted(&found) {
        return Ok(value);
    }
    Err(failed(
        field,
        expression,
        Reason::UnexpectedType { expected, found },
    )
    .into())
}

/// A whole number that is not negative, however it is written: `2.0` is one.
pub(crate) fn whole(
    field: &str,
    expression: &Jsonata,
    input: &Data,
    outside: &dyn Surroundings,
) -> Flow<u64> {
    let states = states(input, outside);
    typed(field, expression, &states, "integer", |value| {
        let number = value.as_number()?.to_i64()?;
        u64::try_from(number).ok()
    })
}

/// A number from 0 to 100.
pub(crate) fn percentage(
    field: &str,
    expression: &Jsonata,
    input: &Data,
    outside: &dyn Surroundings,
) -> Flow<f64> {
    let states = states(input, outside);
    typed(field, expression, &states, "number", |value| {
        let number = value.as_number()?.as_f64();
        (0.0..=100.0).contains(&number).then_some(number)
    })
}

/// A boolean.
pub(crate) fn boolean(field: &str, expression: &Jsonata, states: &States<'_>) -> Flow<bool> {
    typed(field, expression, states, "boolean", Data::as_bool)
}

/// A text.
pub(crate) fn text(field: &str, expression: &Jsonata, states: &States<'_>) -> Flow<EcoString> {
    typed(field, expression, states, "string", |value| {
        value.as_str().map(EcoString::from)
    })
}

/// A moment in RFC 3339.
pub(crate) fn moment(field: &str, expression: &Jsonata, states: &States<'_>) -> Flow<Timestamp> {
    typed(field, expression, states, "timestamp", |value| {
        value.as_str().and_then(Timestamp::parse)
    })
}
