//! How long a value is as a text: reckoned before the text is made.

use jsonata_core::value::{JValue, with_stack};

/// Bytes of the text that `$string` makes of a value, or a little more. `indent` is how many blanks each level
/// of nesting adds to a line.
pub(super) fn length(value: &JValue, indent: usize) -> usize {
    match value {
        JValue::String(text) => text.len(),
        other => inner(other, indent, indent),
    }
}

fn inner(value: &JValue, indent: usize, margin: usize) -> usize {
    let line = 2 + margin;
    match value {
        JValue::String(text) => 2 + escaped(text),
        JValue::Array(items) => with_stack(|| {
            let items = items.iter();
            items.fold(line, |sum, item| {
                sum.saturating_add(line + inner(item, indent, margin + indent))
            })
        }),
        JValue::Object(fields) => with_stack(|| {
            fields.iter().fold(line, |sum, (key, item)| {
                let key = 4 + escaped(key);
                sum.saturating_add(line + key + inner(item, indent, margin + indent))
            })
        }),
        JValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e6 => 7,
        JValue::Number(_) => 24,
        _ => 5,
    }
}

/// Bytes of a text between the quotes of JSON.
fn escaped(text: &str) -> usize {
    let extra = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 1,
        0..32 => 5,
        _ => 0,
    });
    text.len() + extra.sum::<usize>()
}
