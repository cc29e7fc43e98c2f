//! JSON text to values and back.
//!
//! One parser serves both trees: [`Build`] says what to make of each piece. [`Data`] wants only values, the
//! tree of places in `node` wants their spans too.

use std::borrow::Cow;

use ecow::EcoString;

use crate::MAX_DEPTH;
use crate::number::Number;
use crate::object::{Object, ObjectBuilder};
use crate::source::{Position, Span};
use crate::value::Data;

/// Why a text is no JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {}, column {}", position.line, position.column)]
pub struct ParseError {
    /// What is wrong.
    pub message: String,
    /// Where, counted from 1.
    pub position: Position,
    /// Where, as a byte offset.
    pub offset: usize,
}

/// What a parser makes of the pieces of a text.
pub(crate) trait Build {
    type Out;
    type Items: Default;
    type Fields: Default;

    fn scalar(&mut self, value: Data, span: Span) -> Self::Out;
    fn item(&mut self, items: &mut Self::Items, item: Self::Out);
    fn array(&mut self, items: Self::Items, span: Span) -> Self::Out;
    fn field(&mut self, fields: &mut Self::Fields, key: EcoString, at: Span, value: Self::Out);
    fn object(&mut self, fields: Self::Fields, span: Span) -> Self::Out;
}

struct Values;

impl Build for Values {
    type Out = Data;
    type Items = Vec<Data>;
    type Fields = ObjectBuilder;

    fn scalar(&mut self, value: Data, _: Span) -> Data {
        value
    }

    fn item(&mut self, items: &mut Vec<Data>, item: Data) {
        items.push(item);
    }

    fn array(&mut self, items: Vec<Data>, _: Span) -> Data {
        items.into()
    }

    fn field(&mut self, fields: &mut ObjectBuilder, key: EcoString, _: Span, value: Data) {
        fields.insert(key, value);
    }

    fn object(&mut self, fields: ObjectBuilder, _: Span) -> Data {
        fields.build().into()
    }
}

pub(crate) fn parse(text: &str) -> Result<Data, ParseError> {
    parse_with(text, &mut Values)
}

/// Levels that may be put around a value that a reader made before it is written.
const AROUND: u32 = 64;

/// Reads what was written by this program: a value that came from a reader, within a few more levels.
pub(crate) fn parse_own(text: &str) -> Result<Data, ParseError> {
    parse_within(text, MAX_DEPTH + AROUND, &mut Values)
}

pub(crate) fn parse_with<B: Build>(text: &str, build: &mut B) -> Result<B::Out, ParseError> {
    parse_within(text, MAX_DEPTH, build)
}

fn parse_within<B: Build>(text: &str, most: u32, build: &mut B) -> Result<B::Out, ParseError> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
        most,
    };
    let outcome = parser.document(build);
    outcome.map_err(|message| ParseError {
        message,
        position: Position::of(text, parser.at),
        offset: parser.at,
    })
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: u32,
    most: u32,
}

type Parsed<T> = Result<T, String>;

