//! A mocked response: what the attempts of one state answer.

use std::fmt;
use std::sync::Arc;

use data::{Data, EcoString, Key, Mistakes, Node, Span};
use engine::Failure;

use crate::place::Place;

/// The answers of a state, attempt by attempt.
#[derive(Clone, Debug)]
pub(super) struct Response {
    /// In the order of the attempts, from 0 without gaps.
    pub attempts: Arc<[Attempts]>,
}

/// What a range of attempts answers.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    pub range: Range,
    pub answer: Result<Data, Failure>,
    /// Where the range stands.
    pub place: Place,
}

/// Attempts from the first to the last, which is one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    pub first: u32,
    pub last: u32,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range { first, last } if first == last => write!(f, "attempt {first}"),
            Range { first, last } => write!(f, "attempts {first}-{last}"),
        }
    }
}

impl Range {
    fn parse(text: &str) -> Result<Range, String> {
        const HELP: &str = "attempts are a number from 0 or an inclusive range such as \"1-2\"";
        let number = |text: &str| {
            let text = text.trim();
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse::<u32>().ok()).flatten()
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Range { first, last }),
            (Some(_), Some(_)) => Err(format!("`{text}` ends before it begins; {HELP}")),
            _ => Err(format!("`{text}` names no attempts; {HELP}")),
        }
    }
}

impl Response {
    /// Reads the table of attempts that stands under `name`.
    pub fn read(name: &Key, node: &Node, mistakes: &mut Mistakes<'_>) -> Response {
        let before = mistakes.found.len();
        let mut attempts: Vec<(Span, Attempts)> = Vec::new();
        for (key, node) in mistakes.entries("a mocked response", node) {
            let range = Range::parse(&key.name).map_err(|message| mistakes.add(key.span, message));
            let answer = answer(key, node, mistakes);
            if let (Ok(range), Some(answer)) = (range, answer) {
                let place = Place::of(key.span, mistakes);
                let attempt = Attempts {
                    range,
                    answer,
                    place,
                };
                attempts.push((key.span, attempt));
            }
        }
        attempts.sort_by_key(|(_, attempt)| attempt.range);
        // Ranges that could not be read would be told again as gaps.
        if mistakes.found.len() == before {
            check_order(name, &attempts, mistakes);
        }
        Response {
            attempts: attempts.into_iter().map(|(_, attempt)| attempt).collect(),
        }
    }

    /// What attempt `n` answers, if it is mocked.
    pub fn nth(&self, n: u32) -> Option<&Result<Data, Failure>> {
        let holds =
            |attempts: &&Attempts| (attempts.range.first..=attempts.range.last).contains(&n);
        self.attempts.iter().find(holds).map(|found| &found.answer)
    }

    /// All attempts that are mocked: there are no gaps.
    pub fn mocked(&self) -> Option<Range> {
        let last = self.attempts.last()?.range.last;
        Some(Range { first: 0, last })
    }
}

/// Attempts are numbered from 0, without gaps and none twice.
fn check_order(name: &Key, attempts: &[(Span, Attempts)], mistakes: &mut Mistakes<'_>) {
    if attempts.is_empty() {
        let message = format!("`{}` mocks no attempt; the first one is \"0\"", name.name);
        mistakes.add(name.span, message);
    }
    let mut before: Option<Range> = None;
    for (span, Attempts { range, .. }) in attempts {
        let expected = before.map_or(0, |before| before.last.saturating_add(1));
        match before {
            Some(before) if range.first <= before.last => {
                mistakes.add(*span, format!("{range} and {before} overlap"));
            }
            _ if range.first > expected => {
                let message = format!(
                    "attempt {expected} is not mocked: attempts are numbered from 0 without gaps"
                );
                mistakes.add(*span, message);
            }
            _ => {}
        }
        before = Some(*range);
    }
}

/// `Return` or `Throw`, exactly one of them.
fn answer(name: &Key, node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Result<Data, Failure>> {
    let before = mistakes.found.len();
    let entries = mistakes.entries("what an attempt answers", node);
    let (mut results, mut failures) = (Vec::new(), Vec::new());
    for (key, node) in entries {
        match key.name.as_str() {
            "Return" => results.push(node.to_data()),
            "Throw" => failures.push(failure(key, node, mistakes)),
            _ => mistakes.unknown(key, &["Return", "Throw"]),
        }
    }
    let one = (results.len() + failures.len() == 1).then(|| results.pop().map(Ok));
    if let Some(one) = one {
        return one.or_else(|| failures.pop().flatten().map(Err));
    }
    // What is misspelt was told as an unknown key.
    if mistakes.found.len() == before {
        let message = format!(
            "attempt `{}`: give exactly one of `Return` and `Throw`",
            name.name
        );
        mistakes.add(name.span, message);
    }
    None
}

fn failure(name: &Key, node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Failure> {
    let (mut error, mut cause) = (None, None);
    let entries = mistakes.entries("`Throw`", node);
    for (key, node) in entries {
        match key.name.as_str() {
            "Error" => error = mistakes.string(node).map(EcoString::from),
            "Cause" => cause = mistakes.string(node).map(EcoString::from),
            _ => mistakes.unknown(key, &["Error", "Cause"]),
        }
    }
    if node.entries().is_some() && node.get("Error").is_none() {
        mistakes.add(name.span, "`Throw` needs an `Error`, the name of the error");
    }
    error.map(|error| Failure {
        error: Some(error),
        cause,
    })
}
