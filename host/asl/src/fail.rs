//! Fail states.

use crate::compiler::Compiler;
use crate::place::Item;
use crate::program::Fail;

impl Compiler<'_> {
    pub fn fail(&mut self, state: &Item) -> Fail {
        for name in ["Error", "Cause"] {
            if let Some(field) = state.get(name) {
                self.doubt_path(&field, &format!("{name}Path"));
            }
        }
        Fail {
            error: self.words(state, "Error"),
            cause: self.words(state, "Cause"),
        }
    }
}
