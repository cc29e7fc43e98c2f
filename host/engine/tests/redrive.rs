//! What a host may do wrong with a redrive, and what it is told.

mod common;

use std::sync::Arc;

use common::{START, about, compile};
use data::Data;
use engine::{
    Change, Command, Effects, Entropy, Execution, Failure, Input, Misfit, Quotas, Record,
};

const MACHINE: &str = r#"{"StartAt": "S", "States": {"S": {"Type": "Task", "End": true,
    "Resource": "arn:aws:lambda:us-east-1:000000000000:function:F"}}}"#;

fn hear(execution: &mut Execution, input: Input) -> Option<Effects> {
    let mut effects = Effects::default();
    let meant = execution.handle(START, &Entropy::from_seed(1), input, &mut effects);
    meant.then_some(effects)
}

/// An execution whose task was just handed out.
fn begun() -> (Execution, Effects) {
    let about = Arc::new(about(Quotas::default()));
    let mut execution = Execution::new(compile(MACHINE), about);
    let effects = hear(&mut execution, Input::Start(Data::Null)).expect("it starts");
    (execution, effects)
}

/// One whose task failed, and all its records.
fn failed() -> (Execution, Vec<Record>) {
    let (mut execution, started) = begun();
    let [Command::StartTask(request)] = &started.commands[..] else {
        panic!("{:?}", started.commands);
    };
    let (token, failure) = (request.token, Failure::new("E", "why"));
    let effects = hear(&mut execution, Input::TaskFailed { token, failure });
    let ended = effects.expect("somebody waits").records;
    (execution, [started.records, ended].concat())
}

fn redrive(definition: Option<&str>) -> Input {
    Input::Redrive {
        definition: definition.map(Into::into),
    }
}

#[test]
fn the_digest_and_the_program_go_together() {
    let (mut execution, mut records) = failed();
    let before = execution.clone();
    assert!(hear(&mut execution, redrive(Some("other"))).is_none());
    execution.rebase(compile(MACHINE)).expect("it fits");
    assert!(hear(&mut execution, redrive(None)).is_none());
    assert!(execution == before);
    let effects = hear(&mut execution, redrive(Some("other"))).expect("it goes on");
    assert_eq!(effects.records[0].definition(), Some(&"other".into()));
    records.extend(effects.records);
    // Whoever folds the log without the other program is told.
    let mut folded = Execution::new(compile(MACHINE), execution.about().clone().into());
    let refused = records.iter().find(|record| folded.apply(record).is_err());
    let change = refused.map(|record| &record.change);
    assert!(matches!(change, Some(Change::ExecutionRedriven { .. })));
    // The next redrive goes on with the program that it has.
    hear(&mut execution, Input::Stop(Failure::default())).expect("it runs");
    let effects = hear(&mut execution, redrive(None)).expect("it goes on");
    assert_eq!(effects.records[0].definition(), None);
    assert_eq!(execution.redrives(), 2);
    assert_eq!(execution.redriven_at(), Some(START));
}

#[test]
fn only_what_ended_badly_is_kept() {
    let (mut execution, started) = begun();
    let misfit = |execution: &mut Execution| execution.rebase(compile(MACHINE));
    assert_eq!(misfit(&mut execution), Err(Misfit::NothingToRedrive));
    let [Command::StartTask(request)] = &started.commands[..] else {
        panic!("{:?}", started.commands);
    };
    let (token, output) = (request.token, Data::Null);
    hear(&mut execution, Input::TaskSucceeded { token, output }).expect("somebody waits");
    assert_eq!(misfit(&mut execution), Err(Misfit::NothingToRedrive));
}

#[test]
fn an_answer_to_an_attempt_before_the_redrive_means_nothing() {
    let (mut execution, started) = begun();
    let [Command::StartTask(request)] = &started.commands[..] else {
        panic!("{:?}", started.commands);
    };
    hear(&mut execution, Input::Stop(Failure::default())).expect("it runs");
    let effects = hear(&mut execution, redrive(None)).expect("it goes on");
    let [Command::StartTask(again)] = &effects.commands[..] else {
        panic!("{:?}", effects.commands);
    };
    assert_ne!(again.token, request.token);
    assert_ne!(again.site, request.site, "its worker has chance of its own");
    let (token, output) = (request.token, Data::Null);
    assert!(hear(&mut execution, Input::TaskSucceeded { token, output }).is_none());
}
