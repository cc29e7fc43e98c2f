//! Pass states.

use data::{Node, Value};

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::place::Item;
use crate::program::Pass;

impl Compiler<'_> {
    pub fn pass(&mut self, state: &Item) -> Pass {
        let Some(result) = state.get("Result") else {
            return Pass { result: None };
        };
        if has_dollar_key(result.node) {
            let message =
                "'Result' is taken literally, its fields that end with '.$' too".to_owned();
            let hint = "to have paths evaluated, use `Parameters`";
            self.warning_head(&result, Code::PassResultIsStatic, message)
                .hint(hint);
        }
        Pass {
            result: Some(result.node.to_data()),
        }
    }
}

fn has_dollar_key(node: &Node) -> bool {
    match &node.value {
        Value::Array(items) => items.iter().any(has_dollar_key),
        Value::Object(entries) => entries
            .iter()
            .any(|(key, node)| key.name.ends_with(".$") || has_dollar_key(node)),
        _ => false,
    }
}
