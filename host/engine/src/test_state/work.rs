//! A state's own way, from its raw input to the end of its work.

use std::sync::Arc;

use asl::{Map, Program, State, StateId, StateKind, Task, Transition, Wait};
use data::Data;

use super::definition::Tested;
use super::rules::Given;
use super::scene::{Scene, WithItem};
use super::{
    Answer, HttpExchange, InspectionLevel, MAX_SECONDS, TestSetting, TestStateOutput,
    TestStateRequest, TestStep,
};
use crate::dataflow::{Exit, Fault, Flow, arguments, conclude, effective_input, payload};
use crate::execution::TaskRequest;
use crate::failure::{Failure, errors};
use crate::inspect::{Around, Stage};
use crate::quotas::Quotas;
use crate::state::map::Plan;
use crate::state::{choice, fail, map, pass, succeed, task, wait};
use crate::step::too_large;
use crate::time::Timestamp;

/// A state under test.
#[derive(Debug)]
pub(super) struct Test {
    program: Arc<Program>,
    id: StateId,
    pub raw: Data,
    pub scene: Scene,
    pub level: InspectionLevel,
    /// How often the responsible retrier was used.
    pub retries: u32,
    /// Iterations that failed.
    failures: u32,
    quotas: Quotas,
    /// The numbers of a Map.
    pub figures: Option<Figures>,
    pub http: Option<Box<HttpExchange>>,
    pub until: Option<Timestamp>,
}

/// The numbers of a Map that are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub max_concurrency: u64,
    pub tolerated_count: Option<u64>,
    pub tolerated_percentage: Option<f64>,
}

/// How a state's work ends: what it leaves and where it goes, or a failure.
pub(super) type End = Result<(Exit, Option<StateId>), Failure>;

/// TestState gives the bare sentence, without the place in an execution (measured).
impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::new(fault.error, fault.detail())
    }
}

/// Takes the state as far as it goes without a worker.
pub(super) fn begin(
    request: &TestStateRequest,
    setting: &TestSetting<'_>,
    tested: Tested,
    given: Given,
    raw: Data,
) -> TestStep {
    let mut scene = Scene::new(request, setting, tested.state(), &raw);
    scene.variables = given.variables;
    if let Some(context) = &given.context {
        scene.set_context(context);
    }
    let own = &request.state_configuration;
    let test = Test {
        program: Arc::new(tested.program),
        id: tested.id,
        raw,
        scene,
        level: request.inspection_level,
        retries: own.retrier_retry_count.unwrap_or(0),
        failures: own.map_iteration_failure_count.unwrap_or(0),
        quotas: setting.quotas.clone(),
        figures: None,
        http: None,
        until: None,
    };
    test.enter(given.mock, given.read, setting.now)
}

impl Test {
    pub fn program(&self) -> Arc<Program> {
        Arc::clone(&self.program)
    }

    pub fn id(&self) -> StateId {
        self.id
    }

    fn enter(
        mut self,
        mock: Option<Result<Data, Failure>>,
        read: Option<Data>,
        now: Timestamp,
    ) -> TestStep {
        let program = self.program();
        let state = program.state(self.id);
        let end = match &state.kind {
            StateKind::Task(task) => match (self.request(state, task), mock) {
                (Err(failure), _) => Err(failure),
                (Ok((request, timeout)), None) => {
                    return TestStep::Task(Box::new(PendingTask {
                        test: self,
                        request,
                        timeout,
                    }));
                }
                (Ok(_), Some(result)) => self.answered(state, result),
            },
            StateKind::Choice(choice) => self.choose(state, choice),
            StateKind::Parallel(_) => self.parallel(state, mock),
            StateKind::Map(map) => self.map(state, map, mock, read),
            StateKind::Wait(wait) => self.wait(state, wait, now),
            StateKind::Pass(pass) => {
                let exit = pass::work(state, pass, &self.raw, &self.scene);
                self.left(state, exit)
            }
            StateKind::Succeed => {
                let exit = succeed::hand_on(state, &self.raw, &self.scene);
                self.left(state, exit)
            }
            StateKind::Fail(fail) => self.fail(state, fail),
        };
        TestStep::Done(Box::new(self.finish(end)))
    }

    /// The end of a state that goes where `Next` says.
    fn left(&self, state: &State, exit: Flow<Exit>) -> End {
        let next = match state.next {
            Transition::Next(next) => Some(next),
            Transition::End => None,
        };
        self.within_limits(state, exit?, next)
    }

    /// Refuses an output over its quota, be it a catcher's.
    pub(super) fn within_limits(&self, state: &State, exit: Exit, next: Option<StateId>) -> End {
        if self.quotas.fits(&exit.output) {
            return Ok((exit, next));
        }
        Err(too_large(&state.name))
    }

    fn choose(&self, state: &State, choice: &asl::Choice) -> End {
        let (exit, next, _) = choice::decide(state, choice, &self.raw, &self.scene)?;
        self.within_limits(state, exit, Some(next))
    }

