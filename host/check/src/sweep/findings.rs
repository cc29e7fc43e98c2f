//! What is wrong with a machine, judged by what its paths came to.

use std::collections::BTreeMap;

use asl::StateId;
use data::EcoString;

use super::node::Ending;
use super::report::{Report, Row};
use super::text::{duration, path_in_words};
use super::{dead, unreached};

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A fault ends the execution, and no catcher takes it.
    Uncaught,
    /// A broken invariant.
    Invariant,
    /// Retriers or a loop that go on beyond the most attempts.
    Unbounded,
    /// An entry of Retry or Catch that never fires.
    Dead,
    /// A state that is never entered.
    Unreached,
}

impl Kind {
    /// All of them, the gravest first.
    pub const ALL: [Kind; 5] = [
        Kind::Uncaught,
        Kind::Invariant,
        Kind::Unbounded,
        Kind::Dead,
        Kind::Unreached,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Uncaught => "uncaught",
            Kind::Invariant => "invariant",
            Kind::Unbounded => "unbounded",
            Kind::Dead => "dead",
            Kind::Unreached => "unreached",
        }
    }
}

/// Something that is wrong with the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// The state that it concerns.
    pub state: EcoString,
    /// A sentence without its full stop.
    pub message: String,
    /// Why, where there is a reason to be told: of an entry that never fires, of a state that is not reached.
    pub because: Option<String>,
    /// The faults that it is about, by class.
    pub faults: Vec<EcoString>,
    /// The shortest path that shows it, in words; none if no path does.
    pub path: Option<String>,
}

/// Everything that is wrong, the gravest first.
pub(crate) fn of(report: &Report) -> Vec<Finding> {
    let mut found = uncaught(report);
    found.extend(invariants(report));
    found.extend(unbounded(report));
    found.extend(dead::of(report));
    found.extend(unreached::of(report));
    found
}

/// What ends the execution in one state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Whether more than one fault has to come together for it.
    together: bool,
    state: StateId,
    ending: Ending,
    /// Whether no fault did it, but the error of a worker or of the machine itself.
    own: bool,
}

/// What ends it there, and the first path that does.
type Ends<'r> = BTreeMap<Place, (Vec<EcoString>, Row<'r>)>;

