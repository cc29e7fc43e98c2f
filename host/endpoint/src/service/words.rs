//! Where Step Functions' parameters and results differ from what the services themselves take and give.

use std::borrow::Cow;

use data::{Data, Object};
use engine::Timestamp;
use runtime::remote::RemoteCall;

use super::{Action, Dialect, Service};

/// The parameters as the service takes them: what is text to it may be any JSON in a definition.
pub(super) fn as_service_wants<'p>(
    action: &Action,
    call: &RemoteCall,
    parameters: &'p Object,
) -> Cow<'p, Object> {
    match (action.service, action.operation.as_str()) {
        (Service::Sqs, "SendMessage") => written(parameters, "MessageBody"),
        (Service::Sns, "Publish") => written(parameters, "Message"),
        (Service::S3, "PutObject") => written(parameters, "Body"),
        (Service::EventBridge, "PutEvents") => Cow::Owned(events(action, call, parameters)),
        _ => Cow::Borrowed(parameters),
    }
}

/// With the member as text, if it is something else.
fn written<'p>(parameters: &'p Object, name: &str) -> Cow<'p, Object> {
    match parameters.get(name) {
        None | Some(Data::String(_) | Data::Null) => Cow::Borrowed(parameters),
        Some(value) => Cow::Owned(parameters.with(name, Data::from(value.to_string()))),
    }
}

fn events(action: &Action, call: &RemoteCall, parameters: &Object) -> Object {
    let Some(entries) = parameters.get("Entries").and_then(Data::as_array) else {
        return parameters.clone();
    };
    let entries = entries.items().iter();
    let entries = entries.map(|entry| match entry.as_object() {
        Some(entry) => event(action, call, entry).into(),
        None => entry.clone(),
    });
    parameters.with("Entries", entries.collect())
}

/// An event with its detail as text and its time in seconds. The optimised integration also notes who sends it.
fn event(action: &Action, call: &RemoteCall, entry: &Object) -> Object {
    let mut event = written(entry, "Detail").into_owned();
    let time = event.get("Time").and_then(Data::as_str);
    if let Some(time) = time.and_then(Timestamp::parse) {
        event = event.with("Time", seconds(time));
    }
    if action.dialect == Dialect::Optimized {
        let given = event.get("Resources").and_then(Data::as_array);
        let given = given.map_or(&[][..], |resources| resources.items());
        let own = [&call.execution_arn, &call.state_machine_arn];
        let own = own.into_iter().map(|arn| Data::from(arn.as_str()));
        event = event.with("Resources", given.iter().cloned().chain(own).collect());
    }
    event
}

fn seconds(time: Timestamp) -> Data {
    match time.0 % 1000 {
        0 => Data::from(time.0 / 1000),
        _ => {
            let seconds = data::Number::float(time.0 as f64 / 1000.0);
            seconds.map_or(Data::Null, Data::Number)
        }
    }
}

/// The result as the SDK's integration hands it on: it writes abbreviations as words.
pub(super) fn as_sdk_has(action: &Action, result: &Object) -> Object {
    if action.service != Service::Sqs {
        return result.clone();
    }
    let mut renamed = Object::builder();
    for (name, value) in result.iter() {
        let value = match value {
            Data::Array(items) => items.items().iter().map(renamed_item).collect(),
            other => other.clone(),
        };
        renamed.insert(word(name), value);
    }
    renamed.build()
}

/// A message, or an entry of a batch. What lies deeper are names that the user chose.
fn renamed_item(item: &Data) -> Data {
    let Some(members) = item.as_object() else {
        return item.clone();
    };
    let mut renamed = Object::builder();
    for (name, value) in members.iter() {
        renamed.insert(word(name), value.clone());
    }
    renamed.build().into()
}

fn word(name: &str) -> data::EcoString {
    match name.strip_prefix("MD5") {
        Some(rest) => format!("Md5{rest}").into(),
        None => name.into(),
    }
}
