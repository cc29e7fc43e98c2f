//! Which arguments the built-in functions take, and what is said to a caller who gives others.
//!
//! The algorithm is the one of JSONata's signatures: the types of the arguments, one letter each, are matched
//! against a pattern made of the signature, so that the first argument may be left out where the context fits.

use std::sync::LazyLock;

use jsonata_core::value::JValue;
use regex::Regex;

use crate::jsonata::message::Thrown;

/// A built-in function: its name, its signature and how many parameters its implementation in JSONata has,
/// which is how many arguments a higher-order function hands it.
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    signature: &'static str,
    pub(crate) arity: usize,
}

const fn builtin(name: &'static str, signature: &'static str, arity: usize) -> Builtin {
    Builtin {
        name,
        signature,
        arity,
    }
}

/// All functions that are not higher-order, in the order of their names.
pub(crate) static BUILTINS: [Builtin; 61] = [
    builtin("abs", "n-", 1),
    builtin("append", "xx", 2),
    builtin("assert", "bs?", 2),
    builtin("average", "a<n>", 1),
    builtin("base64decode", "s-", 1),
    builtin("base64encode", "s-", 1),
    builtin("boolean", "x-", 1),
    builtin("ceil", "n-", 1),
    builtin("contains", "s-(sf)", 2),
    builtin("count", "a", 1),
    builtin("decodeUrl", "s-", 1),
    builtin("decodeUrlComponent", "s-", 1),
    builtin("distinct", "x", 1),
    builtin("encodeUrl", "s-", 1),
    builtin("encodeUrlComponent", "s-", 1),
    builtin("error", "s?", 1),
    builtin("exists", "x", 1),
    builtin("floor", "n-", 1),
    builtin("formatBase", "n-n?", 2),
    builtin("formatInteger", "n-s", 2),
    builtin("formatNumber", "n-so?", 3),
    builtin("fromMillis", "n-s?s?", 3),
    builtin("hash", "ss?", 2),
    builtin("join", "a<s>s?", 2),
    builtin("keys", "x-", 1),
    builtin("length", "s-", 1),
    builtin("lookup", "x-s", 2),
    builtin("lowercase", "s-", 1),
    builtin("match", "s-fn?", 3),
    builtin("max", "a<n>", 1),
    builtin("merge", "a<o>", 1),
    builtin("millis", "", 0),
    builtin("min", "a<n>", 1),
    builtin("not", "x-", 1),
    builtin("now", "s?s?", 2),
    builtin("number", "(nsb)-", 1),
    builtin("pad", "s-ns?", 3),
    builtin("parse", "s", 1),
    builtin("parseInteger", "s-s", 2),
    builtin("partition", "xn?", 2),
    builtin("power", "n-n", 2),
    builtin("random", "n?", 1),
    builtin("range", "nnn?", 3),
    builtin("replace", "s-(sf)(sf)n?", 4),
    builtin("reverse", "a", 1),
    builtin("round", "n-n?", 2),
    builtin("shuffle", "a", 1),
    builtin("split", "s-(sf)n?", 3),
    builtin("spread", "x-", 1),
    builtin("sqrt", "n-", 1),
    builtin("string", "x-b?", 1),
    builtin("substring", "s-nn?", 3),
    builtin("substringAfter", "s-s", 2),
    builtin("substringBefore", "s-s", 2),
    builtin("sum", "a<n>", 1),
    builtin("toMillis", "s-s?", 2),
    builtin("trim", "s-", 1),
    builtin("type", "x", 1),
    builtin("uppercase", "s-", 1),
    builtin("uuid", "", 0),
    builtin("zip", "a+", 0),
];

/// Functions that call back into the expression: the engine calls and checks these itself.
static HIGHER: [&str; 7] = ["each", "filter", "map", "reduce", "sift", "single", "sort"];

/// The place of a function in [`BUILTINS`].
pub(crate) fn find(name: &str) -> Option<usize> {
    BUILTINS
        .binary_search_by_key(&name, |known| known.name)
        .ok()
}

/// The name of a function that calls back into the expression, for as long as the program lives.
pub(crate) fn higher(name: &str) -> Option<&'static str> {
    HIGHER.into_iter().find(|known| *known == name)
}

/// Whether a name is that of a built-in function.
pub(crate) fn is_function(name: &str) -> bool {
    find(name).is_some() || higher(name).is_some()
}

struct Parameter {
    letter: char,
    context: bool,
    subtype: Option<char>,
    fits: Regex,
}

struct Signature {
    parameters: Vec<Parameter>,
    /// One pattern for the first parameter, one for the first two, and so on; the last is anchored.
    prefixes: Vec<Regex>,
    whole: Regex,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("made of letters and brackets alone")
}

