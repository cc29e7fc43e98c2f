//! Distributed Maps: their child executions, and what they read and write.
//!
//! Children are made one by one as there is room for them, each an execution like any other. What S3 holds comes from
//! whatever is bound to `s3:getObject` and its like: the Map asks for it as a task would.

use std::collections::{BTreeMap, VecDeque};

use asl::{ExecutionType, Pattern, Resource, ResourceKind, StateKind};
use data::{Data, EcoString, Object};
use engine::{Failure, Input, MapRunRequest, TaskRequest, TaskToken, errors};

use super::children::describe;
use super::{ExecutionId, Shell, Worker};
use crate::host::{Answered, MapRunFound, MapRunStatus, MapRunUpdate, Origin};
use crate::invoke::{timestamp, uuid_of};
use crate::machines::Machine;
use crate::map_run::{Action, MapRun, Outcome, Phase, pending};

/// Every map run, by number.
#[derive(Default)]
pub(super) struct MapRuns {
    all: BTreeMap<u64, MapRun>,
    next: u64,
    by_arn: BTreeMap<EcoString, u64>,
    by_parent: BTreeMap<ExecutionId, Vec<u64>>,
    /// What is asked for runs, by the tokens of the requests.
    errands: BTreeMap<TaskToken, u64>,
    /// What was answered and is yet to be taken.
    answers: VecDeque<(TaskToken, Result<Data, Failure>)>,
}

impl MapRuns {
    /// Whether an answer to this token is for a map run.
    pub(super) fn takes(&self, token: TaskToken) -> bool {
        self.errands.contains_key(&token)
    }

    /// An answer for a map run, which takes it in its turn.
    pub(super) fn answered(&mut self, token: TaskToken, answer: Result<Data, Failure>) {
        self.answers.push_back((token, answer));
    }

    pub(super) fn has_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    pub(super) fn next_answer(&mut self) -> Option<(TaskToken, Result<Data, Failure>)> {
        self.answers.pop_front()
    }

    /// What a caller is shown of a map run.
    pub(super) fn find(&self, arn: &str) -> Option<MapRunFound> {
        Some(self.all.get(self.by_arn.get(arn)?)?.found())
    }

    /// Forgets the map runs of an execution that is forgotten.
    pub(super) fn forget(&mut self, parent: ExecutionId) {
        for number in self.by_parent.remove(&parent).unwrap_or_default() {
            if let Some(run) = self.all.remove(&number) {
                self.by_arn.remove(&run.request.map_run_arn);
            }
        }
    }

    /// Takes out a run that goes on as a new one, and tells how it stood.
    fn take(&mut self, parent: ExecutionId, arn: &str) -> Option<MapRunFound> {
        let number = self.by_arn.remove(arn)?;
        if let Some(numbers) = self.by_parent.get_mut(&parent) {
            numbers.retain(|known| *known != number);
        }
        Some(self.all.remove(&number)?.found())
    }

    fn add(&mut self, run: MapRun) -> u64 {
        let number = self.next;
        self.next += 1;
        self.by_arn.insert(run.request.map_run_arn.clone(), number);
        self.by_parent.entry(run.parent).or_default().push(number);
        self.all.insert(number, run);
        number
    }
}

