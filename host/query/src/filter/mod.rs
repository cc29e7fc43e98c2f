//! Filters of paths: `[?(@.price < 10 && @.tags contains 'new')]`.

mod compare;
mod syntax;

use data::Data;
use regex::Regex;

use crate::error::SyntaxError;
use crate::jsonpath::{Cursor, Document, Miss, Steps, select_steps, select_strictly};

/// A compiled filter.
#[derive(Clone, Debug)]
pub(crate) struct Filter(Condition);

#[derive(Clone, Debug)]
enum Condition {
    All(Box<[Condition]>),
    Any(Box<[Condition]>),
    Not(Box<Condition>),
    /// A path leads, or does not lead, to something.
    Exists {
        operand: Operand,
        expected: bool,
    },
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
}

/// One side of a comparison.
#[derive(Clone, Debug)]
enum Operand {
    /// `@...`
    Item(Steps),
    /// `$...`
    Root(Steps),
    /// A literal. Arrays and objects are told from those a path finds: the library compares them by their text.
    Literal(Data),
    /// `/pattern/`
    Pattern(Box<Regex>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    SameTypeEqual,
    SameTypeNotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    All,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
}

/// What an operand is worth for one item.
#[derive(Clone, Debug)]
enum Worth<'f> {
    /// What a path found.
    Found(Data),
    /// A literal of the filter.
    Written(&'f Data),
    Pattern(&'f Regex),
    /// What a path did not find.
    Undefined,
}

/// Why a condition has no outcome.
enum Failed {
    /// The operands do not fit the operator: the item does not pass, whatever stands around the comparison.
    Unfit,
    /// The evaluation as a whole ends.
    Stop(Miss),
}

impl Filter {
    /// Reads `( ... )`.
    pub fn parse(cursor: &mut Cursor) -> Result<Filter, SyntaxError> {
        syntax::parse(cursor).map(Filter)
    }

    /// Whether `item` passes.
    pub fn accepts(&self, item: &Data, document: &Document) -> Result<bool, Miss> {
        match self.0.holds(item, document) {
            Ok(holds) => Ok(holds),
            Err(Failed::Unfit) => Ok(false),
            Err(Failed::Stop(miss)) => Err(miss),
        }
    }
}

impl Condition {
    fn holds(&self, item: &Data, document: &Document) -> Result<bool, Failed> {
        match self {
            Condition::All(parts) => {
                for part in parts {
                    if !part.holds(item, document)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Any(parts) => {
                for part in parts {
                    if part.holds(item, document)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::Not(part) => Ok(!part.holds(item, document)?),
            Condition::Exists { operand, expected } => {
                Ok(operand.exists(item, document)? == *expected)
            }
            Condition::Compare {
                left,
                operator,
                right,
            } => {
                let left = left.worth(item, document)?;
                let right = right.worth(item, document)?;
                compare::compare(&left, *operator, &right).ok_or(Failed::Unfit)
            }
        }
    }
}

impl Operand {
    fn worth<'f>(&'f self, item: &Data, document: &Document) -> Result<Worth<'f>, Failed> {
        let found = match self {
            Operand::Item(steps) => select_steps(steps, item, document),
            Operand::Root(steps) => select_steps(steps, document.root, document),
            Operand::Literal(data) => return Ok(Worth::Written(data)),
            Operand::Pattern(pattern) => return Ok(Worth::Pattern(pattern)),
        };
        match found {
            Ok(data) => Ok(Worth::Found(data)),
            Err(miss) if miss.is_not_found() => Ok(Worth::Undefined),
            Err(miss) if miss.is_budget() => Err(Failed::Stop(miss)),
            Err(_) => Err(Failed::Unfit),
        }
    }

    fn exists(&self, item: &Data, document: &Document) -> Result<bool, Failed> {
        let found = match self {
            Operand::Item(steps) => select_strictly(steps, item, document, true),
            Operand::Root(steps) => select_strictly(steps, document.root, document, true),
            Operand::Literal(_) | Operand::Pattern(_) => return Err(Failed::Unfit),
        };
        match found {
            Ok(_) => Ok(true),
            Err(miss) if miss.is_not_found() => Ok(false),
            Err(miss) if miss.is_budget() => Err(Failed::Stop(miss)),
            Err(_) => Err(Failed::Unfit),
        }
    }
}
