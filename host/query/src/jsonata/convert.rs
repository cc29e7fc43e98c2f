//! Values on their way into the engine and out of it.

use std::rc::Rc;

use data::{Data, Number, Object};
use jsonata_core::value::{JMap, JValue, with_stack};

use super::reads::Need;

/// The whole value. Numbers become doubles, as they are in JSONata.
pub(super) fn enter(data: &Data) -> JValue {
    match data {
        Data::Null => JValue::Null,
        Data::Bool(value) => JValue::Bool(*value),
        Data::Number(number) => JValue::Number(number.as_f64()),
        Data::String(text) => JValue::string(text.as_ref()),
        Data::Array(items) => JValue::array(items.iter().map(enter).collect()),
        Data::Object(object) => {
            let fields = object
                .iter()
                .map(|(key, value)| (key.to_string(), enter(value)));
            map(fields)
        }
    }
}

/// Of the value what is needed: fields that no path of the expression leads to are left out, in the items of
/// arrays too.
pub(super) fn enter_needed(data: &Data, need: &Need) -> JValue {
    match (need, data) {
        (Need::All, _) => enter(data),
        (Need::Fields(fields), Data::Object(object)) => {
            let held = fields.iter().filter_map(|(key, need)| {
                Some((key.to_string(), enter_needed(object.get(key)?, need)))
            });
            map(held)
        }
        (Need::Fields(_), Data::Array(items)) => {
            JValue::array(items.iter().map(|item| enter_needed(item, need)).collect())
        }
        (Need::Fields(_), _) => enter(data),
    }
}

pub(super) fn map(fields: impl Iterator<Item = (String, JValue)>) -> JValue {
    JValue::Object(Rc::new(fields.collect::<JMap>()))
}

/// What leaves the engine; none if it is undefined or a function, which JSON cannot hold.
pub(super) fn leave(value: &JValue) -> Option<Data> {
    Some(match value {
        JValue::Null => Data::Null,
        JValue::Bool(value) => Data::Bool(*value),
        JValue::Number(value) => number(*value),
        JValue::String(text) => Data::from(&**text),
        JValue::Array(items) => with_stack(|| {
            let items = items.iter().filter(|item| !item.is_undefined());
            items.map(|item| leave(item).unwrap_or_default()).collect()
        }),
        JValue::Object(fields) => with_stack(|| {
            let mut object = Object::builder();
            for (key, value) in fields.iter() {
                if let Some(value) = leave(value) {
                    object.insert(key.as_str().into(), value);
                }
            }
            object.build().into()
        }),
        JValue::Undefined | JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => {
            return None;
        }
    })
}

/// A double as JSONata writes it: whole numbers without a fraction up to 10^21, and what is no JSON number as
/// its name (measured on AWS).
fn number(value: f64) -> Data {
    if !value.is_finite() {
        return Data::from(if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
    }
    if value.fract() == 0.0 && value.abs() < 1e21 {
        let digits = format!("{value:.0}");
        let digits = if digits == "-0" { "0" } else { &digits };
        return Number::parse(digits).map_or(Data::Null, Data::Number);
    }
    Number::float(value).map_or(Data::Null, Data::Number)
}
