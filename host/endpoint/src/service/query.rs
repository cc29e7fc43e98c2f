//! AWS's query protocol, as SNS speaks it: a form out, XML back.

use bytes::Bytes;
use data::{Data, Object};
use engine::Failure;
use form_urlencoded::Serializer;
use hyper::Method;
use runtime::remote::RemoteCall;

use super::{Action, invalid};
use crate::http::Answer;
use crate::request::Outgoing;
use crate::xml::Element;

/// SNS's version in requests.
const VERSION: &str = "2010-03-31";

/// Members that are maps, with the names of an entry's two halves.
const MAPS: [(&str, &str, &str); 2] = [
    ("MessageAttributes", "Name", "Value"),
    ("Attributes", "key", "value"),
];

/// Members of answers that are lists: XML does not tell an empty one from an empty text.
const LISTS: [&str; 8] = [
    "Endpoints",
    "Failed",
    "PhoneNumbers",
    "PlatformApplications",
    "Subscriptions",
    "Successful",
    "Tags",
    "Topics",
];

pub(super) fn request(
    action: &Action,
    call: &RemoteCall,
    parameters: &Object,
) -> Result<Outgoing, Failure> {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", &action.operation);
    form.append_pair("Version", VERSION);
    for (name, value) in parameters.iter() {
        put(&mut form, name, name, value)?;
    }
    let mut outgoing = Outgoing::new(Method::POST, &call.address, "sns", &call.region);
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    outgoing.header("content-type", kind);
    outgoing.body = Bytes::from(form.finish());
    Ok(outgoing)
}

/// Puts a value under its path; `name` is the member that it is.
fn put(
    form: &mut Serializer<'_, String>,
    path: &str,
    name: &str,
    value: &Data,
) -> Result<(), Failure> {
    match value {
        Data::Null => {}
        Data::String(text) => drop(form.append_pair(path, text.as_str())),
        Data::Bool(_) | Data::Number(_) => drop(form.append_pair(path, &value.to_string())),
        Data::Array(items) => {
            for (at, item) in items.items().iter().enumerate() {
                put(form, &format!("{path}.member.{}", at + 1), name, item)?;
            }
        }
        Data::Object(members) => {
            let map = MAPS.iter().find(|(map, _, _)| *map == name);
            for (at, (key, value)) in members.iter().enumerate() {
                let Some((_, key_name, value_name)) = map else {
                    put(form, &format!("{path}.{key}"), key, value)?;
                    continue;
                };
                let entry = format!("{path}.entry.{}", at + 1);
                form.append_pair(&format!("{entry}.{key_name}"), key);
                put(form, &format!("{entry}.{value_name}"), value_name, value)?;
            }
        }
    }
    if path.len() > MOST_PATH {
        return Err(invalid(format!(
            "The parameter '{name}' is nested too deeply"
        )));
    }
    Ok(())
}

/// No parameter of SNS has a longer path.
const MOST_PATH: usize = 1000;

/// What stands in `<OperationResult>`; `None` if the answer is no XML.
pub(super) fn result(operation: &str, answer: &Answer) -> Option<Object> {
    let root = Element::parse(std::str::from_utf8(&answer.body).ok()?)?;
    let result = root.child(&format!("{operation}Result"));
    let result = result.map_or_else(Data::empty_object, Element::to_data);
    // An empty element is an operation without an answer.
    let mut result = result.as_object().cloned().unwrap_or_default();
    for list in LISTS {
        if result.get(list).and_then(Data::as_str) == Some("") {
            result = result.with(list, Data::from(Vec::new()));
        }
    }
    Some(result)
}
