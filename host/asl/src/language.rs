//! `QueryLanguage`. States in JSONata are recognised and refused; [`Compiler::state`] is where they will go on.

use crate::compiler::{Compiler, Language};
use crate::diagnostic::{Code, Severity};
use crate::place::Item;

impl Compiler<'_> {
    /// The machine's own language.
    pub fn machine_language(&mut self, machine: &Item) {
        self.language = self.read_language(machine).unwrap_or(Language::JsonPath);
    }

    /// The language of one state.
    pub fn state_language(&mut self, state: &Item) -> Language {
        match (self.read_language(state), self.language) {
            (Some(Language::JsonPath), Language::Jsonata) => {
                let message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
                self.error_head(state, Code::SchemaValidationFailed, message.into());
                Language::Jsonata
            }
            (Some(own), _) => own,
            (None, machine) => machine,
        }
    }

    fn read_language(&mut self, object: &Item) -> Option<Language> {
        let field = object.get("QueryLanguage")?;
        let text = self.string(&field)?;
        match text.as_str() {
            "JSONPath" => Some(Language::JsonPath),
            "JSONata" => {
                self.not_yet(&field, "JSONata");
                Some(Language::Jsonata)
            }
            _ => {
                let message = "Value is not valid. It must be one of [JSONPath, JSONata]";
                self.error(&field, Code::SchemaValidationFailed, message);
                None
            }
        }
    }

    /// Complains of something that AWS has and this compiler has not.
    pub fn not_yet(&mut self, item: &Item, what: &str) {
        let verb = if what.starts_with("Variables") {
            "are"
        } else {
            "is"
        };
        let message = format!("{what} {verb} not supported yet");
        self.error(item, Code::NotSupportedYet, message);
    }

    /// Complains of a field that only JSONata states have.
    pub fn jsonata_only(&mut self, object: &Item, field: &Item) {
        let message = format!(
            "The QueryLanguage is set to 'JSONPath', but field '{}' is only supported for the 'JSONata' QueryLanguage",
            field.name()
        );
        let code = Code::SchemaValidationFailed;
        let complaint = self.report(Severity::Error, object, field.head(), code, message);
        complaint.hint("JSONata is not supported yet");
    }
}
