//! A place in a text that is being parsed.

use crate::error::SyntaxError;

/// A text, the place in it, and how deeply what is being read is nested.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
}

/// The deepest nesting of filters, parentheses and calls in one expression.
const MAX_NESTING: u32 = 50;

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Cursor<'t> {
        Cursor {
            text,
            at: 0,
            depth: 0,
        }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn set(&mut self, at: usize) {
        self.at = at;
    }

    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub fn since(&self, start: usize) -> &'t str {
        &self.text[start..self.at]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn is_done(&self) -> bool {
        self.at == self.text.len()
    }

    /// The next character that is no blank, without moving.
    pub fn peek_significant(&self) -> Option<char> {
        self.rest().chars().find(|c| *c != ' ')
    }

    pub fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Moves over `expected`, if it is next.
    pub fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// [`eat`](Self::eat), blanks before it or not.
    pub fn eat_significant(&mut self, expected: &str) -> bool {
        let before = self.at;
        self.skip_blanks();
        let found = self.eat(expected);
        if !found {
            self.at = before;
        }
        found
    }

    pub fn skip_blanks(&mut self) {
        self.skip_while(|c| c == ' ');
    }

    pub fn skip_while(&mut self, accept: impl Fn(char) -> bool) {
        let rest = self.rest();
        let skipped = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += skipped;
    }

    /// Moves over a quoted text and gives what is between the quotes, escapes and all.
    pub fn quoted(&mut self, quote: char) -> Option<&'t str> {
        let start = self.at + quote.len_utf8();
        let mut escaped = false;
        for (at, c) in self.text.get(start..)?.char_indices() {
            if !escaped && c == quote {
                self.at = start + at + quote.len_utf8();
                return Some(&self.text[start..start + at]);
            }
            escaped = !escaped && c == '\\';
        }
        None
    }

    /// Reads something nested; too deep a nesting is an error.
    pub fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth == MAX_NESTING {
            return Err(self.error("The expression is nested too deeply"));
        }
        self.depth += 1;
        let outcome = read(self);
        self.depth -= 1;
        outcome
    }

    /// A cursor over the text from `start` to here, as deeply nested as this one.
    pub fn within(&self, start: usize) -> Cursor<'t> {
        Cursor {
            text: &self.text[..self.at],
            at: start,
            depth: self.depth,
        }
    }

    pub fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(message, self.at)
    }
}

/// Resolves the escapes of a quoted text: `\uXXXX`, `\n` and the like; any other character stands for itself.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match if c == '\\' { chars.next() } else { None } {
            None => out.push(c),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('b') => out.push('\u{8}'),
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                out.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
        }
    }
    out
}
