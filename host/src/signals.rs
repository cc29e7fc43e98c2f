//! Ctrl-C and its like: the first stops the execution or the server, the second ends the process, and so does an execution that
//! does not stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::Failure;
use runtime::Stopper;

use crate::exit::Exit;
use crate::output;

/// What signals have come so far.
pub struct Interruption {
    came: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Interruption {
    /// Whether a signal came. From now on there is nothing more to be stopped.
    pub fn finish(&self) -> bool {
        self.over.store(true, Ordering::SeqCst);
        self.came.load(Ordering::SeqCst)
    }
}

/// How long an execution may go on after it was to stop: a machine that loops without ever pausing hears of it only
/// when its events are used up.
const PATIENCE: Duration = Duration::from_secs(3);

/// Listens on a task of its own, so that a workflow that never pauses is stopped too. Must be called inside a tokio
/// runtime.
pub fn stop_on_signal(stop: Stopper) -> std::io::Result<Interruption> {
    let mut signals = Signals::new()?;
    let came = Arc::new(AtomicBool::new(false));
    let over = Arc::new(AtomicBool::new(false));
    let interruption = Interruption {
        came: Arc::clone(&came),
        over: Arc::clone(&over),
    };
    tokio::spawn(async move {
        signals.next().await;
        came.store(true, Ordering::SeqCst);
        stop.stop(Failure::new("WfHost.Interrupted", "stopped by a signal"));
        tokio::select! {
            () = signals.next() => {}
            () = tokio::time::sleep(PATIENCE) => {
                if over.load(Ordering::SeqCst) {
                    signals.next().await;
                } else {
                    output::talk("the workflow does not pause and could not be stopped in order; it ends here");
                }
            }
        }
        std::process::exit(Exit::Interrupted as i32);
    });
    Ok(interruption)
}

/// Comes to its end with the first signal; the second ends the process. Must be called inside a tokio runtime.
pub fn first_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = Signals::new()?;
    Ok(async move {
        signals.next().await;
        tokio::spawn(async move {
            signals.next().await;
            std::process::exit(Exit::Interrupted as i32);
        });
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        // Without a handler Ctrl-C ends the process, which is what is left to do.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// From now on no signal ends the process: whoever else has the terminal hears of it, and this process ends after
/// them. Must be called inside a tokio runtime.
pub fn leave_to_others() -> std::io::Result<()> {
    // Who listens once is not ended by it any more, even if nobody listens on.
    Signals::new().map(drop)
}
