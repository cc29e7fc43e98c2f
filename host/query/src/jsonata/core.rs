//! The engine by the crate `jsonata-core`.
//!
//! Its values are not `Send`, so they live inside one call; the syntax tree is shared. The tree that is
//! evaluated is not the one that was written: see [`rewrite`](super::rewrite).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use data::Data;
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError};
use jsonata_core::value::JValue;

use super::budget::{Draws, Run, limits};
use super::convert::{Exact, enter_needed, leave, map};
use super::engine::Engine;
use super::error::{JsonataSyntaxError, Reason};
use super::function::signature::find;
use super::function::{Host, register};
use super::message::{Thrown, spoken};
use super::reads::Reads;
use super::rewrite::rewrite;
use super::survey::Survey;
use super::syntax;
use crate::scope::Surroundings;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Core {
    text: Box<str>,
    ast: AstNode,
    used: Arc<[(String, Host)]>,
    reads: Reads,
    drawing: bool,
    /// Whether it makes numbers of its own.
    counting: bool,
}

impl Engine for Core {
    fn parse(text: &str) -> Result<Core, Vec<JsonataSyntaxError>> {
        let ast = syntax::parse(text).map_err(|error| vec![error])?;
        let survey = Survey::of(&ast);
        if survey.misplaced {
            return Err(vec![syntax::not_a_variable(text)]);
        }
        if !survey.refused.is_empty() {
            let refused = survey.refused.iter();
            return Err(refused
                .map(|(name, top)| syntax::unsupported(text, name, *top))
                .collect());
        }
        let (ast, used) = rewrite(ast, false);
        let drawing = ["random", "shuffle", "uuid", "now", "millis", "toMillis"];
        let drawing = used
            .iter()
            .any(|(name, _)| drawing.contains(&name.trim_start_matches(['=', '<', '&'])));
        Ok(Core {
            text: text.into(),
            ast,
            used: used.into(),
            reads: survey.reads,
            drawing,
            counting: survey.counting,
        })
    }

    fn reads(&self) -> &Reads {
        &self.reads
    }

    fn evaluate(
        &self,
        states: &[(&'static str, Data)],
        variables: &[(&str, Data)],
        outside: &dyn Surroundings,
    ) -> Result<Option<Data>, Reason> {
        let mut exact = Exact::default();
        let inputs = self.inputs(states, variables, &mut exact);
        if self.counting {
            exact = Exact::default();
        }
        let draws = if self.drawing {
            Draws {
                now: outside.now(),
                seed: outside.random(),
                uuid: outside.uuid(),
            }
        } else {
            Draws::default()
        };
        let begun = Run::new(draws, Arc::clone(&self.used), self.text.len());
        begun.exact.replace(exact);
        let outcome = run(&self.ast, &inputs, begun).map(|made| {
            if self.counting {
                return leave(&made.value, &Exact::default());
            }
            leave(&made.value, &made.run.exact.borrow())
        });
        outcome.map_err(|failed| match failed {
            Stopped::Kept(reason) => reason,
            Stopped::Engine(error) => self.explain(&error, &inputs, draws),
        })
    }
}

/// What a variable is called in the tree that is evaluated: one that hides a function has the function's place.
fn value_name(name: &str) -> String {
    match find(name) {
        Some(index) => Host::ByValue(index).name(),
        None => name.to_owned(),
    }
}

/// Why an evaluation ended.
enum Stopped {
    /// For a reason in AWS's words.
    Kept(Reason),
    /// For one in the engine's.
    Engine(EvaluatorError),
}

/// A value and what it was made in, which is dropped after it: see [`Run`].
struct Made {
    value: JValue,
    run: Rc<Run>,
}

fn run(ast: &AstNode, inputs: &[(String, JValue)], run: Run) -> Result<Made, Stopped> {
    // Dropped last.
    let run = Rc::new(run);
    let mut context = Context::new();
    for (name, value) in inputs {
        context.bind(name.clone(), value.clone());
    }
    let mut evaluator = Evaluator::with_options(context, limits(run.left()));
    let registered = register(&mut evaluator, &run);
    run.begin();
    // The engine is not free of panics; what it was working on is dropped with it.
    let value = catch_unwind(AssertUnwindSafe(|| {
        registered.and_then(|()| evaluator.evaluate(ast, &JValue::Undefined))
    }));
    let Ok(value) = value else {
        return Err(Stopped::Kept(Thrown::internal().into_reason()));
    };
    let value = value.map_err(|error| {
        if let Some(reason) = run.failure() {
            return Stopped::Kept(reason);
        }
        let called = run.called.get();
        match error.code() {
            Some("T0410" | "T0411" | "T0412") if !run.own.borrow().is_empty() => {
                Stopped::Kept(spoken(&error, Some((&run.own.borrow(), &[]))))
            }
            Some("T0410" | "T0411" | "T0412") if !called.is_empty() => {
                Stopped::Kept(spoken(&error, Some((called, &[]))))
            }
            _ => Stopped::Engine(error),
        }
    })?;
    if let Err(thrown) = run.weigh(&value) {
        return Err(Stopped::Kept(thrown.into_reason()));
    }
    Ok(Made { value, run })
}

impl Core {
    fn inputs(
        &self,
        states: &[(&'static str, Data)],
        variables: &[(&str, Data)],
        exact: &mut Exact,
    ) -> Vec<(String, JValue)> {
        let mut inputs = Vec::with_capacity(variables.len() + 1);
        if let Some(need) = &self.reads.states {
            let fields = states.iter().filter_map(|(name, data)| {
                Some((
                    (*name).to_owned(),
                    enter_needed(data, need.field(name)?, exact),
                ))
            });
            inputs.push(("states".to_owned(), map(fields)));
        }
        for (name, data) in variables {
            let value = enter_needed(data, self.reads.need(name), exact);
            inputs.push((value_name(name), value));
        }
        inputs
    }

    /// Some of the engine's errors lack the values that AWS names: the expression is evaluated once more with
    /// operators that keep them.
    fn explain(&self, error: &EvaluatorError, inputs: &[(String, JValue)], draws: Draws) -> Reason {
        let lacking = matches!(
            error.code(),
            Some("T2009" | "T2010" | "D1002" | "T0410" | "T0411" | "T0412")
        );
        if lacking && let Ok(ast) = syntax::parse(&self.text) {
            let (ast, used) = rewrite(ast, true);
            let again = Run::new(draws, used.into(), self.text.len());
            if let Err(Stopped::Kept(reason)) = run(&ast, inputs, again) {
                return reason;
            }
        }
        spoken(error, None)
    }
}
