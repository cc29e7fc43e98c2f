//! Task: work done outside.

use asl::{Pattern, Quantity, ResourceKind, State, Task};
use data::{Data, EcoString};

use crate::dataflow::{Fault, Flow, arguments, conclude, effective_input, payload, quantity};
use crate::execution::{Command, Execution, TaskRequest};
use crate::failure::{Failure, errors};
use crate::frame::{Activity, Phase, TaskActivity};
use crate::ids::{FrameId, TaskToken};
use crate::inspect::Around;
use crate::record::{Change, TaskKind, Via};
use crate::step::{Over, Stop, Turn, too_large};

/// The draw that makes a token, kept apart from those of expressions.
const TOKEN_DRAW: u32 = u32::MAX;

pub(super) fn begin(turn: &mut Turn<'_>, id: FrameId, task: &Task) -> Result<(), Stop> {
    activity_exists(turn, id, task)?;
    let record = turn.execution.next_record;
    let secret = turn.entropy.draw(record, TOKEN_DRAW);
    let token = TaskToken {
        frame: id,
        record,
        secret,
    };
    let mut outside = turn.outside(id);
    outside.token = shows_token(task).then_some(token);
    let request = request(turn.state(id), task, &outside.frame.data, &outside);
    let request = request.map_err(|fault| turn.stop(id, fault))?;
    turn.within_limits(id, &request.input)?;
    let input = turn.payload(id, request.input);
    let last = turn.execution.frame(id).last_event;
    turn.event(
        last,
        Change::TaskScheduled {
            frame: id,
            token,
            kind: TaskKind::of(&task.resource),
            resource: task.resource.text.clone(),
            input,
            timeout_seconds: request.timeout_seconds,
            heartbeat_seconds: request.heartbeat_seconds,
            role_arn: request.role_arn.map(Box::new),
        },
    )?;
    if let Activity::Task(activity) = &turn.execution.frame(id).activity {
        let command = turn.execution.task_request(id, activity);
        turn.command(command);
    }
    Ok(())
}

/// An activity that does not exist fails the execution before anything is scheduled.
fn activity_exists(turn: &Turn<'_>, id: FrameId, task: &Task) -> Result<(), Stop> {
    let (known, arn) = (&turn.execution.activities, &task.resource.text);
    let exists = known.as_ref().is_none_or(|known| known.contains(arn));
    if exists || task.resource.kind != ResourceKind::Activity {
        return Ok(());
    }
    let detail = format!("The activity {arn} does not exist.");
    Err(turn.stop(id, Fault::new(errors::RUNTIME, detail)))
}

/// `$$.Task.Token` exists where somebody outside is to send it back.
pub(crate) fn shows_token(task: &Task) -> bool {
    matches!(
        task.resource.kind,
        ResourceKind::Service {
            pattern: Pattern::WaitForTaskToken,
            ..
        }
    )
}

/// What a task is scheduled with.
pub(crate) struct Request {
    pub input: Data,
    pub timeout_seconds: Option<u64>,
    pub heartbeat_seconds: Option<u64>,
    pub role_arn: Option<EcoString>,
}

pub(crate) fn request(
    state: &State,
    task: &Task,
    raw: &Data,
    outside: &impl Around,
) -> Flow<Request> {
    let input = effective_input(state, raw, outside)?;
    let seconds = |field: &str, value: &Option<Quantity>| {
        value
            .as_ref()
            .map(|value| quantity(field, value, &input, outside))
            .transpose()
    };
    let timeout_seconds = seconds("TimeoutSeconds", &task.timeout)?;
    let heartbeat_seconds = seconds("HeartbeatSeconds", &task.heartbeat)?;
    let role_arn = match &task.credentials {
        None => None,
        Some(credentials) => payload(credentials, "Credentials", &input, outside)?
            .get("RoleArn")
            .and_then(|arn| arn.as_str().map(EcoString::from)),
    };
    let input = arguments(state, &input, outside)?;
    Ok(Request {
        input,
        timeout_seconds,
        heartbeat_seconds,
        role_arn,
    })
}

pub(crate) fn started(
    turn: &mut Turn<'_>,
    token: TaskToken,
    worker: Option<EcoString>,
) -> Result<bool, Over> {
    let Some((id, kind)) = find_before(turn, token, Phase::Started) else {
        return Ok(false);
    };
    let last = turn.execution.frame(id).last_event;
    turn.event(
        last,
        Change::TaskStarted {
            frame: id,
            kind,
            worker,
        },
    )?;
    Ok(true)
}

pub(crate) fn submitted(turn: &mut Turn<'_>, token: TaskToken, output: Data) -> Result<bool, Over> {
    let Some((id, kind)) = find_before(turn, token, Phase::Submitted) else {
        return Ok(false);
    };
    let last = turn.execution.frame(id).last_event;
    turn.event(
        last,
        Change::TaskSubmitted {
            frame: id,
            kind,
            output: output.into(),
        },
    )?;
    Ok(true)
}

