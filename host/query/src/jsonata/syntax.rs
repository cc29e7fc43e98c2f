//! What is wrong with a text, in AWS's words, and where.

use jsonata_core::ast::AstNode;
use jsonata_core::parser::{self, ParserError};

use super::catalogue::plain;
use super::error::JsonataSyntaxError;
use super::length;

/// Parses a text.
pub(super) fn parse(text: &str) -> Result<AstNode, JsonataSyntaxError> {
    length::check(text)?;
    parser::parse(text).map_err(|error| {
        if matches!(error, ParserError::UnclosedString) {
            return unclosed(text);
        }
        let (message, token) = words(&error);
        JsonataSyntaxError {
            unsupported: false,
            message,
            offset: place(text, &error, token),
        }
    })
}

/// A text or a regular expression without an end: the parser calls both the same.
fn unclosed(text: &str) -> JsonataSyntaxError {
    let mut open = None;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match open {
            Some(_) if letter == '\\' => drop(letters.next()),
            Some((_, quote)) if letter == quote => open = None,
            None if matches!(letter, '"' | '\'') => open = Some((at, letter)),
            _ => {}
        }
    }
    let (message, offset) = match open {
        Some((at, _)) => (said("S0101"), at),
        None => {
            let message = "No terminating / in regular expression";
            (message.into(), text.rfind('/').unwrap_or(0))
        }
    };
    JsonataSyntaxError {
        unsupported: false,
        message,
        offset,
    }
}

/// A value given to something that is not a variable: the parser takes it, AWS and JSONata do not.
pub(super) fn not_a_variable(text: &str) -> JsonataSyntaxError {
    JsonataSyntaxError {
        unsupported: false,
        message: said("S0212"),
        offset: text.find(":=").unwrap_or(0),
    }
}

/// A reference that AWS refuses, although it is JSONata.
pub(super) fn unsupported(text: &str, name: &str, top: bool) -> JsonataSyntaxError {
    let message = if top {
        format!("Reference to '{name}' at the top level is not supported.")
    } else {
        format!("Reference to '{name}' is not supported.")
    };
    JsonataSyntaxError {
        unsupported: true,
        message,
        offset: find(text, name).unwrap_or(0),
    }
}

/// The first place where a name stands by itself, outside of quotes and comments.
fn find(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut rest = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = rest.next() {
        let here = &text[at..];
        if here.starts_with("/*") {
            let end = here.find("*/").map_or(text.len(), |end| at + end + 2);
            while rest.next_if(|(at, _)| *at < end).is_some() {}
            continue;
        }
        let bare =
            c == '`' && here[1..].starts_with(name) && here[1 + name.len()..].starts_with('`');
        let plain = here.starts_with(name)
            && !is_part(before)
            && before != '.'
            && !here[name.len()..].starts_with(is_part);
        if bare || plain {
            return Some(at);
        }
        if matches!(c, '"' | '\'' | '`') {
            while let Some((_, inner)) = rest.next() {
                if inner == '\\' {
                    rest.next();
                } else if inner == c {
                    break;
                }
            }
        }
        before = c;
    }
    None
}

/// AWS's words: JSONata's message without its code; and the token that they name.
fn words(error: &ParserError) -> (String, Option<Token>) {
    match error {
        ParserError::UnexpectedToken(token) if token == "Eof" => (said("S0207"), None),
        ParserError::UnexpectedToken(token) => {
            let token = Token::read(token);
            let message = if token.known {
                format!(
                    "The symbol {} cannot be used as a unary operator",
                    token.shown
                )
            } else {
                format!("Unknown operator: {}", token.shown)
            };
            (message, Some(token))
        }
        ParserError::Expected { expected, found } if expected == "parameter name" => {
            let token = Token::read(found);
            let message = format!(
                "Parameter {} of function definition must be a variable name (start with $)",
                token.shown
            );
            (message, Some(token))
        }
        ParserError::Expected { expected, found } => {
            let expected = Token::read(expected).shown;
            if found == "Eof" {
                return (
                    format!("Expected {expected} before end of expression"),
                    None,
                );
            }
            let token = Token::read(found);
            (
                format!("Expected {expected}, got {}", token.shown),
                Some(token),
            )
        }
        ParserError::UnexpectedEnd => (said("S0207"), None),
        ParserError::InvalidSyntax(message) => invalid(message),
        ParserError::InvalidNumber(number) => (format!("Number out of range: {number}"), None),
        ParserError::UnclosedString => (said("S0101"), None),
        ParserError::InvalidEscape(sequence) => {
            if sequence.trim_start_matches('\\').starts_with('u') {
                return (said("S0104"), None);
            }
            let letter = serde_text(sequence.trim_start_matches('\\'));
            (format!("Unsupported escape sequence: \\{letter}"), None)
        }
        ParserError::UnclosedComment => (said("S0106"), None),
        ParserError::UnclosedBacktick => (said("S0105"), None),
        ParserError::Coded { code, message } => (
            plain(code).map_or_else(|| message.clone(), String::from),
            None,
        ),
    }
}

