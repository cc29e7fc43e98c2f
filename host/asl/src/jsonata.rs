//! Fields that hold JSONata: templates, and numbers and texts that may be computed.

use query::{Jsonata, JsonataSyntaxError, JsonataTemplate, JsonataTemplateError};

use crate::compiler::Compiler;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::place::Item;
use crate::program::{Percentage, Quantity, StateType, Words};

/// Which field `$states` has besides `input` and `context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    Nothing,
    /// `$states.result`: in Output and Assign of states that do work.
    Result,
    /// `$states.errorOutput`: in Output and Assign of a catcher.
    ErrorOutput,
}

impl Offer {
    /// What Output and Assign of a state of this type may read.
    pub fn of(kind: StateType) -> Offer {
        match kind {
            StateType::Task | StateType::Parallel | StateType::Map => Offer::Result,
            StateType::Choice
            | StateType::Wait
            | StateType::Pass
            | StateType::Succeed
            | StateType::Fail => Offer::Nothing,
        }
    }
}

/// What a string or another value is.
pub(crate) enum Found {
    /// Not an expression.
    Literal,
    Expression(Jsonata),
    /// An expression that something is wrong with, which has been said.
    Wrong,
}

impl Compiler<'_> {
    /// A value in which strings between `{%` and `%}` are expressions.
    pub fn jsonata_template(
        &mut self,
        object: &Item,
        name: &str,
        offer: Offer,
    ) -> Option<JsonataTemplate> {
        let item = object.get(name)?;
        if !self.check_expressions(&item, offer) {
            return None;
        }
        match JsonataTemplate::parse(item.node) {
            Ok(template) => Some(template),
            Err(errors) => {
                for found in errors {
                    self.bad_template(&item, found);
                }
                None
            }
        }
    }

    /// Complains of what is wrong with a template although each of its expressions is right by itself.
    fn bad_template(&mut self, item: &Item, found: JsonataTemplateError) {
        self.push(Diagnostic {
            severity: Severity::Error,
            code: code_of(&found.error),
            message: found.error.message,
            pointer: format!("{}{}", item.pointer(), found.pointer),
            location: Some(format!("{}{}", item.location(), found.location)),
            span: found.span,
            hint: None,
        });
    }

    /// Whether nothing is wrong with any expression in a value.
    fn check_expressions(&mut self, item: &Item, offer: Offer) -> bool {
        let mut fine = true;
        for value in item.fields().chain(item.items()) {
            fine &= self.check_expressions(&value, offer);
        }
        fine && !matches!(self.jsonata(item, offer), Found::Wrong)
    }

    /// The expression that a value is, if it is one.
    pub fn jsonata(&mut self, item: &Item, offer: Offer) -> Found {
        let Some(body) = item.node.as_str().and_then(Jsonata::body) else {
            return Found::Literal;
        };
        match Jsonata::parse_all(body) {
            Ok(expression) if self.check_states(item, &expression, offer) => {
                Found::Expression(expression)
            }
            Ok(_) => Found::Wrong,
            Err(errors) => {
                for error in &errors {
                    self.bad_jsonata(item, error);
                }
                Found::Wrong
            }
        }
    }

    fn bad_jsonata(&mut self, item: &Item, error: &JsonataSyntaxError) {
        let code = code_of(error);
        let span = self.inside(item.node, OPENING.len() + error.offset);
        self.report(Severity::Error, item, span, code, error.message.clone());
    }

    /// Complains of fields of `$states` that do not exist where the expression stands.
    fn check_states(&mut self, item: &Item, expression: &Jsonata, offer: Offer) -> bool {
        let mut fine = true;
        for (name, home, hint) in FIELDS {
            if offer == home || !expression.reads(name) {
                continue;
            }
            let text = item.node.as_str().unwrap_or_default();
            let found = text.find(&format!("$states.{name}"));
            // One that takes `$states` as a whole reads any name, even none, and may.
            if found.is_none() && expression.reads("") {
                continue;
            }
            fine = false;
            let span = self.inside(item.node, found.unwrap_or(OPENING.len()));
            let message = format!("Field '$states.{name}' does not exist.");
            let code = Code::UnsupportedJsonataExpression;
            self.report(Severity::Error, item, span, code, message)
                .hint(hint);
        }
        fine
    }

    /// A number of seconds or items that is written down or computed.
    pub fn jsonata_quantity(
        &mut self,
        object: &Item,
        name: &str,
        range: (u64, u64),
    ) -> Option<Quantity> {
        let item = object.get(name)?;
        match self.jsonata_number(&item, "Integer") {
            Found::Literal => {
                let number = self.integer(&item, range.0..=range.1);
                number.map(Quantity::Value)
            }
            Found::Expression(expression) => Some(Quantity::Jsonata(expression)),
            Found::Wrong => None,
        }
    }

    /// A percentage that is written down or computed.
    pub fn jsonata_percentage(&mut self, object: &Item, name: &str) -> Option<Percentage> {
        let item = object.get(name)?;
        match self.jsonata_number(&item, "Number") {
            Found::Literal => self.literal_percentage(&item),
            Found::Expression(expression) => Some(Percentage::Jsonata(expression)),
            Found::Wrong => None,
        }
    }

    /// A string that is no expression is no number either.
    fn jsonata_number(&mut self, item: &Item, what: &str) -> Found {
        match self.jsonata(item, Offer::Nothing) {
            Found::Literal if item.node.as_str().is_some() && !self.is_filled(item) => {
                self.expected(item, &format!("{what}, String"));
                Found::Wrong
            }
            found => found,
        }
    }

    /// Whether it is a string that was nothing but a placeholder.
    pub fn is_filled(&self, item: &Item) -> bool {
        self.filled.contains(&item.node.span)
    }

    /// A text that is written down or computed.
    pub fn jsonata_words(&mut self, object: &Item, name: &str) -> Option<Words> {
        let item = object.get(name)?;
        match self.jsonata(&item, Offer::Nothing) {
            Found::Literal => self.string(&item).map(Words::Value),
            Found::Expression(expression) => Some(Words::Jsonata(expression)),
            Found::Wrong => None,
        }
    }
}

fn code_of(error: &JsonataSyntaxError) -> Code {
    match error.unsupported {
        true => Code::UnsupportedJsonataExpression,
        false => Code::InvalidJsonataExpression,
    }
}

/// What an expression's string begins with.
const OPENING: &str = "{%";

const FIELDS: [(&str, Offer, &str); 2] = [
    (
        "result",
        Offer::Result,
        "there is a result only in `Output` and `Assign` of a Task, Parallel or Map state",
    ),
    (
        "errorOutput",
        Offer::ErrorOutput,
        "there is an error output only in `Output` and `Assign` of a catcher",
    ),
];
