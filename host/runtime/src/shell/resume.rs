//! What a process before this one kept: executions that go on, and those that are over and can be asked.
//!
//! An execution is made again by folding its log; nothing of it is run again. Then whatever should be under way is: tasks
//! go to their workers again with the tokens that they had, those that somebody outside holds are waited for, Distributed
//! Maps take in the children they have.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use asl::{Pattern, Program, ResourceKind};
use data::{Data, EcoString};
use engine::{Change, Command, Failure, Input, TaskRequest, TaskToken, Timestamp};
use journal::{JournalError, Kept};

use super::executions::{Hosted, Waiter};
use super::{ExecutionId, Shell, Worker, children};
use crate::clock::virtual_time::since_epoch;
use crate::functions::waits_for_token;
use crate::host::{Answered, Found, MapRunFound, MapRunStatus};
use crate::identity::{self, Identity};
use crate::invoke::timestamp;
use crate::kept::Folded;
use crate::machines::Machine;
use crate::run::RunError;

/// An execution that was made again.
pub(super) struct Revived {
    pub id: ExecutionId,
    /// When its tasks were handed out.
    scheduled: BTreeMap<TaskToken, Timestamp>,
    /// When its last record was made.
    latest: Timestamp,
}

/// What is to be under way again.
struct Resumed {
    at: Timestamp,
    id: ExecutionId,
    token: TaskToken,
    command: Resume,
}

enum Resume {
    /// Its worker gets it again.
    Again(Command),
    /// Somebody holds it, who will answer.
    Held(Box<TaskRequest>),
}

