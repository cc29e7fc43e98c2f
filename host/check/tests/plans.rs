//! Fault plans and suites that are wrong, as a case file each: see `plans/`.
//!
//! A case has sections that begin with `=== NAME`: `plan FILE` or `suite FILE`, `machine NAME` (a definition; the first
//! is the main one), `file PATH` (what a suite may name) and `expect`: every mistake with its place.
//! `WF_HOST_BLESS=1` rewrites what is expected; read what it wrote.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Write as _;
use std::path::PathBuf;

use check::faults::{FaultPlan, World};
use check::suite::{Files, Suite};
use common::Section;
use data::{Format, Mistake, Source};
use runtime::Functions;

#[test]
fn mistakes_are_told_with_their_place() {
    common::check("plans", 12, said);
}

fn said(sections: &[Section<'_>]) -> String {
    let programs: Vec<_> = sections
        .iter()
        .filter(|section| section.name == "machine")
        .map(|section| (section.arguments[0].into(), program(section)))
        .collect();
    let mut functions = Functions::new(sandbox::Config::default(), Default::default());
    functions.add_guest("echo", PathBuf::from("echo.wasm"));
    let world = World {
        machines: programs
            .iter()
            .map(|(name, program): &(data::EcoString, _)| (name.clone(), program))
            .collect(),
        functions: &functions,
    };
    let mut out = String::new();
    for section in sections {
        let found = match section.name {
            "plan" => plan(section, &world),
            "suite" => suite(section, sections, &world),
            _ => continue,
        };
        for mistake in found {
            writeln!(out, "{mistake}").unwrap();
        }
    }
    out
}

fn source(section: &Section<'_>) -> (Source, Format) {
    let name = section.arguments[0];
    (
        Source::new(name, section.text),
        Format::of_name(name).unwrap(),
    )
}

fn program(section: &Section<'_>) -> asl::Program {
    let source = Source::new(section.arguments[0], section.text);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    let told: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|d| d.render(&source))
        .collect();
    compiled
        .program
        .unwrap_or_else(|| panic!("{}", told.join("\n")))
}

fn plan(section: &Section<'_>, world: &World<'_>) -> Vec<Mistake> {
    let (source, format) = source(section);
    match FaultPlan::read(&source, format) {
        Ok(plan) => plan.check_file(world, &source),
        Err(mistakes) => mistakes,
    }
}

struct Beside<'s>(&'s [Section<'s>]);

impl Files for Beside<'_> {
    fn read(&self, path: &str) -> Result<(Source, Format), String> {
        let found = self
            .0
            .iter()
            .find(|s| s.name == "file" && s.arguments[0] == path);
        found
            .map(source)
            .ok_or_else(|| format!("{path}: No such file"))
    }
}

fn suite(section: &Section<'_>, all: &[Section<'_>], world: &World<'_>) -> Vec<Mistake> {
    let (source, format) = source(section);
    match Suite::read(&source, format, &Beside(all)) {
        Ok(suite) => suite.check(world),
        Err(mistakes) => mistakes,
    }
}
