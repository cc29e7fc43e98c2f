//! `ResultWriter` of a Distributed Map.

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::place::Item;
use crate::program::{OutputType, ResultWriter, Transformation};

const FIELDS: &[&str] = &["Resource", "WriterConfig"];
const CONFIG: &[&str] = &["Transformation", "OutputType"];

impl Compiler<'_> {
    pub fn result_writer(&mut self, writer: &Item, language: Language) -> ResultWriter {
        let arguments = self.known_call(writer, language, FIELDS);
        if FIELDS.iter().all(|name| !writer.has(name)) {
            let message = format!(
                "At least one of these fields is required: [{}]",
                FIELDS.join(", ")
            );
            self.error_head(writer, Code::SchemaValidationFailed, message);
        }
        let exports = self.s3_action(writer, &["putObject"]).is_some();
        let arguments = self.payload(writer, arguments, language);
        let config = writer
            .get("WriterConfig")
            .filter(|config| self.object(config));
        let (transformation, output_type) = match config {
            Some(config) => self.writer_config(&config),
            None => (None, None),
        };
        ResultWriter {
            exports,
            arguments,
            transformation,
            output_type: output_type.unwrap_or_default(),
        }
    }

    fn writer_config(&mut self, config: &Item) -> (Option<Transformation>, Option<OutputType>) {
        self.known(config, CONFIG);
        (
            self.word(config, "Transformation", TRANSFORMATIONS),
            self.word(config, "OutputType", OUTPUT_TYPES),
        )
    }
}

const TRANSFORMATIONS: &[(&str, Transformation)] = &[
    ("NONE", Transformation::None),
    ("COMPACT", Transformation::Compact),
    ("FLATTEN", Transformation::Flatten),
];
const OUTPUT_TYPES: &[(&str, OutputType)] =
    &[("JSON", OutputType::Json), ("JSONL", OutputType::JsonLines)];
