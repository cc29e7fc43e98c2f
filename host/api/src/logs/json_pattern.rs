//! JSON filter patterns, such as `{ ($.level = "ERROR") && ($.latency > 100) }`.

use std::cmp::Ordering;

use data::{Data, Number};

use super::invalid;
use super::pattern::phrase;
use crate::error::ApiError;

/// How deep parentheses may nest.
const DEPTH: u32 = 32;

/// What must hold of a message.
#[derive(Debug)]
pub(super) enum Condition {
    /// `a && b`
    All(Vec<Condition>),
    /// `a || b`
    Any(Vec<Condition>),
    /// Of a field.
    Field(Vec<Step>, Test),
}

/// A step of a selector.
#[derive(Debug)]
pub(super) enum Step {
    /// `.name` or `["name"]`
    Key(String),
    /// `[0]`
    Index(usize),
}

/// What must hold of a field. A field that is not there passes none but `NOT EXISTS`.
#[derive(Debug)]
pub(super) enum Test {
    /// Equal to a number, or to a text in which `*` stands for anything; or, if false, not.
    Equal(bool, Literal),
    /// A number on that side of another, or, if the flag is set, equal to it.
    Ordered(Ordering, bool, f64),
    /// `IS TRUE`, `IS FALSE`, `IS NULL`
    Is(Data),
    /// `NOT EXISTS`
    Missing,
}

/// What a field is compared with.
#[derive(Debug)]
pub(super) enum Literal {
    Number(f64),
    Text(String),
}

/// Reads a pattern in its braces.
pub(super) fn parse(text: &str) -> Result<Condition, ApiError> {
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    let inner = inner.ok_or_else(|| wrong(text))?;
    let mut reader = Reader { rest: inner };
    let condition = reader.any(0)?;
    if reader.rest.trim().is_empty() {
        Ok(condition)
    } else {
        Err(wrong(reader.rest))
    }
}

fn wrong(at: &str) -> ApiError {
    invalid(format!(
        "Invalid filter pattern: cannot be read at '{}'.",
        at.trim()
    ))
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn any(&mut self, depth: u32) -> Result<Condition, ApiError> {
        let mut parts = vec![self.all(depth)?];
        while self.take("||") {
            parts.push(self.all(depth)?);
        }
        Ok(Condition::Any(parts))
    }

    fn all(&mut self, depth: u32) -> Result<Condition, ApiError> {
        let mut parts = vec![self.one(depth)?];
        while self.take("&&") {
            parts.push(self.one(depth)?);
        }
        Ok(Condition::All(parts))
    }

    fn one(&mut self, depth: u32) -> Result<Condition, ApiError> {
        if !self.take("(") {
            let steps = self.selector()?;
            return Ok(Condition::Field(steps, self.test()?));
        }
        if depth >= DEPTH {
            return Err(wrong(self.rest));
        }
        let inner = self.any(depth + 1)?;
        if self.take(")") {
            Ok(inner)
        } else {
            Err(wrong(self.rest))
        }
    }

    fn selector(&mut self) -> Result<Vec<Step>, ApiError> {
        if !self.take("$") {
            return Err(wrong(self.rest));
        }
        let mut steps = Vec::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('.') {
                self.rest = rest;
                let name = self.word(|c| c.is_alphanumeric() || "_-@".contains(c))?;
                steps.push(Step::Key(name.to_owned()));
            } else if let Some(rest) = self.rest.strip_prefix("[\"") {
                let (name, rest) = phrase(rest)?;
                self.rest = rest.strip_prefix(']').ok_or_else(|| wrong(rest))?;
                steps.push(Step::Key(name));
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                self.rest = rest;
                let index = self.word(|c| c.is_ascii_digit())?.parse();
                let index = index.map_err(|_| wrong(rest))?;
                self.rest = self.rest.strip_prefix(']').ok_or_else(|| wrong(rest))?;
                steps.push(Step::Index(index));
            } else if steps.is_empty() {
                return Err(wrong(self.rest));
            } else {
                return Ok(steps);
            }
        }
    }

    fn test(&mut self) -> Result<Test, ApiError> {
        if self.keyword("IS") {
            let values = [
                ("TRUE", true.into()),
                ("FALSE", false.into()),
                ("NULL", Data::Null),
            ];
            let value = values.into_iter().find(|(name, _)| self.keyword(name));
            return value
                .map(|(_, value)| Test::Is(value))
                .ok_or_else(|| wrong(self.rest));
        }
        if self.keyword("NOT") {
            return if self.keyword("EXISTS") {
                Ok(Test::Missing)
            } else {
                Err(wrong(self.rest))
            };
        }
        for (sign, side, equal) in [
            ("<=", Ordering::Less, true),
            (">=", Ordering::Greater, true),
            ("<", Ordering::Less, false),
            (">", Ordering::Greater, false),
        ] {
            if self.take(sign) {
                let Literal::Number(bound) = self.literal()? else {
                    return Err(wrong(self.rest));
                };
                return Ok(Test::Ordered(side, equal, bound));
            }
        }
        if self.take("!=") {
            return Ok(Test::Equal(false, self.literal()?));
        }
        if self.take("=") {
            return Ok(Test::Equal(true, self.literal()?));
        }
        Err(wrong(self.rest))
    }

    fn literal(&mut self) -> Result<Literal, ApiError> {
        if self.take("\"") {
            let (text, rest) = phrase(self.rest)?;
            self.rest = rest;
            return Ok(Literal::Text(text));
        }
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('%') {
            return Err(invalid(
                "Invalid filter pattern: regular expressions are not supported here.",
            ));
        }
        let word = self.word(|c| c.is_alphanumeric() || "_-+.*:/@".contains(c))?;
        let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
        let number = word
            .parse()
            .ok()
            .filter(|value: &f64| number && value.is_finite());
        Ok(number.map_or_else(|| Literal::Text(word.to_owned()), Literal::Number))
    }

    /// Takes a sign, with the white space before it.
    fn take(&mut self, sign: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes a word that does not go on.
    fn keyword(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(word);
        let rest = rest.filter(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self, part: impl Fn(char) -> bool) -> Result<&'t str, ApiError> {
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(wrong(rest));
        }
        self.rest = rest;
        Ok(word)
    }
}

