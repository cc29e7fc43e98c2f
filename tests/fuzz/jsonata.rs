//! JSONata expressions.
#![no_main]

mod common;

use common::{Around, document};
use libfuzzer_sys::fuzz_target;
use query::{Jsonata, States};

fuzz_target!(|text: &str| {
    let Ok(expression) = Jsonata::parse(text) else {
        return;
    };
    let input = document();
    let around = Around(input.clone());
    let _ = expression.evaluate(&States {
        input: &input,
        result: Some(&input),
        error_output: None,
        outside: &around,
    });
});
