//! Which fields a state of which type may have.

use crate::program::StateType;

const COMMON: &[&str] = &["Type", "Comment", "QueryLanguage"];
const PATHS: &[&str] = &["InputPath", "OutputPath"];
const ONWARD: &[&str] = &["Next", "End"];
const RESULT: &[&str] = &["ResultPath", "Parameters"];
const WORK: &[&str] = &["ResultSelector", "Retry", "Catch"];

const TASK: &[&str] = &[
    "Resource",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
    "Credentials",
];
const MAP: &[&str] = &[
    "ItemProcessor",
    "Iterator",
    "ItemsPath",
    "ItemSelector",
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "MaxConcurrency",
    "MaxConcurrencyPath",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
    "Label",
];
const WAIT: &[&str] = &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
const FAIL: &[&str] = &["Error", "ErrorPath", "Cause", "CausePath"];

/// The fields of a state of this type whose query language is JSONPath.
pub(crate) fn of(kind: StateType) -> Vec<&'static str> {
    let groups: &[&[&str]] = match kind {
        StateType::Task => &[COMMON, PATHS, ONWARD, RESULT, WORK, TASK],
        StateType::Choice => &[COMMON, PATHS, &["Choices", "Default"]],
        StateType::Parallel => &[COMMON, PATHS, ONWARD, RESULT, WORK, &["Branches"]],
        StateType::Map => &[COMMON, PATHS, ONWARD, RESULT, WORK, MAP],
        StateType::Wait => &[COMMON, PATHS, ONWARD, WAIT],
        StateType::Pass => &[COMMON, PATHS, ONWARD, RESULT, &["Result"]],
        StateType::Succeed => &[COMMON, PATHS],
        StateType::Fail => &[COMMON, FAIL],
    };
    groups.concat()
}

/// The fields that a state of this type has only if its query language is JSONata.
pub(crate) fn jsonata_of(kind: StateType) -> &'static [&'static str] {
    match kind {
        StateType::Task | StateType::Parallel => &["Arguments", "Output"],
        StateType::Map => &["Items", "Output"],
        StateType::Choice | StateType::Wait | StateType::Pass | StateType::Succeed => &["Output"],
        StateType::Fail => &[],
    }
}

/// Whether a state of this type can set variables.
pub(crate) fn has_assign(kind: StateType) -> bool {
    !matches!(kind, StateType::Succeed | StateType::Fail)
}
