//! Which event belongs where: a history is one list, in which what happens side by side is mixed.
//!
//! An event follows its `previousEventId`, and stays in the state and in the branch or iteration of that, unless it
//! enters or leaves one.

use std::collections::HashMap;

use engine::Timestamp;

use super::event::Event;
use crate::words;

/// A moment of the history.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The event's number.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
}

/// How something came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Succeeded,
    /// With a failure: `FAILED` or `TIMED_OUT`, the error and the cause.
    Failed(&'static str, Option<String>, Option<String>),
    /// It was given up, because of something else.
    Aborted(Option<String>, Option<String>),
}

/// What stands in a state or in a branch, in the order of its first event. The numbers are those of the tree's lists.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    /// A state that was entered.
    Visit(usize),
    /// A branch or iteration.
    Scope(usize),
    /// An attempt at a task.
    Attempt(usize),
    /// Something worth a line of its own.
    Note(usize),
}

/// A state from when it was entered to when it was left.
#[derive(Debug)]
pub struct Visit {
    pub name: String,
    /// Its type, such as `Task`.
    pub kind: String,
    pub entered: Mark,
    pub input: Option<String>,
    pub left: Option<Mark>,
    pub output: Option<String>,
    /// The error that a Catch took, if one did.
    pub caught: Option<String>,
    /// How it ended without being left.
    pub end: Option<End>,
    pub items: Vec<Item>,
    /// The branch or iteration that it stands in.
    pub scope: usize,
    /// The error that it or its task or its children came to last.
    pub failure: Option<String>,
    /// How many attempts at its task, or at its children, there were.
    pub attempts: usize,
    /// How many branches were begun since it began them.
    branches: u32,
}

/// What runs by itself: the machine, a branch, an iteration.
#[derive(Debug, Default)]
pub struct Scope {
    /// `branch 0` or `iteration 0`; empty for the machine.
    pub label: String,
    /// When an iteration began; branches have no event for that.
    pub begun: Option<Mark>,
    pub ended: Option<(Mark, End)>,
    pub items: Vec<Item>,
    /// The Parallel or Map that it is of.
    pub of: Option<usize>,
}

/// An attempt at a task.
#[derive(Debug)]
pub struct Attempt {
    /// How many there were before it in its state.
    pub before: usize,
    /// When the one before it had failed.
    pub after: Option<Timestamp>,
    pub scheduled: Mark,
    /// `LambdaFunction`, `Activity` or `Task`.
    pub kind: &'static str,
    /// The resource as the event has it.
    pub resource: String,
    pub input: Option<String>,
    pub started: bool,
    pub submitted: bool,
    pub output: Option<String>,
    pub ended: Option<(Mark, End)>,
}

/// Something worth a line of its own.
#[derive(Debug)]
pub struct Note {
    pub mark: Mark,
    pub text: String,
    pub failure: Option<(Option<String>, Option<String>)>,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    scope: usize,
    visit: Option<usize>,
}

/// The event that another follows.
#[derive(Clone, Copy, Debug)]
struct Previous {
    place: Place,
    at: Timestamp,
}

/// A history in order.
#[derive(Debug)]
pub struct Tree {
    pub visits: Vec<Visit>,
    /// The first is the machine.
    pub scopes: Vec<Scope>,
    pub attempts: Vec<Attempt>,
    pub notes: Vec<Note>,
    pub started: Option<Mark>,
    taken: HashMap<i64, Previous>,
}

impl Default for Tree {
    fn default() -> Self {
        Tree {
            visits: Vec::new(),
            scopes: vec![Scope::default()],
            attempts: Vec::new(),
            notes: Vec::new(),
            started: None,
            taken: HashMap::new(),
        }
    }
}

impl Tree {
    /// Takes the next event.
    pub fn take(&mut self, event: &Event) {
        let mark = Mark {
            id: event.id,
            at: event.at,
        };
        self.started.get_or_insert(mark);
        let previous = self.taken.get(&event.previous).copied();
        let from = previous.map_or_else(Place::default, |previous| previous.place);
        let place = self.place(event, mark, from);
        let at = event.at;
        self.taken.insert(event.id, Previous { place, at });
    }

