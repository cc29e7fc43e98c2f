//! XML as the query protocol writes it.

use data::Data;
use engine::Timestamp;

use super::query::namespace;
use crate::model::{Kind, Model, Reference, Shape};
use crate::server::services::ServiceName;

/// The answer of an operation: `<OpResponse><OpResult>...</OpResult><ResponseMetadata>...`. Members that the model
/// does not have are left out.
pub fn answer(service: ServiceName, operation: &str, answer: &Data, request_id: &str) -> String {
    let model = service.model();
    let known = model.operations.get(operation);
    let shape = known.and_then(|known| model.shapes.get(known.output.as_ref()?));
    let result = known.and_then(|known| known.result.as_deref());
    let mut out = String::new();
    open_root(
        &mut out,
        &format!("{operation}Response"),
        namespace(service),
    );
    if let (Some(shape), Some(result)) = (shape, result) {
        element(&mut out, result, |out| value(out, model, shape, answer));
    }
    element(&mut out, "ResponseMetadata", |out| {
        element(out, "RequestId", |out| escape(out, request_id));
    });
    close(&mut out, &format!("{operation}Response"));
    out
}

/// An error of the query protocol. `side` is `Sender` or `Receiver`.
pub fn error(
    namespace: Option<&str>,
    side: &str,
    code: &str,
    message: &str,
    request_id: &str,
) -> String {
    let mut out = String::new();
    open_root(&mut out, "ErrorResponse", namespace);
    element(&mut out, "Error", |out| {
        element(out, "Type", |out| escape(out, side));
        element(out, "Code", |out| escape(out, code));
        element(out, "Message", |out| escape(out, message));
    });
    element(&mut out, "RequestId", |out| escape(out, request_id));
    close(&mut out, "ErrorResponse");
    out
}

/// An error as S3 has it.
pub fn rest_error(code: &str, message: &str, request_id: &str) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut out, "Error", |out| {
        element(out, "Code", |out| escape(out, code));
        element(out, "Message", |out| escape(out, message));
        element(out, "RequestId", |out| escape(out, request_id));
    });
    out
}

fn value(out: &mut String, model: &Model, shape: &Shape, data: &Data) {
    match (shape.kind, data) {
        (Kind::Structure, Data::Object(object)) => {
            for (name, data) in object.iter().filter(|(_, data)| !data.is_null()) {
                if let Some(reference) = shape.members.get(name.as_str()) {
                    member(out, model, reference, name, data);
                }
            }
        }
        (Kind::List, Data::Array(items)) => {
            if let Some(reference) = &shape.member {
                let name = reference.location_name.as_deref().unwrap_or("member");
                let inner = model.shape(reference);
                for item in items.items() {
                    element(out, name, |out| value(out, model, inner, item));
                }
            }
        }
        (Kind::Map, Data::Object(entries)) => {
            if let (Some(key), Some(inner)) = (&shape.key, &shape.value) {
                for (name, data) in entries.iter() {
                    element(out, "entry", |out| {
                        entry(out, model, (key, inner), name, data)
                    });
                }
            }
        }
        (Kind::Timestamp, Data::Number(seconds)) => {
            let millis = (seconds.as_f64() * 1000.0).round() as i64;
            escape(out, &Timestamp(millis).to_string());
        }
        (_, Data::String(text)) => escape(out, text.as_str()),
        (_, other) => escape(out, &other.to_string()),
    }
}

/// A member of a structure. The items of a flattened list stand beside each other without an element around them.
fn member(out: &mut String, model: &Model, reference: &Reference, name: &str, data: &Data) {
    let name = reference.location_name.as_deref().unwrap_or(name);
    let shape = model.shape(reference);
    match (shape.flattened, &shape.member, data.as_array()) {
        (true, Some(inner), Some(items)) => {
            let inner = model.shape(inner);
            for item in items.items() {
                element(out, name, |out| value(out, model, inner, item));
            }
        }
        _ => element(out, name, |out| value(out, model, shape, data)),
    }
}

fn entry(
    out: &mut String,
    model: &Model,
    (key, inner): (&Reference, &Reference),
    name: &str,
    data: &Data,
) {
    let key_name = key.location_name.as_deref().unwrap_or("key");
    element(out, key_name, |out| escape(out, name));
    let value_name = inner.location_name.as_deref().unwrap_or("value");
    element(out, value_name, |out| {
        value(out, model, model.shape(inner), data)
    });
}

fn open_root(out: &mut String, name: &str, namespace: Option<&str>) {
    out.push('<');
    out.push_str(name);
    if let Some(namespace) = namespace {
        out.push_str(" xmlns=\"");
        escape(out, namespace);
        out.push('"');
    }
    out.push('>');
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn element(out: &mut String, name: &str, inside: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    inside(out);
    close(out, name);
}

/// Text with nothing in it that means something in XML, or that XML 1.0 cannot hold. A carriage return would be read
/// as a line's end.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let mut out = String::new();
        escape(&mut out, "<a b=\"c\">&\r\n\u{1}\u{ffff}ü");
        assert_eq!(
            out,
            "&lt;a b=&quot;c&quot;&gt;&amp;&#13;\n\u{fffd}\u{fffd}ü"
        );
    }
}
