//! The Context Object, and chance, as expressions of a state see them.

use std::cell::Cell;

use asl::{Program, StateKind};
use data::{Data, EcoString, Object};
use query::Surroundings;

use crate::entropy::Entropy;
use crate::execution::Execution;
use crate::frame::{Activity, Frame};
use crate::ids::{FrameId, TaskToken};
use crate::inspect::Around;
use crate::time::Timestamp;

/// What lies outside a state's input: made only when an expression asks for it.
pub(crate) struct Outside<'a> {
    pub execution: &'a Execution,
    pub program: &'a Program,
    pub entropy: &'a Entropy,
    pub frame: &'a Frame,
    pub now: Timestamp,
    /// The token of the attempt about to be made.
    pub token: Option<TaskToken>,
    /// The item about to be worked on, where the frame is the Map's own.
    pub item: Option<Selected>,
    /// The record that is about to be written, which keys all draws.
    pub record: u32,
    /// Draws made so far for the record about to be written.
    pub draws: Cell<u32>,
}

/// An item about to be worked on.
pub(crate) struct Selected {
    pub index: u32,
    pub value: Data,
    /// Whether the items are the fields of an object.
    pub keyed: bool,
    /// Where a Distributed Map has it from.
    pub source: Option<EcoString>,
}

impl Surroundings for Outside<'_> {
    fn context(&self) -> Data {
        let mut context = Object::builder();
        if let Some(item) = self.map_item() {
            let map = Object::builder().with("Item", item).build();
            context.insert("Map".into(), map.into());
        }
        let context = context
            .with("Execution", self.execution_part())
            .with("StateMachine", self.machine_part())
            .with("State", self.state_part());
        match self.token {
            None => context.build().into(),
            Some(token) => {
                let task = Object::builder().with("Token", token.to_string()).build();
                context.with("Task", task).build().into()
            }
        }
    }

    /// The variable of the innermost scope that has one: a branch or iteration sees those around it.
    fn variable(&self, name: &str) -> Option<Data> {
        let mut frame = self.frame;
        loop {
            if let Some(value) = frame.variables.as_ref().and_then(|all| all.get(name)) {
                return Some(value.clone());
            }
            frame = self.execution.frame(frame.parent?.0);
        }
    }

    fn random(&self) -> u64 {
        let n = self.draws.get();
        self.draws.set(n + 1);
        self.entropy.draw(self.record, n)
    }

    fn now(&self) -> i64 {
        self.now.0
    }

    fn uuid(&self) -> u128 {
        (u128::from(self.random()) << 64) | u128::from(self.random())
    }
}

impl Around for Outside<'_> {}

impl Outside<'_> {
    fn execution_part(&self) -> Object {
        let about = self.execution.about();
        let execution = Object::builder()
            .with("Id", about.execution_arn.clone())
            .with("Input", self.execution.input.clone())
            .with("StartTime", self.execution.started_at.to_string())
            .with("Name", about.execution_name.clone())
            .with("RoleArn", about.role_arn.clone())
            .with("RedriveCount", i64::from(self.execution.redrives));
        match self.execution.redriven_at {
            None => execution.build(),
            Some(at) => execution.with("RedriveTime", at.to_string()).build(),
        }
    }

    fn machine_part(&self) -> Object {
        let about = self.execution.about();
        Object::builder()
            .with("Id", about.state_machine_arn.clone())
            .with("Name", about.state_machine_name.clone())
            .build()
    }

    fn state_part(&self) -> Object {
        let state = self.program.state(self.frame.state);
        let part = Object::builder()
            .with("Name", state.name.clone())
            .with("EnteredTime", self.frame.entered_at.to_string());
        match state.kind {
            StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_) => part
                .with("RetryCount", i64::from(self.frame.retry_count()))
                .build(),
            _ => part.build(),
        }
    }

    /// The item of the innermost Map around the state.
    fn map_item(&self) -> Option<Object> {
        if let Some(selected) = &self.item {
            let shown = item(selected.index, &selected.value, selected.keyed);
            return Some(match &selected.source {
                None => shown,
                Some(source) => shown.with("Source", source.clone().into()),
            });
        }
        let mut frame = self.frame;
        loop {
            let (parent, slot) = frame.parent?;
            let map = self.execution.frame(parent);
            if let Some(value) = &frame.item {
                return Some(item(slot, value, is_keyed(map)));
            }
            frame = map;
        }
    }
}

/// Whether the Map that the frame is in works on the fields of an object.
fn is_keyed(frame: &Frame) -> bool {
    match &frame.activity {
        Activity::Children(children) => children.map.as_ref().is_some_and(|map| map.keyed),
        _ => false,
    }
}

pub(crate) fn item(index: u32, value: &Data, keyed: bool) -> Object {
    let item = Object::builder().with("Index", i64::from(index));
    if !keyed {
        return item.with("Value", value.clone()).build();
    }
    let part = |name: &str| value.get(name).cloned().unwrap_or_default();
    item.with("Key", part("Key"))
        .with("Value", part("Value"))
        .build()
}

impl Execution {
    /// What lies outside the state of a frame.
    pub(crate) fn outside<'a>(
        &'a self,
        program: &'a Program,
        entropy: &'a Entropy,
        id: FrameId,
        now: Timestamp,
    ) -> Outside<'a> {
        Outside {
            execution: self,
            program,
            entropy,
            frame: self.frame(id),
            now,
            token: None,
            item: None,
            record: self.next_record,
            draws: Cell::new(0),
        }
    }

    /// The path from the machine to a frame's state: `Orders[3]/Charge`.
    pub(crate) fn site(&self, id: FrameId) -> String {
        let frame = self.frame(id);
        let name = &self.program.state(frame.state).name;
        match frame.parent {
            None => name.to_string(),
            Some((parent, slot)) => format!("{}[{slot}]/{name}", self.site(parent)),
        }
    }
}
