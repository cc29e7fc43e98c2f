//! Which fields a state of which type may have.

use crate::language::Language;
use crate::program::StateType;

const COMMON: &[&str] = &["Type", "Comment", "QueryLanguage"];
const ONWARD: &[&str] = &["Next", "End"];
const ASSIGN: &[&str] = &["Assign"];
const RECOVERY: &[&str] = &["Retry", "Catch"];

/// What only JSONPath has.
mod path {
    pub const INOUT: &[&str] = &["InputPath", "OutputPath"];
    pub const RESULT: &[&str] = &["ResultPath", "Parameters"];
    pub const SELECTOR: &[&str] = &["ResultSelector"];
    pub const TASK: &[&str] = &["TimeoutSecondsPath", "HeartbeatSecondsPath"];
    pub const MAP: &[&str] = &[
        "ItemsPath",
        "MaxConcurrencyPath",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
    ];
    pub const WAIT: &[&str] = &["SecondsPath", "TimestampPath"];
    pub const FAIL: &[&str] = &["ErrorPath", "CausePath"];
}

const CHOICE: &[&str] = &["Choices", "Default"];
const PARALLEL: &[&str] = &["Branches"];
const TASK: &[&str] = &[
    "Resource",
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Credentials",
];
const MAP: &[&str] = &[
    "ItemProcessor",
    "Iterator",
    "ItemSelector",
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "MaxConcurrency",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
    "Label",
];
const WAIT: &[&str] = &["Seconds", "Timestamp"];
const FAIL: &[&str] = &["Error", "Cause"];

/// The fields of a state of this type in this language.
pub(crate) fn of(kind: StateType, language: Language) -> Vec<&'static str> {
    let own = match language {
        Language::JsonPath => json_path(kind),
        Language::Jsonata => jsonata(kind),
    };
    [shared(kind), own].concat()
}

fn shared(kind: StateType) -> Vec<&'static str> {
    let groups: &[&[&str]] = match kind {
        StateType::Task => &[COMMON, ONWARD, ASSIGN, RECOVERY, TASK],
        StateType::Choice => &[COMMON, ASSIGN, CHOICE],
        StateType::Parallel => &[COMMON, ONWARD, ASSIGN, RECOVERY, PARALLEL],
        StateType::Map => &[COMMON, ONWARD, ASSIGN, RECOVERY, MAP],
        StateType::Wait => &[COMMON, ONWARD, ASSIGN, WAIT],
        StateType::Pass => &[COMMON, ONWARD, ASSIGN],
        StateType::Succeed => &[COMMON],
        StateType::Fail => &[COMMON, FAIL],
    };
    groups.concat()
}

fn json_path(kind: StateType) -> Vec<&'static str> {
    let groups: &[&[&str]] = match kind {
        StateType::Task => &[path::INOUT, path::RESULT, path::SELECTOR, path::TASK],
        StateType::Parallel => &[path::INOUT, path::RESULT, path::SELECTOR],
        StateType::Map => &[path::INOUT, path::RESULT, path::SELECTOR, path::MAP],
        StateType::Wait => &[path::INOUT, path::WAIT],
        StateType::Pass => &[path::INOUT, path::RESULT, &["Result"]],
        StateType::Choice | StateType::Succeed => &[path::INOUT],
        StateType::Fail => &[path::FAIL],
    };
    groups.concat()
}

fn jsonata(kind: StateType) -> Vec<&'static str> {
    match kind {
        StateType::Task | StateType::Parallel => vec!["Arguments", "Output"],
        StateType::Map => vec!["Items", "Output"],
        StateType::Choice | StateType::Wait | StateType::Pass | StateType::Succeed => {
            vec!["Output"]
        }
        StateType::Fail => Vec::new(),
    }
}