/// The faults that nobody takes, state by state; those that take more than one fault only if they do not come
/// alone already. States.Runtime is left out, since nothing can take it.
fn uncaught(report: &Report) -> Vec<Finding> {
    let mut ends = Ends::new();
    for row in report.rows().filter(ends_by_nobodys_will) {
        let fault: EcoString = row
            .by
            .or(row.error)
            .unwrap_or("an error without a name")
            .into();
        let place = Place {
            together: row.faults.len() > 1,
            state: row.at,
            ending: row.ending,
            own: row.by.is_none(),
        };
        let alone = Place {
            together: false,
            ..place
        };
        let knows = |(faults, _): &(Vec<EcoString>, Row)| faults.contains(&fault);
        if place.together && ends.get(&alone).is_some_and(knows) {
            continue;
        }
        let (faults, _) = ends.entry(place).or_insert_with(|| (Vec::new(), row));
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    let finding = |(place, (faults, row)): (Place, (Vec<EcoString>, Row))| Finding {
        kind: Kind::Uncaught,
        state: row.state.into(),
        message: uncaught_message(report, place, &faults, &row),
        because: None,
        path: Some(path_in_words(&row)),
        faults,
    };
    ends.into_iter().map(finding).collect()
}

fn ends_by_nobodys_will(row: &Row) -> bool {
    match row.ending {
        Ending::Uncaught => row.by != Some(RUNTIME),
        Ending::MachineError | Ending::TimedOut => true,
        Ending::Succeeded | Ending::FailState | Ending::UnboundedRetry | Ending::Loop => false,
    }
}

const RUNTIME: &str = engine::errors::RUNTIME;

fn uncaught_message(report: &Report, place: Place, faults: &[EcoString], row: &Row) -> String {
    let (state, error) = (row.state, faults.join(", "));
    if row.faults.is_empty() {
        return format!(
            "without any fault the execution ends as {} in {state} with {error}",
            row.status
        );
    }
    let after = after_faults(row, usize::from(!place.own));
    match place.ending {
        Ending::MachineError => {
            format!(
                "{state} ends the execution with {error}{after}: the machine itself is at fault"
            )
        }
        Ending::TimedOut => format!("the execution runs out of time in {state}{after}"),
        Ending::Uncaught if place.own => {
            format!(
                "{state}: {error}, which its worker gives{after}, is caught nowhere and ends the execution"
            )
        }
        Ending::Uncaught
        | Ending::Succeeded
        | Ending::FailState
        | Ending::UnboundedRetry
        | Ending::Loop => {
            let what = match (faults.len(), report.possible_faults(place.state)) {
                (1, _) => format!("{error} is caught nowhere and ends"),
                (n, most) if n == most => {
                    format!("all {n} kinds of fault are caught nowhere and end")
                }
                (n, most) => format!("{n} of {most} kinds of fault are caught nowhere and end"),
            };
            format!("{state}: {what} the execution{after}")
        }
    }
}

/// The faults that came before, the last few apart.
fn after_faults(row: &Row, last: usize) -> String {
    let before = &row.faults[..row.faults.len() - last];
    let before: Vec<&str> = before.iter().map(|fault| fault.state).collect();
    match before.is_empty() {
        true => String::new(),
        false => format!(" after a fault of {}", before.join(" and ")),
    }
}

/// The invariants that some path breaks. Where States.Runtime ends it, no machine could have kept them.
fn invariants(report: &Report) -> Vec<Finding> {
    let broken = (0..).zip(&report.options.invariants);
    let found = broken.filter_map(|(at, invariant)| {
        let mut count = 0usize;
        let rows = report
            .rows()
            .filter(|row| row.broken.contains(&at) && row.by != Some(RUNTIME));
        let shortest = rows.inspect(|_| count += 1).min_by_key(|row| {
            let attempts: u32 = row.faults.iter().map(|fault| fault.attempts).sum();
            (row.faults.len(), attempts)
        })?;
        let paths = if count == 1 { "path" } else { "paths" };
        Some(Finding {
            kind: Kind::Invariant,
            state: invariant.must_run.clone(),
            message: format!("{count} {paths} break it: {invariant}"),
            faults: shortest.faults.iter().map(|f| f.fault.into()).collect(),
            because: None,
            path: Some(path_in_words(&shortest)),
        })
    });
    found.collect()
}

fn unbounded(report: &Report) -> Vec<Finding> {
    let mut places: BTreeMap<(StateId, Ending), (Vec<EcoString>, Row)> = BTreeMap::new();
    for row in report.rows().filter(|row| row.ending.is_cut()) {
        let faults: Vec<EcoString> = row
            .faults
            .last()
            .map(|f| f.fault.into())
            .into_iter()
            .collect();
        let place = (row.at, row.ending);
        let known = places.entry(place).or_insert_with(|| (Vec::new(), row));
        for fault in faults {
            if !known.0.contains(&fault) {
                known.0.push(fault);
            }
        }
    }
    let most = report.options.max_attempts;
    let finding = |((at, ending), (faults, row)): ((StateId, Ending), (Vec<EcoString>, Row))| {
        let state = row.state;
        let message = match ending {
            Ending::Loop => format!("{state} is visited more than {most} times on one path"),
            _ => format!(
                "{state} is retried more than {most} times, {} by then: {}",
                duration(row.millis),
                report.generous_retriers(at)
            ),
        };
        Finding {
            kind: Kind::Unbounded,
            state: state.into(),
            message,
            because: None,
            path: Some(path_in_words(&row)),
            faults,
        }
    };
    places.into_iter().map(finding).collect()
}

impl Report {
    /// How many kinds of fault a state can meet, those apart that nothing can take.
    pub(crate) fn possible_faults(&self, state: StateId) -> usize {
        let classes = self.classes.at(state).iter();
        let known = classes.filter(|class| self.classes.get(**class).name != RUNTIME);
        known.count()
    }

    fn generous_retriers(&self, state: StateId) -> String {
        let state = self.program.state(state);
        let most = u64::from(self.options.max_attempts);
        let generous = state.retry.iter().enumerate();
        let generous = generous.filter(|(_, retrier)| retrier.max_attempts > most);
        let generous: Vec<String> = generous
            .map(|(at, retrier)| format!("Retry[{at}] has MaxAttempts {}", retrier.max_attempts))
            .collect();
        match generous.is_empty() {
            true => "its retriers together, or those around it, go on".to_owned(),
            false => generous.join(", "),
        }
    }
}
