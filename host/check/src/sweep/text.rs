//! A report for people: one screen, and no meaning in colour.

use std::fmt::Write as _;

use super::findings::{Finding, Kind};
use super::group::{Group, groups};
use super::report::{Fault, Report, Row};
use crate::coverage::Point;

/// More lines than these of the table, or of the findings, are counted in place of being shown.
const MOST_LINES: usize = 16;

/// What the table leaves out, since it is the same for every Task.
const BESIDES: &str =
    "  and States.Runtime at any of them, which nothing retries or catches: the execution fails\n";

impl Report {
    /// The summary: what comes of every single fault, and what was found.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}: {}\n", self.machine, self.headline());
        let groups = groups(self);
        let table: Vec<[String; 6]> = groups.iter().take(MOST_LINES).map(line).collect();
        if table.is_empty() {
            out.push_str("  no Task was reached, so there is nothing that can go wrong\n");
        } else {
            let head = ["TASK", "FAULTS", "ATTEMPTS", "THEN IT", "IN", "AFTER"].map(str::to_owned);
            aligned(&mut out, &head, &table);
        }
        more(&mut out, groups.len(), "lines");
        if !table.is_empty() {
            out.push_str(BESIDES);
        }
        out.push('\n');
        self.findings_in_text(&mut out);
        for sentence in &self.left_out {
            let _ = writeln!(out, "left out: {sentence}");
        }
        for row in self.faultless().take(MOST_LINES / 4) {
            let (how, time) = (path_in_words(&row), duration(row.millis));
            let _ = writeln!(out, "input {}:  {time} ({how})", row.input);
        }
        if let Some(longest) = self.longest() {
            let how = path_in_words(&longest);
            let _ = writeln!(out, "longest:  {} ({how})", duration(longest.millis));
        }
        let _ = writeln!(out, "reached:  {}", self.reached());
        out
    }

    /// How much was explored, in a few words.
    pub fn headline(&self) -> String {
        let paths = self.forks + self.merged;
        let inputs = if self.inputs == 1 { "input" } else { "inputs" };
        let depth = match self.options.depth {
            0 => "no fault".to_owned(),
            1 => "at most one fault".to_owned(),
            n => format!("at most {n} faults"),
        };
        let merged = match self.merged {
            0 => String::new(),
            n => format!(", {n} of them met another and go on alike"),
        };
        format!(
            "{paths} paths with {depth} from {} {inputs}{merged}",
            self.inputs
        )
    }

    /// How much of the definition ever happened, in a few words.
    pub(crate) fn reached(&self) -> String {
        let (mut states, mut retry, mut catch) = ((0, 0), (0, 0), (0, 0));
        for (point, hits) in self.coverage.points() {
            let count = match point {
                Point::State(_) => &mut states,
                Point::Retry { attempt: 0, .. } => &mut retry,
                Point::Way(_, engine::Via::Catcher(_)) => &mut catch,
                Point::Way(..) | Point::Retry { .. } => continue,
            };
            count.0 += usize::from(hits > 0);
            count.1 += 1;
        }
        format!(
            "{} of {} states, {} of {} Retry and {} of {} Catch entries",
            states.0, states.1, retry.0, retry.1, catch.0, catch.1
        )
    }

    /// The findings of a kind.
    pub fn found(&self, kind: Kind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |found| found.kind == kind)
    }

    fn findings_in_text(&self, out: &mut String) {
        if self.findings.is_empty() {
            out.push_str("FINDINGS  none\n\n");
            return;
        }
        let _ = writeln!(out, "FINDINGS  {}", self.findings.len());
        let lines = self.findings_drawn_together();
        for (found, message) in lines.iter().take(MOST_LINES) {
            let _ = writeln!(out, "  {:<9}  {message}", found.kind.as_str());
            if let (Some(path), Kind::Invariant) = (&found.path, found.kind) {
                let _ = writeln!(out, "  {:<9}  shortest: {path}", "");
            }
        }
        more(out, lines.len(), "lines");
        out.push('\n');
    }

    /// The findings with what they say; states that one turn keeps from being reached are one line.
    pub(crate) fn findings_drawn_together(&self) -> Vec<(&Finding, String)> {
        let mut lines: Vec<(&Finding, usize)> = Vec::new();
        for found in &self.findings {
            let same = |(known, _): &&mut (&Finding, usize)| {
                (known.kind, found.kind) == (Kind::Unreached, Kind::Unreached)
                    && known.because == found.because
            };
            match lines.iter_mut().find(same) {
                Some((_, more)) => *more += 1,
                None => lines.push((found, 0)),
            }
        }
        let told = lines.into_iter();
        told.map(|(found, more)| (found, with_others(found, more)))
            .collect()
    }
}