    /// Whether the execution is over, and how.
    pub fn end(&self) -> Option<&(Mark, End)> {
        self.scopes[0].ended.as_ref()
    }

    fn place(&mut self, event: &Event, mark: Mark, from: Place) -> Place {
        if let Some(kind) = event.state_type("StateEntered") {
            return self.enter(event, kind, mark, from);
        }
        if let Some(kind) = event.state_type("StateExited") {
            return self.leave(event, kind, mark, from);
        }
        if let Some(what) = event.of_task() {
            return self.of_task(event, what, mark, from);
        }
        if let Some(what) = event.kind.strip_prefix("MapIteration") {
            return self.iteration(event, what, mark, from);
        }
        if let Some(what) = event.kind.strip_prefix("Execution") {
            self.of_execution(event, what, mark);
            if let (Some(visit), "Failed" | "TimedOut") = (from.visit, what) {
                let open = self.visits[visit].left.is_none();
                self.visits[visit].end = open.then(|| end(event));
            }
            return from;
        }
        if let Some(what) = event.kind.strip_prefix("MapRun") {
            let text = format!("map run {}", spaced(what));
            return self.note(event, text, mark, from);
        }
        if event.kind == "EvaluationFailed" {
            let location = event.text("location").unwrap_or("an expression");
            self.fail(from.visit, event);
            return self.note(event, format!("{location} failed"), mark, from);
        }
        match event.kind.split_once("State") {
            Some((kind, what)) => self.of_children(event, kind, what, mark, from),
            None => self.note(event, event.kind.clone(), mark, from),
        }
    }

    fn enter(&mut self, event: &Event, kind: &str, mark: Mark, from: Place) -> Place {
        let scope = match from.visit {
            // Only the first state of a branch follows a Parallel that was not left.
            Some(of) if self.visits[of].left.is_none() && self.visits[of].kind == "Parallel" => {
                self.branch(of)
            }
            _ => from.scope,
        };
        let visit = self.visits.len();
        self.scopes[scope].items.push(Item::Visit(visit));
        self.visits.push(Visit {
            name: event.text("name").unwrap_or_default().to_owned(),
            kind: kind.to_owned(),
            entered: mark,
            input: event.text("input").map(str::to_owned),
            left: None,
            output: None,
            caught: None,
            end: None,
            items: Vec::new(),
            scope,
            failure: None,
            attempts: 0,
            branches: 0,
        });
        Place {
            scope,
            visit: Some(visit),
        }
    }

    fn branch(&mut self, of: usize) -> usize {
        let number = self.visits[of].branches;
        self.visits[of].branches += 1;
        self.scope(of, format!("branch {number}"), None)
    }

    fn scope(&mut self, of: usize, label: String, begun: Option<Mark>) -> usize {
        let scope = self.scopes.len();
        self.visits[of].items.push(Item::Scope(scope));
        self.scopes.push(Scope {
            label,
            begun,
            of: Some(of),
            ..Scope::default()
        });
        scope
    }

    /// The innermost state around a place that `is` it, with the place itself.
    fn around(&self, from: Place, is: impl Fn(&Visit) -> bool) -> Option<usize> {
        let mut at = from.visit.or(self.scopes[from.scope].of);
        while let Some(visit) = at {
            if is(&self.visits[visit]) {
                return Some(visit);
            }
            at = self.scopes[self.visits[visit].scope].of;
        }
        None
    }

    /// The child of a Parallel or Map that a scope is, or stands in.
    fn child(&self, scope: usize, of: usize) -> Option<usize> {
        let mut scope = scope;
        loop {
            let parent = self.scopes[scope].of?;
            if parent == of {
                return Some(scope);
            }
            scope = self.visits[parent].scope;
        }
    }

    fn at(&self, visit: usize) -> Place {
        Place {
            scope: self.visits[visit].scope,
            visit: Some(visit),
        }
    }

