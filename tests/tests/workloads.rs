//! Large workflows against AWS's quota of 25,000 events: what must fit fits, what does not ends just there.

use data::Data;
use engine::Status;
use wf_host_tests::{Ran, Workflow, functions};

/// Counts to `turns` in a loop of a Pass and a Choice.
fn counting(turns: u32) -> String {
    format!(
        r#"{{"StartAt": "Init", "States": {{
            "Init": {{"Type": "Pass", "Result": {{"n": 0}}, "Next": "Inc"}},
            "Inc": {{"Type": "Pass", "Parameters": {{"n.$": "States.MathAdd($.n, 1)"}}, "Next": "Check"}},
            "Check": {{"Type": "Choice", "Default": "Done",
                "Choices": [{{"Variable": "$.n", "NumericLessThan": {turns}, "Next": "Inc"}}]}},
            "Done": {{"Type": "Succeed"}}}}}}"#
    )
}

const MAP: &str = r#"{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
    "ItemProcessor": {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": true}}}}}}"#;

fn items(count: i64) -> Data {
    (0..count).map(Data::from).collect()
}

fn run(definition: &str, input: Data, events: u32) -> Ran {
    Workflow::with(definition, functions("version = 1"))
        .history_events(events)
        .run(input)
}

const AWS: u32 = 25_000;
const RAISED: u32 = 100_000;

#[test]
fn five_thousand_turns_fit() {
    let ran = run(&counting(5000), Data::empty_object(), AWS);
    assert_eq!(ran.output().to_string(), r#"{"n":5000}"#);
    assert_eq!(ran.history().len(), 20_006);
}

#[test]
fn a_map_of_five_thousand_items_fits() {
    let ran = run(MAP, items(5000), AWS);
    assert_eq!(ran.output(), &items(5000));
    assert_eq!(ran.history().len(), 20_006);
}

#[test]
fn ten_thousand_end_exactly_at_the_quota() {
    for (definition, input) in [
        (counting(10_000), Data::empty_object()),
        (MAP.to_owned(), items(10_000)),
    ] {
        let ran = run(&definition, input, AWS);
        assert_eq!(ran.error(), "States.Runtime");
        let history = ran.history();
        assert_eq!(history.len(), 25_000);
        let last = &history[24_999];
        assert_eq!(
            (last.id.0, last.event_type.as_ref()),
            (25_000, "ExecutionFailed")
        );
        let Status::Failed(failure) = ran.status() else {
            unreachable!("it failed")
        };
        let cause = "The execution reached the maximum number of history events (25000).";
        assert_eq!(failure.cause.as_deref(), Some(cause));
    }
}

#[test]
fn ten_thousand_succeed_with_the_quota_raised() {
    let ran = run(&counting(10_000), Data::empty_object(), RAISED);
    assert_eq!(ran.output().to_string(), r#"{"n":10000}"#);
    assert_eq!(run(MAP, items(10_000), RAISED).output(), &items(10_000));
}
