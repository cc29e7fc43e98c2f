//! Choice states.

use crate::block::Scope;
use crate::compiler::Compiler;
use crate::jsonata::{Found, Offer};
use crate::language::Language;
use crate::operator;
use crate::place::Item;
use crate::program::{Choice, ChoiceRule, Condition, StateId};

/// The fields of a rule besides its condition.
const FIELDS: &[&str] = &["Next", "Assign", "Comment"];
/// The fields of a condition besides its operator.
const VARIABLE: &[&str] = &["Variable", "Comment"];
const JSONATA: &[&str] = &["Condition", "Output"];

impl Compiler<'_> {
    pub fn choice(
        &mut self,
        state: &Item,
        language: Language,
        scope: &mut Scope,
    ) -> Option<Choice> {
        let default = state
            .get("Default")
            .map(|default| self.target(&default, scope));
        self.require(state, &["Choices"]);
        let choices = state.get("Choices")?;
        if !self.filled_array(&choices) {
            scope.unclear = true;
            return None;
        }
        let rules: Vec<Option<ChoiceRule>> = choices
            .items()
            .map(|rule| self.rule(&rule, language, scope))
            .collect();
        let rules = rules.into_iter().collect::<Option<Vec<ChoiceRule>>>()?;
        let default: Option<StateId> = match default {
            Some(target) => Some(target?),
            None => None,
        };
        Some(Choice { rules, default })
    }

    fn rule(&mut self, rule: &Item, language: Language, scope: &mut Scope) -> Option<ChoiceRule> {
        if !self.object(rule) {
            return None;
        }
        let next = rule.get("Next").and_then(|next| self.target(&next, scope));
        self.require(rule, &["Next"]);
        let assign = self.assign(rule, language, Offer::Nothing);
        let (condition, output) = match language {
            Language::JsonPath => (self.condition(rule, true, 0), None),
            Language::Jsonata => (
                self.jsonata_condition(rule),
                self.jsonata_template(rule, "Output", Offer::Nothing),
            ),
        };
        Some(ChoiceRule {
            condition: condition?,
            next: next?,
            assign,
            output,
            span: rule.node.span,
        })
    }

    fn jsonata_condition(&mut self, rule: &Item) -> Option<Condition> {
        let complaints = self.diagnostics.len();
        self.check_rule_fields(rule, Language::Jsonata);
        let is_slip = self.diagnostics.len() > complaints;
        let Some(field) = rule.get("Condition") else {
            if !is_slip {
                self.require(rule, &["Condition"]);
            }
            return None;
        };
        match self.jsonata(&field, Offer::Nothing) {
            Found::Expression(expression) => Some(Condition::Jsonata(expression)),
            Found::Literal if field.node.as_str().is_none() || self.is_filled(&field) => {
                self.boolean(&field).map(Condition::Constant)
            }
            Found::Literal => {
                self.expected(&field, "Boolean, String");
                None
            }
            Found::Wrong => None,
        }
    }

    /// Complains of fields that a rule cannot have.
    pub fn check_rule_fields(&mut self, rule: &Item, language: Language) {
        let operators = operator::names();
        let path = [VARIABLE, &operators].concat();
        let (own, foreign) = match language {
            Language::JsonPath => (&path[..], JSONATA),
            Language::Jsonata => (JSONATA, &path[..]),
        };
        self.known_in(rule, language, &[FIELDS, own].concat(), foreign);
    }
}
