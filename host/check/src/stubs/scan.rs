//! What the text of a JSONata expression says of the values that it reads: a guess from the signs beside each
//! reference, since only a run can tell.

use asl::Relation;
use data::{Data, EcoString, Number};

use super::condition::numbers;
use super::shape::{Candidate, Type};

/// A reference such as `$states.input.order.id`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    /// The variable without `$`, and the fields behind it.
    pub chain: Vec<EcoString>,
    /// What the value seems to be.
    pub kind: Type,
    /// Values with which a comparison beside it goes one way or the other.
    pub candidates: Vec<Candidate>,
    /// The fields that its items seem to have.
    pub of_items: Vec<Vec<EcoString>>,
}

/// Every reference of an expression. `asks` says that the expression is a condition.
pub(super) fn references(text: &str, asks: bool) -> Vec<Reference> {
    let clean = blanked(text);
    let chains = chains(&clean);
    let mut found = Vec::new();
    for (at, chain) in chains.iter().enumerate() {
        let before = clean[..chain.start].trim_end();
        let after = clean[chain.end..].trim_start();
        if after.starts_with('(') {
            continue;
        }
        // Literals are blanked in `clean`, and read from the text itself.
        let (left, right) = (&text[..chain.start], &text[chain.end..]);
        let (kind, candidates) = beside(before, after, left, right, asks);
        found.push(Reference {
            chain: chain.names.clone(),
            kind,
            candidates,
            of_items: of_items(&clean, before, after, &chains[at + 1..]),
        });
    }
    found
}

struct Chain {
    start: usize,
    end: usize,
    names: Vec<EcoString>,
}

/// The text with what stands in quotes and comments made blank; no byte is moved.
fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside: Option<char> = None;
    let mut escaped = false;
    for c in text.chars() {
        let blank = match inside {
            Some(quote) => {
                if c == quote && !escaped {
                    inside = None;
                }
                escaped = c == '\\' && !escaped;
                inside.is_some()
            }
            None => {
                if matches!(c, '"' | '\'') {
                    inside = Some(c);
                }
                false
            }
        };
        if blank {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}

fn chains(text: &str) -> Vec<Chain> {
    let mut chains = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('$') {
        let start = at + found;
        let mut end = start + 1;
        let mut names = Vec::new();
        let mut name = word(&text[end..]);
        while !name.is_empty() {
            names.push(EcoString::from(name));
            end += name.len();
            name = match text[end..].strip_prefix('.') {
                Some(rest) => word(rest),
                None => "",
            };
            end += usize::from(!name.is_empty());
        }
        if !names.is_empty() {
            chains.push(Chain { start, end, names });
        }
        at = end;
    }
    chains
}

/// The name at the start of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    &text[..end.unwrap_or(text.len())]
}

/// What the signs on both sides say.
fn beside(
    before: &str,
    after: &str,
    left: &str,
    right: &str,
    asks: bool,
) -> (Type, Vec<Candidate>) {
    if let Some((relation, rest)) = compared(after) {
        return comparison(relation, literal(&right[right.len() - rest.len()..]));
    }
    if let Some((relation, rest)) = compared_before(before) {
        return comparison(mirrored(relation), literal_before(&left[..rest.len()]));
    }
    if let Some(rest) = after.strip_prefix("in ").map(str::trim_start)
        && let Some(list) = rest.strip_prefix('[')
    {
        return comparison(
            Relation::Equals,
            literal(&right[right.len() - list.len()..]),
        );
    }
    if let Some(function) = called(before) {
        return (argument(function), Vec::new());
    }
    let truth = || {
        vec![
            Candidate::Value(Data::from(true)),
            Candidate::Value(Data::from(false)),
        ]
    };
    let next = after.chars().next();
    match next {
        Some('[') if !after[1..].trim_start().starts_with(['"', '\'']) => (Type::List, Vec::new()),
        Some('^') => (Type::List, Vec::new()),
        Some('&') => (Type::Text, Vec::new()),
        Some('+' | '-' | '*' | '/' | '%') => (Type::Number, Vec::new()),
        Some('?') if !after.starts_with("??") && !after.starts_with("?:") => {
            (Type::Boolean, truth())
        }
        _ if before.ends_with('&') => (Type::Text, Vec::new()),
        _ if before.ends_with(['+', '-', '*', '/', '%']) => (Type::Number, Vec::new()),
        _ if joins(before, after) || asks && before.is_empty() && after.is_empty() => {
            (Type::Boolean, truth())
        }
        _ => (Type::Open, Vec::new()),
    }
}

