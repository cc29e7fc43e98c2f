//! Filter patterns: which events somebody wants to see.
//!
//! Terms and JSON patterns are understood. Space-delimited patterns (`[a, b]`) and regular expressions (`%...%`) are
//! refused rather than misread.

use data::Data;

use super::invalid;
use super::json_pattern::{self, Condition};
use crate::error::ApiError;

/// A filter pattern.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Words of the message.
    Terms(Terms),
    /// Fields of a message that is JSON.
    Json(Condition),
}

/// Terms of an unstructured pattern.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Each must be there.
    all: Vec<String>,
    /// `?term`: one of them must be there. The service ignores them beside others.
    any: Vec<String>,
    /// `-term`: none may be there.
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern; an empty one matches everything.
    pub fn parse(text: &str) -> Result<Pattern, ApiError> {
        let text = text.trim();
        match text.chars().next() {
            Some('{') => json_pattern::parse(text).map(Pattern::Json),
            Some('[') => Err(invalid(
                "Invalid filter pattern: space-delimited patterns are not supported here.",
            )),
            _ => terms(text).map(Pattern::Terms),
        }
    }

    /// Whether a message is wanted. Case matters.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Pattern::Terms(terms) => terms.match_in(message),
            Pattern::Json(condition) => {
                Data::parse(message).is_ok_and(|message| condition.holds(&message))
            }
        }
    }
}

impl Terms {
    fn match_in(&self, message: &str) -> bool {
        let there = |term: &String| message.contains(term.as_str());
        if self.all.is_empty() && self.none.is_empty() {
            return self.any.is_empty() || self.any.iter().any(there);
        }
        self.all.iter().all(there) && !self.none.iter().any(there)
    }
}

fn terms(text: &str) -> Result<Terms, ApiError> {
    let mut terms = Terms::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (list, after) = match rest.split_at_checked(1) {
            Some(("?", after)) => (&mut terms.any, after),
            Some(("-", after)) => (&mut terms.none, after),
            _ => (&mut terms.all, rest),
        };
        let (term, after) = term(after)?;
        list.push(term);
        rest = after.trim_start();
    }
    Ok(terms)
}

/// The next term, a word or a phrase in quotes, and what follows it.
fn term(text: &str) -> Result<(String, &str), ApiError> {
    if let Some(quoted) = text.strip_prefix('"') {
        return phrase(quoted);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.is_empty() || word.contains('"') {
        return Err(invalid(format!(
            "Invalid filter pattern: no term at '{text}'."
        )));
    }
    if word.starts_with('%') {
        return Err(invalid(
            "Invalid filter pattern: regular expressions are not supported here.",
        ));
    }
    Ok((word.to_owned(), rest))
}

/// A phrase up to its closing quote, in which a backslash takes the next character as it is.
pub(super) fn phrase(text: &str) -> Result<(String, &str), ApiError> {
    let mut phrase = String::new();
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Ok((phrase, &text[index + 1..])),
            '\\' => phrase.extend(characters.next().map(|(_, escaped)| escaped)),
            other => phrase.push(other),
        }
    }
    Err(invalid("Invalid filter pattern: a quote is not closed."))
}
