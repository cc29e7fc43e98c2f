//! What holds for every machine and whatever happens to it.

mod common;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use common::random::{Choices, definition};
use common::{Driver, START, about, compile};
use data::{Data, EcoString};
use engine::{
    Effects, Entropy, Execution, Failure, Input, Misfit, Quotas, Record, StoredLog, TaskRequest,
    TaskToken, Timestamp, stored_text,
};
use proptest::prelude::*;

/// A machine and a life of it; the driver checks what must hold after every input.
fn live(machine: &[u8], life: &[u8]) -> (Driver, Arc<asl::Program>) {
    live_in_steps(machine, life, None)
}

/// The same with turns that are cut short.
fn live_in_steps(
    machine: &[u8],
    life: &[u8],
    limit: Option<NonZeroU32>,
) -> (Driver, Arc<asl::Program>) {
    let text = format!("{{{}}}", definition(&mut Choices(machine)));
    let program = compile(&text);
    let mut choices = Choices(life);
    let quotas = Quotas {
        history_events: 20 + 3 * choices.below(100),
        ..Quotas::default()
    };
    let mut driver = Driver::new(Arc::clone(&program), about(quotas));
    driver.execution.set_step_limit(limit);
    let mut tokens: Vec<TaskToken> = Vec::new();
    let input = Data::parse("{\"items\": [0, 1, 2]}").expect("a literal");
    let mut next = Input::Start(input);
    loop {
        let mut worker = |request: &TaskRequest| {
            tokens.push(request.token);
            Vec::new()
        };
        driver.feed(next, &mut worker);
        if driver.execution.is_midway() {
            assert!(
                limit.is_some(),
                "a turn without a limit leaves nothing to do"
            );
            goes_on_after_a_crash(&driver, &program);
        }
        while driver.execution.is_midway() {
            driver.feed(Input::GoOn, &mut worker);
        }
        if choices.is_empty() {
            return (driver, program);
        }
        next = happening(&mut driver, &tokens, &mut choices);
        if driver.execution.status().is_final() && choices.one_in(2) {
            next = redrive(&mut driver, &text, &mut choices);
        }
    }
}

/// A host that dies in the middle of a turn finds what was left of it in the records.
fn goes_on_after_a_crash(driver: &Driver, program: &Arc<asl::Program>) {
    let mut folded = fold(driver, program);
    let mut turns = 0;
    while folded.is_midway() {
        folded.set_step_limit(NonZeroU32::new(3));
        let mut effects = Effects::default();
        assert!(folded.handle(driver.now, &driver.entropy, Input::GoOn, &mut effects));
        turns += 1;
        assert!(turns < 10_000, "it gets on");
    }
}

/// A redrive, sometimes with a definition in which all states have other indices.
fn redrive(driver: &mut Driver, text: &str, choices: &mut Choices<'_>) -> Input {
    if !choices.one_in(3) {
        return Input::Redrive { definition: None };
    }
    let more = driver.definitions.len() + 1;
    let first: String = (0..more)
        .map(|n| match n {
            0 => "\"z0\": {\"Type\": \"Pass\", \"Next\": \"s0\"}, ".to_owned(),
            n => format!(
                "\"z{n}\": {{\"Type\": \"Pass\", \"Next\": \"z{}\"}}, ",
                n - 1
            ),
        })
        .collect();
    let mended = text.replacen(
        "\"StartAt\": \"s0\", \"States\": {",
        &format!("\"StartAt\": \"z{}\", \"States\": {{{first}", more - 1),
        1,
    );
    let digest: EcoString = format!("mended {more}").into();
    driver.definitions.insert(digest.clone(), compile(&mended));
    Input::Redrive {
        definition: Some(digest),
    }
}

