//! A whole definition.

use std::collections::BTreeMap;

use data::{Format, Node, ReadError, Source, Span};

use crate::compiler::Compiler;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::paths;
use crate::place::Item;
use crate::program::Program;
use crate::reader::MAX_SECONDS;

const FIELDS: &[&str] = &[
    "Comment",
    "QueryLanguage",
    "StartAt",
    "States",
    "TimeoutSeconds",
    "Version",
];
/// The longest time of an Express execution, in seconds.
const MAX_EXPRESS: u64 = 300;
/// The longest definition that AWS takes, in characters.
const MAX_LENGTH: usize = 1_048_576;

/// What a definition may depend on besides its text.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The values of placeholders: `Name` for `${Name}`.
    pub definitions: &'a BTreeMap<String, String>,
    /// Whether a function or an alias of that name is bound. A placeholder without a value that is a whole
    /// `Resource` or `FunctionName` stands for that function.
    pub is_function: &'a dyn Fn(&str) -> bool,
    /// Whether it is to be an Express state machine, which cannot wait for anything outside.
    pub express: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        static NOTHING: BTreeMap<String, String> = BTreeMap::new();
        Options {
            definitions: &NOTHING,
            is_function: &|_| false,
            express: false,
        }
    }
}

/// What became of a definition.
#[derive(Debug)]
pub struct Compiled {
    /// The program; none if and only if one of the diagnostics is an error.
    pub program: Option<Program>,
    /// Everything that is wrong or doubtful, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a definition. A text that cannot be read is one diagnostic with its place.
pub fn compile(source: &Source, format: Format, options: &Options) -> Compiled {
    if source.text.trim().is_empty() {
        return refused(
            Code::MissingDescription,
            "The definition is empty".into(),
            Span::default(),
        );
    }
    if format == Format::Json && source.text.len() > MAX_LENGTH {
        let length = source.text.chars().count();
        if length > MAX_LENGTH {
            return too_large(length);
        }
    }
    match data::read(source, format) {
        Ok(root) => compile_node(&root, source, options),
        Err(error) => unreadable(error),
    }
}

/// Compiles a definition that is already read, such as one that stands inside another document.
pub fn compile_node(root: &Node, source: &Source, options: &Options) -> Compiled {
    if source.text.len() > MAX_LENGTH {
        let length = root.to_data().size();
        if length > MAX_LENGTH {
            return too_large(length);
        }
    }
    let mut compiler = Compiler::new(&source.text, options);
    let root = compiler.fill(&Item::root(root));
    compiler.machine(Item::root(&root))
}

impl Compiler<'_> {
    fn machine(mut self, item: Item) -> Compiled {
        self.check_duplicates(&item);
        if !self.object(&item) {
            return self.finish(None, None);
        }
        self.machine_language(&item);
        self.known(&item, FIELDS);
        if let Some(version) = item.get("Version") {
            self.version(&version);
        }
        let timeout = item.get("TimeoutSeconds");
        let timeout = timeout.and_then(|field| self.integer(&field, 1..=MAX_SECONDS));
        if let Some(field) = item.get("TimeoutSeconds")
            && self.express
            && timeout.is_some_and(|seconds| seconds > MAX_EXPRESS)
        {
            let message = format!("An Express execution ends after {MAX_EXPRESS} seconds");
            self.warning(&field, Code::NoEffect, message);
        }
        self.block(&item, None, 0);
        self.finish(paths::comment(&item), timeout)
    }

    fn version(&mut self, item: &Item) {
        if self.string(item).is_some_and(|text| text != "1.0") {
            let message = "Value should be one of the following: [1.0]".to_owned();
            self.error(item, Code::SchemaValidationFailed, message);
        }
    }
}

fn unreadable(error: ReadError) -> Compiled {
    refused(Code::InvalidJsonDescription, error.message, error.span)
}

fn too_large(length: usize) -> Compiled {
    let message =
        format!("The definition has {length} characters, at most {MAX_LENGTH} are allowed");
    refused(Code::DefinitionTooLarge, message, Span::default())
}

fn refused(code: Code, message: String, span: Span) -> Compiled {
    let severity = Severity::Error;
    let (pointer, location, hint) = (String::new(), None, None);
    let diagnostic = Diagnostic {
        severity,
        code,
        message,
        pointer,
        location,
        span,
        hint,
    };
    Compiled {
        program: None,
        diagnostics: vec![diagnostic],
    }
}
