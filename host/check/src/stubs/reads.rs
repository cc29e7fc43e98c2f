//! What a state reads of the values that reach it.

use asl::{
    Condition, DataPath, Dataflow, Items, Map, PayloadTemplate, Percentage, Quantity, ResultPath,
    State, StateKind, Wait, Words,
};
use data::{Data, EcoString};
use query::{Expression, Hop, Jsonata, JsonataTemplate, Path, Root, Scope, Takes, Template, Way};

use super::condition::{self, Said};
use super::scan;
use super::shape::{Candidate, Type};
use super::trial::Visit;
use super::watch::map_item;

/// A path that a state reads.
#[derive(Debug)]
pub(super) struct Read {
    /// What it starts from, as it was when the state was entered.
    pub root: Data,
    pub hops: Vec<Hop>,
    /// What is wanted there.
    pub kind: Type,
    pub candidates: Vec<Candidate>,
    /// What names this read among those of the state.
    pub key: EcoString,
}

/// Everything that the state of a visit reads.
pub(super) fn reads(state: &State, visit: &Visit) -> Vec<Read> {
    let mut reader = Reader {
        visit,
        reads: Vec::new(),
    };
    match &state.flow {
        Dataflow::JsonPath(_) => reader.json_path(state),
        Dataflow::Jsonata(_) => reader.jsonata(state),
    }
    reader.reads
}

struct Reader<'a> {
    visit: &'a Visit,
    reads: Vec<Read>,
}

