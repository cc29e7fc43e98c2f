//! The fields that only a Distributed Map has.

use data::EcoString;

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::language::Language;
use crate::place::Item;
use crate::program::{Distributed, ExecutionType};
use crate::resource;

/// The longest `Label`, in characters.
const MAX_LABEL: usize = 40;
/// What a `Label` must not hold.
const NOT_IN_LABEL: &str = "?*<>{}[]:;,\\|^~$#%&`\"";

impl Compiler<'_> {
    /// ItemReader, ItemBatcher and ResultWriter. An inline Map, which has no execution type, may be written
    /// with them all the same: AWS takes such a definition and fails when the state is entered.
    pub fn distributed(
        &mut self,
        state: &Item,
        label: Option<EcoString>,
        execution_type: Option<ExecutionType>,
        language: Language,
    ) -> Option<Distributed> {
        if execution_type.is_none() {
            self.doubt_inline(state);
        }
        let item_reader = state.get("ItemReader").filter(|field| self.object(field));
        let item_batcher = state.get("ItemBatcher").filter(|field| self.object(field));
        let result_writer = state.get("ResultWriter").filter(|field| self.object(field));
        let item_reader = item_reader.and_then(|field| self.item_reader(&field, language));
        let item_batcher = item_batcher.map(|field| self.item_batcher(&field, language));
        let result_writer = result_writer.map(|field| self.result_writer(&field, language));
        Some(Distributed {
            label,
            execution_type: execution_type?,
            item_reader,
            item_batcher,
            result_writer,
        })
    }

    fn doubt_inline(&mut self, state: &Item) {
        for name in ["ItemReader", "ItemBatcher", "ResultWriter"] {
            let Some(field) = state.get(name) else {
                continue;
            };
            let message =
                format!("Field '{name}' makes an inline Map fail: only a DISTRIBUTED one has it");
            let hint = "set \"Mode\" of its \"ProcessorConfig\" to \"DISTRIBUTED\"";
            self.warning_head(&field, Code::FailsAtRunTime, message)
                .hint(hint);
        }
    }

    /// The execution type of a Distributed Map's children; none for an inline Map.
    pub fn execution_type(&mut self, processor: &Item) -> Option<ExecutionType> {
        let config = processor
            .get("ProcessorConfig")
            .filter(|config| self.object(config))?;
        self.known(&config, &["Mode", "ExecutionType"]);
        let mode = config.get("Mode")?;
        let is_distributed = self.one_of(&mode, &["INLINE", "DISTRIBUTED"]) == Some("DISTRIBUTED");
        let kind = config.get("ExecutionType");
        let kind = kind.and_then(|kind| self.one_of(&kind, &["STANDARD", "EXPRESS"]));
        if !is_distributed {
            return None;
        }
        if self.express {
            let message = "Express state machine does not support DISTRIBUTED Map";
            self.error(&mode, Code::SchemaValidationFailed, message);
        }
        self.require(&config, &["ExecutionType"]);
        match kind {
            Some("EXPRESS") => Some(ExecutionType::Express),
            _ => Some(ExecutionType::Standard),
        }
    }

    pub fn label(&mut self, state: &Item) -> Option<EcoString> {
        let field = state.get("Label")?;
        let label = self.string(&field)?;
        let wrong = |c: char| c.is_whitespace() || c.is_control() || NOT_IN_LABEL.contains(c);
        if label.is_empty() || label.chars().count() > MAX_LABEL || label.contains(wrong) {
            let message = format!(
                "A label has 1 to {MAX_LABEL} characters, without blanks and none of {NOT_IN_LABEL}"
            );
            self.error(&field, Code::InvalidLabelName, message);
        } else if !self.labels.insert(label.clone()) {
            let message = format!("Duplicate label: {label}");
            self.error(&field, Code::DuplicateLabelName, message);
        }
        Some(label)
    }

    /// Which of some actions of S3 an `ItemReader` or `ResultWriter` names.
    pub fn s3_action<'w>(&mut self, object: &Item, actions: &[&'w str]) -> Option<&'w str> {
        let field = object.get("Resource")?;
        let text = self.string(&field)?;
        let action = resource::action_of(&text, "s3");
        let found = actions
            .iter()
            .copied()
            .find(|known| action.as_deref() == Some(*known));
        if found.is_none() {
            let arns = actions
                .iter()
                .map(|known| format!("arn:<partition>:states:::s3:{known}"));
            let arns: Vec<String> = arns.collect();
            let message = format!(
                "The field 'Resource' does not match any of the allowed values. Examples: [{}]",
                arns.join(", ")
            );
            self.error(&field, Code::SchemaValidationFailed, message);
        }
        found
    }

    /// The fields of which `Parameters` belongs to JSONPath and `Arguments` to JSONata; the name of the one
    /// that counts.
    pub fn known_call(
        &mut self,
        object: &Item,
        language: Language,
        others: &[&str],
    ) -> &'static str {
        let (own, foreign) = match language {
            Language::JsonPath => ("Parameters", "Arguments"),
            Language::Jsonata => ("Arguments", "Parameters"),
        };
        self.known_in(object, language, &[others, &[own]].concat(), &[foreign]);
        own
    }
}
