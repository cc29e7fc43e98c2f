//! The text of a path to its steps.

use data::{Data, EcoString};

use super::cursor::{Cursor, unescape};
use super::function::{Argument, Function, Kind};
use super::{Root, Step, Steps};
use crate::error::SyntaxError;
use crate::filter::Filter;

/// More steps than any payload has levels; it bounds the work and the stack of an evaluation.
const MAX_STEPS: usize = 256;

type Parsed<T> = Result<T, SyntaxError>;

/// A whole path, blanks around it or not.
pub(super) fn parse(text: &str) -> Parsed<(Root, Steps)> {
    let trimmed = text.trim_end();
    let start = trimmed.len() - trimmed.trim_start().len();
    let mut cursor = Cursor::new(trimmed);
    cursor.set(start);
    if trimmed[start..].ends_with('.') {
        return Err(SyntaxError::new(
            "Path must not end with a '.' or '..'",
            trimmed.len() - 1,
        ));
    }
    let root = root(&mut cursor)?;
    Ok((root, steps(&mut cursor)?))
}

/// The path from `$` or `@` up to the cursor's end, for filters and functions.
pub(crate) fn parse_inner(cursor: &mut Cursor) -> Parsed<Steps> {
    if cursor.rest().ends_with('.') {
        return Err(cursor.error("Path must not end with a '.' or '..'"));
    }
    cursor.next();
    cursor.nested(steps)
}

fn root(cursor: &mut Cursor) -> Parsed<Root> {
    if !cursor.eat("$") {
        return Err(cursor.error("Path must start with '$'"));
    }
    if cursor.eat("$") {
        return Ok(Root::Context);
    }
    let start = cursor.at();
    if cursor.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
        cursor.skip_while(|c| c.is_alphanumeric() || c == '_');
        return Ok(Root::Variable(cursor.since(start).into()));
    }
    Ok(Root::Input)
}

fn steps(cursor: &mut Cursor) -> Parsed<Steps> {
    let mut steps = Vec::new();
    if !cursor.is_done() && !matches!(cursor.peek(), Some('.' | '[')) {
        let message = format!(
            "Illegal character at position {} expected '.' or '['",
            cursor.at()
        );
        return Err(cursor.error(message));
    }
    while !cursor.is_done() {
        if steps.len() >= MAX_STEPS {
            return Err(cursor.error(format!("A path has at most {MAX_STEPS} steps")));
        }
        step(cursor, &mut steps)?;
    }
    Ok(Steps::new(steps))
}

fn step(cursor: &mut Cursor, steps: &mut Vec<Step>) -> Parsed<()> {
    if cursor.eat(".") {
        if cursor.eat(".") {
            steps.push(Step::Scan);
        }
        if cursor.peek() == Some('.') {
            let message = format!("Character '.' on position {} is not valid.", cursor.at());
            return Err(cursor.error(message));
        }
    }
    let step = match cursor.peek() {
        Some('[') => bracket(cursor)?,
        Some('*') => {
            cursor.next();
            Step::Wildcard
        }
        _ => property(cursor)?,
    };
    steps.push(step);
    Ok(())
}

/// `name` or `name()`
fn property(cursor: &mut Cursor) -> Parsed<Step> {
    let start = cursor.at();
    cursor.skip_while(|c| !matches!(c, ' ' | '.' | '[' | '('));
    let name = cursor.since(start);
    match cursor.peek() {
        Some(' ') => Err(cursor.error(format!(
            "Use bracket notion ['my prop'] if your property contains blank characters. position: {start}"
        ))),
        Some('(') => function(cursor, name, start),
        _ if name.is_empty() => {
            Err(cursor.error(format!("Could not parse token starting at position {start}")))
        }
        _ => Ok(Step::Child(name.into())),
    }
}

fn function(cursor: &mut Cursor, name: &str, start: usize) -> Parsed<Step> {
    let kind = Kind::of(name).ok_or_else(|| {
        SyntaxError::new(format!("Function with name: {name} does not exist."), start)
    })?;
    cursor.next();
    let mut arguments = Vec::new();
    while !cursor.eat_significant(")") {
        if !arguments.is_empty() && !cursor.eat_significant(",") {
            return Err(unclosed(cursor, name));
        }
        cursor.skip_blanks();
        arguments.push(argument(cursor, name)?);
    }
    Ok(Step::Function(Box::new(Function::new(kind, arguments))))
}

fn argument(cursor: &mut Cursor, name: &str) -> Parsed<Argument> {
    let start = cursor.at();
    if skip_balanced(cursor).is_none() {
        return Err(unclosed(cursor, name));
    }
    let text = cursor.since(start);
    if text.starts_with(['$', '@']) {
        let steps = parse_inner(&mut cursor.within(start))?;
        return Ok(Argument::Path(steps));
    }
    let value =
        Data::parse(text).map_err(|error| SyntaxError::new(error.message, start + error.offset))?;
    Ok(Argument::Value(value))
}

