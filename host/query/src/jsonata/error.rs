//! What can be wrong with a JSONata expression, before and while it is evaluated.

use data::EcoString;

/// Why a text is no JSONata expression that AWS takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonataSyntaxError {
    /// Whether it is JSONata, but not of the kind that AWS takes (`UNSUPPORTED_JSONATA_EXPRESSION`).
    pub unsupported: bool,
    /// AWS's words, without JSONata's code.
    pub message: String,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

/// Why an expression has no value that can be used.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It is undefined.
    Undefined,
    /// It failed.
    Thrown {
        /// JSONata's code, such as `T1006`.
        code: Option<EcoString>,
        /// JSONata's words.
        message: String,
    },
    /// It is not of the type that the field wants.
    UnexpectedType {
        /// What is wanted, as AWS writes it: `'array'`, without the quotes.
        expected: &'static str,
        /// The value.
        found: data::Data,
    },
}

/// Why a field has no value.
///
/// `Display` is the text that AWS puts behind "An error occurred while executing the state ... ".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "The JSONata expression '{expression}' specified for the field '{field}' {}",
    words(reason)
)]
pub struct JsonataError {
    /// The expression, without the blanks around it.
    pub expression: EcoString,
    /// The field, such as `Output/total` or `Choices[0]/Condition`.
    pub field: String,
    /// What happened.
    pub reason: Reason,
}

fn words(reason: &Reason) -> String {
    match reason {
        Reason::Undefined => "returned nothing (undefined).".into(),
        Reason::Thrown {
            code: Some(code),
            message,
        } => format!("threw an error during evaluation. {code}: {message}"),
        Reason::Thrown {
            code: None,
            message,
        } => format!("threw an error during evaluation: {message}"),
        Reason::UnexpectedType { expected, found } => format!(
            "returned an unexpected result type. Expected '{expected}', but was '{}' for value: {found}",
            type_name(found)
        ),
    }
}

/// JSONata's name of a value's type.
fn type_name(value: &data::Data) -> &'static str {
    match value {
        data::Data::Null => "null",
        data::Data::Bool(_) => "boolean",
        data::Data::Number(_) => "number",
        data::Data::String(_) => "string",
        data::Data::Array(_) => "array",
        data::Data::Object(_) => "object",
    }
}
