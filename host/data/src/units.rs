//! Durations, sizes and counts as people write them: bare numbers are AWS's units, strings carry one.

use std::time::Duration;

use crate::node::{Node, Value};
use crate::number::Number;

/// A duration: a number of seconds, or a string such as `"250ms"`, `"3s"`, `"5m"`, `"1h"`.
pub fn duration(node: &Node) -> Result<Duration, String> {
    const HELP: &str =
        "a duration is a number of seconds or a string such as \"250ms\", \"3s\", \"5m\" or \"2h\"";
    match &node.value {
        Value::Number(number) => seconds(number.as_f64()).ok_or_else(|| HELP.to_owned()),
        Value::String(text) => {
            let (number, unit) = split(text).ok_or_else(|| HELP.to_owned())?;
            let factor = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return Err(HELP.to_owned()),
            };
            seconds(number * factor).ok_or_else(|| HELP.to_owned())
        }
        _ => Err(HELP.to_owned()),
    }
}

/// A size in bytes: a number of MB, or a string such as `"64KB"`, `"128MB"`, `"1GB"` (powers of 1,024).
pub fn size(node: &Node) -> Result<u64, String> {
    const HELP: &str = "a size is a number of MB or a string such as \"64KB\" or \"128MB\"";
    let (number, factor) = match &node.value {
        Value::Number(number) => (number.as_f64(), MIB),
        Value::String(text) => {
            let (number, unit) = split(text).ok_or_else(|| HELP.to_owned())?;
            let factor = match unit {
                "B" => 1.0,
                "KB" | "KiB" => 1024.0,
                "MB" | "MiB" => MIB,
                "GB" | "GiB" => MIB * 1024.0,
                _ => return Err(HELP.to_owned()),
            };
            (number, factor)
        }
        _ => return Err(HELP.to_owned()),
    };
    let bytes = number * factor;
    ((1.0..1e15).contains(&bytes))
        .then_some(bytes as u64)
        .ok_or_else(|| HELP.to_owned())
}

/// A whole number from `least` to `most`.
pub fn count(node: &Node, least: u64, most: u64) -> Result<u64, String> {
    let help = || format!("expected a whole number from {least} to {most}");
    let Value::Number(number) = &node.value else {
        return Err(help());
    };
    let value = number.to_i64().and_then(|value| u64::try_from(value).ok());
    value
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(help)
}

/// A seed: a whole number of 64 bits, more than other counts may have.
pub fn seed(node: &Node) -> Result<u64, String> {
    let number = matches!(node.value, Value::Number(_)).then(|| node.to_data().to_string());
    let seed = number.and_then(|text| text.parse().ok());
    seed.ok_or_else(|| "expected a whole number of 64 bits".to_owned())
}

const MIB: f64 = 1_048_576.0;

fn seconds(value: f64) -> Option<Duration> {
    (value > 0.0 && value <= 1e9).then(|| Duration::from_secs_f64(value))
}

fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number = Number::parse(&text[..end])?;
    Some((number.as_f64(), text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(json: &str) -> Node {
        Node::parse_json(json).unwrap()
    }

    #[test]
    fn bare_numbers_are_awss_units() {
        assert_eq!(duration(&node("3")), Ok(Duration::from_secs(3)));
        assert_eq!(size(&node("128")), Ok(128 << 20));
    }

    #[test]
    fn strings_carry_their_unit() {
        assert_eq!(duration(&node("\"250ms\"")), Ok(Duration::from_millis(250)));
        assert_eq!(
            duration(&node("\"1.5 s\"")),
            Ok(Duration::from_millis(1500))
        );
        assert_eq!(size(&node("\"64KB\"")), Ok(65_536));
    }

    #[test]
    fn nonsense_is_told() {
        for text in ["\"3 parsecs\"", "\"s\"", "0", "-1", "[]", "\"\""] {
            assert!(duration(&node(text)).is_err(), "{text}");
            assert!(size(&node(text)).is_err(), "{text}");
        }
    }
}
