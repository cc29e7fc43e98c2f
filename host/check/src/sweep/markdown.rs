//! A report for a pull request: GitHub's Markdown with a drawing of the machine.

use std::fmt::Write as _;

use super::group::groups;
use super::report::Report;
use super::text::{attempts_in_words, duration, faults_in_words, path_in_words, times_in_words};

/// GitHub cuts comments at 65,536 characters; what is over this many lines is counted only.
const MOST_LINES: usize = 100;

impl Report {
    /// The report as Markdown, its drawing as a Mermaid block.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "## Sweep of {}\n", plain(&self.machine));
        let _ = writeln!(out, "{}; {}.", capital(&self.headline()), self.reached());
        if let Some(longest) = self.longest() {
            let how = plain(&path_in_words(&longest));
            let _ = writeln!(
                out,
                "The longest path takes {} ({how}).",
                duration(longest.millis)
            );
        }
        self.findings_in_markdown(&mut out);
        self.table(&mut out);
        if !self.left_out.is_empty() {
            out.push_str("\n### Left out\n\n");
            for sentence in &self.left_out {
                let _ = writeln!(out, "- {}", plain(sentence));
            }
        }
        out.push_str("\n### The machine\n\n");
        out.push_str(&self.drawing_in_markdown());
        out
    }

    fn findings_in_markdown(&self, out: &mut String) {
        out.push_str("\n### Findings\n\n");
        if self.findings.is_empty() {
            out.push_str("None.\n");
        }
        let lines = self.findings_drawn_together();
        for (found, message) in lines.iter().take(MOST_LINES) {
            let _ = write!(out, "- **{}** {}", found.kind.as_str(), plain(message));
            if let Some(path) = &found.path {
                let _ = write!(out, "<br>{}", plain(path));
            }
            out.push('\n');
        }
        if lines.len() > MOST_LINES {
            let _ = writeln!(out, "- ... and {} more lines", lines.len() - MOST_LINES);
        }
    }

    fn table(&self, out: &mut String) {
        let groups = groups(self);
        if groups.is_empty() {
            return;
        }
        out.push_str("\n### What comes of a single fault\n\n");
        out.push_str(
            "| Task | Faults | Attempts | Then it | In | After |\n|---|---|---|---|---|---|\n",
        );
        for group in groups.iter().take(MOST_LINES) {
            let cells = [
                plain(group.state),
                plain(&faults_in_words(group, 3)),
                attempts_in_words(group),
                group.ending.in_words().to_owned(),
                plain(group.ends_in),
                times_in_words(group),
            ];
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        out.push_str("\nStates.Runtime is left out: nothing retries or catches it, and the execution fails.\n");
        if groups.len() > MOST_LINES {
            let _ = writeln!(out, "\n... and {} more lines.", groups.len() - MOST_LINES);
        }
    }
}

/// Text in which nothing is markup.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
