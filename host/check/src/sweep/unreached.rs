//! States that no path entered: those that no way leads to, and those that the inputs given do not lead to.

use asl::{Block, StateId, StateKind};
use engine::Via;

use super::findings::{Finding, Kind};
use super::report::Report;
use crate::coverage::Point;

/// One finding for each state that was never entered.
pub(crate) fn of(report: &Report) -> Vec<Finding> {
    let reachable = reachable(report);
    let states = report.program.states();
    let missed = states.filter(|(id, _)| report.coverage.hits(Point::State(*id)) == 0);
    let finding = |(id, state): (StateId, &asl::State)| {
        let name = &state.name;
        let (what, because) = match reachable[id.0 as usize] {
            false => {
                let nowhere = "no way through the definition leads there".to_owned();
                ("is unreachable", nowhere)
            }
            true => ("was not reached with the inputs given", why(report, id)),
        };
        Finding {
            kind: Kind::Unreached,
            state: name.clone(),
            message: format!("{name} {what}: {because}"),
            because: Some(because),
            faults: Vec::new(),
            path: None,
        }
    };
    missed.map(finding).collect()
}

/// Whether the definition has a way to each state, whatever the data.
fn reachable(report: &Report) -> Vec<bool> {
    let mut seen = vec![false; report.program.states.len()];
    let mut open = vec![report.program.block(asl::Program::ROOT).start];
    while let Some(id) = open.pop() {
        if std::mem::replace(&mut seen[id.0 as usize], true) {
            continue;
        }
        open.extend(report.ways(id).iter().map(|(_, to)| *to));
        open.extend(report.inside(id).map(|block| block.start));
    }
    seen
}

/// The turns not taken on the way to a state: walks back from it to the states that were entered.
fn why(report: &Report, target: StateId) -> String {
    let mut seen = vec![target];
    let mut turns = Vec::new();
    let mut at = 0;
    while at < seen.len() {
        let to = seen[at];
        at += 1;
        for (from, state) in report.program.states() {
            let entered = report.coverage.hits(Point::State(from)) > 0;
            for (via, _) in report.ways(from).iter().filter(|(_, next)| *next == to) {
                match entered {
                    true => turns.push(turn(&state.name, *via)),
                    false if !seen.contains(&from) => seen.push(from),
                    false => {}
                }
            }
            let holds = report.inside(from).any(|block| block.start == to);
            if holds && entered {
                turns.push(format!("{} started nothing inside of it", state.name));
            } else if holds && !seen.contains(&from) {
                seen.push(from);
            }
        }
    }
    match turns.is_empty() {
        true => "no path came near it".to_owned(),
        false => turns.join("; "),
    }
}

fn turn(state: &str, via: Via) -> String {
    match via {
        Via::Next => format!("{state} never succeeded"),
        Via::Rule(n) => format!("Choices[{n}] of {state} never held"),
        Via::Default => format!("{state} never took its Default"),
        Via::Catcher(n) => format!("Catch[{n}] of {state} never fired"),
    }
}

impl Report {
    /// The ways out of a state that lead to another of its block.
    pub(crate) fn ways(&self, state: StateId) -> &[(Via, StateId)] {
        &self.ways[state.0 as usize]
    }

    /// The blocks inside a Parallel or Map.
    pub(crate) fn inside(&self, state: StateId) -> impl Iterator<Item = &Block> {
        let blocks = match &self.program.state(state).kind {
            StateKind::Parallel(parallel) => parallel.branches.clone(),
            StateKind::Map(map) => vec![map.processor],
            StateKind::Task(_)
            | StateKind::Choice(_)
            | StateKind::Wait(_)
            | StateKind::Pass(_)
            | StateKind::Succeed
            | StateKind::Fail(_) => Vec::new(),
        };
        blocks.into_iter().map(|block| self.program.block(block))
    }
}
