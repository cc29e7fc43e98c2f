//! Lists a page at a time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data::{Data, Object, ObjectBuilder};

use crate::error::ApiError;
use crate::given;

/// The page of a list that `Marker` and `MaxItems` (100 unless given) ask for, as the members `name`, `IsTruncated`
/// and `Marker` of the answer. `entries` are in the order of their keys; a marker names the first of the next page,
/// so that what is made or deleted meanwhile neither repeats nor hides another entry.
pub(super) fn page<'k>(
    parameters: &Data,
    name: &str,
    entries: impl Iterator<Item = (&'k str, Data)>,
) -> Result<ObjectBuilder, ApiError> {
    let start = given::maybe(parameters, "Marker").map(read).transpose()?;
    let size = given::count(parameters, "MaxItems", 100);
    let mut entries = entries.filter(|(key, _)| start.as_deref().is_none_or(|start| *key >= start));
    let shown: Data = entries
        .by_ref()
        .take(size)
        .map(|(_, entry)| entry)
        .collect();
    let answer = Object::builder().with(name, shown);
    Ok(match entries.next() {
        Some((key, _)) => answer
            .with("IsTruncated", true)
            .with("Marker", URL_SAFE_NO_PAD.encode(key)),
        None => answer.with("IsTruncated", false),
    })
}

fn read(marker: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| ApiError::new("ValidationError", "Invalid Marker."))
}
