//! The text of a filter to its conditions.

use data::{Data, Number};
use regex::{Regex, RegexBuilder};

use super::{Condition, Operand, Operator};
use crate::error::SyntaxError;
use crate::jsonpath::{Cursor, parse_inner, unescape};

/// The most memory, in bytes, that a compiled pattern may take.
const MAX_PATTERN: usize = 1 << 20;

type Parsed<T> = Result<T, SyntaxError>;

/// `( ... )`
pub(super) fn parse(cursor: &mut Cursor) -> Parsed<Condition> {
    expect(cursor, "(")?;
    let condition = cursor.nested(any)?;
    expect(cursor, ")")?;
    Ok(condition)
}

fn expect(cursor: &mut Cursor, what: &str) -> Parsed<()> {
    if cursor.eat_significant(what) {
        Ok(())
    } else {
        Err(cursor.error(format!(
            "Could not compile inline filter: expected '{what}'"
        )))
    }
}

/// `a || b`
fn any(cursor: &mut Cursor) -> Parsed<Condition> {
    let parts = list(cursor, "||", all)?;
    Ok(one_or(parts, Condition::Any))
}

/// `a && b`
fn all(cursor: &mut Cursor) -> Parsed<Condition> {
    let parts = list(cursor, "&&", operand)?;
    Ok(one_or(parts, Condition::All))
}

fn list(
    cursor: &mut Cursor,
    separator: &str,
    part: fn(&mut Cursor) -> Parsed<Condition>,
) -> Parsed<Vec<Condition>> {
    let mut parts = vec![part(cursor)?];
    while cursor.eat_significant(separator) {
        parts.push(part(cursor)?);
    }
    Ok(parts)
}

fn one_or(parts: Vec<Condition>, many: fn(Box<[Condition]>) -> Condition) -> Condition {
    match <[Condition; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => many(parts.into()),
    }
}

/// `(a)`, `!a` or a comparison
fn operand(cursor: &mut Cursor) -> Parsed<Condition> {
    cursor.skip_blanks();
    match cursor.peek() {
        Some('(') => parse(cursor),
        Some('!') => {
            cursor.next();
            match cursor.peek_significant() {
                Some('@' | '$') => {
                    cursor.skip_blanks();
                    comparison(cursor, false)
                }
                _ => Ok(Condition::Not(Box::new(cursor.nested(operand)?))),
            }
        }
        _ => comparison(cursor, true),
    }
}

fn comparison(cursor: &mut Cursor, expected: bool) -> Parsed<Condition> {
    let left = value(cursor)?;
    let after = cursor.at();
    if let Some(operator) = operator(cursor) {
        let right = value(cursor)?;
        return Ok(Condition::Compare {
            left,
            operator,
            right,
        });
    }
    cursor.set(after);
    match left {
        Operand::Item(_) | Operand::Root(_) => Ok(Condition::Exists {
            operand: left,
            expected,
        }),
        Operand::Literal(_) | Operand::Pattern(_) => {
            Err(cursor.error("Could not compile inline filter: expected an operator"))
        }
    }
}

fn is_operator_character(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '~' | '!')
}

fn operator(cursor: &mut Cursor) -> Option<Operator> {
    cursor.skip_blanks();
    let start = cursor.at();
    if cursor.peek().is_some_and(is_operator_character) {
        cursor.skip_while(is_operator_character);
    } else {
        cursor.skip_while(|c| c != ' ');
    }
    Some(match cursor.since(start).to_ascii_uppercase().as_str() {
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "===" => Operator::SameTypeEqual,
        "!==" => Operator::SameTypeNotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        "=~" => Operator::Matches,
        "IN" => Operator::In,
        "NIN" => Operator::NotIn,
        "CONTAINS" => Operator::Contains,
        "ALL" => Operator::All,
        "SIZE" => Operator::Size,
        "EMPTY" => Operator::Empty,
        "SUBSETOF" => Operator::SubsetOf,
        "ANYOF" => Operator::AnyOf,
        "NONEOF" => Operator::NoneOf,
        _ => return None,
    })
}

fn value(cursor: &mut Cursor) -> Parsed<Operand> {
    cursor.skip_blanks();
    match cursor.peek() {
        Some('@' | '$') => path(cursor),
        Some('/') => pattern(cursor),
        Some(quote @ ('\'' | '"')) => match cursor.quoted(quote) {
            Some(text) => Ok(Operand::Literal(Data::from(unescape(text)))),
            None => Err(cursor.error(format!("String not closed. Expected {quote}"))),
        },
        Some('[' | '{') => json(cursor),
        Some('t') => word(cursor, "true", Data::Bool(true)),
        Some('f') => word(cursor, "false", Data::Bool(false)),
        Some('n') => word(cursor, "null", Data::Null),
        _ => number(cursor),
    }
}