impl Signature {
    fn parse(text: &str) -> Signature {
        let mut parameters: Vec<(char, bool, Option<char>, String)> = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let last = parameters.last_mut();
            match (letter, last) {
                ('-', Some(last)) => {
                    last.1 = true;
                    last.3.push('?');
                }
                ('?' | '+', Some(last)) => last.3.push(letter),
                ('<', Some(last)) => last.2 = letters.next(),
                ('>', _) => {}
                ('(', _) => {
                    let choice: String = letters.by_ref().take_while(|next| *next != ')').collect();
                    parameters.push(('(', false, None, format!("[{choice}m]")));
                }
                ('a' | 'x', _) => parameters.push((letter, false, None, "[asnblfom]".into())),
                ('j', _) => parameters.push((letter, false, None, "[asnblom]".into())),
                ('f', _) => parameters.push((letter, false, None, "f".into())),
                _ => parameters.push((letter, false, None, format!("[{letter}m]"))),
            }
        }
        let mut so_far = String::from("^");
        let mut prefixes = Vec::new();
        for parameter in &parameters {
            so_far.push_str(&format!("({})", parameter.3));
            prefixes.push(pattern(&so_far));
        }
        let made = parameters
            .into_iter()
            .map(|(letter, context, subtype, text)| Parameter {
                letter,
                context,
                subtype,
                fits: pattern(&format!("^{}$", text.trim_end_matches('?'))),
            });
        Signature {
            parameters: made.collect(),
            whole: pattern(&format!("{so_far}$")),
            prefixes,
        }
    }

    /// The index of the first argument that is not as it should be, from 1.
    fn misfit(&self, types: &str) -> usize {
        let mut good = 0;
        for prefix in &self.prefixes {
            match prefix.find(types) {
                Some(found) => good = found.end(),
                None => break,
            }
        }
        good + 1
    }
}

static SIGNATURES: LazyLock<Vec<Signature>> = LazyLock::new(|| {
    BUILTINS
        .iter()
        .map(|known| Signature::parse(known.signature))
        .collect()
});

/// JSONata's letter for the type of a value; `m` is for one that is missing.
pub(crate) fn letter(value: &JValue) -> char {
    match value {
        JValue::Null => 'l',
        JValue::Bool(_) => 'b',
        JValue::Number(_) => 'n',
        JValue::String(_) => 's',
        JValue::Array(_) => 'a',
        JValue::Object(_) => 'o',
        JValue::Undefined => 'm',
        JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => 'f',
    }
}

/// The arguments as the function wants them: the context put in where the first was left out, a single value
/// made an array where an array is wanted.
pub(crate) fn arguments(
    index: usize,
    context: &JValue,
    given: &[JValue],
) -> Result<Vec<JValue>, Thrown> {
    checked(BUILTINS[index].name, &SIGNATURES[index], context, given)
}

fn checked(
    name: &str,
    signature: &Signature,
    context: &JValue,
    given: &[JValue],
) -> Result<Vec<JValue>, Thrown> {
    let types: String = given.iter().map(letter).collect();
    let Some(found) = signature.whole.captures(&types) else {
        return Err(Thrown::argument(signature.misfit(&types), name));
    };
    let mut taken = Vec::with_capacity(signature.parameters.len());
    let mut next = given.iter();
    let mut at = 0;
    for (place, parameter) in signature.parameters.iter().enumerate() {
        let matched = found.get(place + 1).map_or("", |group| group.as_str());
        if matched.is_empty() {
            if parameter.context {
                let fits = parameter.fits.is_match(&letter(context).to_string());
                if !fits {
                    return Err(Thrown::context(at + 1, name));
                }
                taken.push(context.clone());
            }
            continue;
        }
        for value in next.by_ref().take(matched.len()) {
            at += 1;
            taken.push(parameter.take(value, at, name)?);
        }
    }
    Ok(taken)
}

impl Parameter {
    fn take(&self, value: &JValue, at: usize, name: &str) -> Result<JValue, Thrown> {
        if self.letter != 'a' || value.is_undefined() {
            return Ok(value.clone());
        }
        let right = |item: &JValue| self.subtype.is_none_or(|wanted| letter(item) == wanted);
        match value {
            JValue::Array(items) if items.iter().all(right) => Ok(value.clone()),
            JValue::Array(_) => Err(Thrown::array_of(at, name, self.subtype)),
            single if right(single) => Ok(JValue::array(vec![single.clone()])),
            _ => Err(Thrown::array_of(at, name, self.subtype)),
        }
    }
}
