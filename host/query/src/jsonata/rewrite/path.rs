//! Paths: what their steps give is counted together, since the engine gathers it before it looks.

use jsonata_core::ast::{AstNode, PathStep, Stage};
use jsonata_core::value::with_stack;

use super::Rewrite;
use super::keep::{is_constructor, is_field};
use crate::jsonata::function::Host;
use crate::jsonata::scope::functions_of;

/// Whether the engine makes an object of each item of a step, to hold what is bound to it.
fn is_tuple(step: &PathStep) -> bool {
    step.is_tuple
        || step.focus.is_some()
        || step.index_var.is_some()
        || step.ancestor_label.is_some()
        || step
            .stages
            .iter()
            .any(|stage| matches!(stage, Stage::Index(_)))
}

impl Rewrite {
    pub(super) fn sort(&mut self, input: AstNode, terms: Vec<(AstNode, bool)>) -> AstNode {
        let input = Box::new(self.raw(input));
        let terms = terms.into_iter().map(|(term, up)| (self.term(term), up));
        AstNode::Sort {
            input,
            terms: terms.collect(),
        }
    }

    /// What items are ordered by; the engine looks whether it is a field of theirs.
    fn term(&mut self, term: AstNode) -> AstNode {
        if is_field(&term) {
            return self.node(term);
        }
        let term = self.node(term);
        self.call(Host::Key, vec![term])
    }

    /// A path, sort or group that is part of another: the engine looks at what it is.
    pub(super) fn raw(&mut self, node: AstNode) -> AstNode {
        match node {
            AstNode::Path { steps } => with_stack(|| self.path(steps, false)),
            AstNode::Sort { input, terms } => with_stack(|| self.sort(*input, terms)),
            AstNode::ObjectTransform { input, pattern } => with_stack(|| {
                let input = Box::new(self.raw(*input));
                let pattern = self.pairs(pattern, false);
                AstNode::ObjectTransform { input, pattern }
            }),
            AstNode::Block(mut nodes) => {
                self.scopes.enter(functions_of(&nodes));
                let last = nodes.pop();
                let mut nodes = self.all(nodes);
                nodes.extend(last.map(|node| self.raw(node)));
                self.scopes.leave();
                AstNode::Block(nodes)
            }
            AstNode::FunctionApplication(inner) => {
                AstNode::FunctionApplication(Box::new(self.raw(*inner)))
            }
            other => self.node(other),
        }
    }

    /// A path whose steps are counted together.
    pub(super) fn framed(&mut self, node: AstNode) -> AstNode {
        let begin = self.call(Host::Begin, Vec::new());
        self.call(Host::End, vec![begin, node])
    }

    pub(super) fn path(&mut self, steps: Vec<PathStep>, whole: bool) -> AstNode {
        let tuples = steps.iter().any(is_tuple);
        let counted = tuples
            || steps
                .iter()
                .skip(1)
                .any(|step| !matches!(step.node, AstNode::Name(_)));
        self.scopes.enter(Vec::new());
        let steps: Vec<PathStep> = steps
            .into_iter()
            .enumerate()
            .map(|(at, step)| self.one_step(step, at, counted, tuples))
            .collect();
        self.scopes.leave();
        let path = AstNode::Path { steps };
        if counted && whole {
            return self.framed(path);
        }
        path
    }

    pub(super) fn one_step(
        &mut self,
        mut step: PathStep,
        at: usize,
        counted: bool,
        tuples: bool,
    ) -> PathStep {
        let raw = tuples || step.inner_tuple;
        step.node = match step.node {
            AstNode::Name(name) if tuples && at > 0 => {
                let field = AstNode::Path {
                    steps: vec![PathStep::new(AstNode::Name(name))],
                };
                self.call(Host::FlowBound, vec![field])
            }
            AstNode::Name(name) => AstNode::Name(name),
            AstNode::Variable(name) if name.is_empty() => AstNode::Variable(name),
            node @ (AstNode::Variable(_) | AstNode::Function { .. } | AstNode::Call { .. })
                if tuples && at > 0 =>
            {
                let node = self.node(node);
                self.call(Host::FlowBound, vec![node])
            }
            AstNode::Array(items) if counted && at > 0 => {
                let items = items.into_iter().map(|item| {
                    let item = self.node(item);
                    if is_constructor(&item) {
                        item
                    } else {
                        self.flow(item)
                    }
                });
                AstNode::Array(items.collect())
            }
            AstNode::Sort { input, terms } => self.sort(*input, terms),
            AstNode::Object(pairs) => AstNode::Object(self.pairs(pairs, counted)),
            AstNode::Array(items) => AstNode::Array(self.items(items)),
            AstNode::ArrayGroup(items) => AstNode::ArrayGroup(self.items(items)),
            AstNode::Path { steps } => self.path(steps, false),
            node if raw => self.raw(node),
            AstNode::FunctionApplication(inner) if counted => {
                let inner = self.node(*inner);
                let inner = self.flow(inner);
                AstNode::FunctionApplication(Box::new(inner))
            }
            node if at > 0 && counted => {
                let node = self.node(node);
                self.flow_step(node)
            }
            node => self.raw(node),
        };
        for name in step.focus.iter().chain(&step.index_var) {
            self.scopes.bind(name);
        }
        step.stages = self.filters(step.stages);
        step
    }

    pub(super) fn filters(&mut self, stages: Vec<Stage>) -> Vec<Stage> {
        let each = stages.into_iter().map(|stage| match stage {
            Stage::Filter(predicate) => Stage::Filter(self.boxed(predicate)),
            Stage::Index(name) => {
                self.scopes.bind(&name);
                Stage::Index(name)
            }
            Stage::KeepArray => Stage::KeepArray,
        });
        each.collect()
    }

    /// A value that the engine gathers with those of the other items of a path.
    pub(super) fn flow(&mut self, node: AstNode) -> AstNode {
        self.call(Host::Flow, vec![node])
    }

    pub(super) fn flow_step(&mut self, node: AstNode) -> AstNode {
        match node {
            AstNode::Wildcard
            | AstNode::Parent(_)
            | AstNode::ParentVariable(_)
            | AstNode::String(_)
            | AstNode::Regex { .. }
            | AstNode::Lambda { .. }
            | AstNode::Transform { .. } => node,
            other => self.flow(other),
        }
    }
}