pub(crate) fn heartbeat(turn: &mut Turn<'_>, token: TaskToken) -> Result<bool, Over> {
    let Some((id, _)) = find(turn, token) else {
        return Ok(false);
    };
    turn.note(Change::TaskHeartbeat { frame: id })?;
    Ok(true)
}

pub(crate) fn succeeded(turn: &mut Turn<'_>, token: TaskToken, output: Data) -> Result<bool, Over> {
    let Some((id, kind)) = find(turn, token) else {
        return Ok(false);
    };
    if !turn.fits(&output) {
        let failure = too_large(&worker_name(turn.state(id)));
        return failed(turn, token, failure);
    }
    let last = turn.execution.frame(id).last_event;
    let payload = output.clone().into();
    turn.event(
        last,
        Change::TaskSucceeded {
            frame: id,
            kind,
            output: payload,
        },
    )?;
    let outcome = complete(turn, id, output);
    turn.settle(id, outcome)?;
    turn.ready(id);
    Ok(true)
}

pub(crate) fn failed(
    turn: &mut Turn<'_>,
    token: TaskToken,
    failure: Failure,
) -> Result<bool, Over> {
    let Some((id, kind)) = find(turn, token) else {
        return Ok(false);
    };
    let last = turn.execution.frame(id).last_event;
    turn.event(
        last,
        Change::TaskFailed {
            frame: id,
            kind,
            failure: failure.clone(),
        },
    )?;
    turn.fail(id, failure, false)?;
    turn.ready(id);
    Ok(true)
}

/// A timeout, or a heartbeat that did not come; AWS reports both as States.Timeout.
pub(super) fn timed_out(turn: &mut Turn<'_>, id: FrameId) -> Result<(), Over> {
    let frame = turn.execution.frame(id);
    let Activity::Task(task) = &frame.activity else {
        return Ok(());
    };
    let (token, silent, last) = (task.token, task.is_silent(), frame.last_event);
    let kind = kind(turn, id);
    let failure = Failure::timeout();
    turn.event(
        last,
        Change::TaskTimedOut {
            frame: id,
            kind,
            failure: failure.clone(),
        },
    )?;
    turn.command(Command::CancelTask(token));
    turn.fail(id, failure, silent)
}

/// The result's way into the state's output, for Task, Parallel and Map alike.
pub(super) fn complete(turn: &mut Turn<'_>, id: FrameId, result: Data) -> Result<(), Stop> {
    let exit = turn.evaluate(id, |state, raw, outside| {
        conclude(state, raw, result, outside)
    })?;
    turn.exit(id, exit, turn.state(id).next, Via::Next)
}

/// The frame that waits for this very attempt.
fn find(turn: &Turn<'_>, token: TaskToken) -> Option<(FrameId, TaskKind)> {
    let frame = turn
        .execution
        .frames
        .get(token.frame.0 as usize)?
        .as_ref()?;
    let Activity::Task(task) = &frame.activity else {
        return None;
    };
    (task.token == token).then(|| (token.frame, kind(turn, token.frame)))
}

/// The same, if the attempt has not come as far as `phase`: a worker that is asked again after a crash begins
/// again, and AWS shows that once.
fn find_before(turn: &Turn<'_>, token: TaskToken, phase: Phase) -> Option<(FrameId, TaskKind)> {
    let (id, kind) = find(turn, token)?;
    match &turn.execution.frame(id).activity {
        Activity::Task(task) if task.phase < phase => Some((id, kind)),
        _ => None,
    }
}

fn kind(turn: &Turn<'_>, id: FrameId) -> TaskKind {
    match &turn.state(id).kind {
        asl::StateKind::Task(task) => TaskKind::of(&task.resource),
        _ => TaskKind::LambdaFunction,
    }
}

/// What AWS calls the worker when its result is too large: the function's ARN or the service.
pub(crate) fn worker_name(state: &State) -> EcoString {
    match &state.kind {
        asl::StateKind::Task(task) => match &task.resource.kind {
            ResourceKind::Service { service, .. } => service.clone(),
            ResourceKind::LambdaFunction | ResourceKind::Activity => task.resource.text.clone(),
        },
        _ => state.name.clone(),
    }
}

impl Execution {
    pub(crate) fn task_request(&self, id: FrameId, task: &TaskActivity) -> Command {
        let frame = self.frame(id);
        let state = self.program.state(frame.state);
        let asl::StateKind::Task(definition) = &state.kind else {
            return Command::CancelTask(task.token);
        };
        Command::StartTask(Box::new(TaskRequest {
            token: task.token,
            state: frame.state,
            state_name: state.name.clone(),
            resource: definition.resource.clone(),
            input: task.input.data.clone(),
            attempt: frame.retry_count(),
            item: self.item_index(id),
            site: format!("{}#{}", self.site(id), frame.visit()),
        }))
    }

    fn item_index(&self, id: FrameId) -> Option<u32> {
        let mut frame = self.frame(id);
        loop {
            let (parent, slot) = frame.parent?;
            if frame.item.is_some() {
                return Some(slot);
            }
            frame = self.frame(parent);
        }
    }
}
