//! Regular expressions: what a search with one may cost, and literals that are called as functions.
//!
//! A search cannot be interrupted, and at its worst takes time in proportion to the text times the places in
//! the pattern; so both are counted before it begins.

use jsonata_core::ast::AstNode;
use jsonata_core::functions::string;
use jsonata_core::value::JValue;

use super::{Answer, Host};
use crate::jsonata::budget::Run;
use crate::jsonata::message::Thrown;

/// The most places in a pattern, repetitions written out.
const MAX_PLACES: usize = 20_000;
/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 16 << 10;
/// What the engine of regular expressions holds while it compiles a pattern, in bytes for each unit of its size.
const PER_UNIT: usize = 140;
/// The size of a place where all letters of the world may stand; of one where a plain letter stands it is one.
const ANY_LETTER: usize = 700;
/// The size of a place where anything but some letters may stand.
const ANY_BUT: usize = 20;
/// How many places of a pattern are as good as free.
const FREE_PLACES: usize = 10;
/// After so many matches the clock is looked at.
const GLANCE: usize = 64;

/// How large a pattern is, repetitions written out.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Places where a letter may stand.
    places: usize,
    /// What it takes to compile them.
    size: usize,
}

impl Extent {
    fn and(self, other: Extent) -> Extent {
        Extent {
            places: self.places.saturating_add(other.places),
            size: self.size.saturating_add(other.size),
        }
    }

    fn times(self, times: usize) -> Extent {
        Extent {
            places: self.places.saturating_mul(times),
            size: self.size.saturating_mul(times),
        }
    }
}

/// The extent of a pattern and the number of its groups. What is not understood counts as a letter.
fn extent(pattern: &str) -> (Extent, usize) {
    let mut groups = 0;
    let mut open: Vec<Extent> = Vec::new();
    let (mut sum, mut last) = (Extent::default(), Extent::default());
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let mut width = letter.len_utf8();
        match letter {
            '(' => {
                groups += 1;
                open.push(sum);
                (sum, last) = (Extent::default(), Extent::default());
            }
            ')' => {
                last = sum.and(Extent { places: 1, size: 1 });
                sum = open.pop().unwrap_or_default().and(last);
            }
            '*' | '+' | '?' => {}
            _ => match repetition(rest) {
                Some((times, length)) => {
                    sum = sum.and(last.times(times.saturating_sub(1)));
                    last = last.times(times.max(1));
                    width = length;
                }
                None => {
                    (last, width) = atom(rest, letter);
                    sum = sum.and(last);
                }
            },
        }
        rest = &rest[width..];
    }
    (open.into_iter().fold(sum, Extent::and), groups)
}

/// One place, and how many bytes it is written in.
fn atom(rest: &str, letter: char) -> (Extent, usize) {
    let width = match letter {
        '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        '[' => class(rest),
        _ => letter.len_utf8(),
    };
    let written = &rest[..width];
    let any_letter = ["\\w", "\\W", "\\p", "\\P", "\\d", "\\D", "\\S", "[:"];
    let size = if any_letter.iter().any(|class| written.contains(class)) {
        ANY_LETTER
    } else if letter == '.' || letter == '[' {
        ANY_BUT
    } else {
        1
    };
    (Extent { places: 1, size }, width)
}

/// `{3}`, `{3,}` and `{3,5}`: how often at most, and how many bytes that is written in.
fn repetition(text: &str) -> Option<(usize, usize)> {
    let inside = text.strip_prefix('{')?.split_once('}')?.0;
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let least: usize = least.trim().parse().ok()?;
    let most = most.trim().parse().unwrap_or(least);
    Some((least.max(most), inside.len() + 2))
}

/// How many bytes a class such as `[^]a-z]` has.
fn class(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    letters.next_if(|(_, letter)| *letter == '^');
    letters.next_if(|(_, letter)| *letter == ']');
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            ']' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Counts one search of a text, as if the pattern could be anywhere in it.
pub(super) fn seek(run: &Run, pattern: &str, text: &str) -> Result<(), Thrown> {
    let (Extent { places, size }, groups) = extent(pattern);
    if places > MAX_PLACES || pattern.len() > MAX_PATTERN {
        return Err(Thrown::memory());
    }
    run.room(size.saturating_mul(PER_UNIT))?;
    let cost = text.len().saturating_mul(places.max(FREE_PLACES));
    let cost = cost.saturating_mul(1 + groups / 8) / 200;
    run.work((1 + pattern.len()).saturating_add(cost) as u64)
}

/// Where a pattern matches: how often, and how many bytes in all.
pub(super) fn matches(run: &Run, text: &str, pattern: &JValue) -> Result<(usize, usize), Thrown> {
    match pattern {
        JValue::String(pattern) => {
            run.work(1 + text.len() as u64 / 20)?;
            if pattern.is_empty() {
                return Ok((text.len() + 1, 0));
            }
            let count = text.matches(&**pattern).count();
            Ok((count, count * pattern.len()))
        }
        JValue::Regex { pattern, flags } => {
            seek(run, pattern, text)?;
            // The engine says what is wrong with a pattern.
            let Ok(regex) = string::build_regex(pattern, flags) else {
                return Ok((0, 0));
            };
            let begun = run.elapsed();
            let (mut count, mut bytes) = (0, 0);
            for found in regex.find_iter(text) {
                count += 1;
                bytes += found.len();
                // Each match may have been looked for up to the end of the text.
                if count % GLANCE == 0 && run.elapsed() > begun + 150 {
                    return Err(Thrown::time());
                }
            }
            Ok((count, bytes))
        }
        _ => Ok((0, 0)),
    }
}

/// A literal as a function: the search is counted, and then left to the engine.
pub(in crate::jsonata) fn function(check: AstNode, regex: AstNode) -> AstNode {
    let params = [TEXT, FROM].map(String::from);
    let args = params.clone().map(AstNode::Variable).to_vec();
    let call = AstNode::Call {
        procedure: Box::new(regex),
        args,
    };
    AstNode::Lambda {
        params: params.to_vec(),
        body: Box::new(AstNode::Block(vec![check, call])),
        signature: None,
        thunk: false,
    }
}

/// The parameters of such a function; no expression can name them.
const TEXT: &str = "pattern text";
const FROM: &str = "pattern from";

/// The arguments of [`Host::Seek`] for a literal.
pub(in crate::jsonata) fn check(regex: &AstNode) -> Vec<AstNode> {
    vec![regex.clone(), AstNode::Variable(TEXT.into())]
}

/// The literal that such a function was made of; any other value as it is.
pub(super) fn literal(value: JValue) -> JValue {
    let JValue::Lambda(lambda) = &value else {
        return value;
    };
    let AstNode::Block(nodes) = &lambda.body else {
        return value;
    };
    match nodes.first() {
        Some(AstNode::Function { name, args, .. }) if *name == Host::Seek.name() => {
            match args.first() {
                Some(AstNode::Regex { pattern, flags }) => {
                    JValue::regex(pattern.as_str(), flags.as_str())
                }
                _ => value,
            }
        }
        _ => value,
    }
}

/// Before a literal is called: the search is counted.
pub(super) fn sought(run: &Run, args: &[JValue]) -> Answer {
    if let (Some(JValue::Regex { pattern, .. }), Some(JValue::String(text))) =
        (args.first(), args.get(1))
    {
        seek(run, pattern, text)?;
        // The engine copies the text into what it gives.
        run.values(0, text.len())?;
    }
    Ok(JValue::Undefined)
}
