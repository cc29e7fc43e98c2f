//! Records that were stored once can be read for ever, and are written as they were.
//!
//! A line of `fixtures/records-1.jsonl` is never changed; a change that is new gets a line of its own.

use std::collections::BTreeSet;

use data::Data;
use engine::{Change, NotARecord, Record, StoredLog, read_stored, stored_text};

const VERSION_1: &str = include_str!("fixtures/records-1.jsonl");

/// The name of a change. There is a list of them below, which must have all.
fn name(change: &Change) -> &'static str {
    match change {
        Change::ExecutionStarted { .. } => "ExecutionStarted",
        Change::ExecutionRedriven { .. } => "ExecutionRedriven",
        Change::MapRunRedriven { .. } => "MapRunRedriven",
        Change::IterationRedriven { .. } => "IterationRedriven",
        Change::StateEntered { .. } => "StateEntered",
        Change::StateExited { .. } => "StateExited",
        Change::EvaluationFailed { .. } => "EvaluationFailed",
        Change::Waiting { .. } => "Waiting",
        Change::TaskScheduled { .. } => "TaskScheduled",
        Change::TaskStarted { .. } => "TaskStarted",
        Change::TaskSubmitted { .. } => "TaskSubmitted",
        Change::TaskHeartbeat { .. } => "TaskHeartbeat",
        Change::TaskSucceeded { .. } => "TaskSucceeded",
        Change::TaskFailed { .. } => "TaskFailed",
        Change::TaskTimedOut { .. } => "TaskTimedOut",
        Change::RetryScheduled { .. } => "RetryScheduled",
        Change::ParallelStarted { .. } => "ParallelStarted",
        Change::MapStarted { .. } => "MapStarted",
        Change::DistributedMapStarted { .. } => "DistributedMapStarted",
        Change::MapRunStarted { .. } => "MapRunStarted",
        Change::MapRunSucceeded { .. } => "MapRunSucceeded",
        Change::MapRunFailed { .. } => "MapRunFailed",
        Change::MapRunAborted { .. } => "MapRunAborted",
        Change::IterationStarted { .. } => "IterationStarted",
        Change::ChildSucceeded { .. } => "ChildSucceeded",
        Change::ChildFailed { .. } => "ChildFailed",
        Change::StateAborted { .. } => "StateAborted",
        Change::ChildAborted { .. } => "ChildAborted",
        Change::ChildrenSucceeded { .. } => "ChildrenSucceeded",
        Change::ChildrenFailed { .. } => "ChildrenFailed",
        Change::ExecutionSucceeded { .. } => "ExecutionSucceeded",
        Change::ExecutionFailed { .. } => "ExecutionFailed",
        Change::ExecutionTimedOut { .. } => "ExecutionTimedOut",
        Change::ExecutionAborted { .. } => "ExecutionAborted",
    }
}

/// How many names there are above.
const NAMES: usize = 34;

fn written(record: &Record) -> String {
    let mut text = Vec::new();
    stored_text(record, &mut text).expect("a record can be written");
    String::from_utf8(text).expect("JSON is text")
}

#[test]
fn every_change_is_read_and_written_as_it_was() {
    let mut names = BTreeSet::new();
    let mut log = StoredLog::default();
    for line in VERSION_1.lines() {
        let record = log.read(line.as_bytes());
        let record = record.unwrap_or_else(|error| panic!("{error}: {line}"));
        names.insert(name(&record.change));
        assert_eq!(written(record), line);
    }
    assert_eq!(names.len(), NAMES, "{names:?}");
    let records = log.into_records();
    let Change::StateEntered { input, .. } = &records[1].change else {
        panic!("the second record enters a state");
    };
    let big = Data::parse("123456789012345678901234567890").expect("a number");
    assert_eq!(input.data.get("z"), Some(&big), "a payload is looked up");
}

#[test]
fn what_is_no_record_is_told_apart() {
    let first = VERSION_1.lines().next().expect("a line");
    let second = VERSION_1.lines().nth(1).expect("a line");
    let read = |text: &str| read_stored(text.as_bytes(), |_| Ok(None)).map(|_| ());
    let newer = first.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(read(&newer), Err(NotARecord::Newer(2)));
    let unknown = first
        .replace("\"version\":1", "\"version\":9")
        .replace("Started", "Dreamt");
    assert_eq!(read(&unknown), Err(NotARecord::Newer(9)));
    let unknown = first.replace("Started", "Dreamt");
    assert!(matches!(read(&unknown), Err(NotARecord::Garbled(_))));
    assert_eq!(read(second), Err(NotARecord::Dangling(0)));
    let itself = second.replace("\"same_as\":0", "\"same_as\":1");
    assert_eq!(read(&itself), Err(NotARecord::Dangling(1)));
    let mut log = StoredLog::default();
    let misplaced = NotARecord::Misplaced {
        expected: 0,
        given: 3,
    };
    let line = VERSION_1.lines().nth(5).expect("a line");
    let line = line.replace("\"seq\":5", "\"seq\":3");
    assert_eq!(log.read(line.as_bytes()).err(), Some(misplaced));
    for cut in 0..first.len() {
        if first.is_char_boundary(cut) {
            assert!(matches!(read(&first[..cut]), Err(NotARecord::Garbled(_))));
        }
    }
}