    fn leave(&mut self, event: &Event, kind: &str, mark: Mark, from: Place) -> Place {
        let name = event.text("name").unwrap_or_default();
        let open = |visit: &Visit| visit.left.is_none();
        let is = |visit: &Visit| open(visit) && visit.kind == kind && visit.name == name;
        let Some(visit) = self.around(from, is) else {
            return from;
        };
        let left = &mut self.visits[visit];
        left.left = Some(mark);
        left.output = event.text("output").map(str::to_owned);
        left.caught = left.failure.take();
        self.at(visit)
    }

    fn of_execution(&mut self, event: &Event, what: &str, mark: Mark) {
        match what {
            "Started" => {}
            "Redriven" => {
                self.go_on();
                self.add_note(Place::default(), mark, "redriven".to_owned(), None);
            }
            _ => self.scopes[0].ended = Some((mark, end(event))),
        }
    }

    /// Whatever ended badly may go on.
    fn go_on(&mut self) {
        for scope in &mut self.scopes {
            if let Some((_, End::Failed(..) | End::Aborted(..))) = &scope.ended {
                scope.ended = None;
            }
        }
        for visit in &mut self.visits {
            visit.end = None;
        }
    }

    fn of_task(&mut self, event: &Event, what: &str, mark: Mark, from: Place) -> Place {
        let Some(visit) = from.visit else {
            return from;
        };
        if what == "Scheduled" {
            self.schedule(event, mark, visit);
            return from;
        }
        let Some(attempt) = self.last_attempt(visit) else {
            return from;
        };
        let attempt = &mut self.attempts[attempt];
        match what {
            "Started" => attempt.started = true,
            "Submitted" => attempt.submitted = true,
            "Succeeded" => {
                attempt.output = event.text("output").map(str::to_owned);
                attempt.ended = Some((mark, End::Succeeded));
                self.visits[visit].failure = None;
            }
            _ => {
                attempt.ended = Some((mark, end(event)));
                self.fail(Some(visit), event);
            }
        }
        from
    }

    fn schedule(&mut self, event: &Event, mark: Mark, visit: usize) {
        let last = self.last_attempt(visit).map(|last| &self.attempts[last]);
        let after = last.and_then(|last| last.ended.as_ref());
        let resource = event.text("resource").unwrap_or_default();
        let resource = match event.text("resourceType") {
            Some(service) => format!("{service}:{resource}"),
            None => resource.to_owned(),
        };
        let kinds = ["LambdaFunction", "Activity", "Task"];
        let kind = kinds.into_iter().find(|kind| event.kind.starts_with(kind));
        let input = event.text("input").or_else(|| event.text("parameters"));
        let attempt = Attempt {
            before: self.visits[visit].attempts,
            after: after.map(|(mark, _)| mark.at),
            scheduled: mark,
            kind: kind.unwrap_or("Task"),
            resource,
            input: input.map(str::to_owned),
            started: false,
            submitted: false,
            output: None,
            ended: None,
        };
        let number = self.attempts.len();
        self.attempts.push(attempt);
        self.visits[visit].items.push(Item::Attempt(number));
        self.visits[visit].attempts += 1;
        self.visits[visit].failure = None;
    }

    /// The last attempt at a state's task.
    pub fn last_attempt(&self, visit: usize) -> Option<usize> {
        let mut items = self.visits[visit].items.iter().rev();
        items.find_map(|item| match item {
            Item::Attempt(attempt) => Some(*attempt),
            _ => None,
        })
    }

    /// The attempts at a state's task.
    pub fn attempts_of(&self, visit: usize) -> impl Iterator<Item = usize> {
        let items = self.visits[visit].items.iter();
        items.filter_map(|item| match item {
            Item::Attempt(attempt) => Some(*attempt),
            _ => None,
        })
    }

