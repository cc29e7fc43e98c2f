//! Ctrl-C and its like: the first stops the execution, the second ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Failure;
use runtime::Stopper;

use crate::exit::Exit;

/// Listens on a task of its own, so that a workflow that never pauses is stopped too. The flag that comes back
/// says whether a signal came. Must be called inside a tokio runtime.
pub fn stop_on_signal(stop: Stopper) -> std::io::Result<Arc<AtomicBool>> {
    let mut signals = Signals::new()?;
    let came = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&came);
    tokio::spawn(async move {
        signals.next().await;
        flag.store(true, Ordering::SeqCst);
        stop.stop(Failure::new("WfHost.Interrupted", "stopped by a signal"));
        signals.next().await;
        std::process::exit(Exit::Interrupted as i32);
    });
    Ok(came)
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
