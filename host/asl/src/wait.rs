//! Wait states.

use crate::compiler::Compiler;
use crate::place::Item;
use crate::program::{Quantity, Wait};
use crate::reader::MAX_SECONDS;
use crate::timestamp;

impl Compiler<'_> {
    pub fn wait(&mut self, state: &Item) -> Option<Wait> {
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
        let field = state.get("Timestamp")?;
        let moment = timestamp::parse(&self.string(&field)?);
        if moment.is_none() {
            self.bad_timestamp(&field);
        }
        moment.map(Wait::Timestamp)
    }
}
