//! What is asked of a host from outside.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use data::EcoString;
use engine::{About, Failure, HistoryEvent, Input, Record, Timestamp};
use journal::JournalError;
use tokio::sync::mpsc;

use super::{ExecutionId, Message, Parts, Shell};
use crate::clock::Clock;
use crate::host::{
    Answered, Begun, Call, History, NotBegun, NotRedriven, Page, Settings, Start, Unanswered,
};
use crate::invoke::{timestamp, uuid_of};
use crate::machines::Machine;
use crate::observer::Observer;
use crate::outside::Refused;
use crate::run::RunError;

/// How long nobody else may have the name of an execution that is over.
const NAME_IS_TAKEN: Duration = Duration::from_secs(90 * 86_400);

impl<'r> Shell<'r> {
    /// The shell of a host, with no executions yet.
    pub(crate) fn of_host(
        settings: Settings,
        observer: &'r mut dyn Observer,
    ) -> (Shell<'r>, mpsc::UnboundedReceiver<Message>) {
        let activities = settings.registry.activities();
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
        shell.known_activities = Some(Arc::new(activities));
        shell.retain = settings.retain;
        shell.is_host = true;
        (shell, messages)
    }

    /// Shows callers what time it is.
    pub(crate) fn show(&mut self, face: Arc<AtomicI64>) {
        self.face = Some(face);
    }

