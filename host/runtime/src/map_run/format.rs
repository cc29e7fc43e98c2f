//! What an object in S3 holds, as items.

use asl::{InputType, ReaderConfig};
use data::{Data, Object};

use super::csv;

/// The items of an object, and whether they were the fields of one.
pub(super) struct Parsed {
    pub items: Vec<Data>,
    pub keyed: bool,
}

impl Parsed {
    fn plain(items: Vec<Data>) -> Parsed {
        Parsed {
            items,
            keyed: false,
        }
    }
}

/// What GetObject answered: its `Body` if it is a response, else the very content.
pub(super) fn body(answer: &Data) -> &Data {
    answer.get("Body").unwrap_or(answer)
}

/// The content as text.
pub(super) fn text(body: &Data) -> Result<&str, String> {
    body.as_str()
        .ok_or_else(|| format!("The content is to be a text, and is {}", body.type_name()))
}

/// The items in the content of an object, at most `most`.
pub(super) fn items(body: &Data, config: &ReaderConfig, most: usize) -> Result<Parsed, String> {
    match config.input_type {
        Some(InputType::Csv) => {
            let header = config.csv_header.as_ref();
            csv::rows(text(body)?, config.csv_delimiter, header, most).map(Parsed::plain)
        }
        Some(InputType::JsonLines) => lines(body, most),
        Some(InputType::Parquet) => Err("Parquet cannot be read here".to_owned()),
        Some(InputType::Json | InputType::Manifest) | None => {
            json(body, config.items_pointer.as_deref(), most)
        }
    }
}

fn json(body: &Data, pointer: Option<&str>, most: usize) -> Result<Parsed, String> {
    let document = match body {
        Data::String(text) => parse(text.as_str())?,
        other => other.clone(),
    };
    let found = match pointer {
        None => Some(&document),
        Some(pointer) => document.pointer(pointer),
    };
    let Some(found) = found else {
        let pointer = pointer.unwrap_or_default();
        return Err(format!("The ItemsPointer {pointer:?} finds nothing"));
    };
    if let Some(items) = found.as_array() {
        return Ok(Parsed::plain(items.iter().take(most).cloned().collect()));
    }
    let Some(fields) = found.as_object() else {
        return Err("Attempting to map over non-iterable node.".to_owned());
    };
    let entry = |(key, value): (&data::EcoString, &Data)| {
        let entry = Object::builder().with("Key", key.clone());
        Data::from(entry.with("Value", value.clone()).build())
    };
    Ok(Parsed {
        items: fields.iter().take(most).map(entry).collect(),
        keyed: true,
    })
}

/// JSON Lines; blank lines hold nothing.
fn lines(body: &Data, most: usize) -> Result<Parsed, String> {
    if let Some(items) = body.as_array() {
        return Ok(Parsed::plain(items.iter().take(most).cloned().collect()));
    }
    let lines = text(body)?.lines().filter(|line| !line.trim().is_empty());
    let items: Result<Vec<Data>, String> = lines.take(most).map(parse).collect();
    items.map(Parsed::plain)
}

fn parse(text: &str) -> Result<Data, String> {
    Data::parse(text).map_err(|error| format!("The content is no JSON: {}", error.message))
}
