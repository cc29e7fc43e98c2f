//! TestState: the engine does it; the work of a Task that has no mock is done as the only state of an Express machine.

use std::sync::Arc;

use data::{Data, Object};
use engine::{
    Answer, Entropy, Failure, PendingTask, Status, TestSetting, TestStateError, TestStateRequest,
    TestStep, begin_test_state,
};
use runtime::Machine;
use runtime::host::{Origin, Start};

use super::machines::drawn_id;
use super::{Called, StepFunctions, definition};
use crate::caller::ACCOUNT;
use crate::error::ApiError;

impl StepFunctions {
    pub(super) async fn test_state(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let done = match begin(called)? {
            TestStep::Done(done) => *done,
            TestStep::Task(task) => {
                let start = start(called, &task)?;
                let found = self.host.start_sync(start).await?;
                let result = result(&found.status);
                task.finish(Answer { result, http: None })
            }
        };
        Ok(done.to_data())
    }
}

/// What lets the state's own worker do the work.
fn start(called: &Called<'_>, task: &PendingTask) -> Result<Start, ApiError> {
    Ok(Start {
        machine: Arc::new(machine(called, task)?),
        origin: Origin::default(),
        name: None,
        input: task.request().input.clone(),
    })
}

fn result(status: &Status) -> Result<Data, Failure> {
    match status {
        Status::Succeeded { output } => Ok(output.clone()),
        Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
            Err(failure.clone())
        }
        Status::Created | Status::Running => Err(Failure::timeout()),
    }
}

/// As far as the test goes by itself.
fn begin(called: &Called<'_>) -> Result<TestStep, ApiError> {
    let mut setting = TestSetting::new(called.now, Entropy::from_seed(rand::random()));
    setting.region = called.caller.region.clone();
    setting.account = ACCOUNT.into();
    let request = TestStateRequest::from_data(called.parameters);
    let step = request.and_then(|request| begin_test_state(&request, &setting));
    step.map_err(refused)
}

fn refused(error: TestStateError) -> ApiError {
    ApiError::new(error.code.as_str(), error.message)
}

/// The machine of the one Task, which nobody else can name.
fn machine(called: &Called<'_>, task: &PendingTask) -> Result<Machine, ApiError> {
    let request = task.request();
    let timeout = i64::try_from(task.timeout_seconds()).unwrap_or(i64::MAX);
    let state = Object::builder()
        .with("Type", "Task")
        .with("Resource", request.resource.text.clone())
        .with("TimeoutSeconds", timeout)
        .with("End", true);
    let states = Object::builder().with(request.state_name.as_str(), state.build());
    let text = Object::builder()
        .with("StartAt", request.state_name.clone())
        .with("States", states.build());
    let text = Data::from(text.build()).to_string();
    let name = format!("test-state-{}", drawn_id());
    Ok(Machine {
        arn: called.caller.arn("states", &format!("stateMachine:{name}")),
        name: name.into(),
        program: definition::program(&text, false)?,
        express: true,
        role_arn: None,
        revision: drawn_id(),
        // It is never kept.
        definition: journal::Definition::default(),
    })
}
