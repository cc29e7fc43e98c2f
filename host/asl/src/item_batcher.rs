//! `ItemBatcher` of a Distributed Map.

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::place::Item;
use crate::program::ItemBatcher;

const FIELDS: &[&str] = &["BatchInput", "MaxItemsPerBatch", "MaxInputBytesPerBatch"];
/// What only JSONPath has.
const PATH: &[&str] = &["MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"];
/// The most bytes of one batch: the most that a state's input can have.
const MAX_BATCH_BYTES: u64 = 262_144;

impl Compiler<'_> {
    pub fn item_batcher(&mut self, batcher: &Item, language: Language) -> ItemBatcher {
        let (own, foreign) = match language {
            Language::JsonPath => (PATH, &[][..]),
            Language::Jsonata => (&[][..], PATH),
        };
        self.known_in(batcher, language, &[FIELDS, own].concat(), foreign);
        let limits = [&FIELDS[1..], PATH].concat();
        if limits.iter().all(|name| !batcher.has(name)) {
            let limits = [&FIELDS[1..], own].concat().join(", ");
            let message = format!("At least one of these fields is required: [{limits}]");
            self.error_head(batcher, Code::SchemaValidationFailed, message);
        }
        for name in PATH {
            self.check_reference(batcher, name);
        }
        let most = u64::from(u32::MAX);
        let bytes = (1, MAX_BATCH_BYTES);
        ItemBatcher {
            batch_input: self.payload(batcher, "BatchInput", language),
            max_items: self.quantity(batcher, "MaxItemsPerBatch", (1, most), language),
            max_input_bytes: self.quantity(batcher, "MaxInputBytesPerBatch", bytes, language),
        }
    }
}
