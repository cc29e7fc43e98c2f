//! Moves the engine's epoch forward once a millisecond while guests run, and sleeps otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::EngineWeak;

/// Length of one epoch.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Ticks without a guest after which the thread parks: waking it costs more than a few idle ticks,
/// so it stays awake between invocations that follow each other.
const IDLE_TICKS: u32 = 50;

/// The thread of one sandbox. It ends when this is dropped.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    live: AtomicUsize,
    parked: AtomicBool,
    stop: AtomicBool,
}

/// Keeps the epoch moving while it lives.
pub(crate) struct Ticking(Arc<Shared>);

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> std::io::Result<Ticker> {
        let shared = Arc::new(Shared::default());
        let in_thread = Arc::clone(&shared);
        let handle = thread::Builder::new()
            .name("sandbox-epoch".to_owned())
            .spawn(move || in_thread.run(&engine))?;
        Ok(Ticker {
            shared,
            thread: handle.thread().clone(),
        })
    }

    /// Has the epoch move until the returned value is dropped.
    pub(crate) fn keep_ticking(&self) -> Ticking {
        // In `run`, `parked` is written before `live` is read; here it is the other way round. With
        // one order over all four accesses at least one side sees the other.
        if self.shared.live.fetch_add(1, Ordering::SeqCst) == 0
            && self.shared.parked.load(Ordering::SeqCst)
        {
            self.thread.unpark();
        }
        Ticking(Arc::clone(&self.shared))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl Shared {
    fn run(&self, engine: &EngineWeak) {
        let mut idle = 0;
        while !self.stop.load(Ordering::SeqCst) {
            thread::sleep(TICK);
            let Some(engine) = engine.upgrade() else {
                return;
            };
            engine.increment_epoch();
            drop(engine);
            idle = if self.is_idle() { idle + 1 } else { 0 };
            if idle == IDLE_TICKS {
                self.park();
                idle = 0;
            }
        }
    }

    fn park(&self) {
        self.parked.store(true, Ordering::SeqCst);
        while self.is_idle() && !self.stop.load(Ordering::SeqCst) {
            thread::park();
        }
        self.parked.store(false, Ordering::SeqCst);
    }

    fn is_idle(&self) -> bool {
        self.live.load(Ordering::SeqCst) == 0
    }
}
