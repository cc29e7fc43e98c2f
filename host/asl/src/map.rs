//! Map states.

use data::EcoString;
use query::Template;

use crate::block::Scope;
use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::place::Item;
use crate::program::{BlockId, DataPath, Items, Map, MapMode, PayloadTemplate, Quantity};

/// The longest `Label`, in characters.
const MAX_LABEL: usize = 40;
/// What a `Label` must not hold.
const NOT_IN_LABEL: &str = "?*<>{}[]:;,\\|^~$#%&`\"";

impl Compiler<'_> {
    /// `parameters` is the older form of the ItemSelector.
    pub fn map(
        &mut self,
        state: &Item,
        parameters: Option<Template>,
        scope: &Scope,
    ) -> Option<Map> {
        let items = Items::Path(self.items_path(state));
        self.at_most_one(state, &["ItemSelector", "Parameters"]);
        let item_selector = self
            .template(state, "ItemSelector")
            .or(parameters)
            .map(PayloadTemplate::JsonPath);
        let most = u64::from(u32::MAX);
        let max_concurrency = self.quantity(state, "MaxConcurrency", (0, most));
        let tolerated_failure_count = self.quantity(state, "ToleratedFailureCount", (0, most));
        let tolerated_failure_percentage = self.percentage(state, "ToleratedFailurePercentage");
        self.label(state);
        self.exactly_one(state, &["ItemProcessor", "Iterator"]);
        let processor = state
            .get("ItemProcessor")
            .or_else(|| state.get("Iterator"))?;
        if !self.object(&processor) {
            return None;
        }
        let mode = self.mode(&processor);
        self.distributed(state, mode);
        let processor = self.processor(&processor, scope);
        Some(Map {
            items,
            item_selector,
            processor,
            max_concurrency: max_concurrency.unwrap_or(Quantity::Value(0)),
            tolerated_failure_count,
            tolerated_failure_percentage,
            mode,
        })
    }

    fn items_path(&mut self, state: &Item) -> DataPath {
        match state.get("ItemsPath") {
            Some(field) if field.node.as_str().is_none() => {
                self.expected(&field, "String");
                DataPath::Whole
            }
            _ => self.data_path(state, "ItemsPath"),
        }
    }

    fn processor(&mut self, processor: &Item, scope: &Scope) -> BlockId {
        self.known(
            processor,
            &["StartAt", "States", "Comment", "ProcessorConfig"],
        );
        self.block(processor, Some(scope.current), scope.depth + 1)
    }

    fn mode(&mut self, processor: &Item) -> MapMode {
        let Some(config) = processor
            .get("ProcessorConfig")
            .filter(|config| self.object(config))
        else {
            return MapMode::Inline;
        };
        self.known(&config, &["Mode", "ExecutionType"]);
        let mode = config
            .get("Mode")
            .and_then(|mode| self.one_of(&mode, &["INLINE", "DISTRIBUTED"]));
        let kind = config.get("ExecutionType");
        if let Some(kind) = &kind {
            self.one_of(kind, &["STANDARD", "EXPRESS"]);
        }
        if mode != Some("DISTRIBUTED") {
            return MapMode::Inline;
        }
        self.require(&config, &["ExecutionType"]);
        MapMode::Distributed
    }

    /// One of a few words.
    pub fn one_of<'w>(&mut self, item: &Item, words: &[&'w str]) -> Option<&'w str> {
        let text = self.string(item)?;
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            let message = format!(
                "Value is not valid. It must be one of [{}]",
                words.join(", ")
            );
            self.error(item, Code::SchemaValidationFailed, message);
        }
        found
    }

    fn label(&mut self, state: &Item) {
        let Some(field) = state.get("Label") else {
            return;
        };
        let Some(label) = self.string(&field) else {
            return;
        };
        let wrong = |c: char| c.is_whitespace() || c.is_control() || NOT_IN_LABEL.contains(c);
        if label.is_empty() || label.chars().count() > MAX_LABEL || label.contains(wrong) {
            let message = format!(
                "A label has 1 to {MAX_LABEL} characters, without blanks and none of {NOT_IN_LABEL}"
            );
            self.error(&field, Code::InvalidLabelName, message);
        } else if !self.labels.insert(EcoString::clone(&label)) {
            let message = format!("Duplicate label: {label}");
            self.error(&field, Code::DuplicateLabelName, message);
        }
    }
}
