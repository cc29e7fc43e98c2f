//! What is asked of a host from outside.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use data::EcoString;
use engine::{About, Failure, HistoryEvent, Input, Timestamp};
use tokio::sync::mpsc;

use super::{ExecutionId, Message, Parts, Shell};
use crate::clock::Clock;
use crate::host::{Begun, Call, NotBegun, Page, Settings, Start};
use crate::invoke::{timestamp, uuid_of};
use crate::observer::Observer;
use crate::run::RunError;

impl<'r> Shell<'r> {
    /// The shell of a host, with no executions yet.
    pub(crate) fn of_host(
        settings: Settings,
        observer: &'r mut dyn Observer,
    ) -> (Shell<'r>, mpsc::UnboundedReceiver<Message>) {
        let parts = Parts {
            registry: settings.registry,
            functions: settings.functions,
            guests: None,
            journal: settings.journal,
            entropy: settings.entropy,
            injector: settings.injector,
            is_virtual: matches!(settings.clock, Clock::Virtual { .. }),
        };
        let (mut shell, messages) = Shell::of(parts, observer);
        shell.known_activities = Some(Arc::default());
        shell.retain = settings.retain;
        (shell, messages)
    }

    /// Shows callers what time it is.
    pub(crate) fn show(&mut self, face: Arc<AtomicI64>) {
        self.face = Some(face);
    }

    /// Does what is asked. Whoever asked is answered when what came of it is kept; they may have gone away.
    pub(crate) fn take(&mut self, call: Call) -> Result<(), RunError> {
        match call {
            Call::Start(start, reply) => {
                let begun = self.start_from_outside(*start)?;
                let begun = begun.map(|id| self.begun(id));
                let _ = reply.send(begun);
            }
            Call::StartSync(start, reply) => match self.start_from_outside(*start)? {
                Err(refused) => drop(reply.send(Err(refused))),
                Ok(id) => self.watch(id, reply),
            },
            Call::Stop(arn, failure, reply) => {
                let stopped = self.stop_from_outside(&arn, failure)?;
                let _ = reply.send(stopped);
            }
            Call::Look(arn, reply) => {
                let id = self.by_arn.get(&arn);
                let _ = reply.send(id.and_then(|id| self.hosted[id.0].found()));
            }
            Call::History(arn, page, reply) => drop(reply.send(self.history(&arn, page)?)),
            Call::List(filter, reply) => drop(reply.send(self.journal.list(&filter)?)),
            Call::Answer(token, answer, reply) => {
                let taken = self.answer_token(&token, answer);
                self.settle()?;
                let _ = reply.send(taken);
            }
            Call::Poll(arn, worker, reply) => {
                self.poll_from_outside(&arn, worker, reply);
                self.settle()?;
            }
            Call::Invoke(invoke, reply) => self.invoke(invoke, reply),
            Call::Activities(activities, reply) => {
                self.known_activities = Some(activities.into());
                for id in &self.live {
                    let known = self.known_activities.clone();
                    self.hosted[id.0].execution.set_activities(known);
                }
                let _ = reply.send(());
            }
            Call::MapRuns(arn, reply) => drop(reply.send(self.map_runs_of(&arn))),
            Call::MapRun(arn, reply) => drop(reply.send(self.map_runs.find(&arn))),
            Call::UpdateMapRun(arn, update, reply) => {
                let found = self.update_map_run(&arn, update);
                self.settle()?;
                let _ = reply.send(found);
            }
            // The clock ends before it hands this on.
            Call::Close(reply) => drop(reply.send(())),
        }
        Ok(())
    }

    fn start_from_outside(
        &mut self,
        start: Start,
    ) -> Result<Result<ExecutionId, NotBegun>, RunError> {
        let Start {
            machine,
            origin,
            name,
            input,
        } = start;
        let mut draw = |purpose: &str| {
            self.draws += 1;
            uuid_of(&self.entropy, purpose, &self.draws.to_string())
        };
        let name = name.unwrap_or_else(|| draw("name").into());
        let run = if machine.express {
            draw("express")
        } else {
            String::new()
        };
        let about = machine.about(&name, &run, &About::local("", ""));
        if let Some(known) = self.by_arn.get(&about.execution_arn) {
            let hosted = &self.hosted[known.0];
            let same = !hosted.execution.status().is_final() && hosted.input == input;
            let refused = NotBegun::AlreadyExists(about.execution_arn);
            return Ok(if same { Ok(*known) } else { Err(refused) });
        }
        if let Some(message) = self.is_full() {
            return Ok(Err(NotBegun::Full(message)));
        }
        let id = self.host_one(machine, about, input, origin, None);
        let input = self.hosted[id.0].input.clone();
        self.tell_first(id, Input::Start(input));
        self.settle()?;
        Ok(Ok(id))
    }

    fn begun(&self, id: ExecutionId) -> Begun {
        let execution = self.execution(id);
        Begun {
            execution_arn: execution.about().execution_arn.clone(),
            started_at: execution.started_at(),
        }
    }

    fn watch(&mut self, id: ExecutionId, reply: super::Watcher) {
        let hosted = &mut self.hosted[id.0];
        if hosted.execution.status().is_final() {
            let found = hosted.found().ok_or(NotBegun::Over);
            let _ = reply.send(found);
        } else {
            hosted.watchers.push(reply);
        }
    }

    /// When the execution was over; none if there is no such execution.
    fn stop_from_outside(
        &mut self,
        arn: &EcoString,
        failure: Failure,
    ) -> Result<Option<Timestamp>, RunError> {
        let Some(id) = self.by_arn.get(arn).copied() else {
            return Ok(None);
        };
        if !self.execution(id).status().is_final() {
            self.tell_first(id, Input::Stop(failure));
            self.settle()?;
        }
        let stopped = self.execution(id).stopped_at();
        Ok(Some(stopped.unwrap_or(timestamp(self.now))))
    }

    /// A page of an execution's events and their number; none if there is no such execution.
    fn history(
        &self,
        arn: &EcoString,
        page: Page,
    ) -> Result<Option<(Vec<HistoryEvent>, usize)>, RunError> {
        let Some(id) = self.by_arn.get(arn) else {
            return Ok(None);
        };
        let about = self.execution(*id).about();
        let records = self.journal.read(arn)?;
        let shown: Vec<_> = records
            .iter()
            .filter(|record| record.event.is_some())
            .collect();
        let written = self.hosted[id.0].origin.input_text.as_ref();
        let project = |record: &&engine::Record| {
            let mut event = HistoryEvent::of(record, about)?;
            // The first event shows the input as its caller wrote it.
            if let (1, Some(text), Some((_, details))) = (event.id.0, written, &mut event.details) {
                *details = details.with("input", text.clone().into());
            }
            Some(event)
        };
        let events = match page.reverse {
            true => shown
                .iter()
                .rev()
                .skip(page.skip)
                .take(page.take)
                .filter_map(project)
                .collect(),
            false => shown
                .iter()
                .skip(page.skip)
                .take(page.take)
                .filter_map(project)
                .collect(),
        };
        Ok(Some((events, shown.len())))
    }
}
