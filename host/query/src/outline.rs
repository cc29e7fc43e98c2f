//! What expressions name, told to those who do not evaluate them: where a path leads, which paths a template
//! has in it.

use data::EcoString;

use crate::intrinsic::Call;
use crate::jsonpath::{Path, Step};

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// To a field.
    Field(EcoString),
    /// To the item with this index.
    Item(usize),
    /// To some of the items.
    Items,
}

/// Where a path leads, as far as its text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The steps from what the path starts from.
    pub hops: Vec<Hop>,
    /// Whether these are all of its steps: behind a filter, a function or a scan anything may be.
    pub whole: bool,
}

/// What a place in an expression takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any value.
    Any,
    /// A string.
    Text,
    /// A number.
    Number,
    /// An array.
    List,
    /// An object.
    Object,
    /// JSON in a string.
    Json,
}

impl Path {
    /// Where the path leads.
    pub fn way(&self) -> Way {
        let mut hops = Vec::new();
        for step in self.steps() {
            match step {
                Step::Child(name) => hops.push(Hop::Field(name.clone())),
                Step::Index(index) => {
                    hops.push(usize::try_from(*index).map_or(Hop::Items, Hop::Item));
                }
                Step::Indexes(_) | Step::Slice { .. } | Step::Wildcard => hops.push(Hop::Items),
                Step::Filter(_) | Step::Function(_) => {
                    hops.push(Hop::Items);
                    return Way { hops, whole: false };
                }
                Step::Children(_) | Step::Scan => return Way { hops, whole: false },
            }
        }
        Way { hops, whole: true }
    }
}

impl crate::Expression {
    /// Every path in it with what its place takes.
    pub fn paths(&self) -> Vec<(&Path, Takes)> {
        match (self.as_path(), self.as_call()) {
            (Some(path), _) => vec![(path, Takes::Any)],
            (None, Some(call)) => Call::paths(call),
            (None, None) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expression;

    fn way(text: &str) -> String {
        let way = Path::parse(text).unwrap().way();
        let hops = way.hops.iter().map(|hop| match hop {
            Hop::Field(name) => format!(".{name}"),
            Hop::Item(index) => format!("[{index}]"),
            Hop::Items => "[]".to_owned(),
        });
        let more = if way.whole { "" } else { "..." };
        hops.collect::<String>() + more
    }

    #[test]
    fn a_path_leads_as_far_as_its_text_says() {
        assert_eq!(way("$"), "");
        assert_eq!(way("$.a['b c'][2].d"), ".a.b c[2].d");
        assert_eq!(way("$$.a[*].b"), ".a[].b");
        assert_eq!(way("$.a[-1]"), ".a[]");
        assert_eq!(way("$.a[?(@.b > 1)].c"), ".a[]...");
        assert_eq!(way("$.a..b"), ".a...");
        assert_eq!(way("$.a.length()"), ".a[]...");
    }

    #[test]
    fn functions_say_what_their_paths_are_to_be() {
        let text = "States.ArrayGetItem(States.Array($.a, $.b), States.MathAdd($.c, 1))";
        let expression = Expression::parse(text).unwrap();
        let paths = expression.paths();
        let paths: Vec<(&str, Takes)> = paths
            .iter()
            .map(|(path, takes)| (path.as_str(), *takes))
            .collect();
        let expected = [
            ("$.a", Takes::Any),
            ("$.b", Takes::Any),
            ("$.c", Takes::Number),
        ];
        assert_eq!(paths, expected);
    }
}
