//! What the value of a `"name.$"` field may say.

use data::Data;

use crate::error::{EvaluateError, SyntaxError};
use crate::intrinsic::Call;
use crate::jsonpath::Path;
use crate::scope::Scope;

/// A path or a call of an intrinsic function.
#[derive(Clone, Debug)]
pub struct Expression(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Path(Path),
    Call(Box<Call>),
}

impl Expression {
    /// Compiles `$.a.path` or `States.Function(...)`.
    pub fn parse(text: &str) -> Result<Expression, SyntaxError> {
        let kind = if text.trim_start().starts_with('$') {
            Kind::Path(Path::parse(text)?)
        } else {
            Kind::Call(Box::new(Call::parse(text)?))
        };
        Ok(Expression(kind))
    }

    /// The expression as it was written.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Path(path) => path.as_str(),
            Kind::Call(call) => call.as_str(),
        }
    }

    /// The path, if it is one.
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Path(path) => Some(path),
            Kind::Call(_) => None,
        }
    }

    pub(crate) fn as_call(&self) -> Option<&Call> {
        match &self.0 {
            Kind::Path(_) => None,
            Kind::Call(call) => Some(call),
        }
    }

    /// The value in `scope`.
    pub fn evaluate(&self, scope: &Scope) -> Result<Data, EvaluateError> {
        match &self.0 {
            Kind::Path(path) => path.evaluate(scope).map_err(|reason| EvaluateError::Path {
                field: "".into(),
                input: path.document(scope),
                reason,
            }),
            Kind::Call(call) => call.evaluate(scope),
        }
    }
}
