//! Reports of coverage, as a case file each: see `coverage/`.
//!
//! A case has a section `machine NAME FILE` with a definition for each machine, behind it `seen` with what
//! happened (`enter STATE`, `leave STATE WAY [N]`, `retry STATE RETRIER ATTEMPT`, each with ` xN` for more than
//! once), perhaps `thresholds`, and `expect` with the reports. `WF_HOST_BLESS=1` rewrites those; read what it
//! wrote.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use asl::{Program, StateId};
use check::coverage::{Coverage, Report, Summary, Thresholds, lcov, text};
use common::Section;
use data::{Data, Format, Mistakes, Source, read};
use engine::{Change, FrameId, Record, StateRef, Timestamp, To, Via};

#[test]
fn reports_show_what_happened_and_what_did_not() {
    common::check("coverage", 5, reports);
}

fn reports(sections: &[Section<'_>]) -> String {
    let (mut reports, mut summary) = (Vec::new(), Summary::default());
    let mut coverage = None;
    let mut shortfalls = String::new();
    for section in sections {
        match section.name {
            "machine" => {
                let [name, file] = section.arguments[..] else {
                    panic!("=== machine NAME FILE");
                };
                let source = Source::new(file, section.text);
                coverage = Some((Coverage::of(program(&source)), name, source));
            }
            "seen" => {
                let (coverage, name, source) = coverage.as_mut().unwrap();
                section.text.lines().for_each(|line| see(coverage, line));
                let report = Report::of(coverage, name, source);
                summary.add(&report.summary);
                reports.push(report);
            }
            "thresholds" => shortfalls = unmet(section.text, &summary),
            name => panic!("no such section: {name}"),
        }
    }
    let json: Data = reports.iter().map(Report::to_data).collect();
    let lcov = lcov(&reports);
    check_lcov(&lcov, sections);
    let json = json.to_pretty();
    format!("{}{shortfalls}\n{lcov}\n{json}\n", text(&reports))
}

fn program(source: &Source) -> Arc<Program> {
    let format = Format::of_name(&source.name).unwrap();
    let compiled = asl::compile(source, format, &asl::Options::default());
    Arc::new(compiled.program.unwrap())
}

fn unmet(text: &str, summary: &Summary) -> String {
    let source = Source::new("thresholds.json", text);
    let node = read(&source, Format::Json).unwrap();
    let mut mistakes = Mistakes::new(&source);
    let thresholds = Thresholds::read(&node, &mut mistakes);
    let told = mistakes.found.iter().map(ToString::to_string);
    let unmet = thresholds.unmet(summary);
    let unmet = unmet.iter().map(ToString::to_string);
    told.chain(unmet).map(|line| line + "\n").collect()
}

/// Lets the coverage see the record of a line.
fn see(coverage: &mut Coverage, line: &str) {
    let (line, times) = line.rsplit_once(" x").unwrap_or((line, "1"));
    let words: Vec<&str> = line.split(' ').collect();
    let program = Arc::clone(coverage.program());
    let (id, state) = program
        .states()
        .find(|(_, state)| state.name == words[1])
        .unwrap();
    let number = |at: usize| words[at].parse::<u32>().unwrap();
    let change = match words[0] {
        "enter" => Change::StateEntered {
            frame: FrameId(0),
            state: reference(id, state),
            input: Data::Null.into(),
        },
        "leave" => Change::StateExited {
            frame: FrameId(0),
            state: reference(id, state),
            output: Data::Null.into(),
            assigned: None,
            to: To::End,
            via: match words[2] {
                "Next" => Via::Next,
                "Rule" => Via::Rule(number(3)),
                "Default" => Via::Default,
                "Catcher" => Via::Catcher(number(3)),
                way => panic!("no such way: {way}"),
            },
        },
        "retry" => Change::RetryScheduled {
            frame: FrameId(0),
            state: id,
            retrier: number(2),
            attempt: number(3),
            until: Timestamp(0),
        },
        step => panic!("no such step: {step}"),
    };
    let record = Record {
        seq: 0,
        at: Timestamp(0),
        event: None,
        change,
    };
    (0..times.parse().unwrap()).for_each(|_: u32| coverage.see(&record));
}

fn reference(id: StateId, state: &asl::State) -> StateRef {
    StateRef {
        id,
        kind: state.kind.state_type(),
        name: state.name.clone(),
    }
}

/// What every reader of a tracefile relies on.
fn check_lcov(text: &str, sections: &[Section<'_>]) {
    let records: Vec<&str> = text.split_inclusive("end_of_record\n").collect();
    let machines: Vec<_> = sections.iter().filter(|s| s.name == "machine").collect();
    assert_eq!(records.len(), machines.len(), "a record a machine");
    for (record, machine) in records.iter().zip(machines) {
        let body = record.strip_suffix("end_of_record\n").unwrap();
        let fields: Vec<(&str, Vec<&str>)> = body
            .lines()
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, values)| (name, values.split(',').collect()))
            .collect();
        let of = |name: &'static str| fields.iter().filter(move |f| f.0 == name).map(|f| &f.1);
        let number = |text: &str| text.parse::<usize>().unwrap();
        let one = |name: &'static str| number(of(name).next().unwrap()[0]);
        let file = of("SF").next().unwrap();
        assert_eq!(*file, [machine.arguments[1]]);
        let last = machine.text.lines().count();
        let lines: Vec<usize> = of("DA").map(|values| number(values[0])).collect();
        let places: BTreeSet<usize> = lines.iter().copied().collect();
        assert_eq!(places.len(), lines.len(), "a line is told once");
        assert!(lines.iter().all(|line| (1..=last).contains(line)));
        assert_eq!(one("LF"), lines.len());
        assert_eq!(
            one("LH"),
            of("DA").filter(|values| number(values[1]) > 0).count()
        );
        let branches: BTreeSet<&[&str]> = of("BRDA").map(|values| &values[..3]).collect();
        assert_eq!(branches.len(), of("BRDA").count(), "a branch is told once");
        assert!(of("BRDA").all(|values| places.contains(&number(values[0])) || values[3] == "-"));
        assert_eq!(one("BRF"), branches.len());
        let taken = of("BRDA").filter(|values| !["-", "0"].contains(&values[3]));
        assert_eq!(one("BRH"), taken.count());
        assert_eq!(
            (one("FNF"), of("FNDA").count()),
            (of("FN").count(), of("FN").count())
        );
        assert!(one("FNH") <= one("FNF"));
    }
}
