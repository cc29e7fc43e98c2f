//! `QueryLanguage`: which of the two the machine and each of its states speak.

use crate::compiler::Compiler;
use crate::diagnostic::{Code, Severity};
use crate::operator;
use crate::place::Item;
use crate::program::Dataflow;

/// `QueryLanguage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    JsonPath,
    Jsonata,
}

impl Language {
    /// The word used in definitions.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::JsonPath => "JSONPath",
            Language::Jsonata => "JSONata",
        }
    }

    /// The language that a state's data flows in.
    pub fn of(flow: &Dataflow) -> Language {
        match flow {
            Dataflow::JsonPath(_) => Language::JsonPath,
            Dataflow::Jsonata(_) => Language::Jsonata,
        }
    }

    /// The other one.
    pub fn other(self) -> Language {
        match self {
            Language::JsonPath => Language::Jsonata,
            Language::Jsonata => Language::JsonPath,
        }
    }
}

impl Compiler<'_> {
    /// The machine's own language, which states in branches and processors inherit too.
    pub fn machine_language(&mut self, machine: &Item) {
        self.language = self.read_language(machine).unwrap_or(Language::JsonPath);
    }

    /// The language of one state: its own, or else the machine's.
    pub fn state_language(&mut self, state: &Item) -> Language {
        let own = self.read_language(state);
        if own == Some(Language::JsonPath) && self.language == Language::Jsonata {
            let message =
                "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
            self.error_head(state, Code::SchemaValidationFailed, message.into());
        }
        own.unwrap_or(self.language)
    }

    /// As on AWS, whatever is not exactly `JSONPath` counts as JSONata for the checks that follow.
    fn read_language(&mut self, object: &Item) -> Option<Language> {
        let field = object.get("QueryLanguage")?;
        let message = match field.node.as_str() {
            Some("JSONPath") => return Some(Language::JsonPath),
            Some("JSONata") => return Some(Language::Jsonata),
            Some(_) => "Value should be one of the following: [JSONPath, JSONata]",
            None => "Expected value of type [STRING]",
        };
        self.error(&field, Code::SchemaValidationFailed, message);
        Some(Language::Jsonata)
    }

    /// Complains of a field that only states in the other language have.
    pub fn foreign(&mut self, object: &Item, field: &Item, language: Language) {
        let message = format!(
            "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' QueryLanguage",
            language.as_str(),
            field.name(),
            language.other().as_str(),
        );
        let code = Code::SchemaValidationFailed;
        let hint = hint(object, field.name(), language);
        let complaint = self.report(Severity::Error, object, field.head(), code, message);
        complaint.hint = hint;
    }
}

/// What to write instead.
fn hint(object: &Item, field: &str, language: Language) -> Option<String> {
    if language == Language::JsonPath {
        return Some("set \"QueryLanguage\": \"JSONata\" for the state or the machine".into());
    }
    if field == "Variable" || operator::is(field) {
        return Some("write the comparison as \"Condition\": \"{% ... %}\"".into());
    }
    let kind = object.get("Type");
    let instead = match (field, kind.as_ref().and_then(|kind| kind.node.as_str())) {
        ("InputPath", _) => return Some("expressions read `$states.input`".into()),
        ("Parameters", Some("Pass")) => "Output",
        ("Parameters", Some("Map")) => "ItemSelector",
        ("Parameters", _) => "Arguments",
        ("ItemsPath", _) => "Items",
        ("OutputPath" | "ResultPath" | "ResultSelector" | "Result", _) => "Output",
        (path, _) => {
            let plain = path.strip_suffix("Path")?;
            return Some(format!("write an expression: \"{plain}\": \"{{% ... %}}\""));
        }
    };
    Some(format!("use `{instead}`"))
}
