//! The values with which a condition holds, and those with which it does not.

use asl::{Comparand, Condition, Operand, Operator, Relation, TypeTest};
use data::{Data, Number};
use query::Path;

use super::example::{FUTURE, PAST, PRESENT};
use super::shape::{Candidate, Type};

/// What a condition says of a path that it reads.
pub(super) struct Said<'a> {
    pub path: &'a Path,
    pub kind: Type,
    /// First what makes the condition hold.
    pub candidates: [Candidate; 2],
}

/// All that a condition says; of one that is negated the other way round.
pub(super) fn said<'a>(condition: &'a Condition, holds: bool, out: &mut Vec<Said<'a>>) {
    match condition {
        Condition::And(all) | Condition::Or(all) => {
            all.iter().for_each(|condition| said(condition, holds, out));
        }
        Condition::Not(inner) => said(inner, !holds, out),
        Condition::Compare {
            variable,
            operator,
            operand,
        } => match operand {
            Operand::Value(value) => {
                out.push(of(
                    variable,
                    kind(*operator),
                    holds,
                    constant(*operator, value),
                ));
            }
            Operand::Path(other) => {
                let [yes, no, with] = scale(*operator);
                let kind = kind(*operator);
                out.push(of(variable, kind, holds, [yes, no]));
                let with = Candidate::Value(with);
                let candidates = [with.clone(), with];
                out.push(Said {
                    path: other,
                    kind,
                    candidates,
                });
            }
        },
        Condition::Is {
            variable,
            test,
            expected,
        } => {
            let (kind, candidates) = tested(*test);
            let candidates = turned(candidates, holds == *expected);
            out.push(Said {
                path: variable,
                kind,
                candidates,
            });
        }
        // What a JSONata condition says is in its text.
        Condition::Constant(_) | Condition::Jsonata(_) => {}
    }
}

fn of(path: &Path, kind: Type, holds: bool, values: [Data; 2]) -> Said<'_> {
    let candidates = turned(values.map(Candidate::Value), holds);
    Said {
        path,
        kind,
        candidates,
    }
}

fn turned([yes, no]: [Candidate; 2], holds: bool) -> [Candidate; 2] {
    if holds { [yes, no] } else { [no, yes] }
}

fn kind(operator: Operator) -> Type {
    match operator.comparand {
        Comparand::String => Type::Text,
        Comparand::Numeric => Type::Number,
        Comparand::Boolean => Type::Boolean,
        Comparand::Timestamp => Type::Timestamp,
    }
}

/// A value that compares as wanted with a constant, and one that does not.
fn constant(operator: Operator, value: &Data) -> [Data; 2] {
    match operator.comparand {
        Comparand::String => string(operator.relation, value.as_str().unwrap_or_default()),
        Comparand::Numeric => {
            let number = value.as_number().map_or(0.0, Number::as_f64);
            numbers(operator.relation, number)
        }
        Comparand::Boolean => {
            let value = value.as_bool().unwrap_or(true);
            [Data::from(value), Data::from(!value)]
        }
        Comparand::Timestamp => match operator.relation {
            Relation::LessThan => [Data::from(PAST), value.clone()],
            Relation::GreaterThan => [Data::from(FUTURE), value.clone()],
            Relation::LessThanEquals => [value.clone(), Data::from(FUTURE)],
            Relation::GreaterThanEquals | Relation::Equals | Relation::Matches => {
                [value.clone(), Data::from(PAST)]
            }
        },
    }
}

fn string(relation: Relation, value: &str) -> [Data; 2] {
    let (yes, no) = match relation {
        Relation::Equals | Relation::LessThanEquals => (value.to_owned(), format!("{value}-other")),
        Relation::LessThan => (String::new(), value.to_owned()),
        Relation::GreaterThan => (format!("{value}-more"), value.to_owned()),
        Relation::GreaterThanEquals => (value.to_owned(), String::new()),
        Relation::Matches => (matching(value), "something else".to_owned()),
    };
    [Data::from(yes), Data::from(no)]
}

/// A text that a pattern matches: its wildcards stand for nothing.
fn matching(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' => {}
            '\\' => text.extend(rest.next()),
            c => text.push(c),
        }
    }
    text
}

/// A number that compares as wanted with another one, and one that does not.
pub(super) fn numbers(relation: Relation, number: f64) -> [Data; 2] {
    let (yes, no) = match relation {
        Relation::Equals | Relation::LessThanEquals | Relation::Matches => (number, number + 1.0),
        Relation::LessThan => (number - 1.0, number),
        Relation::GreaterThan => (number + 1.0, number),
        Relation::GreaterThanEquals => (number, number - 1.0),
    };
    [yes, no].map(self::number)
}

/// The number, without a fraction where it has none.
fn number(value: f64) -> Data {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Data::from(value as i64);
    }
    Number::float(value).map_or(Data::Null, Data::Number)
}

/// For a comparison of two paths: a value that compares as wanted, one that does not, and the other side.
fn scale(operator: Operator) -> [Data; 3] {
    let three = match operator.comparand {
        Comparand::String => ["a", "b", "c"].map(Data::from),
        Comparand::Numeric => [1, 2, 3].map(Data::from),
        Comparand::Boolean => [false, true, false].map(Data::from),
        Comparand::Timestamp => [PAST, PRESENT, FUTURE].map(Data::from),
    };
    let [low, middle, high] = three;
    match operator.relation {
        Relation::LessThan => [low, high, middle],
        Relation::GreaterThan => [high, low, middle],
        Relation::Equals | Relation::LessThanEquals | Relation::Matches => {
            [middle.clone(), high, middle]
        }
        Relation::GreaterThanEquals => [middle.clone(), low, middle],
    }
}

fn tested(test: TypeTest) -> (Type, [Candidate; 2]) {
    let values = |yes: Data, no: Data| [Candidate::Value(yes), Candidate::Value(no)];
    let text = || Data::from("example");
    match test {
        TypeTest::Boolean => (Type::Boolean, values(Data::from(true), text())),
        TypeTest::Null => (Type::Open, values(Data::Null, text())),
        TypeTest::Numeric => (Type::Number, values(Data::from(1), text())),
        TypeTest::Present => (Type::Open, [Candidate::Present, Candidate::Absent]),
        TypeTest::String => (Type::Text, values(text(), Data::from(1))),
        TypeTest::Timestamp => (Type::Timestamp, values(Data::from(PRESENT), text())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_matched_by_their_plain_parts() {
        assert_eq!(matching("log-*.txt"), "log-.txt");
        assert_eq!(matching(r"a\*b"), "a*b");
    }
}
