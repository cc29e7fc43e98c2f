//! Intrinsic functions, nested and with paths as arguments.
#![no_main]

mod common;

use common::{Around, document};
use libfuzzer_sys::fuzz_target;
use query::{Expression, Scope};

fuzz_target!(|text: &str| {
    let Ok(expression) = Expression::parse(text) else {
        return;
    };
    let input = document();
    let around = Around(input.clone());
    let value = expression.evaluate(&Scope {
        input: &input,
        outside: &around,
    });
    if let Ok(value) = value {
        assert!(value.size() < 64 << 20, "a function makes too much");
    }
});