impl Shell<'_> {
    /// Lets the executions go on that the journal has open, those of a run or all of a host. One that cannot go on is
    /// told to the observer and stays as it is.
    pub(crate) fn resume(&mut self, root: Option<&str>) -> Result<(), RunError> {
        self.resuming = true;
        for damaged in self.journal.damaged(root)? {
            self.observer.unresumed(&damaged.execution, &damaged.reason);
        }
        let open = self.journal.open(root)?;
        let (mut resumed, mut latest) = (Vec::new(), Timestamp::default());
        for kept in open {
            // Its Distributed Map takes it in.
            if kept.summary.map_run_arn.is_some() {
                continue;
            }
            match self.revive(&kept, None) {
                Ok(revived) => {
                    latest = latest.max(revived.latest);
                    self.under_way(&revived, &mut resumed);
                }
                Err(reason) => self.unresumed(&kept, &reason),
            }
        }
        if let Some(root) = root {
            self.find_main(root)?;
        }
        if self.is_virtual {
            self.advance(since_epoch(latest));
        }
        self.go_on(resumed);
        self.stop_orphans(root)?;
        self.settle()?;
        self.resuming = false;
        self.began.clear();
        Ok(())
    }

    /// Lets a run go on that the journal has; whether it has. What was made for a new run gives way. One whose main
    /// execution is over may have others that are not.
    pub(super) fn goes_on_from_before(&mut self, main: ExecutionId) -> Result<bool, RunError> {
        let arn = self.execution(main).about().execution_arn.clone();
        let Some(kept) = self.find_kept(&arn)? else {
            return Ok(false);
        };
        self.entropy = self.identity(&kept)?.entropy;
        self.clear();
        if kept.summary.stopped_at.is_some() {
            let execution_arn = arn.to_string();
            self.revive(&kept, None)
                .map_err(|reason| RunError::Recovery {
                    execution_arn,
                    reason,
                })?;
        }
        self.resume(Some(&arn))?;
        Ok(true)
    }

    /// The main execution of a run has the place that it was made again in.
    fn find_main(&mut self, arn: &str) -> Result<(), RunError> {
        self.main = self.by_arn.get(arn).copied();
        match self.main {
            Some(_) => Ok(()),
            None => Err(RunError::Recovery {
                execution_arn: arn.to_owned(),
                reason: "what is kept of it cannot be read".to_owned(),
            }),
        }
    }

    /// Stops the children of Map Runs that nobody takes in: their Map is over.
    fn stop_orphans(&mut self, root: Option<&str>) -> Result<(), RunError> {
        for kept in self.journal.open(root)? {
            let arn = kept.summary.execution_arn.as_str();
            if kept.summary.map_run_arn.is_none() || self.by_arn.contains_key(arn) {
                continue;
            }
            let parent = kept.beginning.parent.as_ref();
            let parent = parent.and_then(|(parent, _)| self.by_arn.get(parent));
            if parent.is_some_and(|parent| self.live.contains(parent)) {
                // Its Map takes it in when it has read its items.
                continue;
            }
            match self.revive(&kept, None) {
                Ok(revived) => self.tell(revived.id, Input::Stop(Failure::default())),
                Err(reason) => self.unresumed(&kept, &reason),
            }
        }
        Ok(())
    }

    /// Stops an execution that only the journal has open, with those that it manages. None of them goes on before.
    pub(super) fn stop_kept(&mut self, kept: &Kept, failure: Failure) -> Result<(), String> {
        let arn: EcoString = kept.summary.execution_arn.as_str().into();
        let id = self.revive(kept, None)?.id;
        let managed: Vec<String> = self
            .execution(id)
            .held()
            .filter(|request| !waits_for_token(&request.resource))
            .map(|request| request.token.to_string())
            .collect();
        let children = self.journal.children(&arn);
        for child in children.map_err(|error| error.to_string())? {
            if child.summary.stopped_at.is_some() {
                continue;
            }
            let token = child.beginning.parent.as_ref().map(|(_, token)| token);
            if child.summary.map_run_arn.is_some() {
                self.stop_kept(&child, Failure::default())?;
            } else if token.is_some_and(|token| managed.iter().any(|one| *token == one.as_str())) {
                self.stop_kept(&child, children::aborted_with(&arn))?;
            }
        }
        self.end_map_runs_of(&arn);
        self.tell(id, Input::Stop(failure));
        Ok(())
    }

    /// The map runs of an execution that is stopped are so, too.
    fn end_map_runs_of(&mut self, arn: &str) {
        let kept = self.journal.resources(MapRunFound::KIND, Some(arn));
        for mut found in kept.iter().flatten().filter_map(MapRunFound::read) {
            if found.status == MapRunStatus::Running {
                found.status = MapRunStatus::Aborted;
                found.stopped_at = Some(timestamp(self.now));
                self.outbox.soil();
                // What is beside the records fits any log.
                let _ = self.journal.put(found.write());
            }
        }
    }

    fn unresumed(&mut self, kept: &Kept, reason: &str) {
        self.observer.unresumed(&kept.summary.execution_arn, reason);
    }

    /// Hands out again what should be under way, in the order in which it was handed out first.
    fn go_on(&mut self, mut resumed: Vec<Resumed>) {
        resumed.sort_by_key(|one| (one.at, one.id, one.token.record));
        for one in &resumed {
            if self.is_virtual {
                self.began.insert(one.token, since_epoch(one.at));
            }
        }
        for Resumed { id, command, .. } in resumed {
            match command {
                Resume::Again(Command::StartTask(request)) => self.start(id, request),
                Resume::Again(Command::StartMapRun(request)) => self.start_map_run(id, *request),
                Resume::Again(Command::CancelTask(_) | Command::Finish) => {}
                Resume::Held(request) => self.hold_on(id, &request),
            }
        }
    }

    /// What should be under way for an execution that was made again.
    fn under_way(&mut self, revived: &Revived, resumed: &mut Vec<Resumed>) {
        let id = revived.id;
        self.set_timer(id);
        if self.execution(id).is_midway() {
            self.tell(id, Input::GoOn);
        }
        let execution = self.execution(id);
        let again = execution.outstanding().map(|command| {
            let token = match &command {
                Command::StartTask(request) => request.token,
                Command::StartMapRun(request) => request.token,
                Command::CancelTask(token) => *token,
                Command::Finish => TaskToken {
                    frame: engine::FrameId::ROOT,
                    record: 0,
                    secret: 0,
                },
            };
            (token, Resume::Again(command))
        });
        let held = execution.held();
        let held = held.map(|request| (request.token, Resume::Held(request)));
        for (token, command) in again.chain(held) {
            let at = revived.scheduled.get(&token).copied();
            resumed.push(Resumed {
                at: at.unwrap_or(revived.latest),
                id,
                token,
                command,
            });
        }
    }

    /// Waits on for whoever has a task.
    fn hold_on(&mut self, id: ExecutionId, request: &TaskRequest) {
        let token = request.token;
        if waits_for_token(&request.resource) {
            self.open_token(token, id);
            self.tokens.waits(token, &request.state_name);
        } else if request.resource.kind == ResourceKind::Activity {
            self.open_token(token, id);
        } else if let ResourceKind::Service { pattern, .. } = &request.resource.kind {
            self.wait_for_child(id, request, *pattern);
        }
    }

    /// Waits on for the execution that a `.sync` task started.
    fn wait_for_child(&mut self, id: ExecutionId, request: &TaskRequest, pattern: Pattern) {
        let (token, arn) = (request.token, &self.execution(id).about().execution_arn);
        let own = |kept: &Kept| {
            let parent = kept.beginning.parent.as_ref();
            parent.is_some_and(|(_, of)| *of == token.to_string())
        };
        let children = self.journal.children(arn).unwrap_or_default();
        let Some(kept) = children.into_iter().find(own) else {
            // It was yet to be started.
            return self.start(id, Box::new(request.clone()));
        };
        let waiter = Waiter {
            execution: id,
            token,
            json: pattern == Pattern::Sync2,
        };
        let known = self.by_arn.get(kept.summary.execution_arn.as_str());
        match known.copied() {
            Some(child) if !self.execution(child).status().is_final() => {
                self.workers.insert(token, Worker::Child(child));
                self.hosted[child.0].waiters.push(waiter);
            }
            _ => match self.folded(&kept, None) {
                Ok(folded) => {
                    let answer = children::outcome(&folded.execution, &waiter);
                    self.deliver(id, token, answer);
                }
                Err(reason) => self.unresumed(&kept, &reason),
            },
        }
    }

    /// Takes in the children that a map run has started before.
    pub(super) fn revive_map_children(
        &mut self,
        parent: ExecutionId,
        machine: &Arc<Machine>,
        arn: &str,
    ) {
        let of = self.execution(parent).about().execution_arn.clone();
        let children = self.journal.children(&of).unwrap_or_default();
        let mut resumed = Vec::new();
        for kept in children {
            let own = kept.summary.map_run_arn.as_deref() == Some(arn);
            if !own
                || self
                    .by_arn
                    .contains_key(kept.summary.execution_arn.as_str())
            {
                continue;
            }
            match self.revive(&kept, Some(machine)) {
                Ok(revived) if self.execution(revived.id).status().is_final() => {}
                Ok(revived) => self.under_way(&revived, &mut resumed),
                Err(reason) => self.unresumed(&kept, &reason),
            }
        }
        self.go_on(resumed);
    }

    /// Makes an execution again and gives it its place. One that is over is not live.
    pub(super) fn revive(
        &mut self,
        kept: &Kept,
        machine: Option<&Arc<Machine>>,
    ) -> Result<Revived, String> {
        let Folded {
            execution,
            identity,
            scheduled,
            latest,
        } = self.folded(kept, machine)?;
        let input = execution.input().clone();
        let is_over = execution.status().is_final();
        let mut hosted = Hosted::new(execution, identity.entropy.clone(), input);
        hosted.machine = match machine {
            Some(machine) => Some(Arc::clone(machine)),
            None => self.machine_of(kept, &identity, hosted.execution.program()),
        };
        hosted.origin = identity.origin;
        let parent = kept.beginning.parent.as_ref();
        hosted.parent = parent.and_then(|(arn, token)| Some((arn.clone(), token.parse().ok()?)));
        let by = hosted.parent.as_ref().map(|(arn, _)| arn.clone());
        let id = self.host(hosted).map_err(|error| error.to_string())?;
        if let Some(by) = by.and_then(|arn| self.by_arn.get(&arn).copied()) {
            self.belongs_to(id, by);
        }
        if is_over {
            self.is_over_already(id);
        } else {
            let hosted = &self.hosted[id.0];
            self.observer
                .hosted(&hosted.execution, hosted.machine.as_ref());
        }
        Ok(Revived {
            id,
            scheduled,
            latest,
        })
    }

    /// The machine of an execution; none of the main one of a run.
    fn machine_of(
        &self,
        kept: &Kept,
        identity: &Identity,
        program: &Arc<Program>,
    ) -> Option<Arc<Machine>> {
        if self.main.is_some() && !identity.has_machine {
            return None;
        }
        let definition = self.journal.definition(&kept.beginning.definition.digest);
        Some(Arc::new(Machine {
            name: identity.about.state_machine_name.clone(),
            arn: identity.about.state_machine_arn.clone(),
            program: Arc::clone(program),
            express: identity.express,
            role_arn: Some(identity.about.role_arn.clone()),
            revision: identity.revision.clone(),
            definition: definition.ok().flatten().unwrap_or_default(),
        }))
    }

    /// Folds the log of an execution.
    fn folded(&mut self, kept: &Kept, machine: Option<&Arc<Machine>>) -> Result<Folded, String> {
        let records = self.journal.read(&kept.summary.execution_arn);
        let records = records.map_err(|error| error.to_string())?;
        let program = machine.map(|machine| &machine.program);
        let mut folded = self
            .folder
            .folded(&*self.journal, kept, &records, program)?;
        folded
            .execution
            .set_activities(self.known_activities.clone());
        Ok(folded)
    }

    /// When a task began that a process before this one handed out.
    pub(super) fn began_before(&self, token: TaskToken) -> Option<Duration> {
        self.began.get(&token).copied()
    }

    /// An execution that only the journal has.
    pub(super) fn find_kept(&self, arn: &str) -> Result<Option<Kept>, JournalError> {
        match self.journal.is_lasting() {
            true => self.journal.find(arn),
            false => Ok(None),
        }
    }

    pub(super) fn identity(&self, kept: &Kept) -> Result<Identity, JournalError> {
        identity::read(kept).map_err(|reason| JournalError::Damaged {
            execution_arn: kept.summary.execution_arn.clone(),
            reason,
        })
    }

    /// What a caller is shown of an execution, wherever it is.
    pub(super) fn look(&mut self, arn: &EcoString) -> Answered<Option<Found>> {
        if let Some(id) = self.by_arn.get(arn) {
            return Ok(self.hosted[id.0].found(timestamp(self.now)));
        }
        let Some(kept) = self.find_kept(arn)? else {
            return Ok(None);
        };
        let identity = self.identity(&kept)?;
        let mut found = self.found_kept(&kept, identity)?;
        found.not_redrivable = match found.status.failure() {
            None => Some(format!(
                "Execution is {} and cannot be redriven",
                found.status.as_str()
            )),
            // What it would go on from is in its log.
            Some(_) => match self.folded(&kept, None) {
                Ok(folded) => {
                    let redrivable = folded.execution.redrivable(timestamp(self.now));
                    redrivable.err().map(|why| why.reason.to_owned())
                }
                Err(reason) => Some(reason),
            },
        };
        Ok(Some(found))
    }

    fn found_kept(&self, kept: &Kept, identity: Identity) -> Result<Found, JournalError> {
        let arn = kept.summary.execution_arn.as_str();
        let page = journal::Page {
            skip: 0,
            take: 1,
            reverse: false,
        };
        let (first, _) = self.journal.events(arn, page)?;
        let input = match first.first().map(|record| &record.change) {
            Some(Change::ExecutionStarted { input, .. }) => input.data.clone(),
            _ => Data::Null,
        };
        let last = self.journal.last(arn)?;
        Ok(Found {
            about: identity.about.into(),
            status: last.status(),
            input,
            started_at: kept.summary.started_at,
            stopped_at: kept.summary.stopped_at,
            redrives: kept.summary.redrives,
            redriven_at: kept.summary.redriven_at,
            not_redrivable: None,
            revision: identity.revision,
            origin: identity.origin,
        })
    }

    /// A map run, wherever it is.
    pub(super) fn map_run(&self, arn: &str) -> Answered<Option<MapRunFound>> {
        if let Some(found) = self.map_runs.find(arn) {
            return Ok(Some(found));
        }
        let Some(kept) = self.journal.resource(MapRunFound::KIND, arn)? else {
            return Ok(None);
        };
        Ok(MapRunFound::read(&kept))
    }

    /// Forgets an execution that only the journal has, with those that it started.
    pub(super) fn forget_kept(&mut self, arn: &str) -> Result<(), JournalError> {
        self.outbox.soil();
        self.journal.forget(arn)
    }

    /// When something happened last, as far as the journal knows.
    pub(crate) fn latest(&self) -> Result<Option<Timestamp>, RunError> {
        Ok(self.journal.latest()?)
    }
}
