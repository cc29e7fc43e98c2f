//! Choice: a branch by conditions.

use std::cmp::Ordering;

use asl::{
    Choice, ChoiceRule, Comparand, Condition, Dataflow, Operand, Operator, Relation, State,
    StateId, Transition, TypeTest,
};
use data::Data;
use query::{Path, Scope};

use super::timestamp;
use crate::dataflow::{
    Exit, Fault, Flow, assign, conclude, effective_input, jsonata_exit, path_output,
};
use crate::ids::FrameId;
use crate::inspect::Around;
use crate::jsonata;
use crate::record::Via;
use crate::step::{Stop, Turn};

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, choice: &Choice) -> Result<(), Stop> {
    let (exit, next, via) = turn.evaluate(id, |state, raw, outside| {
        decide(state, choice, raw, outside)
    })?;
    turn.exit(id, exit, Transition::Next(next), via)
}

/// What the state leaves behind, and where it goes. A rule that holds has its own Assign and Output; those of
/// the state belong to `Default`.
pub(crate) fn decide(
    state: &State,
    choice: &Choice,
    raw: &Data,
    outside: &impl Around,
) -> Flow<(Exit, StateId, Via)> {
    let input = effective_input(state, raw, outside)?;
    for (at, rule) in choice.rules.iter().enumerate() {
        let scope = Scope {
            input: &input,
            outside,
        };
        let found = holds(&rule.condition, &scope);
        if found.map_err(|fault| fault.within("Choices", at))? {
            let exit = take(state, rule, at, (raw, input), outside)?;
            return Ok((exit, rule.next, Via::Rule(at as u32)));
        }
    }
    let Some(next) = choice.default else {
        return Err(Fault::runtime(
            "Failed to transition out of the state. The state does not point to a next state.",
        ));
    };
    Ok((conclude(state, raw, input, outside)?, next, Via::Default))
}

#[inline]
fn take(
    state: &State,
    rule: &ChoiceRule,
    at: usize,
    (raw, input): (&Data, Data),
    outside: &impl Around,
) -> Flow<Exit> {
    match &state.flow {
        Dataflow::JsonPath(flow) => {
            let assigned = assign(rule.assign.as_ref(), &input, outside)?;
            let output = path_output(flow, raw, input, outside)?;
            Ok(Exit { output, assigned })
        }
        Dataflow::Jsonata(_) => {
            let states = jsonata::states(raw, outside);
            let (output, assigned) = (rule.output.as_ref(), rule.assign.as_ref());
            let exit = jsonata_exit(output, assigned, &states, || raw.clone());
            exit.map_err(|fault| fault.within("Choices", at))
        }
    }
}

type Here<'a> = Scope<'a>;

