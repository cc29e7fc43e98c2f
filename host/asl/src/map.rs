//! Map states.

use data::{Node, Value};
use query::JsonataTemplate;

use crate::block::Scope;
use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::jsonata::Offer;
use crate::language::Language;
use crate::place::Item;
use crate::program::{
    BlockId, DataPath, Dataflow, ExecutionType, Items, Map, MapMode, PayloadTemplate, Quantity,
};

impl Compiler<'_> {
    pub fn map(&mut self, state: &Item, flow: &mut Dataflow, scope: &Scope) -> Option<Map> {
        let language = Language::of(flow);
        let items = self.map_items(state, language);
        let item_selector = self.item_selector(state, flow);
        let most = u64::from(u32::MAX);
        let max_concurrency = self.quantity(state, "MaxConcurrency", (0, most), language);
        let count = self.quantity(state, "ToleratedFailureCount", (0, most), language);
        let percentage = self.percentage(state, "ToleratedFailurePercentage", language);
        let label = self.label(state);
        self.exactly_one(state, &["ItemProcessor", "Iterator"]);
        let processor = state
            .get("ItemProcessor")
            .or_else(|| state.get("Iterator"))?;
        if !self.object(&processor) {
            return None;
        }
        let execution_type = self.execution_type(&processor);
        let distributed = self.distributed(state, label, execution_type, language);
        let foreign = ["ItemReader", "ItemBatcher", "ResultWriter"];
        let unsupported = distributed.is_none() && foreign.iter().any(|name| state.has(name));
        let processor = self.processor(&processor, execution_type, scope);
        Some(Map {
            items: items?,
            item_selector,
            processor,
            max_concurrency: max_concurrency.unwrap_or(Quantity::Value(0)),
            tolerated_failure_count: count,
            tolerated_failure_percentage: percentage,
            mode: match distributed {
                Some(_) => MapMode::Distributed,
                None => MapMode::Inline,
            },
            distributed: distributed.map(Box::new),
            unsupported,
        })
    }

    fn map_items(&mut self, state: &Item, language: Language) -> Option<Items> {
        if language == Language::JsonPath {
            return Some(Items::Path(self.items_path(state)));
        }
        let Some(field) = state.get("Items") else {
            let whole = Value::String("{% $states.input %}".into());
            let whole = JsonataTemplate::parse(&Node::new(state.node.span, whole)).ok();
            return whole.map(Items::Jsonata);
        };
        let items = self.jsonata_template(state, "Items", Offer::Nothing)?;
        let is_list = matches!(field.node.value, Value::Array(_) | Value::Object(_));
        if !is_list && items.as_expression().is_none() {
            self.expected(&field, "Array, Object, String");
            return None;
        }
        Some(Items::Jsonata(items))
    }

    /// `ItemSelector`, or `Parameters` in the older form.
    fn item_selector(&mut self, state: &Item, flow: &mut Dataflow) -> Option<PayloadTemplate> {
        let language = Language::of(flow);
        let parameters = match flow {
            Dataflow::JsonPath(flow) => {
                self.at_most_one(state, &["ItemSelector", "Parameters"]);
                flow.parameters.take()
            }
            Dataflow::Jsonata(_) => None,
        };
        self.payload(state, "ItemSelector", language)
            .or(parameters.map(PayloadTemplate::JsonPath))
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

    fn processor(
        &mut self,
        processor: &Item,
        execution_type: Option<ExecutionType>,
        scope: &Scope,
    ) -> BlockId {
        self.known(
            processor,
            &["StartAt", "States", "Comment", "ProcessorConfig"],
        );
        let Some(children) = execution_type else {
            return self.block(processor, Some(scope.current), scope.depth + 1);
        };
        // The children are executions of their own, which no variable from outside reaches.
        let is_express = children == ExecutionType::Express;
        let express = std::mem::replace(&mut self.express, is_express);
        let scopes = std::mem::take(&mut self.scopes);
        let block = self.block(processor, Some(scope.current), scope.depth + 1);
        self.express = express;
        self.scopes = scopes;
        block
    }

    /// One of a few words.
    pub fn one_of<'w>(&mut self, item: &Item, words: &[&'w str]) -> Option<&'w str> {
        let text = self.string(item)?;
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            let message = format!(
                "Value should be one of the following: [{}]",
                words.join(", ")
            );
            self.error(item, Code::SchemaValidationFailed, message);
        }
        found
    }
}
