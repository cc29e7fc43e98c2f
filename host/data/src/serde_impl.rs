//! [`Data`] in other formats, for those who store it or hand it to a library.

use std::fmt;

use ecow::EcoString;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::number::Number;
use crate::object::Object;
use crate::value::Data;

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Data::Null => serializer.serialize_unit(),
            Data::Bool(value) => serializer.serialize_bool(*value),
            Data::Number(Number::Int(value)) => serializer.serialize_i64(*value),
            Data::Number(number) => serializer.serialize_f64(number.as_f64()),
            Data::String(text) => serializer.serialize_str(text),
            Data::Array(array) => {
                let mut seq = serializer.serialize_seq(Some(array.len()))?;
                for item in array.items() {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Data::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value) in object.iter() {
                    map.serialize_entry(key.as_str(), value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Data, E> {
        Ok(Data::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Data, E> {
        Ok(Data::from(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Data, E> {
        let number = Number::parse(&value.to_string());
        number
            .map(Data::Number)
            .ok_or_else(|| E::custom("not a number"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Data, E> {
        let number = Number::float(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(Data::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Data, E> {
        Ok(Data::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Data, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Data::from(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
        let mut builder = Object::builder();
        while let Some((key, value)) = map.next_entry::<EcoString, Data>()? {
            builder.insert(key, value);
        }
        Ok(Data::Object(builder.build()))
    }
}