fn word(cursor: &mut Cursor, word: &str, value: Data) -> Parsed<Operand> {
    if cursor.eat(word) {
        Ok(Operand::Literal(value))
    } else {
        Err(cursor.error(format!("Expected <{word}> value")))
    }
}

fn number(cursor: &mut Cursor) -> Parsed<Operand> {
    let start = cursor.at();
    cursor.skip_while(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | 'e' | 'E'));
    let literal = cursor.since(start);
    let number = Number::parse(literal).filter(|_| literal.contains(|c: char| c.is_ascii_digit()));
    match number {
        Some(number) => Ok(Operand::Literal(number.into())),
        None => Err(SyntaxError::new("Expected a value", start)),
    }
}

fn json(cursor: &mut Cursor) -> Parsed<Operand> {
    let start = cursor.at();
    let mut open = 0_usize;
    loop {
        match cursor.peek() {
            Some(quote @ ('\'' | '"')) if cursor.quoted(quote).is_some() => continue,
            Some('[' | '{') => open += 1,
            Some(']' | '}') => open -= 1,
            Some(_) => {}
            None => return Err(SyntaxError::new("The JSON literal is not closed", start)),
        }
        cursor.next();
        if open == 0 {
            break;
        }
    }
    let text = double_quoted(cursor.since(start));
    match Data::parse(&text) {
        Ok(data) => Ok(Operand::Literal(data)),
        Err(error) => Err(SyntaxError::new(error.message, start + error.offset)),
    }
}

/// JSON in which strings may stand in single quotes, as JSON.
fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut cursor = Cursor::new(text);
    while let Some(c) = cursor.peek() {
        match if c == '\'' { cursor.quoted('\'') } else { None } {
            Some(inner) => data::write_string(&unescape(inner), &mut out),
            None => match if c == '"' { cursor.quoted('"') } else { None } {
                Some(inner) => {
                    out.push('"');
                    out.push_str(inner);
                    out.push('"');
                }
                None => {
                    out.push(c);
                    cursor.next();
                }
            },
        }
    }
    out
}

/// `/pattern/flags`
fn pattern(cursor: &mut Cursor) -> Parsed<Operand> {
    let start = cursor.at();
    let Some(pattern) = cursor.quoted('/') else {
        return Err(cursor.error("Pattern not closed. Expected /"));
    };
    let flags = cursor.at();
    cursor.skip_while(|c| matches!(c, 'd' | 'i' | 'x' | 'm' | 's' | 'u' | 'U'));
    match compile(pattern, cursor.since(flags)) {
        Ok(pattern) => Ok(Operand::Pattern(Box::new(pattern))),
        Err(error) => Err(SyntaxError::new(error.to_string(), start)),
    }
}

fn compile(pattern: &str, flags: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .size_limit(MAX_PATTERN)
        .dfa_size_limit(MAX_PATTERN)
        .nest_limit(50)
        .build()
}

/// A path ends at a blank, an operator or a parenthesis that is not its own.
fn path(cursor: &mut Cursor) -> Parsed<Operand> {
    let start = cursor.at();
    let root = cursor.next() == Some('$');
    loop {
        match cursor.peek() {
            None | Some(' ' | ')') => break,
            Some('[') => skip_brackets(cursor)?,
            Some('(') => skip_call(cursor)?,
            Some(c) if is_operator_character(c) => break,
            Some(_) => {
                cursor.next();
            }
        }
    }
    let steps = parse_inner(&mut cursor.within(start))?;
    Ok(if root {
        Operand::Root(steps)
    } else {
        Operand::Item(steps)
    })
}

fn skip_brackets(cursor: &mut Cursor) -> Parsed<()> {
    let start = cursor.at();
    let mut open = 0_usize;
    loop {
        match cursor.peek() {
            Some(quote @ ('\'' | '"')) if cursor.quoted(quote).is_some() => continue,
            Some('[') => open += 1,
            Some(']') => open -= 1,
            Some(_) => {}
            None => {
                return Err(SyntaxError::new(
                    "Square brackets does not match in filter",
                    start,
                ));
            }
        }
        cursor.next();
        if open == 0 {
            return Ok(());
        }
    }
}

/// The parentheses of a function call.
fn skip_call(cursor: &mut Cursor) -> Parsed<()> {
    let start = cursor.at();
    let mut open = 0_usize;
    loop {
        match cursor.peek() {
            Some(quote @ ('\'' | '"')) if cursor.quoted(quote).is_some() => continue,
            Some('(') => open += 1,
            Some(')') => open -= 1,
            Some(_) => {}
            None => return Err(SyntaxError::new("The call is not closed", start)),
        }
        cursor.next();
        if open == 0 {
            return Ok(());
        }
    }
}
