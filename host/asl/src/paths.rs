//! Fields that hold paths and payload templates, and the five of them that every state's data flows through.

use data::{EcoString, Node, Span, Value};
use query::{Expression, Path, ReferencePath, SyntaxError, Template};

use crate::compiler::Compiler;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::jsonata::Offer;
use crate::language::Language;
use crate::place::Item;
use crate::program::{
    DataPath, PathFlow, PayloadTemplate, Percentage, Quantity, ResultPath, Words,
};

impl Compiler<'_> {
    /// InputPath, Parameters, ResultSelector, ResultPath and OutputPath, as far as the state has them.
    ///
    /// A field that the state's type cannot have is complained of elsewhere; reading it all the same finds
    /// what else is wrong with it.
    pub fn path_flow(&mut self, state: &Item) -> PathFlow {
        PathFlow {
            input_path: self.data_path(state, "InputPath"),
            parameters: self.template(state, "Parameters"),
            result_selector: self.template(state, "ResultSelector"),
            result_path: self.result_path(state),
            output_path: self.data_path(state, "OutputPath"),
        }
    }

    pub fn data_path(&mut self, object: &Item, name: &str) -> DataPath {
        let Some(item) = object.get(name) else {
            return DataPath::Whole;
        };
        match item.node.value {
            Value::Null => DataPath::Null,
            _ if item.node.as_str() == Some("$") => DataPath::Whole,
            _ => self.path(&item).map_or(DataPath::Whole, DataPath::Path),
        }
    }

    pub fn result_path(&mut self, object: &Item) -> ResultPath {
        let Some(item) = object.get("ResultPath") else {
            return ResultPath::Whole;
        };
        if matches!(item.node.value, Value::Null) {
            return ResultPath::Discard;
        }
        let Some(text) = self.string(&item) else {
            return ResultPath::Whole;
        };
        if text == "$" {
            return ResultPath::Whole;
        }
        match ReferencePath::parse(&text) {
            Ok(path) => ResultPath::At(path),
            Err(error) => {
                self.bad_syntax(&item, "Value is not a Reference Path", &error);
                ResultPath::Whole
            }
        }
    }

    /// A JSONPath.
    pub fn path(&mut self, item: &Item) -> Option<Path> {
        let text = self.string(item)?;
        match Path::parse(&text) {
            Ok(path) => Some(path),
            Err(error) => {
                self.bad_syntax(item, "Value is not a valid JSONPath", &error);
                None
            }
        }
    }

    /// A JSONPath or an intrinsic function.
    pub fn expression(&mut self, item: &Item) -> Option<Expression> {
        let text = self.string(item)?;
        match Expression::parse(&text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let what = "Value is not a valid JSONPath or intrinsic function";
                self.bad_syntax(item, what, &error);
                None
            }
        }
    }

    fn bad_syntax(&mut self, item: &Item, what: &str, error: &SyntaxError) {
        let message = format!("{what}: {}", error.message);
        let span = self.inside(item.node, error.offset);
        self.report(
            Severity::Error,
            item,
            span,
            Code::SchemaValidationFailed,
            message,
        );
    }

    /// What to underline for a fault at an offset into a string: from there to the string's end, if the
    /// string is written without escapes, so that the place is certain.
    pub fn inside(&self, node: &Node, offset: usize) -> Span {
        let span = node.span;
        let (Some(text), Some(written)) = (node.as_str(), self.text.get(span.start..span.end))
        else {
            return span;
        };
        let quote = usize::from(written.len() == text.len() + 2);
        let is_plain = written.get(quote..written.len() - quote) == Some(text);
        if !is_plain || offset >= text.len() {
            return span;
        }
        Span::new(span.start + quote + offset, span.end - quote)
    }

    /// A payload template.
    pub fn template(&mut self, object: &Item, name: &str) -> Option<Template> {
        let item = object.get(name)?;
        self.doubt_literals(&item);
        match Template::parse(item.node) {
            Ok(template) => Some(template),
            Err(errors) => {
                for error in errors {
                    self.push(Diagnostic {
                        severity: Severity::Error,
                        code: Code::SchemaValidationFailed,
                        message: error.message,
                        pointer: format!("{}{}", item.pointer(), error.pointer),
                        location: Some(item.location()),
                        span: error.span,
                        hint: error.detail.map(|detail| detail.message),
                    });
                }
                None
            }
        }
    }

    /// Warns of values in a template that look like a path but are taken literally.
    fn doubt_literals(&mut self, item: &Item) {
        for value in item.fields().chain(item.items()) {
            match &value.node.value {
                Value::String(text) if !value.name().ends_with(".$") && looks_computed(text) => {
                    let message = format!(
                        "No '.$' on '{}', whose value looks like a path",
                        value.name()
                    );
                    let hint = format!("to have it evaluated, name the field `{}.$`", value.name());
                    if !value.name().is_empty() {
                        self.warning(&value, Code::NoDollar, message).hint(hint);
                    }
                }
                Value::Array(_) | Value::Object(_) => self.doubt_literals(&value),
                _ => {}
            }
        }
    }

    /// A payload template in the state's language.
    pub fn payload(
        &mut self,
        object: &Item,
        name: &str,
        language: Language,
    ) -> Option<PayloadTemplate> {
        match language {
            Language::JsonPath => self.template(object, name).map(PayloadTemplate::JsonPath),
            Language::Jsonata => self
                .jsonata_template(object, name, Offer::Nothing)
                .map(PayloadTemplate::Jsonata),
        }
    }

    /// A number of seconds or items that is written down, computed or found by the field's `Path` form.
    pub fn quantity(
        &mut self,
        object: &Item,
        name: &str,
        range: (u64, u64),
        language: Language,
    ) -> Option<Quantity> {
        if language == Language::Jsonata {
            return self.jsonata_quantity(object, name, range);
        }
        let path_name = format!("{name}Path");
        self.at_most_one(object, &[name, &path_name]);
        if let Some(item) = object.get(name) {
            return self.integer(&item, range.0..=range.1).map(Quantity::Value);
        }
        self.path(&object.get(&path_name)?).map(Quantity::Path)
    }

    /// A percentage that is written down, computed or found by the field's `Path` form.
    pub fn percentage(
        &mut self,
        object: &Item,
        name: &str,
        language: Language,
    ) -> Option<Percentage> {
        if language == Language::Jsonata {
            return self.jsonata_percentage(object, name);
        }
        let path_name = format!("{name}Path");
        self.at_most_one(object, &[name, &path_name]);
        if let Some(item) = object.get(name) {
            return self.literal_percentage(&item);
        }
        self.path(&object.get(&path_name)?).map(Percentage::Path)
    }

    pub fn literal_percentage(&mut self, item: &Item) -> Option<Percentage> {
        let number = self.number(item)?;
        let fits = self.within(item, &number, "0.0", "100.0");
        fits.then(|| Percentage::Value(number.as_f64()))
    }

    /// Complains of a path of many values, or into the Context Object, where AWS takes neither.
    pub fn check_reference(&mut self, object: &Item, name: &str) {
        let Some(item) = object.get(name) else {
            return;
        };
        let text = item.node.as_str().unwrap_or("$");
        let is_variable = text
            .strip_prefix('$')
            .is_some_and(|rest| rest.starts_with(|c: char| c == '_' || c.is_alphabetic()));
        if !is_variable && Path::parse(text).is_ok() && ReferencePath::parse(text).is_err() {
            let message = "Value is not a Reference Path";
            self.error(&item, Code::SchemaValidationFailed, message);
        }
    }

    /// A text that is written down, computed or found by the field's `Path` form.
    pub fn words(&mut self, object: &Item, name: &str, language: Language) -> Option<Words> {
        if language == Language::Jsonata {
            return self.jsonata_words(object, name);
        }
        let path_name = format!("{name}Path");
        self.at_most_one(object, &[name, &path_name]);
        if let Some(item) = object.get(name) {
            return self.string(&item).map(Words::Value);
        }
        self.expression(&object.get(&path_name)?).map(Words::Path)
    }

    /// Warns if a literal looks like a path.
    pub fn doubt_path(&mut self, item: &Item, path_name: &str) {
        if item.node.as_str().is_some_and(looks_computed) {
            let message = format!(
                "The value of '{}' looks like a path but is taken literally",
                item.name()
            );
            let hint = format!("to have it evaluated, name the field `{path_name}`");
            self.warning(item, Code::NoPath, message).hint(hint);
        }
    }
}

/// Whether a literal looks like a path or a call of an intrinsic function.
pub(crate) fn looks_computed(text: &str) -> bool {
    let call = || text.starts_with("States.") && text.ends_with(')') && text.contains('(');
    text == "$" || text == "$$" || text.starts_with("$.") || text.starts_with("$$.") || call()
}

/// The comment of an object; whatever else stands there is no comment and does no harm.
pub(crate) fn comment(object: &Item) -> Option<EcoString> {
    object.get("Comment")?.node.as_str().map(EcoString::from)
}
