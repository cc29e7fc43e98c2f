//! A tree of a history, a line a state.

use std::fmt::Write as _;

use data::Data;
use engine::Timestamp;

use super::tree::{Attempt, End, Item, Mark, Note, Scope, Tree, Visit};
use crate::{output, words};

/// Deeper than this nothing is indented further.
const MOST_INDENTED: usize = 30;

/// All lines.
pub fn lines(tree: &Tree) -> String {
    let mut lines = Lines {
        tree,
        text: String::new(),
        since: tree.started.map_or(Timestamp(0), |mark| mark.at),
        waits: Vec::new(),
    };
    let _ = writeln!(
        lines.text,
        "{:>6} {:>12} {:>12}  what",
        "id", "since", "took"
    );
    if let Some(started) = tree.started {
        let text = format!("started {}", started.at.to_iso_millis());
        lines.line(Some(started), None, 0, &text);
    }
    lines.items();
    lines.end();
    lines.text
}

struct Lines<'t> {
    tree: &'t Tree,
    text: String,
    /// When the execution started.
    since: Timestamp,
    /// What the execution waits for.
    waits: Vec<String>,
}

/// Something that is yet to be shown.
#[derive(Clone, Copy)]
struct Pending {
    item: Item,
    depth: usize,
    /// Whether it goes on, if nothing says otherwise.
    lives: bool,
    /// Whether every attempt has a line.
    attempts: bool,
}

impl Lines<'_> {
    /// Depth first, without recursion: nobody says how deep a history is.
    fn items(&mut self) {
        let root = &self.tree.scopes[0];
        let mut pending = Vec::new();
        let lives = root.ended.is_none();
        push(&mut pending, &root.items, 0, lives, false);
        while let Some(Pending {
            item,
            depth,
            lives,
            attempts,
        }) = pending.pop()
        {
            match item {
                Item::Visit(number) => {
                    let visit = &self.tree.visits[number];
                    let lives = lives && visit.left.is_none() && visit.end.is_none();
                    self.visit(number, depth, lives);
                    let attempts = visit.attempts > 1 || self.failed_once(number);
                    push(&mut pending, &visit.items, depth + 1, lives, attempts);
                }
                Item::Scope(number) => {
                    let scope = &self.tree.scopes[number];
                    self.scope(scope, depth);
                    let lives = lives && scope.ended.is_none();
                    push(&mut pending, &scope.items, depth + 1, lives, false);
                }
                Item::Attempt(number) if attempts => {
                    self.attempt(&self.tree.attempts[number], depth, lives);
                }
                Item::Attempt(_) => {}
                Item::Note(number) => self.note(&self.tree.notes[number], depth),
            }
        }
    }

    fn failed_once(&self, visit: usize) -> bool {
        let last = self.tree.last_attempt(visit);
        let ended = last.and_then(|last| self.tree.attempts[last].ended.as_ref());
        ended.is_some_and(|(_, end)| *end != End::Succeeded)
    }

    fn visit(&mut self, number: usize, depth: usize, lives: bool) {
        let visit = &self.tree.visits[number];
        let mut text = format!("{}  {}", output::one_line(&visit.name), visit.kind);
        if visit.attempts > 1 {
            let _ = write!(text, ", {} attempts", visit.attempts);
        }
        match visit.caught.as_deref() {
            None => {}
            Some("") => text.push_str(", caught an error"),
            Some(caught) => {
                let _ = write!(text, ", caught {}", output::one_line(caught));
            }
        }
        let waits = lives.then(|| self.waits_for(number)).flatten();
        match (&waits, &visit.end) {
            (Some(waits), _) => {
                let _ = write!(text, ", {waits}");
                let place = place(self.tree, visit.scope);
                let name = output::one_line(&visit.name);
                self.waits.push(format!("{name}{place} {waits}"));
            }
            // A Fail fails: that is told where it leads to.
            (None, _) if visit.kind == "Fail" => {}
            (None, Some(End::Failed("TIMED_OUT", ..))) => text.push_str(", timed out"),
            (None, Some(End::Failed(..))) => text.push_str(", failed"),
            (None, Some(End::Aborted(..))) => text.push_str(", aborted"),
            (None, Some(End::Succeeded)) => {}
            (None, None) if lives || visit.left.is_some() => {}
            (None, None) if visit.failure.is_some() => text.push_str(", failed"),
            (None, None) => text.push_str(", not left"),
        }
        let took = visit.left.map(|left| left.at.0 - visit.entered.at.0);
        self.line(Some(visit.entered), took, depth, &text);
    }

    /// What a state that goes on waits for; none if that is its children's business, or nobody's.
    fn waits_for(&self, number: usize) -> Option<&'static str> {
        let visit = &self.tree.visits[number];
        let last = self.tree.last_attempt(number);
        let last = last.map(|last| &self.tree.attempts[last]);
        match (visit.kind.as_str(), last) {
            ("Wait", _) => Some("waits for its time"),
            ("Task", Some(attempt)) => Some(attempt_waits_for(attempt)),
            ("Task", None) => Some("waits for its task to begin"),
            ("Map", _) if self.has_no_children(visit) => Some("waits for its map run"),
            _ => None,
        }
    }

    fn has_no_children(&self, visit: &Visit) -> bool {
        let mut items = visit.items.iter();
        !items.any(|item| matches!(item, Item::Scope(_)))
    }

    fn scope(&mut self, scope: &Scope, depth: usize) {
        let mut text = scope.label.clone();
        if let (Some((_, end)), Some(_)) = (&scope.ended, scope.begun) {
            text.push_str(match end {
                End::Succeeded => "",
                End::Failed(..) => ", failed",
                End::Aborted(..) => ", aborted",
            });
        }
        let ended = scope.ended.as_ref().zip(scope.begun);
        let took = ended.map(|((ended, _), begun)| ended.at.0 - begun.at.0);
        self.line(scope.begun, took, depth, &text);
    }

    fn attempt(&mut self, attempt: &Attempt, depth: usize, lives: bool) {
        let mut text = format!("attempt {}", attempt.before + 1);
        if let Some(after) = attempt.after {
            let delay = words::span(attempt.scheduled.at.0 - after.0);
            let _ = write!(text, " after {delay}");
        }
        let ended = attempt.ended.as_ref();
        match ended.map(|(_, end)| end) {
            Some(End::Succeeded) => text.push_str(" succeeded"),
            Some(End::Failed(status, error, cause)) => {
                let how = if *status == "TIMED_OUT" {
                    "timed out"
                } else {
                    "failed"
                };
                let _ = write!(text, " {how}: {}", failure(error, cause));
            }
            Some(End::Aborted(..)) => text.push_str(" aborted"),
            None if lives => {}
            None => text.push_str(" given up"),
        }
        let took = ended.map(|(ended, _)| ended.at.0 - attempt.scheduled.at.0);
        self.line(Some(attempt.scheduled), took, depth, &text);
    }

    fn note(&mut self, note: &Note, depth: usize) {
        let text = output::one_line(&note.text);
        let text = match &note.failure {
            Some((error, cause)) => format!("{text}: {}", failure(error, cause)),
            None => text,
        };
        self.line(Some(note.mark), None, depth, &text);
    }

    fn end(&mut self) {
        let Some((mark, end)) = self.tree.end() else {
            self.line(None, None, 0, "RUNNING");
            for waits in std::mem::take(&mut self.waits) {
                self.line(None, None, 1, &waits);
            }
            return;
        };
        let text = match end {
            End::Succeeded => "SUCCEEDED".to_owned(),
            End::Failed(status, None, None) => (*status).to_owned(),
            End::Aborted(None, None) => "ABORTED".to_owned(),
            End::Failed(status, error, cause) => format!("{status}: {}", failure(error, cause)),
            End::Aborted(error, cause) => format!("ABORTED: {}", failure(error, cause)),
        };
        let took = mark.at.0 - self.since.0;
        self.line(Some(*mark), Some(took), 0, &text);
    }

    fn line(&mut self, mark: Option<Mark>, took: Option<i64>, depth: usize, text: &str) {
        let id = mark.map_or_else(String::new, |mark| mark.id.to_string());
        let since = mark.map_or_else(String::new, |mark| words::span(mark.at.0 - self.since.0));
        let took = took.map_or_else(String::new, words::span);
        let indent = 2 * depth.min(MOST_INDENTED);
        let _ = writeln!(
            self.text,
            "{id:>6} {since:>12} {took:>12}  {:indent$}{text}",
            ""
        );
    }
}

