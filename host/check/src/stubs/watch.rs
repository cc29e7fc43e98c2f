//! What the records of a run tell of the values that reached each state.

use std::collections::BTreeMap;

use asl::{BlockId, Program, StateId, StateKind};
use data::{Data, EcoString, Object};
use engine::{Change, FrameId, Record, Via};

use super::trial::{Around, Visit};

/// What is kept of the records.
pub(super) struct Watch<'a> {
    program: &'a Program,
    input: Data,
    pub visits: Vec<Visit>,
    /// How often something failed.
    pub troubles: usize,
    /// The visit that a frame is at.
    at: BTreeMap<FrameId, usize>,
    variables: Object,
    /// The items of each Map that was begun.
    items: BTreeMap<StateId, Data>,
    /// What came out of each block last.
    outputs: BTreeMap<BlockId, Data>,
}

impl Watch<'_> {
    pub fn new<'a>(program: &'a Program, input: &Data) -> Watch<'a> {
        Watch {
            program,
            input: input.clone(),
            visits: Vec::new(),
            troubles: 0,
            at: BTreeMap::new(),
            variables: Object::builder().build(),
            items: BTreeMap::new(),
            outputs: BTreeMap::new(),
        }
    }

    pub fn see(&mut self, record: &Record) {
        match &record.change {
            Change::StateEntered {
                frame,
                state,
                input,
            } => {
                self.at.insert(*frame, self.visits.len());
                self.visits.push(Visit {
                    state: state.id,
                    input: input.data.clone(),
                    result: None,
                    items: None,
                    around: self.around(state.id),
                });
            }
            Change::TaskSucceeded { frame, output, .. } => {
                let output = output.data.clone();
                self.visit(*frame, |visit| visit.result = Some(output));
            }
            Change::MapStarted { frame, items, .. } => {
                let items = items.data.clone();
                if let Some(at) = self.at.get(frame) {
                    self.items.insert(self.visits[*at].state, items.clone());
                }
                self.visit(*frame, |visit| visit.items = Some(items));
            }
            Change::ChildrenSucceeded { frame, .. } => self.children(*frame),
            Change::StateExited {
                state,
                output,
                assigned,
                via,
                ..
            } => {
                self.troubles += usize::from(matches!(via, Via::Catcher(_)));
                self.outputs
                    .insert(self.program.state(state.id).block, output.data.clone());
                let assigned = assigned.as_ref().and_then(Data::as_object);
                for (name, value) in assigned.iter().flat_map(|all| all.iter()) {
                    self.variables = self.variables.with(name.clone(), value.clone());
                }
            }
            Change::EvaluationFailed { .. }
            | Change::TaskFailed { .. }
            | Change::ChildFailed { .. } => {
                self.troubles += 1;
            }
            _ => {}
        }
    }

    fn visit(&mut self, frame: FrameId, change: impl FnOnce(&mut Visit)) {
        if let Some(at) = self.at.get(&frame) {
            change(&mut self.visits[*at]);
        }
    }

    /// The result of a Parallel or Map, from what its blocks gave last.
    fn children(&mut self, frame: FrameId) {
        let Some(at) = self.at.get(&frame).copied() else {
            return;
        };
        let output = |block: &BlockId| self.outputs.get(block).cloned().unwrap_or_default();
        let result: Option<Data> = match &self.program.state(self.visits[at].state).kind {
            StateKind::Parallel(parallel) => Some(parallel.branches.iter().map(output).collect()),
            StateKind::Map(map) => {
                let items = self.visits[at].items.as_ref().and_then(Data::as_array);
                let count = items.map_or(0, |items| items.len());
                Some(std::iter::repeat_n(output(&map.processor), count).collect())
            }
            _ => None,
        };
        self.visits[at].result = result;
    }

    /// What lies around a state: the execution's input and the item of the Map that it is in.
    fn around(&self, state: StateId) -> Around {
        let execution = Object::builder().with("Input", self.input.clone()).build();
        let mut context = Object::builder().with("Execution", execution);
        let mut owner = self.program.block(self.program.state(state).block).owner;
        while let Some(outer) = owner {
            let items = self.items.get(&outer).and_then(Data::as_array);
            if let Some(item) = items.and_then(|items| items.first()) {
                context.insert(EcoString::from("Map"), map_item(item));
                break;
            }
            owner = self.program.block(self.program.state(outer).block).owner;
        }
        Around {
            context: context.build().into(),
            variables: self.variables.clone(),
        }
    }
}

/// `Map` of the Context Object.
pub(super) fn map_item(item: &Data) -> Data {
    let item = Object::builder()
        .with("Index", 0)
        .with("Value", item.clone());
    Object::builder().with("Item", item.build()).build().into()
}