fn said(code: &str) -> String {
    plain(code).unwrap_or_default().to_owned()
}

/// Messages that the parser makes up itself, most of them with a code.
fn invalid(message: &str) -> (String, Option<Token>) {
    let (code, rest) = match message.split_once(": ") {
        Some((code, rest)) if code.len() == 5 => (code, rest),
        _ if message.to_lowercase().contains("regex") => {
            return ("No terminating / in regular expression".into(), None);
        }
        _ => return (message.to_owned(), None),
    };
    if code == "S0201" {
        let token = rest.strip_prefix("Syntax error: ").unwrap_or(rest);
        let token = Token::read(token);
        return (format!("Syntax error: {}", token.shown), Some(token));
    }
    (plain(code).unwrap_or(rest).to_owned(), None)
}

fn serde_text(text: &str) -> String {
    data::Data::from(text).to_string()
}

/// A token as the parser's debugging output shows it: `RightBracket`, `Identifier("a")`.
struct Token {
    /// As it stands in a message: as JSON.
    shown: String,
    /// How many bytes it has in the text, as far as is known.
    width: usize,
    /// Whether it is a symbol of the language.
    known: bool,
}

/// The parser's names of the symbols.
static SYMBOLS: [(&str, &str); 38] = [
    ("Plus", "+"),
    ("Minus", "-"),
    ("Star", "*"),
    ("StarStar", "**"),
    ("Slash", "/"),
    ("Percent", "%"),
    ("Equal", "="),
    ("NotEqual", "!="),
    ("LessThan", "<"),
    ("LessThanOrEqual", "<="),
    ("GreaterThan", ">"),
    ("GreaterThanOrEqual", ">="),
    ("And", "and"),
    ("Or", "or"),
    ("In", "in"),
    ("Ampersand", "&"),
    ("Dot", "."),
    ("DotDot", ".."),
    ("Question", "?"),
    ("QuestionQuestion", "??"),
    ("QuestionColon", "?:"),
    ("Colon", ":"),
    ("ColonEqual", ":="),
    ("TildeArrow", "~>"),
    ("LeftParen", "("),
    ("RightParen", ")"),
    ("LeftBracket", "["),
    ("RightBracket", "]"),
    ("LeftBrace", "{"),
    ("RightBrace", "}"),
    ("Comma", ","),
    ("Semicolon", ";"),
    ("Caret", "^"),
    ("Pipe", "|"),
    ("Hash", "#"),
    ("At", "@"),
    ("True", "true"),
    ("False", "false"),
];

impl Token {
    fn read(debug: &str) -> Token {
        let debug = debug.rsplit("signature: ").next().unwrap_or(debug);
        if let Some((_, symbol)) = SYMBOLS.iter().find(|(name, _)| *name == debug) {
            let known = !matches!(*symbol, "true" | "false");
            let shown = if known {
                serde_text(symbol)
            } else {
                (*symbol).to_owned()
            };
            return Token {
                shown,
                width: symbol.len(),
                known: true,
            };
        }
        let inside = debug
            .split_once('(')
            .and_then(|(kind, rest)| Some((kind, rest.strip_suffix(')')?)));
        let (shown, width) = match inside {
            Some(("Number", number)) => {
                let number = number.strip_suffix(".0").unwrap_or(number);
                (number.to_owned(), number.len())
            }
            Some(("Variable", name)) => (name.to_owned(), name.len() - 1),
            Some(("ParentVariable", _)) => ("\"$\"".to_owned(), 2),
            Some(("String", text)) => (text.to_owned(), text.len()),
            Some((_, name)) => (name.to_owned(), name.len().saturating_sub(2)),
            None if debug == "Null" => ("null".to_owned(), 4),
            None => {
                let known = debug.starts_with(char::is_alphabetic);
                return Token {
                    shown: serde_text(debug),
                    width: debug.len(),
                    known,
                };
            }
        };
        Token {
            shown,
            width,
            known: true,
        }
    }
}

/// Where the parser stopped: the shortest beginning of the text that fails alike ends there.
fn place(text: &str, error: &ParserError, token: Option<Token>) -> usize {
    let said = format!("{error:?}");
    let alike = |end: usize| {
        text.is_char_boundary(end)
            && parser::parse(&text[..end]).is_err_and(|error| format!("{error:?}") == said)
    };
    let Some(token) = token else {
        return match error {
            ParserError::UnexpectedToken(_)
            | ParserError::UnexpectedEnd
            | ParserError::Expected { .. } => text.trim_end().len(),
            _ => 0,
        };
    };
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = text.floor_char_boundary((low + high) / 2);
        if alike(middle) {
            high = middle;
        } else {
            low = middle + 1;
            while !text.is_char_boundary(low) {
                low += 1;
            }
        }
    }
    let start = high.saturating_sub(token.width);
    text.floor_char_boundary(start)
}