/// Whether `and`, `or` or `$not(` stands beside it.
fn joins(before: &str, after: &str) -> bool {
    let word = word(after);
    let last = before.rsplit(|c: char| !c.is_alphanumeric()).next();
    matches!(word, "and" | "or") || matches!(last, Some("and" | "or"))
}

/// The comparison at the start of a text, and what is behind it.
fn compared(text: &str) -> Option<(Relation, &str)> {
    let signs = [
        (">=", Relation::GreaterThanEquals),
        ("<=", Relation::LessThanEquals),
        ("!=", Relation::Equals),
        (">", Relation::GreaterThan),
        ("<", Relation::LessThan),
        ("=", Relation::Equals),
    ];
    let found = signs.into_iter().find_map(|(sign, relation)| {
        let rest = text.strip_prefix(sign)?;
        Some((relation, rest.trim_start()))
    });
    found
}

/// The comparison at the end of a text, and what is before it.
fn compared_before(text: &str) -> Option<(Relation, &str)> {
    let signs = [
        (">=", Relation::GreaterThanEquals),
        ("<=", Relation::LessThanEquals),
        ("!=", Relation::Equals),
        (":=", Relation::Matches),
        (">", Relation::GreaterThan),
        ("<", Relation::LessThan),
        ("=", Relation::Equals),
    ];
    let found = signs.into_iter().find_map(|(sign, relation)| {
        let rest = text.strip_suffix(sign)?;
        Some((relation, rest.trim_end()))
    });
    // An assignment is no comparison.
    found.filter(|(relation, _)| *relation != Relation::Matches)
}

fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::LessThan => Relation::GreaterThan,
        Relation::LessThanEquals => Relation::GreaterThanEquals,
        Relation::GreaterThan => Relation::LessThan,
        Relation::GreaterThanEquals => Relation::LessThanEquals,
        Relation::Equals | Relation::Matches => relation,
    }
}

fn comparison(relation: Relation, with: Option<Data>) -> (Type, Vec<Candidate>) {
    let orders = !matches!(relation, Relation::Equals | Relation::Matches);
    let (kind, values) = match with {
        Some(Data::Number(number)) => (Type::Number, numbers(relation, number.as_f64())),
        Some(Data::Bool(value)) => (Type::Boolean, [Data::from(value), Data::from(!value)]),
        Some(Data::String(text)) => {
            let other = format!("{}-other", text.as_str());
            (Type::Text, [Data::String(text), Data::from(other)])
        }
        Some(Data::Null) => (Type::Open, [Data::from("example"), Data::Null]),
        None | Some(Data::Array(_) | Data::Object(_)) if orders => {
            return (Type::Number, Vec::new());
        }
        None | Some(Data::Array(_) | Data::Object(_)) => return (Type::Open, Vec::new()),
    };
    (kind, values.map(Candidate::Value).into())
}

/// The literal at the start of a text.
fn literal(text: &str) -> Option<Data> {
    let text = text.trim_start();
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let rest = &text[1..];
        let end = rest.find(quote)?;
        return Some(Data::from(&rest[..end]));
    }
    match word(text) {
        "true" => return Some(Data::from(true)),
        "false" => return Some(Data::from(false)),
        "null" => return Some(Data::Null),
        _ => {}
    }
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')));
    Number::parse(&text[..end.unwrap_or(text.len())]).map(Data::Number)
}

/// The literal at the end of a text.
fn literal_before(text: &str) -> Option<Data> {
    let text = text.trim_end();
    let start = match text.chars().next_back()? {
        quote @ ('"' | '\'') => text[..text.len() - 1].rfind(quote)?,
        _ => text
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
            .map_or(0, |at| at + 1),
    };
    literal(text.get(start..)?)
}

/// The function whose first argument begins at the end of the text.
fn called(before: &str) -> Option<&str> {
    let name = before.strip_suffix('(')?;
    let start = name.rfind('$')?;
    let name = &name[start + 1..];
    (!name.is_empty() && word(name) == name).then_some(name)
}

