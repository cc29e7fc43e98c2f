//! The built-in functions of the language, within bounds.
//!
//! The engine's own functions cannot be interrupted, so what one of them would make is reckoned before it is
//! called: too much of it is the same error as too much of anything.

use std::rc::Rc;

use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::functions::string;
use jsonata_core::value::JValue;

use super::signature::{self, BUILTINS};
use super::{Answer, Failed, own, register};
use crate::jsonata::budget::{MAX_TEXT, Run, SLOT, limits};
use crate::jsonata::message::{Thrown, spoken};

/// How much the texts are that a replacing function may give in all.
const MAX_REPLACED: usize = 32 << 20;
/// A number in a picture that is longer than this only asks for padding.
const MAX_PICTURE_NUMBER: usize = 4;
/// How deep functions that call back may be nested.
const MAX_NESTED: usize = 10;
/// The longest picture, in bytes.
const MAX_PICTURE: usize = 4096;

/// Calls a built-in function with arguments as they were given.
pub(super) fn call(run: &Rc<Run>, index: usize, context: &JValue, given: &[JValue]) -> Answer {
    let name = BUILTINS[index].name;
    let args = signature::arguments(index, context, given)?;
    if let Some(answer) = own::call(run, name, &args) {
        let value = answer?;
        run.weigh(&value)?;
        return Ok(value);
    }
    reckon(run, name, &args)?;
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
    let mut evaluator = Evaluator::with_options(context, limits());
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
            // Quotes within quotes double with each level; the weight bounds the rest.
            let weight = args.first().map_or(Ok(0), |value| run.weigh(value))?;
            run.text(weight / 4)
        }
        "base64encode" => run.text(size + size / 3),
        "encodeUrl" | "encodeUrlComponent" => run.text(size.saturating_mul(3)),
        "split" => {
            let pieces = pieces(run, args)?;
            run.values(pieces, pieces * (SLOT + 24) + size)
        }
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
            picture(name, args)
        }
        _ => Ok(()),
    }
}

fn picture(name: &str, args: &[JValue]) -> Result<(), Thrown> {
    let Some(JValue::String(picture)) = args.get(1) else {
        return Ok(());
    };
    let longest = picture
        .split(|c: char| !c.is_ascii_digit() && c != '#')
        .map(str::len)
        .max();
    let dated = name == "fromMillis" || name == "toMillis";
    if picture.len() > MAX_PICTURE || (dated && longest > Some(MAX_PICTURE_NUMBER)) {
        return Err(Thrown::memory());
    }
    if dated && let Some(component) = unknown_component(picture) {
        let message =
            format!("Unknown component specifier \"{component}\" in date/time picture string");
        return Err(Thrown::new("D3132", message));
    }
    // A Roman number has a letter for each thousand.
    let value = args[0].as_f64().unwrap_or(0.0).abs();
    if name == "formatInteger" && value > 1e7 && picture.starts_with(['i', 'I']) {
        return Err(Thrown::memory());
    }
    Ok(())
}

/// The first marker of a picture that begins with no letter: the engine panics at it.
fn unknown_component(picture: &str) -> Option<char> {
    let markers = picture.split('[').skip(1);
    let mut firsts = markers.filter_map(|marker| marker.trim_start().chars().next());
    firsts.find(|first| *first != ']' && !first.is_ascii_alphabetic())
}

/// Where a pattern matches: how often, and how many bytes in all.
fn matches(run: &Run, text: &str, pattern: &JValue) -> Result<(usize, usize), Thrown> {
    run.work(1 + text.len() as u64 / 20)?;
    match pattern {
        JValue::String(pattern) if pattern.is_empty() => Ok((text.len() + 1, 0)),
        JValue::String(pattern) => {
            let count = text.matches(&**pattern).count();
            Ok((count, count * pattern.len()))
        }
        JValue::Regex { pattern, flags } => match string::build_regex(pattern, flags) {
            Ok(regex) => {
                run.work(1 + pattern.len() as u64)?;
                let found = regex.find_iter(text);
                Ok(found.fold((0, 0), |(count, bytes), found| {
                    (count + 1, bytes + found.len())
                }))
            }
            // The engine says what is wrong with it.
            Err(_) => Ok((0, 0)),
        },
        _ => Ok((0, 0)),
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
