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
