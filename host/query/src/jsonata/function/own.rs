//! The functions that AWS adds, and those that depend on chance or the time.

use std::rc::Rc;

use data::{Node, Value};
use jsonata_core::value::JValue;

use super::{Answer, native, operator, signature, url};
use crate::intrinsic::{digest, version_4};
use crate::java::Random;
use crate::jsonata::budget::{Run, SLOT};
use crate::jsonata::convert::enter;
use crate::jsonata::message::Thrown;

/// Calls the function if it is one of these.
pub(super) fn call(run: &Rc<Run>, name: &str, args: &[JValue]) -> Option<Answer> {
    let given = |at: usize| args.get(at).unwrap_or(&JValue::Undefined);
    Some(match name {
        "partition" => partition(run, given(0), given(1)),
        "range" => range(run, args),
        "hash" => hash(given(0), given(1)),
        "random" => Ok(JValue::Number(match given(0) {
            JValue::Number(seed) => Random::new(*seed as i64).double(),
            _ => (run.draw() >> 11) as f64 / (1_u64 << 53) as f64,
        })),
        "uuid" => Ok(JValue::string(version_4(run.next_uuid()))),
        "parse" => parse(run, given(0)),
        "encodeUrl" => url::encode(given(0), url::WHOLE),
        "encodeUrlComponent" => url::encode(given(0), url::COMPONENT),
        "decodeUrl" => url::decode(name, given(0), url::RESERVED),
        "decodeUrlComponent" => url::decode(name, given(0), ""),
        "shuffle" => Ok(shuffle(run, given(0))),
        "millis" => Ok(JValue::Number(run.now as f64)),
        "now" => {
            let from_millis = signature::find("fromMillis")?;
            let mut args = args.to_vec();
            args.insert(0, JValue::Number(run.now as f64));
            native::call(run, from_millis, &JValue::Undefined, &args)
        }
        _ => return None,
    })
}

/// Parts of an array, each of so many items but the last; one part without a size. Nothing comes of no items
/// or parts of none (measured on AWS).
fn partition(run: &Run, array: &JValue, size: &JValue) -> Answer {
    let items = match array {
        JValue::Array(items) => items,
        JValue::Undefined => return Ok(JValue::Undefined),
        _ => return Err(Thrown::array_of(1, "partition", None).into()),
    };
    let size = match size {
        JValue::Number(size) if size.is_nan() => 0.0,
        JValue::Number(size) => size.trunc(),
        _ => items.len() as f64,
    };
    if size < 0.0 {
        return Err(Thrown::new("D3137", "Second argument must be zero or greater").into());
    }
    if size == 0.0 || items.is_empty() {
        return Ok(JValue::Undefined);
    }
    run.values(items.len(), items.len() * SLOT * 3)?;
    let parts = items
        .chunks(size as usize)
        .map(|part| JValue::cons(part.to_vec()));
    Ok(JValue::cons(parts.collect()))
}

/// The numbers from one to another, so far apart, each argument cut to a whole number; a single one is not an
/// array (recorded on AWS). Nothing comes of no step, and of one that leads nowhere (measured on AWS).
fn range(run: &Run, args: &[JValue]) -> Answer {
    let number = |at: usize| args.get(at).and_then(JValue::as_f64).map(f64::trunc);
    let (Some(first), Some(last), Some(step)) = (number(0), number(1), number(2)) else {
        return Ok(JValue::Undefined);
    };
    if step == 0.0 {
        return Ok(JValue::Undefined);
    }
    let count = ((last - first) / step + 1e-9).floor() + 1.0;
    if count < 1.0 || count.is_nan() {
        return Ok(JValue::sequence(Vec::new()));
    }
    operator::sequence(run, first, count, step)
}

fn hash(text: &JValue, algorithm: &JValue) -> Answer {
    let (JValue::String(text), JValue::String(algorithm)) = (text, algorithm) else {
        return Ok(JValue::Undefined);
    };
    match digest(text, algorithm) {
        Some(hash) => Ok(JValue::string(hash)),
        None => {
            let message = format!(
                "Hash algorithm '{algorithm}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"
            );
            Err(Thrown::new("D3137", message).into())
        }
    }
}

/// The value of a JSON text. A key that comes twice is an error (measured on AWS).
fn parse(run: &Run, text: &JValue) -> Answer {
    let JValue::String(text) = text else {
        return Ok(JValue::Undefined);
    };
    run.work(1 + text.len() as u64 / 1000)?;
    // A number of one digit weighs forty bytes once it is a value, and more while it is read.
    run.values(
        0,
        text.bytes().filter(|byte| b",[{".contains(byte)).count() * 3 * SLOT,
    )?;
    let invalid = || Thrown::new("D3137", "Invalid JSON");
    let node = Node::parse_json(text).map_err(|_| invalid())?;
    if has_double_key(&node) {
        return Err(invalid().into());
    }
    Ok(enter(&node.to_data(), &mut run.exact.borrow_mut()))
}

fn has_double_key(node: &Node) -> bool {
    match &node.value {
        Value::Object(entries) => {
            let mut names: Vec<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
            names.sort_unstable();
            names.windows(2).any(|pair| pair[0] == pair[1])
                || entries.iter().any(|(_, value)| has_double_key(value))
        }
        Value::Array(items) => items.iter().any(has_double_key),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn shuffle(run: &Run, array: &JValue) -> JValue {
    let JValue::Array(items) = array else {
        return array.clone();
    };
    let mut items = items.to_vec();
    for at in (1..items.len()).rev() {
        let other = (u128::from(run.draw()) * (at as u128 + 1)) >> 64;
        items.swap(at, other as usize);
    }
    JValue::array(items)
}
