//! Comparisons in the text of an expression, and the literals on their other side.

use asl::Relation;
use data::{Data, Number};

use super::word;
use crate::stubs::condition::numbers;
use crate::stubs::shape::{Candidate, Type};

/// The comparison at the start of a text, and what is behind it.
pub(super) fn compared(text: &str) -> Option<(Relation, &str)> {
    let signs = [
        (">=", Relation::GreaterThanEquals),
        ("<=", Relation::LessThanEquals),
        ("!=", Relation::Equals),
        (">", Relation::GreaterThan),
        ("<", Relation::LessThan),
        ("=", Relation::Equals),
    ];
    signs.into_iter().find_map(|(sign, relation)| {
        let rest = text.strip_prefix(sign)?;
        Some((relation, rest.trim_start()))
    })
}

/// The comparison at the end of a text, and what is before it.
pub(super) fn compared_before(text: &str) -> Option<(Relation, &str)> {
    let signs = [
        (">=", Relation::GreaterThanEquals),
        ("<=", Relation::LessThanEquals),
        ("!=", Relation::Equals),
        (":=", Relation::Matches),
        (">", Relation::GreaterThan),
        ("<", Relation::LessThan),
        ("=", Relation::Equals),
    ];
    let found = signs.into_iter().find_map(|(sign, relation)| {
        let rest = text.strip_suffix(sign)?;
        Some((relation, rest.trim_end()))
    });
    // An assignment is no comparison.
    found.filter(|(relation, _)| *relation != Relation::Matches)
}

pub(super) fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::LessThan => Relation::GreaterThan,
        Relation::LessThanEquals => Relation::GreaterThanEquals,
        Relation::GreaterThan => Relation::LessThan,
        Relation::GreaterThanEquals => Relation::LessThanEquals,
        Relation::Equals | Relation::Matches => relation,
    }
}

pub(super) fn comparison(relation: Relation, with: Option<Data>) -> (Type, Vec<Candidate>) {
    let orders = !matches!(relation, Relation::Equals | Relation::Matches);
    let (kind, values) = match with {
        Some(Data::Number(number)) => (Type::Number, numbers(relation, number.as_f64())),
        Some(Data::Bool(value)) => (Type::Boolean, [Data::from(value), Data::from(!value)]),
        Some(Data::String(text)) => {
            let other = format!("{}-other", text.as_str());
            (Type::Text, [Data::String(text), Data::from(other)])
        }
        Some(Data::Null) => (Type::Open, [Data::from("example"), Data::Null]),
        None | Some(Data::Array(_) | Data::Object(_)) if orders => {
            return (Type::Number, Vec::new());
        }
        None | Some(Data::Array(_) | Data::Object(_)) => return (Type::Open, Vec::new()),
    };
    (kind, values.map(Candidate::Value).into())
}

/// The literal at the start of a text.
pub(super) fn literal(text: &str) -> Option<Data> {
    let text = text.trim_start();
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let rest = &text[1..];
        let end = rest.find(quote)?;
        return Some(Data::from(&rest[..end]));
    }
    match word(text) {
        "true" => return Some(Data::from(true)),
        "false" => return Some(Data::from(false)),
        "null" => return Some(Data::Null),
        _ => {}
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')));
    Number::parse(&text[..end.unwrap_or(text.len())]).map(Data::Number)
}

/// The literal at the end of a text.
pub(super) fn literal_before(text: &str) -> Option<Data> {
    let text = text.trim_end();
    let start = match text.chars().next_back()? {
        quote @ ('"' | '\'') => text[..text.len() - 1].rfind(quote)?,
        _ => text
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
            .map_or(0, |at| at + 1),
    };
    literal(text.get(start..)?)
}
