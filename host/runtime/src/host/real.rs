//! A host under the wall clock.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::{Call, Settings};
use crate::clock::real::{LONG, Wall, take};
use crate::invoke::Message;
use crate::run::RunError;
use crate::shell::{Shell, news};

/// No longer than this goes by without a look at the time of day.
const LOOK: Duration = Duration::from_secs(30);

/// At most this many calls are taken before guests and timers get their turn.
const BATCH: usize = 64;

pub(super) async fn run(
    mut settings: Settings,
    calls: UnboundedReceiver<Call>,
) -> Result<(), RunError> {
    let mut observer = std::mem::replace(&mut settings.observer, Box::new(crate::Silent));
    let resume = settings.resume;
    let (mut shell, messages) = Shell::of_host(settings, &mut *observer);
    let ended = work(&mut shell, messages, calls, resume).await;
    shell.close().await;
    let kept = shell.finish_keeping().await;
    ended.and(kept)
}

async fn work(
    shell: &mut Shell<'_>,
    mut messages: UnboundedReceiver<Message>,
    mut calls: UnboundedReceiver<Call>,
    resume: bool,
) -> Result<(), RunError> {
    let mut clock = Wall::new();
    shell.now = clock.now();
    if resume {
        shell.resume(None)?;
    }
    loop {
        shell.settle()?;
        shell.launch_waiting().await?;
        shell.cancelled.clear();
        shell.announce();
        shell.tidy()?;
        clock.catch_up();
        let timer = shell.next_timer();
        // A machine that slept slept its timers too, so that they are looked at now and then.
        let wait = timer.map_or(LONG, |at| clock.until(at.0).min(LOOK));
        let wait = if shell.is_unsettled() {
            Duration::ZERO
        } else {
            wait
        };
        let behind = shell.behind();
        tokio::select! {
            () = news(behind.as_ref()) => shell.hear_of_journal(),
            call = calls.recv(), if shell.keeps_up() => {
                shell.now = clock.now();
                let Some(mut call) = call else { return Ok(()) };
                for left in (0..BATCH).rev() {
                    if matches!(call, Call::Close(_)) {
                        return Ok(());
                    }
                    shell.take(call)?;
                    // What is received must be taken: it would be lost.
                    if left == 0 {
                        break;
                    }
                    match calls.try_recv() {
                        Ok(next) => call = next,
                        Err(_) => break,
                    }
                }
            }
            Some(message) = messages.recv() => {
                shell.now = clock.now();
                take(shell, message)?;
            }
            () = tokio::time::sleep(wait) => {
                shell.now = clock.now();
                shell.ring()?;
            }
        }
    }
}
