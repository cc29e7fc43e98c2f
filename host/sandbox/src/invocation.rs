//! What one invocation is given.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::limits::Limits;
use crate::mount::Mount;

/// Called with each log line, without its line break, while the guest runs.
pub type LogLine = Arc<dyn Fn(&str) + Send + Sync>;

/// Everything a guest gets: what is not in here, it does not have.
#[derive(Clone)]
pub struct Invocation {
    /// The event, JSON text. A reactor finds it in its memory, a command on its stdin.
    pub event: Bytes,
    /// The Lambda context, JSON text. Only a reactor sees it.
    pub context: Arc<str>,
    /// Environment variables, in order. Nothing of the host's own environment is added.
    pub environment: Vec<(String, String)>,
    /// Command-line arguments, the first being the program's name.
    pub arguments: Vec<String>,
    /// Folders the guest may open.
    pub mounts: Vec<Mount>,
    /// The bytes of a `/tmp` of its own, empty at its start and gone at its end; none: it has no `/tmp`.
    ///
    /// A guest that puts more there is stopped as by a trap: some 20 ms of wall time after it did at the latest, and
    /// at its end, so that none over its bound succeeds.
    pub scratch: Option<u64>,
    /// What the guest may use.
    pub limits: Limits,
    /// Drives all of the guest's randomness. `None`: the operating system's entropy.
    pub seed: Option<[u8; 32]>,
    /// Which clock the guest lives by.
    pub time: Time,
    /// Sink for live log lines.
    pub log: Option<LogLine>,
    /// What befalls the guest from outside, for whoever wants to see what happens then.
    pub disruption: Option<Disruption>,
}

/// Something that befalls a guest on purpose. It is real: the guest is asleep, or is stopped where it computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disruption {
    /// It is asleep this long before its first instruction, which counts as its own time.
    Delay(Duration),
    /// It traps as soon as it computes. A guest of a few instructions may be done before that is noticed.
    Trap,
    /// It exits with this code as soon as it computes, with the same reservation.
    Exit(i32),
}

impl Invocation {
    /// An invocation with default limits, the real clock, and nothing else.
    pub fn new(event: impl Into<Bytes>, context: impl Into<Arc<str>>) -> Invocation {
        Invocation {
            event: event.into(),
            context: context.into(),
            environment: Vec::new(),
            arguments: Vec::new(),
            mounts: Vec::new(),
            scratch: None,
            limits: Limits::default(),
            seed: None,
            time: Time::Real,
            log: None,
            disruption: None,
        }
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of the environment may be secrets.
        f.debug_struct("Invocation")
            .field("event_bytes", &self.event.len())
            .field("mounts", &self.mounts)
            .field("limits", &self.limits)
            .field("time", &self.time)
            .field("disruption", &self.disruption)
            .finish_non_exhaustive()
    }
}

/// The clock a guest lives by.
#[derive(Clone)]
pub enum Time {
    /// The machine's clocks; sleeps and timeouts take real time.
    Real,
    /// The guest's clock is `start`, plus what it has slept, plus its fuel at `fuel_per_second`. No
    /// wall time shows, except in the timestamps of files in a mount.
    Virtual {
        /// The instant the guest starts at, since the Unix epoch.
        start: Duration,
        /// Whoever moves virtual time forward.
        sleeper: Arc<dyn Sleeper>,
    },
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Time::Real => f.write_str("Real"),
            Time::Virtual { start, .. } => f
                .debug_struct("Virtual")
                .field("start", start)
                .finish_non_exhaustive(),
        }
    }
}

/// Moves virtual time forward for guests that sleep.
pub trait Sleeper: Send + Sync {
    /// Returns when virtual time has reached `until`, since the Unix epoch. An instant that has
    /// passed returns at once.
    fn sleep_until(&self, until: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}
