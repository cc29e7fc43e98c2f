//! Whether an answer is what the service model promises.

use api::model::{Kind, Model, Shape};
use data::Data;

/// What is wrong with the answer of an operation, each with its place: members that the model does not know, required
/// ones that are missing, and values of another type, out of bounds or not in the set of values.
pub fn faults(model: &Model, operation: &str, answer: &Data) -> Vec<String> {
    let output = &model.operations[operation].output;
    let mut found = Vec::new();
    match output {
        Some(name) => walk(model, model.named(name), answer, operation, &mut found),
        None if *answer == Data::empty_object() => {}
        None => found.push(format!("{operation}: an answer where the model has none")),
    }
    found
}

fn walk(model: &Model, shape: &Shape, value: &Data, place: &str, found: &mut Vec<String>) {
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
        let (kind, is) = (shape.kind, value.type_name());
        found.push(format!("{place}: {is} where the model has {kind:?}"));
        return;
    }
    for name in &shape.required {
        if value.get(name).is_none() {
            found.push(format!("{place}: {name} is required and not there"));
        }
    }
    if let (Kind::Structure, Some(members)) = (shape.kind, value.as_object()) {
        for (name, value) in members.iter() {
            let place = format!("{place}.{name}");
            match shape.members.get(name.as_str()) {
                Some(member) => walk(model, model.shape(member), value, &place, found),
                None => found.push(format!("{place}: the model has no such member")),
            }
        }
    }
    if let (Some(member), Some(items)) = (&shape.member, value.as_array()) {
        for (index, item) in items.items().iter().enumerate() {
            let place = format!("{place}[{index}]");
            walk(model, model.shape(member), item, &place, found);
        }
    }
    if let (Some(inner), Some(entries)) = (&shape.value, value.as_object()) {
        for (key, value) in entries.iter() {
            let place = format!("{place}.{key}");
            walk(model, model.shape(inner), value, &place, found);
        }
    }
    found.extend(bounds(shape, value).map(|what| format!("{place}: {what}")));
}

fn bounds(shape: &Shape, value: &Data) -> Option<String> {
    let size = match value {
        Data::String(text) => text.chars().count() as f64,
        Data::Array(items) => items.len() as f64,
        Data::Number(number) => number.as_f64(),
        Data::Null | Data::Bool(_) | Data::Object(_) => return None,
    };
    if shape.min.is_some_and(|min| size < min) || shape.max.is_some_and(|max| size > max) {
        return Some(format!("{size} is out of bounds"));
    }
    let text = value.as_str()?;
    let known = shape.values.is_empty() || shape.values.iter().any(|one| one == text);
    (!known).then(|| format!("{text} is none of the values"))
}
