//! Every comparison operator, with a constant and in its `Path` form: see `choice.json`.
//!
//! The table has rows `[variable, operand, whether it holds]` for each operator.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read case files where they lie"
)]

mod common;

use std::path::Path;

use common::{Driver, about, compile};
use data::{Data, Object};
use engine::{Input, Quotas, Status};

#[test]
fn operators_compare_as_the_language_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/choice.json");
    let text = std::fs::read_to_string(file).expect("the table is part of the repository");
    let table = Data::parse(&text).expect("the table is JSON");
    let table = table.as_object().expect("the table is an object");
    assert_eq!(table.len(), 23, "every operator is there");
    for (operator, rows) in table.iter() {
        for row in rows.as_array().expect("rows").iter() {
            let [variable, operand, expected] = row.as_array().expect("a row").items() else {
                panic!("{operator}: {row} is no row");
            };
            check(operator, variable, operand, expected);
        }
    }
}

fn check(operator: &str, variable: &Data, operand: &Data, expected: &Data) {
    let input = Object::builder()
        .with("v", variable.clone())
        .with("o", operand.clone());
    let input = Data::from(input.build());
    let rule = format!("{{\"Variable\": \"$.v\", \"{operator}\": {operand}, \"Next\": \"Yes\"}}");
    let asks = |found: &Data, form: &str| {
        assert_eq!(found, expected, "{form}: {variable} {operator} {operand}");
    };
    if operator.starts_with("Is") {
        return asks(&decide(&rule, &input), "test");
    }
    if has_type_of(operator, operand) {
        asks(&decide(&rule, &input), "constant");
    }
    if operator != "StringMatches" {
        let path =
            format!("{{\"Variable\": \"$.v\", \"{operator}Path\": \"$.o\", \"Next\": \"Yes\"}}");
        asks(&decide(&path, &input), "path");
    }
}

fn has_type_of(operator: &str, operand: &Data) -> bool {
    match operator {
        _ if operator.starts_with("String") => operand.as_str().is_some(),
        _ if operator.starts_with("Numeric") => operand.as_number().is_some(),
        _ if operator.starts_with("Boolean") => operand.as_bool().is_some(),
        _ => operand
            .as_str()
            .is_some_and(|text| engine::Timestamp::parse(text).is_some()),
    }
}

fn decide(rule: &str, input: &Data) -> Data {
    let definition = format!(
        r#"{{"StartAt": "C", "States": {{
            "C": {{"Type": "Choice", "Choices": [{rule}], "Default": "No"}},
            "Yes": {{"Type": "Pass", "Result": true, "End": true}},
            "No": {{"Type": "Pass", "Result": false, "End": true}}}}}}"#
    );
    let mut driver = Driver::new(compile(&definition), about(Quotas::default()));
    driver.plan(0, Input::Start(input.clone()));
    driver.run(&mut |_| Vec::new());
    match driver.execution.status() {
        Status::Succeeded { output } => output.clone(),
        other => panic!("{rule} ended as {other:?}"),
    }
}