fn happening(driver: &mut Driver, tokens: &[TaskToken], choices: &mut Choices<'_>) -> Input {
    let open: Vec<TaskToken> = driver.open.iter().copied().collect();
    let pick = |from: &[TaskToken], choices: &mut Choices<'_>| {
        from.get(choices.below(from.len().max(1) as u32) as usize)
            .copied()
    };
    let old = choices.one_in(6);
    let token = if old {
        pick(tokens, choices)
    } else {
        pick(&open, choices)
    };
    let what = choices.below(16);
    match (token, what) {
        (Some(token), 0..=1) => Input::TaskStarted {
            token,
            worker: None,
        },
        (Some(token), 2) => Input::TaskSubmitted {
            token,
            output: Data::from(1),
        },
        (Some(token), 3) => Input::TaskHeartbeat { token },
        (Some(token), 4..=7) => Input::TaskSucceeded {
            token,
            output: Data::from("done"),
        },
        (Some(token), 8..=10) => Input::TaskFailed {
            token,
            failure: Failure::new(
                ["A", "States.Runtime", "B"][choices.below(3) as usize],
                "why",
            ),
        },
        (_, 11) if choices.one_in(10) => Input::Stop(Failure::default()),
        _ => {
            let year = 300 * 86_400_000;
            let due = driver
                .execution
                .next_deadline()
                .filter(|due| due.0 - START.0 < year);
            // Sometimes it is asked early, which means nothing.
            driver.now = due
                .filter(|_| what != 12)
                .unwrap_or(driver.now)
                .max(driver.now);
            Input::DeadlineReached
        }
    }
}

fn check_events(driver: &Driver) {
    let history = driver.history();
    for (number, event) in (1..).zip(&history) {
        assert_eq!(event.id.0, number, "ids have no gaps");
        assert!(event.previous_event_id < event.id, "causes come first");
    }
    let quota = driver.execution.about().quotas.history_events as usize;
    assert!(history.len() <= quota, "the quota is kept");
}

fn fold(driver: &Driver, program: &Arc<asl::Program>) -> Execution {
    let about = driver.execution.about().clone();
    let mut folded = Execution::new(Arc::clone(program), Arc::new(about));
    let mut log = StoredLog::default();
    for record in &driver.records {
        let mut text = Vec::new();
        stored_text(record, &mut text).expect("a record can be written");
        let read = log.read(&text).expect("a record can be read");
        assert_eq!(read, record, "a record survives its text");
        rebase(driver, &mut folded, read).expect("what the live execution fits");
        folded.apply(read).expect("a written record fits");
    }
    folded
}

fn rebase(driver: &Driver, folded: &mut Execution, record: &Record) -> Result<(), Misfit> {
    let definition = record.definition();
    match definition.and_then(|digest| driver.definitions.get(digest)) {
        None => Ok(()),
        Some(program) => folded.rebase(Arc::clone(program)),
    }
}

/// One number or member of the log made another, or a record lost, doubled or moved.
fn damage(records: &mut Vec<Record>, choices: &mut Choices<'_>) {
    let at = choices.below(256) as usize * records.len() / 256;
    let other = choices.below(256) as usize * records.len() / 256;
    match choices.below(8) {
        0 => drop(records.remove(at)),
        1 => records.swap(at, other),
        2 => records.insert(at, records[other].clone()),
        3 => records[at].change = records[other].change.clone(),
        _ => {
            let mut value = serde_json::to_value(&records[at]).expect("a record can be written");
            change(&mut value, choices);
            if let Ok(damaged) = serde_json::from_value(value) {
                records[at] = damaged;
            }
        }
    }
    // A forger numbers well.
    if choices.below(2) == 0 {
        renumber(records);
    }
}

fn renumber(records: &mut [Record]) {
    let mut event = 0;
    for (seq, record) in (0..).zip(records) {
        record.seq = seq;
        if let Some(place) = &mut record.event {
            event += 1;
            place.id.0 = event;
            place.previous.0 = place.previous.0.min(event - 1);
        }
    }
}

