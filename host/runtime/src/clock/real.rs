//! The wall clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use data::Data;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::invoke::Message;
use crate::outside::{Letter, Outside};
use crate::run::RunError;
use crate::shell::{Shell, news};
use crate::stop::Stopper;

pub(crate) async fn run(
    shell: &mut Shell<'_>,
    mut messages: UnboundedReceiver<Message>,
    stop: &Stopper,
    mut outside: Option<Outside>,
    input: Data,
) -> Result<(), RunError> {
    let clock = Wall::new();
    shell.now = clock.now();
    shell.listens = outside.as_ref().is_some_and(|outside| outside.listen);
    shell.begin(input)?;
    while shell.goes_on()? {
        shell.launch_waiting().await?;
        shell.announce();
        let timer = shell.next_timer();
        let wait = timer.map_or(LONG, |at| clock.until(at.0));
        let behind = shell.behind();
        tokio::select! {
            () = news(behind.as_ref()) => shell.hear_of_journal(),
            failure = stop.wait() => {
                shell.now = clock.now();
                shell.stop(&failure)?;
            }
            Some(message) = messages.recv() => {
                shell.now = clock.now();
                take(shell, message)?;
            }
            Some(letter) = next_letter(outside.as_mut()) => {
                shell.now = clock.now();
                open(shell, letter)?;
            }
            () = tokio::time::sleep(wait) => {
                shell.now = clock.now();
                shell.ring()?;
            }
        }
    }
    Ok(())
}

async fn next_letter(outside: Option<&mut Outside>) -> Option<Letter> {
    match outside {
        Some(outside) => outside.letters.recv().await,
        None => None,
    }
}

/// An answer from outside, which hears whether it was taken once it is kept.
fn open(shell: &mut Shell<'_>, letter: Letter) -> Result<(), RunError> {
    let taken = shell.answer_token(&letter.token, letter.answer);
    shell.settle()?;
    shell.reply_by_letter(letter.reply, taken);
    Ok(())
}

pub(crate) fn take(shell: &mut Shell<'_>, message: Message) -> Result<(), RunError> {
    match message {
        Message::Log { ticket, line } => shell.log(ticket, line),
        Message::Done { ticket, result } => {
            // The last word of a guest that was called off concerns nobody.
            if !shell.started.contains_key(&ticket) {
                return Ok(());
            }
            match result {
                Ok(outcome) => shell.complete(ticket, outcome)?,
                Err(fault) => shell.faulted(ticket, fault)?,
            }
        }
        Message::Loaded { function, result } => shell.loaded(&function, result)?,
        Message::Answered { ticket, answer } => shell.answered(ticket, answer)?,
        // Guests sleep by themselves under this clock.
        Message::Sleep { wake, .. } => drop(wake.send(())),
    }
    Ok(())
}

/// Longer waits are cut into pieces: a timer need not reach further.
pub(crate) const LONG: Duration = Duration::from_secs(86_400);

/// The time of day, which never goes back during a run even if somebody sets it.
pub(crate) struct Wall {
    start: Duration,
    at: Instant,
}

impl Wall {
    pub(crate) fn new() -> Wall {
        let start = SystemTime::now().duration_since(UNIX_EPOCH);
        Wall {
            start: start.unwrap_or_default(),
            at: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.start + self.at.elapsed()
    }

    /// Takes over the time of day where that has run ahead, as it has after the machine slept.
    pub(crate) fn catch_up(&mut self) {
        let day = SystemTime::now().duration_since(UNIX_EPOCH);
        let ahead = day.unwrap_or_default().saturating_sub(self.now());
        if ahead > Duration::from_secs(1) {
            self.start += ahead;
        }
    }

    pub(crate) fn until(&self, millis: i64) -> Duration {
        let at = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        at.saturating_sub(self.now()).min(LONG)
    }
}
