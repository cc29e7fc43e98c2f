//! Functions on JSON: `States.StringToJson`, `States.JsonToString`, `States.JsonMerge`.

use data::Data;

use super::Outcome;

pub(super) fn from_string(text: &Data) -> Outcome {
    let text = text.as_str().ok_or("The argument must be a string")?;
    Data::parse(text).map_err(|error| format!("Invalid JSON: {error}"))
}

pub(super) fn to_string(data: &Data) -> Data {
    Data::from(data.to_string())
}

/// The fields of both; of a field that both have the second's value counts. Deep merging does not exist.
pub(super) fn merge(first: &Data, second: &Data, deep: &Data) -> Outcome {
    let (Data::Object(first), Data::Object(second)) = (first, second) else {
        return Err("The first and second arguments must be JSON objects".into());
    };
    match deep.as_bool() {
        Some(false) => {}
        Some(true) => return Err("Deep merging is not supported".into()),
        None => return Err("The third argument must be a boolean".into()),
    }
    let fields = first.iter().chain(second.iter());
    Ok(Data::Object(
        fields
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    ))
}
