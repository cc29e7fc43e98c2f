//! Coverage for people: a line a state, and under it what never happened.

use std::fmt::Write as _;

use engine::Via;

use super::report::{Report, RetrierReport, StateReport, WayReport};
use super::summary::Summary;

impl Report {
    /// The report as a table. What the column of a state names fired; a state that was never entered is one
    /// line, since nothing in it can have happened.
    pub fn to_text(&self) -> String {
        let mut text = format!("{} ({})\n", self.machine, self.file);
        let name = |state: &StateReport| format!("{}{}", "  ".repeat(state.depth), state.name);
        let names = self.states.iter().map(|state| name(state).chars().count());
        let width = names.max().unwrap_or(0);
        let kinds = self.states.iter().map(|state| state.kind.as_str().len());
        let kinds = kinds.max().unwrap_or(0);
        for state in &self.states {
            let (name, kind) = (name(state), state.kind.as_str());
            let entered = match state.hits {
                0 => "never".to_owned(),
                hits => hits.to_string(),
            };
            let line = format!(
                "  {name:width$}  {kind:kinds$}  {entered:>5}  {}",
                fired(state)
            );
            let _ = writeln!(text, "{}", line.trim_end());
            if state.hits > 0 {
                for missing in missing(state) {
                    let _ = writeln!(text, "  {:width$}  {missing}: never", "");
                }
            }
        }
        text + &line(&self.summary)
    }
}

/// Several reports, with the totals of all where there are more than one.
pub fn text(reports: &[Report]) -> String {
    let mut text: Vec<String> = reports.iter().map(Report::to_text).collect();
    if reports.len() > 1 {
        let mut all = Summary::default();
        reports.iter().for_each(|report| all.add(&report.summary));
        text.push(format!("all {} machines\n{}", reports.len(), line(&all)));
    }
    text.join("\n")
}

/// The totals of what there is, on one line.
fn line(summary: &Summary) -> String {
    let totals = summary.iter().filter(|(_, total)| total.total > 0);
    let totals = totals.map(|(kind, total)| {
        let percent = total.percent();
        format!("{} {total} {percent}%", kind.as_str())
    });
    let totals: Vec<String> = totals.collect();
    format!("  {}\n", totals.join("   "))
}

/// What happened to a state that was entered.
fn fired(state: &StateReport) -> String {
    if state.hits == 0 {
        return String::new();
    }
    let ways = state.ways.iter().filter(|way| way.hits > 0);
    let ways = ways.map(|way| format!("{} {}", way.name(), way.hits));
    let retriers = state.retriers.iter().enumerate();
    let retriers = retriers.filter(|(_, retrier)| retrier.attempts.iter().any(|hits| *hits > 0));
    let retriers = retriers.map(|(index, retrier)| {
        let attempts: Vec<String> = retrier.attempts.iter().map(u64::to_string).collect();
        format!("Retry[{index}] {}", attempts.join("+"))
    });
    ways.chain(retriers).collect::<Vec<_>>().join(", ")
}

/// What could have happened to it and never did.
fn missing(state: &StateReport) -> impl Iterator<Item = String> {
    let ways = state.ways.iter().filter(|way| way.hits == 0);
    let retriers = state.retriers.iter().enumerate();
    let attempts = retriers.flat_map(|(index, retrier)| retrier.missing(index));
    ways.map(WayReport::label).chain(attempts)
}

impl WayReport {
    /// What the definition calls it, such as `Choices[0]`.
    pub fn name(&self) -> String {
        match self.via {
            Via::Next if self.next.is_none() => "End".to_owned(),
            Via::Next => "Next".to_owned(),
            Via::Rule(n) => format!("Choices[{n}]"),
            Via::Default => "Default".to_owned(),
            Via::Catcher(n) => format!("Catch[{n}]"),
        }
    }

    /// The name with what it catches and where it leads, such as `Catch[0] States.ALL -> Refund`.
    pub fn label(&self) -> String {
        let mut label = self.name();
        if !self.errors.is_empty() {
            let _ = write!(label, " {}", self.errors.join(", "));
        }
        if let Some(next) = &self.next {
            let _ = write!(label, " -> {next}");
        }
        label
    }
}

impl RetrierReport {
    /// The attempts of the retrier with this index that never happened, those in a row together.
    fn missing(&self, index: usize) -> Vec<String> {
        let errors = self.errors.join(", ");
        let attempts = self.attempts.chunk_by(|a, b| (*a > 0) == (*b > 0));
        let (mut first, mut missing) = (0, Vec::new());
        for row in attempts {
            let last = first + row.len() - 1;
            let later = self.open && last + 1 == self.attempts.len();
            let later = if later { " and later" } else { "" };
            if row[0] == 0 && first == last {
                missing.push(format!("Retry[{index}] {errors} attempt {first}{later}"));
            } else if row[0] == 0 {
                missing.push(format!(
                    "Retry[{index}] {errors} attempts {first}-{last}{later}"
                ));
            }
            first = last + 1;
        }
        missing
    }
}
