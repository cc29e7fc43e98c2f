//! Values on their way into the engine and out of it.

use std::collections::HashMap;
use std::rc::Rc;

use data::{Data, Number, Object};
use jsonata_core::value::{JMap, JValue, with_stack};

use super::reads::Need;

/// From here on a double does not tell whole numbers apart.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// The whole numbers that came in and are longer than a double, by the bits of the double that stands for them;
/// none where two have the same.
///
/// AWS hands all digits through, up to those of a long. A double that comes out of an expression that does not
/// count is the one that came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Exact(HashMap<u64, Option<Number>>);

impl Exact {
    fn enter(&mut self, number: &Number) -> f64 {
        let value = number.as_f64();
        if value.abs() >= EXACT {
            let whole = number.as_i64().map(|_| number.clone());
            let known = self
                .0
                .entry(value.to_bits())
                .or_insert_with(|| whole.clone());
            if *known != whole {
                *known = None;
            }
        }
        value
    }

    fn leave(&self, value: f64) -> Option<Data> {
        if value.abs() < EXACT {
            return None;
        }
        self.0.get(&value.to_bits())?.clone().map(Data::Number)
    }
}

/// The whole value. Numbers become doubles, as they are in JSONata.
pub(super) fn enter(data: &Data, exact: &mut Exact) -> JValue {
    match data {
        Data::Null => JValue::Null,
        Data::Bool(value) => JValue::Bool(*value),
        Data::Number(number) => JValue::Number(exact.enter(number)),
        Data::String(text) => JValue::string(text.as_ref()),
        Data::Array(items) => JValue::array(items.iter().map(|item| enter(item, exact)).collect()),
        Data::Object(object) => {
            let fields = object
                .iter()
                .map(|(key, value)| (key.to_string(), enter(value, exact)));
            map(fields)
        }
    }
}

/// Of the value what is needed: fields that no path of the expression leads to are left out, in the items of
/// arrays too.
pub(super) fn enter_needed(data: &Data, need: &Need, exact: &mut Exact) -> JValue {
    match (need, data) {
        (Need::All, _) => enter(data, exact),
        (Need::Fields(fields), Data::Object(object)) => {
            let held = fields.iter().filter_map(|(key, need)| {
                Some((key.to_string(), enter_needed(object.get(key)?, need, exact)))
            });
            map(held)
        }
        (Need::Fields(_), Data::Array(items)) => JValue::array(
            items
                .iter()
                .map(|item| enter_needed(item, need, exact))
                .collect(),
        ),
        (Need::Fields(_), _) => enter(data, exact),
    }
}

pub(super) fn map(fields: impl Iterator<Item = (String, JValue)>) -> JValue {
    JValue::Object(Rc::new(fields.collect::<JMap>()))
}

/// What leaves the engine; none if it is undefined or a function, which JSON cannot hold.
pub(super) fn leave(value: &JValue, exact: &Exact) -> Option<Data> {
    Some(match value {
        JValue::Null => Data::Null,
        JValue::Bool(value) => Data::Bool(*value),
        JValue::Number(value) => exact.leave(*value).unwrap_or_else(|| number(*value)),
        JValue::String(text) => Data::from(&**text),
        JValue::Array(items) => with_stack(|| {
            let items = items.iter().filter(|item| !item.is_undefined());
            items
                .map(|item| leave(item, exact).unwrap_or_default())
                .collect()
        }),
        JValue::Object(fields) => with_stack(|| {
            let mut object = Object::builder();
            for (key, value) in fields.iter() {
                if let Some(value) = leave(value, exact) {
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
