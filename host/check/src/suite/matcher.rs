//! How a value, a number or a text is held against what is expected.

use std::time::Duration;

use data::{Data, EcoString, Mistakes, Node, Value, nearest, units};
use query::{Jsonata, Nowhere, Reason, States, Surroundings};

/// What is expected of a value.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    /// It is this.
    Exact(Data),
    /// It has at least these fields; arrays have as many items, each at least so.
    Subset(Data),
    /// This JSONata expression over it is true.
    Jsonata(Jsonata),
}

/// Where a value differs.
pub(super) struct Mismatch {
    /// A JSON pointer into the value; empty for the value itself.
    pub pointer: String,
    pub expected: String,
    pub found: String,
}

const KEYS: [&str; 3] = ["exact", "subset", "jsonata"];

impl Matcher {
    /// `name` is the variable by which an expression knows the value.
    pub(super) fn read(node: &Node, name: &str, mistakes: &mut Mistakes<'_>) -> Option<Matcher> {
        let Some([(key, value)]) = node.entries() else {
            mistakes.add(node.span, "give exactly one of exact, subset, jsonata");
            return None;
        };
        match key.name.as_str() {
            "exact" => Some(Matcher::Exact(value.to_data())),
            "subset" => Some(Matcher::Subset(value.to_data())),
            "jsonata" => {
                let text = mistakes.string(value)?;
                let body = Jsonata::body(text.trim()).unwrap_or(&text);
                let parsed = Jsonata::parse(body).map_err(|error| error.to_string());
                let parsed = mistakes.take(value, parsed)?;
                // Other names may be functions, which are values too.
                let near = |other: &&EcoString| *other != name && nearest(other, [name]).is_some();
                if let Some(other) = parsed.variables().iter().find(near) {
                    let message = format!("there is no variable ${other}; did you mean `${name}`?");
                    mistakes.add(value.span, message);
                }
                Some(Matcher::Jsonata(parsed))
            }
            _ => {
                mistakes.unknown(key, &KEYS);
                None
            }
        }
    }

    /// The first difference; `name` is the variable by which an expression knows the value.
    pub(super) fn mismatch(&self, name: &'static str, found: &Data) -> Option<Mismatch> {
        match self {
            Matcher::Exact(expected) => difference(expected, found, true, String::new()),
            Matcher::Subset(expected) => difference(expected, found, false, String::new()),
            Matcher::Jsonata(expression) => {
                let outside = Bound { name, value: found };
                let input = Data::Null;
                let states = States {
                    input: &input,
                    result: None,
                    error_output: None,
                    outside: &outside,
                };
                let given = match expression.evaluate(&states) {
                    Ok(Some(Data::Bool(true))) => return None,
                    Ok(Some(other)) => other.to_string(),
                    Ok(None) => "undefined".to_owned(),
                    Err(Reason::Thrown { message, .. }) => message,
                    Err(Reason::Undefined | Reason::UnexpectedType { .. }) => {
                        "undefined".to_owned()
                    }
                };
                Some(Mismatch {
                    pointer: String::new(),
                    expected: format!("true from {}", expression.as_str()),
                    found: format!("{given} for {}", short(found)),
                })
            }
        }
    }
}

/// One variable, and nothing else around it.
struct Bound<'v> {
    name: &'static str,
    value: &'v Data,
}

impl Surroundings for Bound<'_> {
    fn context(&self) -> Data {
        Nowhere.context()
    }

    fn variable(&self, name: &str) -> Option<Data> {
        (name == self.name).then(|| self.value.clone())
    }

    fn random(&self) -> u64 {
        Nowhere.random()
    }

    fn uuid(&self) -> u128 {
        Nowhere.uuid()
    }

    fn now(&self) -> i64 {
        Nowhere.now()
    }
}

