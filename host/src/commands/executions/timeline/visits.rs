//! What one state was given and gave.

use data::{Data, Object, ObjectBuilder};

use super::lines::place;
use super::tree;
use super::tree::{Attempt, End, Mark, Tree, Visit};

/// Each time that a state was entered, as `{"state": NAME, "visits": [...]}`: with its input, its output once it was
/// left, and each attempt at its task with what that was given and came to. None if it never was.
pub fn visits(events: &[Data], name: &str) -> Option<Data> {
    let tree = super::tree(events);
    let numbers = 0..tree.visits.len();
    let named = numbers.filter(|number| tree.visits[*number].name == name);
    let visits: Vec<Data> = named.map(|number| visit(&tree, number)).collect();
    let found = !visits.is_empty();
    let answer = Object::builder().with("state", name).with("visits", visits);
    found.then(|| answer.build().into())
}

fn visit(tree: &Tree, number: usize) -> Data {
    let visit: &Visit = &tree.visits[number];
    let mut shown = Object::builder().with("type", visit.kind.as_str());
    let place = place(tree, visit.scope);
    if !place.is_empty() {
        shown.insert("place".into(), place.trim_start_matches(" in ").into());
    }
    put_mark(&mut shown, "entered", Some(&visit.entered));
    put_json(&mut shown, "input", visit.input.as_deref());
    put_mark(&mut shown, "exited", visit.left.as_ref());
    put_json(&mut shown, "output", visit.output.as_deref());
    if let Some(caught) = &visit.caught {
        shown.insert("caught".into(), caught.as_str().into());
    }
    let attempts = tree.attempts_of(number);
    let attempts: Vec<Data> = attempts
        .map(|number| attempt(&tree.attempts[number]))
        .collect();
    if !attempts.is_empty() {
        shown.insert("attempts".into(), attempts.into());
    }
    if let Some(end) = &visit.end {
        put_end(&mut shown, end);
    }
    shown.build().into()
}

fn attempt(attempt: &Attempt) -> Data {
    let mut shown = Object::builder().with("resource", attempt.resource.as_str());
    put_mark(&mut shown, "scheduled", Some(&attempt.scheduled));
    put_json(&mut shown, "input", attempt.input.as_deref());
    put_json(&mut shown, "output", attempt.output.as_deref());
    if let Some((mark, end)) = &attempt.ended {
        put_mark(&mut shown, "ended", Some(mark));
        put_end(&mut shown, end);
    }
    shown.build().into()
}

fn put_mark(shown: &mut ObjectBuilder, name: &str, mark: Option<&tree::Mark>) {
    if let Some(Mark { id, at }) = mark {
        let mark = Object::builder().with("id", *id);
        let mark = mark.with("timestamp", at.to_iso_millis());
        shown.insert(name.into(), mark.build().into());
    }
}

/// Data stands in events as text; what is no JSON, since it was cut, stays text.
fn put_json(shown: &mut ObjectBuilder, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        let value = Data::parse(text).unwrap_or_else(|_| text.into());
        shown.insert(name.into(), value);
    }
}

fn put_end(shown: &mut ObjectBuilder, end: &End) {
    let (End::Failed(_, error, cause) | End::Aborted(error, cause)) = end else {
        return;
    };
    for (name, text) in [("error", error), ("cause", cause)] {
        if let Some(text) = text {
            shown.insert(name.into(), text.as_str().into());
        }
    }
}