impl Reader<'_> {
    fn json_path(&mut self, state: &State) {
        let Dataflow::JsonPath(flow) = &state.flow else {
            return;
        };
        let raw = &self.visit.input;
        let Some(input) = self.selected(&flow.input_path, raw) else {
            return;
        };
        self.template(flow.parameters.as_ref(), &input);
        self.work(state, &input);
        let value = match (&self.visit.result, &state.kind) {
            (Some(result), _) => {
                self.template(flow.result_selector.as_ref(), result);
                self.made(flow.result_selector.as_ref(), result)
            }
            (None, StateKind::Pass(pass)) => match &pass.result {
                Some(result) => Some(result.clone()),
                None => self.made(flow.parameters.as_ref(), &input),
            },
            (None, StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_)) => None,
            (None, _) => Some(input),
        };
        let Some(value) = value else {
            return;
        };
        self.payload(state.assign.as_ref(), &value);
        let output = match &flow.result_path {
            ResultPath::Whole => Some(value),
            ResultPath::Discard => Some(raw.clone()),
            ResultPath::At(path) => path.insert(raw, value).ok(),
        };
        if let (Some(output), DataPath::Path(path)) = (output, &flow.output_path) {
            self.path(path, &output, Type::Open, Vec::new());
        }
    }

    /// What InputPath finds, which is read.
    fn selected(&mut self, path: &DataPath, raw: &Data) -> Option<Data> {
        match path {
            DataPath::Whole => Some(raw.clone()),
            DataPath::Null => Some(Data::empty_object()),
            DataPath::Path(path) => {
                self.path(path, raw, Type::Open, Vec::new());
                let outside = &self.visit.around;
                let scope = Scope {
                    input: raw,
                    outside,
                };
                path.evaluate(&scope).ok()
            }
        }
    }

    /// What a template makes of a value.
    fn made(&self, template: Option<&Template>, value: &Data) -> Option<Data> {
        let Some(template) = template else {
            return Some(value.clone());
        };
        let outside = &self.visit.around;
        let scope = Scope {
            input: value,
            outside,
        };
        template.evaluate(&scope).ok()
    }

    /// What the fields of the state's own type read of its effective input.
    fn work(&mut self, state: &State, input: &Data) {
        match &state.kind {
            StateKind::Task(task) => {
                self.quantity(task.timeout.as_ref(), input);
                self.quantity(task.heartbeat.as_ref(), input);
                self.payload(task.credentials.as_ref(), input);
            }
            StateKind::Choice(choice) => {
                for rule in &choice.rules {
                    self.condition(&rule.condition, input);
                    self.payload(rule.assign.as_ref(), input);
                }
            }
            StateKind::Map(map) => self.map(map, input),
            StateKind::Wait(Wait::Seconds(seconds)) => self.quantity(Some(seconds), input),
            StateKind::Wait(Wait::TimestampPath(path)) => {
                self.path(path, input, Type::Timestamp, Vec::new());
            }
            StateKind::Wait(Wait::TimestampJsonata(expression)) => {
                self.expression(expression, Type::Timestamp, false);
            }
            StateKind::Fail(fail) => {
                for words in [&fail.error, &fail.cause].into_iter().flatten() {
                    match words {
                        Words::Value(_) => {}
                        Words::Path(expression) => self.either(expression, input, Type::Text),
                        Words::Jsonata(expression) => {
                            self.expression(expression, Type::Text, false)
                        }
                    }
                }
            }
            StateKind::Wait(Wait::Timestamp(_))
            | StateKind::Parallel(_)
            | StateKind::Pass(_)
            | StateKind::Succeed => {}
        }
    }

    fn map(&mut self, map: &Map, input: &Data) {
        match &map.items {
            Items::Path(DataPath::Path(path)) => self.path(path, input, Type::List, Vec::new()),
            Items::Path(DataPath::Whole) => {
                self.read(input, Vec::new(), Type::List, Vec::new(), "$")
            }
            Items::Path(DataPath::Null) => {}
            Items::Jsonata(template) => self.jsonata_template(Some(template), Type::List),
        }
        self.quantity(Some(&map.max_concurrency), input);
        self.quantity(map.tolerated_failure_count.as_ref(), input);
        match &map.tolerated_failure_percentage {
            Some(Percentage::Path(path)) => self.path(path, input, Type::Number, Vec::new()),
            Some(Percentage::Jsonata(expression)) => {
                self.expression(expression, Type::Number, false)
            }
            Some(Percentage::Value(_)) | None => {}
        }
        self.payload(map.item_selector.as_ref(), input);
    }

    fn condition(&mut self, condition: &Condition, input: &Data) {
        if let Condition::Jsonata(expression) = condition {
            return self.expression(expression, Type::Open, true);
        }
        let mut all = Vec::new();
        condition::said(condition, true, &mut all);
        for Said {
            path,
            kind,
            candidates,
        } in all
        {
            self.path(path, input, kind, candidates.into());
        }
    }

    fn quantity(&mut self, quantity: Option<&Quantity>, input: &Data) {
        match quantity {
            Some(Quantity::Path(path)) => self.path(path, input, Type::Number, Vec::new()),
            Some(Quantity::Jsonata(expression)) => self.expression(expression, Type::Number, false),
            Some(Quantity::Value(_)) | None => {}
        }
    }

    fn payload(&mut self, payload: Option<&PayloadTemplate>, value: &Data) {
        match payload {
            Some(PayloadTemplate::JsonPath(template)) => self.template(Some(template), value),
            Some(PayloadTemplate::Jsonata(template)) => {
                self.jsonata_template(Some(template), Type::Open);
            }
            None => {}
        }
    }

    fn template(&mut self, template: Option<&Template>, value: &Data) {
        for expression in template.map(Template::expressions).unwrap_or_default() {
            self.either(expression, value, Type::Open);
        }
    }

    fn either(&mut self, expression: &Expression, value: &Data, kind: Type) {
        for (path, takes) in expression.paths() {
            let kind = match takes {
                Takes::Any => kind,
                Takes::Text => Type::Text,
                Takes::Number => Type::Number,
                Takes::List => Type::List,
                Takes::Object => Type::Object,
                Takes::Json => Type::Json,
            };
            self.path(path, value, kind, Vec::new());
        }
    }

    fn path(&mut self, path: &Path, value: &Data, kind: Type, candidates: Vec<Candidate>) {
        let root = match path.root() {
            Root::Input => value.clone(),
            Root::Context => self.context(),
            Root::Variable(name) => match self.visit.around.variables.get(name) {
                Some(value) => value.clone(),
                None => return,
            },
        };
        let Way { hops, whole } = path.way();
        let kind = if whole { kind } else { Type::Open };
        self.read(&root, hops, kind, candidates, path.as_str());
    }

    /// The Context Object; in a Map that was begun with its first item.
    fn context(&self) -> Data {
        let context = &self.visit.around.context;
        let items = self.visit.items.as_ref().and_then(Data::as_array);
        match (items.and_then(|items| items.first()), context.as_object()) {
            (Some(item), Some(context)) => context.with("Map", map_item(item)).into(),
            _ => context.clone(),
        }
    }

    fn jsonata(&mut self, state: &State) {
        let Dataflow::Jsonata(flow) = &state.flow else {
            return;
        };
        self.jsonata_template(flow.arguments.as_ref(), Type::Open);
        let input = self.visit.input.clone();
        self.work(state, &input);
        if let StateKind::Choice(choice) = &state.kind {
            for rule in &choice.rules {
                self.jsonata_template(rule.output.as_ref(), Type::Open);
            }
        }
        self.payload(state.assign.as_ref(), &input);
        self.jsonata_template(flow.output.as_ref(), Type::Open);
    }

    /// `kind` is what the template as a whole is to give.
    fn jsonata_template(&mut self, template: Option<&JsonataTemplate>, kind: Type) {
        let Some(template) = template else {
            return;
        };
        for expression in template.expressions() {
            let whole = template.as_expression().is_some();
            let kind = if whole { kind } else { Type::Open };
            self.expression(expression, kind, false);
        }
    }

    fn expression(&mut self, expression: &Jsonata, kind: Type, asks: bool) {
        let text = expression.as_str();
        for reference in scan::references(text, asks) {
            let Some((root, fields)) = self.root_of(&reference.chain) else {
                continue;
            };
            let hops: Vec<Hop> = fields.iter().cloned().map(Hop::Field).collect();
            // An expression that is nothing but the reference gives what it refers to.
            let alone = text.trim_start_matches('$') == reference.chain.join(".");
            let kind = if alone && kind != Type::Open {
                kind
            } else {
                reference.kind
            };
            for item in reference.of_items {
                let fields = item.chain.iter().cloned().map(Hop::Field);
                let fields = std::iter::once(Hop::Items).chain(fields);
                let hops = hops.iter().cloned().chain(fields).collect();
                let key = format!("{}[].{}", reference.chain.join("."), item.chain.join("."));
                self.read(&root, hops, item.kind, item.candidates, &key);
            }
            let key = reference.chain.join(".");
            self.read(&root, hops, kind, reference.candidates, &key);
        }
    }

    /// The value that a chain starts from, and the fields behind it.
    fn root_of<'c>(&self, chain: &'c [EcoString]) -> Option<(Data, &'c [EcoString])> {
        let (first, rest) = chain.split_first()?;
        if first != "states" {
            return Some((self.visit.around.variables.get(first)?.clone(), rest));
        }
        let (field, rest) = rest.split_first()?;
        let root = match field.as_str() {
            "input" => self.visit.input.clone(),
            "result" => self.visit.result.clone()?,
            "context" => self.context(),
            _ => return None,
        };
        Some((root, rest))
    }

    fn read(
        &mut self,
        root: &Data,
        hops: Vec<Hop>,
        kind: Type,
        candidates: Vec<Candidate>,
        key: &str,
    ) {
        self.reads.push(Read {
            root: root.clone(),
            hops,
            kind,
            candidates,
            key: key.into(),
        });
    }
}