impl<'t> Parser<'t> {
    fn document<B: Build>(&mut self, build: &mut B) -> Parsed<B::Out> {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        self.blanks();
        if self.at == self.bytes.len() {
            return Err("expected a JSON value, found the end of the text".into());
        }
        let value = self.value(build)?;
        self.blanks();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(format!(
                "expected the end of the text, found {}",
                self.found()
            )),
        }
    }

    fn value<B: Build>(&mut self, build: &mut B) -> Parsed<B::Out> {
        let start = self.at;
        let scalar = match self.peek() {
            Some(b'{') => return self.nested(build, Self::object),
            Some(b'[') => return self.nested(build, Self::array),
            Some(b'"') => Data::from(self.string()?.as_ref()),
            Some(b'-' | b'0'..=b'9') => Data::Number(self.number()?),
            Some(b't') => self.word("true", Data::Bool(true))?,
            Some(b'f') => self.word("false", Data::Bool(false))?,
            Some(b'n') => self.word("null", Data::Null)?,
            _ => return Err(format!("expected a JSON value, found {}", self.found())),
        };
        Ok(build.scalar(scalar, Span::new(start, self.at)))
    }

    fn nested<B: Build>(
        &mut self,
        build: &mut B,
        read: impl FnOnce(&mut Self, &mut B) -> Parsed<B::Out>,
    ) -> Parsed<B::Out> {
        if self.depth == self.most {
            return Err(format!("nested deeper than {} levels", self.most));
        }
        self.depth += 1;
        let value = read(self, build)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array<B: Build>(&mut self, build: &mut B) -> Parsed<B::Out> {
        let start = self.at;
        let mut items = B::Items::default();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(build.array(items, Span::new(start, self.at)));
        }
        loop {
            self.blanks();
            let item = self.value(build)?;
            build.item(&mut items, item);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(build.array(items, Span::new(start, self.at)));
                }
                _ => return Err(format!("expected `,` or `]`, found {}", self.found())),
            }
        }
    }

    fn object<B: Build>(&mut self, build: &mut B) -> Parsed<B::Out> {
        let start = self.at;
        let mut fields = B::Fields::default();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(build.object(fields, Span::new(start, self.at)));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(format!(
                    "expected a key in double quotes, found {}",
                    self.found()
                ));
            }
            let key_start = self.at;
            let key = EcoString::from(self.string()?.as_ref());
            let key_span = Span::new(key_start, self.at);
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(format!("expected `:`, found {}", self.found()));
            }
            self.at += 1;
            self.blanks();
            let value = self.value(build)?;
            build.field(&mut fields, key, key_span, value);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(build.object(fields, Span::new(start, self.at)));
                }
                _ => return Err(format!("expected `,` or `}}`, found {}", self.found())),
            }
        }
    }

    fn number(&mut self) -> Parsed<Number> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(format!("expected a digit, found {}", self.found())),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        let literal = &self.text[start..self.at];
        Number::parse(literal).ok_or_else(|| {
            self.at = start;
            format!("the number {literal} is out of range")
        })
    }

    fn some_digits(&mut self) -> Parsed<()> {
        match self.peek() {
            Some(b'0'..=b'9') => {
                self.digits();
                Ok(())
            }
            _ => Err(format!("expected a digit, found {}", self.found())),
        }
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Data) -> Parsed<Data> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(format!("expected a JSON value, found {}", self.found()))
        }
    }

    fn string(&mut self) -> Parsed<Cow<'t, str>> {
        self.at += 1;
        let start = self.at;
        self.plain()?;
        if self.peek() == Some(b'"') {
            let plain = &self.text[start..self.at];
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut out = self.text[start..self.at].to_owned();
        while self.peek() == Some(b'\\') {
            self.escape(&mut out)?;
            let start = self.at;
            self.plain()?;
            out.push_str(&self.text[start..self.at]);
        }
        self.at += 1;
        Ok(Cow::Owned(out))
    }

    /// Skips to the next quote or backslash.
    fn plain(&mut self) -> Parsed<()> {
        let rest = &self.bytes[self.at..];
        let stop = rest
            .iter()
            .position(|&b| b == b'"' || b == b'\\' || b < 0x20);
        self.at += stop.unwrap_or(rest.len());
        match self.peek() {
            Some(b'"' | b'\\') => Ok(()),
            Some(_) => Err("a control character in a string must be escaped".into()),
            None => Err("the string is not closed".into()),
        }
    }

    fn escape(&mut self, out: &mut String) -> Parsed<()> {
        let plain = match self.bytes.get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 2;
                out.push(self.unicode()?);
                return Ok(());
            }
            _ => return Err("unknown escape in a string".into()),
        };
        self.at += 2;
        out.push(plain);
        Ok(())
    }

    fn unicode(&mut self) -> Parsed<char> {
        let first = self.hex4()?;
        if (0xD800..0xDC00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
            self.at += 2;
            let second = self.hex4()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return char::from_u32(code).ok_or_else(|| "not a Unicode character".into());
            }
        }
        char::from_u32(first).ok_or_else(|| "half of a surrogate pair is no character".into())
    }

    fn hex4(&mut self) -> Parsed<u32> {
        let digits = self.bytes.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.ok_or("expected four hexadecimal digits")?;
        let code = digits.iter().fold(0, |code, digit| {
            code * 16 + char::from(*digit).to_digit(16).unwrap_or(0)
        });
        self.at += 4;
        Ok(code)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn found(&self) -> String {
        match self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            Some('"') => "`\"`".into(),
            Some(character) => format!("`{}`", character.escape_debug()),
            None => "the end of the text".into(),
        }
    }
}

pub(crate) fn write(data: &Data, out: &mut String) {
    match data {
        Data::Null => out.push_str("null"),
        Data::Bool(true) => out.push_str("true"),
        Data::Bool(false) => out.push_str("false"),
        Data::Number(number) => write_number(number, out),
        Data::String(text) => write_string(text, out),
        Data::Array(array) => {
            let mut mark = '[';
            for item in array.items() {
                out.push(mark);
                write(item, out);
                mark = ',';
            }
            out.push_str(if mark == '[' { "[]" } else { "]" });
        }
        Data::Object(object) => {
            let mut mark = '{';
            for (key, value) in object.iter() {
                out.push(mark);
                write_string(key, out);
                out.push(':');
                write(value, out);
                mark = ',';
            }
            out.push_str(if mark == '{' { "{}" } else { "}" });
        }
    }
}

fn write_number(number: &Number, out: &mut String) {
    use std::fmt::Write;
    write!(out, "{number}").expect("writing into a String cannot fail");
}

pub(crate) fn write_pretty(data: &Data, level: usize, out: &mut String) {
    match data {
        Data::Array(array) if !array.is_empty() => {
            out.push('[');
            for (at, item) in array.iter().enumerate() {
                new_line(at > 0, level + 1, out);
                write_pretty(item, level + 1, out);
            }
            new_line(false, level, out);
            out.push(']');
        }
        Data::Object(object) if !object.is_empty() => write_pretty_object(object, level, out),
        other => write(other, out),
    }
}

fn write_pretty_object(object: &Object, level: usize, out: &mut String) {
    out.push('{');
    for (at, (key, value)) in object.iter().enumerate() {
        new_line(at > 0, level + 1, out);
        write_string(key, out);
        out.push_str(": ");
        write_pretty(value, level + 1, out);
    }
    new_line(false, level, out);
    out.push('}');
}

fn new_line(comma: bool, level: usize, out: &mut String) {
    out.push_str(if comma { ",\n" } else { "\n" });
    for _ in 0..level {
        out.push_str("  ");
    }
}

/// Appends `text` as a JSON string with its quotes.
pub fn write_string(text: &str, out: &mut String) {
    use std::fmt::Write;
    out.push('"');
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if escape_len(byte) == 1 {
            continue;
        }
        out.push_str(&text[start..at]);
        start = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x8 => out.push_str("\\b"),
            0xC => out.push_str("\\f"),
            _ => write!(out, "\\u{byte:04x}").expect("writing into a String cannot fail"),
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}

/// Bytes of `text` as a JSON string, quotes and escapes included.
pub fn escaped_len(text: &str) -> usize {
    2 + text.bytes().map(escape_len).sum::<usize>()
}

const fn escape_len(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x8 | 0xC => 2,
        0..0x20 => 6,
        _ => 1,
    }
}
