//! Conditions of choice rules in JSONPath: comparisons, and what combines them.

use data::{Data, Value};

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::operator::{self, Comparison};
use crate::place::Item;
use crate::program::{Comparand, Condition, Operand, Operator};
use crate::timestamp;

/// Conditions may stand in conditions up to this depth, which no thread's stack is too small for.
const MAX_CONDITIONS: usize = 128;

impl Compiler<'_> {
    /// The condition of a rule, or one inside another.
    pub fn condition(&mut self, rule: &Item, top: bool, depth: usize) -> Option<Condition> {
        if depth > MAX_CONDITIONS {
            let message = format!("Conditions are nested deeper than {MAX_CONDITIONS} levels");
            self.error_head(rule, Code::TooDeeplyNested, message);
            return None;
        }
        if !self.object(rule) {
            return None;
        }
        let complaints = self.diagnostics.len();
        match top {
            true => self.check_rule_fields(rule, Language::JsonPath),
            false => self.check_inner_fields(rule),
        }
        let is_slip = self.diagnostics.len() > complaints;
        let found: Vec<Item> = rule
            .fields()
            .filter(|field| operator::is(field.name()))
            .collect();
        match found.as_slice() {
            [] => {
                if !is_slip {
                    let message = "A condition is required: a comparison of 'Variable', or one of [And, Or, Not]";
                    self.error_head(rule, Code::SchemaValidationFailed, message.into());
                }
                None
            }
            [field] => self.operation(rule, field, depth),
            [first, second, ..] => {
                let (a, b) = (first.name(), second.name());
                let message =
                    format!("Only one comparison is allowed in a condition, found {a} and {b}");
                let complaint = self.error_head(second, Code::SchemaValidationFailed, message);
                complaint.hint("combine conditions with \"And\": [...]");
                None
            }
        }
    }

    /// Complains of fields that a condition inside another cannot have.
    fn check_inner_fields(&mut self, condition: &Item) {
        let allowed = [&["Variable", "Comment"], &operator::names()[..]].concat();
        self.known(condition, &allowed);
    }

    fn operation(&mut self, rule: &Item, field: &Item, depth: usize) -> Option<Condition> {
        match field.name() {
            "And" => return self.conditions(field, depth).map(Condition::And),
            "Or" => return self.conditions(field, depth).map(Condition::Or),
            "Not" => {
                let inner = self.condition(field, false, depth + 1)?;
                return Some(Condition::Not(Box::new(inner)));
            }
            _ => {}
        }
        self.require(rule, &["Variable"]);
        let variable = rule
            .get("Variable")
            .and_then(|variable| self.path(&variable));
        match operator::of(field.name())? {
            Comparison::Test(test) => {
                let expected = self.boolean(field)?;
                Some(Condition::Is {
                    variable: variable?,
                    test,
                    expected,
                })
            }
            Comparison::Operator { operator, is_path } => {
                let operand = match is_path {
                    true => Operand::Path(self.path(field)?),
                    false => Operand::Value(self.constant(field, operator)?),
                };
                Some(Condition::Compare {
                    variable: variable?,
                    operator,
                    operand,
                })
            }
        }
    }

    fn conditions(&mut self, field: &Item, depth: usize) -> Option<Vec<Condition>> {
        if !self.filled_array(field) {
            return None;
        }
        let inner: Vec<Option<Condition>> = field
            .items()
            .map(|rule| self.condition(&rule, false, depth + 1))
            .collect();
        inner.into_iter().collect()
    }

    fn constant(&mut self, field: &Item, operator: Operator) -> Option<Data> {
        match operator.comparand {
            Comparand::Numeric => self.number(field).map(Data::Number),
            Comparand::Boolean => self.boolean(field).map(Data::Bool),
            Comparand::String => {
                self.doubt_path(field, &format!("{}Path", field.name()));
                self.string(field).map(Data::from)
            }
            Comparand::Timestamp => {
                let text = self.string(field)?;
                if timestamp::parse(&text).is_none() {
                    self.bad_timestamp(field, Language::JsonPath);
                    return None;
                }
                Some(Data::from(text))
            }
        }
    }

    pub fn bad_timestamp(&mut self, field: &Item, language: Language) {
        let message = "Value is not a valid timestamp".to_owned();
        let is_path = matches!(&field.node.value, Value::String(text) if text.starts_with('$'));
        let hint = match (is_path, language) {
            (true, Language::JsonPath) => format!(
                "to have a path evaluated, name the field `{}Path`",
                field.name()
            ),
            (true, Language::Jsonata) => "an expression stands between {% and %}".into(),
            (false, _) => "a timestamp looks like 2026-03-14T01:59:00Z".into(),
        };
        self.error(field, Code::SchemaValidationFailed, message)
            .hint(hint);
    }
}
