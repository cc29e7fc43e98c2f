//! What executions do is kept before anybody outside hears of it.
//!
//! The records of a step go to the journal at once; when everything is quiet the unit is sealed. What may leave the
//! house only after that waits here as a parcel, by the number of the unit that it belongs to: answers to callers, calls
//! to other servers, tasks for workers. Invocations wait in their queue with the same number.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use data::EcoString;
use engine::{Effects, Record, Site};
use journal::{Batch, Beginning, Fact, Mark, Progress, Summary, Trouble};

use super::activities::Handover;
use super::{ExecutionId, Shell};
use crate::host::Reply;
use crate::identity;
use crate::outside::Refused;
use crate::run::RunError;

/// A unit of the journal, by its order on this host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unit(u64);

/// What is sealed and not kept yet, and what waits for that.
#[derive(Default)]
pub(super) struct Outbox {
    /// The unit that is open.
    open: Unit,
    /// Since when it is.
    opened: Since,
    /// The units below this are kept.
    kept: Unit,
    /// How far the journal had come when that was looked at.
    seen: Mark,
    /// What is sealed, with the marks that the journal gave.
    sealed: VecDeque<(Unit, Mark)>,
    parcels: VecDeque<(Unit, Parcel)>,
    /// Answers to those who said something that the execution has yet to hear.
    late: Vec<(ExecutionId, Parcel)>,
    /// Whether something was appended to the open unit.
    dirty: bool,
    /// Whether the journal cannot keep anything for now.
    in_trouble: bool,
}

/// For how long a unit may be open though somebody has yet to hear of it.
const MOST_OPEN_FOR: Duration = Duration::from_millis(500);

/// How many units may be sealed and not kept before nothing more is begun.
const MOST_SEALED: usize = 1024;

/// A journal that has not kept everything.
#[derive(Clone)]
pub(crate) struct Behind {
    progress: Progress,
    kept: Mark,
    in_trouble: bool,
}

impl Behind {
    /// Waits until it has come further, or is in trouble or out of it.
    pub(crate) async fn news(&self) {
        self.progress.changed(self.kept, self.in_trouble).await;
    }
}

/// Waits for news of a journal that has not kept everything, and for ever of one that has.
pub(crate) async fn news(behind: Option<&Behind>) {
    match behind {
        Some(behind) => behind.news().await,
        None => std::future::pending().await,
    }
}

/// Tells somebody that a unit is kept, or why it is not.
type Reporter = Box<dyn FnOnce(Option<&Trouble>) + Send>;

/// A moment; the first is that of its making.
struct Since(Instant);

impl Default for Since {
    fn default() -> Self {
        Since(Instant::now())
    }
}

/// What waits for a unit.
enum Parcel {
    /// An answer; without a trouble when the unit is kept.
    Reply(Reporter),
    /// Something that sets out, whenever that may be.
    Departure(Box<dyn FnOnce() + Send>),
    /// A task for an activity's worker.
    Task(Box<Handover>),
}

impl Outbox {
    /// The unit that whatever happens now belongs to.
    pub(super) fn open(&self) -> Unit {
        self.open
    }

    /// Whether a unit is kept.
    pub(super) fn has_kept(&self, unit: Unit) -> bool {
        unit < self.kept
    }

    /// Something that is not a step goes into the open unit.
    pub(super) fn soil(&mut self) {
        self.dirty = true;
    }

    /// Takes note of what is kept by now.
    fn look(&mut self, kept: Mark) {
        self.seen = kept;
        while let Some((unit, mark)) = self.sealed.front().copied() {
            if mark > kept {
                return;
            }
            self.sealed.pop_front();
            self.kept = Unit(unit.0 + 1);
        }
    }
}

