//! Functions on numbers: `States.MathAdd`, `States.MathRandom`.

use data::{Data, Number};

use super::Outcome;
use crate::java::Random;

/// A number as AWS rounds it to an integer: halves go up.
pub(super) fn integer(data: &Data) -> Result<i64, String> {
    let rounded = match data.as_number() {
        Some(Number::Int(value)) => Some(*value),
        Some(Number::Float(value)) if value.abs() < 9.0e15 => Some((value + 0.5).floor() as i64),
        _ => None,
    };
    rounded.ok_or_else(|| "The argument must be an integer".into())
}

fn int32(data: &Data) -> Result<i32, String> {
    i32::try_from(integer(data)?).map_err(|_| {
        format!(
            "The argument must be an integer between {} and {}",
            i32::MIN,
            i32::MAX
        )
    })
}

pub(super) fn add(a: &Data, b: &Data) -> Outcome {
    Ok(Data::from(i64::from(int32(a)?) + i64::from(int32(b)?)))
}

/// An integer from `start` up to `end`, the latter not included.
pub(super) fn random(start: &Data, end: &Data, draw: impl FnOnce() -> u64) -> Outcome {
    let (start, width) = bounds(start, end)?;
    let scaled = (u128::from(draw()) * u128::from(width)) >> 64;
    Ok(Data::from(start + scaled as i64))
}

/// The same for the same seed, forever. Where in the range it lies follows `java.util.Random`.
pub(super) fn seeded_random(start: &Data, end: &Data, seed: &Data) -> Outcome {
    let (start, width) = bounds(start, end)?;
    let mut state = Random::new(integer(seed)?);
    Ok(Data::from(start + state.below(width)))
}

fn bounds(start: &Data, end: &Data) -> Result<(i64, u32), String> {
    let (start, end) = (i64::from(int32(start)?), i64::from(int32(end)?));
    match u32::try_from(end - start) {
        Ok(width) if width > 0 => Ok((start, width)),
        _ => Err("The first argument must be less than the second".into()),
    }
}
