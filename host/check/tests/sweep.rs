//! Sweeps of definitions with known defects, as a case file each: see `sweeps/`.
//!
//! A case holds definition, inputs, answers and what the sweep must find. `WF_HOST_BLESS=1` rewrites the
//! expected parts; read what it wrote.

#[path = "common/sweeps.rs"]
mod sweeps;

use std::collections::BTreeSet;

use check::mock::MockConfig;
use data::{Data, Format, Object, Source};
use sweeps::{Case, order_workflow};

use check::sweep::{Ending, Kind, Report, Row};

#[test]
fn cases_are_found_to_be_what_they_are() {
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    let files = sweeps::files();
    assert!(files.len() >= 8, "only {} cases", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case is readable");
        let name = file.display();
        let content = Data::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = outcome(&Case::new(&content).sweep());
        if bless {
            let case = content.as_object().expect("a case is an object");
            let text = Data::from(case.with("expect", found)).to_pretty() + "\n";
            std::fs::write(&file, text).expect("a case is writable");
        } else if content.get("expect") != Some(&found) {
            wrong.push(format!("== {name}\n{}", found.to_pretty()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn outcome(report: &Report) -> Data {
    let whole = report.to_data();
    let part = |name: &str| whole.get(name).cloned().unwrap_or_default();
    let text = report.to_text();
    let expect = Object::builder()
        .with("findings", part("findings"))
        .with("leftOut", part("leftOut"))
        .with("summary", text.lines().map(Data::from).collect::<Data>());
    expect.build().into()
}

#[test]
fn the_order_workflow_catches_no_error_of_its_first_two_tasks() {
    let report = order_workflow().sweep();
    let uncaught: Vec<&str> = report
        .found(Kind::Uncaught)
        .map(|found| found.state.as_str())
        .collect();
    assert_eq!(uncaught, ["ValidateOrder", "CheckInventory"]);
    let dead: Vec<_> = report.found(Kind::Dead).collect();
    assert!(dead.is_empty(), "{dead:?}");
}

#[test]
fn each_attempt_at_a_payment_has_its_time() {
    let report = order_workflow().sweep();
    let rows = report
        .rows()
        .filter(|row| is_of(row, "ProcessPayment", "Sandbox.Timedout"));
    let seen: Vec<_> = rows
        .map(|row| (row.faults[0].attempts, row.ending, row.state, row.millis))
        .collect();
    let succeeds = (Ending::Succeeded, "OrderCompleted");
    let expected = [
        (1, succeeds.0, succeeds.1, 2_000),
        (2, succeeds.0, succeeds.1, 6_000),
        (3, succeeds.0, succeeds.1, 14_000),
        (4, Ending::FailState, "Failure", 14_000),
    ];
    assert_eq!(seen, expected);
}

fn is_of(row: &Row, state: &str, fault: &str) -> bool {
    matches!(row.faults[..], [only] if only.state == state && only.fault == fault)
}

#[test]
fn a_fault_that_nothing_can_catch_is_a_row_and_no_finding() {
    let report = order_workflow().sweep();
    let rows: Vec<_> = report
        .rows()
        .filter(|row| row.by == Some("States.Runtime"))
        .collect();
    assert_eq!(rows.len(), 3, "one for each Task");
    let named = |found: &check::sweep::Finding| found.faults.iter().any(|f| f == "States.Runtime");
    assert!(!report.findings.iter().any(named));
}

#[test]
fn merging_loses_nothing() {
    for (name, mut case) in sweeps::all() {
        for depth in 0..=2 {
            case.options.depth = depth;
            case.options.merge = true;
            let merged = case.sweep();
            case.options.merge = false;
            let apart = case.sweep();
            assert_eq!(apart.merged, 0);
            assert_eq!(
                merged.forks + merged.merged,
                apart.forks,
                "{name} at {depth}"
            );
            assert!(
                without_counts(&merged) == without_counts(&apart),
                "{name} at depth {depth}"
            );
        }
    }
}

/// Everything but how the paths were come by.
fn without_counts(report: &Report) -> Data {
    let whole = report.to_data();
    let whole = whole.as_object().expect("a report is an object");
    whole.without("forks").without("merged").into()
}

#[test]
fn no_two_paths_are_described_alike() {
    for (name, mut case) in sweeps::all() {
        case.options.depth = 2;
        let report = case.sweep();
        let mut seen = BTreeSet::new();
        for row in report.rows() {
            let path = format!("{} {:?}", row.input, row.faults);
            assert!(seen.insert(path), "{name}: {row:?} comes twice");
        }
    }
}

#[test]
fn paths_do_meet() {
    let mut cases = sweeps::all().into_iter();
    let case = cases.find(|(name, _)| name == "parallel-and-map");
    let (_, case) = case.expect("the case is there");
    let report = case.sweep();
    assert!(report.merged > 0, "{}", report.headline());
}

#[test]
fn the_same_sweep_gives_the_same_report() {
    for (name, case) in sweeps::all() {
        let (one, two) = (case.sweep(), case.sweep());
        assert_eq!(one.to_data(), two.to_data(), "{name}");
        assert_eq!(one.to_markdown(), two.to_markdown(), "{name}");
    }
}

#[test]
fn single_faults_come_first_and_what_is_left_out_is_said() {
    let mut case = order_workflow();
    let singles = case.sweep().rows().count();
    case.options.depth = 2;
    case.options.max_forks = singles as u64 + 10;
    let report = case.sweep();
    assert_eq!(
        report.rows().filter(|row| row.faults.len() <= 1).count(),
        singles
    );
    assert_eq!(report.rows().count(), singles + 10);
    let said = report.left_out.iter().any(|sentence| {
        sentence.contains("--max-forks") && sentence.contains("all single faults are among them")
    });
    assert!(said, "{:?}", report.left_out);
    case.options.max_forks = 5;
    let said = case.sweep().left_out.join(" ");
    assert!(said.contains("not even all single faults"), "{said}");
}

#[test]
fn nobody_to_answer_is_said_with_what_to_do() {
    let mut case = order_workflow();
    case.forget("CheckInventory");
    let report = case.sweep();
    let said = report.left_out.join(" ");
    assert!(
        said.contains("behind a success of CheckInventory"),
        "{said}"
    );
    assert!(said.contains("give an answer for CheckInventory"), "{said}");
    assert!(
        report
            .found(Kind::Unreached)
            .any(|found| found.state == "ProcessPayment")
    );
}

#[test]
fn several_inputs_are_one_sweep() {
    let definition = r#"{"definition": {"StartAt": "Which", "States": {
        "Which": {"Type": "Choice", "Default": "B",
            "Choices": [{"Variable": "$.a", "BooleanEquals": true, "Next": "A"}]},
        "A": {"Type": "Task", "Resource": "a", "End": true},
        "B": {"Type": "Task", "Resource": "b", "End": true}}},
        "answers": {"A": 1, "B": 2}, "input": {"a": true}}"#;
    let mut case = Case::new(&Data::parse(definition).expect("it is JSON"));
    let unreached = |report: &Report| report.found(Kind::Unreached).count();
    assert_eq!(unreached(&case.sweep()), 1);
    case.inputs
        .push(Data::parse(r#"{"a": false}"#).expect("it is JSON"));
    let report = case.sweep();
    assert_eq!((unreached(&report), report.inputs), (0, 2));
    assert!(report.rows().any(|row| row.input == 1 && row.state == "B"));
}

#[test]
fn an_invariant_of_unknown_states_is_refused_with_a_near_miss() {
    let mut case = order_workflow();
    let invariant = check::invariant::Invariant::parse("ProcessPaymnet => Failure");
    case.options.invariants = vec![invariant.expect("the form is right")];
    let error = case.try_sweep().expect_err("there is no such state");
    assert!(
        error.to_string().contains("did you mean `ProcessPayment`?"),
        "{error}"
    );
}

#[test]
fn the_drawing_says_in_words_what_its_colours_say() {
    let markdown = order_workflow().sweep().to_markdown();
    for words in [
        "```mermaid\nflowchart TD\n",
        "ends uncaught",
        "never reached",
        "|\"Catch 0\"|",
        "|\"Default, never\"|",
        "Green with a thin line",
    ] {
        assert!(markdown.contains(words), "{words} is not in\n{markdown}");
    }
}

#[test]
fn mocks_answer_for_workers_and_faults_use_none_of_them_up() {
    let mocks = r#"{"StateMachines": {"order-workflow": {"TestCases": {"Good": {"ProcessPayment": "Paid"}}}},
        "MockedResponses": {"Paid": {"0": {"Return": {"paid": true}}}}}"#;
    let config = MockConfig::read(&Source::new("mocks.json", mocks), Format::Json);
    let found = config.expect("the file is right").case("Good");
    let mut case = order_workflow();
    let known = case.sweep();
    case.forget("ProcessPayment");
    case.mocks = found.expect("the case is there").mocks;
    let mocked = case.sweep();
    assert!(mocked.left_out.is_empty(), "{:?}", mocked.left_out);
    assert_eq!(mocked.findings, known.findings);
    assert!(mocked.rows().eq(known.rows()), "every retry is answered");
}
