//! The function's environment variables.

use std::ops::RangeInclusive;

use crate::Error;

/// The type of the error for a variable with a value that makes no sense.
pub const INVALID: &str = "InvalidEnvironment";

/// The value of a variable, if it is set and not empty.
#[must_use]
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A probability from a variable, or `default` when it is not set.
///
/// # Errors
/// An [`Error`] of type [`INVALID`] when the value is no number from 0 to 1.
pub fn probability(name: &str, default: f64) -> Result<f64, Error> {
    number(name, var(name).as_deref(), default, 0.0..=1.0)
}

/// The number that `value`, the value of the variable `name`, spells out; `default` without one.
///
/// # Errors
/// An [`Error`] of type [`INVALID`] when it is no number in `range`.
pub fn number(
    name: &str,
    value: Option<&str>,
    default: f64,
    range: RangeInclusive<f64>,
) -> Result<f64, Error> {
    let Some(value) = value else {
        return Ok(default);
    };
    match value.trim().parse::<f64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => {
            let (from, to) = (range.start(), range.end());
            let message = format!("{name} must be a number from {from} to {to}, not {value:?}");
            Err(Error::new(INVALID, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Option<&str>) -> Result<f64, Error> {
        number("ODDS", value, 0.5, 0.0..=1.0)
    }

    #[test]
    fn a_number_in_range_is_taken() {
        assert_eq!(read(Some("0.25")), Ok(0.25));
        assert_eq!(read(None), Ok(0.5));
    }

    #[test]
    fn anything_else_is_an_error_that_says_so() {
        for bad in ["x", "1.5", "-0.1", "NaN", "inf"] {
            let error = read(Some(bad)).unwrap_err();
            assert_eq!(error.error_type(), INVALID);
            assert!(
                error
                    .message()
                    .contains("ODDS must be a number from 0 to 1"),
                "{error}"
            );
        }
    }
}
