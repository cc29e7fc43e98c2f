//! What CloudWatch Logs hears of an execution whose machine has a `loggingConfiguration`.

use data::{Data, Object};
use engine::HistoryEvent;

use super::wire::{answer, put};

/// `LogLevel`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Every event.
    All,
    /// Whatever failed, ended too late or was called off.
    Error,
    /// The ends of executions that did not succeed.
    Fatal,
    /// Nothing.
    Off,
}

impl LogLevel {
    /// The level that the service model calls so; none if it has no such level.
    pub fn of(text: &str) -> Option<LogLevel> {
        Some(match text {
            "ALL" => LogLevel::All,
            "ERROR" => LogLevel::Error,
            "FATAL" => LogLevel::Fatal,
            "OFF" => LogLevel::Off,
            _ => return None,
        })
    }

    /// Whether events of a type are logged (developer guide, "Log levels for Step Functions execution events").
    pub fn logs(self, event_type: &str) -> bool {
        let is_bad = || {
            let ends = ["Failed", "Aborted", "TimedOut"];
            ends.iter().any(|end| event_type.ends_with(end))
        };
        match self {
            LogLevel::All => true,
            LogLevel::Error => is_bad() || event_type == "FailStateEntered",
            LogLevel::Fatal => is_bad() && event_type.starts_with("Execution"),
            LogLevel::Off => false,
        }
    }
}

/// The entry for an event, as recorded: numbers are texts. Inputs and outputs, errors and causes are shown if
/// `include_data`, which is `includeExecutionData`.
pub fn log_entry(event: &HistoryEvent, execution_arn: &str, include_data: bool) -> Data {
    let mut entry = Object::builder()
        .with("id", event.id.0.to_string())
        .with("type", event.event_type.as_ref())
        .with("previous_event_id", event.previous_event_id.0.to_string())
        .with("event_timestamp", event.timestamp.0.to_string())
        .with("execution_arn", execution_arn)
        .with("redrive_count", "0");
    let details = event
        .details
        .as_ref()
        .map(|(_, details)| match include_data {
            true => details.clone(),
            false => ["input", "output", "parameters", "error", "cause"]
                .iter()
                .fold(details.clone(), |details, name| details.without(name)),
        });
    put(&mut entry, "details", details);
    answer(entry)
}

#[cfg(test)]
mod tests {
    use super::LogLevel;

    #[test]
    fn levels_let_less_and_less_through() {
        let logged = |event_type: &str| {
            let levels = [
                LogLevel::All,
                LogLevel::Error,
                LogLevel::Fatal,
                LogLevel::Off,
            ];
            levels.map(|level| level.logs(event_type))
        };
        assert_eq!(logged("PassStateEntered"), [true, false, false, false]);
        assert_eq!(logged("TaskTimedOut"), [true, true, false, false]);
        assert_eq!(logged("FailStateEntered"), [true, true, false, false]);
        assert_eq!(logged("ExecutionAborted"), [true, true, true, false]);
    }
}
