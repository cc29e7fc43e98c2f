//! `${Name}`: values that a deployment fills in.

use std::collections::BTreeMap;
use std::ops::Range;

use data::{EcoString, Node, Span, Value};

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::place::Item;
use data::nearest;

/// A placeholder as it stands in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// `Name` of `${Name}`.
    pub name: EcoString,
    /// The field that holds it; of an array's item the array's.
    pub field: EcoString,
    /// Whether it is all of the field's text.
    pub is_whole: bool,
    /// Where the text stands.
    pub span: Span,
}

/// Every placeholder of a definition, in the order of its text.
pub fn placeholders(definition: &Node) -> Vec<Placeholder> {
    let mut found = Vec::new();
    collect(definition, &EcoString::new(), &mut found);
    found
}

fn collect(node: &Node, field: &EcoString, found: &mut Vec<Placeholder>) {
    match &node.value {
        Value::String(text) => found.extend(places(text).map(|range| Placeholder {
            name: text[range.start + 2..range.end - 1].into(),
            field: field.clone(),
            is_whole: range.len() == text.len(),
            span: node.span,
        })),
        Value::Array(items) => items.iter().for_each(|item| collect(item, field, found)),
        Value::Object(entries) => {
            for (key, node) in entries {
                collect(node, &key.name, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Compiler<'_> {
    /// The definition with every placeholder that has a value replaced, in all strings but keys.
    pub fn fill(&mut self, item: &Item) -> Node {
        let value = match &item.node.value {
            Value::String(text) if text.contains("${") => Value::String(self.fill_text(item, text)),
            Value::Array(_) => Value::Array(item.items().map(|item| self.fill(&item)).collect()),
            Value::Object(entries) => {
                let filled = entries.iter().map(|(key, node)| {
                    let child = item.child(key, node);
                    (key.clone(), self.fill(&child))
                });
                Value::Object(filled.collect())
            }
            other => other.clone(),
        };
        Node::new(item.node.span, value)
    }

    fn fill_text(&mut self, item: &Item, text: &EcoString) -> EcoString {
        let mut out = EcoString::new();
        let mut at = 0;
        for range in places(text) {
            out.push_str(&text[at..range.start]);
            at = range.end;
            let name = &text[range.start + 2..range.end - 1];
            match self.options.definitions.get(name) {
                Some(value) if range.len() == text.len() => {
                    self.filled.insert(item.node.span);
                    out.push_str(value);
                }
                Some(value) => out.push_str(value),
                None => {
                    self.undefined(item, name, range.len() == text.len());
                    out.push_str(&text[range]);
                }
            }
        }
        out.push_str(&text[at..]);
        out
    }

    fn undefined(&mut self, item: &Item, name: &str, is_whole: bool) {
        let names_function = is_whole && matches!(item.name(), "Resource" | "FunctionName");
        if names_function && (self.options.is_function)(name) {
            return;
        }
        let message = match names_function {
            true => {
                format!("No function or alias is named '{name}', and the placeholder has no value")
            }
            false => format!("The placeholder '{name}' has no value and stays as it is"),
        };
        let definitions = self.options.definitions;
        let hint = hint(name, definitions);
        self.warning(item, Code::UndefinedPlaceholder, message).hint = hint;
    }
}

fn hint(name: &str, definitions: &BTreeMap<String, String>) -> Option<String> {
    let near = nearest(name, definitions.keys().map(String::as_str))?;
    Some(format!("there is a value for `{near}`"))
}

/// The name of the placeholder that the whole text is.
pub(crate) fn whole(text: &str) -> Option<&str> {
    let range = places(text).next()?;
    (range == (0..text.len())).then(|| &text[2..text.len() - 1])
}

/// The text between placeholders.
pub(crate) fn without(text: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for range in places(text) {
        out.push_str(&text[at..range.start]);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Splits outside of placeholders, whose names may hold the separator: `${AWS::Region}`.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let inside: Vec<Range<usize>> = places(text).collect();
    let outside = |at: &usize| !inside.iter().any(|range| range.contains(at));
    let cuts = text
        .match_indices(separator)
        .map(|(at, _)| at)
        .filter(outside);
    let mut parts = Vec::new();
    let mut start = 0;
    for at in cuts {
        parts.push(&text[start..at]);
        start = at + separator.len_utf8();
    }
    parts.push(&text[start..]);
    parts
}

/// Where placeholders stand. Only `${[A-Za-z0-9_.:]+}` is one.
fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    let starts = text.match_indices("${").map(|(at, _)| at);
    starts.filter_map(|start| {
        let name = &text[start + 2..];
        let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || "_.:".contains(c)))?;
        let closed = length > 0 && name[length..].starts_with('}');
        closed.then(|| start..start + length + 3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_with_their_fields() {
        let node = Node::parse_json(
            r#"{"a": "${X}", "b": ["x-${Y.Z}-${A::B}"], "${C}": 1, "d": "${no name}"}"#,
        );
        let found = placeholders(&node.expect("it is JSON"));
        let found: Vec<(&str, &str, bool)> = found
            .iter()
            .map(|one| (one.name.as_str(), one.field.as_str(), one.is_whole))
            .collect();
        assert_eq!(
            found,
            [("X", "a", true), ("Y.Z", "b", false), ("A::B", "b", false)]
        );
    }
}
