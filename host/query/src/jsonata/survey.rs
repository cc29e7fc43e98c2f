//! A walk over a syntax tree that finds what it reads and what of it AWS does not take.

use data::EcoString;
use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::value::with_stack;

use super::convert::EXACT;
use super::function::signature::is_function;
use super::reads::{Direct, Reads};
use super::scope::{Scopes, functions_of};

/// A reference that AWS refuses: its name, and whether it is refused at the top level alone.
pub(super) type Refused = (String, bool);

/// The most references that are named: AWS's list of diagnostics ends at as many.
const MAX_REFUSED: usize = 100;

/// The functions that may give long numbers which they were not given.
const COUNTING: [&str; 11] = [
    "abs",
    "average",
    "ceil",
    "floor",
    "number",
    "parseInteger",
    "power",
    "range",
    "round",
    "sqrt",
    "sum",
];

/// What a walk found.
pub(super) struct Survey {
    pub(super) reads: Reads,
    pub(super) refused: Vec<Refused>,
    /// Whether a value is given to something that is not a variable.
    pub(super) misplaced: bool,
    /// Whether it may make a number that is longer than a double and did not come in.
    pub(super) counting: bool,
    scopes: Scopes,
}

/// What a name without `$` and `$` itself mean at a place.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    /// Nothing: there is no input.
    Top,
    /// The value at hand.
    Item,
}

impl Survey {
    pub(super) fn of(ast: &AstNode) -> Survey {
        let mut survey = Survey {
            reads: Reads::nothing(),
            refused: Vec::new(),
            misplaced: false,
            counting: false,
            scopes: Scopes::default(),
        };
        survey.node(ast, Context::Top);
        survey.reads.direct = direct(ast);
        survey
    }

    fn refuse(&mut self, name: &str, top: bool) {
        let refused = (name.to_owned(), top);
        if self.refused.len() < MAX_REFUSED && !self.refused.contains(&refused) {
            self.refused.push(refused);
        }
    }

    /// A variable hides the function of its name, so every name may be one; only a run tells.
    fn read(&mut self, name: &str, path: &[&str]) {
        self.counting |= COUNTING.contains(&name);
        if !self.scopes.holds(name) && name != "eval" {
            self.reads.add(name, path);
        }
    }