fn push(pending: &mut Vec<Pending>, items: &[Item], depth: usize, lives: bool, attempts: bool) {
    let items = items.iter().rev();
    pending.extend(items.map(|item| Pending {
        item: *item,
        depth,
        lives,
        attempts,
    }));
}

/// ` in branch 0 of NAME`, if a state stands in one.
pub fn place(tree: &Tree, scope: usize) -> String {
    let scope = &tree.scopes[scope];
    match scope.of {
        None => String::new(),
        Some(of) => {
            let of = output::one_line(&tree.visits[of].name);
            format!(" in {} of {of}", scope.label)
        }
    }
}

fn attempt_waits_for(attempt: &Attempt) -> &'static str {
    let token = attempt.resource.ends_with(".waitForTaskToken");
    match attempt {
        Attempt { ended: Some(_), .. } => "waits for its next attempt",
        Attempt {
            submitted: true, ..
        } if token => "waits for its token",
        Attempt {
            submitted: true, ..
        } => "waits for what it started",
        Attempt { started: true, .. } => "waits for its task to be done",
        Attempt {
            kind: "Activity", ..
        } => "waits for a worker",
        _ => "waits for its task to begin",
    }
}

/// An error with its cause. What a function threw comes as JSON, of which the message is what counts.
fn failure(error: &Option<String>, cause: &Option<String>) -> String {
    let thrown = cause.as_deref().and_then(|cause| Data::parse(cause).ok());
    let message = thrown
        .as_ref()
        .and_then(|thrown| thrown.get("errorMessage"));
    let message = message.and_then(Data::as_str).or(cause.as_deref());
    words::failure(error.as_deref(), message)
}
