//! The fields that only a Distributed Map has.

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::place::Item;
use crate::program::MapMode;

const READER: &[&str] = &["Resource", "Parameters", "ReaderConfig"];
const READER_CONFIG: &[&str] = &[
    "InputType",
    "Transformation",
    "CSVDelimiter",
    "CSVHeaderLocation",
    "CSVHeaders",
    "ItemsPointer",
    "ManifestType",
    "MaxItems",
    "MaxItemsPath",
];
const BATCHER: &[&str] = &[
    "BatchInput",
    "MaxItemsPerBatch",
    "MaxItemsPerBatchPath",
    "MaxInputBytesPerBatch",
    "MaxInputBytesPerBatchPath",
];
const WRITER: &[&str] = &["Resource", "Parameters", "WriterConfig"];
const WRITER_CONFIG: &[&str] = &["Transformation", "OutputType"];
/// The most bytes of one batch: the most that a state's input can have.
const MAX_BATCH_BYTES: u64 = 262_144;

impl Compiler<'_> {
    /// Checks ItemReader, ItemBatcher and ResultWriter; an inline Map has none of them.
    pub fn distributed(&mut self, state: &Item, mode: MapMode) {
        for name in ["ItemReader", "ItemBatcher", "ResultWriter"] {
            let Some(field) = state.get(name) else {
                continue;
            };
            if mode == MapMode::Inline {
                let message = format!("Field '{name}' is only supported for a DISTRIBUTED Map");
                let hint = "set \"Mode\" of its \"ProcessorConfig\" to \"DISTRIBUTED\"";
                self.error_head(&field, Code::SchemaValidationFailed, message)
                    .hint(hint);
            }
            if !self.object(&field) {
                continue;
            }
            match name {
                "ItemReader" => self.item_reader(&field),
                "ItemBatcher" => self.item_batcher(&field),
                _ => self.result_writer(&field),
            }
        }
    }

    fn item_reader(&mut self, reader: &Item) {
        self.known(reader, READER);
        self.require(reader, &["Resource"]);
        if let Some(resource) = reader.get("Resource") {
            self.resource(&resource);
        }
        self.template(reader, "Parameters");
        if let Some(config) = reader
            .get("ReaderConfig")
            .filter(|config| self.object(config))
        {
            self.known(&config, READER_CONFIG);
            self.quantity(&config, "MaxItems", (0, u64::from(u32::MAX)));
        }
    }

    fn item_batcher(&mut self, batcher: &Item) {
        self.known(batcher, BATCHER);
        self.template(batcher, "BatchInput");
        self.quantity(batcher, "MaxItemsPerBatch", (1, u64::from(u32::MAX)));
        self.quantity(batcher, "MaxInputBytesPerBatch", (1, MAX_BATCH_BYTES));
    }

    fn result_writer(&mut self, writer: &Item) {
        self.known(writer, WRITER);
        if let Some(resource) = writer.get("Resource") {
            self.resource(&resource);
        }
        self.template(writer, "Parameters");
        if let Some(config) = writer
            .get("WriterConfig")
            .filter(|config| self.object(config))
        {
            self.known(&config, WRITER_CONFIG);
        }
    }
}
