//! Virtual time: a discrete-event clock over engine and guests.
//!
//! Guests compute in parallel, but time stands still while one does. When every running guest is done or
//! asleep, the earliest thing happens: a guest wakes or its answer reaches the engine, else the next timer of
//! an execution. Of things at the same moment guests come first, in the order in which they were started; of two
//! guests only one is awake after a wake-up. So nothing depends on how fast the machine is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use data::Data;
use engine::{Failure, Timestamp};
use sandbox::Outcome;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

use crate::invoke::{Message, Ticket};
use crate::run::RunError;
use crate::shell::Shell;
use crate::stop::Stopper;

pub(crate) async fn run(
    shell: &mut Shell<'_>,
    messages: UnboundedReceiver<Message>,
    stop: &Stopper,
    input: Data,
    at: Timestamp,
) -> Result<(), RunError> {
    shell.now = since_epoch(at);
    let mut guests = Guests::new(messages);
    shell.begin(input)?;
    while !shell.is_over() {
        if let Some(failure) = stop.requested() {
            shell.stop(&failure)?;
            continue;
        }
        if !shell.goes_on()? {
            break;
        }
        tokio::select! {
            biased;
            failure = stop.wait() => {
                shell.stop(&failure)?;
                continue;
            }
            settled = guests.settle(shell) => settled?,
        }
        guests.next(shell)?;
    }
    Ok(())
}

/// What the running guests will do next, by moment and by the order of their start.
pub(crate) struct Guests {
    messages: UnboundedReceiver<Message>,
    events: BTreeMap<(Duration, Ticket), Event>,
    /// The tickets in `events`: guests that are done or asleep.
    settled: BTreeSet<Ticket>,
}

enum Event {
    Wake(oneshot::Sender<()>),
    Done(Box<Outcome>),
    Answered(Result<Data, Failure>),
}

impl Guests {
    pub(crate) fn new(messages: UnboundedReceiver<Message>) -> Guests {
        Guests {
            messages,
            events: BTreeMap::new(),
            settled: BTreeSet::new(),
        }
    }

    /// The next message of a guest; none ever if nobody can send one.
    pub(crate) async fn message(&mut self) -> Option<Message> {
        self.messages.recv().await
    }

    /// How many guests are done or asleep.
    pub(crate) fn settled(&self) -> usize {
        self.settled.len()
    }

    /// When a guest does something next.
    pub(crate) fn earliest(&self) -> Option<Duration> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Waits until no guest computes.
    async fn settle(&mut self, shell: &mut Shell<'_>) -> Result<(), RunError> {
        self.forget(shell);
        shell.flush().await;
        shell.launch_waiting().await?;
        while shell.at_work() > self.settled.len() {
            let Some(message) = self.messages.recv().await else {
                return Ok(());
            };
            self.take(shell, message)?;
        }
        Ok(())
    }

    /// Notes what a guest will do next.
    pub(crate) fn take(&mut self, shell: &mut Shell<'_>, message: Message) -> Result<(), RunError> {
        let (ticket, at, event) = match message {
            Message::Log { ticket, line } => {
                shell.log(ticket, line);
                return Ok(());
            }
            Message::Loaded { function, result } => return shell.loaded(&function, result),
            Message::Sleep {
                ticket,
                until,
                wake,
            } => (ticket, until, Event::Wake(wake)),
            Message::Done { ticket, result } => {
                let Some(started) = shell.started.get(&ticket) else {
                    return Ok(());
                };
                let outcome = match result {
                    Ok(outcome) => outcome,
                    Err(fault) => return shell.faulted(ticket, fault),
                };
                (
                    ticket,
                    started.at.saturating_add(outcome.elapsed),
                    Event::Done(Box::new(outcome)),
                )
            }
            // Others' time is not ours: it stood still.
            Message::Answered { ticket, answer } => (ticket, shell.now, Event::Answered(answer)),
        };
        if shell.started.contains_key(&ticket) || shell.is_away(ticket) {
            self.events.insert((at, ticket), event);
            self.settled.insert(ticket);
        }
        Ok(())
    }

    /// Lets the earliest thing happen.
    pub(crate) fn next(&mut self, shell: &mut Shell<'_>) -> Result<(), RunError> {
        let deadline = shell.next_timer().map(since_epoch);
        let guest = self.events.first_key_value().map(|(key, _)| key.0);
        match (guest, deadline) {
            (Some(guest), deadline) if deadline.is_none_or(|deadline| guest <= deadline) => {
                self.let_guest(shell)
            }
            (_, Some(deadline)) => {
                shell.advance(deadline);
                shell.ring()
            }
            _ => Ok(()),
        }
    }

    fn let_guest(&mut self, shell: &mut Shell<'_>) -> Result<(), RunError> {
        let Some(((at, ticket), event)) = self.events.pop_first() else {
            return Ok(());
        };
        self.settled.remove(&ticket);
        shell.advance(at);
        match event {
            // A guest that was called off meanwhile does not listen any more.
            Event::Wake(wake) => drop(wake.send(())),
            Event::Done(outcome) => shell.complete(ticket, *outcome)?,
            Event::Answered(answer) => shell.answered(ticket, answer)?,
        }
        Ok(())
    }

    pub(crate) fn forget(&mut self, shell: &mut Shell<'_>) {
        if shell.cancelled.is_empty() {
            return;
        }
        for ticket in shell.cancelled.drain(..) {
            self.settled.remove(&ticket);
        }
        self.events
            .retain(|(_, ticket), _| self.settled.contains(ticket));
    }
}

pub(crate) fn since_epoch(at: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(at.0).unwrap_or(0))
}
