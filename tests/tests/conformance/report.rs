//! What is told besides the tests' own output.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test target without a harness talks for itself"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use crate::recording::Recording;
use crate::verdict::Verdict;

struct Line {
    file: String,
    id: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    /// The first line of what differs.
    Failed(String),
    Waits(String),
}

static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

/// Says that there are no recordings.
pub fn skipped(folder: &Path) {
    eprintln!("\n*** SKIPPED: recorded AWS behaviour is not compared ***");
    eprintln!("*** there is no folder {} ***", folder.display());
    eprintln!("*** hint: WF_HOST_CONFORMANCE names the folder that holds recordings/ ***\n");
}

/// Says that recorded functions do not run in their own language.
pub fn stood_in(reason: &str) {
    eprintln!("\n*** SKIPPED: recorded functions in Python as they are; a guest stands in ***");
    eprintln!("*** {reason} ***\n");
}

/// Keeps what became of a recording for the table.
pub fn keep(recording: &Recording, verdict: &Verdict) {
    let outcome = match verdict {
        Verdict::Passed => Outcome::Passed,
        Verdict::Failed(difference) => Outcome::Failed(gist(difference)),
        Verdict::Waits(reason) => Outcome::Waits(reason.clone()),
    };
    LINES.lock().expect("no test holds it").push(Line {
        file: recording.file.clone(),
        id: recording.id.clone(),
        outcome,
    });
}

/// Where it differs, in one line.
fn gist(difference: &str) -> String {
    let mut lines = difference.lines();
    let first = lines.next().unwrap_or_default();
    let place = lines.find_map(|line| line.strip_prefix("at       "));
    let place = place.map_or_else(String::new, |place| format!(", at {place}"));
    format!("{}{place}", first.chars().take(160).collect::<String>())
}

/// Prints the numbers by file and in total, then what fails and what waits.
pub fn table() {
    let mut lines = LINES.lock().expect("all tests are over");
    lines.sort_by(|a, b| (&a.file, &a.id).cmp(&(&b.file, &b.id)));
    let mut files: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for line in lines.iter() {
        let column = match line.outcome {
            Outcome::Passed => 0,
            Outcome::Failed(_) => 1,
            Outcome::Waits(_) => 2,
        };
        for file in [&*line.file, "total"] {
            files.entry(file).or_default()[column] += 1;
        }
    }
    let total = files.remove("total").unwrap_or_default();
    println!(
        "{:50} {:>6} {:>14} {:>7}",
        "", "passed", "applicable now", "waiting"
    );
    for (file, [passed, failed, waits]) in files.into_iter().chain([("total", total)]) {
        println!("{file:50} {passed:>6} {:>14} {waits:>7}", passed + failed);
    }
    for line in lines.iter() {
        if let Outcome::Failed(gist) = &line.outcome {
            println!("\nFAILS {}\n      {gist}", line.id);
        }
    }
    waiting(&lines);
}

fn waiting(lines: &[Line]) {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines {
        if let Outcome::Waits(reason) = &line.outcome {
            reasons.entry(reason).or_default().push(&line.id);
        }
    }
    for (reason, ids) in reasons {
        println!("\nWAITS for {reason}");
        for id in ids {
            println!("      {id}");
        }
    }
}