fn change(value: &mut serde_json::Value, choices: &mut Choices<'_>) {
    use serde_json::Value;
    match value {
        Value::Object(members) if !members.is_empty() => {
            let at = choices.below(members.len() as u32) as usize;
            if let Some(member) = members.values_mut().nth(at) {
                change(member, choices);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = choices.below(items.len() as u32) as usize;
            change(&mut items[at], choices);
        }
        other => {
            let values = [0_i64, 1, 2, 3, 7, 255, i64::from(u32::MAX), i64::MAX, -1];
            *other = match choices.below(10) {
                9 => Value::Null,
                n => Value::from(values[n as usize]),
            };
        }
    }
}

/// The lives above are worth nothing if they are dull.
#[test]
fn random_lives_see_everything() {
    let entropy = Entropy::from_seed(7);
    let mut seen = BTreeMap::new();
    for number in 0..600 {
        let bytes = |purpose: &str, blocks: u32| -> Vec<u8> {
            let block = |n| entropy.derive(purpose, &format!("{number} {n}"));
            (0..blocks).flat_map(block).collect()
        };
        let (driver, _) = live(&bytes("machine", 2), &bytes("life", 1 + number % 8));
        for record in &driver.records {
            let name = format!("{:?}", record.change);
            let name = name.split([' ', '{']).next().unwrap_or_default().to_owned();
            *seen.entry(name).or_insert(0) += 1;
        }
    }
    // A year does not pass in these lives.
    let kinds = 27;
    assert_eq!(seen.len(), kinds, "{seen:?}");
    assert!(seen.values().all(|count| *count >= 5), "{seen:?}");
}

/// Failures, aborts and the ends of blocks must not go as deep into the stack as a machine may be nested.
#[test]
fn deep_nesting_is_no_danger() {
    let wait = r#""StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": true}}"#;
    let fail = r#""StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}"#;
    let pass = r#""StartAt": "S", "States": {"S": {"Type": "Pass", "End": true}}"#;
    for (bottom, status) in [(wait, "FAILED"), (fail, "FAILED"), (pass, "SUCCEEDED")] {
        let mut block = bottom.to_owned();
        for level in 0..60 {
            block = format!(
                r#""StartAt": "P{level}", "States": {{"P{level}": {{"Type": "Parallel", "End": true, "Branches": [{{{block}}}]}}}}"#
            );
        }
        if bottom == wait {
            block = format!(
                r#""StartAt": "P", "States": {{"P": {{"Type": "Parallel", "End": true, "Branches": [{{{block}}}, {{
                    "StartAt": "V", "States": {{"V": {{"Type": "Wait", "Seconds": 1, "Next": "X"}},
                    "X": {{"Type": "Fail", "Error": "E"}}}}}}]}}}}"#
            );
        }
        let program = compile(&format!("{{{block}}}"));
        let mut driver = Driver::new(program, about(Quotas::default()));
        driver.plan(0, Input::Start(Data::empty_object()));
        driver.plan(60_000, Input::Redrive { definition: None });
        driver.run(&mut |_| Vec::new());
        assert_eq!(driver.execution.status().as_str(), status);
        let redrives = u32::from(status == "FAILED");
        assert_eq!(driver.execution.redrives(), redrives);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_life_can_be_replayed(
        machine in prop::collection::vec(any::<u8>(), 0..80),
        life in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let (driver, program) = live(&machine, &life);
        check_events(&driver);
        prop_assert!(fold(&driver, &program) == driver.execution);
    }

    #[test]
    fn every_step_limit_gives_the_same_history(
        machine in prop::collection::vec(any::<u8>(), 0..80),
        life in prop::collection::vec(any::<u8>(), 0..200),
        limit in 1..8_u32,
    ) {
        let (whole, _) = live(&machine, &life);
        let (cut, _) = live_in_steps(&machine, &life, NonZeroU32::new(limit));
        prop_assert_eq!(&whole.records, &cut.records);
        prop_assert_eq!(&whole.sites, &cut.sites);
        prop_assert!(whole.execution == cut.execution);
    }

    #[test]
    fn damaged_logs_are_refused_or_harmless(
        machine in prop::collection::vec(any::<u8>(), 0..80),
        life in prop::collection::vec(any::<u8>(), 0..120),
        damages in prop::collection::vec(any::<u8>(), 1..16),
    ) {
        let (driver, program) = live(&machine, &life);
        let mut records = driver.records.clone();
        let mut choices = Choices(&damages);
        while !choices.is_empty() && !records.is_empty() {
            damage(&mut records, &mut choices);
        }
        let about = driver.execution.about().clone();
        let mut execution = Execution::new(program, Arc::new(about));
        for record in &records {
            if rebase(&driver, &mut execution, record).is_err() || execution.apply(record).is_err() {
                return Ok(());
            }
        }
        // What was accepted can go on.
        let tokens: Vec<TaskToken> = execution.open_tasks().map(|(token, _)| token).collect();
        prop_assert!(execution.outstanding().count() <= tokens.len());
        let mut inputs: Vec<Input> = tokens
            .into_iter()
            .map(|token| Input::TaskFailed { token, failure: Failure::new("E", "") })
            .collect();
        inputs.push(Input::DeadlineReached);
        inputs.push(Input::Stop(Failure::default()));
        inputs.push(Input::Redrive { definition: None });
        inputs.push(Input::DeadlineReached);
        for input in inputs {
            let mut effects = Effects::default();
            let ended = execution.stopped_at().unwrap_or(Timestamp(0));
            let now = execution.next_deadline().unwrap_or(ended);
            execution.handle(now, &Entropy::from_seed(1), input, &mut effects);
        }
    }
}
