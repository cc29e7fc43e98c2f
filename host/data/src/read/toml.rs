//! TOML, by the `toml` crate's spanned tree.

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::Failure;
use crate::node::{Key, Node, Value};
use crate::number::Number;
use crate::source::Span;

pub(super) fn read(text: &str) -> Result<Node, Failure> {
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        (error.message().to_owned(), Span::new(span.start, span.end))
    })?;
    let span = Span::new(0, text.len());
    Ok(Node::new(span, entries(table.get_ref())?))
}

/// The tree sorts keys by name; a reader wants them as they were written.
fn entries(table: &DeTable<'_>) -> Result<Value, Failure> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table.iter() {
        let span = key.span();
        let name = key.get_ref().as_ref().into();
        entries.push((
            Key {
                name,
                span: Span::new(span.start, span.end),
            },
            node(value)?,
        ));
    }
    entries.sort_by_key(|(key, _)| key.span);
    Ok(Value::Object(entries))
}

fn node(value: &Spanned<DeValue<'_>>) -> Result<Node, Failure> {
    let span = Span::new(value.span().start, value.span().end);
    let read = match value.get_ref() {
        DeValue::String(text) => Value::String(text.as_ref().into()),
        DeValue::Integer(integer) => Value::Number(
            whole(integer).ok_or_else(|| ("the integer is out of range".to_owned(), span))?,
        ),
        DeValue::Float(float) => Value::Number(
            float
                .as_str()
                .replace('_', "")
                .parse()
                .ok()
                .and_then(Number::float)
                .ok_or_else(|| ("the number has no finite value".to_owned(), span))?,
        ),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(_) => {
            return Err((
                "dates are not used here; write it as a string".to_owned(),
                span,
            ));
        }
        DeValue::Array(items) => Value::Array(items.iter().map(node).collect::<Result<_, _>>()?),
        DeValue::Table(table) => entries(table)?,
    };
    Ok(Node::new(span, read))
}

fn whole(integer: &DeInteger<'_>) -> Option<Number> {
    let digits = integer.as_str().replace('_', "");
    i64::from_str_radix(&digits, integer.radix())
        .ok()
        .map(Number::Int)
}
