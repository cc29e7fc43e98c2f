//! Puts counted places into a syntax tree.
//!
//! The engine has no bound on what a function or an operator makes. So each place where values grow becomes a
//! call of a function of ours: the built-in functions, `&`, `..`, the steps of paths, and whatever is kept (in
//! a variable, an array, an object, as the result of a function). Names of ours begin with a character that no
//! name in an expression can hold.

mod call;
mod keep;
mod path;

use std::collections::HashSet;

use jsonata_core::ast::{AstNode, BinaryOp, UnaryOp};
use jsonata_core::value::with_stack;

use super::function::signature::{find, is_function};
use super::function::{Host, pattern};
use super::scope::{Scopes, functions_of};

/// A tree with counted places, and the functions that it calls.
pub(super) struct Rewrite {
    pub(super) used: Vec<(String, Host)>,
    known: HashSet<String>,
    scopes: Scopes,
    /// Whether operators that can fail become functions too, which know the values to name.
    explain: bool,
}

/// Counts every call and keeps every value within bounds.
pub(super) fn rewrite(ast: AstNode, explain: bool) -> (AstNode, Vec<(String, Host)>) {
    let mut rewrite = Rewrite {
        used: Vec::new(),
        known: HashSet::new(),
        scopes: Scopes::default(),
        explain,
    };
    let ast = rewrite.node(ast);
    (ast, rewrite.used)
}

fn input() -> AstNode {
    AstNode::Variable(String::new())
}

impl Rewrite {
    fn call(&mut self, host: Host, args: Vec<AstNode>) -> AstNode {
        let name = host.name();
        if self.known.insert(name.clone()) {
            self.used.push((name.clone(), host));
        }
        AstNode::Function {
            name,
            args,
            is_builtin: true,
        }
    }

    /// A variable of the expression's own that is called like a function is renamed, so that the two never mix.
    fn local(name: String) -> String {
        if is_function(&name) || name == "eval" {
            format!("{name} ")
        } else {
            name
        }
    }

    fn node(&mut self, node: AstNode) -> AstNode {
        with_stack(|| self.walk(node))
    }

    fn all(&mut self, nodes: Vec<AstNode>) -> Vec<AstNode> {
        nodes.into_iter().map(|node| self.node(node)).collect()
    }

    fn boxed(&mut self, mut node: Box<AstNode>) -> Box<AstNode> {
        let inner = std::mem::replace(&mut *node, AstNode::Null);
        *node = self.node(inner);
        node
    }

    fn walk(&mut self, node: AstNode) -> AstNode {
        match node {
            AstNode::Variable(name) => self.variable(name),
            AstNode::Path { steps } => self.path(steps, true),
            AstNode::Binary { op, lhs, rhs } => self.binary(op, *lhs, *rhs),
            AstNode::Unary { op, operand } => {
                let operand = self.boxed(operand);
                if self.explain && op == UnaryOp::Negate {
                    return self.call(Host::Negate, vec![*operand]);
                }
                AstNode::Unary { op, operand }
            }
            AstNode::Function {
                name,
                args,
                is_builtin,
            } => self.function(name, args, is_builtin),
            AstNode::Call { procedure, args } => AstNode::Call {
                procedure: self.boxed(procedure),
                args: self.kept_all(args),
            },
            AstNode::Lambda {
                params,
                body,
                signature,
                thunk,
            } => {
                self.scopes.enter(params.clone());
                let body = self.kept(*body);
                self.scopes.leave();
                let tick = self.call(Host::Tick, Vec::new());
                AstNode::Lambda {
                    params: params.into_iter().map(Self::local).collect(),
                    body: Box::new(AstNode::Block(vec![tick, body])),
                    signature,
                    thunk,
                }
            }
            AstNode::Array(items) => AstNode::Array(self.items(items)),
            AstNode::ArrayGroup(items) => AstNode::ArrayGroup(self.items(items)),
            AstNode::Object(pairs) => AstNode::Object(self.pairs(pairs, false)),
            AstNode::ObjectTransform { input, pattern } => {
                let input = self.raw(*input);
                let pattern = self.pairs(pattern, false);
                let node = AstNode::ObjectTransform {
                    input: Box::new(input),
                    pattern,
                };
                self.framed(node)
            }
            AstNode::Block(nodes) => {
                self.scopes.enter(functions_of(&nodes));
                let nodes = self.all(nodes);
                self.scopes.leave();
                AstNode::Block(nodes)
            }
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => AstNode::Conditional {
                condition: self.boxed(condition),
                then_branch: self.boxed(then_branch),
                else_branch: else_branch.map(|node| self.boxed(node)),
            },
            AstNode::FunctionApplication(inner) => AstNode::FunctionApplication(self.boxed(inner)),
            AstNode::Sort { input, terms } => {
                let node = self.sort(*input, terms);
                self.framed(node)
            }
            AstNode::Transform {
                location,
                update,
                delete,
            } => {
                let update = self.kept(*update);
                let update = Box::new(self.call(Host::Update, vec![update]));
                let delete = delete.map(|delete| {
                    let delete = self.node(*delete);
                    Box::new(self.call(Host::Delete, vec![delete]))
                });
                let location = self.node(*location);
                let location = self.call(Host::Targets, vec![input(), location]);
                AstNode::Transform {
                    location: Box::new(location),
                    update,
                    delete,
                }
            }
            regex @ AstNode::Regex { .. } => {
                let check = self.call(Host::Seek, pattern::check(&regex));
                pattern::function(check, regex)
            }
            AstNode::Descendant => self.call(Host::Descend, vec![input()]),
            leaf @ (AstNode::String(_)
            | AstNode::Name(_)
            | AstNode::Number(_)
            | AstNode::Boolean(_)
            | AstNode::Null
            | AstNode::Undefined
            | AstNode::Placeholder
            | AstNode::ParentVariable(_)
            | AstNode::Wildcard
            | AstNode::Parent(_)) => leaf,
        }
    }