fn difference(expected: &Data, found: &Data, exact: bool, at: String) -> Option<Mismatch> {
    match (expected, found) {
        (Data::Object(wanted), Data::Object(had)) => {
            for (key, value) in wanted.iter() {
                let at = format!("{at}/{}", escaped(key));
                let Some(other) = had.get(key) else {
                    return Some(mismatch(at, short(value), "nothing".to_owned()));
                };
                if let Some(found) = difference(value, other, exact, at) {
                    return Some(found);
                }
            }
            let extra = had
                .iter()
                .find(|(key, _)| exact && !wanted.contains_key(key));
            extra.map(|(key, value)| {
                mismatch(
                    format!("{at}/{}", escaped(key)),
                    "nothing".to_owned(),
                    short(value),
                )
            })
        }
        (Data::Array(wanted), Data::Array(had)) => {
            if wanted.len() != had.len() {
                let items = |n: usize| format!("{n} item{}", if n == 1 { "" } else { "s" });
                return Some(mismatch(at, items(wanted.len()), items(had.len())));
            }
            let pairs = wanted.iter().zip(had.iter()).enumerate();
            pairs
                .into_iter()
                .find_map(|(index, (a, b))| difference(a, b, exact, format!("{at}/{index}")))
        }
        (expected, found) if expected == found => None,
        (expected, found) => Some(mismatch(at, short(expected), short(found))),
    }
}

fn mismatch(pointer: String, expected: String, found: String) -> Mismatch {
    Mismatch {
        pointer,
        expected,
        found,
    }
}

/// A key as a step of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A value on one line, cut where it becomes too long to read.
pub(super) fn short(value: &Data) -> String {
    const MOST: usize = 300;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        None => text,
        Some((end, _)) => format!("{}... ({} bytes)", &text[..end], text.len()),
    }
}

/// What is expected of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub min: u64,
    pub max: u64,
}

impl Bounds {
    /// `3`, or `{"min": 1, "max": 3}` with one or both.
    pub(super) fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Bounds> {
        const MOST: u64 = i64::MAX as u64;
        if node.entries().is_none() {
            let number = mistakes.take(node, units::count(node, 0, MOST))?;
            return Some(Bounds {
                min: number,
                max: number,
            });
        }
        let mut bounds = Bounds { min: 0, max: MOST };
        if node.entries().is_some_and(<[_]>::is_empty) {
            mistakes.add(node.span, "give `min`, `max` or both");
        }
        for (key, node) in mistakes.entries("bounds", node) {
            let number = mistakes.take(node, units::count(node, 0, MOST));
            match key.name.as_str() {
                "min" => bounds.min = number?,
                "max" => bounds.max = number?,
                _ => mistakes.unknown(key, &["min", "max"]),
            }
        }
        if bounds.min > bounds.max {
            mistakes.add(node.span, "no number is at least `min` and at most `max`");
        }
        Some(bounds)
    }

    pub(super) fn hold(self, number: u64) -> bool {
        (self.min..=self.max).contains(&number)
    }
}

impl std::fmt::Display for Bounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.min, self.max) {
            (min, max) if min == max => write!(f, "{min}"),
            (0, max) => write!(f, "at most {max}"),
            (min, max) if max == i64::MAX as u64 => write!(f, "at least {min}"),
            (min, max) => write!(f, "{min} to {max}"),
        }
    }
}

/// What is expected of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextMatcher {
    /// It is this.
    Exact(String),
    /// It holds this.
    Contains(String),
}

impl TextMatcher {
    pub(super) fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<TextMatcher> {
        if let Value::String(text) = &node.value {
            return Some(TextMatcher::Exact(text.to_string()));
        }
        match node.entries() {
            Some([(key, value)]) if key.name == "contains" => {
                mistakes.string(value).map(TextMatcher::Contains)
            }
            _ => {
                mistakes.add(node.span, "expected a text or {\"contains\": TEXT}");
                None
            }
        }
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        match self {
            TextMatcher::Exact(expected) => text == expected,
            TextMatcher::Contains(part) => text.contains(part),
        }
    }
}

impl std::fmt::Display for TextMatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TextMatcher::Exact(text) => write!(f, "{text:?}"),
            TextMatcher::Contains(text) => write!(f, "a text with {text:?}"),
        }
    }
}

/// What is expected of the virtual time that an execution took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    min: Duration,
    /// The first time that is too long.
    end: Duration,
}

impl Span {
    /// `"14s"` means anything that is 14 seconds when counted in whole seconds; `{"min": ..., "max": ...}` are
    /// bounds.
    pub(super) fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Span> {
        if node.entries().is_none() {
            let min = mistakes.take(node, time(node))?;
            let end = min + unit(node);
            return Some(Span { min, end });
        }
        let mut span = Span {
            min: Duration::ZERO,
            end: Duration::MAX,
        };
        for (key, node) in mistakes.entries("a duration", node) {
            let time = mistakes.take(node, time(node))?;
            match key.name.as_str() {
                "min" => span.min = time,
                "max" => span.end = time + Duration::from_nanos(1),
                _ => mistakes.unknown(key, &["min", "max"]),
            }
        }
        Some(span)
    }

