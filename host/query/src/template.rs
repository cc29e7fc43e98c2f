//! Payload templates: `Parameters`, `ResultSelector`, `ItemSelector` and their like.

use data::{Data, EcoString, Node, Object, Span, Value};

use crate::error::{EvaluateError, SyntaxError};
use crate::expression::Expression;
use crate::scope::Scope;

/// A JSON value in which each field `"name.$"` holds an expression.
///
/// Whatever has no such field below it is built once and shared by all results.
#[derive(Clone, Debug)]
pub struct Template(Part);

#[derive(Clone, Debug)]
enum Part {
    Constant(Data),
    Expression {
        field: EcoString,
        expression: Expression,
    },
    Object(Box<[(EcoString, Part)]>),
    Array(Box<[Part]>),
}

/// What is wrong with one field of a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Where the wrong value or key stands.
    pub span: Span,
    /// The field, as a JSON pointer below the template: `/address/street.$`.
    pub pointer: String,
    /// What AWS says, without the place that it appends.
    pub message: String,
    /// What exactly is wrong with the expression and where in its text, if it is a text.
    pub detail: Option<SyntaxError>,
}

impl Template {
    /// Compiles a template; all that is wrong is returned together.
    pub fn parse(node: &Node) -> Result<Template, Vec<TemplateError>> {
        let mut parser = Parser {
            pointer: String::new(),
            errors: Vec::new(),
        };
        let part = parser.part(node);
        if parser.errors.is_empty() {
            Ok(Template(part))
        } else {
            Err(parser.errors)
        }
    }

    /// A template that always gives `data`, fields ending in `.$` included.
    pub fn constant(data: Data) -> Template {
        Template(Part::Constant(data))
    }

    /// The value in `scope`.
    pub fn evaluate(&self, scope: &Scope) -> Result<Data, EvaluateError> {
        self.0.evaluate(scope)
    }

    /// Every expression in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found = Vec::new();
        self.0.expressions(&mut found);
        found
    }

    /// The value of a field of the outermost object, if it is the same in every scope.
    pub fn constant_field(&self, name: &str) -> Option<&Data> {
        match &self.0 {
            Part::Constant(data) => data.get(name),
            Part::Object(fields) => match fields.iter().find(|(field, _)| field == name)? {
                (_, Part::Constant(data)) => Some(data),
                _ => None,
            },
            Part::Expression { .. } | Part::Array(_) => None,
        }
    }
}

impl Part {
    fn expressions<'a>(&'a self, found: &mut Vec<&'a Expression>) {
        match self {
            Part::Constant(_) => {}
            Part::Expression { expression, .. } => found.push(expression),
            Part::Object(fields) => fields.iter().for_each(|(_, part)| part.expressions(found)),
            Part::Array(items) => items.iter().for_each(|item| item.expressions(found)),
        }
    }

    fn evaluate(&self, scope: &Scope) -> Result<Data, EvaluateError> {
        match self {
            Part::Constant(data) => Ok(data.clone()),
            Part::Expression { field, expression } => expression
                .evaluate(scope)
                .map_err(|error| error.for_field(field)),
            Part::Object(fields) => {
                let mut object = Object::builder();
                for (key, part) in fields {
                    object.insert(key.clone(), part.evaluate(scope)?);
                }
                Ok(object.build().into())
            }
            Part::Array(items) => items.iter().map(|item| item.evaluate(scope)).collect(),
        }
    }
}

struct Parser {
    pointer: String,
    errors: Vec<TemplateError>,
}

impl Parser {
    fn part(&mut self, node: &Node) -> Part {
        match &node.value {
            Value::Object(entries) => self.object(entries),
            Value::Array(items) => self.array(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Part::Constant(node.to_data())
            }
        }
    }

    fn object(&mut self, entries: &[(data::Key, Node)]) -> Part {
        let mut fields: Vec<(EcoString, Part)> = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            let before = self.enter(&key.name);
            let (name, part) = match key.name.strip_suffix(".$") {
                Some(name) => (name.into(), self.expression(&key.name, node)),
                None => (key.name.clone(), self.part(node)),
            };
            match fields.iter_mut().find(|(taken, _)| *taken == name) {
                Some((_, old)) if old.is_expression() != part.is_expression() => {
                    let message = format!("The fields '{name}' and '{name}.$' are the same field");
                    self.error(key.span, message, None);
                }
                Some((_, old)) => *old = part,
                None => fields.push((name, part)),
            }
            self.pointer.truncate(before);
        }
        if fields.iter().all(|(_, part)| part.is_constant()) {
            let fields = fields
                .into_iter()
                .filter_map(|(key, part)| Some((key, part.constant()?)));
            return Part::Constant(Data::Object(fields.collect()));
        }
        Part::Object(fields.into())
    }

    fn array(&mut self, items: &[Node]) -> Part {
        let mut parts = Vec::with_capacity(items.len());
        for (at, node) in items.iter().enumerate() {
            let before = self.enter(&at.to_string());
            parts.push(self.part(node));
            self.pointer.truncate(before);
        }
        if parts.iter().all(Part::is_constant) {
            return Part::Constant(parts.into_iter().filter_map(Part::constant).collect());
        }
        Part::Array(parts.into())
    }

    fn expression(&mut self, field: &EcoString, node: &Node) -> Part {
        let parsed = match node.as_str() {
            Some(text) => Expression::parse(text).map_err(Some),
            None => Err(None),
        };
        match parsed {
            Ok(expression) => {
                return Part::Expression {
                    field: field.clone(),
                    expression,
                };
            }
            Err(detail) => {
                let message = format!(
                    "The value for the field '{field}' must be a valid JSONPath or a valid intrinsic function call"
                );
                self.error(node.span, message, detail);
            }
        }
        Part::Constant(Data::Null)
    }

    fn enter(&mut self, token: &str) -> usize {
        let before = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&token.replace('~', "~0").replace('/', "~1"));
        before
    }

    fn error(&mut self, span: Span, message: String, detail: Option<SyntaxError>) {
        let pointer = self.pointer.clone();
        self.errors.push(TemplateError {
            span,
            pointer,
            message,
            detail,
        });
    }
}

impl Part {
    fn is_constant(&self) -> bool {
        matches!(self, Part::Constant(_))
    }

    fn is_expression(&self) -> bool {
        matches!(self, Part::Expression { .. })
    }

    fn constant(self) -> Option<Data> {
        match self {
            Part::Constant(data) => Some(data),
            Part::Expression { .. } | Part::Object(_) | Part::Array(_) => None,
        }
    }
}
