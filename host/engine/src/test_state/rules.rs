//! Which members of a request go together, and what they hold.
//!
//! AWS's words are recorded for the missing role alone; the other texts are our own.

use asl::{Pattern, ResourceKind, StateKind};
use data::{Data, Object};

use super::definition::Tested;
use super::error::{TestStateError, TestStateErrorCode};
use super::request::{MockInput, MockResponseValidationMode, TestStateRequest};
use crate::failure::Failure;

/// The texts of a request, read.
#[derive(Debug)]
pub(super) struct Given {
    pub variables: Object,
    pub context: Option<Object>,
    pub mock: Option<Result<Data, Failure>>,
    /// The items that an ItemReader would have read.
    pub read: Option<Data>,
}

type Rule<T = ()> = Result<T, TestStateError>;

fn refuse<T>(message: impl Into<String>) -> Rule<T> {
    Err(TestStateError::invalid(message))
}

/// The state's raw input.
pub(super) fn input(request: &TestStateRequest) -> Rule<Data> {
    let Some(text) = &request.input else {
        return Ok(Data::empty_object());
    };
    Data::parse(text).map_err(|error| {
        let message = format!("Invalid State Machine Execution Input: '{}'", error.message);
        TestStateError::new(TestStateErrorCode::InvalidExecutionInput, message)
    })
}

/// Checks what the request says besides definition and input.
pub(super) fn given(request: &TestStateRequest, tested: &Tested) -> Rule<Given> {
    role(request, tested)?;
    may_be_mocked(request, tested)?;
    configuration(request, tested)?;
    let mock = request.mock.as_ref();
    let variables = request.variables.as_deref();
    let variables = variables
        .map(|text| object("variables", text))
        .transpose()?;
    let context = request.context.as_deref();
    let context = context.map(|text| object("context", text)).transpose()?;
    Ok(Given {
        variables: variables.unwrap_or_default(),
        context,
        mock: mock.map(|mock| mocked(mock, tested)).transpose()?,
        read: read(request, tested),
    })
}

/// A Task that calls its worker needs a role; with a mock nobody needs one (developer guide, recorded).
fn role(request: &TestStateRequest, tested: &Tested) -> Rule {
    match (&request.role_arn, &tested.state().kind) {
        (Some(arn), _) if !arn.starts_with("arn:") => {
            let message = format!("Invalid Arn: 'Invalid ARN prefix: {arn}'");
            Err(TestStateError::new(TestStateErrorCode::InvalidArn, message))
        }
        (None, StateKind::Task(_)) if request.mock.is_none() => {
            refuse("RoleArn must be specified when testing a Task state")
        }
        _ => Ok(()),
    }
}

/// Only some states may have a mock, and some must (API reference of TestState and MockInput).
fn may_be_mocked(request: &TestStateRequest, tested: &Tested) -> Rule {
    let needs = match &tested.state().kind {
        StateKind::Task(task) => match &task.resource.kind {
            ResourceKind::LambdaFunction => None,
            ResourceKind::Activity => Some("an Activity"),
            ResourceKind::Service { pattern, .. } => match pattern {
                Pattern::RequestResponse => None,
                Pattern::Sync | Pattern::Sync2 => Some("a '.sync' service integration"),
                Pattern::WaitForTaskToken => Some("a '.waitForTaskToken' service integration"),
            },
        },
        StateKind::Parallel(_) => Some("a Parallel state"),
        StateKind::Map(_) => Some("a Map state"),
        kind @ (StateKind::Choice(_)
        | StateKind::Wait(_)
        | StateKind::Pass(_)
        | StateKind::Succeed
        | StateKind::Fail(_)) => {
            let kind = kind.state_type().as_str();
            return match &request.mock {
                Some(_) => refuse(format!("A mock can not be specified for a {kind} state")),
                None => without_mock(request),
            };
        }
    };
    match (&request.mock, needs) {
        (None, Some(what)) => refuse(format!("A mock must be specified when testing {what}")),
        (None, None) => without_mock(request),
        (Some(_), _) => Ok(()),
    }
}

