//! Which variables are in scope at a place of an expression.

use std::collections::HashMap;

use jsonata_core::ast::{AstNode, BinaryOp};

/// The variables bound around a place, a list for each block, function or path.
#[derive(Default)]
pub(super) struct Scopes {
    lists: Vec<Vec<String>>,
    /// How often each name is bound.
    bound: HashMap<String, usize>,
}

impl Scopes {
    pub(super) fn enter(&mut self, names: Vec<String>) {
        for name in &names {
            self.count(name);
        }
        self.lists.push(names);
    }

    pub(super) fn leave(&mut self) {
        for name in self.lists.pop().into_iter().flatten() {
            if let Some(times) = self.bound.get_mut(&name) {
                *times -= 1;
            }
        }
    }

    pub(super) fn bind(&mut self, name: &str) {
        if self.lists.is_empty() {
            self.lists.push(Vec::new());
        }
        if let Some(last) = self.lists.last_mut() {
            last.push(name.to_owned());
        }
        self.count(name);
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.bound.get(name).is_some_and(|times| *times > 0)
    }

    fn count(&mut self, name: &str) {
        match self.bound.get_mut(name) {
            Some(times) => *times += 1,
            None => drop(self.bound.insert(name.to_owned(), 1)),
        }
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