    pub(super) fn holds(self, time: Duration) -> bool {
        self.min <= time && time < self.end
    }
}

/// A duration, of which none at all is one too.
fn time(node: &Node) -> Result<Duration, String> {
    let none = match &node.value {
        Value::Number(number) => number.as_f64() == 0.0,
        Value::String(text) => ["0", "0s", "0ms"].contains(&text.as_str()),
        _ => false,
    };
    if none {
        Ok(Duration::ZERO)
    } else {
        units::duration(node)
    }
}

/// The unit in which a duration is written: that of a fraction is a millisecond.
fn unit(node: &Node) -> Duration {
    match node.as_str() {
        Some(text) if text.ends_with("ms") || text.contains('.') => Duration::from_millis(1),
        Some(text) if text.ends_with('m') => Duration::from_secs(60),
        Some(text) if text.ends_with('h') => Duration::from_secs(3600),
        _ => Duration::from_secs(1),
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = |time: Duration| time.as_secs_f64();
        match self.end {
            Duration::MAX => write!(f, "at least {} s", seconds(self.min)),
            end if self.min.is_zero() => write!(f, "less than {} s", seconds(end)),
            end => write!(f, "{} s up to {} s", seconds(self.min), seconds(end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(matcher: &str, value: &str, pointer: Option<&str>) {
        let source = data::Source::new("test.json", matcher);
        let mut mistakes = Mistakes::new(&source);
        let node = Node::parse_json(matcher).unwrap();
        let matcher = Matcher::read(&node, "output", &mut mistakes).unwrap();
        let found = matcher.mismatch("output", &Data::parse(value).unwrap());
        assert_eq!(found.map(|mismatch| mismatch.pointer).as_deref(), pointer);
    }

    #[test]
    fn the_first_difference_is_named() {
        check(
            r#"{"exact": {"a": [1, {"b": 2}]}}"#,
            r#"{"a": [1, {"b": 3}]}"#,
            Some("/a/1/b"),
        );
        check(
            r#"{"exact": {"a": 1}}"#,
            r#"{"a": 1, "b/c": 2}"#,
            Some("/b~1c"),
        );
        check(
            r#"{"exact": {"a": 1, "b": 2}}"#,
            r#"{"b": 2, "a": 1}"#,
            None,
        );
        check(r#"{"exact": 1}"#, "1.0", Some(""));
    }

    #[test]
    fn a_subset_may_have_more_fields_but_not_more_items() {
        check(
            r#"{"subset": {"a": [{"b": 1}]}}"#,
            r#"{"a": [{"b": 1, "c": 2}], "d": 3}"#,
            None,
        );
        check(
            r#"{"subset": {"a": [{"b": 1}]}}"#,
            r#"{"a": [{"b": 1}, 2]}"#,
            Some("/a"),
        );
        check(r#"{"subset": {"a": null}}"#, "{}", Some("/a"));
    }

    #[test]
    fn an_expression_must_be_true() {
        check(
            r#"{"jsonata": "$output.total > 3"}"#,
            r#"{"total": 4}"#,
            None,
        );
        check(
            r#"{"jsonata": "{% $output.total > 3 %}"}"#,
            r#"{"total": 3}"#,
            Some(""),
        );
        check(r#"{"jsonata": "$output.missing"}"#, "{}", Some(""));
    }

    #[test]
    fn a_duration_is_as_exact_as_it_is_written() {
        let span = |text: &str| {
            let source = data::Source::new("test.json", text);
            let node = Node::parse_json(text).unwrap();
            Span::read(&node, &mut Mistakes::new(&source)).unwrap()
        };
        assert!(span("\"14s\"").holds(Duration::from_millis(14_999)));
        assert!(!span("\"14s\"").holds(Duration::from_secs(15)));
        assert!(!span("\"14.2s\"").holds(Duration::from_millis(14_201)));
        assert!(span("{\"max\": \"1h\"}").holds(Duration::from_secs(3600)));
        assert!(span("\"0s\"").holds(Duration::from_millis(2)));
    }
}
