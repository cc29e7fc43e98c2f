//! Values that are kept, and the constructors that keep them.

use jsonata_core::ast::{AstNode, BinaryOp};

use super::Rewrite;
use crate::jsonata::function::Host;

/// Whether a node is a field of the value at hand, which is weighed already.
pub(super) fn is_field(node: &AstNode) -> bool {
    match node {
        AstNode::Name(_) => true,
        AstNode::Path { steps } => {
            matches!(steps.as_slice(), [step] if matches!(step.node, AstNode::Name(_)))
        }
        _ => false,
    }
}

/// Whether an array constructor keeps what this gives as one item, as it does with another constructor.
pub(super) fn is_constructor(node: &AstNode) -> bool {
    match node {
        AstNode::Array(_) => true,
        AstNode::Path { steps } => {
            matches!(steps.as_slice(), [step] if matches!(step.node, AstNode::Array(_)))
        }
        _ => false,
    }
}

impl Rewrite {
    /// A node whose value is kept.
    pub(super) fn kept(&mut self, node: AstNode) -> AstNode {
        let node = self.node(node);
        self.keep(node)
    }

    pub(super) fn keep(&mut self, node: AstNode) -> AstNode {
        match node {
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => AstNode::Conditional {
                condition,
                then_branch: Box::new(self.keep(*then_branch)),
                else_branch: else_branch.map(|node| Box::new(self.keep(*node))),
            },
            AstNode::Block(mut nodes) => {
                if let Some(last) = nodes.pop() {
                    let last = self.keep(last);
                    nodes.push(last);
                }
                AstNode::Block(nodes)
            }
            AstNode::String(_)
            | AstNode::Number(_)
            | AstNode::Boolean(_)
            | AstNode::Null
            | AstNode::Undefined
            | AstNode::Placeholder
            | AstNode::Regex { .. }
            | AstNode::Unary { .. }
            | AstNode::Call { .. } => node,
            AstNode::Variable(name) if name.is_empty() => AstNode::Variable(name),
            AstNode::Function { ref args, .. }
                if !args.iter().any(|arg| matches!(arg, AstNode::Placeholder)) =>
            {
                node
            }
            AstNode::Binary { op, .. }
                if !matches!(
                    op,
                    BinaryOp::ChainPipe | BinaryOp::Coalesce | BinaryOp::Default
                ) =>
            {
                node
            }
            _ => self.call(Host::Keep, vec![node]),
        }
    }

    pub(super) fn kept_all(&mut self, nodes: Vec<AstNode>) -> Vec<AstNode> {
        nodes.into_iter().map(|node| self.kept(node)).collect()
    }

    pub(super) fn items(&mut self, items: Vec<AstNode>) -> Vec<AstNode> {
        let each = items.into_iter().map(|item| {
            if !is_constructor(&item) {
                return self.item(item);
            }
            match item {
                AstNode::Path { steps } => self.path(steps, false),
                other => self.node(other),
            }
        });
        each.collect()
    }

    /// A part of an array: where it may be an array itself, its items are counted.
    pub(super) fn item(&mut self, item: AstNode) -> AstNode {
        let simple = matches!(
            item,
            AstNode::String(_)
                | AstNode::Number(_)
                | AstNode::Boolean(_)
                | AstNode::Null
                | AstNode::Object(_)
                | AstNode::Unary { .. }
        );
        if simple {
            return self.kept(item);
        }
        let item = self.node(item);
        self.call(Host::Item, vec![item])
    }

    pub(super) fn pairs(
        &mut self,
        pairs: Vec<(AstNode, AstNode)>,
        flow: bool,
    ) -> Vec<(AstNode, AstNode)> {
        let each = pairs.into_iter().map(|(key, value)| {
            let key = self.key(key);
            let value = self.node(value);
            let value = if flow {
                self.call(Host::FlowField, vec![value])
            } else {
                self.keep(value)
            };
            (key, value)
        });
        each.collect()
    }

    /// The name of a field: the engine copies it for each object that it makes.
    pub(super) fn key(&mut self, key: AstNode) -> AstNode {
        if is_field(&key) || matches!(key, AstNode::String(_)) {
            return self.node(key);
        }
        let key = self.node(key);
        self.call(Host::Label, vec![key])
    }
}
