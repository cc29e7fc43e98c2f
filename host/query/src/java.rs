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
