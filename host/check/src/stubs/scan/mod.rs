//! What the text of a JSONata expression says of the values that it reads: a guess from the signs beside each
//! reference, since only a run can tell.

mod call;
mod compare;

use asl::Relation;
use data::{Data, EcoString};

use super::shape::{Candidate, Type};
use call::{Call, enclosing};
use compare::{compared, compared_before, comparison, literal, literal_before, mirrored};

/// A reference such as `$states.input.order.id`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    /// The variable without `$`, and the fields behind it.
    pub chain: Vec<EcoString>,
    /// What the value seems to be.
    pub kind: Type,
    /// Values with which a comparison beside it goes one way or the other.
    pub candidates: Vec<Candidate>,
    /// What is read of its items, where it is a list.
    pub of_items: Vec<Reference>,
}

/// Every reference of an expression. `asks` says that the expression is a condition.
pub(super) fn references(text: &str, asks: bool) -> Vec<Reference> {
    let clean = blanked(text);
    let chains: Vec<Chain> = chains(&clean);
    let called = |chain: &Chain| clean[chain.end..].trim_start().starts_with('(');
    let chains: Vec<Chain> = chains.into_iter().filter(|chain| !called(chain)).collect();
    let around = |chain: &Chain| Around {
        before: clean[..chain.start].trim_end(),
        after: clean[chain.end..].trim_start(),
        left: &text[..chain.start],
        right: &text[chain.end..],
    };
    let found: Vec<Reference> = chains
        .iter()
        .map(|chain| around(chain).reference(chain.names.clone(), asks))
        .collect();
    let items = chains.iter().enumerate();
    let items = items.map(|(at, chain)| around(chain).of_items(&found[at + 1..]));
    let items: Vec<Vec<Reference>> = items.collect();
    let with_items = found.into_iter().zip(items);
    let with_items = with_items.map(|(reference, of_items)| Reference {
        of_items,
        ..reference
    });
    with_items.collect()
}

/// What stands on both sides of a reference. Literals are blanked in `before` and `after`, which end and begin
/// with a sign, and are there in `left` and `right`.
#[derive(Clone, Copy)]
struct Around<'t> {
    before: &'t str,
    after: &'t str,
    left: &'t str,
    right: &'t str,
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

impl Around<'_> {
    fn reference(self, chain: Vec<EcoString>, asks: bool) -> Reference {
        let (kind, candidates) = self.said(asks);
        Reference {
            chain,
            kind,
            candidates,
            of_items: Vec::new(),
        }
    }

    /// What the signs on both sides say.
    fn said(self, asks: bool) -> (Type, Vec<Candidate>) {
        let Around {
            before,
            after,
            left,
            right,
        } = self;
        let behind = |rest: &str| literal(&right[right.len() - rest.len()..]);
        if let Some((relation, rest)) = compared(after) {
            return comparison(relation, behind(rest));
        }
        if let Some((relation, rest)) = compared_before(before) {
            return comparison(mirrored(relation), literal_before(&left[..rest.len()]));
        }
        if let Some(rest) = after.strip_prefix("in ").map(str::trim_start)
            && let Some(list) = rest.strip_prefix('[')
        {
            return comparison(Relation::Equals, behind(list));
        }
        let values = [true, false].map(|truth| Candidate::Value(Data::from(truth)));
        let call = enclosing(before);
        let kind = match after.chars().next() {
            Some('[') if !after[1..].trim_start().starts_with(['"', '\'']) => Type::List,
            Some('^') => Type::List,
            Some('&') => Type::Text,
            Some('+' | '-' | '*' | '/' | '%') => Type::Number,
            Some('?') if !after.starts_with("??") && !after.starts_with("?:") => Type::Boolean,
            _ if before.ends_with('&') => Type::Text,
            _ if before.ends_with(['+', '-', '*', '/', '%']) => Type::Number,
            _ if joins(before, after) => Type::Boolean,
            _ if asks && before.is_empty() && after.is_empty() => Type::Boolean,
            _ => call.map_or(Type::Open, Call::takes),
        };
        let candidates = match kind {
            Type::Boolean => values.into(),
            _ => Vec::new(),
        };
        (kind, candidates)
    }

    /// What is read of the items of a list: of the parameter of a function that is called with each of them, and
    /// by a predicate or a step behind it. `later` are the references further on.
    fn of_items(self, later: &[Reference]) -> Vec<Reference> {
        let each = ["map", "filter", "reduce", "single", "sort"];
        if let Some(Call {
            name, argument: 0, ..
        }) = enclosing(self.before)
        {
            if each.contains(&name) {
                return of_parameter(self.after, later);
            }
            if ["sum", "max", "min", "average"].contains(&name) {
                let mut item = self.reference(Vec::new(), false);
                item.kind = Type::Number;
                return vec![item];
            }
        }
        if !self.after.starts_with('[') {
            return Vec::new();
        }
        let closed = self.after.find(']').map(|at| &self.after[at + 1..]);
        let step = closed.and_then(|rest| rest.strip_prefix('.'));
        let places = [Some(self.after[1..].trim_start()), step];
        let fields = places.into_iter().flatten().filter_map(|at| {
            let name = word(at);
            let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
            let after = &at[name.len()..];
            let around = Around {
                before: "",
                after: after.trim_start(),
                left: "",
                right: &self.right[self.right.len() - after.len()..],
            };
            begins.then(|| around.reference(vec![name.into()], false))
        });
        fields.collect()
    }
}

