//! The text of a call to the call.

use std::ops::RangeInclusive;

use data::Data;

use super::format::Format;
use super::{Argument, Function, Invocation};
use crate::error::SyntaxError;
use crate::jsonpath::{Cursor, Path, skip_balanced};

/// How deep calls may stand in calls.
const MAX_CALLS: usize = 10;

/// Each function's name and the number of its arguments.
const FUNCTIONS: [(&str, Function, RangeInclusive<usize>); 18] = [
    ("Format", Function::Format, 1..=usize::MAX),
    ("StringToJson", Function::StringToJson, 1..=1),
    ("JsonToString", Function::JsonToString, 1..=1),
    ("Array", Function::Array, 0..=usize::MAX),
    ("ArrayPartition", Function::ArrayPartition, 2..=2),
    ("ArrayContains", Function::ArrayContains, 2..=2),
    ("ArrayRange", Function::ArrayRange, 3..=3),
    ("ArrayGetItem", Function::ArrayGetItem, 2..=2),
    ("ArrayLength", Function::ArrayLength, 1..=1),
    ("ArrayUnique", Function::ArrayUnique, 1..=1),
    ("Base64Encode", Function::Base64Encode, 1..=1),
    ("Base64Decode", Function::Base64Decode, 1..=1),
    ("Hash", Function::Hash, 2..=2),
    ("JsonMerge", Function::JsonMerge, 3..=3),
    ("MathRandom", Function::MathRandom, 2..=3),
    ("MathAdd", Function::MathAdd, 2..=2),
    ("StringSplit", Function::StringSplit, 2..=2),
    ("UUID", Function::Uuid, 0..=0),
];

type Parsed<T> = Result<T, SyntaxError>;

pub(super) fn parse(text: &str) -> Parsed<Invocation> {
    let mut cursor = Cursor::new(text);
    blanks(&mut cursor);
    let call = call(&mut cursor, 1)?;
    blanks(&mut cursor);
    if cursor.is_done() {
        Ok(call)
    } else {
        Err(cursor.error("Nothing may follow the call"))
    }
}

fn blanks(cursor: &mut Cursor) {
    cursor.skip_while(char::is_whitespace);
}

fn call(cursor: &mut Cursor, depth: usize) -> Parsed<Invocation> {
    let start = cursor.at();
    if depth > MAX_CALLS {
        return Err(cursor.error(format!("Calls can be nested {MAX_CALLS} deep at most")));
    }
    if !cursor.eat("States.") {
        return Err(cursor.error("Expected a path or a call of an intrinsic function"));
    }
    let name_start = cursor.at();
    cursor.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
    let name = cursor.since(name_start);
    let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
    let Some((_, function, count)) = known else {
        return Err(SyntaxError::new(
            format!("There is no intrinsic function States.{name}"),
            start,
        ));
    };
    let arguments = arguments(cursor, *function, depth)?;
    if !count.contains(&arguments.len()) {
        let message = format!(
            "States.{name} takes {}, not {}",
            describe(count),
            arguments.len()
        );
        return Err(SyntaxError::new(message, start));
    }
    Ok(Invocation {
        function: *function,
        arguments: arguments.into(),
    })
}

fn describe(count: &RangeInclusive<usize>) -> String {
    match (*count.start(), *count.end()) {
        (1, 1) => "1 argument".into(),
        (1, usize::MAX) => "at least 1 argument".into(),
        (from, to) if from == to => format!("{from} arguments"),
        (from, usize::MAX) => format!("at least {from} arguments"),
        (from, to) => format!("{from} to {to} arguments"),
    }
}

fn arguments(cursor: &mut Cursor, function: Function, depth: usize) -> Parsed<Vec<Argument>> {
    let mut arguments = Vec::new();
    if !cursor.eat("(") {
        return Err(cursor.error("Expected '('"));
    }
    blanks(cursor);
    if cursor.eat(")") {
        return Ok(arguments);
    }
    loop {
        blanks(cursor);
        let is_format = function == Function::Format && arguments.is_empty();
        arguments.push(argument(cursor, is_format, depth)?);
        blanks(cursor);
        if cursor.eat(")") {
            return Ok(arguments);
        }
        if !cursor.eat(",") {
            return Err(cursor.error("Expected ',' or ')'"));
        }
    }
}

fn argument(cursor: &mut Cursor, is_format: bool, depth: usize) -> Parsed<Argument> {
    match cursor.peek() {
        Some('\'') => literal(cursor, is_format),
        Some('$') => path(cursor),
        Some('-' | '0'..='9') => number(cursor),
        Some('S') => Ok(Argument::Call(call(cursor, depth + 1)?)),
        _ => word(cursor),
    }
}

fn literal(cursor: &mut Cursor, is_format: bool) -> Parsed<Argument> {
    let Some(text) = cursor.quoted('\'') else {
        return Err(cursor.error("The string is not closed"));
    };
    let format = Format::literal(text);
    Ok(if is_format {
        Argument::Format(format)
    } else {
        Argument::Constant(Data::from(format.text()))
    })
}

fn path(cursor: &mut Cursor) -> Parsed<Argument> {
    let start = cursor.at();
    if skip_balanced(cursor).is_none() {
        return Err(SyntaxError::new("The path does not end", start));
    }
    match Path::parse(cursor.since(start).trim_end()) {
        Ok(path) => Ok(Argument::Path(path)),
        Err(error) => Err(error.shifted(start)),
    }
}

fn number(cursor: &mut Cursor) -> Parsed<Argument> {
    let start = cursor.at();
    cursor.skip_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
    match Data::parse(cursor.since(start)) {
        Ok(Data::Number(number)) => Ok(Argument::Constant(Data::Number(number))),
        _ => Err(SyntaxError::new("Expected a number", start)),
    }
}

fn word(cursor: &mut Cursor) -> Parsed<Argument> {
    let words = [
        ("true", Data::Bool(true)),
        ("false", Data::Bool(false)),
        ("null", Data::Null),
    ];
    for (word, data) in words {
        if cursor.eat(word) {
            return Ok(Argument::Constant(data));
        }
    }
    Err(cursor
        .error("Expected a path, a string in single quotes, a number, true, false, null or a call"))
}