    /// Does what is asked. Whoever asked is answered when what came of it is kept; they may have gone away.
    pub(crate) fn take(&mut self, call: Call) -> Result<(), RunError> {
        match call {
            Call::Start(start, place, reply) => {
                let begun = self.start_from_outside(*start)?;
                let begun = begun.map(|id| self.begun(id));
                drop(place);
                self.reply(reply, begun, |trouble| {
                    Err(NotBegun::Store(trouble.to_string()))
                });
            }
            Call::StartSync(start, place, reply) => {
                let begun = self.start_from_outside(*start)?;
                drop(place);
                match begun {
                    Err(refused) => drop(reply.send(Err(refused))),
                    Ok(id) => self.watch(id, reply),
                }
            }
            Call::Stop(arn, failure, reply) => {
                let stopped = self.stop_from_outside(&arn, failure)?;
                self.reply(reply, Ok(stopped), |trouble| {
                    Err(Unanswered::Store(trouble.to_string()))
                });
            }
            Call::Redrive(redrive, reply) => {
                let redriven = self.redrive(&redrive)?;
                self.reply(reply, redriven, |trouble| {
                    Err(NotRedriven::Store(trouble.to_string()))
                });
            }
            Call::Look(arn, reply) => {
                let found = self.look(&arn);
                match self.is_kept_as_it_stands(&arn) {
                    // Whoever asked may have gone away.
                    true => drop(reply.send(found)),
                    false => self.reply_in_any_case(reply, found),
                }
            }
            Call::History(arn, page, reply) => {
                // What is kept is shown, and nothing else.
                let _ = reply.send(self.history(&arn, page));
            }
            Call::List(filter, reply) => {
                let listed = self.journal.list(&filter);
                let _ = reply.send(listed.map_err(Into::into));
            }
            Call::Statistics(filter, reply) => {
                let statistics = self.journal.statistics(&filter);
                let _ = reply.send(statistics.map_err(Into::into));
            }
            Call::Answer(token, answer, reply) => {
                let id = self.tokens.execution(&token);
                let taken = self.answer_token(&token, answer);
                self.hear_all()?;
                self.reply_when_heard(id, reply, taken, |_| Err(Refused::Unkept));
                self.settle()?;
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
            Call::MapRuns(arn, reply) => {
                let found = self.map_runs_of(&arn);
                self.reply_in_any_case(reply, found);
            }
            Call::MapRun(arn, reply) => {
                let found = self.map_run(&arn);
                self.reply_in_any_case(reply, found);
            }
            Call::UpdateMapRun(arn, update, reply) => {
                let found = self.update_map_run(&arn, update);
                self.settle()?;
                self.reply_in_any_case(reply, found);
            }
            // The clock ends before it hands this on.
            Call::Close(reply) => drop(reply.send(())),
        }
        self.seal_if_quiet();
        Ok(())
    }

    fn start_from_outside(
        &mut self,
        start: Start,
    ) -> Result<Result<ExecutionId, NotBegun>, RunError> {
        if let Some(trouble) = self.trouble() {
            return Ok(Err(NotBegun::Store(trouble.to_string())));
        }
        let Start {
            machine,
            origin,
            name,
            input,
        } = start;
        let unkept = |error: JournalError| NotBegun::Store(error.to_string());
        let is_drawn = name.is_none();
        let name = match name.map_or_else(|| self.drawn_name(&machine), Ok) {
            Ok(name) => name,
            Err(error) => return Ok(Err(unkept(error))),
        };
        let run = if machine.express {
            self.draw("express")
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
        // A name that was drawn is known to be free.
        let kept = match is_drawn {
            true => Ok(None),
            false => self.kept_under(&about.execution_arn),
        };
        match kept {
            Ok(None) => {}
            Ok(Some(kept)) => return Ok(Err(NotBegun::AlreadyExists(kept))),
            Err(error) => return Ok(Err(unkept(error))),
        }
        let id = self.host_one(machine, about, input, origin, None);
        let input = self.hosted[id.0].input.clone();
        self.let_hear(id, Input::Start(input))?;
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
        let now = timestamp(self.now);
        let hosted = &mut self.hosted[id.0];
        if hosted.execution.status().is_final() {
            let found = hosted.found(now).ok_or(NotBegun::Over);
            let _ = reply.send(found);
        } else {
            hosted.watchers.push(reply);
        }
    }

    /// Whether an execution is on the disk as it stands in memory.
    fn is_kept_as_it_stands(&self, arn: &EcoString) -> bool {
        let id = self.by_arn.get(arn);
        id.is_none_or(|id| self.outbox.has_kept(self.hosted[id.0].unit))
    }

    fn draw(&mut self, purpose: &str) -> String {
        self.draws += 1;
        uuid_of(&self.entropy, purpose, &self.draws.to_string())
    }

    /// A name that no execution of the machine has yet: one with the same seed may have drawn some before.
    fn drawn_name(&mut self, machine: &Machine) -> Result<EcoString, JournalError> {
        loop {
            let name = self.draw("name");
            let arn = machine
                .about(&name, "", &About::local("", ""))
                .execution_arn;
            let taken = self.by_arn.contains_key(&arn) || self.find_kept(&arn)?.is_some();
            if !taken {
                return Ok(name.into());
            }
        }
    }

    /// The ARN, if an execution that is over has it and no other may have it yet. A name is free again 90 days after
    /// its execution was over (API reference, StartExecution).
    pub(super) fn kept_under(
        &mut self,
        arn: &EcoString,
    ) -> Result<Option<EcoString>, JournalError> {
        if !self.journal.is_lasting() {
            return Ok(None);
        }
        let Some(kept) = self.journal.find(arn)? else {
            return Ok(None);
        };
        let free = |stopped: Timestamp| stopped.plus(NAME_IS_TAKEN) <= timestamp(self.now);
        if kept.summary.stopped_at.is_some_and(free) {
            self.forget_kept(arn)?;
            return Ok(None);
        }
        Ok(Some(arn.clone()))
    }

    /// When the execution was over; none if there is no such execution.
    fn stop_from_outside(
        &mut self,
        arn: &EcoString,
        failure: Failure,
    ) -> Result<Option<Timestamp>, RunError> {
        if !self.by_arn.contains_key(arn) {
            // What cannot be read cannot be running either.
            let kept = self.find_kept(arn).ok().flatten();
            let open = kept
                .as_ref()
                .filter(|kept| kept.summary.stopped_at.is_none());
            match open.map(|kept| self.stop_kept(kept, failure.clone())) {
                Some(Ok(())) => self.settle()?,
                _ => return Ok(kept.and_then(|kept| kept.summary.stopped_at)),
            }
        }
        let Some(id) = self.by_arn.get(arn).copied() else {
            return Ok(None);
        };
        if !self.execution(id).status().is_final() {
            self.let_hear(id, Input::Stop(failure))?;
            self.settle()?;
        }
        let stopped = self.execution(id).stopped_at();
        Ok(Some(stopped.unwrap_or(timestamp(self.now))))
    }

    /// A page of an execution's events and their number; none if there is no such execution.
    fn history(&self, arn: &EcoString, page: Page) -> Answered<Option<History>> {
        let (about, written) = match self.by_arn.get(arn) {
            Some(id) => {
                let hosted = &self.hosted[id.0];
                let about = hosted.execution.shared_about();
                (about, hosted.origin.input_text.clone())
            }
            None => match self.find_kept(arn)? {
                Some(kept) => {
                    let identity = self.identity(&kept)?;
                    (identity.about.into(), identity.origin.input_text)
                }
                None => return Ok(None),
            },
        };
        // One that is about to be kept has no events yet.
        let (records, all) = match self.journal.events(arn, page) {
            Err(JournalError::Unknown(_)) => (Vec::new(), 0),
            found => found?,
        };
        let project = |record: &Record| {
            let mut event = HistoryEvent::of(record, &about)?;
            // The first event shows the input as its caller wrote it.
            if let (1, Some(text), Some((_, details))) = (event.id.0, &written, &mut event.details)
            {
                *details = details.with("input", text.clone().into());
            }
            Some(event)
        };
        Ok(Some((records.iter().filter_map(project).collect(), all)))
    }
}
