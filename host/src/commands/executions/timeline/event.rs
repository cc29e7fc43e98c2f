//! One event of a history, as GetExecutionHistory has it.

use data::Data;
use engine::Timestamp;

/// An event with what every event has.
pub struct Event {
    /// `id`
    pub id: i64,
    /// `previousEventId`; 0 if there is none.
    pub previous: i64,
    /// `timestamp`
    pub at: Timestamp,
    /// `type`
    pub kind: String,
    /// The member that ends with `EventDetails`; null if there is none.
    details: Data,
}

impl Event {
    /// Reads an event; none if it is not one.
    pub fn read(data: &Data) -> Option<Event> {
        let details = data.as_object()?.iter();
        let mut details = details.filter(|(name, _)| name.ends_with("EventDetails"));
        Some(Event {
            id: data.get("id")?.as_i64()?,
            previous: data.get("previousEventId").and_then(Data::as_i64)?,
            at: moment(data.get("timestamp")?)?,
            kind: data.get("type")?.as_str()?.to_owned(),
            details: details.next().map_or(Data::Null, |(_, of)| of.clone()),
        })
    }

    /// A text of its details.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.details.get(name)?.as_str()
    }

    /// A whole number of its details.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.details.get(name)?.as_i64()
    }

    /// The state's type that its own type begins with, if the rest is this: `Task` of `TaskStateEntered`.
    pub fn state_type(&self, rest: &str) -> Option<&str> {
        self.kind.strip_suffix(rest)
    }

    /// What it says happened to a task: `Scheduled` of `LambdaFunctionScheduled`.
    pub fn of_task(&self) -> Option<&str> {
        let kinds = ["LambdaFunction", "Activity", "Task"];
        let rest = kinds.iter().find_map(|kind| self.kind.strip_prefix(kind))?;
        (!rest.starts_with("State")).then_some(rest)
    }
}

/// A moment as the wire has it, in seconds, or as files have it.
pub fn moment(data: &Data) -> Option<Timestamp> {
    match data {
        // Milliseconds since the epoch are far below 2^53.
        Data::Number(seconds) => Some(Timestamp((seconds.as_f64() * 1000.0).round() as i64)),
        other => Timestamp::parse(other.as_str()?),
    }
}
