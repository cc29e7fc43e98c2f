//! How a Java program prints a value: AWS's texts show it.

use std::fmt::Write;

use data::Data;

/// The class through which AWS's JsonPath library reads JSON.
pub(crate) const JSON_PROVIDER: &str = "com.jayway.jsonpath.spi.json.JacksonJsonProvider";

/// What `String.valueOf` gives for a parsed JSON value: `{a=b, c=[1, 2]}`.
pub(crate) fn print(data: &Data, out: &mut String) {
    match data {
        Data::String(text) => out.push_str(text),
        Data::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                print(item, out);
            }
            out.push(']');
        }
        Data::Object(object) => {
            out.push('{');
            for (at, (key, value)) in object.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(key);
                out.push('=');
                print(value, out);
            }
            out.push('}');
        }
        Data::Null => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => {
            write!(out, "{number}").expect("writing into a String cannot fail");
        }
    }
}

/// [`print`] into a string of its own.
pub(crate) fn text(data: &Data) -> String {
    let mut out = String::new();
    print(data, &mut out);
    out
}

/// The class of a parsed JSON value.
pub(crate) fn class_name(data: &Data) -> &'static str {
    use data::Number;
    match data {
        Data::Null => "null",
        Data::Bool(_) => "java.lang.Boolean",
        Data::Number(Number::Int(value)) if i32::try_from(*value).is_ok() => "java.lang.Integer",
        Data::Number(Number::Int(_)) => "java.lang.Long",
        Data::Number(Number::Float(_)) => "java.lang.Double",
        Data::Number(Number::Big(_)) => "java.math.BigInteger",
        Data::String(_) => "java.lang.String",
        Data::Array(_) => "java.util.ArrayList",
        Data::Object(_) => "java.util.LinkedHashMap",
    }
}

/// The length of a string as Java counts it: in UTF-16 units.
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The linear congruential generator of Java's standard library.
pub(crate) struct Random(u64);

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

impl Random {
    pub(crate) fn new(seed: i64) -> Random {
        Random((seed as u64 ^ MULTIPLIER) & MASK)
    }

    fn bits(&mut self, count: u32) -> i64 {
        self.0 = (self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xB)) & MASK;
        (self.0 >> (48 - count)) as i64
    }

    /// A number in [0, 1).
    pub(crate) fn double(&mut self) -> f64 {
        let bits = (self.bits(26) << 27) + self.bits(27);
        bits as f64 / (1_u64 << 53) as f64
    }

    /// An integer in [0, width).
    pub(crate) fn below(&mut self, width: u32) -> i64 {
        let width = i64::from(width);
        if width & (width - 1) == 0 {
            return (width * self.bits(31)) >> 31;
        }
        loop {
            let bits = self.bits(31);
            let value = bits % width;
            if bits - value + (width - 1) <= i64::from(i32::MAX) || width > i64::from(i32::MAX) {
                return value;
            }
        }
    }
}
