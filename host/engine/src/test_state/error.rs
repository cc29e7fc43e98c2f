//! Why a state cannot be tested at all: the errors of the API.

use std::fmt;

/// The name of an error of the API.
///
/// Source: the errors of `TestState` in the service model, and that of the protocol for a body that does not
/// have the shape of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStateErrorCode {
    /// A text that is no ARN.
    InvalidArn,
    /// A definition that does not compile.
    InvalidDefinition,
    /// An input that is not JSON.
    InvalidExecutionInput,
    /// A member that does not have the type of the model.
    SerializationException,
    /// A member out of its bounds, or members that do not go together.
    ValidationException,
}

impl TestStateErrorCode {
    /// The code as the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            TestStateErrorCode::InvalidArn => "InvalidArn",
            TestStateErrorCode::InvalidDefinition => "InvalidDefinition",
            TestStateErrorCode::InvalidExecutionInput => "InvalidExecutionInput",
            TestStateErrorCode::SerializationException => "SerializationException",
            TestStateErrorCode::ValidationException => "ValidationException",
        }
    }
}

/// A request that the API refuses, with HTTP status 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestStateError {
    /// Its name.
    pub code: TestStateErrorCode,
    /// What AWS says, where it is known.
    pub message: String,
}

impl TestStateError {
    pub(super) fn new(code: TestStateErrorCode, message: impl Into<String>) -> TestStateError {
        TestStateError {
            code,
            message: message.into(),
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> TestStateError {
        TestStateError::new(TestStateErrorCode::ValidationException, message)
    }
}

impl fmt::Display for TestStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for TestStateError {}
