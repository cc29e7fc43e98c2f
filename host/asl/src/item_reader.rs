//! `ItemReader` of a Distributed Map.

use data::EcoString;

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::place::Item;
use crate::program::{
    CsvDelimiter, CsvHeader, InputType, ItemReader, ManifestType, Quantity, ReaderConfig,
    ReaderResource,
};

const FIELDS: &[&str] = &["Resource", "ReaderConfig"];
const CONFIG: &[&str] = &[
    "InputType",
    "Transformation",
    "CSVDelimiter",
    "CSVHeaderLocation",
    "CSVHeaders",
    "ItemsPointer",
    "ManifestType",
    "MaxItems",
];
/// What only JSONPath has.
const PATH: &[&str] = &["MaxItemsPath"];
/// The most items that one Map reads.
const MAX_ITEMS: u64 = 100_000_000;

impl Compiler<'_> {
    pub fn item_reader(&mut self, reader: &Item, language: Language) -> Option<ItemReader> {
        let arguments = self.known_call(reader, language, FIELDS);
        self.require(reader, &["Resource"]);
        let action = self.s3_action(reader, &["getObject", "listObjectsV2"]);
        let arguments = self.payload(reader, arguments, language);
        let config = reader
            .get("ReaderConfig")
            .filter(|config| self.object(config));
        let resource = match action {
            Some("listObjectsV2") => ReaderResource::ListObjects,
            _ => ReaderResource::GetObject,
        };
        let config = config.map(|config| self.reader_config(&config, resource, language));
        action.map(|_| ItemReader {
            resource,
            arguments,
            config: config.unwrap_or_default(),
        })
    }

    fn reader_config(
        &mut self,
        config: &Item,
        resource: ReaderResource,
        language: Language,
    ) -> ReaderConfig {
        let (own, foreign) = match language {
            Language::JsonPath => (PATH, &[][..]),
            Language::Jsonata => (&[][..], PATH),
        };
        self.known_in(config, language, &[CONFIG, own].concat(), foreign);
        let read = ReaderConfig {
            input_type: self.word(config, "InputType", INPUT_TYPES),
            manifest_type: self.word(config, "ManifestType", MANIFEST_TYPES),
            load_and_flatten: self.word(config, "Transformation", LOADS).unwrap_or(false),
            csv_delimiter: self
                .word(config, "CSVDelimiter", DELIMITERS)
                .unwrap_or_default(),
            csv_header: self.csv_header(config),
            items_pointer: self.items_pointer(config),
            max_items: self.max_items(config, language),
        };
        self.check_reader(config, resource, &read);
        read
    }

    /// One of a few words and what it stands for.
    pub fn word<T: Copy>(&mut self, object: &Item, name: &str, words: &[(&str, T)]) -> Option<T> {
        let field = object.get(name)?;
        let text = self.string(&field)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!(
                "The field '{name}' should have one of these values: [{}]",
                names.join(", ")
            );
            self.error(&field, Code::SchemaValidationFailed, message);
        }
        found.map(|(_, value)| *value)
    }

    fn max_items(&mut self, config: &Item, language: Language) -> Option<Quantity> {
        if language == Language::JsonPath && config.has("MaxItems") && config.has("MaxItemsPath") {
            let message =
                "There should only be one of the following fields: [MaxItems, MaxItemsPath]";
            self.error_head(config, Code::SchemaValidationFailed, message.into());
            return None;
        }
        if let Some(field) = config.get("MaxItems")
            && let Some(number) = self.to_number(&field)
            && !self.within(&field, &number, "0", &MAX_ITEMS.to_string())
        {
            return None;
        }
        self.check_reference(config, "MaxItemsPath");
        self.quantity(config, "MaxItems", (0, MAX_ITEMS), language)
    }

    fn csv_header(&mut self, config: &Item) -> Option<CsvHeader> {
        let is_given = self.word(config, "CSVHeaderLocation", HEADERS);
        let headers = config.get("CSVHeaders");
        let headers = headers.and_then(|headers| self.csv_headers(&headers));
        if is_given == Some(true) {
            self.require(config, &["CSVHeaders"]);
            return headers.map(CsvHeader::Given);
        }
        is_given.map(|_| CsvHeader::FirstRow)
    }

    fn csv_headers(&mut self, headers: &Item) -> Option<Vec<EcoString>> {
        if !self.filled_array(headers) {
            return None;
        }
        headers.items().map(|name| self.string(&name)).collect()
    }

    fn items_pointer(&mut self, config: &Item) -> Option<EcoString> {
        let field = config.get("ItemsPointer")?;
        let pointer = self.string(&field)?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let message = "Value is not a valid JSON Pointer";
            self.error(&field, Code::SchemaValidationFailed, message)
                .hint("a JSON Pointer looks like /orders/items");
            return None;
        }
        Some(pointer)
    }

    /// Warns of fields that nothing reads.
    fn check_reader(&mut self, config: &Item, resource: ReaderResource, read: &ReaderConfig) {
        let Some(input_type) = read.input_type else {
            return;
        };
        let is_listing = resource == ReaderResource::ListObjects && !read.load_and_flatten;
        let is_csv = input_type == InputType::Csv || input_type == InputType::Manifest;
        let is_json = input_type == InputType::Json;
        for field in config.fields() {
            let without = match field.name() {
                "InputType" if is_listing => "the objects of a list are not read",
                "CSVDelimiter" | "CSVHeaderLocation" | "CSVHeaders" if !is_csv => {
                    "the input is no CSV"
                }
                "ItemsPointer" if !is_json => "the input is no JSON",
                "CSVHeaders" if read.csv_header == Some(CsvHeader::FirstRow) => {
                    "the first row gives the headers"
                }
                "Transformation" if resource == ReaderResource::GetObject => {
                    "no objects are listed"
                }
                _ => continue,
            };
            let message = format!("'{}' has no effect here: {without}", field.name());
            self.warning_head(&field, Code::NoEffect, message);
        }
    }
}

/// In AWS's order.
const INPUT_TYPES: &[(&str, InputType)] = &[
    ("MANIFEST", InputType::Manifest),
    ("JSON", InputType::Json),
    ("CSV", InputType::Csv),
    ("JSONL", InputType::JsonLines),
    ("PARQUET", InputType::Parquet),
];
const MANIFEST_TYPES: &[(&str, ManifestType)] = &[
    ("ATHENA_DATA", ManifestType::AthenaData),
    ("S3_INVENTORY", ManifestType::S3Inventory),
];
const DELIMITERS: &[(&str, CsvDelimiter)] = &[
    ("COMMA", CsvDelimiter::Comma),
    ("PIPE", CsvDelimiter::Pipe),
    ("SEMICOLON", CsvDelimiter::Semicolon),
    ("SPACE", CsvDelimiter::Space),
    ("TAB", CsvDelimiter::Tab),
];
/// Whether listed objects are read.
const LOADS: &[(&str, bool)] = &[("NONE", false), ("LOAD_AND_FLATTEN", true)];
/// Whether the definition gives the headers.
const HEADERS: &[(&str, bool)] = &[("FIRST_ROW", false), ("GIVEN", true)];
