//! Functions on texts: `States.Format`, `States.StringSplit`.

use data::Data;

use super::Outcome;
use crate::java;

/// A text with places to fill in.
#[derive(Clone, Debug, Default)]
pub(super) struct Format {
    /// The text before, between and after the places: one more than there are places.
    parts: Vec<String>,
}

impl Format {
    /// A text in which every `{}` is a place.
    pub fn plain(text: &str) -> Format {
        Format {
            parts: text.split("{}").map(str::to_owned).collect(),
        }
    }

    /// A literal of an expression, where `\{`, `\}`, `\'` and `\\` stand for the character itself.
    pub fn literal(text: &str) -> Format {
        let mut parts = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let escaped = if c == '\\' {
                chars.next_if(|c| matches!(c, '{' | '}' | '\'' | '\\'))
            } else {
                None
            };
            if c == '{' && chars.next_if_eq(&'}').is_some() {
                parts.push(String::new());
            } else if let Some(part) = parts.last_mut() {
                part.push(escaped.unwrap_or(c));
            }
        }
        Format { parts }
    }

    /// The literal as a plain text.
    pub fn text(&self) -> String {
        self.parts.join("{}")
    }

    /// The text with `values` in its places.
    pub fn fill(&self, values: &[Data]) -> Outcome {
        if self.parts.len() != values.len() + 1 {
            return Err(format!(
                "Number of occurrences of {{}} in the template is {}, but {} arguments are given",
                self.parts.len().saturating_sub(1),
                values.len()
            ));
        }
        let literal: usize = self.parts.iter().map(String::len).sum();
        let mut out = String::with_capacity(literal + 8 * values.len());
        for (at, part) in self.parts.iter().enumerate() {
            if let Some(value) = at.checked_sub(1).and_then(|at| values.get(at)) {
                java::print(value, &mut out);
            }
            out.push_str(part);
        }
        Ok(Data::from(out))
    }
}

/// The tokens of `text` between characters of `delimiters`; there are no empty ones.
pub(super) fn split(text: &Data, delimiters: &Data) -> Outcome {
    let text = text.as_str().ok_or("The first argument must be a string")?;
    let delimiters = delimiters
        .as_str()
        .ok_or("The second argument must be a string")?;
    let tokens = text
        .split(|c| delimiters.contains(c))
        .filter(|token| !token.is_empty());
    Ok(tokens.map(Data::from).collect())
}
