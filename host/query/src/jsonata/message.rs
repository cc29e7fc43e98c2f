//! JSONata's codes and words, as AWS gives them.

use data::EcoString;
use jsonata_core::evaluator::EvaluatorError;
use jsonata_core::value::JValue;

use super::catalogue::plain;
use super::error::Reason;

/// A failure as JSONata throws it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thrown {
    code: Option<&'static str>,
    message: String,
}

impl Thrown {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Thrown {
        Thrown {
            code: Some(code),
            message: message.into(),
        }
    }

    /// One that AWS gives without a code.
    fn bare(message: impl Into<String>) -> Thrown {
        Thrown {
            code: None,
            message: message.into(),
        }
    }

    pub(crate) fn argument(index: usize, function: &str) -> Thrown {
        let message = format!(
            "Argument {index} of function \"{function}\" does not match function signature"
        );
        Thrown::new("T0410", message)
    }

    pub(crate) fn context(index: usize, function: &str) -> Thrown {
        let message = format!(
            "Context value is not a compatible type with argument {index} of function \"{function}\""
        );
        Thrown::new("T0411", message)
    }

    pub(crate) fn array_of(index: usize, function: &str, item: Option<char>) -> Thrown {
        let items = match item {
            Some('n') => "\"numbers\"",
            Some('s') => "\"strings\"",
            Some('o') => "\"objects\"",
            Some('b') => "\"booleans\"",
            Some('a') => "\"arrays\"",
            Some('f') => "\"functions\"",
            _ => "undefined",
        };
        let message =
            format!("Argument {index} of function \"{function}\" must be an array of {items}");
        Thrown::new("T0412", message)
    }

    /// Too many or too large values (measured on AWS).
    pub(crate) fn memory() -> Thrown {
        Thrown::bare(
            "Expression evaluation memory limit exceeded: Check for excessive memory usage",
        )
    }

    /// Too much work (measured on AWS).
    pub(crate) fn time() -> Thrown {
        Thrown::bare("Expression evaluation timeout: Check for infinite loop")
    }

    /// Nested too deep (measured on AWS).
    pub(crate) fn depth() -> Thrown {
        Thrown::bare(
            "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.",
        )
    }

    /// A fault of the engine, in words of our own.
    pub(crate) fn internal() -> Thrown {
        Thrown::bare("The expression could not be evaluated because of an internal error")
    }

    pub(crate) fn into_reason(self) -> Reason {
        Reason::Thrown {
            code: self.code.map(EcoString::from),
            message: self.message,
        }
    }
}

/// A value as it stands in a message: as JSON.
pub(crate) fn shown(value: &JValue) -> String {
    match value {
        JValue::Undefined => "undefined".into(),
        JValue::Number(number) if !number.is_finite() => "null".into(),
        other => other.to_json_string().unwrap_or_default(),
    }
}

fn quoted(text: &str) -> String {
    shown(&JValue::string(text))
}

/// What the engine says, in AWS's words. `call` is the function that was called and its arguments, if known.
pub(crate) fn spoken(error: &EvaluatorError, call: Option<(&str, &[JValue])>) -> Reason {
    let text = error.message();
    let Some(code) = error.code() else {
        if text.contains("exceeds size limit") {
            return Thrown::memory().into_reason();
        }
        return Thrown::bare(text).into_reason();
    };
    let rest = &text[code.len() + 1..];
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    match code {
        "D1011" | "U1001" | "U1002" => return Thrown::depth().into_reason(),
        "D1012" | "U1003" => return Thrown::time().into_reason(),
        "D2014" | "D2015" => return Thrown::memory().into_reason(),
        _ => {}
    }
    let message = valued(code, rest, call)
        .or_else(|| plain(code).map(String::from))
        .unwrap_or_else(|| rest.to_owned());
    Reason::Thrown {
        code: Some(code.into()),
        message,
    }
}

/// The messages that name values.
fn valued(code: &str, rest: &str, call: Option<(&str, &[JValue])>) -> Option<String> {
    let argument = |at: usize| call.and_then(|(_, given)| given.get(at)).map(shown);
    let between = |before: &str, after: &str| {
        let (_, tail) = rest.split_once(before)?;
        Some(
            tail.split_once(after)
                .map_or(tail, |(word, _)| word)
                .to_owned(),
        )
    };
    Some(match code {
        "D1009" => {
            let key = between("same key: ", "\n")?;
            format!(
                "Multiple key definitions evaluate to same key: {}",
                quoted(key.trim_matches('"'))
            )
        }
        "D3030" => format!("Unable to cast value to a number: {}", argument(0)?),
        "D3060" => format!(
            "The sqrt function cannot be applied to a negative number: {}",
            argument(0)?
        ),
        "D3061" => format!(
            "The power function has resulted in a value that cannot be represented as a JSON number: base={}, exponent={}",
            argument(0)?,
            argument(1)?
        ),
        "D3100" => format!(
            "The radix of the formatBase function must be between 2 and 36.  It was given {}",
            argument(1)?
        ),
        "D3110" => format!(
            "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {}",
            argument(0)?
        ),
        "D3130" => format!(
            "Formatting or parsing an integer as a sequence starting with {} is not supported by this implementation",
            quoted(rest)
        ),
        "D3132" => format!(
            "Unknown component specifier {} in date/time picture string",
            quoted(rest)
        ),
        "D3133" => format!(
            "The 'name' modifier can only be applied to months and days in the date/time picture string, not {}",
            quoted(rest)
        ),
        "D3140" => {
            let (name, _) = call?;
            format!("Malformed URL passed to ${name}(): {}", argument(0)?)
        }
        "T1006" => plain("T1006")?.into(),
        "T1010" => format!(
            "The matcher function argument passed to function {} does not return the correct object structure",
            quoted(call.map_or("match", |(name, _)| name))
        ),
        "T2001" => format!(
            "The left side of the {} operator must evaluate to a number",
            quoted(&between("of the ", " operator")?)
        ),
        "T2002" => format!(
            "The right side of the {} operator must evaluate to a number",
            quoted(&between("of the ", " operator")?)
        ),
        "T2007" => {
            let (first, second) = rest.rsplit_once(": ")?.1.split_once(" and ")?;
            format!("Type mismatch when comparing values {first} and {second} in order-by clause")
        }
        "T0410" => {
            let (name, _) = call?;
            format!(
                "Argument {} of function \"{name}\" does not match function signature",
                // The engine says "count" where the last one is missing.
                between("Argument ", " ")?.replace("count", "2")
            )
        }
        "T0412" => {
            let (name, _) = call?;
            format!(
                "Argument {} of function \"{name}\" must be an array of {}",
                between("Argument ", " ")?,
                "undefined"
            )
        }
        _ => return None,
    })
}
