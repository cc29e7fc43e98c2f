//! The stored form of records: a line of JSON each, with its version.
//!
//! Of a payload that an earlier record holds only that record's number is written, so whoever reads a record hands in
//! those that came before it. Values are written by their own writer: numbers are exact to the digit, and the order of
//! keys stays.
//!
//! ```
//! use engine::{Change, Record, StoredLog, Timestamp, stored_text};
//!
//! let input = data::Data::from("world");
//! let change = Change::ExecutionStarted { input: input.into(), deadline: None };
//! let record = Record { seq: 0, at: Timestamp(7), event: None, change };
//! let mut text = Vec::new();
//! stored_text(&record, &mut text).unwrap();
//! assert_eq!(StoredLog::default().read(&text).unwrap(), &record);
//! ```

use data::Data;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

use crate::ids::FrameId;
use crate::record::{Change, EventPlace, Payload, RECORD_VERSION, Record};
use crate::time::Timestamp;

/// Why a stored record cannot be read, or a record not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARecord {
    /// It is no record at all.
    #[error("it is no record: {0}")]
    Garbled(String),
    /// It was written by a later version of this program.
    #[error("it has version {0}, and this program reads version {RECORD_VERSION} at most")]
    Newer(u32),
    /// It names a record that holds no payload for others.
    #[error("it names record {0}, which holds no such payload")]
    Dangling(u32),
    /// It has another number than its place in the log.
    #[error("it has the number {given} in the place of {expected}")]
    Misplaced {
        /// Its place.
        expected: u32,
        /// Its number.
        given: u32,
    },
}

#[derive(Serialize)]
struct Writing<'r> {
    version: u32,
    seq: u32,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: &'r Option<EventPlace>,
    change: &'r Change,
}

#[derive(Deserialize)]
struct Reading {
    version: u32,
    seq: u32,
    at: Timestamp,
    event: Option<EventPlace>,
    change: Change,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Appends the stored form of a record to `out`: one line of JSON in UTF-8, without its end.
pub fn stored_text(record: &Record, out: &mut Vec<u8>) -> Result<(), NotARecord> {
    let writing = Writing {
        version: RECORD_VERSION,
        seq: record.seq,
        at: record.at,
        event: &record.event,
        change: &record.change,
    };
    serde_json::to_writer(out, &writing).map_err(|error| NotARecord::Garbled(error.to_string()))
}

/// Reads a record from its stored form. `earlier` gives the records before it, as far as it names any.
pub fn read_stored(
    text: &[u8],
    earlier: impl FnMut(u32) -> Result<Option<Data>, NotARecord>,
) -> Result<Record, NotARecord> {
    let reading: Reading = serde_json::from_slice(text).map_err(|error| unread(text, &error))?;
    let Reading {
        version,
        seq,
        at,
        event,
        change,
    } = reading;
    if version > RECORD_VERSION {
        return Err(NotARecord::Newer(version));
    }
    let mut record = Record {
        seq,
        at,
        event,
        change,
    };
    resolve(&mut record, earlier)?;
    Ok(record)
}

/// The version is asked first: what a later one means by its words is not for this one to say.
fn unread(text: &[u8], error: &serde_json::Error) -> NotARecord {
    match serde_json::from_slice::<Versioned>(text) {
        Ok(Versioned { version }) if version > RECORD_VERSION => NotARecord::Newer(version),
        _ => NotARecord::Garbled(error.to_string()),
    }
}

fn resolve(
    record: &mut Record,
    mut earlier: impl FnMut(u32) -> Result<Option<Data>, NotARecord>,
) -> Result<(), NotARecord> {
    let seq = record.seq;
    for payload in record.change.payloads_mut().into_iter().flatten() {
        let Some(named) = payload.same_as else {
            continue;
        };
        let found = if named < seq { earlier(named)? } else { None };
        payload.data = found.ok_or(NotARecord::Dangling(named))?;
    }
    Ok(())
}

/// A log that is read record by record, from the first.
#[derive(Debug, Default)]
pub struct StoredLog {
    records: Vec<Record>,
}

impl StoredLog {
    /// Reads the next record.
    pub fn read(&mut self, text: &[u8]) -> Result<&Record, NotARecord> {
        let earlier = |named: u32| Ok(self.records.get(named as usize).and_then(Record::held));
        let record = read_stored(text, earlier)?;
        let expected = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        if record.seq != expected {
            return Err(NotARecord::Misplaced {
                expected,
                given: record.seq,
            });
        }
        Ok(self.records.push_mut(record))
    }

    /// All that was read.
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }
}

