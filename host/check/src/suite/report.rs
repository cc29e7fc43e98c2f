//! What came of a suite, as data and as text.

use std::fmt::Write as _;
use std::time::Duration;

use data::{Data, EcoString, Object};
use engine::{Execution, Status, errors};
use runtime::RunError;

use super::Suite;
use super::case::Case;
use super::judge::Difference;
use super::observed::Observed;
use super::run::Stage;
use crate::coverage::{Coverage, Report, Shortfall};
use crate::place::Place;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// The case's name.
    pub name: EcoString,
    /// Where it stands.
    pub place: Place,
    /// All that is not as expected; none if it passed.
    pub differences: Vec<Difference>,
    /// Why the case could not be run, which is not the workflow's fault.
    pub broken: Option<String>,
    /// How the execution ended.
    pub status: &'static str,
    /// The virtual time that it took.
    pub duration: Duration,
    /// How many events its history has.
    pub events: u64,
    /// What each invocation cost: state, number in the execution, fuel.
    pub fuel: Vec<(EcoString, u32, u64)>,
    /// Something worth a word whatever was expected.
    pub note: Option<String>,
}

/// What came of a suite.
#[derive(Debug)]
pub struct SuiteReport {
    /// The suite's file.
    pub suite: String,
    /// Its cases in the order of the text.
    pub cases: Vec<CaseReport>,
    /// What all cases together reached.
    pub coverage: Coverage,
    /// The coverage of its machine by name.
    pub machine: EcoString,
    /// The thresholds that are not reached; judged only if every case ran.
    pub shortfalls: Vec<Shortfall>,
}

impl CaseReport {
    pub(super) fn new(
        case: &Case,
        differences: Vec<Difference>,
        observed: &Observed,
        execution: &Execution,
    ) -> CaseReport {
        let mut states: Vec<EcoString> = observed.requests.keys().cloned().collect();
        states.sort();
        let fuel = states.iter().flat_map(|state| {
            let fuel = observed.fuel_of(state);
            fuel.map(|(number, fuel)| (state.clone(), number, fuel))
        });
        let fuel = fuel.collect();
        CaseReport {
            name: case.name.clone(),
            place: case.place.clone(),
            differences,
            broken: None,
            status: observed.status,
            duration: observed.duration,
            events: observed.total(),
            fuel,
            note: note(execution, observed.total()),
        }
    }

    pub(super) fn broken(case: &Case, error: &RunError) -> CaseReport {
        CaseReport {
            name: case.name.clone(),
            place: case.place.clone(),
            differences: Vec::new(),
            broken: Some(error.to_string()),
            status: "RUNNING",
            duration: Duration::ZERO,
            events: 0,
            fuel: Vec::new(),
            note: None,
        }
    }

    /// Whether everything is as expected.
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && self.broken.is_none()
    }

    /// Where to look first: at the expectation that does not hold, else at the case.
    pub fn first_place(&self) -> &Place {
        let first = self.differences.first();
        first
            .and_then(|first| first.place.as_ref())
            .unwrap_or(&self.place)
    }

    /// Why it failed: the first difference in full, the others by name.
    pub fn reason(&self) -> Option<String> {
        if let Some(broken) = &self.broken {
            return Some(format!("could not be run: {broken}"));
        }
        let (first, others) = self.differences.split_first()?;
        let mut text = first.to_string();
        if !others.is_empty() {
            let names: Vec<&str> = others.iter().map(|other| other.what.as_str()).collect();
            let _ = write!(text, "\n  also: {}", names.join("; "));
        }
        if let Some(note) = &self.note {
            let _ = write!(text, "\n  note: {note}");
        }
        Some(text)
    }

    fn to_data(&self) -> Data {
        let differences = self.differences.iter().map(|difference| {
            let mut object = Object::builder()
                .with("what", difference.what.as_str())
                .with("expected", difference.expected.as_str())
                .with("found", difference.found.as_str());
            if let Some(place) = &difference.place {
                object = object.with("place", place.to_string());
            }
            Data::from(object.build())
        });
        let fuel = self.fuel.iter().map(|(state, number, fuel)| {
            let object = Object::builder()
                .with("state", state.clone())
                .with("invocation", i64::from(*number))
                .with("fuel", i64::try_from(*fuel).unwrap_or(i64::MAX));
            Data::from(object.build())
        });
        let mut object = Object::builder()
            .with("name", self.name.clone())
            .with("place", self.place.to_string())
            .with("passed", self.passed())
            .with("status", self.status)
            .with("seconds", seconds(self.duration))
            .with("events", i64::try_from(self.events).unwrap_or(i64::MAX))
            .with("fuel", fuel.collect::<Data>())
            .with("differences", differences.collect::<Data>());
        for (key, text) in [("broken", &self.broken), ("note", &self.note)] {
            if let Some(text) = text {
                object.insert(key.into(), text.as_str().into());
            }
        }
        object.build().into()
    }
}

/// A case that never ends is ended by its quota of events.
fn note(execution: &Execution, events: u64) -> Option<String> {
    let quota = execution.about().quotas.history_events;
    let Status::Failed(failure) = execution.status() else {
        return None;
    };
    let ran_out = failure.error.as_deref() == Some(errors::RUNTIME) && events >= u64::from(quota);
    ran_out.then(|| format!("it did not end by itself: its quota of {quota} events stopped it"))
}

fn seconds(time: Duration) -> Data {
    data::Number::float(time.as_secs_f64()).map_or(Data::Null, Data::Number)
}

impl SuiteReport {
    pub(super) fn new(
        suite: &Suite,
        stage: &Stage,
        cases: Vec<CaseReport>,
        coverage: Coverage,
    ) -> SuiteReport {
        let machine = stage.name.clone();
        let all = cases.len() == suite.cases.len();
        let summary = crate::coverage::Summary::of(&coverage);
        SuiteReport {
            suite: suite.source.name.to_string(),
            shortfalls: if all {
                suite.thresholds.unmet(&summary)
            } else {
                Vec::new()
            },
            cases,
            coverage,
            machine,
        }
    }

    /// Whether every case passed and coverage is enough.
    pub fn passed(&self) -> bool {
        self.cases.iter().all(CaseReport::passed) && self.shortfalls.is_empty()
    }

    /// The coverage against the definition's text.
    pub fn coverage_report(&self, definition: &data::Source) -> Report {
        Report::of(&self.coverage, &self.machine, definition)
    }

    /// The report as data.
    pub fn to_data(&self, definition: &data::Source) -> Data {
        let shortfalls = self.shortfalls.iter().map(|s| Data::from(s.to_string()));
        Object::builder()
            .with("suite", self.suite.as_str())
            .with("machine", self.machine.clone())
            .with("passed", self.passed())
            .with(
                "cases",
                self.cases.iter().map(CaseReport::to_data).collect::<Data>(),
            )
            .with("shortfalls", shortfalls.collect::<Data>())
            .with("coverage", self.coverage_report(definition).to_data())
            .build()
            .into()
    }
}
