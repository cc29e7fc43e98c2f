//! The query protocol, that of IAM and STS: `Action=...&Version=...&Tags.member.1.Key=...`, in the body or in the query
//! string. Answers are XML.

use std::collections::BTreeMap;

use data::{Data, Object};

use super::{scalar, serialization};
use crate::error::ApiError;
use crate::model::{Kind, Model, Reference, Shape};
use crate::server::services::ServiceName;

/// How deep a name may lead: more than any shape is deep.
const MAX_PARTS: usize = 32;

/// The version of a service's interface.
fn version(service: ServiceName) -> Option<&'static str> {
    match service {
        ServiceName::Iam => Some("2010-05-08"),
        ServiceName::Sts => Some("2011-06-15"),
        ServiceName::StepFunctions | ServiceName::Lambda | ServiceName::Logs => None,
    }
}

/// The namespace of a service's answers.
pub fn namespace(service: ServiceName) -> Option<&'static str> {
    match service {
        ServiceName::Iam => Some("https://iam.amazonaws.com/doc/2010-05-08/"),
        ServiceName::Sts => Some("https://sts.amazonaws.com/doc/2011-06-15/"),
        ServiceName::StepFunctions | ServiceName::Lambda | ServiceName::Logs => None,
    }
}

/// A request, as it is written: a tree of names.
#[derive(Default)]
pub struct Form {
    root: Part,
}

#[derive(Default)]
struct Part {
    value: Option<String>,
    parts: BTreeMap<String, Part>,
}

impl Form {
    /// Reads the query string and the body of a request.
    pub fn read(query: Option<&str>, body: &[u8]) -> Result<Form, ApiError> {
        let mut form = Form::default();
        let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        for (name, value) in query.chain(form_urlencoded::parse(body)) {
            form.add(&name, value.into_owned())?;
        }
        Ok(form)
    }

    fn add(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        if name.split('.').count() > MAX_PARTS {
            return Err(ApiError::new(
                "MalformedQueryString",
                "a name has too many parts",
            ));
        }
        let mut part = &mut self.root;
        for step in name.split('.') {
            part = part.parts.entry(step.to_owned()).or_default();
        }
        part.value = Some(value);
        Ok(())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.root.parts.get(name)?.value.as_deref()
    }

    /// `Action`, which is the operation.
    pub fn action(&self) -> Result<&str, ApiError> {
        let action = self.text("Action").filter(|action| !action.is_empty());
        action.ok_or_else(|| ApiError::new("MissingAction", "the request has no Action"))
    }

    /// The service that is meant, where nothing else in the request says so.
    pub fn service(&self) -> Option<ServiceName> {
        let mut services = [ServiceName::Iam, ServiceName::Sts].into_iter();
        match self.text("Version") {
            Some(given) => services.find(|service| version(*service) == Some(given)),
            None => {
                let action = self.text("Action")?;
                services.find(|service| service.operation(action).is_some())
            }
        }
    }

    /// The parameters of the action.
    pub fn parameters(&self, service: ServiceName) -> Result<Data, ApiError> {
        let action = self.action()?;
        if let Some(given) = self
            .text("Version")
            .filter(|v| Some(*v) != version(service))
        {
            let message = format!("Could not find operation {action} for version {given}");
            return Err(ApiError::new("InvalidAction", message));
        }
        let model = service.model();
        match model.input(action) {
            Some(shape) => structure(model, shape, &self.root),
            None => Ok(Data::empty_object()),
        }
    }
}

fn value(model: &Model, shape: &Shape, name: &str, part: &Part) -> Result<Data, ApiError> {
    match shape.kind {
        Kind::Structure => structure(model, shape, part),
        Kind::List => list(model, shape, name, part),
        Kind::Map => map(model, shape, name, part),
        _ => {
            let text = part.value.as_deref();
            let text = text.ok_or_else(|| serialization(format!("{name} has no value")))?;
            scalar(shape, name, text.into())
        }
    }
}

fn structure(model: &Model, shape: &Shape, part: &Part) -> Result<Data, ApiError> {
    let mut object = Object::builder();
    for (name, member) in &shape.members {
        let wire = member.location_name.as_deref().unwrap_or(name);
        if let Some(part) = part.parts.get(wire) {
            let value = value(model, model.shape(member), name, part)?;
            object.insert(name.as_str().into(), value);
        }
    }
    Ok(object.build().into())
}

/// `Name.member.N`, or `Name.N` if the list is flattened. `Name=` alone is an empty list.
fn list(model: &Model, shape: &Shape, name: &str, part: &Part) -> Result<Data, ApiError> {
    let Some(member) = &shape.member else {
        return Ok(Data::from(Vec::new()));
    };
    let items = numbered(
        shape,
        member.location_name.as_deref().unwrap_or("member"),
        name,
        part,
    )?;
    let inner = model.shape(member);
    let items = items
        .into_iter()
        .map(|item| value(model, inner, name, item));
    Ok(Data::from(items.collect::<Result<Vec<Data>, _>>()?))
}

/// `Name.entry.N.key` and `Name.entry.N.value`.
fn map(model: &Model, shape: &Shape, name: &str, part: &Part) -> Result<Data, ApiError> {
    let (Some(key), Some(inner)) = (&shape.key, &shape.value) else {
        return Ok(Data::empty_object());
    };
    let wire = |reference: &Reference, other: &str| -> String {
        reference
            .location_name
            .as_deref()
            .unwrap_or(other)
            .to_owned()
    };
    let (key, value_name) = (wire(key, "key"), wire(inner, "value"));
    let mut object = Object::builder();
    for entry in numbered(shape, "entry", name, part)? {
        let key = entry.parts.get(&key).and_then(|part| part.value.as_deref());
        let (Some(key), Some(part)) = (key, entry.parts.get(&value_name)) else {
            return Err(serialization(format!("an entry of {name} is not complete")));
        };
        object.insert(key.into(), value(model, model.shape(inner), name, part)?);
    }
    Ok(object.build().into())
}

/// The numbered parts, in the order of their numbers.
fn numbered<'p>(
    shape: &Shape,
    between: &str,
    name: &str,
    part: &'p Part,
) -> Result<Vec<&'p Part>, ApiError> {
    let around = match shape.flattened {
        true => Some(part),
        false => part.parts.get(between),
    };
    let mut found = Vec::new();
    for (number, part) in around.into_iter().flat_map(|around| &around.parts) {
        let number: u32 = number
            .parse()
            .map_err(|_| serialization(format!("{number} in {name} is no number")))?;
        found.push((number, part));
    }
    found.sort_by_key(|(number, _)| *number);
    Ok(found.into_iter().map(|(_, part)| part).collect())
}