    fn fail(&self, state: &State, fail: &asl::Fail) -> End {
        effective_input(state, &self.raw, &self.scene)?;
        Err(fail::failure(fail, &self.raw, &self.scene)?)
    }

    /// A Wait state is over at once; one that would take longer than a test may ends it.
    fn wait(&mut self, state: &State, wait: &Wait, now: Timestamp) -> End {
        let until = wait::until(state, wait, now, &self.raw, &self.scene)?;
        let end = now.plus_seconds(MAX_SECONDS);
        self.until = Some(until.min(end));
        if until > end {
            return Err(Failure::timeout());
        }
        let exit = succeed::hand_on(state, &self.raw, &self.scene);
        self.left(state, exit)
    }

    fn request(&self, state: &State, task: &Task) -> Result<(TaskRequest, u64), Failure> {
        let request = task::request(state, task, &self.raw, &self.scene)?;
        if !self.quotas.fits(&request.input) {
            return Err(too_large(&state.name));
        }
        let limits = [request.timeout_seconds, request.heartbeat_seconds];
        let timeout = limits.into_iter().flatten().min();
        let offered = TaskRequest {
            token: self.scene.token,
            state: self.id,
            state_name: state.name.clone(),
            resource: task.resource.clone(),
            input: request.input,
            attempt: self.retries,
            item: None,
            site: format!("{}#0", state.name),
        };
        Ok((offered, timeout.unwrap_or(MAX_SECONDS).min(MAX_SECONDS)))
    }

    /// A Task's worker, or the mock in its place, has answered.
    fn answered(&self, state: &State, result: Result<Data, Failure>) -> End {
        let result = result?;
        if !self.quotas.fits(&result) {
            return Err(too_large(&task::worker_name(state)));
        }
        self.scene.saw(Stage::Result, &result);
        self.left(state, conclude(state, &self.raw, result, &self.scene))
    }

    fn parallel(&self, state: &State, mock: Option<Result<Data, Failure>>) -> End {
        let input = effective_input(state, &self.raw, &self.scene)?;
        if !self.quotas.fits(&arguments(state, &input, &self.scene)?) {
            return Err(too_large(&state.name));
        }
        let result = mock.unwrap_or_else(|| Ok(Data::Null))?;
        self.left(state, conclude(state, &self.raw, result, &self.scene))
    }

    /// A mocked failure ends the Map whatever else is said (recorded); else too many failed iterations do.
    fn map(
        &mut self,
        state: &State,
        map: &Map,
        mock: Option<Result<Data, Failure>>,
        read: Option<Data>,
    ) -> End {
        let plan = map::plan(state, map, &self.raw, read, &self.scene)?;
        self.figures = Some(Figures {
            max_concurrency: plan.max_concurrency,
            tolerated_count: plan.tolerated_count,
            tolerated_percentage: plan.tolerated_percentage,
        });
        self.select_items(map, &plan)?;
        let result = mock.unwrap_or_else(|| Ok(Data::Null))?;
        if plan.tolerated().is_some_and(|most| self.failures > most) {
            let cause = "The specified tolerated failure threshold was exceeded";
            let error = errors::EXCEED_TOLERATED_FAILURE_THRESHOLD;
            return Err(Failure::new(error, cause));
        }
        self.left(state, conclude(state, &self.raw, result, &self.scene))
    }

    /// The inputs of all iterations, which only an ItemSelector makes.
    fn select_items(&self, map: &Map, plan: &Plan) -> Flow<()> {
        let Some(selector) = &map.item_selector else {
            return Ok(());
        };
        let items = plan.items.as_array().map_or(&[][..], |items| items.items());
        let inputs = (0..).zip(items).map(|(index, value)| {
            let scene = &self.scene;
            let outside = WithItem {
                scene,
                index,
                value,
                keyed: plan.keyed,
            };
            payload(selector, "ItemSelector", &plan.input, &outside)
        });
        let inputs: Vec<Data> = inputs.collect::<Flow<_>>()?;
        self.scene.saw(Stage::ItemSelector, &inputs.into());
        Ok(())
    }
}

/// A Task that waits for its worker.
#[derive(Debug)]
pub struct PendingTask {
    test: Test,
    request: TaskRequest,
    timeout: u64,
}

impl PendingTask {
    /// What the worker is to do.
    pub fn request(&self) -> &TaskRequest {
        &self.request
    }

    /// Seconds that it may take; after them the answer is [`Failure::timeout`].
    pub fn timeout_seconds(&self) -> u64 {
        self.timeout
    }

    /// Goes on with what the worker said.
    pub fn finish(self, answer: Answer) -> TestStateOutput {
        let mut test = self.test;
        test.http = answer.http;
        let program = test.program();
        let end = test.answered(program.state(test.id), answer.result);
        test.finish(end)
    }
}
