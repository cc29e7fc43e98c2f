//! What the targets share.

use data::Data;
use query::Surroundings;

/// A document with a bit of everything.
pub const DOCUMENT: &str = r#"{"a":{"b":[1,2.5,-3,null,true,"x",[[]],{}],"c":"text"},"list":[{"k":1,"v":"one"},{"k":2,"v":"two"}],"n":9007199254740993,"s":"a,b;c","e":"","d":"2026-03-14T01:59:00Z"}"#;

/// Surroundings in which everything is known.
pub struct Around(pub Data);

impl Surroundings for Around {
    fn context(&self) -> Data {
        self.0.clone()
    }

    fn variable(&self, name: &str) -> Option<Data> {
        (name.len() < 3).then(|| self.0.clone())
    }

    fn random(&self) -> u64 {
        0x9e37_79b9_7f4a_7c15
    }

    fn uuid(&self) -> u128 {
        7
    }

    fn now(&self) -> i64 {
        1_773_453_540_000
    }
}

/// The document as a value.
pub fn document() -> Data {
    Data::parse(DOCUMENT).expect("a literal")
}
