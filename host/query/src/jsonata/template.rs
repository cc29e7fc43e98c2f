//! A field's value in a JSONata state: JSON in which strings between `{%` and `%}` are expressions.

use std::collections::HashMap;

use data::{Data, EcoString, Node, Object, Span, Value};

use super::{Jsonata, JsonataError, JsonataSyntaxError, Reason, States};

/// A JSON value in which each string between `{%` and `%}` is an expression.
///
/// Whatever has no expression in it is built once and shared by all results.
#[derive(Clone, Debug)]
pub struct JsonataTemplate(Part);

#[derive(Clone, Debug)]
enum Part {
    Constant(Data),
    Expression(Jsonata),
    Object(Box<[(EcoString, Part)]>),
    Array(Box<[Part]>),
}

/// What is wrong with one expression of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonataTemplateError {
    /// Where the string stands.
    pub span: Span,
    /// The string, as a JSON pointer below the template: `/address/street`.
    pub pointer: String,
    /// The same as AWS writes it: `/lines[0]/sum`.
    pub location: String,
    /// What is wrong.
    pub error: JsonataSyntaxError,
}

impl JsonataTemplate {
    /// Compiles a template; all that is wrong is returned together.
    pub fn parse(node: &Node) -> Result<JsonataTemplate, Vec<JsonataTemplateError>> {
        let mut errors = Vec::new();
        let part = part(node, &Place::default(), &mut errors);
        if errors.is_empty() {
            Ok(JsonataTemplate(part))
        } else {
            Err(errors)
        }
    }

    /// A template that always gives `data`.
    pub fn constant(data: Data) -> JsonataTemplate {
        JsonataTemplate(Part::Constant(data))
    }

    /// The value. `field` is the template's place in its state, such as `Output` or `Catch[0]/Assign`.
    pub fn evaluate(&self, field: &str, states: &States<'_>) -> Result<Data, JsonataError> {
        self.0
            .evaluate(states)
            .map_err(|error| within(field, error))
    }

    /// The expression, if the whole template is one.
    pub fn as_expression(&self) -> Option<&Jsonata> {
        match &self.0 {
            Part::Expression(expression) => Some(expression),
            Part::Constant(_) | Part::Object(_) | Part::Array(_) => None,
        }
    }

    /// The value, if it is the same whatever the states hold.
    pub fn as_constant(&self) -> Option<&Data> {
        match &self.0 {
            Part::Constant(data) => Some(data),
            Part::Expression(_) | Part::Object(_) | Part::Array(_) => None,
        }
    }

    /// Every expression in it.
    pub fn expressions(&self) -> Vec<&Jsonata> {
        let mut found = Vec::new();
        self.0.expressions(&mut found);
        found
    }

    /// The value of a field of the outermost object, if it is the same whatever the states hold.
    pub fn constant_field(&self, name: &str) -> Option<&Data> {
        match &self.0 {
            Part::Constant(data) => data.get(name),
            Part::Object(fields) => match fields.iter().find(|(field, _)| field == name)? {
                (_, Part::Constant(data)) => Some(data),
                _ => None,
            },
            Part::Expression(_) | Part::Array(_) => None,
        }
    }
}

impl Part {
    fn expressions<'a>(&'a self, found: &mut Vec<&'a Jsonata>) {
        match self {
            Part::Constant(_) => {}
            Part::Expression(expression) => found.push(expression),
            Part::Object(fields) => fields.iter().for_each(|(_, part)| part.expressions(found)),
            Part::Array(items) => items.iter().for_each(|item| item.expressions(found)),
        }
    }

    /// The value; an error's field is the way from here.
    fn evaluate(&self, states: &States<'_>) -> Result<Data, JsonataError> {
        match self {
            Part::Constant(data) => Ok(data.clone()),
            Part::Expression(expression) => {
                let found = expression.evaluate(states);
                let failed = |reason| JsonataError {
                    expression: expression.as_str().into(),
                    field: String::new(),
                    reason,
                };
                found
                    .map_err(failed)?
                    .ok_or_else(|| failed(Reason::Undefined))
            }
            Part::Object(fields) => {
                let mut object = Object::builder();
                for (key, part) in fields {
                    let value = part.evaluate(states);
                    let value = value.map_err(|error| within(&format!("/{key}"), error))?;
                    object.insert(key.clone(), value);
                }
                Ok(object.build().into())
            }
            Part::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| {
                    let value = item.evaluate(states);
                    value.map_err(|error| within(&format!("[{at}]"), error))
                })
                .collect(),
        }
    }
}

/// The error as it is told further out.
fn within(place: &str, mut error: JsonataError) -> JsonataError {
    error.field.insert_str(0, place);
    error
}

#[derive(Clone, Default)]
struct Place {
    pointer: String,
    location: String,
}

fn part(node: &Node, place: &Place, errors: &mut Vec<JsonataTemplateError>) -> Part {
    match &node.value {
        Value::Object(entries) => {
            let mut fields: Vec<(EcoString, Part)> = Vec::with_capacity(entries.len());
            let mut places: HashMap<EcoString, usize> = HashMap::with_capacity(entries.len());
            for (key, value) in entries {
                let name = &key.name;
                let token = name.as_str().replace('~', "~0").replace('/', "~1");
                let inner = Place {
                    pointer: format!("{}/{token}", place.pointer),
                    location: format!("{}/{name}", place.location),
                };
                let value = part(value, &inner, errors);
                match places.get(name) {
                    Some(at) => fields[*at].1 = value,
                    None => {
                        places.insert(name.clone(), fields.len());
                        fields.push((name.clone(), value));
                    }
                }
            }
            if fields
                .iter()
                .all(|(_, part)| matches!(part, Part::Constant(_)))
            {
                return Part::Constant(node.to_data());
            }
            Part::Object(fields.into())
        }
        Value::Array(items) => {
            let mut parts = Vec::with_capacity(items.len());
            for (at, item) in items.iter().enumerate() {
                let inner = Place {
                    pointer: format!("{}/{at}", place.pointer),
                    location: format!("{}[{at}]", place.location),
                };
                parts.push(part(item, &inner, errors));
            }
            if parts.iter().all(|part| matches!(part, Part::Constant(_))) {
                return Part::Constant(node.to_data());
            }
            Part::Array(parts.into())
        }
        Value::String(text) => match Jsonata::body(text).map(Jsonata::parse_all) {
            None => Part::Constant(node.to_data()),
            Some(Ok(expression)) => Part::Expression(expression),
            Some(Err(found)) => {
                errors.extend(found.into_iter().map(|error| JsonataTemplateError {
                    span: node.span,
                    pointer: place.pointer.clone(),
                    location: place.location.clone(),
                    error,
                }));
                Part::Constant(Data::Null)
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => Part::Constant(node.to_data()),
    }
}
