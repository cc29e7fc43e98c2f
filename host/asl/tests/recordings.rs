//! Every definition that was sent to AWS and recorded: what AWS ran must compile, what it refused must not.

#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads files and says when it cannot"
)]

use std::path::{Path, PathBuf};

use asl::{Diagnostic, Options, Severity, compile};
use data::{Data, Format, Source};

fn recordings() -> Vec<(PathBuf, Data)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/recordings");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: there are no recordings in {}", folder.display());
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let records = Data::parse(&text).unwrap();
        (path, records)
    };
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(read)
        .collect()
}

fn text<'d>(data: &'d Data, pointer: &str) -> &'d str {
    data.pointer(pointer).and_then(Data::as_str).unwrap_or("")
}

fn errors(definition: &str, express: bool) -> (Source, Vec<Diagnostic>) {
    let source = Source::new("definition", definition);
    let options = Options {
        express,
        ..Options::default()
    };
    let mut found = compile(&source, Format::Json, &options).diagnostics;
    found.retain(|diagnostic| diagnostic.severity == Severity::Error);
    (source, found)
}

#[test]
fn what_aws_ran_compiles() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for (path, records) in recordings() {
        for record in records.as_array().unwrap().items() {
            let Some(machines) = record.get("state_machines").and_then(Data::as_array) else {
                continue;
            };
            for machine in machines.items() {
                let (reference, definition) = (text(machine, "/ref"), text(machine, "/definition"));
                if !was_run(record, reference) {
                    continue;
                }
                checked += 1;
                let (source, found) = errors(definition, text(machine, "/type") == "EXPRESS");
                for diagnostic in found {
                    let id = text(record, "/id");
                    wrong.push(format!(
                        "{} {id}\n{}",
                        path.display(),
                        diagnostic.render(&source)
                    ));
                }
            }
        }
    }
    eprintln!("{checked} definitions compiled");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn was_run(record: &Data, machine: &str) -> bool {
    let executions = record.get("executions").and_then(Data::as_array);
    executions.is_some_and(|list| list.items().iter().any(|run| text(run, "/sm") == machine))
}

#[test]
fn what_aws_refused_does_not_compile_and_says_the_same() {
    let mut checked = 0;
    for (_, records) in recordings() {
        for record in records.as_array().unwrap().items() {
            let calls = record.get("api_calls").and_then(Data::as_array);
            for call in calls.map_or(&[][..], |calls| calls.items()) {
                if text(call, "/expected_error/Code") == "InvalidDefinition" {
                    checked += 1;
                    check_refused(call);
                }
            }
        }
    }
    eprintln!("{checked} refused definitions are refused");
}

#[test]
fn what_aws_created_compiles() {
    let mut checked = 0;
    for (path, records) in recordings() {
        for record in records.as_array().unwrap().items() {
            let calls = record.get("api_calls").and_then(Data::as_array);
            for call in calls.map_or(&[][..], |calls| calls.items()) {
                let definition = text(call, "/params/definition");
                let creates = matches!(
                    text(call, "/op"),
                    "CreateStateMachine" | "UpdateStateMachine"
                );
                if !creates || call.get("expected_error").is_some() || definition.is_empty() {
                    continue;
                }
                checked += 1;
                let (source, found) = errors(definition, text(call, "/params/type") == "EXPRESS");
                let found: Vec<String> = found.iter().map(|found| found.render(&source)).collect();
                assert!(found.is_empty(), "{} {}", path.display(), found.join("\n"));
            }
        }
    }
    eprintln!("{checked} created definitions compile");
}

#[test]
fn what_aws_tested_compiles() {
    let mut checked = 0;
    for (path, records) in recordings() {
        for record in records.as_array().unwrap().items() {
            let calls = record.get("api_calls").and_then(Data::as_array);
            for call in calls.map_or(&[][..], |calls| calls.items()) {
                if text(call, "/op") != "TestState" || call.get("expected_error").is_some() {
                    continue;
                }
                checked += 1;
                let definition = as_machine(text(call, "/params/definition"));
                let (source, found) = errors(&definition, false);
                let found: Vec<String> = found.iter().map(|found| found.render(&source)).collect();
                assert!(found.is_empty(), "{} {}", path.display(), found.join("\n"));
            }
        }
    }
    eprintln!("{checked} tested definitions compile");
}

/// A lone state as a machine, in which its transitions lead somewhere.
fn as_machine(definition: &str) -> String {
    let state = Data::parse(definition).unwrap();
    if state.get("States").is_some() {
        return definition.into();
    }
    let mut targets: Vec<&str> = vec![text(&state, "/Next"), text(&state, "/Default")];
    for list in ["Choices", "Catch"] {
        let entries = state.get(list).and_then(Data::as_array);
        let entries = entries.map_or(&[][..], |entries| entries.items());
        targets.extend(entries.iter().map(|entry| text(entry, "/Next")));
    }
    targets.sort_unstable();
    targets.dedup();
    let targets = targets.iter().filter(|name| !name.is_empty());
    let ends: String = targets
        .map(|name| format!(r#", "{name}": {{"Type": "Succeed"}}"#))
        .collect();
    let head = r#"{"StartAt": "-", "States": {"-": "#;
    format!("{head}{definition}{ends}}}}}")
}

fn check_refused(call: &Data) {
    let express = text(call, "/params/type") == "EXPRESS";
    let (_, found) = errors(text(call, "/params/definition"), express);
    let said: Vec<String> = found.iter().map(as_aws_says).collect();
    let said = format!("Invalid State Machine Definition: '{}'", said.join(", "));
    assert_eq!(said, text(call, "/expected_error/Message"));
}

fn as_aws_says(diagnostic: &Diagnostic) -> String {
    let location = diagnostic.location.as_deref().unwrap_or("null");
    format!(
        "{}: {} at {location}",
        diagnostic.code.as_str(),
        diagnostic.message
    )
}
