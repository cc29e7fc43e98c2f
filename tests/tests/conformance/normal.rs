//! Our values in the form that recordings are kept in.
//!
//! A string that is a JSON object stands there taken apart, one level deep: strings inside of what was a
//! string stay strings, and so do arrays. Account, region and partition are neutral. What else differs from
//! run to run is a placeholder in the recording, and [`crate::placeholder`] compares it.

use data::{Data, Object};

/// A value of ours as a recording would hold it.
pub fn normal(data: &Data) -> Data {
    walk(data, true)
}

fn walk(data: &Data, takes_apart: bool) -> Data {
    match data {
        Data::Object(object) => {
            let members = object
                .iter()
                .map(|(name, value)| (name.clone(), member(value, takes_apart)));
            Data::Object(members.collect::<Object>())
        }
        Data::Array(array) => array.iter().map(|item| walk(item, takes_apart)).collect(),
        Data::String(text) => neutral(text).into(),
        Data::Null | Data::Bool(_) | Data::Number(_) => data.clone(),
    }
}

fn member(value: &Data, takes_apart: bool) -> Data {
    let text = value
        .as_str()
        .filter(|text| takes_apart && text.starts_with('{'));
    match text.and_then(|text| Data::parse(text).ok()) {
        Some(parsed) => walk(&parsed, false),
        None => walk(value, takes_apart),
    }
}

fn neutral(text: &str) -> String {
    text.replace("arn:aws:", "arn:<partition>:")
        .replace("000000000000", "111111111111")
        .replace("us-east-1", "<region>")
}
