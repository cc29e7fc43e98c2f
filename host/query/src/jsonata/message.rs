//! JSONata's codes and words, as AWS gives them.

use data::EcoString;
use jsonata_core::evaluator::EvaluatorError;
use jsonata_core::value::JValue;

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

/// The messages that name no value.
static PLAIN: [(&str, &str); 49] = [
    ("D1001", "Number out of range: null"),
    ("D1004", "Regular expression matches zero length string"),
    (
        "D2005",
        "The left side of := must be a variable name (start with $)",
    ),
    (
        "D3001",
        "Attempting to invoke string function on Infinity or NaN",
    ),
    (
        "D3010",
        "Second argument of replace function cannot be an empty string",
    ),
    (
        "D3011",
        "Fourth argument of replace function must evaluate to a positive number",
    ),
    (
        "D3012",
        "Attempted to replace a matched string with a non-string value",
    ),
    (
        "D3020",
        "Third argument of split function must evaluate to a positive number",
    ),
    (
        "D3040",
        "Third argument of match function must evaluate to a positive number",
    ),
    (
        "D3050",
        "The second argument of reduce function must be a function with at least two arguments",
    ),
    (
        "D3070",
        "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function",
    ),
    (
        "D3080",
        "The picture string must only contain a maximum of two sub-pictures",
    ),
    (
        "D3081",
        "The sub-picture must not contain more than one instance of the 'decimal-separator' character",
    ),
    (
        "D3082",
        "The sub-picture must not contain more than one instance of the 'percent' character",
    ),
    (
        "D3083",
        "The sub-picture must not contain more than one instance of the 'per-mille' character",
    ),
    (
        "D3084",
        "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
    ),
    (
        "D3085",
        "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'",
    ),
    (
        "D3086",
        "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character",
    ),
    (
        "D3087",
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
    ),
    (
        "D3088",
        "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
    ),
    (
        "D3089",
        "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character",
    ),
    (
        "D3090",
        "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'",
    ),
    (
        "D3091",
        "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'",
    ),
    (
        "D3092",
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'",
    ),
    (
        "D3093",
        "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'",
    ),
    (
        "D3131",
        "In a decimal digit pattern, all digits must be from the same decimal group",
    ),
    (
        "D3134",
        "The timezone integer format specifier cannot have more than four digits",
    ),
    (
        "D3135",
        "No matching closing bracket ']' in date/time picture string",
    ),
    (
        "D3136",
        "The date/time picture string is missing specifiers required to parse the timestamp",
    ),
    (
        "D3138",
        "The $single() function expected exactly 1 matching result.  Instead it matched more.",
    ),
    (
        "D3139",
        "The $single() function expected exactly 1 matching result.  Instead it matched 0.",
    ),
    ("T1006", "Attempted to invoke a non-function"),
    ("T1008", "Attempted to partially apply a non-function"),
    (
        "T2003",
        "The left side of the range operator (..) must evaluate to an integer",
    ),
    (
        "T2004",
        "The right side of the range operator (..) must evaluate to an integer",
    ),
    (
        "T2006",
        "The right side of the function application operator ~> must be a function",
    ),
    (
        "T2008",
        "The expressions within an order-by clause must evaluate to numeric or string values",
    ),
    (
        "T2013",
        "The transform expression clones the input object using the $clone() function.  This has been overridden in the current scope by a non-function.",
    ),
    (
        "S0101",
        "String literal must be terminated by a matching quote",
    ),
    (
        "S0104",
        "The escape sequence \\u must be followed by 4 hex digits",
    ),
    (
        "S0105",
        "Quoted property name must be terminated with a backquote (`)",
    ),
    ("S0106", "Comment has no closing tag"),
    ("S0207", "Unexpected end of expression"),
    (
        "S0209",
        "A predicate cannot follow a grouping expression in a step",
    ),
    ("S0210", "Each step can only have one grouping expression"),
    (
        "S0212",
        "The left side of := must be a variable name (start with $)",
    ),
    (
        "S0215",
        "A context variable binding must precede any predicates on a step",
    ),
    (
        "S0216",
        "A context variable binding must precede the 'order-by' clause on a step",
    ),
    (
        "S0217",
        "The object representing the 'parent' cannot be derived from this expression",
    ),
];

/// The words for a code whose message names no value.
pub(crate) fn plain(code: &str) -> Option<&'static str> {
    PLAIN
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, words)| *words)
}

/// What the engine says, in AWS's words. `call` is the function that was called and its arguments, if known.
pub(crate) fn spoken(error: &EvaluatorError, call: Option<(&str, &[JValue])>) -> Reason {
    let text = error.message();
    let Some(code) = error.code() else {
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
                between("Argument ", " ")?
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
