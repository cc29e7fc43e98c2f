//! The exceptions of the service, in AWS's words.
//!
//! Where a text was recorded or is known from the field it is AWS's; the others follow their manner.

use runtime::host::{NotBegun, Unanswered};

use crate::error::ApiError;

pub(super) fn invalid_arn(detail: impl std::fmt::Display) -> ApiError {
    ApiError::new("InvalidArn", format!("Invalid Arn: '{detail}'"))
}

pub(super) fn invalid_name(name: &str) -> ApiError {
    ApiError::new("InvalidName", format!("Invalid Name: '{name}'"))
}

pub(super) fn invalid_token() -> ApiError {
    ApiError::new("InvalidToken", "Invalid Token: 'Invalid token'")
}

pub(super) fn no_machine(arn: &str) -> ApiError {
    let message = format!("State Machine Does Not Exist: '{arn}'");
    ApiError::new("StateMachineDoesNotExist", message)
}

pub(super) fn machine_exists(arn: &str) -> ApiError {
    let message = format!("State Machine Already Exists: '{arn}'");
    ApiError::new("StateMachineAlreadyExists", message)
}

pub(super) fn machine_deleting(arn: &str) -> ApiError {
    let message = format!("State Machine is being deleted: '{arn}'");
    ApiError::new("StateMachineDeleting", message)
}

pub(super) fn wrong_type() -> ApiError {
    let message = "This operation is not supported by this type of state machine";
    ApiError::new("StateMachineTypeNotSupported", message)
}

pub(super) fn no_execution(arn: &str) -> ApiError {
    let message = format!("Execution Does Not Exist: '{arn}'");
    ApiError::new("ExecutionDoesNotExist", message)
}

pub(super) fn not_redrivable(reason: &str) -> ApiError {
    let message = format!("Execution Not Redrivable: '{reason}'");
    ApiError::new("ExecutionNotRedrivable", message)
}

pub(super) fn no_activity(arn: &str) -> ApiError {
    let message = format!("Activity Does Not Exist: '{arn}'");
    ApiError::new("ActivityDoesNotExist", message)
}

pub(super) fn no_resource(arn: &str) -> ApiError {
    let error = ApiError::new("ResourceNotFound", format!("Resource not found: '{arn}'"));
    error.with_member("resourceName", arn)
}

pub(super) fn conflict(message: impl Into<String>) -> ApiError {
    ApiError::new("ConflictException", message)
}

pub(super) fn over_quota(message: impl Into<String>) -> ApiError {
    ApiError::new("ServiceQuotaExceededException", message)
}

/// ValidationException; `reason` is one of `ValidationExceptionReason`, or none.
pub(super) fn invalid(message: impl Into<String>, reason: Option<&str>) -> ApiError {
    let error = ApiError::new("ValidationException", message);
    match reason {
        Some(reason) => error.with_member("reason", reason),
        None => error,
    }
}

/// The host is going down.
pub(super) fn over() -> ApiError {
    unavailable(Unanswered::Over.to_string())
}

/// The store cannot keep what was asked for now, or cannot read what it kept.
pub(super) fn unavailable(why: impl Into<String>) -> ApiError {
    ApiError::new("ServiceUnavailable", why).with_status(503)
}

impl From<Unanswered> for ApiError {
    fn from(why: Unanswered) -> ApiError {
        unavailable(why.to_string())
    }
}

impl From<NotBegun> for ApiError {
    fn from(not_begun: NotBegun) -> ApiError {
        match not_begun {
            NotBegun::AlreadyExists(_) => {
                ApiError::new("ExecutionAlreadyExists", not_begun.to_string())
            }
            NotBegun::Full(message) => ApiError::new("ExecutionLimitExceeded", message),
            NotBegun::Throttled => ApiError::new("ThrottlingException", "Rate exceeded"),
            NotBegun::Store(why) => unavailable(why),
            NotBegun::Over => over(),
        }
    }
}
