//! What AWS is recorded to answer for single Pass states with a template.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read recordings where they lie, and say so when there are none"
)]

mod common;

use std::path::Path;

use common::Fixed;
use data::{Data, Node};
use query::{Scope, Template};

#[test]
fn templates_give_what_aws_gave() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/recordings");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!(
            "SKIPPED: there are no recordings in {}; nothing was compared",
            folder.display()
        );
        return;
    };
    let mut compared = 0;
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let records = Data::parse(&text).unwrap();
        compared += records
            .as_array()
            .unwrap()
            .iter()
            .map(compare)
            .sum::<usize>();
    }
    eprintln!("{compared} executions compared");
    assert!(compared > 50, "only {compared} executions compared");
}

/// Compares the executions of a machine that is one Pass state with `Parameters` alone.
fn compare(record: &Data) -> usize {
    let Some(template) = record
        .pointer("/state_machines/0/definition")
        .and_then(only_template)
    else {
        return 0;
    };
    let executions = record.get("executions").and_then(Data::as_array).unwrap();
    executions
        .iter()
        .filter(|execution| compare_one(record, &template, execution))
        .count()
}

fn only_template(definition: &Data) -> Option<Template> {
    let node = Node::parse_json(definition.as_str()?).ok()?;
    let [(_, state)] = node.get("States")?.entries()? else {
        return None;
    };
    let known = ["Type", "Parameters", "End", "Comment"];
    let is_plain = state
        .entries()?
        .iter()
        .all(|(key, _)| known.contains(&key.name.as_str()));
    let is_pass = state.get("Type")?.as_str()? == "Pass";
    if is_plain && is_pass {
        Some(Template::parse(state.get("Parameters")?).unwrap())
    } else {
        None
    }
}

fn compare_one(record: &Data, template: &Template, execution: &Data) -> bool {
    let output = execution.pointer("/expected/output");
    let input = execution
        .get("input")
        .and_then(Data::as_str)
        .map(|text| Data::parse(text).unwrap());
    // What the Context Object or chance decides cannot be compared.
    let (Some(output), Some(input)) = (output, input) else {
        return false;
    };
    if ["idx>", "<uuid", "arn:"]
        .iter()
        .any(|mark| output.to_string().contains(mark))
    {
        return false;
    }
    let context = Data::parse(&format!("{{\"Execution\":{{\"Input\":{input}}}}}")).unwrap();
    let outside = Fixed::new(context, Data::Null);
    let Ok(found) = template.evaluate(&Scope {
        input: &input,
        outside: &outside,
    }) else {
        panic!(
            "{}: no output, AWS gave {output}",
            record.get("id").cloned().unwrap_or_default()
        );
    };
    // Recorded outputs are strings where their JSON was not taken apart.
    let expected = output
        .as_str()
        .and_then(|text| Data::parse(text).ok())
        .unwrap_or(output.clone());
    assert_eq!(
        found,
        expected,
        "{} with {input}",
        record.get("id").cloned().unwrap_or_default()
    );
    true
}
