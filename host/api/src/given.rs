//! What a request gives, read by name. The model's check has seen it: a required member is there and has its type.

use data::Data;

use crate::error::ApiError;

/// A text that must be there; empty if it is not.
pub(crate) fn text<'d>(parameters: &'d Data, name: &str) -> &'d str {
    maybe(parameters, name).unwrap_or_default()
}

/// A text that may be there.
pub(crate) fn maybe<'d>(parameters: &'d Data, name: &str) -> Option<&'d str> {
    parameters.get(name).and_then(Data::as_str)
}

/// An integer that may be there.
pub(crate) fn integer(parameters: &Data, name: &str) -> Option<i64> {
    parameters.get(name).and_then(Data::as_i64)
}

/// A size or number of things: what is not there or negative is `otherwise`.
pub(crate) fn count(parameters: &Data, name: &str, otherwise: usize) -> usize {
    let given = integer(parameters, name).and_then(|given| usize::try_from(given).ok());
    given.unwrap_or(otherwise)
}

/// A flag; what is not there is false.
pub(crate) fn flag(parameters: &Data, name: &str) -> bool {
    parameters.get(name).and_then(Data::as_bool) == Some(true)
}

/// The items of a list; none if it is not there.
pub(crate) fn items<'d>(parameters: &'d Data, name: &str) -> &'d [Data] {
    let list = parameters.get(name).and_then(Data::as_array);
    list.map_or(&[], data::Array::items)
}

/// The texts of a list.
pub(crate) fn texts<'d>(parameters: &'d Data, name: &str) -> impl Iterator<Item = &'d str> {
    items(parameters, name).iter().filter_map(Data::as_str)
}

/// A number of things as an answer gives it.
pub(crate) fn number(count: usize) -> Data {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

/// What a broken constraint is called by a service that has its own name for `ValidationException`.
pub(crate) fn renamed(mut error: ApiError, code: &'static str) -> ApiError {
    error.code = code.into();
    error
}
