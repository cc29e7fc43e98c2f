//! What Step Functions writes to CloudWatch Logs of an execution.
//!
//! An event of the log is an event of the history in another shape: its numbers are strings, the details stand under
//! `details` whatever the event is, and the moment is in milliseconds.

use data::{Data, EcoString, Object, escaped_len};
use engine::{About, HistoryEvent, Record, Timestamp};
use sha2::{Digest, Sha256};

use super::name_of;
use crate::given;

/// The most that the escaped text of an input or output takes in a log event; the rest is cut off.
pub const DATA_BYTES: usize = 248 * 1024;
/// The members of details that are left out without `includeExecutionData`, and those that say whether they were cut.
const EXECUTION_DATA: [&str; 7] = [
    "input",
    "inputDetails",
    "output",
    "outputDetails",
    "parameters",
    "assignedVariables",
    "assignedVariablesDetails",
];

/// Which events are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Every event.
    All,
    /// What failed, was aborted or timed out, and that a Fail state was entered.
    Error,
    /// How an execution ended that did not succeed.
    Fatal,
}

/// A machine's `loggingConfiguration`, as far as it has something logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// Which events are logged.
    pub level: Level,
    /// Whether inputs and outputs are shown.
    pub include_execution_data: bool,
    /// The region of the log group.
    pub region: EcoString,
    /// The name of the log group.
    pub group: EcoString,
}

impl Level {
    /// Whether the level lets an event of that type through, as the table of log levels in the developer guide
    /// has it; types that the table does not have follow its rule.
    pub fn admits(self, event_type: &str) -> bool {
        let ends = |ends: &[&str]| ends.iter().any(|end| event_type.ends_with(end));
        match self {
            Level::All => true,
            Level::Error => {
                event_type == "FailStateEntered" || ends(&["Failed", "Aborted", "TimedOut"])
            }
            Level::Fatal => {
                event_type.starts_with("Execution") && ends(&["Failed", "Aborted", "TimedOut"])
            }
        }
    }
}

impl Logging {
    /// Reads a `loggingConfiguration`; none if nothing is to be logged or there is nowhere to log it.
    pub fn read(configuration: &Data) -> Option<Logging> {
        let level = match given::text(configuration, "level") {
            "ALL" => Level::All,
            "ERROR" => Level::Error,
            "FATAL" => Level::Fatal,
            _ => return None,
        };
        let arn = configuration.pointer("/destinations/0/cloudWatchLogsLogGroup/logGroupArn")?;
        let arn = arn.as_str()?;
        Some(Logging {
            level,
            include_execution_data: given::flag(configuration, "includeExecutionData"),
            region: arn.split(':').nth(3)?.into(),
            group: name_of(arn).into(),
        })
    }

    /// The log events of the records of an execution that was redriven so often, each with its moment.
    pub fn lines<'r>(
        &'r self,
        about: &'r About,
        redrives: u32,
        records: &'r [Record],
    ) -> impl Iterator<Item = (Timestamp, String)> {
        let events = records
            .iter()
            .filter_map(|record| HistoryEvent::of(record, about));
        let events = events.filter(|event| self.level.admits(&event.event_type));
        events.map(move |event| {
            let line = self.line(&event, about, redrives);
            (event.timestamp, line.to_string())
        })
    }

    /// The log event for an event of the history of an execution that was redriven so often.
    pub fn line(&self, event: &HistoryEvent, about: &About, redrives: u32) -> Data {
        let details = event
            .details
            .as_ref()
            .map(|(_, details)| self.details(details));
        let line = Object::builder()
            .with("id", event.id.0.to_string())
            .with("type", event.event_type.as_ref())
            .with("details", details.unwrap_or_default())
            .with("previous_event_id", event.previous_event_id.0.to_string())
            .with("event_timestamp", event.timestamp.0.to_string())
            .with("execution_arn", about.execution_arn.clone())
            .with("redrive_count", redrives.to_string());
        line.build().into()
    }

    fn details(&self, details: &Object) -> Object {
        let mut shown = details.clone();
        if !self.include_execution_data {
            for name in EXECUTION_DATA {
                shown = shown.without(name);
            }
            return shown;
        }
        for name in ["input", "output"] {
            if let Some(text) = details.get(name).and_then(Data::as_str)
                && escaped_len(text) > DATA_BYTES
            {
                let truncated = Object::builder().with("truncated", true).build();
                shown = shown
                    .with(name, cut(text).into())
                    .with(format!("{name}Details"), truncated.into());
            }
        }
        shown
    }
}

/// As much of a text as the log takes of an input or output.
fn cut(text: &str) -> &str {
    let mut bytes = 2;
    let end = text.char_indices().find(|(_, character)| {
        bytes += escaped_len(character.encode_utf8(&mut [0; 4])) - 2;
        bytes > DATA_BYTES
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// The stream that an execution's events go to: `states/MACHINE/YYYY-MM-DD-HH-MM/xxxxxxxx`. Those that start in one
/// hour share one.
pub fn stream(about: &About, started_at: Timestamp) -> String {
    let iso = started_at.to_iso_millis();
    let day = iso.get(..10).unwrap_or("0000-00-00");
    let hour = iso.get(11..13).unwrap_or("00");
    let machine = &about.state_machine_name;
    let digest = Sha256::digest(format!("{}/{day}-{hour}", about.state_machine_arn).as_bytes());
    let hex: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("states/{machine}/{day}-{hour}-00/{hex}")
}
