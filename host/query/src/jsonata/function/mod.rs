//! The functions that a rewritten expression calls: the built-in ones within bounds, those of AWS's own, and
//! the counted places.

pub(super) mod native;
mod operator;
mod own;
pub(super) mod pattern;
mod picture;
pub(super) mod signature;
mod text;
mod transform;
mod url;

use std::rc::Rc;

use jsonata_core::ast::BinaryOp;
use jsonata_core::evaluator::{Evaluator, EvaluatorError, HostCtx, HostFn, HostFnResult};
use jsonata_core::value::JValue;

use super::budget::Run;
use super::message::Thrown;
use signature::BUILTINS;

/// What an object weighs for each of its fields, besides the value.
const FIELD: usize = 200;
/// What the object weighs that holds an item and what is bound to it.
const BINDING: usize = 400;

/// A function of ours.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Host {
    /// A built-in function, by its place among them.
    Function(usize),
    /// The same, whose first argument is the context.
    InContext(usize),
    /// The same as a value, which is handed more arguments than it has parameters.
    ByValue(usize),
    /// What AWS does not have.
    Missing,
    /// Hands its argument through and weighs it.
    Keep,
    /// Says which higher-order function will be called with its argument.
    Probe(&'static str),
    /// Weighs what a higher-order function gave.
    Made(&'static str),
    /// Says which function of the expression's own will be called.
    Called(String),
    /// Counts a call.
    Tick,
    /// A path begins.
    Begin,
    /// A path ends.
    End,
    /// A step of a path gave a value.
    Flow,
    /// The same where the engine makes an object of each item, to hold what is bound to it.
    FlowBound,
    /// The same for a field of an object that a step makes.
    FlowField,
    /// `**`
    Descend,
    /// `&`
    Concatenate,
    /// `..`
    Range,
    /// What a transform changes.
    Targets,
    /// What a transform puts into an object.
    Update,
    /// What it takes out.
    Delete,
    /// `<` and its like, with messages that name the values.
    Compare(BinaryOp),
    /// `-x`, likewise.
    Negate,
    /// A regular expression will be called as a function.
    Seek,
    /// Weighs a part of an array constructor: the engine copies its items.
    Item,
    /// Weighs what items are ordered by: the engine compares it many times.
    Key,
    /// Weighs the name of a field.
    Label,
}

impl Host {
    /// The name under which the engine knows it; none that an expression could write.
    pub(super) fn name(&self) -> String {
        match self {
            Host::Function(index) => format!("={}", BUILTINS[*index].name),
            Host::InContext(index) => format!("<{}", BUILTINS[*index].name),
            Host::ByValue(index) => format!("&{}", BUILTINS[*index].name),
            Host::Probe(name) => format!("?{name}"),
            Host::Made(name) => format!("!{name}"),
            Host::Called(name) => format!("@{name}"),
            other => format!("%{other:?}"),
        }
    }
}

/// A function of ours in one evaluation.
pub(super) struct Bound {
    pub(super) host: Host,
    pub(super) run: Rc<Run>,
}

/// Makes the functions that the run's expression uses known to an evaluator.
pub(super) fn register(evaluator: &mut Evaluator, run: &Rc<Run>) -> Result<(), EvaluatorError> {
    for (name, host) in run.used.iter() {
        let bound = Bound {
            host: host.clone(),
            run: Rc::clone(run),
        };
        evaluator.register_fn(name.as_str(), bound)?;
    }
    Ok(())
}

impl HostFn for Bound {
    fn call(&self, args: &[JValue], _: &mut HostCtx) -> HostFnResult {
        self.answer(args).map_err(|failed| match failed {
            Failed::Thrown(thrown) => self.run.fail(thrown),
            Failed::Engine(error) => error,
        })
    }
}

/// Why a function of ours gives nothing.
pub(super) enum Failed {
    Thrown(Thrown),
    /// The engine's own error, or one that the run already keeps.
    Engine(EvaluatorError),
}

impl From<Thrown> for Failed {
    fn from(thrown: Thrown) -> Failed {
        Failed::Thrown(thrown)
    }
}

pub(super) type Answer = Result<JValue, Failed>;

impl Bound {
    fn answer(&self, args: &[JValue]) -> Answer {
        let run = &self.run;
        run.work(1)?;
        let first = || args.first().cloned().unwrap_or(JValue::Undefined);
        match &self.host {
            Host::Function(index) => native::call(run, *index, &JValue::Undefined, args),
            Host::InContext(index) => native::call(run, *index, &first(), &args[1..]),
            Host::ByValue(index) => {
                // What takes any number of arguments gets all of them.
                let arity = match BUILTINS[*index].arity {
                    0 => args.len(),
                    arity => arity.min(args.len()),
                };
                native::call(run, *index, &JValue::Null, &args[..arity])
            }
            Host::Missing => Err(Thrown::new("T1006", "Attempted to invoke a non-function").into()),
            Host::Keep | Host::Made(_) => {
                let value = first();
                run.weigh(&value)?;
                Ok(value)
            }
            Host::Probe(name) => {
                run.called.set(name);
                Ok(first())
            }
            Host::Called(name) => {
                *run.own.borrow_mut() = name.clone();
                Ok(first())
            }
            Host::Tick => Ok(JValue::Undefined),
            Host::Begin => {
                run.begin();
                Ok(JValue::Undefined)
            }
            Host::End => {
                run.end();
                let value = args.get(1).cloned().unwrap_or(JValue::Undefined);
                run.weigh(&value)?;
                Ok(value)
            }
            Host::Flow => {
                let value = first();
                run.flow(&value, 0)?;
                Ok(value)
            }
            Host::FlowField => {
                let value = first();
                run.flow(&value, FIELD)?;
                Ok(value)
            }
            Host::FlowBound => {
                let value = first();
                let items = value.as_array().map_or(1, Vec::len);
                run.flow(&value, items * BINDING)?;
                Ok(value)
            }
            Host::Descend => operator::descend(run, &first()),
            Host::Concatenate => operator::concatenate(run, args),
            Host::Range => operator::range(run, args),
            Host::Targets => {
                let found = args.get(1).cloned().unwrap_or(JValue::Undefined);
                transform::targets(run, &first(), found)
            }
            Host::Update => transform::update(first()),
            Host::Delete => transform::delete(first()),
            Host::Compare(op) => operator::compare(*op, args),
            Host::Negate => operator::negate(first()),
            Host::Seek => pattern::sought(run, args),
            Host::Item => {
                let value = first();
                run.weigh(&value)?;
                run.copy(value.as_array().map_or(0, Vec::len))?;
                Ok(value)
            }
            Host::Key | Host::Label => {
                let value = first();
                if let JValue::String(text) = &value {
                    run.work(text.len() as u64 / 64)?;
                    if self.host == Host::Label {
                        run.copy(text.len() / 16)?;
                    }
                }
                Ok(value)
            }
        }
    }
}
