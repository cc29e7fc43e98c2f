//! What a person wrote, with the place of every value.

use ecow::EcoString;

use crate::json::{Build, ParseError, parse_with};
use crate::number::Number;
use crate::source::Span;
use crate::value::Data;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands in its source.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// The shapes of JSON; unlike [`Data`] an object keeps every key that was written, twice-written ones too.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(EcoString),
    /// An array.
    Array(Vec<Node>),
    /// An object in the order of its text.
    Object(Vec<(Key, Node)>),
}

/// An object's key and where it stands.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub name: EcoString,
    /// Where it stands in its source.
    pub span: Span,
}

impl Node {
    /// A value at a place.
    pub fn new(span: Span, value: Value) -> Node {
        Node { span, value }
    }

    /// Reads JSON text.
    pub fn parse_json(text: &str) -> Result<Node, ParseError> {
        parse_with(text, &mut Nodes)
    }

    /// The last value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?
            .iter()
            .rev()
            .find(|(name, _)| name.name == key)
            .map(|(_, node)| node)
    }

    /// The entries, if this is an object.
    pub fn entries(&self) -> Option<&[(Key, Node)]> {
        if let Value::Object(entries) = &self.value {
            Some(entries)
        } else {
            None
        }
    }

    /// The items, if this is an array.
    pub fn items(&self) -> Option<&[Node]> {
        if let Value::Array(items) = &self.value {
            Some(items)
        } else {
            None
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value {
            Some(text)
        } else {
            None
        }
    }

    /// The JSON name of the type.
    pub fn type_name(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// The value without its places.
    pub fn to_data(&self) -> Data {
        match &self.value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Number(number) => Data::Number(number.clone()),
            Value::String(text) => Data::from(text.clone()),
            Value::Array(items) => items.iter().map(Node::to_data).collect(),
            Value::Object(entries) => {
                let fields = entries
                    .iter()
                    .map(|(key, node)| (key.name.clone(), node.to_data()));
                Data::Object(fields.collect())
            }
        }
    }
}

pub(crate) struct Nodes;

impl Build for Nodes {
    type Out = Node;
    type Items = Vec<Node>;
    type Fields = Vec<(Key, Node)>;

    fn scalar(&mut self, value: Data, span: Span) -> Node {
        let value = match value {
            Data::Bool(value) => Value::Bool(value),
            Data::Number(number) => Value::Number(number),
            Data::String(text) => Value::String(text.as_eco().clone()),
            Data::Null | Data::Array(_) | Data::Object(_) => Value::Null,
        };
        Node { span, value }
    }

    fn item(&mut self, items: &mut Vec<Node>, item: Node) {
        items.push(item);
    }

    fn array(&mut self, items: Vec<Node>, span: Span) -> Node {
        Node {
            span,
            value: Value::Array(items),
        }
    }

    fn field(&mut self, fields: &mut Vec<(Key, Node)>, name: EcoString, at: Span, value: Node) {
        fields.push((Key { name, span: at }, value));
    }

    fn object(&mut self, fields: Vec<(Key, Node)>, span: Span) -> Node {
        Node {
            span,
            value: Value::Object(fields),
        }
    }
}
