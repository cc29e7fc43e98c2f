//! AWS's history, projected from the log.
//!
//! The shapes and names are those of GetExecutionHistory in the service model of Step Functions.

use std::borrow::Cow;

use data::{Data, EcoString, Object, ObjectBuilder};

use crate::execution::About;
use crate::failure::Failure;
use crate::ids::EventId;
use crate::record::{Change, Payload, Record, TaskKind};
use crate::time::Timestamp;

/// One event as GetExecutionHistory returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEvent {
    /// When it happened.
    pub timestamp: Timestamp,
    /// `type`, such as `PassStateEntered`.
    pub event_type: Cow<'static, str>,
    /// `id`
    pub id: EventId,
    /// `previousEventId`
    pub previous_event_id: EventId,
    /// The name of the member that holds the details, and the details; none where AWS gives none.
    pub details: Option<(Cow<'static, str>, Object)>,
}

impl HistoryEvent {
    /// The event that AWS shows for a record; none for a step that it does not show.
    pub fn of(record: &Record, about: &About) -> Option<HistoryEvent> {
        let place = record.event?;
        let (event_type, details) = project(&record.change, about)?;
        let name = |kind: &str| {
            let mut name = kind.to_owned();
            if let Some(first) = name.get_mut(..1) {
                first.make_ascii_lowercase();
            }
            Cow::Owned(format!("{name}EventDetails"))
        };
        let details = details.map(|(member, object)| match member {
            Some(member) => (Cow::Borrowed(member), object),
            None => (name(&event_type), object),
        });
        Some(HistoryEvent {
            timestamp: record.at,
            event_type,
            id: place.id,
            previous_event_id: place.previous,
            details,
        })
    }

    /// The event as JSON; `timestamp` says how to write the moment.
    pub fn to_data(&self, timestamp: impl FnOnce(Timestamp) -> Data) -> Data {
        let mut event = Object::builder()
            .with("timestamp", timestamp(self.timestamp))
            .with("type", self.event_type.as_ref())
            .with("id", i64::from(self.id.0))
            .with("previousEventId", i64::from(self.previous_event_id.0));
        if let Some((member, details)) = &self.details {
            event.insert(member.as_ref().into(), details.clone().into());
        }
        event.build().into()
    }
}

