//! A handler's error.

use std::fmt;

/// An error that a workflow can match by its type, as `Retry` and `Catch` do.
///
/// Any standard error turns into one through `?`; its type is then the Rust type's name, such as
/// `ParseIntError`, or `serde_json::Error` where the last part alone says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    error_type: String,
    message: String,
}

impl Error {
    /// An error of a type of the handler's own.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Error {
        Error {
            error_type: error_type.into(),
            message: message.into(),
        }
    }

    /// What a workflow matches.
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.error_type
    }

    /// What a person reads.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The error as Lambda writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = serde_json::json!({
            "errorMessage": self.message,
            "errorType": self.error_type,
            "stackTrace": [],
        });
        json.to_string()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

// `Error` itself is no `std::error::Error`, or this would overlap with `From<T> for T`.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Error {
        Error::new(short_name(std::any::type_name::<E>()), error.to_string())
    }
}

/// `core::num::error::ParseIntError` -> `ParseIntError`, `serde_json::error::Error` ->
/// `serde_json::Error`.
fn short_name(full: &str) -> String {
    let plain = full.split('<').next().unwrap_or(full);
    let last = plain.rsplit("::").next().unwrap_or(plain);
    match plain.split_once("::") {
        Some((krate, _)) if last == "Error" => format!("{krate}::Error"),
        _ => last.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_error_is_named_after_its_type() {
        let parse = "x".parse::<i32>().unwrap_err();
        assert_eq!(Error::from(parse).error_type(), "ParseIntError");
        let json = serde_json::from_str::<i32>("x").unwrap_err();
        assert_eq!(Error::from(json).error_type(), "serde_json::Error");
    }
}
