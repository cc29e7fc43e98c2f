//! What surrounds a state that is tested: a Context Object, variables, chance, and an ear for the stages.

use std::cell::{Cell, RefCell};

use asl::{State, StateKind};
use data::{Data, EcoString, Object};
use query::Surroundings;

use super::{TestSetting, TestStateRequest};
use crate::context::item;
use crate::entropy::Entropy;
use crate::ids::{FrameId, TaskToken};
use crate::inspect::{Around, Stage};
use crate::state::task::shows_token;
use crate::time::Timestamp;

/// What AWS calls every state that it tests, whatever its name in the definition (recorded).
const STATE_NAME: &str = "StateName";

#[derive(Debug)]
pub(super) struct Scene {
    pub context: Data,
    pub variables: Object,
    pub token: TaskToken,
    now: Timestamp,
    entropy: Entropy,
    draws: Cell<u32>,
    seen: RefCell<Vec<(Stage, Data)>>,
}

impl Scene {
    pub fn new(
        request: &TestStateRequest,
        setting: &TestSetting<'_>,
        state: &State,
        input: &Data,
    ) -> Scene {
        let token = TaskToken {
            frame: FrameId::ROOT,
            record: 0,
            secret: setting.entropy.draw(0, u32::MAX),
        };
        Scene {
            context: context(request, setting, state, input, token),
            variables: Object::default(),
            token,
            now: setting.now,
            entropy: setting.entropy.clone(),
            draws: Cell::new(0),
            seen: RefCell::default(),
        }
    }

    /// Puts what the request says in the place of what was made up, member by member.
    pub fn set_context(&mut self, given: &Object) {
        let mut context = self.context.as_object().cloned().unwrap_or_default();
        for (name, part) in given.iter() {
            let part = match (
                context.get(name).and_then(Data::as_object),
                part.as_object(),
            ) {
                (Some(made), Some(given)) => Data::Object(merged(made, given)),
                _ => part.clone(),
            };
            context = context.with(name.clone(), part);
        }
        self.context = context.into();
    }

    /// What came out of the stages, each once, in the order of the pipeline.
    pub fn seen(&self) -> Vec<(Stage, Data)> {
        let mut seen = self.seen.borrow().clone();
        seen.sort_by_key(|(stage, _)| *stage);
        seen
    }
}

/// The first object with the members of the second.
pub(super) fn merged(first: &Object, second: &Object) -> Object {
    second.iter().fold(first.clone(), |all, (name, value)| {
        all.with(name.clone(), value.clone())
    })
}

/// As recorded: an Express execution of a machine that nobody else knows; no `RedriveCount`, and a `RoleArn`
/// of null where the request has none.
fn context(
    request: &TestStateRequest,
    setting: &TestSetting<'_>,
    state: &State,
    input: &Data,
    token: TaskToken,
) -> Data {
    let (machine, name) = (setting.uuid("machine"), setting.uuid("execution"));
    let (region, account) = (&setting.region, &setting.account);
    let arn = |rest: String| format!("arn:aws:states:{region}:{account}:{rest}");
    let role = request.role_arn.clone().map_or(Data::Null, Data::from);
    let execution = Object::builder()
        .with("Id", arn(format!("express:{machine}:{name}")))
        .with("Input", input.clone())
        .with("Name", name)
        .with("RoleArn", role)
        .with("StartTime", setting.now.to_string());
    let context = Object::builder()
        .with("Execution", execution.build())
        .with(
            "StateMachine",
            Object::builder()
                .with("Id", arn(format!("stateMachine:{machine}")))
                .with("Name", machine)
                .build(),
        )
        .with("State", state_part(request, setting, state));
    match &state.kind {
        StateKind::Task(task) if shows_token(task) => {
            let task = Object::builder().with("Token", token.to_string());
            context.with("Task", task.build()).build().into()
        }
        _ => context.build().into(),
    }
}

fn state_part(request: &TestStateRequest, setting: &TestSetting<'_>, state: &State) -> Object {
    let part = Object::builder()
        .with("Name", STATE_NAME)
        .with("EnteredTime", setting.now.to_string());
    let retries = request.state_configuration.retrier_retry_count;
    match state.kind {
        StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_) => part
            .with("RetryCount", i64::from(retries.unwrap_or(0)))
            .build(),
        StateKind::Choice(_)
        | StateKind::Wait(_)
        | StateKind::Pass(_)
        | StateKind::Succeed
        | StateKind::Fail(_) => part.build(),
    }
}

impl Surroundings for Scene {
    fn context(&self) -> Data {
        self.context.clone()
    }

    fn variable(&self, name: &str) -> Option<Data> {
        self.variables.get(name).cloned()
    }

    fn random(&self) -> u64 {
        let n = self.draws.get();
        self.draws.set(n + 1);
        self.entropy.draw(0, n)
    }

    fn uuid(&self) -> u128 {
        (u128::from(self.random()) << 64) | u128::from(self.random())
    }

    fn now(&self) -> i64 {
        self.now.0
    }
}

impl Around for Scene {
    fn saw(&self, stage: Stage, value: &Data) {
        let mut seen = self.seen.borrow_mut();
        seen.retain(|(other, _)| *other != stage);
        seen.push((stage, value.clone()));
    }
}

/// A scene with an item of a Map: `$$.Map.Item`.
pub(super) struct WithItem<'a> {
    pub scene: &'a Scene,
    pub index: u32,
    pub value: &'a Data,
    /// Whether the items are the fields of an object.
    pub keyed: bool,
}

impl Surroundings for WithItem<'_> {
    fn context(&self) -> Data {
        let item = item(self.index, self.value, self.keyed);
        let map = Object::builder().with("Item", item).build();
        let context = self.scene.context.as_object().cloned().unwrap_or_default();
        context.with(EcoString::from("Map"), map.into()).into()
    }

    fn variable(&self, name: &str) -> Option<Data> {
        self.scene.variable(name)
    }

    fn random(&self) -> u64 {
        self.scene.random()
    }

    fn uuid(&self) -> u128 {
        self.scene.uuid()
    }

    fn now(&self) -> i64 {
        self.scene.now()
    }
}