/// Whether `and`, `or` or `$not(` stands beside it.
fn joins(before: &str, after: &str) -> bool {
    let word = word(after);
    let last = before.rsplit(|c: char| !c.is_alphanumeric()).next();
    matches!(word, "and" | "or") || matches!(last, Some("and" | "or"))
}

/// `$map(LIST, function($item) { $item.price })`: what is read of `$item`.
fn of_parameter(after: &str, later: &[Reference]) -> Vec<Reference> {
    let function = after.find("function").map(|at| at + "function".len());
    let Some(open) = function.or_else(|| after.find('λ').map(|at| at + 'λ'.len_utf8())) else {
        return Vec::new();
    };
    let parameter = after[open..]
        .trim_start_matches(['(', ' '])
        .strip_prefix('$')
        .map(word);
    let Some(parameter) = parameter.filter(|name| !name.is_empty()) else {
        return Vec::new();
    };
    let uses = later
        .iter()
        .filter(|one| one.chain.len() > 1 && one.chain[0] == parameter);
    let fields = uses.map(|one| Reference {
        chain: one.chain[1..].to_vec(),
        ..one.clone()
    });
    fields.collect()
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
    fn functions_say_what_they_take() {
        assert_eq!(
            said("$merge([$a, {'x': $b}, $c])"),
            ["a Object ", "b Open ", "c Object "]
        );
        assert_eq!(
            said("$partition($list, $size)"),
            ["list List ", "size Number "]
        );
        assert_eq!(said("$f(($x), $range(1, $n, 2))"), ["x Open ", "n Number "]);
    }

    #[test]
    fn lists_have_items_with_fields() {
        let items = |text: &str| {
            let found = references(text, false).swap_remove(0);
            assert_eq!(found.kind, Type::List);
            let fields = found
                .of_items
                .iter()
                .map(|field| (field.chain.join("."), field.kind));
            fields.collect::<Vec<_>>()
        };
        let priced = ("price".to_owned(), Type::Number);
        assert_eq!(
            items("$sum($map($states.input.lines, function($l) { $l.price * $l.count }))"),
            [priced.clone(), ("count".to_owned(), Type::Number)]
        );
        assert_eq!(
            items("$states.input.lines[price > 3].sku"),
            [priced, ("sku".to_owned(), Type::Open)]
        );
    }
}
