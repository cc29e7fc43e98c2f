//! How AWS says no.

use std::borrow::Cow;

/// An error as an AWS service answers it; each protocol writes it down in its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The name of the exception, such as `StateMachineDoesNotExist`.
    pub code: Cow<'static, str>,
    /// What a person reads.
    pub message: String,
    /// The HTTP status: 4xx if the sender is to blame, 5xx if we are.
    pub status: u16,
    /// Further members of the exception, such as `reason`, with their values.
    pub members: Vec<(&'static str, String)>,
}

impl ApiError {
    /// An error that the sender is to blame for: status 400.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ApiError {
        ApiError {
            code: code.into(),
            message: message.into(),
            status: 400,
            members: Vec::new(),
        }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> ApiError {
        self.status = status;
        self
    }

    /// The same with a further member.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Into<String>) -> ApiError {
        self.members.push((name, value.into()));
        self
    }

    /// A change that the store cannot keep for now: status 503. It is made, and may yet be kept.
    pub fn not_kept(trouble: &str) -> ApiError {
        let message = format!(
            "The store cannot keep this for now: {trouble}. It goes on trying, so that what was asked for may yet \
             come true; the same request may be sent again."
        );
        ApiError::new("ServiceUnavailable", message).with_status(503)
    }

    /// What the service is at fault for: status 500.
    pub fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new("InternalFailure", message).with_status(500)
    }
}
