//! Executions that executions start.

use asl::Pattern;
use data::{Data, EcoString, Object, ObjectBuilder};
use engine::{Execution, Failure, Input, Status, TaskRequest, TaskToken, errors};

use super::api::required;
use super::executions::Waiter;
use super::sdk::Call;
use super::{ExecutionId, Shell, Worker};
use crate::invoke::{drawn, drawn_uuid, timestamp};
use crate::machines::{is_name, machine_name};

/// More executions than this in one run are a machine that starts itself without end.
const MOST_EXECUTIONS: usize = 20_000;

/// More open executions than this are more than a host has memory for.
const MOST_OPEN: usize = 100_000;

/// An execution that StartExecution found or made.
struct Child {
    id: ExecutionId,
    is_new: bool,
}

/// The most characters of a cause.
const MAX_CAUSE: usize = 32_768;

impl Shell<'_> {
    /// StartExecution: the child begins after its parent has heard that it does.
    pub(super) fn start_child(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        call: &Call,
        pattern: Pattern,
    ) -> Result<(), Failure> {
        let syncs = matches!(pattern, Pattern::Sync | Pattern::Sync2);
        let child = self.child(id, request, call, syncs)?;
        let execution = self.execution(child.id);
        // One that was found may not have heard yet that it starts, which is now.
        let start = match execution.status() {
            Status::Created => timestamp(self.now),
            _ => execution.started_at(),
        };
        let output = call.started(&execution.about().execution_arn, start);
        if syncs {
            let token = request.token;
            self.tell(id, Input::TaskSubmitted { token, output });
            let waiter = Waiter {
                execution: id,
                token,
                json: pattern == Pattern::Sync2,
            };
            if self.execution(child.id).status().is_final() {
                let answer = outcome(self.execution(child.id), &waiter);
                self.deliver(id, token, answer);
            } else {
                self.workers.insert(token, Worker::Child(child.id));
                self.hosted[child.id.0].waiters.push(waiter);
            }
        } else {
            self.answer(id, request, Ok(output));
        }
        if child.is_new {
            self.activities.have_hope();
            self.start_execution(child.id);
        }
        Ok(())
    }

    fn child(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        call: &Call,
        syncs: bool,
    ) -> Result<Child, Failure> {
        let reference = required(&request.input, "StateMachineArn")?;
        let entropy = &self.hosted[id.0].entropy;
        let draw = drawn(entropy, "alias", request);
        let Some((machine, origin)) = self.registry.machine(reference, draw) else {
            let failure = no_machine(reference, call);
            self.observer
                .unbound(request, &failure, &machine_snippet(reference));
            return Err(failure);
        };
        if syncs && machine.express {
            let message = "This operation is not supported by this type of state machine";
            return Err(call.refused("StateMachineTypeNotSupported", message));
        }
        let entropy = &self.hosted[id.0].entropy;
        let name = match request.input.get("Name") {
            None | Some(Data::Null) => drawn_uuid(entropy, "child", request),
            Some(name) => checked_name(name, call)?,
        };
        let run = drawn_uuid(entropy, "express", request);
        let input = input(&request.input, call)?;
        let about = machine.about(&name, &run, self.execution(id).about());
        let by = (
            self.execution(id).about().execution_arn.clone(),
            request.token,
        );
        if let Some(id) = self.own_child(&about.execution_arn, &by) {
            return Ok(Child { id, is_new: false });
        }
        if let Some(known) = self.by_arn.get(&about.execution_arn) {
            return self.known_child(*known, &input, call);
        }
        if let Some(message) = self.is_full() {
            return Err(call.refused("ExecutionLimitExceeded", &message));
        }
        let kept = self.kept_under(&about.execution_arn);
        if let Some(arn) =
            kept.map_err(|error| call.refused("ServiceUnavailable", &error.to_string()))?
        {
            return Err(already_exists(&arn, call));
        }
        let id = self.host_one(machine, about, input, origin, Some(id));
        self.hosted[id.0].parent = Some(by);
        Ok(Child { id, is_new: true })
    }

    /// The execution that this very attempt started before the host died, whether it is over or not.
    fn own_child(&mut self, arn: &EcoString, by: &(EcoString, TaskToken)) -> Option<ExecutionId> {
        if let Some(id) = self.by_arn.get(arn) {
            return (self.hosted[id.0].parent.as_ref() == Some(by)).then_some(*id);
        }
        if !self.resuming {
            return None;
        }
        let kept = self.find_kept(arn).ok().flatten()?;
        let (parent, token) = kept.beginning.parent.as_ref()?;
        let own = *parent == by.0 && *token == by.1.to_string();
        own.then(|| self.revive(&kept, None).ok())
            .flatten()
            .map(|revived| revived.id)
    }

    /// Why there is no place for another execution.
    pub(super) fn is_full(&self) -> Option<String> {
        match self.main {
            Some(_) => (self.hosted.len() >= MOST_EXECUTIONS)
                .then(|| format!("A run has at most {MOST_EXECUTIONS} executions")),
            None => (self.live.len() >= MOST_OPEN)
                .then(|| format!("A host has at most {MOST_OPEN} open executions")),
        }
    }

    /// The same start again means the running execution; anything else of that name is refused.
    fn known_child(&self, id: ExecutionId, input: &Data, call: &Call) -> Result<Child, Failure> {
        let hosted = &self.hosted[id.0];
        let same = !hosted.execution.status().is_final() && hosted.input == *input;
        if same {
            return Ok(Child { id, is_new: false });
        }
        let arn = &hosted.execution.about().execution_arn;
        Err(already_exists(arn, call))
    }
}

