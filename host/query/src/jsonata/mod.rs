//! JSONata as AWS has it.
//!
//! [`Jsonata`] knows nothing of the engine behind it but the trait in `engine`; the engine is in `core`. What is
//! only handed through never reaches it, so that a number keeps its digits.

mod budget;
mod catalogue;
mod convert;
mod core;
mod engine;
mod error;
mod function;
mod length;
mod message;
mod reads;
mod rewrite;
mod scope;
mod survey;
mod syntax;
mod template;
mod weight;

use std::sync::Arc;

use data::{Data, EcoString};

use self::core::Core;
use crate::scope::Surroundings;
use engine::Engine;
use reads::{Direct, Found};

pub use error::{JsonataError, JsonataSyntaxError, Reason};
pub use template::{JsonataTemplate, JsonataTemplateError};

/// An expression, parsed once and evaluated many times; a clone costs a reference count.
#[derive(Clone, Debug)]
pub struct Jsonata(Arc<Parsed>);

#[derive(Debug)]
struct Parsed {
    text: EcoString,
    program: Core,
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

impl States<'_> {
    fn field(&self, name: &str) -> Option<Data> {
        match name {
            "input" => Some(self.input.clone()),
            "result" => self.result.cloned(),
            "errorOutput" => self.error_output.cloned(),
            "context" => Some(self.outside.context()),
            _ => None,
        }
    }
}

/// The fields of `$states`.
const FIELDS: [&str; 4] = ["input", "result", "errorOutput", "context"];

impl Jsonata {
    /// What stands between `{%` and `%}`, if `text` is an expression at all: it must begin and end with them.
    pub fn body(text: &str) -> Option<&str> {
        text.strip_prefix("{%")?.strip_suffix("%}")
    }

    /// Compiles what stands between `{%` and `%}`; of several faults the first is returned.
    pub fn parse(text: &str) -> Result<Jsonata, JsonataSyntaxError> {
        Jsonata::parse_all(text).map_err(|mut errors| errors.swap_remove(0))
    }

    /// The same with every fault: AWS names each reference that it does not take. There is at least one.
    pub fn parse_all(text: &str) -> Result<Jsonata, Vec<JsonataSyntaxError>> {
        let program = Core::parse(text)?;
        let text = text.trim().into();
        Ok(Jsonata(Arc::new(Parsed { text, program })))
    }

    /// The expression as it was written, without the blanks around it.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Whether it may read `$states.result` or another field of `$states`: it names the field, or `$states` in a
    /// way that leaves open which fields are meant.
    pub fn reads(&self, field: &str) -> bool {
        let states = &self.0.program.reads().states;
        states
            .as_ref()
            .is_some_and(|need| need.field(field).is_some())
    }

    /// The workflow variables that it may read, without `$`, each once: the names that it uses as values and
    /// does not bind itself. `states` is not among them; a function's name is, since a variable hides it.
    pub fn variables(&self) -> &[EcoString] {
        &self.0.program.reads().names
    }

    /// The value; none if it is undefined.
    pub fn evaluate(&self, states: &States<'_>) -> Result<Option<Data>, Reason> {
        let reads = self.0.program.reads();
        if let Some(direct) = &reads.direct {
            match handed(direct, states) {
                Found::Data(data) => return Ok(Some(data)),
                Found::Undefined => return Ok(None),
                Found::Unclear => {}
            }
        }
        let wanted = |name: &&str| self.reads(name);
        let fields = FIELDS.into_iter().filter(wanted);
        let fields: Vec<_> = fields
            .filter_map(|name| Some((name, states.field(name)?)))
            .collect();
        let variables: Vec<_> = reads
            .names
            .iter()
            .filter_map(|name| Some((name.as_str(), states.outside.variable(name)?)))
            .collect();
        self.0.program.evaluate(&fields, &variables, states.outside)
    }
}

/// The very value that an expression hands through.
fn handed(direct: &Direct, states: &States<'_>) -> Found {
    if direct.variable != "states" {
        return match states.outside.variable(&direct.variable) {
            Some(value) => direct.follow(0, &value),
            None => Found::Undefined,
        };
    }
    match direct.fields.first() {
        None => Found::Unclear,
        Some(first) => match states.field(first) {
            Some(value) => direct.follow(1, &value),
            None => Found::Undefined,
        },
    }
}
