//! Fields of the types that the language has, read with complaints.

use std::fmt::Display;
use std::ops::RangeInclusive;

use data::{Data, EcoString, Number, Value};

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::place::Item;
use data::nearest;

/// The longest span of time that a field in seconds can hold.
pub(crate) const MAX_SECONDS: u64 = 99_999_999;

impl Compiler<'_> {
    /// Complains of fields that the object cannot have.
    pub fn known(&mut self, object: &Item, allowed: &[&str]) {
        for field in object.fields() {
            if !allowed.contains(&field.name()) {
                self.unsupported(object, &field, allowed);
            }
        }
    }

    /// The same for an object that has other fields in the other query language.
    pub fn known_in(
        &mut self,
        object: &Item,
        language: Language,
        allowed: &[&str],
        foreign: &[&str],
    ) {
        for field in object.fields() {
            if allowed.contains(&field.name()) {
                continue;
            }
            if foreign.contains(&field.name()) {
                self.foreign(object, &field, language);
            } else {
                self.unsupported(object, &field, allowed);
            }
        }
    }

    pub fn unsupported(&mut self, object: &Item, field: &Item, allowed: &[&str]) {
        let message = format!("Field '{}' is not supported", field.name());
        let severity = crate::Severity::Error;
        let code = Code::SchemaValidationFailed;
        let found = self.report(severity, object, field.head(), code, message);
        let free = allowed.iter().copied().filter(|name| !object.has(name));
        if let Some(name) = nearest(field.name(), free) {
            found.hint(format!("did you mean `{name}`?"));
        }
    }

    /// Complains of fields that the object must have and has not.
    pub fn require(&mut self, object: &Item, names: &[&str]) -> bool {
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !object.has(name))
            .collect();
        if !missing.is_empty() {
            let message = format!("These fields are required: [{}]", missing.join(", "));
            self.error_head(object, Code::SchemaValidationFailed, message);
        }
        missing.is_empty()
    }

    /// Complains if more than one of the fields is there.
    pub fn at_most_one(&mut self, object: &Item, names: &[&str]) -> bool {
        let there: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| object.has(name))
            .collect();
        if there.len() > 1 {
            let message = format!(
                "There should only be one of the following fields: [{}]",
                there.join(", ")
            );
            self.error_head(object, Code::SchemaValidationFailed, message);
        }
        there.len() <= 1
    }

    /// Complains unless exactly one of the fields is there.
    pub fn exactly_one(&mut self, object: &Item, names: &[&str]) -> bool {
        if names.iter().all(|name| !object.has(name)) {
            let message = format!("One of these fields is required: [{}]", names.join(", "));
            self.error_head(object, Code::SchemaValidationFailed, message);
            return false;
        }
        self.at_most_one(object, names)
    }

    /// Complains that a value is of another type than it must be.
    pub fn expected(&mut self, item: &Item, what: &str) {
        let undefined = item
            .node
            .as_str()
            .and_then(crate::placeholder::whole)
            .map(str::to_owned);
        let message = format!("Expected value of type [{}]", what.to_uppercase());
        let hint = match undefined {
            Some(name) => format!("the placeholder `{name}` has no value: define one"),
            None => format!("found {}", described(item)),
        };
        let complaint = self.error(item, Code::SchemaValidationFailed, message);
        complaint.hint(hint);
    }

    pub fn object(&mut self, item: &Item) -> bool {
        let is = item.node.entries().is_some();
        if !is {
            self.expected(item, "Object");
        }
        is
    }

    /// An array that is not empty.
    pub fn filled_array(&mut self, item: &Item) -> bool {
        match item.node.items() {
            None => self.expected(item, "Array"),
            Some([]) => {
                let message = format!("'{}' must not be empty", item.name());
                self.error(item, Code::SchemaValidationFailed, message);
            }
            Some(_) => return true,
        }
        false
    }

    pub fn string(&mut self, item: &Item) -> Option<EcoString> {
        if let Value::String(text) = &item.node.value {
            return Some(text.clone());
        }
        self.expected(item, "String");
        None
    }

    pub fn boolean(&mut self, item: &Item) -> Option<bool> {
        let value = match &item.node.value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if self.filled.contains(&item.node.span) => {
                text.trim().parse().ok()
            }
            _ => None,
        };
        if value.is_none() {
            self.expected(item, "Boolean");
        }
        value
    }

    pub fn number(&mut self, item: &Item) -> Option<Number> {
        let number = self.to_number(item);
        if number.is_none() {
            self.expected(item, "Number");
        }
        number
    }

    pub fn integer(&mut self, item: &Item, range: RangeInclusive<u64>) -> Option<u64> {
        let Some(value) = self.to_number(item).filter(is_whole) else {
            self.expected(item, "Integer");
            return None;
        };
        let whole = value.to_i64().and_then(|value| u64::try_from(value).ok());
        let within = whole.filter(|value| range.contains(value));
        if within.is_none() {
            self.out_of_range(item, &value, range.start(), Some(range.end()));
        }
        within
    }

    pub fn float(&mut self, item: &Item, least: f64, most: Option<f64>) -> Option<f64> {
        let number = self.number(item)?;
        let value = number.as_f64();
        if value < least || most.is_some_and(|most| value > most) {
            self.out_of_range(item, &number, &least, most.as_ref());
            return None;
        }
        Some(value)
    }

    fn out_of_range(
        &mut self,
        item: &Item,
        found: &Number,
        from: &dyn Display,
        to: Option<&impl Display>,
    ) {
        let too_small = from
            .to_string()
            .parse()
            .is_ok_and(|from: f64| found.as_f64() < from);
        let message = match to {
            Some(to) if !too_small => format!("Maximum value is {to}"),
            _ => format!("Minimum value is {from}"),
        };
        self.error(item, Code::SchemaValidationFailed, message);
    }

    /// Whether a number is between two others; a complaint in AWS's words if not.
    pub fn within(&mut self, item: &Item, found: &Number, least: &str, most: &str) -> bool {
        let value = found.as_f64();
        let bound = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
        let message = if value < bound(least) {
            format!("Minimum value is {least}")
        } else if value > bound(most) {
            format!("Maximum value is {most}")
        } else {
            return true;
        };
        self.error(item, Code::SchemaValidationFailed, message);
        false
    }

    pub fn to_number(&self, item: &Item) -> Option<Number> {
        match &item.node.value {
            Value::Number(number) => Some(number.clone()),
            Value::String(text) if self.filled.contains(&item.node.span) => {
                Data::parse(text.trim()).ok()?.as_number().cloned()
            }
            _ => None,
        }
    }
}

/// Whether it is an integer in value: `2.0` is.
fn is_whole(number: &Number) -> bool {
    !matches!(number, Number::Float(value) if value.fract() != 0.0)
}

fn described(item: &Item) -> String {
    match &item.node.value {
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::String(text) if text.chars().count() <= 40 => format!("the string {text:?}"),
        Value::Array(_) | Value::Object(_) => format!("an {}", item.node.type_name()),
        Value::String(_) => "a string".into(),
        Value::Null => "null".into(),
    }
}
