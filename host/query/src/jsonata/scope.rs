//! Which variables are in scope at a place of an expression.

use jsonata_core::ast::{AstNode, BinaryOp};

/// The variables bound around a place, a list for each block, function or path.
#[derive(Default)]
pub(super) struct Scopes(Vec<Vec<String>>);

impl Scopes {
    pub(super) fn enter(&mut self, names: Vec<String>) {
        self.0.push(names);
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    pub(super) fn bind(&mut self, name: &str) {
        if self.0.is_empty() {
            self.0.push(Vec::new());
        }
        if let Some(last) = self.0.last_mut() {
            last.push(name.to_owned());
        }
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.0.iter().flatten().any(|bound| bound == name)
    }
}

/// The functions that the expressions of a block define: each may name the others, whichever comes first.
pub(super) fn functions_of(block: &[AstNode]) -> Vec<String> {
    let defined = block.iter().filter_map(|node| match node {
        AstNode::Binary {
            op: BinaryOp::ColonEqual,
            lhs,
            rhs,
        } => match (&**lhs, &**rhs) {
            (AstNode::Variable(name), AstNode::Lambda { .. }) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    });
    defined.collect()
}
