//! Operators that make values, and those whose messages name the values they were given.

use jsonata_core::ast::BinaryOp;
use jsonata_core::functions::string;
use jsonata_core::value::JValue;

use super::text::length;
use super::{Answer, Failed};
use crate::jsonata::budget::{Run, SLOT};
use crate::jsonata::catalogue::plain;
use crate::jsonata::message::{Thrown, shown};

/// The text that `&` makes of a value; nothing of one that is undefined.
fn text<'v>(run: &Run, value: &'v JValue) -> Result<std::borrow::Cow<'v, str>, Failed> {
    if matches!(value, JValue::Array(_) | JValue::Object(_)) {
        run.weigh(value)?;
        run.text(length(value, 0))?;
    }
    Ok(match value {
        JValue::String(text) => (&**text).into(),
        JValue::Undefined => "".into(),
        other => match string::string(other, None) {
            Ok(JValue::String(text)) => text.to_string().into(),
            Ok(_) => "".into(),
            Err(error) => return Err(Failed::Engine(error.into())),
        },
    })
}

pub(super) fn concatenate(run: &Run, args: &[JValue]) -> Answer {
    let mut parts = Vec::with_capacity(args.len());
    for arg in args {
        parts.push(text(run, arg)?);
    }
    run.text(parts.iter().map(|part| part.len()).sum())?;
    let made = JValue::string(parts.concat());
    run.weigh(&made)?;
    Ok(made)
}

fn bound(value: &JValue, code: &'static str) -> Result<Option<f64>, Thrown> {
    match value {
        JValue::Undefined => Ok(None),
        JValue::Number(number) if number.fract() == 0.0 => Ok(Some(*number)),
        _ => Err(Thrown::new(code, plain(code).unwrap_or_default())),
    }
}

/// `first..last`
pub(super) fn range(run: &Run, args: &[JValue]) -> Answer {
    let given = |at: usize| args.get(at).unwrap_or(&JValue::Undefined);
    let (first, last) = (bound(given(0), "T2003")?, bound(given(1), "T2004")?);
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(JValue::Undefined);
    };
    if first > last {
        return Ok(JValue::Undefined);
    }
    sequence(run, first, last - first + 1.0, 1.0)
}

/// So many numbers, from one on and so far apart.
pub(super) fn sequence(run: &Run, first: f64, count: f64, step: f64) -> Answer {
    if count > 1e7 {
        return Err(Thrown::memory().into());
    }
    let count = count.max(0.0) as usize;
    run.values(count, count * SLOT)?;
    let numbers = (0..count).map(|at| JValue::Number(first + at as f64 * step));
    let made = JValue::sequence_flat(numbers.collect(), true);
    run.weigh(&made)?;
    Ok(made)
}

/// What lies in a value at any depth, itself included; of arrays their items alone.
pub(super) fn descend(run: &Run, value: &JValue) -> Answer {
    // The weight bounds how many values there are, however often one of them is repeated.
    run.weigh(value)?;
    let mut found = Vec::new();
    gather(value, &mut found);
    run.values(found.len(), found.len() * SLOT)?;
    Ok(match found.len() {
        0 => JValue::Undefined,
        1 => found.remove(0),
        _ => JValue::sequence(found),
    })
}

fn gather(value: &JValue, found: &mut Vec<JValue>) {
    if !matches!(value, JValue::Array(_) | JValue::Undefined) {
        found.push(value.clone());
    }
    jsonata_core::value::with_stack(|| match value {
        JValue::Array(items) => items.iter().for_each(|item| gather(item, found)),
        JValue::Object(fields) => fields.values().for_each(|item| gather(item, found)),
        _ => {}
    });
}

pub(super) fn compare(op: BinaryOp, args: &[JValue]) -> Answer {
    let (sign, holds): (&str, fn(std::cmp::Ordering) -> bool) = match op {
        BinaryOp::LessThan => ("<", std::cmp::Ordering::is_lt),
        BinaryOp::LessThanOrEqual => ("<=", std::cmp::Ordering::is_le),
        BinaryOp::GreaterThan => (">", std::cmp::Ordering::is_gt),
        _ => (">=", std::cmp::Ordering::is_ge),
    };
    let (left, right) = (&args[0], &args[1]);
    let fits = |value: &JValue| {
        matches!(
            value,
            JValue::Number(_) | JValue::String(_) | JValue::Undefined
        )
    };
    if !fits(left) || !fits(right) {
        let message = format!(
            "The expressions either side of operator \"{sign}\" must evaluate to numeric or string values"
        );
        return Err(Thrown::new("T2010", message).into());
    }
    let order = match (left, right) {
        (JValue::Undefined, _) | (_, JValue::Undefined) => return Ok(JValue::Undefined),
        (JValue::Number(a), JValue::Number(b)) => a.partial_cmp(b),
        (JValue::String(a), JValue::String(b)) => Some(a.cmp(b)),
        _ => {
            let message = format!(
                "The values {} and {} either side of operator \"{sign}\" must be of the same data type",
                shown(left),
                shown(right)
            );
            return Err(Thrown::new("T2009", message).into());
        }
    };
    Ok(JValue::Bool(order.is_some_and(holds)))
}

pub(super) fn negate(value: JValue) -> Answer {
    match value {
        JValue::Number(number) => Ok(JValue::Number(-number)),
        JValue::Undefined => Ok(JValue::Undefined),
        other => {
            let message = format!("Cannot negate a non-numeric value: {}", shown(&other));
            Err(Thrown::new("D1002", message).into())
        }
    }
}
