//! Calls: of the built-in functions, of higher-order ones, and of the expression's own.

use jsonata_core::ast::{AstNode, BinaryOp};

use super::{Rewrite, input};
use crate::jsonata::function::Host;
use crate::jsonata::function::native::TAKES_PATTERN;
use crate::jsonata::function::signature::{BUILTINS, find, higher};

impl Rewrite {
    /// `lhs ~> rhs`: a call on the right gets the left side as its first argument.
    pub(super) fn chain(&mut self, lhs: AstNode, rhs: AstNode) -> AstNode {
        let mut lhs = self.node(lhs);
        let mut counted = false;
        let rhs = match rhs {
            AstNode::Function {
                name,
                args,
                is_builtin: true,
            } => self.chained(&mut lhs, name, args, &mut counted),
            AstNode::Path { mut steps } if steps.len() == 1 => {
                let stages = std::mem::take(&mut steps[0].stages);
                steps[0].stages = self.filters(stages);
                let node = std::mem::replace(&mut steps[0].node, AstNode::Null);
                steps[0].node = match node {
                    AstNode::Function {
                        name,
                        args,
                        is_builtin: true,
                    } => self.chained(&mut lhs, name, args, &mut counted),
                    other => self.node(other),
                };
                AstNode::Path { steps }
            }
            other => self.node(other),
        };
        let chain = AstNode::Binary {
            op: BinaryOp::ChainPipe,
            lhs: Box::new(lhs),
            rhs: Box::new(rhs),
        };
        if counted {
            return self.call(Host::Keep, vec![chain]);
        }
        chain
    }

    pub(super) fn chained(
        &mut self,
        lhs: &mut AstNode,
        name: String,
        args: Vec<AstNode>,
        counted: &mut bool,
    ) -> AstNode {
        let partial = args.iter().any(|arg| matches!(arg, AstNode::Placeholder));
        if partial || self.scopes.holds(&name) {
            return self.function(name, args, true);
        }
        if let Some(index) = find(&name) {
            let args = self.given(&name, args);
            return self.call(Host::Function(index), args);
        }
        if let Some(known) = higher(&name) {
            *counted = true;
            let left = std::mem::replace(lhs, AstNode::Null);
            *lhs = self.call(Host::Probe(known), vec![left]);
            let args = self.all(args);
            return AstNode::Function {
                name,
                args,
                is_builtin: true,
            };
        }
        self.function(name, args, true)
    }

    /// The arguments of a built-in function: where it wants a pattern, a literal stays one.
    fn given(&mut self, name: &str, args: Vec<AstNode>) -> Vec<AstNode> {
        let takes_pattern = TAKES_PATTERN.contains(&name);
        let each = args.into_iter().map(|arg| match arg {
            regex @ AstNode::Regex { .. } if takes_pattern => regex,
            other => self.node(other),
        });
        each.collect()
    }

    pub(super) fn function(
        &mut self,
        name: String,
        args: Vec<AstNode>,
        is_builtin: bool,
    ) -> AstNode {
        let own = !is_builtin || self.scopes.holds(&name);
        if own {
            let mut args = self.kept_all(args);
            let name = if is_builtin { Self::local(name) } else { name };
            if self.explain
                && let Some(first) = args.first_mut()
                && !matches!(first, AstNode::Placeholder)
            {
                let value = std::mem::replace(first, AstNode::Null);
                *first = self.call(Host::Called(name.trim_end().into()), vec![value]);
            }
            return AstNode::Function {
                name,
                args,
                is_builtin,
            };
        }
        let partial = args.iter().any(|arg| matches!(arg, AstNode::Placeholder));
        let mut args = self.given(&name, args);
        if name == "eval" {
            return self.call(Host::Missing, args);
        }
        if let Some(index) = find(&name) {
            if partial || args.len() >= BUILTINS[index].arity {
                return self.call(Host::Function(index), args);
            }
            args.insert(0, input());
            return self.call(Host::InContext(index), args);
        }
        match higher(&name) {
            Some(known) if !partial => {
                if let Some(first) = args.first_mut() {
                    let value = std::mem::replace(first, AstNode::Null);
                    // A function alone stands in the first place where the context is the other argument.
                    *first = match value {
                        function @ (AstNode::Lambda { .. } | AstNode::Variable(_)) => function,
                        value => self.call(Host::Probe(known), vec![value]),
                    };
                }
                let call = AstNode::Function {
                    name,
                    args,
                    is_builtin,
                };
                self.call(Host::Made(known), vec![call])
            }
            _ => AstNode::Function {
                name,
                args,
                is_builtin,
            },
        }
    }
}
