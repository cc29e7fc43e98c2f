//! The built-in functions of the language, within bounds.
//!
//! The engine's own functions cannot be interrupted, so what one of them would make is reckoned before it is
//! called: too much of it is the same error as too much of anything.

use std::rc::Rc;

use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::value::JValue;

use super::pattern::{literal, matches, seek};
use super::signature::{self, BUILTINS};
use super::{Answer, Failed, own, picture, register, text};
use crate::jsonata::budget::{MAX_TEXT, Run, SLOT, limits};
use crate::jsonata::message::{Thrown, spoken};

/// How much the texts are that a replacing function may give in all.
const MAX_REPLACED: usize = 32 << 20;
/// The functions that take a regular expression.
pub(in crate::jsonata) const TAKES_PATTERN: [&str; 4] = ["contains", "match", "replace", "split"];
/// How deep functions that call back may be nested.
const MAX_NESTED: usize = 10;

/// Calls a built-in function with arguments as they were given.
pub(super) fn call(run: &Rc<Run>, index: usize, context: &JValue, given: &[JValue]) -> Answer {
    let name = BUILTINS[index].name;
    let mut args = signature::arguments(index, context, given)?;
    if TAKES_PATTERN.contains(&name) {
        args = args.into_iter().map(literal).collect();
    }
    if let Some(answer) = own::call(run, name, &args) {
        let value = answer?;
        run.weigh(&value)?;
        return Ok(value);
    }
    reckon(run, name, &args)?;
    if name == "toMillis"
        && let Some(completed) = picture::completed(run, &args)
    {
        args = completed.to_vec();
    }
    let value = engine(run, name, &args)?;
    run.weigh(&value)?;
    Ok(value)
}

/// The engine's own function.
fn engine(run: &Rc<Run>, name: &str, args: &[JValue]) -> Answer {
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    let mut context = Context::new();
    let mut nodes = Vec::with_capacity(args.len());
    for (at, arg) in args.iter().enumerate() {
        let variable = NAMES
            .get(at)
            .map_or_else(|| format!("a{at}"), |name| (*name).into());
        context.bind(variable.clone(), arg.clone());
        nodes.push(AstNode::Variable(variable));
    }
    let node = AstNode::Function {
        name: name.into(),
        args: nodes,
        is_builtin: true,
    };
    let mut evaluator = Evaluator::with_options(context, limits(run.left()));
    if args
        .iter()
        .any(|arg| matches!(arg, JValue::Lambda(_) | JValue::Builtin { .. }))
    {
        return calling_back(run, &mut evaluator, name, &node);
    }
    let answer = evaluator.evaluate(&node, &JValue::Undefined);
    answer.map_err(|error| Failed::Engine(run.stop(spoken(&error, Some((name, args))))))
}

/// A function that calls one of the expression's own, which in turn needs the functions of ours.
fn calling_back(run: &Rc<Run>, evaluator: &mut Evaluator, name: &str, node: &AstNode) -> Answer {
    let nested = run.nested.get() + 1;
    if nested > MAX_NESTED {
        return Err(Thrown::depth().into());
    }
    run.nested.set(nested);
    let registered = register(evaluator, run);
    let answer = registered.and_then(|()| evaluator.evaluate(node, &JValue::Undefined));
    run.nested.set(nested - 1);
    answer.map_err(|error| {
        let kept = run.failure();
        Failed::Engine(run.stop(kept.unwrap_or_else(|| spoken(&error, Some((name, &[]))))))
    })
}

fn len(value: Option<&JValue>) -> usize {
    match value {
        Some(JValue::String(text)) => text.len(),
        Some(JValue::Array(items)) => items.len(),
        Some(JValue::Object(fields)) => fields.len(),
        _ => 0,
    }
}

