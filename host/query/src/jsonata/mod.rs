//! JSONata as AWS has it.

mod error;
mod template;

use std::sync::Arc;

use data::{Data, EcoString};
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::parser;
use jsonata_core::value::JValue;

use crate::scope::Surroundings;

pub use error::{JsonataError, JsonataSyntaxError, Reason};
pub use template::{JsonataTemplate, JsonataTemplateError};

/// An expression, parsed once and evaluated many times; a clone costs a reference count.
#[derive(Clone, Debug)]
pub struct Jsonata(Arc<Parsed>);

#[derive(Debug)]
struct Parsed {
    text: EcoString,
    ast: AstNode,
}

/// What the reserved variable `$states` holds, and what lies around it.
#[derive(Clone, Copy)]
pub struct States<'a> {
    /// `$states.input`: the state's raw input.
    pub input: &'a Data,
    /// `$states.result`: what the work gave, where there is such a thing.
    pub result: Option<&'a Data>,
    /// `$states.errorOutput`: what a catcher caught, in a catcher.
    pub error_output: Option<&'a Data>,
    /// `$states.context`, the variables, the draws and the time.
    pub outside: &'a dyn Surroundings,
}

impl Jsonata {
    /// What stands between `{%` and `%}`, if `text` is an expression at all: it must begin and end with them.
    pub fn body(text: &str) -> Option<&str> {
        text.strip_prefix("{%")?.strip_suffix("%}")
    }

    /// Compiles what stands between `{%` and `%}`.
    pub fn parse(text: &str) -> Result<Jsonata, JsonataSyntaxError> {
        let ast = parser::parse(text).map_err(|error| JsonataSyntaxError {
            unsupported: false,
            message: error.to_string(),
            offset: 0,
        })?;
        let text = text.trim().into();
        Ok(Jsonata(Arc::new(Parsed { text, ast })))
    }

    /// The expression as it was written, without the blanks around it.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Whether it names `$states.result` or another field of `$states`.
    pub fn reads(&self, field: &str) -> bool {
        self.0.text.contains(&format!("$states.{field}"))
    }

    /// The value; none if it is undefined.
    pub fn evaluate(&self, states: &States<'_>) -> Result<Option<Data>, Reason> {
        let to = |data: &Data| JValue::from_json_str(&data.to_string()).unwrap_or(JValue::Null);
        let mut context = Context::new();
        let mut all = data::Object::builder()
            .with("input", states.input.clone())
            .with("context", states.outside.context());
        if let Some(result) = states.result {
            all.insert("result".into(), result.clone());
        }
        if let Some(output) = states.error_output {
            all.insert("errorOutput".into(), output.clone());
        }
        context.bind("states".into(), to(&all.build().into()));
        for word in self
            .0
            .text
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
        {
            if let Some(name) = word.strip_prefix('$')
                && let Some(value) = states.outside.variable(name)
            {
                context.bind(name.into(), to(&value));
            }
        }
        let mut evaluator = Evaluator::with_context(context);
        let found = evaluator.evaluate(&self.0.ast, &JValue::Undefined);
        let value = found.map_err(|error| Reason::Thrown {
            code: None,
            message: error.to_string(),
        })?;
        if matches!(value, JValue::Undefined) {
            return Ok(None);
        }
        let text = value.to_json_string().unwrap_or_default();
        Ok(Data::parse(&text).ok())
    }
}
