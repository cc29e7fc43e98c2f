//! JSON numbers that stay what they were: `1` is not `1.0`, and no digit of a long integer is lost.

use std::cmp::Ordering;
use std::fmt;

use ecow::EcoString;

/// A JSON number.
#[derive(Clone, Debug)]
pub enum Number {
    /// An integer that fits 64 bits.
    Int(i64),
    /// A number with a fraction or an exponent; always finite.
    Float(f64),
    /// An integer beyond 64 bits, kept as its digits.
    Big(EcoString),
}

impl Number {
    /// Reads a JSON number literal; `None` if it is none or has no finite value.
    pub fn parse(literal: &str) -> Option<Number> {
        if literal.bytes().any(|b| matches!(b, b'.' | b'e' | b'E')) {
            let value: f64 = literal.parse().ok()?;
            return value.is_finite().then_some(Number::Float(value));
        }
        if let Ok(value) = literal.parse() {
            return Some(Number::Int(value));
        }
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| Number::Big(literal.into()))
    }

    /// A finite float; `None` for NaN and the infinities, which JSON cannot hold.
    pub fn float(value: f64) -> Option<Number> {
        value.is_finite().then_some(Number::Float(value))
    }

    /// The nearest double.
    pub fn as_f64(&self) -> f64 {
        match self {
            Number::Int(value) => *value as f64,
            Number::Float(value) => *value,
            Number::Big(digits) => digits.parse().unwrap_or(f64::MAX),
        }
    }

    /// The value as an integer, if it is written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Number::Int(value) => Some(*value),
            Number::Float(_) | Number::Big(_) => None,
        }
    }

    /// The value as an integer, if it is one in value: `2.0` is.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Number::Int(value) => Some(*value),
            Number::Float(value) if value.fract() == 0.0 && value.abs() < 9.0e18 => {
                Some(*value as i64)
            }
            Number::Float(_) | Number::Big(_) => None,
        }
    }

    /// Compares by value, so that `1` equals `1.0`.
    pub fn compare(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a.cmp(b),
            (Number::Big(a), Number::Big(b)) if a == b => Ordering::Equal,
            _ => self
                .as_f64()
                .partial_cmp(&other.as_f64())
                .expect("numbers are finite"),
        }
    }

    /// Bytes of the number as JSON text.
    pub fn size(&self) -> usize {
        match self {
            Number::Int(value) => int_len(*value),
            Number::Float(_) => self.to_string().len(),
            Number::Big(digits) => digits.len(),
        }
    }
}

fn int_len(value: i64) -> usize {
    let digits = value
        .unsigned_abs()
        .checked_ilog10()
        .map_or(1, |log| log as usize + 1);
    digits + usize::from(value < 0)
}

/// Equal when written alike: `1` and `1.0` differ.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            (Number::Float(a), Number::Float(b)) => a == b,
            (Number::Big(a), Number::Big(b)) => a == b,
            _ => false,
        }
    }
}

/// Floats print as Java prints a double, since that is what AWS's answers show: `0.1`, `100.0`, `1.0E7`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => write!(f, "{value}"),
            Number::Float(value) => write_double(f, *value),
            Number::Big(digits) => f.write_str(digits),
        }
    }
}

fn write_double(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return write!(f, "{value:?}");
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    write!(f, "{mantissa}{point}E{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_java_does() {
        for (literal, printed) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.0", "0.0"),
            ("1e2", "100.0"),
            ("99.990", "99.99"),
            ("1.5e10", "1.5E10"),
            ("10000000.0", "1.0E7"),
            ("0.0001", "1.0E-4"),
            ("0.001", "0.001"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
        ] {
            let number = Number::parse(literal).expect(literal);
            assert_eq!(number.to_string(), printed, "{literal}");
            assert_eq!(number.size(), printed.len(), "{literal}");
        }
    }

    #[test]
    fn refuses_what_has_no_finite_value() {
        assert!(Number::parse("1e999").is_none());
        assert!(Number::float(f64::NAN).is_none());
    }

    #[test]
    fn counts_the_digits_of_the_extremes() {
        for value in [0, 9, 10, -1, i64::MIN, i64::MAX] {
            assert_eq!(Number::Int(value).size(), value.to_string().len());
        }
    }
}
