//! Outputs as they should not be.

use data::{Array, Data, Object};

/// How a worker's output is spoilt.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputFault {
    /// Bytes that are no JSON.
    Garbage,
    /// Only the first bytes of the text.
    Truncated(usize),
    /// A JSON string of this many bytes.
    Oversized(u64),
    /// Another value.
    Replaced(Data),
    /// The value at this JSON pointer is gone.
    Removed(String),
    /// The value at this JSON pointer is null.
    Nulled(String),
    /// The value at this JSON pointer has another type.
    Retyped(String, JsonType),
}

/// A type of JSON to turn a value into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// The value's text.
    String,
    /// 0
    Number,
    /// false
    Boolean,
    /// An array of the value.
    Array,
    /// The empty object.
    Object,
}

impl OutputFault {
    /// Whether only a function can write such an output: a service's answer is JSON always.
    pub fn wants_function(&self) -> bool {
        matches!(self, OutputFault::Garbage | OutputFault::Truncated(_))
    }

    /// What a function's output becomes; none if it stays as it is.
    pub(crate) fn bytes(&self, output: &[u8]) -> Option<Vec<u8>> {
        match self {
            OutputFault::Garbage => Some(b"\xff<garbage>".to_vec()),
            OutputFault::Truncated(length) => output
                .get(..*length)
                .filter(|cut| *cut != output)
                .map(<[u8]>::to_vec),
            OutputFault::Oversized(size) => Some(oversized(*size).into_bytes()),
            OutputFault::Replaced(_)
            | OutputFault::Removed(_)
            | OutputFault::Nulled(_)
            | OutputFault::Retyped(..) => {
                let value = Data::parse(std::str::from_utf8(output).ok()?).ok()?;
                Some(self.value(&value)?.to_string().into_bytes())
            }
        }
    }

    /// What a result becomes; none if it stays as it is, or if the fault is one of bytes.
    pub(crate) fn value(&self, result: &Data) -> Option<Data> {
        match self {
            OutputFault::Garbage | OutputFault::Truncated(_) => None,
            OutputFault::Oversized(size) => Data::parse(&oversized(*size)).ok(),
            OutputFault::Replaced(value) => (value != result).then(|| value.clone()),
            OutputFault::Removed(pointer) => edit(result, &steps(pointer)?, &|_| None),
            OutputFault::Nulled(pointer) => edit(result, &steps(pointer)?, &|value| {
                Some(if value.is_null() {
                    value.clone()
                } else {
                    Data::Null
                })
            }),
            OutputFault::Retyped(pointer, to) => {
                edit(result, &steps(pointer)?, &|value| Some(to.of(value)))
            }
        }
        .filter(|spoilt| spoilt != result)
    }
}

fn oversized(size: u64) -> String {
    let inner = usize::try_from(size)
        .unwrap_or(usize::MAX)
        .saturating_sub(2);
    format!("\"{}\"", "x".repeat(inner))
}

impl JsonType {
    /// The value in this type; itself if it has the type already.
    fn of(self, value: &Data) -> Data {
        match (self, value) {
            (JsonType::String, Data::String(_))
            | (JsonType::Number, Data::Number(_))
            | (JsonType::Boolean, Data::Bool(_))
            | (JsonType::Array, Data::Array(_))
            | (JsonType::Object, Data::Object(_)) => value.clone(),
            (JsonType::String, value) => Data::from(value.to_string()),
            (JsonType::Number, _) => Data::from(0),
            (JsonType::Boolean, _) => Data::from(false),
            (JsonType::Array, value) => Data::from(vec![value.clone()]),
            (JsonType::Object, _) => Data::empty_object(),
        }
    }
}

/// The steps of a JSON pointer (RFC 6901); none if it is not one.
fn steps(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let steps = pointer.strip_prefix('/')?.split('/');
    Some(
        steps
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect(),
    )
}

/// The value with the place at the end of `steps` changed, or taken out; none if there is no such place.
fn edit(value: &Data, steps: &[String], change: &dyn Fn(&Data) -> Option<Data>) -> Option<Data> {
    let Some((step, rest)) = steps.split_first() else {
        return change(value);
    };
    match value {
        Data::Object(object) => edit_field(object, step, rest, change),
        Data::Array(array) => edit_item(array, step.parse().ok()?, rest, change),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => None,
    }
}

fn edit_field(
    object: &Object,
    key: &str,
    rest: &[String],
    change: &dyn Fn(&Data) -> Option<Data>,
) -> Option<Data> {
    let field = object.get(key)?;
    Some(Data::from(match edit(field, rest, change) {
        Some(changed) => object.with(key, changed),
        None if rest.is_empty() => object.without(key),
        None => return None,
    }))
}

fn edit_item(
    array: &Array,
    index: usize,
    rest: &[String],
    change: &dyn Fn(&Data) -> Option<Data>,
) -> Option<Data> {
    let items = array.items();
    let item = items.get(index)?;
    match edit(item, rest, change) {
        Some(changed) => array.with(index, changed).map(Data::Array),
        None if rest.is_empty() => {
            let kept = items.iter().enumerate().filter(|(at, _)| *at != index);
            Some(kept.map(|(_, item)| item.clone()).collect())
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fault: &OutputFault, output: &str, spoilt: Option<&str>) {
        let bytes = fault.bytes(output.as_bytes());
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert_eq!(text.as_deref(), spoilt);
    }

    #[test]
    fn fields_are_removed_nulled_and_retyped() {
        let output = r#"{"a":{"b":[1,2]},"c":true}"#;
        let removed = |pointer: &str| OutputFault::Removed(pointer.into());
        check(
            &removed("/a/b/0"),
            output,
            Some(r#"{"a":{"b":[2]},"c":true}"#),
        );
        check(&removed("/a"), output, Some(r#"{"c":true}"#));
        check(
            &OutputFault::Nulled("/c".into()),
            output,
            Some(r#"{"a":{"b":[1,2]},"c":null}"#),
        );
        let retyped = OutputFault::Retyped("/c".into(), JsonType::String);
        check(&retyped, output, Some(r#"{"a":{"b":[1,2]},"c":"true"}"#));
    }

    #[test]
    fn what_is_not_there_cannot_be_spoilt() {
        for fault in [
            OutputFault::Removed("/x/y".into()),
            OutputFault::Nulled("/n".into()),
            OutputFault::Retyped("/n/0".into(), JsonType::Array),
            OutputFault::Replaced(Data::parse(r#"{"n":null}"#).unwrap()),
            OutputFault::Truncated(100),
        ] {
            check(&fault, r#"{"n":null}"#, None);
        }
    }

    #[test]
    fn texts_are_cut_and_blown_up() {
        check(&OutputFault::Truncated(3), r#"{"n":null}"#, Some(r#"{"n"#));
        check(&OutputFault::Oversized(6), "{}", Some(r#""xxxx""#));
    }
}
