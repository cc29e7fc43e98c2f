//! The single faults of a report, drawn together: classes that come to the same at a state stand in one line.
//! States.Runtime is left out: it comes to the same at every Task.

use std::collections::BTreeMap;

use engine::errors;

use super::node::Ending;
use super::report::{Report, Row};

/// Classes of fault of one state that come to the same after so many attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group<'r> {
    pub state: &'r str,
    pub faults: Vec<&'r str>,
    /// How many kinds of fault were tried at the state.
    pub tried: usize,
    /// The fewest and the most attempts.
    pub attempts: (u32, u32),
    pub ending: Ending,
    pub status: &'static str,
    /// Where it ends.
    pub ends_in: &'r str,
    /// The different times, shortest first.
    pub millis: Vec<i64>,
}

/// What a class of fault comes to at a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome<'r> {
    attempts: (u32, u32),
    ending: Ending,
    status: &'static str,
    ends_in: &'r str,
    millis: Vec<i64>,
}

/// The groups, state by state in the order in which the faultless path comes to them.
pub(crate) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for (state, classes) in by_class(report) {
        let tried = classes.len();
        let before = groups.len();
        for (fault, outcomes) in classes {
            for outcome in outcomes {
                let own = &mut groups[before..];
                match own.iter_mut().find(|group| group.is(&outcome)) {
                    Some(group) => group.faults.push(fault),
                    None => groups.push(Group {
                        state,
                        faults: vec![fault],
                        tried,
                        attempts: outcome.attempts,
                        ending: outcome.ending,
                        status: outcome.status,
                        ends_in: outcome.ends_in,
                        millis: outcome.millis,
                    }),
                }
            }
        }
        groups[before..].sort_by_key(|group| (group.attempts, usize::MAX - group.faults.len()));
    }
    groups
}

impl Group<'_> {
    fn is(&self, outcome: &Outcome) -> bool {
        (self.attempts, self.ending, self.status)
            == (outcome.attempts, outcome.ending, outcome.status)
            && self.ends_in == outcome.ends_in
            && self.millis == outcome.millis
    }
}

type ByClass<'r> = Vec<(&'r str, Vec<(&'r str, Vec<Outcome<'r>>)>)>;

/// For each state and class what it comes to; attempts with one end side by side are drawn together.
fn by_class(report: &Report) -> ByClass<'_> {
    let mut states: Vec<&str> = Vec::new();
    let mut rows: BTreeMap<(usize, &str), Vec<Row>> = BTreeMap::new();
    let mut order: Vec<(usize, &str)> = Vec::new();
    for row in report.rows().filter(|row| row.faults.len() == 1) {
        let fault = row.faults[0];
        if fault.fault == errors::RUNTIME {
            continue;
        }
        let known = states.iter().position(|state| *state == fault.state);
        let at = known.unwrap_or_else(|| {
            states.push(fault.state);
            states.len() - 1
        });
        let key = (at, fault.fault);
        if !rows.contains_key(&key) {
            order.push(key);
        }
        rows.entry(key).or_default().push(row);
    }
    let mut by_class: ByClass = states.iter().map(|state| (*state, Vec::new())).collect();
    for (at, fault) in order {
        let mut own = rows.remove(&(at, fault)).unwrap_or_default();
        own.sort_by_key(|row| row.faults[0].attempts);
        by_class[at].1.push((fault, outcomes(&own)));
    }
    by_class
}

fn outcomes<'r>(rows: &[Row<'r>]) -> Vec<Outcome<'r>> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for row in rows {
        let attempts = row.faults[0].attempts;
        let same = |known: &&mut Outcome| {
            (known.ending, known.status, known.ends_in) == (row.ending, row.status, row.state)
                && known.attempts.1 + 1 >= attempts
        };
        match outcomes.iter_mut().find(same) {
            Some(known) => {
                known.attempts.1 = attempts;
                known.millis.push(row.millis);
            }
            None => outcomes.push(Outcome {
                attempts: (attempts, attempts),
                ending: row.ending,
                status: row.status,
                ends_in: row.state,
                millis: vec![row.millis],
            }),
        }
    }
    for outcome in &mut outcomes {
        outcome.millis.sort_unstable();
        outcome.millis.dedup();
    }
    outcomes
}