fn holds(condition: &Condition, scope: &Here<'_>) -> Flow<bool> {
    match condition {
        Condition::And(all) => {
            for one in all {
                if !holds(one, scope)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Or(any) => {
            for one in any {
                if holds(one, scope)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not(one) => Ok(!holds(one, scope)?),
        Condition::Compare {
            variable,
            operator,
            operand,
        } => {
            let left = find(variable, scope)?;
            match operand {
                Operand::Value(right) => Ok(compare(*operator, &left, right)),
                Operand::Path(path) => Ok(compare(*operator, &left, &find(path, scope)?)),
            }
        }
        Condition::Is {
            variable,
            test,
            expected,
        } => is(variable, *test, *expected, scope),
        Condition::Constant(value) => Ok(*value),
        Condition::Jsonata(expression) => {
            let states = jsonata::states(scope.input, scope.outside);
            jsonata::boolean("Condition", expression, &states)
        }
    }
}

fn find(path: &Path, scope: &Here<'_>) -> Flow {
    path.evaluate(scope).map_err(|_| {
        let path = path.as_str();
        Fault::runtime(format!(
            "Invalid path '{path}': The choice state's condition path references an invalid value."
        ))
    })
}

fn is(variable: &Path, test: TypeTest, expected: bool, scope: &Here<'_>) -> Flow<bool> {
    let value = match test {
        TypeTest::Present => return Ok(variable.evaluate(scope).is_ok() == expected),
        _ => find(variable, scope)?,
    };
    let has = match test {
        TypeTest::Boolean => value.as_bool().is_some(),
        TypeTest::Null => value.is_null(),
        TypeTest::Numeric => value.as_number().is_some(),
        TypeTest::String => value.as_str().is_some(),
        TypeTest::Timestamp => value
            .as_str()
            .is_some_and(|text| timestamp::parse(text).is_some()),
        TypeTest::Present => true,
    };
    Ok(has == expected)
}

/// Values of another type than the operator's never compare as true.
fn compare(operator: Operator, left: &Data, right: &Data) -> bool {
    if operator.relation == Relation::Matches {
        let (Some(text), Some(pattern)) = (left.as_str(), right.as_str()) else {
            return false;
        };
        return matches(text.as_bytes(), pattern.as_bytes());
    }
    let ordering = match operator.comparand {
        Comparand::String => left.as_str().zip(right.as_str()).map(|(a, b)| utf16(a, b)),
        Comparand::Numeric => left
            .as_number()
            .zip(right.as_number())
            .map(|(a, b)| a.compare(b)),
        Comparand::Boolean => left.as_bool().zip(right.as_bool()).map(|(a, b)| a.cmp(&b)),
        Comparand::Timestamp => moments(left, right),
    };
    ordering.is_some_and(|ordering| satisfies(operator.relation, ordering))
}

/// Strings compare by UTF-16 code unit, as Java compares them.
fn utf16(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        a.cmp(b)
    } else {
        a.encode_utf16().cmp(b.encode_utf16())
    }
}

fn moments(left: &Data, right: &Data) -> Option<Ordering> {
    let moment = |data: &Data| data.as_str().and_then(timestamp::parse);
    Some(moment(left)?.cmp(&moment(right)?))
}

fn satisfies(relation: Relation, ordering: Ordering) -> bool {
    match relation {
        Relation::Equals | Relation::Matches => ordering.is_eq(),
        Relation::LessThan => ordering.is_lt(),
        Relation::LessThanEquals => ordering.is_le(),
        Relation::GreaterThan => ordering.is_gt(),
        Relation::GreaterThanEquals => ordering.is_ge(),
    }
}

/// `*` stands for any characters, `\*` for a star, `\\` for a backslash. Linear in the text for each star.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let (literal, width) = match pattern.get(p..).unwrap_or_default() {
            [b'*', ..] => {
                retry = Some((at, p + 1));
                p += 1;
                continue;
            }
            [b'\\', escaped @ (b'*' | b'\\'), ..] => (Some(*escaped), 2),
            [byte, ..] => (Some(*byte), 1),
            [] => (None, 0),
        };
        if literal.is_none() && at == text.len() {
            return true;
        }
        if literal.is_some() && literal == text.get(at).copied() {
            at += 1;
            p += width;
            continue;
        }
        match retry {
            Some((from, after)) if from < text.len() => {
                retry = Some((from + 1, after));
                (at, p) = (from + 1, after);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_language_says() {
        for (text, pattern, expected) in [
            ("log-1.txt", "log-*.txt", true),
            ("log-.txt", "log-*.txt", true),
            ("log-1.csv", "log-*.txt", false),
            ("a*b", "a\\*b", true),
            ("aXb", "a\\*b", false),
            ("a\\b", "a\\\\b", true),
            ("", "*", true),
            ("", "", true),
            ("x", "", false),
            ("abcabc", "*abc", true),
            ("abcab", "*abc", false),
            ("aXbYc", "a*b*c", true),
        ] {
            assert_eq!(
                matches(text.as_bytes(), pattern.as_bytes()),
                expected,
                "{text} ~ {pattern}"
            );
        }
    }

    #[test]
    fn other_types_never_compare() {
        let numeric = Operator {
            comparand: Comparand::Numeric,
            relation: Relation::Equals,
        };
        assert!(compare(
            numeric,
            &Data::from(1),
            &Data::parse("1.0").unwrap()
        ));
        assert!(!compare(numeric, &Data::from("1"), &Data::from(1)));
    }
}