impl Shell<'_> {
    /// Begins a map run.
    pub(super) fn start_map_run(&mut self, id: ExecutionId, request: MapRunRequest) {
        let (token, redriven) = (request.token, request.redrive_count > 0);
        let hosted = &self.hosted[id.0];
        let (execution, about) = (&hosted.execution, hosted.execution.about());
        let revision = hosted.machine.as_ref();
        let program = execution.program();
        let StateKind::Map(map) = &program.state(request.state).kind else {
            return;
        };
        let label = label(&request.map_run_arn);
        let express = map.distributed.as_ref().map(|map| map.execution_type);
        let machine = Machine {
            name: format!("{}/{label}", about.state_machine_name).into(),
            arn: format!("{}/{label}", about.state_machine_arn).into(),
            program: program.of_block(map.processor).into(),
            express: express == Some(ExecutionType::Express),
            role_arn: Some(about.role_arn.clone()),
            revision: revision.map_or_else(EcoString::new, |known| known.revision.clone()),
            definition: match revision {
                Some(known) => known.definition.clone(),
                None => self.definition.clone(),
            },
        };
        let parent = (id, about.execution_arn.clone());
        let (program, now) = (program.clone(), timestamp(self.now));
        let arn = request.map_run_arn.clone();
        let before = self.map_runs.take(id, &arn);
        let mut run = MapRun::new(parent, request, program, machine, now);
        run.redriven_at = hosted.execution.redriven_at();
        run.goes_on = self.resuming || redriven;
        if let Some(before) = &before {
            run.revive(before);
        }
        let machine = run.machine.clone();
        let number = self.map_runs.add(run);
        self.workers.insert(token, Worker::MapRun(number));
        if self.resuming || redriven {
            if before.is_none() {
                self.revive_map_run(number, &arn);
            }
            self.revive_map_children(id, &machine, &arn);
        }
        self.keep_map_run(number);
        self.read_on(number);
    }

    /// After the host died: a run that is known goes on, and what it asked for is asked for again.
    pub(super) fn start_map_run_again(&mut self, id: ExecutionId, request: MapRunRequest) {
        let Some(number) = self.map_runs.by_arn.get(&request.map_run_arn).copied() else {
            return self.start_map_run(id, request);
        };
        let errand = self.map_runs.all.get(&number);
        if let Some(errand) = errand.and_then(|run| run.errand.clone()) {
            self.cancel(id, errand.token);
            self.map_runs
                .answers
                .retain(|(token, _)| *token != errand.token);
            self.ask_s3(id, errand);
        }
    }

    /// Asks for the next object that holds items, or begins to work on them.
    fn read_on(&mut self, number: u64) {
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        if let Some((action, arguments)) = run.reader.as_ref().and_then(|reader| reader.next()) {
            return self.send(number, action, arguments);
        }
        run.begin();
        self.fill(number);
    }

    /// Starts children as long as there is room and work for them.
    fn fill(&mut self, number: u64) {
        let now = timestamp(self.now);
        while let Some(run) = self.map_runs.all.get_mut(&number) {
            if !run.has_room() {
                break;
            }
            let (parent, token) = (&self.hosted[run.parent.0], run.request.token);
            let batch = run.items.next(&mut |item| {
                let (execution, entropy) = (&parent.execution, &parent.entropy);
                execution.map_item(now, entropy, token, item)
            });
            match batch {
                None => break,
                Some(Err(failure)) => return self.fail_map_run(number, failure),
                Some(Ok(batch)) => self.start_map_child(number, batch.input, batch.items),
            }
        }
        if self.map_runs.all.get(&number).is_some_and(MapRun::is_done) {
            self.wind_up(number, Ok(()));
        }
    }

    fn start_map_child(&mut self, number: u64, input: Data, items: u64) {
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        let parent = run.parent;
        let hosted = &self.hosted[parent.0];
        let arn = run.request.map_run_arn.clone();
        let key = format!("{arn}#{}", run.started);
        run.started += 1;
        let machine = run.machine.clone();
        let name = uuid_of(&hosted.entropy, "map child", &key);
        let express = match machine.express {
            true => uuid_of(&hosted.entropy, "map child, express", &key),
            false => String::new(),
        };
        let about = machine.about(&name, &express, hosted.execution.about());
        let origin = Origin {
            map_run_arn: Some(arn),
            trace_header: hosted.origin.trace_header.clone(),
            test_case: hosted.origin.test_case.clone(),
            ..Origin::default()
        };
        let known = self.by_arn.get(&about.execution_arn).copied();
        let known = known.or_else(|| self.revived_child(number, &about.execution_arn));
        if let Some(child) = known {
            return self.adopt(number, child, items);
        }
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        let hosted = &self.hosted[parent.0];
        let by = (
            hosted.execution.about().execution_arn.clone(),
            run.request.token,
        );
        let child = self.host_one(machine, about, input, origin, Some(parent));
        self.hosted[child.0].map_run = Some(number);
        self.hosted[child.0].parent = Some(by);
        if let Some(run) = self.map_runs.all.get_mut(&number) {
            run.child_started(child, items);
        }
        self.activities.have_hope();
        self.start_execution(child);
    }

    /// A child that a run which goes on has started before, if only the journal has it.
    fn revived_child(&mut self, number: u64, arn: &EcoString) -> Option<ExecutionId> {
        let run = self.map_runs.all.get(&number)?;
        if !run.goes_on {
            return None;
        }
        let machine = run.machine.clone();
        let kept = self.find_kept(arn).ok().flatten()?;
        Some(self.revive(&kept, Some(&machine)).ok()?.id)
    }

    /// Takes in a child that a process before this one started.
    fn adopt(&mut self, number: u64, child: ExecutionId, items: u64) {
        self.hosted[child.0].map_run = Some(number);
        if let Some(run) = self.map_runs.all.get_mut(&number) {
            run.child_started(child, items);
        }
        let execution = &self.hosted[child.0].execution;
        if !execution.status().is_final() {
            return;
        }
        let count = self
            .map_runs
            .all
            .get(&number)
            .map(|run| run.request.redrive_count);
        if execution.status().failure().is_some()
            && self.redrive_map_child(child, count.unwrap_or(0))
        {
            return;
        }
        let execution = &self.hosted[child.0].execution;
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        let outcome = Outcome::of(execution, run.keeps(), || describe(execution, false));
        run.child_over(child, execution.status(), outcome);
        if let Some(failure) = run.exceeded() {
            self.fail_map_run(number, failure);
        }
    }

    /// Has the journal keep how a map run stands.
    fn keep_map_run(&mut self, number: u64) {
        let run = self.map_runs.all.get(&number);
        let Some(found) = run.map(MapRun::found).filter(|_| self.journal.is_lasting()) else {
            return;
        };
        self.outbox.soil();
        // What is beside the records fits any log.
        let _ = self.journal.put(found.write());
    }

    /// Takes over the limits that somebody set for a map run, and when it began.
    fn revive_map_run(&mut self, number: u64, arn: &str) {
        let kept = self.journal.resource(MapRunFound::KIND, arn).ok().flatten();
        let kept = kept.as_ref().and_then(MapRunFound::read);
        if let (Some(kept), Some(run)) = (kept, self.map_runs.all.get_mut(&number)) {
            run.revive(&kept);
        }
    }

    /// A child is over: the next one gets its place, unless too many failed.
    pub(super) fn map_child_over(&mut self, number: u64, child: ExecutionId) {
        let execution = &self.hosted[child.0].execution;
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        let outcome = Outcome::of(execution, run.keeps(), || describe(execution, false));
        run.child_over(child, execution.status(), outcome);
        match run.phase() {
            Phase::Running => match run.exceeded() {
                Some(failure) => self.fail_map_run(number, failure),
                None => self.fill(number),
            },
            Phase::Stopping(failure) if run.running.is_empty() => {
                let failure = failure.clone();
                self.wind_up(number, Err(failure));
            }
            Phase::Reading | Phase::Stopping(_) | Phase::Writing(_) | Phase::Over(_) => {}
        }
    }

    /// The run comes to a failure, after its children were stopped.
    fn fail_map_run(&mut self, number: u64, failure: Failure) {
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        run.fail(failure.clone());
        if run.running.is_empty() {
            return self.wind_up(number, Err(failure));
        }
        self.stop_map_children(number);
    }

    fn stop_map_children(&mut self, number: u64) {
        let run = self.map_runs.all.get(&number);
        let children: Vec<_> = run.iter().flat_map(|run| run.running.keys()).collect();
        let children: Vec<ExecutionId> = children.into_iter().copied().collect();
        for child in children {
            self.tell(child, Input::Stop(Failure::default()));
        }
    }

    /// No child runs any more: the results are written, or handed on.
    fn wind_up(&mut self, number: u64, verdict: Result<(), Failure>) {
        let pending = match verdict {
            Ok(()) => Vec::new(),
            Err(_) => self.never_started(number),
        };
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        run.write(verdict, pending);
        self.write_on(number);
    }

    /// What is written of the children that would have come.
    fn never_started(&mut self, number: u64) -> Vec<Data> {
        let now = timestamp(self.now);
        let mut all = Vec::new();
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return all;
        };
        if run.request.plan.writer.is_none() {
            return all;
        }
        let (parent, token) = (&self.hosted[run.parent.0], run.request.token);
        while let Some(Ok(batch)) = run.items.next(&mut |item| {
            let (execution, entropy) = (&parent.execution, &parent.entropy);
            execution.map_item(now, entropy, token, item)
        }) {
            all.push(pending(&run.machine.arn, &batch.input));
        }
        all
    }

    /// Puts the next file of results into its place; after the last one the run is over.
    fn write_on(&mut self, number: u64) {
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        if let Some(file) = run.files.pop_front() {
            let arguments = Object::builder()
                .with("Bucket", file.bucket)
                .with("Key", file.key)
                .with("Body", file.body);
            return self.send(number, Action::PutObject, arguments.build().into());
        }
        let Phase::Writing(verdict) = run.phase().clone() else {
            return;
        };
        run.written();
        self.end_map_run(number, verdict);
    }

    fn end_map_run(&mut self, number: u64, verdict: Result<Data, Failure>) {
        let now = timestamp(self.now);
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        let (parent, token) = (run.parent, run.request.token);
        let (status, input) = match verdict {
            Ok(output) => (
                MapRunStatus::Succeeded,
                Input::MapRunSucceeded { token, output },
            ),
            Err(failure) => (MapRunStatus::Failed, Input::MapRunFailed { token, failure }),
        };
        run.end(status, now);
        self.keep_map_run(number);
        self.workers.remove(&token);
        self.activities.have_hope();
        self.tell(parent, input);
    }

    /// Nobody waits for the run any more.
    pub(super) fn abort_map_run(&mut self, number: u64) {
        let now = timestamp(self.now);
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        run.end(MapRunStatus::Aborted, now);
        let (parent, errand) = (run.parent, run.errand.take());
        self.keep_map_run(number);
        if let Some(errand) = errand {
            self.map_runs.errands.remove(&errand.token);
            self.cancel(parent, errand.token);
        }
        self.stop_map_children(number);
    }

    /// Asks S3, or whoever stands in for it, on behalf of a run.
    fn send(&mut self, number: u64, action: Action, arguments: Data) {
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        let parent = &self.hosted[run.parent.0];
        let arn = &run.request.map_run_arn;
        let key = format!("{arn}!{}", run.errands);
        run.errands += 1;
        let secret = parent.entropy.derive("map errand", &key);
        let secret = secret.first_chunk().copied().unwrap_or_default();
        let token = TaskToken {
            secret: u64::from_le_bytes(secret),
            ..run.request.token
        };
        let partition = arn.split(':').nth(1).unwrap_or("aws");
        let text = format!("arn:{partition}:states:::s3:{}", action.name());
        let request = Box::new(TaskRequest {
            token,
            state: run.request.state,
            state_name: run.request.state_name.clone(),
            resource: Resource {
                text: text.into(),
                kind: ResourceKind::Service {
                    service: "s3".into(),
                    action: action.name().into(),
                    pattern: Pattern::RequestResponse,
                },
            },
            input: arguments,
            attempt: run.request.attempt,
            item: None,
            site: format!("{}/{key}", run.request.site),
        });
        run.errand = Some(request.clone());
        let parent = run.parent;
        self.map_runs.errands.insert(token, number);
        self.ask_s3(parent, request);
    }

    fn ask_s3(&mut self, parent: ExecutionId, request: Box<TaskRequest>) {
        let region = &self.execution(parent).about().region;
        let work = self.functions.resolve_in(&request, Some(region));
        self.work(parent, request, work);
    }

    /// What was asked for a run is answered.
    pub(super) fn errand_done(&mut self, token: TaskToken, answer: Result<Data, Failure>) {
        let Some(number) = self.map_runs.errands.remove(&token) else {
            return;
        };
        let Some(run) = self.map_runs.all.get_mut(&number) else {
            return;
        };
        run.errand = None;
        match run.phase().clone() {
            Phase::Reading => {
                let taken = answer.map_err(|failure| named(failure, ITEM_READER_FAILED));
                let taken = taken.and_then(|answer| match &mut run.reader {
                    None => Ok(()),
                    Some(reader) => reader
                        .take(&answer)
                        .map_err(|cause| Failure::new(ITEM_READER_FAILED, cause)),
                });
                match taken {
                    Ok(()) => self.read_on(number),
                    Err(failure) => self.end_map_run(number, Err(failure)),
                }
            }
            Phase::Writing(verdict) => match answer {
                Ok(_) => self.write_on(number),
                // What the run failed of says more.
                Err(failure) => {
                    let failure = named(failure, RESULT_WRITER_FAILED);
                    self.end_map_run(number, Err(verdict.err().unwrap_or(failure)));
                }
            },
            Phase::Running | Phase::Stopping(_) | Phase::Over(_) => {}
        }
    }

    /// The map runs of an execution, in the order of their start; none if there is no such execution.
    pub(super) fn map_runs_of(&self, arn: &str) -> Answered<Option<Vec<MapRunFound>>> {
        if let Some(id) = self.by_arn.get(arn) {
            let numbers = self.map_runs.by_parent.get(id).into_iter().flatten();
            let runs = numbers.filter_map(|number| self.map_runs.all.get(number));
            return Ok(Some(runs.map(MapRun::found).collect()));
        }
        if self.find_kept(arn)?.is_none() {
            return Ok(None);
        }
        let kept = self.journal.resources(MapRunFound::KIND, Some(arn))?;
        let mut found: Vec<_> = kept.iter().filter_map(MapRunFound::read).collect();
        found.sort_by_key(|run| run.started_at);
        Ok(Some(found))
    }

    /// Sets other limits for a map run and tells how it stands then.
    pub(super) fn update_map_run(
        &mut self,
        arn: &str,
        update: MapRunUpdate,
    ) -> Option<MapRunFound> {
        let number = self.map_runs.by_arn.get(arn).copied()?;
        let run = self.map_runs.all.get_mut(&number)?;
        if run.is_running() {
            run.update(update);
            self.keep_map_run(number);
        }
        let run = self.map_runs.all.get(&number)?;
        if *run.phase() == Phase::Running {
            match run.exceeded() {
                Some(failure) => self.fail_map_run(number, failure),
                None => self.fill(number),
            }
        }
        self.map_runs.find(arn)
    }

    /// The children of an execution's map runs that are not over.
    pub(super) fn map_children(&self, id: ExecutionId) -> impl Iterator<Item = ExecutionId> {
        let numbers = self.map_runs.by_parent.get(&id).into_iter().flatten();
        let runs = numbers.filter_map(|number| self.map_runs.all.get(number));
        runs.flat_map(|run| run.running.keys().copied())
    }

    /// Whether an execution is a run's main one or a part of it, or on a host one that no other started or a part of
    /// that: children of map runs are parts.
    pub(super) fn is_main(&self, id: ExecutionId) -> bool {
        let mut top = id;
        while let Some(number) = self.hosted[top.0].map_run {
            let Some(run) = self.map_runs.all.get(&number) else {
                break;
            };
            top = run.parent;
        }
        let root = self.hosted[id.0].root;
        self.main.map_or(root == top, |main| main == top)
    }
}

const ITEM_READER_FAILED: &str = "States.ItemReaderFailed";
const RESULT_WRITER_FAILED: &str = "States.ResultWriterFailed";

/// The failure of what was asked, by the name that it has for the Map. One that is nobody's doing but the machine's
/// keeps its own.
fn named(failure: Failure, name: &str) -> Failure {
    if failure.error.as_deref() == Some(errors::RUNTIME) {
        return failure;
    }
    Failure {
        error: Some(name.into()),
        cause: failure.cause.or(failure.error),
    }
}

/// The label in a map run's ARN.
fn label(map_run_arn: &str) -> &str {
    let rest = map_run_arn.rsplit_once(':').map_or("", |(rest, _)| rest);
    rest.rsplit_once('/').map_or(rest, |(_, label)| label)
}
