//! How an invocation ended.

use std::time::Duration;

use crate::limits::LimitsError;

/// How an invocation ended, and what it used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Fuel used. Exact when the guest ended by itself or by fuel; a lower bound when the real
    /// clock killed it.
    pub fuel: u64,
    /// Real clock: wall time. Virtual clock: time slept plus `fuel / fuel_per_second`.
    pub elapsed: Duration,
    /// Lines the guest wrote to stderr (a reactor: to stdout too), bounded by
    /// [`crate::Limits::log`]; when some were dropped, the last line says how much.
    pub log: Vec<String>,
    /// The most linear memory it held, in bytes.
    pub peak_memory: u64,
}

/// Every way a guest's run can end.
///
/// A `backtrace` lists WebAssembly frames, innermost first, as `name` or `function 12` for a
/// stripped module, each with its offset in the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The result. Not checked to be JSON.
    Returned(Vec<u8>),
    /// An error of the guest's own, normally JSON with `errorType` and `errorMessage`.
    FunctionError(Vec<u8>),
    /// Still running, or asleep, when its time was up.
    TimedOut {
        /// The timeout.
        limit: Duration,
    },
    /// Used up [`crate::Limits::fuel`].
    OutOfFuel {
        /// The fuel limit.
        limit: u64,
        /// Where it was.
        backtrace: Vec<String>,
    },
    /// Asked for more memory than its limit.
    OutOfMemory {
        /// The memory limit in bytes.
        limit: u64,
        /// Where it asked.
        backtrace: Vec<String>,
    },
    /// The result is longer than its limit.
    OutputTooLarge {
        /// The output limit in bytes.
        limit: usize,
        /// The length of the result, where it is known: a command's output is cut off at the limit.
        length: Option<usize>,
    },
    /// A reactor gave a pointer that lies outside its memory.
    BadPointer {
        /// What it pointed at: `event`, `context` or `result`.
        what: &'static str,
        /// The pointer.
        pointer: u32,
        /// The length that was to be read or written there.
        length: u32,
        /// The size of its memory in bytes.
        memory: u64,
    },
    /// A trap: `unreachable` (which a panic and an abort become), division by zero, access out of
    /// bounds.
    Trapped {
        /// The trap in words.
        message: String,
        /// Where it trapped.
        backtrace: Vec<String>,
    },
    /// Recursion deeper than its stack.
    StackOverflow {
        /// The innermost frames.
        backtrace: Vec<String>,
    },
    /// Left through `exit`: a command with a code other than 0 and no error on stdout, a reactor
    /// with any code.
    Exited {
        /// The exit code.
        code: i32,
        /// The start of what a command had written to stdout, at most 4 KiB.
        stdout: Vec<u8>,
    },
}

/// A failure of the host, which says nothing about the guest or its workflow.
#[derive(Debug, thiserror::Error)]
pub enum HostFault {
    /// The limits cannot be granted by this sandbox.
    #[error(transparent)]
    Limits(#[from] LimitsError),
    /// The net under the virtual clock: a guest stayed awake too long in wall time.
    #[error(
        "a guest was still awake after {} s of wall time under the virtual clock; \
         its fuel allows more than this machine can compute in that time", limit.as_secs_f64()
    )]
    WallLimit {
        /// [`crate::Config::wall_limit`].
        limit: Duration,
    },
    /// All places are held by guests that sleep in virtual time, so none would ever become free.
    #[error(
        "all {guests} places for guests are held by guests asleep under the virtual clock; raise max_guests"
    )]
    AllAsleep {
        /// [`crate::Config::max_guests`].
        guests: u32,
    },
    /// A mounted folder could not be opened any more.
    #[error("mount {target}: {reason}")]
    Mount {
        /// The folder's name in the guest.
        target: String,
        /// What went wrong.
        reason: String,
    },
    /// The engine failed in a way that no guest can cause.
    #[error("the WebAssembly engine failed: {0}")]
    Engine(String),
}