    fn variable(&mut self, name: String) -> AstNode {
        if name.is_empty() {
            return AstNode::Variable(name);
        }
        if self.scopes.holds(&name) {
            return AstNode::Variable(Self::local(name));
        }
        if name == "eval" {
            return AstNode::Undefined;
        }
        match find(&name) {
            Some(index) => {
                let host = Host::ByValue(index);
                let name = host.name();
                self.call(host, Vec::new());
                AstNode::Variable(name)
            }
            None => AstNode::Variable(name),
        }
    }

    fn binary(&mut self, op: BinaryOp, lhs: AstNode, rhs: AstNode) -> AstNode {
        match op {
            BinaryOp::ColonEqual => self.binding(lhs, rhs),
            BinaryOp::Concatenate => {
                let (lhs, rhs) = (self.node(lhs), self.node(rhs));
                self.call(Host::Concatenate, vec![lhs, rhs])
            }
            BinaryOp::Range => {
                let (lhs, rhs) = (self.node(lhs), self.node(rhs));
                self.call(Host::Range, vec![lhs, rhs])
            }
            BinaryOp::ChainPipe => self.chain(lhs, rhs),
            BinaryOp::LessThan
            | BinaryOp::LessThanOrEqual
            | BinaryOp::GreaterThan
            | BinaryOp::GreaterThanOrEqual
                if self.explain =>
            {
                let (lhs, rhs) = (self.node(lhs), self.node(rhs));
                self.call(Host::Compare(op), vec![lhs, rhs])
            }
            _ => AstNode::Binary {
                op,
                lhs: Box::new(self.node(lhs)),
                rhs: Box::new(self.node(rhs)),
            },
        }
    }

    fn binding(&mut self, lhs: AstNode, rhs: AstNode) -> AstNode {
        let AstNode::Variable(name) = lhs else {
            return AstNode::Binary {
                op: BinaryOp::ColonEqual,
                lhs: Box::new(lhs),
                rhs: Box::new(self.node(rhs)),
            };
        };
        let is_lambda = matches!(rhs, AstNode::Lambda { .. });
        if is_lambda {
            self.scopes.bind(&name);
        }
        // The engine lets a function know its own name only where it is bound as it is written.
        let rhs = if is_lambda {
            self.node(rhs)
        } else {
            self.kept(rhs)
        };
        if !is_lambda {
            self.scopes.bind(&name);
        }
        AstNode::Binary {
            op: BinaryOp::ColonEqual,
            lhs: Box::new(AstNode::Variable(Self::local(name))),
            rhs: Box::new(rhs),
        }
    }
}