fn unclosed(cursor: &Cursor, name: &str) -> SyntaxError {
    cursor.error(format!(
        "Arguments to function: '{name}' are not closed properly."
    ))
}

/// Moves to the `,` or `)` that ends an argument, over whatever is in quotes or brackets.
pub(crate) fn skip_balanced(cursor: &mut Cursor) -> Option<()> {
    let mut open = 0_usize;
    loop {
        match cursor.peek()? {
            ',' | ')' if open == 0 => return Some(()),
            quote @ ('\'' | '"') => {
                cursor.quoted(quote)?;
                continue;
            }
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.checked_sub(1)?,
            _ => {}
        }
        cursor.next();
    }
}

fn bracket(cursor: &mut Cursor) -> Parsed<Step> {
    let start = cursor.at();
    cursor.next();
    match cursor.peek_significant() {
        Some(quote @ ('\'' | '"')) => names(cursor, quote),
        Some('*') => {
            cursor.eat_significant("*");
            if !cursor.eat_significant("]") {
                let message = format!(
                    "Expected wildcard token to end with ']' on position {}",
                    cursor.at()
                );
                return Err(cursor.error(message));
            }
            Ok(Step::Wildcard)
        }
        Some('?') => filter(cursor, start),
        Some(c) if c.is_ascii_digit() || matches!(c, '-' | ':') => array(cursor, start),
        _ => Err(unknown(start)),
    }
}

fn unknown(start: usize) -> SyntaxError {
    let message =
        format!("Could not parse token starting at position {start}. Expected ?, ', 0-9, * ");
    SyntaxError::new(message, start)
}

/// `'a']` or `'a', 'b']`
fn names(cursor: &mut Cursor, quote: char) -> Parsed<Step> {
    let mut names = Vec::new();
    loop {
        cursor.skip_blanks();
        if cursor.peek() != Some(quote) {
            return Err(cursor.error(format!("Found empty property at index {}", cursor.at())));
        }
        let Some(name) = cursor.quoted(quote) else {
            return Err(cursor.error(format!(
                "Property has not been closed - missing closing {quote}"
            )));
        };
        names.push(EcoString::from(unescape(name)));
        if cursor.eat_significant("]") {
            break;
        }
        if !cursor.eat_significant(",") {
            return Err(cursor.error(format!(
                "Property must be separated by comma or Property must be terminated close square bracket at index {}",
                cursor.at()
            )));
        }
    }
    Ok(match <[EcoString; 1]>::try_from(names) {
        Ok([name]) => Step::Child(name),
        Err(names) => Step::Children(names.into()),
    })
}

/// `0]`, `0, -1]`, `1:]`, `:2]`, `1:2]`
fn array(cursor: &mut Cursor, start: usize) -> Parsed<Step> {
    let from = cursor.at();
    cursor.skip_while(|c| c != ']');
    let text = cursor.since(from).trim();
    let known = |c: char| c.is_ascii_digit() || matches!(c, ',' | '-' | ':' | ' ');
    if !text.chars().all(known) || !cursor.eat("]") {
        return Err(unknown(start));
    }
    if text.contains(':') {
        return slice(text).ok_or_else(|| {
            SyntaxError::new(format!("Failed to parse SliceOperation: {text}"), from)
        });
    }
    indexes(text).ok_or_else(|| {
        SyntaxError::new(format!("Failed to parse ArrayIndexOperation: {text}"), from)
    })
}

/// A third part, the step, is read over: the library ignores it.
fn slice(text: &str) -> Option<Step> {
    let mut bounds = text.split(':').map(|bound| match bound {
        "" => Some(None),
        number => number.parse().ok().map(Some),
    });
    let from = bounds.next()??;
    let to = bounds.next().unwrap_or(Some(None))?;
    (from.is_some() || to.is_some()).then_some(Step::Slice { from, to })
}

fn indexes(text: &str) -> Option<Step> {
    let text = text.trim_end_matches(',');
    let indexes: Option<Vec<i32>> = text
        .split(',')
        .map(|index| index.trim().parse().ok())
        .collect();
    Some(match <[i32; 1]>::try_from(indexes?) {
        Ok([index]) => Step::Index(index),
        Err(indexes) => Step::Indexes(indexes.into()),
    })
}

/// `?(...)]`
fn filter(cursor: &mut Cursor, start: usize) -> Parsed<Step> {
    cursor.eat_significant("?");
    if cursor.peek_significant() != Some('(') {
        return Err(unknown(start));
    }
    let filter = Filter::parse(cursor)?;
    if !cursor.eat_significant("]") {
        return Err(unknown(start));
    }
    Ok(Step::Filter(Box::new(filter)))
}