fn argument(function: &str) -> Type {
    match function {
        "count" | "map" | "filter" | "reduce" | "append" | "sort" | "reverse" | "distinct"
        | "zip" | "join" | "shuffle" | "sum" | "max" | "min" | "average" | "single" => Type::List,
        "number" | "round" | "floor" | "ceil" | "abs" | "sqrt" | "power" | "formatNumber"
        | "fromMillis" | "formatInteger" | "formatBase" => Type::Number,
        "length" | "uppercase" | "lowercase" | "trim" | "substring" | "substringBefore"
        | "substringAfter" | "split" | "contains" | "replace" | "match" | "pad"
        | "base64encode" | "base64decode" | "encodeUrl" | "encodeUrlComponent" | "decodeUrl"
        | "decodeUrlComponent" | "hash" => Type::Text,
        "parse" => Type::Json,
        "toMillis" => Type::Timestamp,
        "keys" | "spread" | "lookup" | "merge" | "each" | "sift" => Type::Object,
        _ => Type::Open,
    }
}

/// The fields that are read of the items of a list: of the parameter of a function that is called with each of
/// them, and by a predicate or a step behind it.
fn of_items(clean: &str, before: &str, after: &str, later: &[Chain]) -> Vec<Vec<EcoString>> {
    let each = ["map", "filter", "reduce", "single", "sort"];
    if let Some(function) = called(before)
        && each.contains(&function)
    {
        let start = clean.len() - after.len();
        return of_parameter(clean, start, later);
    }
    let Some(predicate) = after.strip_prefix('[') else {
        return Vec::new();
    };
    let (inner, rest) = predicate.split_once(']').unwrap_or((predicate, ""));
    let mut fields: Vec<Vec<EcoString>> = Vec::new();
    for field in [
        word(inner.trim_start()),
        rest.strip_prefix('.').map_or("", word),
    ] {
        if field.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            fields.push(vec![field.into()]);
        }
    }
    fields
}

/// `$map(LIST, function($item) { $item.price })`: the fields of `$item` behind `start`.
fn of_parameter(clean: &str, start: usize, later: &[Chain]) -> Vec<Vec<EcoString>> {
    let body = &clean[start..];
    let function = body.find("function").map(|at| at + "function".len());
    let Some(open) = function.or_else(|| body.find('λ').map(|at| at + 'λ'.len_utf8())) else {
        return Vec::new();
    };
    let parameter = body[open..]
        .trim_start_matches(['(', ' '])
        .strip_prefix('$')
        .map(word);
    let Some(parameter) = parameter.filter(|name| !name.is_empty()) else {
        return Vec::new();
    };
    let uses = later.iter().filter(|chain| chain.names[0] == parameter);
    let fields = uses.map(|chain| chain.names[1..].to_vec());
    fields.filter(|fields| !fields.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let shown = |reference: &Reference| {
            let values: Vec<String> = reference
                .candidates
                .iter()
                .map(|candidate| match candidate {
                    Candidate::Value(value) => value.to_string(),
                    other => format!("{other:?}"),
                })
                .collect();
            let kind = reference.kind;
            format!(
                "{} {kind:?} {}",
                reference.chain.join("."),
                values.join(" ")
            )
        };
        references(text, true).iter().map(shown).collect()
    }

    #[test]
    fn comparisons_offer_values() {
        assert_eq!(
            said("$states.input.amount > 100"),
            ["states.input.amount Number 101 100"]
        );
        assert_eq!(said("3 <= $n"), ["n Number 3 2"]);
        assert_eq!(
            said("$a.b = 'x$y' and $ok"),
            ["a.b Text \"x$y\" \"x$y-other\"", "ok Boolean true false"]
        );
        assert_eq!(said("$s in ['a', 'b']"), ["s Text \"a\" \"a-other\""]);
        assert_eq!(said("$x"), ["x Boolean true false"]);
        assert_eq!(said("'é $no' & $name"), ["name Text "]);
    }

    #[test]
    fn lists_have_items_with_fields() {
        let found = references(
            "$sum($map($states.input.lines, function($l) { $l.price * $l.count }))",
            false,
        );
        let fields = vec![vec![EcoString::from("price")], vec!["count".into()]];
        assert_eq!((found[0].kind, &found[0].of_items), (Type::List, &fields));
        let found = references("$states.input.lines[price > 3].sku", false);
        let fields = vec![vec![EcoString::from("price")], vec!["sku".into()]];
        assert_eq!((found[0].kind, &found[0].of_items), (Type::List, &fields));
    }
}
