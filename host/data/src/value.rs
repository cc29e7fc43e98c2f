//! The value that flows between states.

use std::fmt;

use crate::array::Array;
use crate::json;
use crate::number::Number;
use crate::object::Object;
use crate::text::Text;

/// An immutable JSON value. A clone costs a reference count at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Data {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, see [`Number`].
    Number(Number),
    /// A string.
    String(Text),
    /// An array.
    Array(Array),
    /// An object.
    Object(Object),
}

impl Data {
    /// Reads JSON text (RFC 8259). Of a key that comes twice the last value counts.
    pub fn parse(text: &str) -> Result<Data, json::ParseError> {
        json::parse(text)
    }

    /// The empty object.
    pub fn empty_object() -> Data {
        Data::Object(Object::default())
    }

    /// Bytes as compact JSON in UTF-8. Costs nothing: it is known.
    pub fn size(&self) -> usize {
        match self {
            Data::Null | Data::Bool(true) => 4,
            Data::Bool(false) => 5,
            Data::Number(number) => number.size(),
            Data::String(text) => text.size(),
            Data::Array(array) => array.size(),
            Data::Object(object) => object.size(),
        }
    }

    /// Levels of arrays and objects; 0 for a scalar.
    pub fn depth(&self) -> u32 {
        match self {
            Data::Array(array) => array.depth(),
            Data::Object(object) => object.depth(),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => 0,
        }
    }

    /// The JSON name of the type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Data::Null => "null",
            Data::Bool(_) => "boolean",
            Data::Number(_) => "number",
            Data::String(_) => "string",
            Data::Array(_) => "array",
            Data::Object(_) => "object",
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Data::Null)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Data::Bool(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        if let Data::Number(number) = self {
            Some(number)
        } else {
            None
        }
    }

    /// The integer, if it is written as one and fits 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Data::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The array, if it is one.
    pub fn as_array(&self) -> Option<&Array> {
        if let Data::Array(array) = self {
            Some(array)
        } else {
            None
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        if let Data::Object(object) = self {
            Some(object)
        } else {
            None
        }
    }

    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Data> {
        self.as_object()?.get(key)
    }

    /// Follows an RFC 6901 JSON pointer.
    pub fn pointer(&self, pointer: &str) -> Option<&Data> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer
            .strip_prefix('/')?
            .split('/')
            .try_fold(self, |at, token| {
                let token = token.replace("~1", "/").replace("~0", "~");
                match at {
                    Data::Object(object) => object.get(&token),
                    Data::Array(array) => array.get(token.parse::<usize>().ok()?),
                    Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => None,
                }
            })
    }

    /// Whether both are the very same allocation, which makes them equal at no cost. Scalars never are.
    pub fn ptr_eq(&self, other: &Data) -> bool {
        match (self, other) {
            (Data::Array(a), Data::Array(b)) => a.ptr_eq(b),
            (Data::Object(a), Data::Object(b)) => a.ptr_eq(b),
            _ => false,
        }
    }

    /// JSON text with two blanks a level.
    pub fn to_pretty(&self) -> String {
        let mut out = String::with_capacity(self.size() * 2);
        json::write_pretty(self, 0, &mut out);
        out
    }
}

/// Compact JSON text.
impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::with_capacity(self.size());
        json::write(self, &mut out);
        f.write_str(&out)
    }
}

impl From<bool> for Data {
    fn from(value: bool) -> Self {
        Data::Bool(value)
    }
}

impl From<i64> for Data {
    fn from(value: i64) -> Self {
        Data::Number(Number::Int(value))
    }
}

impl From<Number> for Data {
    fn from(number: Number) -> Self {
        Data::Number(number)
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Data::String(text.into())
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Data::String(text.into())
    }
}

impl From<ecow::EcoString> for Data {
    fn from(text: ecow::EcoString) -> Self {
        Data::String(text.into())
    }
}

impl From<Text> for Data {
    fn from(text: Text) -> Self {
        Data::String(text)
    }
}

impl From<Array> for Data {
    fn from(array: Array) -> Self {
        Data::Array(array)
    }
}

impl From<Vec<Data>> for Data {
    fn from(items: Vec<Data>) -> Self {
        Data::Array(items.into())
    }
}

impl From<Object> for Data {
    fn from(object: Object) -> Self {
        Data::Object(object)
    }
}

impl FromIterator<Data> for Data {
    fn from_iter<I: IntoIterator<Item = Data>>(items: I) -> Self {
        Data::Array(items.into_iter().collect())
    }
}
