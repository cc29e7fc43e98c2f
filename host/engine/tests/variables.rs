//! The quota of all variables of an execution.

mod common;

use common::{Driver, about, compile};
use data::Data;
use engine::{Input, Quotas};

/// Runs a machine that sets the variable `a` twice to the execution's input, and `b` last.
fn status(variables_bytes: usize) -> &'static str {
    let program = compile(
        r#"{"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"a.$": "$"}, "Next": "B"},
            "B": {"Type": "Pass", "Assign": {"a.$": "$"}, "Next": "C"},
            "C": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "D", "States": {
                "D": {"Type": "Pass", "Assign": {"b.$": "$"}, "End": true}}}]}}}"#,
    );
    let quotas = Quotas {
        variables_bytes,
        ..Quotas::default()
    };
    let mut driver = Driver::new(program, about(quotas));
    driver.plan(0, Input::Start(Data::from("x".repeat(98).as_str())));
    driver.run(&mut |_| Vec::new());
    driver.execution.status().as_str()
}

/// An Assign is weighed as `{"a":...}`, 106 bytes; a value of 100 bytes that it replaces does not count.
#[test]
fn a_value_that_is_replaced_does_not_count() {
    assert_eq!(status(206), "SUCCEEDED");
    assert_eq!(status(205), "FAILED");
}
