//! JSONPaths and reference paths.
#![no_main]

mod common;

use common::{Around, document};
use data::Data;
use libfuzzer_sys::fuzz_target;
use query::{Path, ReferencePath, Scope};

fuzz_target!(|text: &str| {
    let input = document();
    let around = Around(input.clone());
    if let Ok(path) = Path::parse(text) {
        assert_eq!(path.as_str(), text);
        let scope = Scope {
            input: &input,
            outside: &around,
        };
        let _ = path.evaluate(&scope);
    }
    if let Ok(path) = ReferencePath::parse(text) {
        let _ = path.insert(&input, Data::from(1));
    }
});
