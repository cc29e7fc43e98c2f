//! Calls of JSONata's functions, and what they take.

use super::word;
use crate::stubs::shape::Type;

/// A call of a function that is still open where a text ends.
#[derive(Clone, Copy)]
pub(super) struct Call<'t> {
    /// The function without `$`.
    pub name: &'t str,
    /// Which of its arguments begins there.
    pub argument: usize,
    /// Whether it begins in an array.
    pub in_array: bool,
}

/// The call whose argument begins at the end of the text.
pub(super) fn enclosing(before: &str) -> Option<Call<'_>> {
    if !before.ends_with(['(', ',', '[']) {
        return None;
    }
    let (mut closed, mut argument, mut in_array) = (0_usize, 0, false);
    for (at, c) in before.char_indices().rev() {
        match c {
            ')' | ']' | '}' => closed += 1,
            '(' | '[' | '{' if closed > 0 => closed -= 1,
            ',' if closed == 0 => argument += 1,
            '[' if !in_array => (in_array, argument) = (true, 0),
            '(' => {
                let name = &before[before[..at].rfind('$')? + 1..at];
                let is_name = !name.is_empty() && word(name) == name;
                return is_name.then_some(Call {
                    name,
                    argument,
                    in_array,
                });
            }
            '[' | '{' => return None,
            _ => {}
        }
    }
    None
}

impl Call<'_> {
    /// What its argument is to be.
    pub fn takes(self) -> Type {
        match (self.name, self.argument, self.in_array) {
            ("merge", _, true) => Type::Object,
            (_, _, true) => Type::Open,
            ("range" | "power", ..) => Type::Number,
            ("substring" | "pad" | "partition", 1, _) | ("substring", 2, _) => Type::Number,
            ("append" | "zip", ..) => Type::List,
            (
                "contains" | "split" | "join" | "substringBefore" | "substringAfter" | "hash",
                1,
                _,
            ) => Type::Text,
            (name, 0, _) => first_argument(name),
            _ => Type::Open,
        }
    }
}

fn first_argument(function: &str) -> Type {
    match function {
        "count" | "map" | "filter" | "reduce" | "sort" | "reverse" | "distinct" | "join"
        | "shuffle" | "sum" | "max" | "min" | "average" | "single" | "partition" => Type::List,
        "number" | "round" | "floor" | "ceil" | "abs" | "sqrt" | "formatNumber" | "fromMillis"
        | "formatInteger" | "formatBase" => Type::Number,
        "length" | "uppercase" | "lowercase" | "trim" | "substring" | "substringBefore"
        | "substringAfter" | "split" | "contains" | "replace" | "match" | "pad"
        | "base64encode" | "base64decode" | "encodeUrl" | "encodeUrlComponent" | "decodeUrl"
        | "decodeUrlComponent" | "hash" => Type::Text,
        "parse" => Type::Json,
        "toMillis" => Type::Timestamp,
        "keys" | "spread" | "lookup" | "each" | "sift" => Type::Object,
        _ => Type::Open,
    }
}