type Details = Option<(Option<&'static str>, Object)>;
type Projected = Option<(Cow<'static, str>, Details)>;

/// The event's type and details; the member's name follows from the type unless given.
fn project(change: &Change, about: &About) -> Projected {
    let (event_type, details): (Cow<'static, str>, ObjectBuilder) = match change {
        Change::ExecutionStarted { input, .. } => {
            let details = payload(Object::builder(), "input", input);
            (
                "ExecutionStarted".into(),
                details.with("roleArn", about.role_arn.clone()),
            )
        }
        Change::ExecutionRedriven { redrive_count, .. } => (
            "ExecutionRedriven".into(),
            Object::builder().with("redriveCount", i64::from(*redrive_count)),
        ),
        Change::StateEntered { state, input, .. } => {
            let details = Object::builder().with("name", state.name.clone());
            let details = payload(details, "input", input).build();
            let event_type = format!("{}StateEntered", state.kind.as_str());
            return Some((
                event_type.into(),
                Some((Some("stateEnteredEventDetails"), details)),
            ));
        }
        Change::StateExited {
            state,
            output,
            assigned,
            ..
        } => {
            let details = Object::builder().with("name", state.name.clone());
            let details = variables(payload(details, "output", output), assigned.as_ref()).build();
            let event_type = format!("{}StateExited", state.kind.as_str());
            return Some((
                event_type.into(),
                Some((Some("stateExitedEventDetails"), details)),
            ));
        }
        Change::EvaluationFailed {
            state,
            location,
            failure,
            ..
        } => {
            let details = failed(Object::builder(), failure).with("location", location.clone());
            (
                "EvaluationFailed".into(),
                details.with("state", state.clone()),
            )
        }
        Change::TaskScheduled { .. } => scheduled(change, about)?,
        Change::TaskStarted { kind, worker, .. } => match kind {
            TaskKind::LambdaFunction => return Some(("LambdaFunctionStarted".into(), None)),
            TaskKind::Activity => {
                let mut details = Object::builder();
                if let Some(worker) = worker {
                    details.insert("workerName".into(), worker.clone().into());
                }
                ("ActivityStarted".into(), details)
            }
            TaskKind::Service { .. } => ("TaskStarted".into(), service(kind)),
        },
        Change::TaskSubmitted { kind, output, .. } => (
            task(kind, "Submitted"),
            payload(service(kind), "output", output),
        ),
        Change::TaskSucceeded { kind, output, .. } => (
            task(kind, "Succeeded"),
            payload(service(kind), "output", output),
        ),
        Change::TaskFailed { kind, failure, .. } => {
            (task(kind, "Failed"), failed(service(kind), failure))
        }
        Change::TaskTimedOut { kind, failure, .. } => {
            (task(kind, "TimedOut"), failed(service(kind), failure))
        }
        Change::ParallelStarted { .. } => return Some(("ParallelStateStarted".into(), None)),
        Change::MapStarted { items, .. } => {
            let length = items.data.as_array().map_or(0, |items| items.len());
            let length = i64::try_from(length).unwrap_or(i64::MAX);
            (
                "MapStateStarted".into(),
                Object::builder().with("length", length),
            )
        }
        Change::DistributedMapStarted { length, .. } => (
            "MapStateStarted".into(),
            Object::builder().with("length", i64::from(*length)),
        ),
        Change::MapRunStarted { map_run_arn, .. } => (
            "MapRunStarted".into(),
            Object::builder().with("mapRunArn", map_run_arn.clone()),
        ),
        Change::MapRunRedriven {
            map_run_arn,
            redrive_count,
            ..
        } => (
            "MapRunRedriven".into(),
            Object::builder()
                .with("mapRunArn", map_run_arn.clone())
                .with("redriveCount", i64::from(*redrive_count)),
        ),
        Change::MapRunSucceeded { .. } => return Some(("MapRunSucceeded".into(), None)),
        Change::MapRunFailed { failure, .. } => {
            ("MapRunFailed".into(), failed(Object::builder(), failure))
        }
        Change::MapRunAborted { .. } => return Some(("MapRunAborted".into(), None)),
        Change::IterationStarted { map, index, .. } => {
            ("MapIterationStarted".into(), iteration(map, *index))
        }
        Change::ChildSucceeded { iteration: of, .. } => {
            let (map, index) = of.as_ref()?;
            ("MapIterationSucceeded".into(), iteration(map, *index))
        }
        Change::ChildFailed { iteration: of, .. } => {
            let (map, index) = of.as_ref()?;
            ("MapIterationFailed".into(), iteration(map, *index))
        }
        Change::ChildAborted { iteration: of, .. } => {
            let (map, index) = of.as_ref()?;
            ("MapIterationAborted".into(), iteration(map, *index))
        }
        Change::StateAborted { kind, .. } => {
            return Some((format!("{}StateAborted", kind.as_str()).into(), None));
        }
        Change::ChildrenSucceeded { kind, .. } => {
            return Some((format!("{}StateSucceeded", kind.as_str()).into(), None));
        }
        Change::ChildrenFailed { kind, .. } => {
            return Some((format!("{}StateFailed", kind.as_str()).into(), None));
        }
        Change::ExecutionSucceeded { output } => (
            "ExecutionSucceeded".into(),
            payload(Object::builder(), "output", output),
        ),
        Change::ExecutionFailed { failure } => {
            ("ExecutionFailed".into(), failed(Object::builder(), failure))
        }
        Change::ExecutionTimedOut { failure } => (
            "ExecutionTimedOut".into(),
            failed(Object::builder(), failure),
        ),
        Change::ExecutionAborted { failure } => (
            "ExecutionAborted".into(),
            failed(Object::builder(), failure),
        ),
        Change::Waiting { .. }
        | Change::TaskHeartbeat { .. }
        | Change::RetryScheduled { .. }
        | Change::IterationRedriven { .. } => return None,
    };
    Some((event_type, Some((None, details.build()))))
}

fn scheduled(change: &Change, about: &About) -> Option<(Cow<'static, str>, ObjectBuilder)> {
    let Change::TaskScheduled {
        kind,
        resource,
        input,
        timeout_seconds,
        heartbeat_seconds,
        role_arn,
        ..
    } = change
    else {
        return None;
    };
    let mut details = match kind {
        TaskKind::Service { .. } => service(kind)
            .with("region", about.region.clone())
            .with("parameters", input.data.to_string()),
        TaskKind::LambdaFunction | TaskKind::Activity => payload(
            Object::builder().with("resource", resource.clone()),
            "input",
            input,
        ),
    };
    let mut seconds = |name: &str, value: &Option<u64>| {
        if let Some(value) = value {
            details.insert(
                name.into(),
                i64::try_from(*value).unwrap_or(i64::MAX).into(),
            );
        }
    };
    seconds("timeoutInSeconds", timeout_seconds);
    // The service model has no such member for a function.
    if !matches!(kind, TaskKind::LambdaFunction) {
        seconds("heartbeatInSeconds", heartbeat_seconds);
    }
    if let (Some(role_arn), TaskKind::LambdaFunction | TaskKind::Service { .. }) = (role_arn, kind)
    {
        let credentials = Object::builder()
            .with("roleArn", role_arn.as_ref().clone())
            .build();
        details.insert("taskCredentials".into(), credentials.into());
    }
    Some((task(kind, "Scheduled"), details))
}

fn task(kind: &TaskKind, what: &str) -> Cow<'static, str> {
    let prefix = match kind {
        TaskKind::LambdaFunction => "LambdaFunction",
        TaskKind::Activity => "Activity",
        TaskKind::Service { .. } => "Task",
    };
    format!("{prefix}{what}").into()
}

fn service(kind: &TaskKind) -> ObjectBuilder {
    match kind {
        TaskKind::LambdaFunction | TaskKind::Activity => Object::builder(),
        TaskKind::Service {
            resource_type,
            resource,
        } => Object::builder()
            .with("resourceType", resource_type.clone())
            .with("resource", resource.clone()),
    }
}

fn iteration(map: &EcoString, index: u32) -> ObjectBuilder {
    Object::builder()
        .with("name", map.clone())
        .with("index", i64::from(index))
}

/// A payload as AWS shows it: JSON in a string, and whether it was cut.
fn payload(details: ObjectBuilder, name: &str, payload: &Payload) -> ObjectBuilder {
    details.with(name, payload.data.to_string()).with(
        format!("{name}Details"),
        Object::builder().with("truncated", false).build(),
    )
}

/// Variables as AWS shows them: each value as JSON in a string.
fn variables(details: ObjectBuilder, assigned: Option<&Data>) -> ObjectBuilder {
    let Some(assigned) = assigned.and_then(Data::as_object) else {
        return details;
    };
    let mut shown = Object::builder();
    for (name, value) in assigned.iter() {
        shown.insert(name.clone(), value.to_string().into());
    }
    details.with("assignedVariables", shown.build()).with(
        "assignedVariablesDetails",
        Object::builder().with("truncated", false).build(),
    )
}

fn failed(mut details: ObjectBuilder, failure: &Failure) -> ObjectBuilder {
    for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
        if let Some(text) = text {
            details.insert(name.into(), text.clone().into());
        }
    }
    details
}
