//! Payload templates of both query languages.
#![no_main]

mod common;

use common::{Around, document};
use data::Node;
use libfuzzer_sys::fuzz_target;
use query::{JsonataTemplate, Scope, States, Template};

fuzz_target!(|text: &str| {
    let Ok(node) = Node::parse_json(text) else {
        return;
    };
    let input = document();
    let around = Around(input.clone());
    if let Ok(template) = Template::parse(&node) {
        let _ = template.evaluate(&Scope {
            input: &input,
            outside: &around,
        });
    }
    if let Ok(template) = JsonataTemplate::parse(&node) {
        let states = States {
            input: &input,
            result: Some(&input),
            error_output: None,
            outside: &around,
        };
        let _ = template.evaluate("Output", &states);
    }
});
