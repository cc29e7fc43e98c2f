//! Keys that stand twice in one object.

use std::collections::BTreeSet;

use crate::compiler::Compiler;
use crate::diagnostic::{Code, Severity};
use crate::place::Item;

impl Compiler<'_> {
    /// Warns of them everywhere; twice the same state is an error that `block` reports.
    pub fn check_duplicates(&mut self, item: &Item) {
        let entries = item.node.entries().unwrap_or(&[]);
        let mut seen = BTreeSet::new();
        for (key, node) in entries {
            let field = item.child(key, node);
            if !seen.insert(&key.name) && item.name() != "States" {
                let message = format!(
                    "The key '{}' stands twice here; its last value counts",
                    key.name
                );
                self.report(
                    Severity::Warning,
                    item,
                    key.span,
                    Code::DuplicateKey,
                    message,
                );
            }
            self.check_duplicates(&field);
        }
        for value in item.items() {
            self.check_duplicates(&value);
        }
    }
}