/// What a record does to the tasks of its execution that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStep<'r> {
    /// Its frame waits for a task from now on, of this resource.
    Opened(FrameId, &'r str),
    /// Its frame waits for none any more.
    Closed(FrameId),
    /// No frame does.
    AllClosed,
}

/// The payloads of a change, whether it is borrowed or borrowed to be changed. A change that is new must be named here.
macro_rules! payloads {
    ($change:expr) => {
        match $change {
            Change::MapStarted { items, input, .. } => [Some(items), Some(input)],
            Change::ExecutionStarted { input: payload, .. }
            | Change::StateEntered { input: payload, .. }
            | Change::StateExited {
                output: payload, ..
            }
            | Change::TaskScheduled { input: payload, .. }
            | Change::TaskSubmitted {
                output: payload, ..
            }
            | Change::TaskSucceeded {
                output: payload, ..
            }
            | Change::ParallelStarted { input: payload, .. }
            | Change::MapRunStarted { input: payload, .. }
            | Change::MapRunSucceeded {
                output: payload, ..
            }
            | Change::IterationStarted { input: payload, .. }
            | Change::ExecutionSucceeded { output: payload } => [Some(payload), None],
            Change::ExecutionRedriven { .. }
            | Change::EvaluationFailed { .. }
            | Change::Waiting { .. }
            | Change::TaskStarted { .. }
            | Change::TaskHeartbeat { .. }
            | Change::TaskFailed { .. }
            | Change::TaskTimedOut { .. }
            | Change::RetryScheduled { .. }
            | Change::DistributedMapStarted { .. }
            | Change::MapRunRedriven { .. }
            | Change::MapRunFailed { .. }
            | Change::MapRunAborted { .. }
            | Change::IterationRedriven { .. }
            | Change::ChildSucceeded { .. }
            | Change::ChildFailed { .. }
            | Change::StateAborted { .. }
            | Change::ChildAborted { .. }
            | Change::ChildrenSucceeded { .. }
            | Change::ChildrenFailed { .. }
            | Change::ExecutionFailed { .. }
            | Change::ExecutionTimedOut { .. }
            | Change::ExecutionAborted { .. } => [None, None],
        }
    };
}

impl Change {
    fn payloads(&self) -> [Option<&Payload>; 2] {
        payloads!(self)
    }

    fn payloads_mut(&mut self) -> [Option<&mut Payload>; 2] {
        payloads!(self)
    }
}

/// `{"data": VALUE}`, or `{"same_as": RECORD}` if an earlier record holds the value.
impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self.same_as {
            Some(record) => map.serialize_entry("same_as", &record)?,
            None => map.serialize_entry("data", &self.data)?,
        }
        map.end()
    }
}

/// The value of a payload that names another record is null until it is looked up.
impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Form {
            // An option by itself would take null for nothing.
            #[serde(default, deserialize_with = "there")]
            data: Option<Data>,
            same_as: Option<u32>,
        }
        fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Data>, D::Error> {
            Data::deserialize(deserializer).map(Some)
        }
        match Form::deserialize(deserializer)? {
            Form {
                data: Some(data),
                same_as: None,
            } => Ok(data.into()),
            Form {
                data: None,
                same_as: same_as @ Some(_),
            } => Ok(Payload {
                data: Data::Null,
                same_as,
            }),
            _ => Err(de::Error::custom("a payload is a value or names a record")),
        }
    }
}

impl Record {
    /// The payload that later records may name by `same_as`; none if it has none of its own, or more than one.
    pub fn held(&self) -> Option<Data> {
        match self.change.payloads() {
            [Some(payload), None] if payload.same_as.is_none() => Some(payload.data.clone()),
            _ => None,
        }
    }

    /// What it does to the open tasks of its execution; those are what a store lists of them.
    pub fn task_step(&self) -> Option<TaskStep<'_>> {
        match &self.change {
            Change::TaskScheduled {
                frame, resource, ..
            } => Some(TaskStep::Opened(*frame, resource)),
            Change::MapRunStarted {
                frame, map_run_arn, ..
            } => Some(TaskStep::Opened(*frame, map_run_arn)),
            Change::TaskSucceeded { frame, .. }
            | Change::TaskFailed { frame, .. }
            | Change::TaskTimedOut { frame, .. }
            | Change::MapRunSucceeded { frame, .. }
            | Change::MapRunFailed { frame, .. }
            | Change::MapRunAborted { frame }
            | Change::StateAborted { frame, .. }
            | Change::ChildAborted { frame, .. } => Some(TaskStep::Closed(*frame)),
            Change::ExecutionSucceeded { .. }
            | Change::ExecutionFailed { .. }
            | Change::ExecutionTimedOut { .. }
            | Change::ExecutionAborted { .. } => Some(TaskStep::AllClosed),
            _ => None,
        }
    }
}