    fn all<'n>(&mut self, nodes: impl IntoIterator<Item = &'n AstNode>, context: Context) {
        for node in nodes {
            self.node(node, context);
        }
    }

    fn node(&mut self, node: &AstNode, context: Context) {
        with_stack(|| self.walk(node, context));
    }

    fn walk(&mut self, node: &AstNode, context: Context) {
        match node {
            AstNode::Variable(name) if name.is_empty() => {
                if context == Context::Top {
                    self.refuse("$", true);
                }
            }
            AstNode::Variable(name) => self.read(name, &[]),
            AstNode::ParentVariable(_) => self.refuse("$$", false),
            AstNode::Path { steps } => self.path(steps, context),
            AstNode::Binary { op, lhs, rhs } => self.binary(*op, lhs, rhs, context),
            AstNode::Unary { operand, .. } => {
                self.counting = true;
                self.node(operand, context);
            }
            AstNode::Function {
                name,
                args,
                is_builtin,
            } => {
                self.counting |= COUNTING.contains(&name.as_str());
                if *is_builtin && !is_function(name) {
                    self.read(name, &[]);
                }
                self.all(args, context);
            }
            AstNode::Call { procedure, args } => {
                self.node(procedure, context);
                self.all(args, context);
            }
            AstNode::Lambda { params, body, .. } => {
                self.scopes.enter(params.clone());
                self.node(body, Context::Item);
                self.scopes.leave();
            }
            AstNode::Array(items) | AstNode::ArrayGroup(items) => self.all(items, context),
            AstNode::Object(pairs) => self.pairs(pairs, context),
            AstNode::ObjectTransform { input, pattern } => {
                self.node(input, context);
                self.pairs(pattern, Context::Item);
            }
            AstNode::Block(nodes) => {
                self.scopes.enter(functions_of(nodes));
                self.all(nodes, context);
                self.scopes.leave();
            }
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => {
                self.node(condition, context);
                self.node(then_branch, context);
                self.all(else_branch.as_deref(), context);
            }
            AstNode::FunctionApplication(inner) => self.node(inner, context),
            AstNode::Sort { input, terms } => {
                self.node(input, context);
                self.all(terms.iter().map(|(term, _)| term), Context::Item);
            }
            AstNode::Transform {
                location,
                update,
                delete,
            } => {
                self.node(location, Context::Item);
                self.node(update, Context::Item);
                self.all(delete.as_deref(), Context::Item);
            }
            AstNode::Name(name) => {
                if context == Context::Top {
                    self.refuse(name, true);
                }
            }
            AstNode::Number(number) => self.counting |= number.abs() >= EXACT,
            AstNode::String(_)
            | AstNode::Boolean(_)
            | AstNode::Null
            | AstNode::Undefined
            | AstNode::Placeholder
            | AstNode::Regex { .. }
            | AstNode::Wildcard
            | AstNode::Descendant
            | AstNode::Parent(_) => {}
        }
    }

    fn pairs(&mut self, pairs: &[(AstNode, AstNode)], context: Context) {
        for (key, value) in pairs {
            self.node(key, context);
            self.node(value, context);
        }
    }

    fn binary(&mut self, op: BinaryOp, lhs: &AstNode, rhs: &AstNode, context: Context) {
        let (BinaryOp::ColonEqual, AstNode::Variable(name)) = (op, lhs) else {
            self.misplaced |= op == BinaryOp::ColonEqual;
            self.counting |= matches!(
                op,
                BinaryOp::Add
                    | BinaryOp::Subtract
                    | BinaryOp::Multiply
                    | BinaryOp::Divide
                    | BinaryOp::Modulo
                    | BinaryOp::Range
            );
            self.node(lhs, context);
            self.node(rhs, context);
            return;
        };
        if matches!(rhs, AstNode::Lambda { .. }) {
            self.scopes.bind(name);
            self.node(rhs, context);
        } else {
            self.node(rhs, context);
            self.scopes.bind(name);
        }
    }

    fn path(&mut self, steps: &[PathStep], context: Context) {
        self.scopes.enter(Vec::new());
        let mut rest = steps;
        if let Some((variable, fields, taken)) = fields_of(steps) {
            self.read(variable, &fields);
            for step in &steps[..taken] {
                self.stages(step);
            }
            rest = &steps[taken..];
        }
        for (at, step) in rest.iter().enumerate() {
            let first = at == 0 && rest.len() == steps.len();
            self.node(&step.node, if first { context } else { Context::Item });
            self.stages(step);
        }
        self.scopes.leave();
    }

    fn stages(&mut self, step: &PathStep) {
        for name in step.focus.iter().chain(&step.index_var) {
            self.scopes.bind(name);
        }
        for stage in &step.stages {
            match stage {
                Stage::Filter(predicate) => self.node(predicate, Context::Item),
                Stage::Index(name) => self.scopes.bind(name),
                Stage::KeepArray => {}
            }
        }
    }
}

fn is_plain(step: &PathStep) -> bool {
    step.focus.is_none()
        && step.index_var.is_none()
        && step.ancestor_label.is_none()
        && !step.is_tuple
}

/// The variable and the fields with which a path begins, and how many steps that is.
fn fields_of(steps: &[PathStep]) -> Option<(&str, Vec<&str>, usize)> {
    let (first, rest) = steps.split_first()?;
    let AstNode::Variable(variable) = &first.node else {
        return None;
    };
    // A parent step further on needs the values that the fields were taken from.
    if variable.is_empty() || !steps.iter().all(is_plain) {
        return None;
    }
    let mut fields = Vec::new();
    if first.stages.is_empty() {
        for step in rest {
            let AstNode::Name(name) = &step.node else {
                break;
            };
            fields.push(name.as_str());
            if !step.stages.is_empty() {
                break;
            }
        }
    }
    let taken = 1 + fields.len();
    Some((variable, fields, taken))
}

fn direct(ast: &AstNode) -> Option<Direct> {
    match ast {
        AstNode::Variable(name) if !name.is_empty() && name != "eval" => Some(Direct {
            variable: name.as_str().into(),
            fields: Vec::new(),
        }),
        AstNode::Path { steps } if steps.iter().all(|step| step.stages.is_empty()) => {
            let (variable, fields, taken) = fields_of(steps)?;
            (taken == steps.len()).then(|| Direct {
                variable: variable.into(),
                fields: fields.into_iter().map(EcoString::from).collect(),
            })
        }
        _ => None,
    }
}
