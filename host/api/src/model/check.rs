//! Whether parameters are what the model wants, and AWS's words if they are not.

use data::{Data, EcoString, Object};

use super::java::java_set;
use super::{Kind, Model, Shape};
use crate::error::ApiError;

impl Model {
    /// Checks the parameters of an operation: the types of all members first, which fail as
    /// `SerializationException`, then their constraints, all of which are told in one `ValidationException`.
    /// Members that the model does not know are let through, as on AWS.
    pub fn check(&self, operation: &str, parameters: &Data) -> Result<(), ApiError> {
        let Some(shape) = self.input(operation) else {
            return Ok(());
        };
        self.typed(shape, parameters)?;
        let mut broken = Vec::new();
        self.constrained(shape, parameters, "", &mut broken);
        if broken.is_empty() {
            return Ok(());
        }
        let errors = if broken.len() == 1 { "error" } else { "errors" };
        let message = format!(
            "{} validation {errors} detected: {}",
            broken.len(),
            broken.join("; ")
        );
        Err(ApiError::new("ValidationException", message))
    }

    fn typed(&self, shape: &Shape, value: &Data) -> Result<(), ApiError> {
        if value.is_null() {
            return Ok(());
        }
        let fits = match shape.kind {
            Kind::Structure | Kind::Map => value.as_object().is_some(),
            Kind::List => value.as_array().is_some(),
            Kind::String | Kind::Blob => value.as_str().is_some(),
            Kind::Integer | Kind::Long => value.as_i64().is_some(),
            Kind::Float | Kind::Double => value.as_number().is_some(),
            Kind::Timestamp => value.as_number().is_some() || value.as_str().is_some(),
            Kind::Boolean => value.as_bool().is_some(),
        };
        if !fits {
            let message = unfit(shape.kind, value);
            return Err(ApiError::new("SerializationException", message));
        }
        for (name, member) in &shape.members {
            if let Some(value) = value.get(name) {
                self.typed(self.shape(member), value)?;
            }
        }
        if let (Some(member), Some(items)) = (&shape.member, value.as_array()) {
            let member = self.shape(member);
            items
                .items()
                .iter()
                .try_for_each(|item| self.typed(member, item))?;
        }
        if let (Some(inner), Some(entries)) = (&shape.value, value.as_object()) {
            let inner = self.shape(inner);
            entries
                .values()
                .try_for_each(|value| self.typed(inner, value))?;
        }
        Ok(())
    }

    fn constrained(&self, shape: &Shape, value: &Data, path: &str, broken: &mut Vec<String>) {
        let below = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        broken.extend(own(shape, value, path));
        for name in &shape.required {
            if value.get(name).is_none_or(Data::is_null) {
                let place = below(name);
                broken.push(format!(
                    "Value null at '{place}' failed to satisfy constraint: Member must not be null"
                ));
            }
        }
        for (name, member) in &shape.members {
            if let Some(value) = value.get(name).filter(|value| !value.is_null()) {
                self.constrained(self.shape(member), value, &below(name), broken);
            }
        }
        if let (Some(member), Some(items)) = (&shape.member, value.as_array()) {
            for (number, item) in (1..).zip(items.items()) {
                let place = below(&format!("{number}.member"));
                self.constrained(self.shape(member), item, &place, broken);
            }
        }
        if let (Some(key), Some(entries)) = (&shape.key, value.as_object()) {
            broken.extend(keys(self.shape(key), entries, path));
        }
        if let (Some(inner), Some(entries)) = (&shape.value, value.as_object()) {
            for (key, value) in entries.iter() {
                let place = below(&format!("{key}.member"));
                self.constrained(self.shape(inner), value, &place, broken);
            }
        }
    }
}