impl Condition {
    /// Whether it holds of a message.
    pub fn holds(&self, message: &Data) -> bool {
        match self {
            Condition::All(parts) => parts.iter().all(|part| part.holds(message)),
            Condition::Any(parts) => parts.iter().any(|part| part.holds(message)),
            Condition::Field(steps, test) => test.passes(field(message, steps)),
        }
    }
}

fn field<'m>(message: &'m Data, steps: &[Step]) -> Option<&'m Data> {
    steps.iter().try_fold(message, |at, step| match step {
        Step::Key(name) => at.get(name),
        Step::Index(index) => at.as_array()?.get(*index),
    })
}

impl Test {
    fn passes(&self, field: Option<&Data>) -> bool {
        let Some(field) = field else {
            return matches!(self, Test::Missing);
        };
        match self {
            Test::Missing => false,
            Test::Is(value) => field == value,
            Test::Equal(wanted, literal) => literal.equals(field) == *wanted,
            Test::Ordered(side, equal, bound) => {
                field.as_number().map(Number::as_f64).is_some_and(|value| {
                    let found = value.partial_cmp(bound);
                    found == Some(*side) || (*equal && found == Some(Ordering::Equal))
                })
            }
        }
    }
}

impl Literal {
    fn equals(&self, field: &Data) -> bool {
        match (self, field) {
            (Literal::Number(literal), Data::Number(value)) => value.as_f64() == *literal,
            (Literal::Number(literal), Data::String(text)) => **text == literal.to_string(),
            (Literal::Text(pattern), Data::String(text)) => like(pattern, text),
            (Literal::Text(pattern), Data::Number(_) | Data::Bool(_)) => {
                like(pattern, &field.to_string())
            }
            (_, Data::Null | Data::Bool(_) | Data::Array(_) | Data::Object(_)) => false,
        }
    }
}

/// Whether a text is like a pattern in which `*` stands for anything.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