    fn iteration(&mut self, event: &Event, what: &str, mark: Mark, from: Place) -> Place {
        let name = event.text("name").unwrap_or_default();
        let index = event.number("index").unwrap_or_default();
        let is = |visit: &Visit| visit.kind == "Map" && visit.name == name;
        let Some(map) = self.around(from, is) else {
            return from;
        };
        let label = format!("iteration {index}");
        if what == "Started" {
            let scope = self.scope(map, label, Some(mark));
            return Place { scope, visit: None };
        }
        let scope = self.child(from.scope, map);
        if let Some(scope) = scope {
            self.scopes[scope].ended = Some((mark, end(event)));
        }
        self.at(map)
    }

    /// What a Parallel or Map says of its children, and what any state says of being given up.
    fn of_children(
        &mut self,
        event: &Event,
        kind: &str,
        what: &str,
        mark: Mark,
        from: Place,
    ) -> Place {
        let Some(visit) = self.around(from, |visit| visit.left.is_none() && visit.kind == kind)
        else {
            return from;
        };
        match what {
            "Started" => self.begin_children(event, visit, mark),
            "Aborted" => self.visits[visit].end = Some(end(event)),
            "Failed" => {
                let inside = from
                    .visit
                    .and_then(|inside| self.visits[inside].failure.clone());
                self.visits[visit].failure = inside.or_else(|| Some(String::new()));
                self.give_up_children(visit, mark);
                self.add_note(self.at(visit), mark, "failed".to_owned(), None);
            }
            _ => self.visits[visit].failure = None,
        }
        self.at(visit)
    }

    /// A Parallel or Map that begins its children again was tried again.
    fn begin_children(&mut self, event: &Event, visit: usize, mark: Mark) {
        self.visits[visit].branches = 0;
        self.visits[visit].attempts += 1;
        self.visits[visit].failure = None;
        let attempt = self.visits[visit].attempts;
        if attempt > 1 {
            self.give_up_children(visit, mark);
            let previous = self.taken.get(&event.previous);
            let delay = previous.map_or(0, |previous| mark.at.0 - previous.at.0);
            let text = format!("attempt {attempt} after {}", words::span(delay));
            self.add_note(self.at(visit), mark, text, None);
        }
    }

    /// Nothing happens any more in the branches and iterations that there were so far.
    fn give_up_children(&mut self, visit: usize, mark: Mark) {
        for item in &self.visits[visit].items {
            if let Item::Scope(scope) = item {
                let ended = &mut self.scopes[*scope].ended;
                ended.get_or_insert((mark, End::Aborted(None, None)));
            }
        }
    }

    fn fail(&mut self, visit: Option<usize>, event: &Event) {
        if let Some(visit) = visit {
            let error = event.text("error").unwrap_or_default();
            self.visits[visit].failure = Some(error.to_owned());
        }
    }

    fn note(&mut self, event: &Event, text: String, mark: Mark, from: Place) -> Place {
        let said = |name: &str| event.text(name).map(str::to_owned);
        let failure = (said("error"), said("cause"));
        let failure = (failure != (None, None)).then_some(failure);
        self.add_note(from, mark, text, failure);
        from
    }

    fn add_note(
        &mut self,
        place: Place,
        mark: Mark,
        text: String,
        failure: Option<(Option<String>, Option<String>)>,
    ) {
        let number = self.notes.len();
        self.notes.push(Note {
            mark,
            text,
            failure,
        });
        let items = match place.visit {
            Some(visit) => &mut self.visits[visit].items,
            None => &mut self.scopes[place.scope].items,
        };
        items.push(Item::Note(number));
    }
}

/// How an event says that something ended.
fn end(event: &Event) -> End {
    let said = |name: &str| event.text(name).map(str::to_owned);
    let kind = event.kind.as_str();
    if kind.ends_with("Succeeded") {
        End::Succeeded
    } else if kind.ends_with("Aborted") {
        End::Aborted(said("error"), said("cause"))
    } else if kind.ends_with("TimedOut") {
        End::Failed("TIMED_OUT", said("error"), said("cause"))
    } else {
        End::Failed("FAILED", said("error"), said("cause"))
    }
}

/// `TimedOut` as `timed out`.
fn spaced(camel: &str) -> String {
    let mut words = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}
