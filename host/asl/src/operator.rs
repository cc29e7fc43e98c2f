//! The names of comparison operators.

use crate::program::{Comparand, Operator, Relation, TypeTest};

/// What a field of a choice rule does.
pub(crate) enum Comparison {
    /// Compares the variable.
    Operator { operator: Operator, is_path: bool },
    /// Looks at the variable itself.
    Test(TypeTest),
}

const TESTS: &[(&str, TypeTest)] = &[
    ("IsBoolean", TypeTest::Boolean),
    ("IsNull", TypeTest::Null),
    ("IsNumeric", TypeTest::Numeric),
    ("IsPresent", TypeTest::Present),
    ("IsString", TypeTest::String),
    ("IsTimestamp", TypeTest::Timestamp),
];

const COMPARANDS: &[(&str, Comparand)] = &[
    ("String", Comparand::String),
    ("Numeric", Comparand::Numeric),
    ("Boolean", Comparand::Boolean),
    ("Timestamp", Comparand::Timestamp),
];

const RELATIONS: &[(&str, Relation)] = &[
    ("Equals", Relation::Equals),
    ("LessThan", Relation::LessThan),
    ("LessThanEquals", Relation::LessThanEquals),
    ("GreaterThan", Relation::GreaterThan),
    ("GreaterThanEquals", Relation::GreaterThanEquals),
    ("Matches", Relation::Matches),
];

/// Whether a field of a choice rule is its condition.
pub(crate) fn is(name: &str) -> bool {
    matches!(name, "And" | "Or" | "Not") || of(name).is_some()
}

/// The comparison of this name.
pub(crate) fn of(name: &str) -> Option<Comparison> {
    if let Some((_, test)) = TESTS.iter().find(|(word, _)| *word == name) {
        return Some(Comparison::Test(*test));
    }
    let (word, comparand) = COMPARANDS.iter().find(|(word, _)| name.starts_with(word))?;
    let rest = &name[word.len()..];
    let is_path = rest.ends_with("Path");
    let rest = rest.strip_suffix("Path").unwrap_or(rest);
    let (_, relation) = RELATIONS.iter().find(|(word, _)| *word == rest)?;
    let operator = Operator {
        comparand: *comparand,
        relation: *relation,
    };
    exists(operator, is_path).then_some(Comparison::Operator { operator, is_path })
}

/// `StringMatches` is the only match, and has no `Path` form; booleans have no order.
fn exists(operator: Operator, is_path: bool) -> bool {
    match (operator.comparand, operator.relation) {
        (Comparand::String, Relation::Matches) => !is_path,
        (_, Relation::Matches) => false,
        (Comparand::Boolean, relation) => relation == Relation::Equals,
        _ => true,
    }
}

/// Every name, for near misses.
pub(crate) fn names() -> Vec<&'static str> {
    const PLAIN: &[&str] = &[
        "And",
        "Or",
        "Not",
        "StringEquals",
        "StringEqualsPath",
        "StringLessThan",
        "StringLessThanPath",
        "StringLessThanEquals",
        "StringLessThanEqualsPath",
        "StringGreaterThan",
        "StringGreaterThanPath",
        "StringGreaterThanEquals",
        "StringGreaterThanEqualsPath",
        "StringMatches",
        "NumericEquals",
        "NumericEqualsPath",
        "NumericLessThan",
        "NumericLessThanPath",
        "NumericLessThanEquals",
        "NumericLessThanEqualsPath",
        "NumericGreaterThan",
        "NumericGreaterThanPath",
        "NumericGreaterThanEquals",
        "NumericGreaterThanEqualsPath",
        "BooleanEquals",
        "BooleanEqualsPath",
        "TimestampEquals",
        "TimestampEqualsPath",
        "TimestampLessThan",
        "TimestampLessThanPath",
        "TimestampLessThanEquals",
        "TimestampLessThanEqualsPath",
        "TimestampGreaterThan",
        "TimestampGreaterThanPath",
        "TimestampGreaterThanEquals",
        "TimestampGreaterThanEqualsPath",
    ];
    PLAIN
        .iter()
        .copied()
        .chain(TESTS.iter().map(|(word, _)| *word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_name_and_no_other() {
        for name in names() {
            assert!(is(name), "{name}");
        }
        assert_eq!(names().len(), 3 + 33 + TESTS.len());
        for name in [
            "StringMatchesPath",
            "BooleanLessThan",
            "NumericMatches",
            "String",
            "Equals",
        ] {
            assert!(!is(name), "{name}");
        }
    }
}
