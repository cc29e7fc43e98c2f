//! Wait states.

use crate::compiler::Compiler;
use crate::jsonata::{Found, Offer};
use crate::language::Language;
use crate::place::Item;
use crate::program::{Quantity, Wait};
use crate::reader::MAX_SECONDS;
use crate::timestamp;

impl Compiler<'_> {
    pub fn wait(&mut self, state: &Item, language: Language) -> Option<Wait> {
        if language == Language::Jsonata {
            return self.jsonata_wait(state);
        }
        self.exactly_one(
            state,
            &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
        );
        if let Some(field) = state.get("Seconds") {
            let seconds = self.integer(&field, 0..=MAX_SECONDS)?;
            return Some(Wait::Seconds(Quantity::Value(seconds)));
        }
        if let Some(field) = state.get("SecondsPath") {
            return self
                .path(&field)
                .map(|path| Wait::Seconds(Quantity::Path(path)));
        }
        if let Some(field) = state.get("TimestampPath") {
            return self.path(&field).map(Wait::TimestampPath);
        }
        self.moment(&state.get("Timestamp")?, language)
    }

    fn jsonata_wait(&mut self, state: &Item) -> Option<Wait> {
        self.exactly_one(state, &["Seconds", "Timestamp"]);
        let seconds = self.jsonata_quantity(state, "Seconds", (0, MAX_SECONDS));
        let Some(field) = state.get("Timestamp") else {
            return seconds.map(Wait::Seconds);
        };
        match self.jsonata(&field, Offer::Nothing) {
            Found::Literal => self.moment(&field, Language::Jsonata),
            Found::Expression(expression) => Some(Wait::TimestampJsonata(expression)),
            Found::Wrong => None,
        }
    }

    /// A timestamp that is written down.
    fn moment(&mut self, field: &Item, language: Language) -> Option<Wait> {
        let moment = timestamp::parse(&self.string(field)?);
        if moment.is_none() {
            self.bad_timestamp(field, language);
        }
        moment.map(Wait::Timestamp)
    }
}
