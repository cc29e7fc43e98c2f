//! The mock file, as a case file each: see `mocks/`.
//!
//! A case has sections that begin with `=== NAME`: `config FILE` (a mock file) or `inline FILE` (the mocks of a
//! suite case), `definition` (a machine), `steps` (what is asked) and `expect` (what was said, mistakes first).
//! `WF_HOST_BLESS=1` rewrites the expected parts; read what it wrote.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;

use check::mock::{MockConfig, Mocks};
use common::Section;
use data::{Data, Format, Mistake, Mistakes, Source, read};
use engine::Failure;

#[test]
fn mocks_say_what_they_should() {
    common::check("mocks", 10, said);
}

fn said(sections: &[Section<'_>]) -> String {
    let section = |name: &str| {
        let found = sections.iter().find(|section| section.name == name);
        found.map(|section| (*section.arguments.first().unwrap_or(&""), section.text))
    };
    let mut out = String::new();
    let mut mocks = Mocks::default();
    let mut config = None;
    if let Some((name, text)) = section("config") {
        let format = Format::of_name(name).unwrap();
        match MockConfig::read(&Source::new(name, text), format) {
            Ok(read) => config = Some(read),
            Err(mistakes) => tell(&mistakes, &mut out),
        }
    }
    if let Some((name, text)) = section("inline") {
        let source = Source::new(name, text);
        let node = read(&source, Format::of_name(name).unwrap()).unwrap();
        let mut mistakes = Mistakes::new(&source);
        mocks = Mocks::read(&node, &mut mistakes);
        tell(&mistakes.found, &mut out);
    }
    let definition = section("definition").map(|(_, text)| text);
    for step in section("steps").map_or("", |(_, text)| text).lines() {
        let _ = writeln!(out, "> {step}");
        let mut words = step.split(' ');
        match (words.next().unwrap(), words.next(), words.next()) {
            ("case", Some(name), None) => match config.as_ref().unwrap().case(name) {
                Ok(case) => {
                    let _ = writeln!(out, "{}#{}", case.machine, case.name);
                    mocks = case.mocks;
                }
                Err(error) => {
                    let _ = writeln!(out, "error: {error}\nhint: {}", error.hint);
                }
            },
            ("answer", Some(state), None) => out.push_str(&answer(mocks.answer(state))),
            ("nth", Some(state), Some(n)) => {
                out.push_str(&answer(mocks.nth(state, n.parse().unwrap())));
            }
            ("unused", None, None) => lines(mocks.unused(), &mut out),
            ("unused-after", Some(n), None) => {
                lines(mocks.unused_after(|_| n.parse().unwrap()), &mut out);
            }
            ("check", None, None) => lines(mocks.check(&program(definition.unwrap())), &mut out),
            _ => panic!("no such step: {step}"),
        }
    }
    out
}

fn tell(mistakes: &[Mistake], out: &mut String) {
    lines(mistakes.iter(), out);
}

fn lines<T: ToString>(items: impl IntoIterator<Item = T>, out: &mut String) {
    for item in items {
        let _ = writeln!(out, "{}", item.to_string());
    }
}

fn answer(answer: Option<Result<Data, Failure>>) -> String {
    match answer {
        None => "runs for real\n".to_owned(),
        Some(Ok(data)) => format!("returns {data}\n"),
        Some(Err(failure)) => format!("throws {}\n", failure.to_data()),
    }
}

fn program(text: &str) -> asl::Program {
    let source = Source::new("definition", text);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    compiled.program.unwrap()
}
