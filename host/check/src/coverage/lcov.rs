//! Coverage as LCOV's tracefile, which editors and code hosts show beside the lines of a definition.
//!
//! A state is a function and a line; a rule, a retrier and a catcher are lines; the ways out of a state and
//! the attempts of a retrier are branches.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::report::{Report, StateReport};

/// The reports as one tracefile, a record a machine.
pub fn lcov(reports: &[Report]) -> String {
    reports.iter().map(Report::to_lcov).collect()
}

impl Report {
    /// The record of the machine's definition, named as its source is.
    pub fn to_lcov(&self) -> String {
        let mut record = format!("TN:{}\nSF:{}\n", test_name(&self.machine), self.file);
        self.functions(&mut record);
        self.branches(&mut record);
        self.lines(&mut record);
        record + "end_of_record\n"
    }

    fn functions(&self, record: &mut String) {
        for state in &self.states {
            let _ = writeln!(record, "FN:{},{}", state.line, function_name(state));
        }
        for state in &self.states {
            let _ = writeln!(record, "FNDA:{},{}", state.hits, function_name(state));
        }
        let hit = self.states.iter().filter(|state| state.hits > 0).count();
        let _ = writeln!(record, "FNF:{}\nFNH:{hit}", self.states.len());
    }

    fn branches(&self, record: &mut String) {
        // Where several states share a line, each has blocks of its own.
        let mut blocks: BTreeMap<usize, u32> = BTreeMap::new();
        let (mut found, mut hit) = (0, 0);
        for state in &self.states {
            let ways: Vec<u64> = state.ways.iter().map(|way| way.hits).collect();
            let ways = std::iter::once((state.line, ways));
            let retriers = state.retriers.iter();
            let retriers = retriers.map(|retrier| (retrier.line, retrier.attempts.clone()));
            for (line, branches) in ways.chain(retriers) {
                let block = blocks.entry(line).or_default();
                for (branch, hits) in branches.iter().enumerate() {
                    let taken = match (state.hits, *hits) {
                        (0, 0) => "-".to_owned(),
                        (_, hits) => hits.to_string(),
                    };
                    let _ = writeln!(record, "BRDA:{line},{block},{branch},{taken}");
                    found += 1;
                    hit += u32::from(*hits > 0);
                }
                *block += 1;
            }
        }
        let _ = writeln!(record, "BRF:{found}\nBRH:{hit}");
    }

    fn lines(&self, record: &mut String) {
        let mut lines: BTreeMap<usize, u64> = BTreeMap::new();
        for (line, hits) in self.states.iter().flat_map(line_hits) {
            // A line on which several things begin is hit as often as that of them which happened most.
            let known = lines.entry(line).or_default();
            *known = hits.max(*known);
        }
        for (line, hits) in &lines {
            let _ = writeln!(record, "DA:{line},{hits}");
        }
        let hit = lines.values().filter(|hits| **hits > 0).count();
        let _ = writeln!(record, "LF:{}\nLH:{hit}", lines.len());
    }
}

fn line_hits(state: &StateReport) -> impl Iterator<Item = (usize, u64)> {
    let ways = state.ways.iter();
    let ways = ways.filter_map(|way| Some((way.line?, way.hits)));
    // A retrier that never retries cannot be missed.
    let retriers = state
        .retriers
        .iter()
        .filter(|retrier| !retrier.attempts.is_empty());
    let retriers = retriers.map(|retrier| (retrier.line, retrier.attempts.iter().sum()));
    std::iter::once((state.line, state.hits))
        .chain(ways)
        .chain(retriers)
}

/// LCOV takes letters, digits and underscores for the name of a test.
fn test_name(machine: &str) -> String {
    machine.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// A state's name on one line.
fn function_name(state: &StateReport) -> String {
    state.name.as_str().replace(char::is_control, " ")
}