impl Shell<'_> {
    /// Closes the unit that is open: what happened since the last one is kept together.
    fn seal(&mut self) {
        let outbox = &mut self.outbox;
        outbox.opened = Since(Instant::now());
        if !outbox.dirty && outbox.sealed.is_empty() && outbox.parcels.is_empty() {
            outbox.kept = Unit(outbox.open.0 + 1);
        } else {
            let mark = self.journal.seal();
            outbox.sealed.push_back((outbox.open, mark));
            outbox.dirty = false;
        }
        outbox.open.0 += 1;
        self.release();
        // Nobody who asks meanwhile waits until it is over.
        if let Some(trouble) = self.trouble() {
            self.refuse_waiting(&trouble);
        }
    }

    /// Closes the unit unless it is half of something: one execution has yet to hear what another did. That may not go on
    /// for ever, and what is lost then if the host dies is made good when executions go on.
    pub(crate) fn seal_if_quiet(&mut self) {
        let half = self.is_behind_itself() && self.journal.is_lasting();
        if half && self.outbox.opened.0.elapsed() < MOST_OPEN_FOR {
            return;
        }
        let heard = |(id, _): &(ExecutionId, Parcel)| !self.deferred.contains_key(id);
        let (now, later) = std::mem::take(&mut self.outbox.late)
            .into_iter()
            .partition(heard);
        self.outbox.late = later;
        let now: Vec<(ExecutionId, Parcel)> = now;
        for (_, parcel) in now {
            self.post(parcel);
        }
        self.seal();
    }

    /// Lets everything go that waited for what is kept by now.
    pub(crate) fn release(&mut self) {
        self.outbox.look(self.journal.progress().kept());
        while let Some((unit, _)) = self.outbox.parcels.front() {
            if !self.outbox.has_kept(*unit) {
                break;
            }
            match self.outbox.parcels.pop_front() {
                Some((_, Parcel::Reply(reply))) => reply(None),
                Some((_, Parcel::Departure(depart))) => depart(),
                Some((_, Parcel::Task(task))) => self.hand_out(*task),
                None => {}
            }
        }
    }

    /// The journal cannot keep anything for now: whoever waits for an answer hears of it.
    pub(crate) fn refuse_waiting(&mut self, trouble: &Trouble) {
        for (unit, parcel) in std::mem::take(&mut self.outbox.parcels) {
            match parcel {
                Parcel::Reply(reply) => reply(Some(trouble)),
                parcel => self.outbox.parcels.push_back((unit, parcel)),
            }
        }
    }

    /// Whether something is yet to be kept.
    pub(crate) fn is_behind(&self) -> bool {
        !self.outbox.sealed.is_empty()
    }

    /// How far the journal has come, if it has not kept everything.
    pub(crate) fn behind(&self) -> Option<Behind> {
        let progress = self.journal.progress();
        self.is_behind().then(|| Behind {
            progress: progress.clone(),
            // It may have come further since: that is news.
            kept: self.outbox.seen,
            in_trouble: self.outbox.in_trouble,
        })
    }

    /// Whether the journal keeps up with what is done; else nothing more is begun for now.
    pub(crate) fn keeps_up(&self) -> bool {
        self.outbox.sealed.len() < MOST_SEALED || self.outbox.in_trouble
    }

    /// The journal has come further, or is in trouble or out of it.
    pub(crate) fn hear_of_journal(&mut self) {
        let trouble = self.journal.progress().trouble();
        if trouble.is_some() != self.outbox.in_trouble {
            self.outbox.in_trouble = trouble.is_some();
            let trouble = trouble.as_ref().map(Trouble::to_string);
            self.observer.stalled(trouble.as_deref());
        }
        self.release();
        if let Some(trouble) = &trouble {
            self.refuse_waiting(trouble);
        }
    }

    /// Why nothing can be kept for now.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        match self.outbox.in_trouble {
            true => self.journal.progress().trouble(),
            false => None,
        }
    }

    /// Lets executions hear what they have yet to hear, closes the unit, and waits until all is kept; not if it cannot be
    /// for now.
    pub(crate) async fn finish_keeping(&mut self) -> Result<(), RunError> {
        let since = Instant::now();
        let lasting = self.journal.is_lasting();
        while lasting && self.is_behind_itself() && since.elapsed() < MOST_OPEN_FOR {
            self.settle()?;
        }
        self.seal();
        while let (Some(behind), false) = (self.behind(), self.outbox.in_trouble) {
            behind.news().await;
            self.hear_of_journal();
        }
        Ok(())
    }

    /// Waits until everything is kept, however long that takes.
    pub(crate) async fn flush(&mut self) {
        while let Some(behind) = self.behind() {
            behind.news().await;
            self.hear_of_journal();
        }
    }

    /// Answers a caller when what came of the call is kept; `refused` is what they hear if that fails.
    pub(super) fn reply<T: Send + 'static>(
        &mut self,
        reply: Reply<T>,
        answer: T,
        refused: impl FnOnce(&Trouble) -> T + Send + 'static,
    ) {
        self.post(Parcel::Reply(Box::new(move |trouble| {
            // Whoever asked may have gone away.
            let _ = reply.send(trouble.map_or(answer, refused));
        })));
    }

    /// Answers whoever said something to an execution, when it has heard that and what came of it is kept.
    pub(super) fn reply_when_heard<T: Send + 'static>(
        &mut self,
        id: Option<ExecutionId>,
        reply: Reply<T>,
        answer: T,
        refused: impl FnOnce(&Trouble) -> T + Send + 'static,
    ) {
        match id.filter(|id| self.deferred.contains_key(id)) {
            None => self.reply(reply, answer, refused),
            Some(id) => {
                let parcel = Parcel::Reply(Box::new(move |trouble| {
                    // Whoever asked may have gone away.
                    let _ = reply.send(trouble.map_or(answer, refused));
                }));
                self.outbox.late.push((id, parcel));
            }
        }
    }

    /// The same where there is no word for the trouble: what was found is told in any case.
    pub(super) fn reply_in_any_case<T: Send + 'static>(&mut self, reply: Reply<T>, answer: T) {
        self.post(Parcel::Reply(Box::new(move |_| {
            // Whoever asked may have gone away.
            let _ = reply.send(answer);
        })));
    }

    /// The same for somebody who is no task of tokio's.
    pub(crate) fn reply_by_letter(
        &mut self,
        reply: SyncSender<Result<(), Refused>>,
        taken: Result<(), Refused>,
    ) {
        self.post(Parcel::Reply(Box::new(move |trouble| {
            let unkept = trouble.is_some().then_some(Refused::Unkept);
            // Whoever asked may have gone away.
            let _ = reply.try_send(unkept.map_or(taken, Err));
        })));
        self.seal_if_quiet();
    }

    /// Does something when what led to it is kept.
    pub(super) fn depart(&mut self, departure: impl FnOnce() + Send + 'static) {
        self.post(Parcel::Departure(Box::new(departure)));
    }

    /// Hands a task to a worker when it is kept that they have it.
    pub(super) fn post_task(&mut self, task: Handover) {
        self.post(Parcel::Task(Box::new(task)));
    }

    fn post(&mut self, parcel: Parcel) {
        self.outbox.parcels.push_back((self.outbox.open, parcel));
    }

    /// Gives the records of a step to the journal.
    pub(super) fn keep(&mut self, id: ExecutionId, effects: &Effects) -> Result<(), RunError> {
        let records = &effects.records;
        if records.is_empty() || !self.is_kept(id) {
            return Ok(());
        }
        let unit = self.outbox.open;
        self.outbox.dirty = true;
        self.hosted[id.0].unit = unit;
        let begins = records.first().is_some_and(|record| record.seq == 0);
        let batch = Batch {
            summary: self.summary(id),
            beginning: begins.then(|| self.beginning(id)),
            records,
            facts: self.facts(id, records, &effects.sites),
        };
        Ok(self.journal.append(batch)?)
    }

    /// Whether the journal has an execution: nobody can ask a host for one of an Express machine.
    fn is_kept(&self, id: ExecutionId) -> bool {
        let machine = self.hosted[id.0].machine.as_ref();
        self.main.is_some() || machine.is_none_or(|machine| !machine.express)
    }

    fn summary(&self, id: ExecutionId) -> Summary {
        let hosted = &self.hosted[id.0];
        let (execution, origin) = (&hosted.execution, &hosted.origin);
        let about = execution.about();
        let text = |arn: &Option<EcoString>| arn.as_ref().map(EcoString::to_string);
        let status = execution.status();
        Summary {
            execution_arn: about.execution_arn.to_string(),
            state_machine: about.state_machine_name.to_string(),
            state_machine_arn: about.state_machine_arn.to_string(),
            version_arn: text(&origin.version_arn),
            alias_arn: text(&origin.alias_arn),
            map_run_arn: text(&origin.map_run_arn),
            name: about.execution_name.to_string(),
            status: status.as_str(),
            started_at: execution.started_at(),
            stopped_at: execution.stopped_at(),
            error: status.failure().and_then(|failure| failure.error.clone()),
            redrives: execution.redrives(),
            redriven_at: execution.redriven_at(),
            due: execution.next_deadline(),
        }
    }

    fn beginning(&self, id: ExecutionId) -> Beginning {
        let hosted = &self.hosted[id.0];
        let arn_of = |id: ExecutionId| self.execution(id).about().execution_arn.clone();
        let about = hosted.execution.about();
        let machine = hosted.machine.as_deref();
        Beginning {
            root: arn_of(self.main.unwrap_or(hosted.root)),
            parent: hosted
                .parent
                .as_ref()
                .map(|(arn, token)| (arn.clone(), token.to_string().into())),
            definition: match machine {
                Some(machine) => machine.definition.clone(),
                None => self.definition.clone(),
            },
            identity: match self.journal.is_lasting() {
                true => identity::write(about, &hosted.entropy, &hosted.origin, machine),
                // Nobody will ever read it.
                false => String::new(),
            },
        }
    }

    /// What records are counted as. A run counts nothing, unless what it keeps lasts.
    fn facts(&self, id: ExecutionId, records: &[Record], sites: &[Site]) -> Vec<Fact> {
        if self.main.is_some() && !self.journal.is_lasting() {
            return Vec::new();
        }
        let program = self.execution(id).program();
        let fact = |(record, site): (&Record, &Site)| {
            let left = matches!(record.change, engine::Change::StateExited { .. });
            Fact {
                kind: record.kind(),
                state: site.state.map(|state| program.state(state).name.clone()),
                error: record.error().cloned(),
                millis: left.then(|| record.at.0 - site.since.0),
            }
        };
        records.iter().zip(sites).map(fact).collect()
    }
}
