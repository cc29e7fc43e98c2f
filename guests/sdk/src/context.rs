//! What a handler is told about its invocation.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::Error;

/// The Lambda context. Fields that the host does not send are empty or 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Context {
    /// The function's name.
    pub function_name: String,
    /// Its version, `$LATEST` for the unpublished one.
    pub function_version: String,
    /// The ARN it was invoked by.
    pub invoked_function_arn: String,
    /// Its memory limit in MB.
    #[serde(rename = "memoryLimitInMB")]
    pub memory_limit_in_mb: u32,
    /// The id of this invocation: an idempotency key. A task that a host which died hands out again has the id that it
    /// had; each further attempt of a Retry has another.
    pub aws_request_id: String,
    /// The group of its log.
    pub log_group_name: String,
    /// The stream of its log.
    pub log_stream_name: String,
    /// When it will be killed, in milliseconds since the Unix epoch.
    pub deadline_ms: u64,
}

impl Context {
    pub(crate) fn parse(json: &[u8]) -> Result<Context, Error> {
        if json.is_empty() {
            return Ok(Context::default());
        }
        serde_json::from_slice(json).map_err(|error| {
            Error::new(
                "InvalidContext",
                format!("the host's context does not fit: {error}"),
            )
        })
    }

    /// Time left until the guest is killed; zero when there is none, or no deadline is known.
    #[must_use]
    pub fn remaining_time(&self) -> Duration {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Duration::from_millis(self.deadline_ms).saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_names_are_understood_and_unknown_ones_ignored() {
        let json = br#"{"functionName":"f","memoryLimitInMB":128,"awsRequestId":"r","new":1}"#;
        let context = Context::parse(json).unwrap();
        assert_eq!(
            (context.function_name.as_str(), context.memory_limit_in_mb),
            ("f", 128)
        );
        assert_eq!(context.aws_request_id, "r");
    }

    #[test]
    fn without_a_deadline_no_time_is_left() {
        assert_eq!(Context::default().remaining_time(), Duration::ZERO);
    }
}
