//! AWS's quotas, as a value that may be raised.

use data::Data;

/// What an execution may use. The default is what AWS allows a Standard workflow.
///
/// Source: "Step Functions service quotas" in the developer guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Events in a history; the event of this number is ExecutionFailed.
    pub history_events: u32,
    /// Bytes of a payload: an input, a result or an output, as UTF-8 JSON.
    pub payload_bytes: usize,
    /// Bytes of the variables that one Assign sets.
    pub assign_bytes: usize,
    /// Bytes of all variables of an execution.
    pub variables_bytes: usize,
    /// Levels of nesting in a payload.
    pub payload_depth: u32,
    /// Iterations of an inline Map that run side by side.
    pub map_concurrency: u32,
    /// Seconds that an execution may last.
    pub execution_seconds: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            history_events: 25_000,
            payload_bytes: 262_144,
            assign_bytes: 262_144,
            variables_bytes: 10 * 1024 * 1024,
            payload_depth: data::MAX_DEPTH,
            map_concurrency: 40,
            execution_seconds: 31_536_000,
        }
    }
}

impl Quotas {
    /// What AWS allows an Express workflow: five minutes.
    pub fn express() -> Quotas {
        Quotas {
            execution_seconds: 300,
            ..Quotas::default()
        }
    }

    /// Whether a payload is within its quotas.
    pub(crate) fn fits(&self, data: &Data) -> bool {
        data.size() <= self.payload_bytes && data.depth() <= self.payload_depth
    }

    /// Sets the quota called `name`; the error says what names there are.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        let small = || u32::try_from(value).map_err(|_| format!("{value} is too large for {name}"));
        if value == 0 {
            return Err(format!("{name} must be at least 1"));
        }
        match name {
            "history-events" => self.history_events = small()?,
            "payload-bytes" => self.payload_bytes = small()? as usize,
            "map-concurrency" => self.map_concurrency = small()?.max(1),
            "execution-seconds" => self.execution_seconds = value,
            _ => {
                return Err(format!(
                    "there is no quota {name:?}; there are {}",
                    Quotas::NAMES.join(", ")
                ));
            }
        }
        Ok(())
    }

    /// The names that [`set`](Self::set) knows.
    pub const NAMES: [&str; 4] = [
        "history-events",
        "payload-bytes",
        "map-concurrency",
        "execution-seconds",
    ];
}
