//! How things fail, and which `ErrorEquals` an error matches.

use data::{Data, EcoString, Object};
use serde::{Deserialize, Serialize};

/// A workflow's failure: what `Error` and `Cause` say.
///
/// Both may be absent: a Fail state need not name them, a timeout has no cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The error name.
    pub error: Option<EcoString>,
    /// The human-readable cause.
    pub cause: Option<EcoString>,
}

/// Error names that the engine itself gives (states-language.net, appendix A, and the developer guide).
pub mod errors {
    /// Matches every error but those that cannot be handled.
    pub const ALL: &str = "States.ALL";
    /// Matches every error but a timeout.
    pub const TASK_FAILED: &str = "States.TaskFailed";
    /// A state or task ran out of time.
    pub const TIMEOUT: &str = "States.Timeout";
    /// A task was silent for too long.
    pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
    /// An error in the machine itself: a path that finds nothing, a Choice without a match. Never handled.
    pub const RUNTIME: &str = "States.Runtime";
    /// A payload over its quota.
    pub const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
    /// A `ResultPath` that cannot be applied.
    pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
    /// A JSONata expression failed, is undefined or of the wrong type.
    pub const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";
    /// More items of a Map failed than it tolerates.
    pub const EXCEED_TOLERATED_FAILURE_THRESHOLD: &str = "States.ExceedToleratedFailureThreshold";
}

impl Failure {
    /// An error with its cause.
    pub fn new(error: impl Into<EcoString>, cause: impl Into<EcoString>) -> Failure {
        Failure {
            error: Some(error.into()),
            cause: Some(cause.into()),
        }
    }

    /// A timeout, which AWS reports without a cause.
    pub fn timeout() -> Failure {
        Failure {
            error: Some(errors::TIMEOUT.into()),
            cause: None,
        }
    }

    /// What a catcher hands on: `{"Error": ..., "Cause": ...}`.
    pub fn to_data(&self) -> Data {
        let text = |text: &Option<EcoString>| Data::from(text.clone().unwrap_or_default());
        let output = Object::builder().with("Error", text(&self.error));
        Data::from(output.with("Cause", text(&self.cause)).build())
    }

    /// Whether any of `error_equals` stands for this failure.
    ///
    /// `silent` says that the timeout is a missed heartbeat: AWS reports both as States.Timeout, and the
    /// narrower name matches it too.
    pub fn matches(&self, error_equals: &[EcoString], silent: bool) -> bool {
        let error = self.error.as_deref().unwrap_or_default();
        if error == errors::RUNTIME {
            return false;
        }
        error_equals.iter().any(|name| match name.as_str() {
            errors::ALL => true,
            errors::TASK_FAILED => error != errors::TIMEOUT && error != errors::HEARTBEAT_TIMEOUT,
            errors::TIMEOUT if error == errors::HEARTBEAT_TIMEOUT => true,
            errors::HEARTBEAT_TIMEOUT if silent && error == errors::TIMEOUT => true,
            name => name == error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(name: &str, error: &str) -> bool {
        Failure::new(error, "").matches(&[name.into()], false)
    }

    #[test]
    fn names_match_as_aws_matches_them() {
        assert!(matches("States.ALL", "Custom"));
        assert!(matches("States.ALL", "States.Timeout"));
        assert!(!matches("States.ALL", "States.Runtime"));
        assert!(!matches("States.Runtime", "States.Runtime"));
        assert!(matches("States.TaskFailed", "Custom"));
        assert!(!matches("States.TaskFailed", "States.Timeout"));
        assert!(matches("States.Timeout", "States.HeartbeatTimeout"));
        assert!(!matches("States.HeartbeatTimeout", "States.Timeout"));
        assert!(Failure::timeout().matches(&["States.HeartbeatTimeout".into()], true));
    }
}