fn already_exists(arn: &str, call: &Call) -> Failure {
    let message = format!("Execution Already Exists: '{arn}'");
    call.refused("ExecutionAlreadyExists", &message)
}

fn no_machine(reference: &str, call: &Call) -> Failure {
    if reference.starts_with("arn:") {
        let message = format!("State Machine Does Not Exist: '{reference}'");
        call.refused("StateMachineDoesNotExist", &message)
    } else {
        let message = format!("Invalid Arn: 'Invalid ARN prefix: {reference}'");
        call.refused("InvalidArn", &message)
    }
}

/// What to put into `wf-host.toml` to make a machine known.
fn machine_snippet(reference: &str) -> String {
    let name = machine_name(reference);
    let (mut key, mut file) = (String::new(), String::new());
    data::write_string(name, &mut key);
    data::write_string(&format!("{name}.asl.json"), &mut file);
    format!(
        "[machines.{key}]\ndefinition = {file}     # or on the command line: --also {name}.asl.json"
    )
}

fn checked_name(name: &Data, call: &Call) -> Result<String, Failure> {
    let text = name.as_str().unwrap_or_default();
    if is_name(text) {
        return Ok(text.to_owned());
    }
    let shown = name
        .as_str()
        .map_or_else(|| name.to_string(), str::to_owned);
    Err(call.refused("InvalidName", &format!("Invalid Name: '{shown}'")))
}

/// The child's input: JSON, or JSON in a string; without one the empty object.
fn input(parameters: &Data, call: &Call) -> Result<Data, Failure> {
    match parameters.get("Input") {
        None | Some(Data::Null) => Ok(Data::empty_object()),
        Some(Data::String(text)) => Data::parse(text.as_str()).map_err(|error| {
            let message = format!("Invalid State Machine Execution Input: '{}'", error.message);
            call.refused("InvalidExecutionInput", &message)
        }),
        Some(input) => Ok(input.clone()),
    }
}

/// What a `.sync` task hears of the end of its execution.
pub(super) fn outcome(child: &Execution, waiter: &Waiter) -> Result<Data, Failure> {
    match child.status() {
        Status::Succeeded { .. } => Ok(describe(child, waiter.json)),
        Status::Failed(_)
        | Status::TimedOut(_)
        | Status::Aborted(_)
        | Status::Created
        | Status::Running => {
            let cause = describe(child, false).to_string();
            Err(Failure::new(errors::TASK_FAILED, cut(cause)))
        }
    }
}

/// How an execution ends that a task managed which is no more.
pub(super) fn aborted_with(parent: &str) -> Failure {
    let cause = format!(
        "The Task state in AWS Step Functions execution [{parent}] which was managing this resource was aborted"
    );
    Failure {
        error: None,
        cause: Some(cause.into()),
    }
}

/// A cause at its longest (service model: SensitiveCause). Without that each machine around a failed one would
/// escape its quotes once more.
fn cut(mut cause: String) -> String {
    if let Some((end, _)) = cause.char_indices().nth(MAX_CAUSE) {
        cause.truncate(end);
    }
    cause
}

/// DescribeExecution's answer about an execution that is over, as tasks see it: fields in alphabetical order,
/// moments in milliseconds, payloads as JSON or as text.
pub(super) fn describe(execution: &Execution, json: bool) -> Data {
    let about = execution.about();
    let payload = |data: &Data| match json {
        true => data.clone(),
        false => data.to_string().into(),
    };
    let included = || Object::builder().with("Included", true).build();
    let mut answer = Object::builder();
    if let Status::Failed(failure) | Status::Aborted(failure) = execution.status() {
        for (name, text) in [("Cause", &failure.cause), ("Error", &failure.error)] {
            if let Some(text) = text {
                answer.insert(name.into(), text.clone().into());
            }
        }
    }
    answer = answer
        .with("ExecutionArn", about.execution_arn.clone())
        .with("Input", payload(execution.input()))
        .with("InputDetails", included())
        .with("Name", about.execution_name.clone());
    if let Status::Succeeded { output } = execution.status() {
        answer = answer
            .with("Output", payload(output))
            .with("OutputDetails", included());
    }
    let stopped = execution.stopped_at().unwrap_or(execution.started_at());
    answer.insert(
        "RedriveCount".into(),
        i64::from(execution.redrives()).into(),
    );
    if let Some(at) = execution.redriven_at() {
        answer.insert("RedriveDate".into(), at.0.into());
    }
    redrive(answer, execution.status())
        .with("StartDate", execution.started_at().0)
        .with("StateMachineArn", about.state_machine_arn.clone())
        .with("Status", execution.status().as_str())
        .with("StopDate", stopped.0)
        .build()
        .into()
}

fn redrive(answer: ObjectBuilder, status: &Status) -> ObjectBuilder {
    match status {
        Status::Succeeded { .. } | Status::Created | Status::Running => {
            let reason = format!("Execution is {} and cannot be redriven", status.as_str());
            answer
                .with("RedriveStatus", "NOT_REDRIVABLE")
                .with("RedriveStatusReason", reason)
        }
        Status::Failed(_) | Status::TimedOut(_) | Status::Aborted(_) => {
            answer.with("RedriveStatus", "REDRIVABLE")
        }
    }
}
