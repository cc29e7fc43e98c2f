//! Fail states.

use crate::compiler::Compiler;
use crate::language::Language;
use crate::place::Item;
use crate::program::Fail;

impl Compiler<'_> {
    pub fn fail(&mut self, state: &Item, language: Language) -> Fail {
        for name in ["Error", "Cause"] {
            if let Some(field) = state.get(name)
                && language == Language::JsonPath
            {
                self.doubt_path(&field, &format!("{name}Path"));
            }
        }
        Fail {
            error: self.words(state, "Error", language),
            cause: self.words(state, "Cause", language),
        }
    }
}
