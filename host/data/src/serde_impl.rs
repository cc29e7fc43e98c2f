//! [`Data`] inside of other things that are written as JSON.
//!
//! A value goes into the text as its own writer writes it and comes out of it as its own reader reads it: no digit of a
//! number is lost, and it may be as deep as any value. It works with `serde_json` alone.

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{self, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json;
use crate::value::Data;

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = RawValue::from_string(self.to_string()).map_err(ser::Error::custom)?;
        text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        json::parse_own(text.get()).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_out_of_a_text_as_it_went_in() {
        let deep = "[".repeat(999) + &"]".repeat(999);
        for text in [
            "123456789012345678901234567890",
            "1.0",
            "0.1",
            "1.0E7",
            r#"{"z":1,"a":[null,true,"\n"]}"#,
            "null",
            &deep,
        ] {
            let value = vec![Data::from(vec![Data::parse(text).expect(text); 2])];
            let written = serde_json::to_string(&value).expect(text);
            assert_eq!(written, format!("[[{text},{text}]]"));
            let read: Vec<Data> = serde_json::from_str(&written).expect(text);
            assert_eq!(read, value);
        }
    }
}
