//! The transform `|...|...|`: what it is made of is checked and counted before the engine has it.

use jsonata_core::value::{JValue, with_stack};

use super::Answer;
use crate::jsonata::budget::Run;
use crate::jsonata::message::{Thrown, shown};

/// What is to be changed of an input: the engine compares all that lies in the one with each of the others.
pub(super) fn targets(run: &Run, input: &JValue, found: JValue) -> Answer {
    run.weigh(&found)?;
    let targets = match &found {
        JValue::Array(items) => items.as_slice(),
        JValue::Undefined | JValue::Null => &[],
        single => std::slice::from_ref(single),
    };
    let largest = targets.iter().map(|target| compared(target, usize::MAX).0);
    let largest = largest.max().unwrap_or(0);
    let (parts, compared) = compared(input, largest);
    run.work(((parts + compared.saturating_mul(targets.len())) / 200) as u64)?;
    Ok(found)
}

/// How many parts a value has, and how many of them are compared if all its parts are compared with something
/// that has no more parts than `most`.
fn compared(value: &JValue, most: usize) -> (usize, usize) {
    let parts = match value {
        JValue::String(text) => (1 + text.len() / 64, 0),
        JValue::Array(items) => with_stack(|| sum(items.iter(), most)),
        JValue::Object(fields) => with_stack(|| sum(fields.values(), most)),
        _ => (1, 0),
    };
    (parts.0, parts.1.saturating_add(parts.0.min(most)))
}

fn sum<'v>(values: impl Iterator<Item = &'v JValue>, most: usize) -> (usize, usize) {
    values.fold((1, 0), |(parts, sum), value| {
        let (more, compared) = compared(value, most);
        (parts + more, sum.saturating_add(compared))
    })
}

pub(super) fn update(value: JValue) -> Answer {
    match value {
        JValue::Object(_) | JValue::Undefined => Ok(value),
        other => {
            let message = format!(
                "The insert/update clause of the transform expression must evaluate to an object: {}",
                shown(&other)
            );
            Err(Thrown::new("T2011", message).into())
        }
    }
}

pub(super) fn delete(value: JValue) -> Answer {
    let is_text = |item: &JValue| matches!(item, JValue::String(_));
    let fits = match &value {
        JValue::Undefined => true,
        JValue::Array(items) => items.iter().all(is_text),
        other => is_text(other),
    };
    if fits {
        return Ok(value);
    }
    let message = format!(
        "The delete clause of the transform expression must evaluate to a string or array of strings: {}",
        shown(&value)
    );
    Err(Thrown::new("T2012", message).into())
}