fn without_mock(request: &TestStateRequest) -> Rule {
    match &request.context {
        Some(_) => refuse("Context can only be specified together with a mock"),
        None => Ok(()),
    }
}

/// What `stateConfiguration` says must be about the state.
fn configuration(request: &TestStateRequest, tested: &Tested) -> Rule {
    let own = &request.state_configuration;
    let kind = &tested.state().kind;
    let is_map = matches!(kind, StateKind::Map(_));
    if let Some(name) = &own.error_caused_by_state {
        if !is_map && !matches!(kind, StateKind::Parallel(_)) {
            return refuse("errorCausedByState can only be specified for a Map or Parallel state");
        }
        if !tested.holds(name) {
            return refuse(format!(
                "There is no state '{name}' inside the tested state"
            ));
        }
    }
    if own.map_iteration_failure_count.is_some() && !is_map {
        return refuse("mapIterationFailureCount can only be specified for a Map state");
    }
    if own.map_item_reader_data.is_some() && !tested.has("ItemReader") {
        return refuse(
            "mapItemReaderData can only be specified for a Map state with an ItemReader",
        );
    }
    Ok(())
}

fn object(member: &str, text: &str) -> Rule<Object> {
    match Data::parse(text) {
        Ok(Data::Object(object)) => Ok(object),
        Ok(_) | Err(_) => refuse(format!("The value of {member} must be a JSON object")),
    }
}

/// What the mock says in the place of the state's work.
fn mocked(mock: &MockInput, tested: &Tested) -> Rule<Result<Data, Failure>> {
    match (&mock.result, &mock.error_output) {
        (Some(_), Some(_)) | (None, None) => {
            refuse("A mock must have exactly one of these fields: [result, errorOutput]")
        }
        (None, Some(output)) => match &output.error {
            None => refuse("The field error of mock.errorOutput is required"),
            Some(error) => Ok(Err(Failure {
                error: Some(error.clone()),
                cause: output.cause.clone(),
            })),
        },
        (Some(text), None) => {
            let Ok(result) = Data::parse(text) else {
                return refuse("The value of mock.result must be JSON");
            };
            match mock.field_validation_mode {
                MockResponseValidationMode::None => {}
                MockResponseValidationMode::Strict | MockResponseValidationMode::Present => {
                    conforms(&result, tested)?;
                }
            }
            Ok(Ok(result))
        }
    }
}

/// A Parallel has a result for each branch, a Map a list of them unless it writes them elsewhere.
fn conforms(result: &Data, tested: &Tested) -> Rule {
    match &tested.state().kind {
        StateKind::Parallel(parallel) => {
            let branches = parallel.branches.len();
            if result
                .as_array()
                .is_none_or(|array| array.len() != branches)
            {
                return refuse(format!(
                    "The mocked result of the Parallel state must be an array of {branches} items, one for each branch"
                ));
            }
        }
        StateKind::Map(_) if result.as_array().is_none() && !tested.has("ResultWriter") => {
            return refuse("The mocked result of the Map state must be an array");
        }
        StateKind::Map(_)
        | StateKind::Task(_)
        | StateKind::Choice(_)
        | StateKind::Wait(_)
        | StateKind::Pass(_)
        | StateKind::Succeed
        | StateKind::Fail(_) => {}
    }
    Ok(())
}

/// A Map with an ItemReader takes its items from what that read; without data it has none. Data that is no
/// JSON array is left to the reader.
fn read(request: &TestStateRequest, tested: &Tested) -> Option<Data> {
    if !tested.has("ItemReader") {
        return None;
    }
    let text = request.state_configuration.map_item_reader_data.as_deref();
    let items = text.and_then(|text| Data::parse(text).ok());
    let items = items.filter(|items| items.as_array().is_some());
    Some(items.unwrap_or_else(|| Vec::new().into()))
}