/// What a finding says, if so many more states have it in common.
fn with_others(found: &Finding, more: usize) -> String {
    if more == 0 {
        return found.message.clone();
    }
    let rest = found.message.strip_prefix(found.state.as_str());
    let rest = rest.unwrap_or(&found.message);
    let rest = rest
        .replacen(" was ", " were ", 1)
        .replacen(" is ", " are ", 1);
    let states = if more == 1 { "state" } else { "states" };
    format!("{} and {more} more {states}{rest}", found.state)
}

fn more(out: &mut String, all: usize, what: &str) {
    if all > MOST_LINES {
        let _ = writeln!(
            out,
            "  ... {} more {what}: --json has them all",
            all - MOST_LINES
        );
    }
}

fn line(group: &Group) -> [String; 6] {
    [
        shortened(group.state),
        faults_in_words(group, 2),
        attempts_in_words(group),
        group.ending.in_words().to_owned(),
        shortened(group.ends_in),
        times_in_words(group),
    ]
}

/// A name that leaves room for what is said of it.
fn shortened(name: &str) -> String {
    const MOST: usize = 32;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let start: String = name.chars().take(MOST - 1).collect();
    format!("{start}\u{2026}")
}

/// The faults of a group by name if they are at most so many, else by number.
pub(crate) fn faults_in_words(group: &Group, most: usize) -> String {
    match group.faults.len() {
        n if n <= most => group.faults.join(", "),
        n if n == group.tried => format!("all {n} kinds"),
        n => format!("{n} of {} kinds", group.tried),
    }
}

pub(crate) fn attempts_in_words(group: &Group) -> String {
    match group.attempts {
        (first, last) if first == last => format!("{first}"),
        (first, last) => format!("{first}-{last}"),
    }
}

pub(crate) fn times_in_words(group: &Group) -> String {
    match group.millis.as_slice() {
        [first, .., last] if group.millis.len() > 4 => {
            format!("{} ... {}", duration(*first), duration(*last))
        }
        times => {
            let times: Vec<String> = times.iter().map(|millis| duration(*millis)).collect();
            times.join(", ")
        }
    }
}

/// Columns as wide as their widest cell, so that the eye can go down them.
fn aligned(out: &mut String, head: &[String; 6], table: &[[String; 6]]) {
    let width = |column: usize| {
        let cells = table.iter().chain(std::iter::once(head));
        cells
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut state = "";
    for row in std::iter::once(head).chain(table) {
        let mut text = String::from(" ");
        for (column, cell) in row.iter().enumerate() {
            let shown = if column == 0 && cell == state {
                ""
            } else {
                cell
            };
            let _ = write!(text, " {shown:<width$} ", width = widths[column]);
        }
        state = &row[0];
        let _ = writeln!(out, "{}", text.trim_end());
    }
}

/// A path as the faults on it and what comes of them.
pub(crate) fn path_in_words(row: &Row) -> String {
    let faults: Vec<String> = row.faults.iter().map(fault_in_words).collect();
    let faults = match faults.is_empty() {
        true => "no fault".to_owned(),
        false => faults.join(", then "),
    };
    format!(
        "{faults}; the execution {} in {}",
        row.ending.in_words(),
        row.state
    )
}

fn fault_in_words(fault: &Fault) -> String {
    let visit = match fault.visit {
        0 => String::new(),
        n => format!(" on visit {}", n + 1),
    };
    let since = match fault.since {
        0 => String::new(),
        millis => format!(" at {}", duration(millis)),
    };
    let times = match fault.attempts {
        1 => String::new(),
        n => format!(" {n} times"),
    };
    format!(
        "{}{visit} fails{times} with {}{since}",
        fault.site, fault.fault
    )
}

/// A time in the largest units that say it: `2s`, `1m 30s`, `365d`.
pub(crate) fn duration(millis: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1000, "s"),
        (1, "ms"),
    ];
    let mut left = millis;
    let mut parts = Vec::new();
    for (length, unit) in UNITS {
        let n = left / length;
        left %= length;
        if n != 0 {
            parts.push(format!("{n}{unit}"));
        }
    }
    match parts.is_empty() {
        true => "0s".to_owned(),
        false => parts.join(" "),
    }
}