/// Whether what the function will make is within bounds.
fn reckon(run: &Run, name: &str, args: &[JValue]) -> Result<(), Thrown> {
    let size = len(args.first());
    match name {
        "pad" => {
            let width = args.get(1).and_then(JValue::as_f64).unwrap_or(0.0).abs();
            let filler = len(args.get(2)).max(1);
            if width > MAX_TEXT as f64 {
                return Err(Thrown::memory());
            }
            run.text(size + (width as usize).saturating_mul(filler.min(4)))
        }
        "join" => {
            let Some(JValue::Array(items)) = args.first() else {
                return Ok(());
            };
            let texts: usize = items.iter().map(|item| len(Some(item))).sum();
            run.text(texts + items.len() * len(args.get(1)))
        }
        "string" => {
            let Some(value) = args.first() else {
                return Ok(());
            };
            run.weigh(value)?;
            let pretty = matches!(args.get(1), Some(JValue::Bool(true)));
            run.text(text::length(value, if pretty { 2 } else { 0 }))
        }
        // The engine takes the text apart into letters.
        "substring" => run.room(size * 7),
        "base64encode" => run.text(size + size / 3),
        "encodeUrl" | "encodeUrlComponent" => run.text(size.saturating_mul(3)),
        "split" => {
            let pieces = pieces(run, args)?;
            run.values(pieces, pieces * (SLOT + 24) + size)
        }
        "contains" => match (args.first(), args.get(1)) {
            (Some(JValue::String(text)), Some(JValue::Regex { pattern, .. })) => {
                seek(run, pattern, text)
            }
            _ => Ok(()),
        },
        "match" => matched(run, args),
        "replace" => replaced(run, args),
        "distinct" => run.work((size as u64).pow(2) / 500),
        "append" => run.values(size + len(args.get(1)), (size + len(args.get(1))) * SLOT),
        "zip" => {
            let rows = args.iter().map(|arg| len(Some(arg))).min().unwrap_or(0);
            run.values(rows, rows * (args.len() + 2) * SLOT)
        }
        "spread" | "keys" | "lookup" | "merge" | "reverse" => {
            let inner: usize = match args.first() {
                Some(JValue::Array(items)) => items.iter().map(|item| len(Some(item)) + 1).sum(),
                other => len(other),
            };
            run.values(inner, inner * if name == "spread" { 400 } else { SLOT })
        }
        "formatNumber" | "formatInteger" | "parseInteger" | "fromMillis" | "toMillis" => {
            picture::check(name, args)
        }
        _ => Ok(()),
    }
}

fn pieces(run: &Run, args: &[JValue]) -> Result<usize, Thrown> {
    let (Some(JValue::String(text)), Some(pattern)) = (args.first(), args.get(1)) else {
        return Ok(0);
    };
    Ok(matches(run, text, pattern)?.0 + 1)
}

fn matched(run: &Run, args: &[JValue]) -> Result<(), Thrown> {
    let (Some(JValue::String(text)), Some(pattern)) = (args.first(), args.get(1)) else {
        return Ok(());
    };
    let JValue::Regex { pattern: words, .. } = pattern else {
        return Err(matcher("match"));
    };
    let (count, bytes) = matches(run, text, pattern)?;
    let groups = words.matches('(').count();
    run.values(count, count * (400 + groups * SLOT) + bytes * (1 + groups))
}

/// A function in place of a pattern: AWS's words for one that does not keep to the rules for it.
fn matcher(function: &str) -> Thrown {
    let message = format!(
        "The matcher function argument passed to function \"{function}\" does not return the correct object structure"
    );
    Thrown::new("T1010", message)
}

fn replaced(run: &Run, args: &[JValue]) -> Result<(), Thrown> {
    let (Some(JValue::String(text)), Some(pattern), Some(replacement)) =
        (args.first(), args.get(1), args.get(2))
    else {
        return Ok(());
    };
    if matches!(pattern, JValue::Lambda(_) | JValue::Builtin { .. }) {
        return Err(matcher("replace"));
    }
    let (count, bytes) = matches(run, text, pattern)?;
    match replacement {
        JValue::String(template) => {
            let inserted = template.matches('$').count();
            let made = count.saturating_mul(template.len());
            run.text(text.len() + made + inserted.saturating_mul(bytes))
        }
        _ if count.saturating_mul(run.longest()) > MAX_REPLACED => Err(Thrown::memory()),
        _ => Ok(()),
    }
}
