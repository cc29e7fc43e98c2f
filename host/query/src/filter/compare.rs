//! Comparisons as the library makes them: a text that reads as a number equals that number.

use std::cmp::Ordering;

use data::{Data, Number};
use regex::Regex;

use super::{Operator, Worth};
use crate::java;

/// The outcome; `None` where the operands do not fit the operator.
pub(super) fn compare(left: &Worth, operator: Operator, right: &Worth) -> Option<bool> {
    Some(match operator {
        Operator::Equal => equal(left, right),
        Operator::NotEqual => !equal(left, right),
        Operator::SameTypeEqual => same_type(left, right) && equal(left, right),
        Operator::SameTypeNotEqual => !(same_type(left, right) && equal(left, right)),
        Operator::Less => order(left, right).is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Operator::Greater => order(left, right).is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        Operator::Matches => matches(left, right),
        Operator::In => within(left, right)?,
        Operator::NotIn => !within(left, right)?,
        Operator::Contains => contains(left, right),
        Operator::All => all(left, right)?,
        Operator::Size => size(left, right),
        Operator::Empty => empty(left, right)?,
        Operator::SubsetOf => every(left.items()?, right.items()?),
        Operator::AnyOf => some(left.items()?, right.items()?),
        Operator::NoneOf => !some(left.items()?, right.items()?),
    })
}

impl Worth<'_> {
    fn data(&self) -> Option<&Data> {
        match self {
            Worth::Found(data) => Some(data),
            Worth::Written(data) => Some(data),
            Worth::Pattern(_) | Worth::Undefined => None,
        }
    }

    fn items(&self) -> Option<&[Data]> {
        self.data()?.as_array().map(|array| array.items())
    }

    fn text(&self) -> Option<&str> {
        self.data()?.as_str()
    }

    fn is_nested(&self) -> bool {
        matches!(self.data(), Some(Data::Array(_) | Data::Object(_)))
    }
}

fn equal(left: &Worth, right: &Worth) -> bool {
    match (left, right) {
        (Worth::Pattern(a), Worth::Pattern(b)) => a.as_str() == b.as_str(),
        // The library compares a written array or object by its text, which never equals a value.
        (Worth::Written(_), _) if left.is_nested() => false,
        _ => match (left.data(), right.data()) {
            (Some(left), Some(right)) => loosely_equal(left, right),
            _ => false,
        },
    }
}

fn loosely_equal(left: &Data, right: &Data) -> bool {
    match (left, right) {
        (Data::Number(a), Data::Number(b)) => a.compare(b).is_eq(),
        (Data::String(a), Data::Number(b)) => **a == b.to_string(),
        (Data::Number(a), Data::String(b)) => {
            number(b).is_some_and(|number| a.compare(&number).is_eq())
        }
        _ => left == right,
    }
}

fn number(text: &str) -> Option<Number> {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    if plain {
        Number::parse(text.strip_prefix('+').unwrap_or(text))
    } else {
        None
    }
}

fn same_type(left: &Worth, right: &Worth) -> bool {
    let nested = left.is_nested() && right.is_nested();
    match (left.data(), right.data()) {
        (Some(left), Some(right)) => nested || left.type_name() == right.type_name(),
        _ => false,
    }
}

/// Numbers and texts have an order among themselves, anything else has none.
fn order(left: &Worth, right: &Worth) -> Option<Ordering> {
    match (left.data()?, right.data()?) {
        (Data::Number(a), Data::Number(b)) => Some(a.compare(b)),
        (Data::String(a), Data::String(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        _ => None,
    }
}

fn matches(left: &Worth, right: &Worth) -> bool {
    let (pattern, other) = match (left, right) {
        (Worth::Pattern(_), Worth::Pattern(_)) => return false,
        (Worth::Pattern(pattern), other) | (other, Worth::Pattern(pattern)) => (pattern, other),
        _ => return false,
    };
    match other.data() {
        Some(Data::Array(items)) => items.iter().any(|item| matches_one(pattern, Some(item))),
        data => matches_one(pattern, data),
    }
}

/// What has no text counts as the empty one.
fn matches_one(pattern: &Regex, data: Option<&Data>) -> bool {
    match data {
        Some(Data::String(text)) => pattern.is_match(text),
        Some(data @ (Data::Number(_) | Data::Bool(_))) => pattern.is_match(&data.to_string()),
        _ => pattern.is_match(""),
    }
}

fn within(left: &Worth, right: &Worth) -> Option<bool> {
    match right.data()? {
        Data::Array(items) => Some(left.data().is_some_and(|left| holds(items, left))),
        Data::Object(_) => Some(false),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => None,
    }
}

fn holds(items: &[Data], wanted: &Data) -> bool {
    items.iter().any(|item| loosely_equal(wanted, item))
}

fn contains(left: &Worth, right: &Worth) -> bool {
    match (left.text(), right.text()) {
        (Some(left), Some(right)) => left.contains(right),
        _ => left
            .items()
            .zip(right.data())
            .is_some_and(|(items, right)| holds(items, right)),
    }
}

fn all(left: &Worth, right: &Worth) -> Option<bool> {
    let wanted = right.items()?;
    Some(match left.items() {
        Some(items) => every(wanted, items),
        None => left.is_nested(),
    })
}

fn every(wanted: &[Data], items: &[Data]) -> bool {
    wanted.iter().all(|wanted| holds(items, wanted))
}

fn some(wanted: &[Data], items: &[Data]) -> bool {
    wanted.iter().any(|wanted| holds(items, wanted))
}

fn size(left: &Worth, right: &Worth) -> bool {
    let Some(expected) = right.data().and_then(Data::as_number) else {
        return false;
    };
    let size = match left.data() {
        Some(Data::String(text)) => java::length(text) as i64,
        Some(Data::Array(items)) => items.len() as i64,
        Some(Data::Object(_)) => -1,
        _ => return false,
    };
    expected.as_f64() as i64 == size
}

fn empty(left: &Worth, right: &Worth) -> Option<bool> {
    let empty = match left.data() {
        Some(Data::String(text)) => text.is_empty(),
        Some(Data::Array(items)) => items.is_empty(),
        Some(Data::Object(object)) => object.is_empty(),
        _ => return Some(false),
    };
    Some(empty == right.data()?.as_bool()?)
}
