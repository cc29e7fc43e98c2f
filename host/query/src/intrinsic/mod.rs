//! Intrinsic functions: `States.Format('Hello {}', $.name)`.

mod array;
mod encoding;
mod format;
mod json;
mod math;
mod syntax;

pub(crate) use encoding::{digest, version_4};

use data::{Data, EcoString};

use crate::error::{EvaluateError, SyntaxError};
use crate::jsonpath::Path;
use crate::outline::Takes;
use crate::scope::Scope;

/// A compiled call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    text: EcoString,
    invocation: Invocation,
}

/// A function and its arguments.
#[derive(Clone, Debug)]
struct Invocation {
    function: Function,
    arguments: Box<[Argument]>,
}

#[derive(Clone, Debug)]
enum Argument {
    Constant(Data),
    /// A text with places to fill in, as `States.Format` wants it.
    Format(format::Format),
    Path(Path),
    Call(Invocation),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Format,
    StringToJson,
    JsonToString,
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
}

/// What a function says when it fails.
type Outcome = Result<Data, String>;

impl Call {
    /// Compiles `States.Function(...)`.
    pub fn parse(text: &str) -> Result<Call, SyntaxError> {
        Ok(Call {
            text: text.into(),
            invocation: syntax::parse(text)?,
        })
    }

    /// The call as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Every path in its arguments with what its place takes.
    pub fn paths(&self) -> Vec<(&Path, Takes)> {
        let mut paths = Vec::new();
        self.invocation.paths(&mut paths);
        paths
    }

    /// The value in `scope`. An error names the whole call, however deep in it the failing one is.
    pub fn evaluate(&self, scope: &Scope) -> Result<Data, EvaluateError> {
        self.invocation
            .evaluate(scope)
            .map_err(|message| EvaluateError::Function {
                call: self.text.clone(),
                message,
            })
    }
}

impl Function {
    /// What the argument with this index is to be.
    fn takes(self, at: usize) -> Takes {
        match (self, at) {
            (Function::Format | Function::StringSplit | Function::Hash, _)
            | (Function::Base64Encode | Function::Base64Decode, _) => Takes::Text,
            (Function::StringToJson, _) => Takes::Json,
            (Function::MathAdd | Function::MathRandom | Function::ArrayRange, _)
            | (Function::ArrayPartition | Function::ArrayGetItem, 1) => Takes::Number,
            (Function::ArrayPartition | Function::ArrayGetItem | Function::ArrayContains, 0)
            | (Function::ArrayLength | Function::ArrayUnique, _) => Takes::List,
            (Function::JsonMerge, 0 | 1) => Takes::Object,
            (
                Function::JsonMerge
                | Function::JsonToString
                | Function::Array
                | Function::ArrayPartition
                | Function::ArrayGetItem
                | Function::ArrayContains
                | Function::Uuid,
                _,
            ) => Takes::Any,
        }
    }
}

impl Invocation {
    fn paths<'a>(&'a self, paths: &mut Vec<(&'a Path, Takes)>) {
        for (at, argument) in self.arguments.iter().enumerate() {
            match argument {
                Argument::Path(path) => paths.push((path, self.function.takes(at))),
                Argument::Call(call) => call.paths(paths),
                Argument::Constant(_) | Argument::Format(_) => {}
            }
        }
    }

    fn evaluate(&self, scope: &Scope) -> Outcome {
        let argument = |at: usize| self.argument(at, scope);
        match self.function {
            Function::Format => self.format(scope),
            Function::StringToJson => json::from_string(&argument(0)?),
            Function::JsonToString => Ok(json::to_string(&argument(0)?)),
            Function::JsonMerge => json::merge(&argument(0)?, &argument(1)?, &argument(2)?),
            Function::Array => self
                .arguments
                .iter()
                .map(|argument| argument.evaluate(scope))
                .collect(),
            Function::ArrayPartition => array::partition(&argument(0)?, &argument(1)?),
            Function::ArrayContains => array::contains(&argument(0)?, &argument(1)?),
            Function::ArrayRange => array::range(&argument(0)?, &argument(1)?, &argument(2)?),
            Function::ArrayGetItem => array::get_item(&argument(0)?, &argument(1)?),
            Function::ArrayLength => array::length(&argument(0)?),
            Function::ArrayUnique => array::unique(&argument(0)?),
            Function::Base64Encode => encoding::base64_encode(&argument(0)?),
            Function::Base64Decode => encoding::base64_decode(&argument(0)?),
            Function::Hash => encoding::hash(&argument(0)?, &argument(1)?),
            Function::MathRandom if self.arguments.len() == 3 => {
                math::seeded_random(&argument(0)?, &argument(1)?, &argument(2)?)
            }
            Function::MathRandom => {
                math::random(&argument(0)?, &argument(1)?, || scope.outside.random())
            }
            Function::MathAdd => math::add(&argument(0)?, &argument(1)?),
            Function::StringSplit => format::split(&argument(0)?, &argument(1)?),
            Function::Uuid => Ok(encoding::uuid(scope.outside.uuid())),
        }
    }

    fn argument(&self, at: usize, scope: &Scope) -> Outcome {
        self.arguments
            .get(at)
            .map_or(Ok(Data::Null), |argument| argument.evaluate(scope))
    }

    fn format(&self, scope: &Scope) -> Outcome {
        let (first, rest) = self
            .arguments
            .split_first()
            .ok_or("The template is missing")?;
        let values = || {
            rest.iter()
                .map(|argument| argument.evaluate(scope))
                .collect()
        };
        if let Argument::Format(format) = first {
            let values: Result<Vec<_>, _> = values();
            return format.fill(&values?);
        }
        let template = first.evaluate(scope)?;
        let text = template
            .as_str()
            .ok_or("The first argument must be a string")?;
        let values: Result<Vec<_>, _> = values();
        format::Format::plain(text).fill(&values?)
    }
}

impl Argument {
    fn evaluate(&self, scope: &Scope) -> Outcome {
        match self {
            Argument::Constant(data) => Ok(data.clone()),
            Argument::Format(format) => Ok(Data::from(format.text())),
            Argument::Call(call) => call.evaluate(scope),
            Argument::Path(path) => path.evaluate_present(scope).map_err(|error| {
                if error.is_not_found() {
                    not_found(path, scope)
                } else {
                    error.message
                }
            }),
        }
    }
}

/// AWS names a path into the Context Object as if it were one into the input.
fn not_found(path: &Path, scope: &Scope) -> String {
    let text = path.as_str();
    let text = if text.starts_with("$$") {
        &text[1..]
    } else {
        text
    };
    format!(
        "The JsonPath argument for the field '{text}' could not be found in the input '{}'",
        scope.input
    )
}
