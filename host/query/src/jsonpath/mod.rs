//! JSONPath as AWS evaluates it: the dialect of the JsonPath library for Java.

mod cursor;
mod function;
mod miss;
mod select;
mod syntax;

use std::borrow::Cow;
use std::fmt;

use data::{Data, EcoString};

pub(crate) use cursor::{Cursor, unescape};
use function::Function;
use miss::Budget;
pub(crate) use miss::Miss;
pub(crate) use select::{Document, select_steps, select_strictly};
pub(crate) use syntax::{parse_inner, skip_balanced};

use crate::error::{PathError, SyntaxError};
use crate::filter::Filter;
use crate::scope::Scope;

/// A compiled JSONPath: `$...`, `$$...` or `$name...`.
#[derive(Clone, Debug)]
pub struct Path {
    text: EcoString,
    root: Root,
    steps: Steps,
}

/// What a path starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// `$`: the value at hand.
    Input,
    /// `$$`: the Context Object.
    Context,
    /// `$name`: a workflow variable.
    Variable(EcoString),
}

/// The steps of a path and what is known of them beforehand.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    pub list: Box<[Step]>,
    /// Whether they lead to one place at most.
    pub definite: bool,
    /// Whether they are fields and single indexes only, so that a walk along references suffices.
    pub plain: bool,
}

/// One step of a path.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Child(EcoString),
    Children(Box<[EcoString]>),
    Index(i32),
    Indexes(Box<[i32]>),
    Slice { from: Option<i32>, to: Option<i32> },
    Wildcard,
    Scan,
    Filter(Box<Filter>),
    Function(Box<Function>),
}

impl Path {
    /// Compiles a path.
    pub fn parse(text: &str) -> Result<Path, SyntaxError> {
        let (root, steps) = syntax::parse(text)?;
        Ok(Path {
            text: text.into(),
            root,
            steps,
        })
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the path leads to one place at most, so that its value is what stands there and not a list.
    pub fn is_definite(&self) -> bool {
        self.steps.definite
    }

    /// What the path starts from.
    pub fn root(&self) -> &Root {
        &self.root
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps.list
    }

    /// The value in `scope`.
    ///
    /// A definite path gives what it finds, `null` for an array index past the end; an indefinite one gives
    /// the list of all it finds, which may be empty.
    pub fn evaluate(&self, scope: &Scope) -> Result<Data, PathError> {
        match &self.root {
            Root::Input => self.select(scope.input).map(Cow::into_owned),
            Root::Context => self.select(&scope.outside.context()).map(Cow::into_owned),
            Root::Variable(name) => match scope.outside.variable(name) {
                Some(value) => self.select(&value).map(Cow::into_owned),
                None => Err(self.undefined(name)),
            },
        }
    }

    /// The value of an argument of an intrinsic function, where an index past the end counts as missing.
    pub(crate) fn evaluate_present(&self, scope: &Scope) -> Result<Data, PathError> {
        let document = match &self.root {
            Root::Input => Cow::Borrowed(scope.input),
            Root::Context => Cow::Owned(scope.outside.context()),
            Root::Variable(name) => {
                let value = scope.outside.variable(name);
                Cow::Owned(value.ok_or_else(|| self.undefined(name))?)
            }
        };
        if self.steps.plain && select::past_the_end(&self.steps.list, &document) {
            return Err(self.error(format!("No results for path: {}", self.steps)));
        }
        self.select(&document).map(Cow::into_owned)
    }

    /// The value that the path starts from; `null` for an unknown variable.
    pub fn document(&self, scope: &Scope) -> Data {
        match &self.root {
            Root::Input => scope.input.clone(),
            Root::Context => scope.outside.context(),
            Root::Variable(name) => scope.outside.variable(name).unwrap_or_default(),
        }
    }

    /// The value when the path starts from `root`, whatever it says it starts from.
    pub fn select<'d>(&self, root: &'d Data) -> Result<Cow<'d, Data>, PathError> {
        if self.steps.plain {
            return select::walk(&self.steps.list, root)
                .map(Cow::Borrowed)
                .map_err(|miss| self.missing(&miss));
        }
        let budget = Budget::default();
        let document = Document {
            root,
            budget: &budget,
        };
        match select_steps(&self.steps, root, &document) {
            Ok(data) => Ok(Cow::Owned(data)),
            Err(miss) => Err(self.missing(&miss)),
        }
    }

    fn undefined(&self, name: &str) -> PathError {
        let error = self.error(format!("Variable '{name}' is undefined"));
        PathError {
            not_found: false,
            ..error
        }
    }

    fn missing(&self, miss: &Miss) -> PathError {
        PathError {
            not_found: miss.is_not_found(),
            ..self.error(miss.message(&self.steps))
        }
    }

    fn error(&self, message: String) -> PathError {
        PathError {
            path: self.text.clone(),
            message,
            not_found: true,
        }
    }
}

impl Steps {
    pub fn new(list: Vec<Step>) -> Steps {
        let last = list.len().saturating_sub(1);
        let definite = list
            .iter()
            .enumerate()
            .all(|(at, step)| step.is_definite(at == last));
        let plain = list
            .iter()
            .all(|step| matches!(step, Step::Child(_) | Step::Index(_)));
        Steps {
            list: list.into(),
            definite,
            plain,
        }
    }

    /// Whether the path is a call of a function, which gives its value and never a list of hits.
    pub fn is_call(&self) -> bool {
        matches!(self.list.last(), Some(Step::Function(_)))
    }

    /// The first `count` steps as the library names a place: names are not escaped there.
    pub fn first(&self, count: usize) -> String {
        let mut out = String::from("$");
        for step in self.list.iter().take(count) {
            match step {
                Step::Child(name) => out.extend(["['", name, "']"]),
                other => out.push_str(&other.to_string()),
            }
        }
        out
    }
}

/// The whole path in the library's own notation.
impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.list.iter().try_for_each(|step| write!(f, "{step}"))
    }
}

fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('\'', "\\'")
}

impl Step {
    /// Whether the step leads to one place at most. Several names make one object, at a path's end only.
    pub fn is_definite(&self, last: bool) -> bool {
        match self {
            Step::Child(_) | Step::Index(_) | Step::Function(_) => true,
            Step::Children(_) => last,
            Step::Indexes(_)
            | Step::Slice { .. }
            | Step::Wildcard
            | Step::Scan
            | Step::Filter(_) => false,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Child(name) => write!(f, "['{}']", escaped(name)),
            Step::Children(names) => {
                let names: Vec<_> = names.iter().map(|name| escaped(name)).collect();
                write!(f, "['{}']", names.join("','"))
            }
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Indexes(indexes) => {
                let indexes: Vec<_> = indexes.iter().map(i32::to_string).collect();
                write!(f, "[{}]", indexes.join(","))
            }
            Step::Slice { from, to } => {
                let text = |bound: &Option<i32>| bound.map_or(String::new(), |at| at.to_string());
                write!(f, "[{}:{}]", text(from), text(to))
            }
            Step::Wildcard => f.write_str("[*]"),
            Step::Scan => f.write_str(".."),
            Step::Filter(_) => f.write_str("[?]"),
            Step::Function(function) => write!(f, ".{function}"),
        }
    }
}