/// All constraints of a map's keys, if a key breaks one: AWS names the map and the constraints, not the key.
fn keys(shape: &Shape, entries: &Object, path: &str) -> Option<String> {
    let breaks = |key: &EcoString| !own(shape, &Data::from(key.clone()), path).is_empty();
    if !entries.iter().any(|(key, _)| breaks(key)) {
        return None;
    }
    let most = shape
        .max
        .map(|max| format!("Member must have length less than or equal to {max}"));
    let least = shape
        .min
        .map(|min| format!("Member must have length greater than or equal to {min}"));
    let pattern = shape.pattern.as_ref();
    let pattern =
        pattern.map(|rule| format!("Member must satisfy regular expression pattern: {rule}"));
    let rules: Vec<String> = [most, least, pattern].into_iter().flatten().collect();
    let shown = entries.iter().map(|(key, value)| match value.as_str() {
        Some(text) => format!("{key}={text}"),
        None => format!("{key}={value}"),
    });
    let shown: Vec<String> = shown.collect();
    Some(format!(
        "Value '{{{}}}' at '{path}' failed to satisfy constraint: Map keys must satisfy constraint: [{}]",
        shown.join(", "),
        rules.join(", ")
    ))
}

/// What AWS's readers of JSON say of a value that has another type than the model's.
fn unfit(kind: Kind, value: &Data) -> String {
    let token = match value {
        Data::Object(_) => return "Start of structure or map found where not expected.".into(),
        Data::Array(_) => return "Start of list found where not expected".into(),
        Data::Null => "NULL_VALUE",
        Data::Bool(true) => "TRUE_VALUE",
        Data::Bool(false) => "FALSE_VALUE",
        Data::Number(_) if value.as_i64().is_none() => "DECIMAL_VALUE",
        Data::Number(_) => "NUMBER_VALUE",
        Data::String(_) => "STRING_VALUE",
    };
    let wanted = match kind {
        Kind::Structure | Kind::Map => return "Expected map or null".into(),
        Kind::List => return "Expected list or null".into(),
        Kind::String => "a String",
        Kind::Blob => "a Blob",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Float => "a Float",
        Kind::Double => "a Double",
        Kind::Boolean => "a Boolean",
        Kind::Timestamp => "a Timestamp",
    };
    format!("{token} can not be converted to {wanted}")
}

/// The constraints of a shape itself that a value breaks.
fn own(shape: &Shape, value: &Data, path: &str) -> Vec<String> {
    let (what, size) = match shape.kind {
        Kind::String => (
            "length",
            value.as_str().map(|text| text.chars().count() as f64),
        ),
        Kind::List => ("length", value.as_array().map(|items| items.len() as f64)),
        Kind::Map => (
            "length",
            value.as_object().map(|entries| entries.len() as f64),
        ),
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double => {
            ("value", value.as_number().map(data::Number::as_f64))
        }
        Kind::Structure | Kind::Boolean | Kind::Timestamp | Kind::Blob => ("", None),
    };
    let mut broken = Vec::new();
    let shown = match value.as_str() {
        _ if shape.sensitive => "Value".to_owned(),
        Some(text) => format!("Value '{text}'"),
        None => format!("Value '{value}'"),
    };
    let mut breaks = |rule: String| {
        broken.push(format!(
            "{shown} at '{path}' failed to satisfy constraint: Member must {rule}"
        ));
    };
    if let Some(size) = size {
        if let Some(max) = shape.max.filter(|max| size > *max) {
            breaks(format!("have {what} less than or equal to {max}"));
        }
        if let Some(min) = shape.min.filter(|min| size < *min) {
            breaks(format!("have {what} greater than or equal to {min}"));
        }
    }
    if let Some(text) = value.as_str()
        && !shape.values.is_empty()
        && !shape.values.iter().any(|one| one == text)
    {
        breaks(format!(
            "satisfy enum value set: [{}]",
            java_set(&shape.values).join(", ")
        ));
    }
    if let (Some(text), Some(pattern)) = (value.as_str(), &shape.pattern)
        && !shape.rule().is_some_and(|rule| rule.is_match(text))
    {
        breaks(format!("satisfy regular expression pattern: {pattern}"));
    }
    broken
}
