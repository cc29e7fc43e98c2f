//! A host under virtual time.
//!
//! Time stands still while a guest computes, while a call outside is under way and while somebody asks something.
//! When nothing is left to do the earliest thing happens at once, with one exception: what would end the wait for
//! somebody outside, who cannot be any quicker than they are, happens only after they had the host's patience of
//! real time.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use engine::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::{Call, Settings};
use crate::clock::virtual_time::{Guests, since_epoch};
use crate::run::RunError;
use crate::shell::{Shell, news};

pub(super) async fn run(
    mut settings: Settings,
    calls: UnboundedReceiver<Call>,
    start: Timestamp,
    now: Arc<AtomicI64>,
) -> Result<(), RunError> {
    let patience = settings.patience;
    let mut observer = std::mem::replace(&mut settings.observer, Box::new(crate::Silent));
    let resume = settings.resume;
    let (mut shell, messages) = Shell::of_host(settings, &mut *observer);
    shell.show(now);
    // Time goes on where it stopped.
    let start = shell.latest()?.map_or(start, |latest| latest.max(start));
    shell.advance(since_epoch(start));
    let ended = work(&mut shell, Guests::new(messages), calls, (patience, resume)).await;
    shell.close().await;
    let kept = shell.finish_keeping().await;
    ended.and(kept)
}

async fn work(
    shell: &mut Shell<'_>,
    mut guests: Guests,
    mut calls: UnboundedReceiver<Call>,
    (patience, resume): (Duration, bool),
) -> Result<(), RunError> {
    if resume {
        shell.resume(None)?;
    }
    let mut quiet_since = Instant::now();
    loop {
        shell.settle()?;
        shell.tidy()?;
        shell.announce();
        guests.forget(shell);
        shell.launch_waiting().await?;
        let next = next(shell, &guests);
        let wait = match next {
            Next::Guests | Next::Nothing => None,
            Next::Now => Some(Duration::ZERO),
            Next::Patiently => Some(patience.saturating_sub(quiet_since.elapsed())),
        };
        let behind = shell.behind();
        tokio::select! {
            biased;
            () = news(behind.as_ref()) => shell.hear_of_journal(),
            call = calls.recv(), if shell.keeps_up() => match call {
                None | Some(Call::Close(_)) => return Ok(()),
                Some(call) => {
                    // Who only looks on does not keep time from passing, however often they look.
                    if !call.looks() {
                        quiet_since = Instant::now();
                    }
                    shell.take(call)?;
                }
            },
            message = guests.message() => {
                if let Some(message) = message {
                    guests.take(shell, message)?;
                    quiet_since = Instant::now();
                }
            },
            () = at_once_or_after(wait) => {
                if matches!(next, Next::Patiently) {
                    shell.tell_impatient();
                }
                if !shell.is_unsettled() {
                    guests.next(shell)?;
                }
            }
        }
    }
}

/// What is to happen next.
enum Next {
    /// Somebody computes.
    Guests,
    /// Only what is asked from outside.
    Nothing,
    /// The earliest thing, at once.
    Now,
    /// The earliest thing, which somebody outside could yet forestall.
    Patiently,
}

fn next(shell: &Shell<'_>, guests: &Guests) -> Next {
    if shell.is_unsettled() {
        return Next::Now;
    }
    // Time stands still until it is kept what happened so far.
    if shell.is_behind() || shell.at_work() > guests.settled() {
        return Next::Guests;
    }
    match (guests.earliest(), shell.next_timer()) {
        (None, None) => Next::Nothing,
        (Some(_), None) => Next::Now,
        (Some(guest), Some(timer)) if guest <= since_epoch(timer) => Next::Now,
        _ if shell.concerns_outside() => Next::Patiently,
        _ => Next::Now,
    }
}

async fn at_once_or_after(wait: Option<Duration>) {
    match wait {
        Some(Duration::ZERO) => tokio::task::yield_now().await,
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
