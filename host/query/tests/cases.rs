//! Runs the case files of `tests/cases`. `WF_HOST_BLESS=1` rewrites what they expect.
//!
//! A case has a `name`, an `input` (or the name of one of the file's `documents`) and one of `path`,
//! `reference_path` (with a `value` to insert, or none to get), `expression` or `template`; `context` and
//! `variables` where it needs them. `expect` is `{"output": ...}`, `{"error": "..."}` when evaluation fails,
//! with `"cause"` for a path, or `{"syntax": [...]}` when the text is refused.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read their case files and say which they rewrote"
)]

mod common;

use std::fmt::Write;
use std::path::{Path as FilePath, PathBuf};

use common::Fixed;
use data::{Data, Node, Object};
use query::{
    EvaluateError, Expression, Path, ReferencePath, Scope, SyntaxError, Template, TemplateError,
};

#[test]
fn all_cases_hold() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let failures: Vec<String> = files.iter().flat_map(|file| check(file)).collect();
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn check(file: &FilePath) -> Vec<String> {
    let name = file.file_name().unwrap().to_string_lossy();
    let text = Data::parse(&std::fs::read_to_string(file).unwrap());
    let content = text.unwrap_or_else(|error| panic!("{name}: {error}"));
    let cases = content.get("cases").and_then(Data::as_array).unwrap();
    let mut failures = Vec::new();
    let mut blessed = Vec::new();
    for case in cases.iter() {
        let outcome = run(case, &content);
        if case.get("expect") != Some(&outcome) {
            let expected = case.get("expect").cloned().unwrap_or_default();
            failures.push(format!(
                "{name}: {}\n  expected {expected}\n  found    {outcome}",
                label(case)
            ));
        }
        blessed.push(case.as_object().unwrap().with("expect", outcome));
    }
    if std::env::var_os("WF_HOST_BLESS").is_some() && !failures.is_empty() {
        eprintln!("{name}: {} expectations rewritten", failures.len());
        std::fs::write(file, render(&content, &blessed)).unwrap();
        failures.clear();
    }
    failures
}

fn label(case: &Data) -> &str {
    case.get("name")
        .and_then(Data::as_str)
        .unwrap_or("(a case without a name)")
}

/// One document and one case a line.
fn render(content: &Data, cases: &[Object]) -> String {
    let mut out = String::from("{\n  \"documents\": {");
    let documents = content
        .get("documents")
        .and_then(Data::as_object)
        .cloned()
        .unwrap_or_default();
    let mut mark = "\n";
    for (name, document) in documents.iter() {
        write!(out, "{mark}    \"{name}\": {document}").unwrap();
        mark = ",\n";
    }
    out.push_str("\n  },\n  \"cases\": [");
    mark = "\n";
    for case in cases {
        write!(out, "{mark}    {}", Data::from(case.clone())).unwrap();
        mark = ",\n";
    }
    out.push_str("\n  ]\n}\n");
    out
}

fn run(case: &Data, content: &Data) -> Data {
    let input = match case.get("document").and_then(Data::as_str) {
        Some(name) => content
            .get("documents")
            .and_then(|documents| documents.get(name))
            .unwrap(),
        None => case.get("input").unwrap_or(&Data::Null),
    };
    let field = |name: &str| case.get(name).cloned().unwrap_or_else(Data::empty_object);
    let outside = Fixed::new(field("context"), field("variables"));
    let scope = Scope {
        input,
        outside: &outside,
    };
    let text = |name: &str| case.get(name).and_then(Data::as_str);
    if let Some(path) = text("path") {
        run_path(path, &scope)
    } else if let Some(path) = text("reference_path") {
        run_reference_path(path, case.get("value"), input)
    } else if let Some(expression) = text("expression") {
        match Expression::parse(expression) {
            Ok(expression) => evaluated(expression.evaluate(&scope)),
            Err(error) => refused(&error),
        }
    } else {
        run_template(case.get("template").unwrap(), &scope)
    }
}

fn run_path(path: &str, scope: &Scope) -> Data {
    match Path::parse(path).map(|path| path.evaluate(scope)) {
        Ok(Ok(output)) => one("output", output),
        Ok(Err(error)) => one("cause", error.cause()),
        Err(error) => refused(&error),
    }
}

fn run_reference_path(path: &str, value: Option<&Data>, input: &Data) -> Data {
    match (ReferencePath::parse(path), value) {
        (Err(error), _) => refused(&error),
        (Ok(path), None) => match path.get(input) {
            Some(found) => one("output", found.clone()),
            None => one("error", "nothing"),
        },
        (Ok(path), Some(value)) => match path.insert(input, value.clone()) {
            Ok(output) => one("output", output),
            Err(error) => one("error", error.to_string()),
        },
    }
}

fn run_template(template: &Data, scope: &Scope) -> Data {
    let node = Node::parse_json(&template.to_string()).unwrap();
    match Template::parse(&node) {
        Ok(template) => evaluated(template.evaluate(scope)),
        Err(errors) => one(
            "syntax",
            errors.iter().map(template_error).collect::<Data>(),
        ),
    }
}

fn template_error(error: &TemplateError) -> Data {
    let detail = error.detail.as_ref().map_or(Data::Null, syntax);
    let error = Object::builder()
        .with("pointer", error.pointer.clone())
        .with("message", error.message.clone())
        .with("detail", detail);
    Data::from(error.build())
}

fn evaluated(outcome: Result<Data, EvaluateError>) -> Data {
    match outcome {
        Ok(output) => one("output", output),
        Err(error) => one("error", error.to_string()),
    }
}

fn refused(error: &SyntaxError) -> Data {
    one("syntax", syntax(error))
}

fn syntax(error: &SyntaxError) -> Data {
    Data::from(format!("{}: {}", error.offset, error.message))
}

fn one(name: &str, value: impl Into<Data>) -> Data {
    Data::from(Object::builder().with(name, value).build())
}
