//! Parameters out of a request, and values into an answer.

use data::{Data, EcoString, Number, Object, ObjectBuilder};
use engine::Timestamp;

pub(super) use crate::given::{flag, items, maybe as text, text as needed};

/// A text that may be there, as an owned one.
pub(super) fn owned(parameters: &Data, name: &str) -> Option<EcoString> {
    text(parameters, name).map(EcoString::from)
}

/// A member that is there and not null.
pub(super) fn member<'d>(parameters: &'d Data, name: &str) -> Option<&'d Data> {
    parameters.get(name).filter(|value| !value.is_null())
}

/// A moment as the wire has it: seconds with milliseconds.
pub(super) fn seconds(at: Timestamp) -> Data {
    if at.0 % 1000 == 0 {
        return Data::from(at.0 / 1000);
    }
    // Milliseconds since the epoch are far below 2^53.
    Number::float(at.0 as f64 / 1000.0).map_or(Data::Null, Data::from)
}

/// An answer without members.
pub(super) fn nothing() -> Data {
    Data::empty_object()
}

/// Adds a member if there is a value.
pub(super) fn put(object: &mut ObjectBuilder, name: &str, value: Option<impl Into<Data>>) {
    if let Some(value) = value {
        object.insert(name.into(), value.into());
    }
}

/// The answer that was built.
pub(super) fn answer(object: ObjectBuilder) -> Data {
    object.build().into()
}

/// `{"included": ...}`
pub(super) fn included(is_included: bool) -> Data {
    Object::builder()
        .with("included", is_included)
        .build()
        .into()
}

/// Whether the caller wants metadata alone.
pub(super) fn metadata_only(parameters: &Data) -> bool {
    text(parameters, "includedData") == Some("METADATA_ONLY")
}
