//! Tells the ways to end apart.

use wasmtime::{Error, FrameInfo, Store, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::call;
use crate::component::Misconduct;
use crate::engine::BACKTRACE_FRAMES;
use crate::host::Host;
use crate::invocation::Disruption;
use crate::limits::MemoryExceeded;
use crate::outcome::{End, HostFault};
use crate::virtual_wasi::DeadlineReached;

/// Why a guest no longer runs.
pub(crate) enum Stop {
    /// The contract ran through.
    Ended(End),
    /// A trap, an exit or a limit.
    Failed(Error),
    /// The real clock's deadline.
    Deadline,
}

/// What the stop means for the guest, or that it was the host's fault.
pub(crate) fn end(store: &Store<Host>, stop: Stop) -> Result<End, HostFault> {
    let host = store.data();
    let end = match stop {
        Stop::Ended(end) => end,
        Stop::Failed(error) => failed(host, error)?,
        Stop::Deadline => timed_out(host),
    };
    let by_itself = matches!(
        end,
        End::Returned(_) | End::FunctionError(_) | End::Trapped { .. } | End::Exited { .. }
    );
    // A command that finds its stdout full fails in whatever way it likes: this is the cause.
    if by_itself && call::is_output_too_large(host) {
        return Ok(End::OutputTooLarge {
            limit: host.invocation.limits.output,
            length: None,
        });
    }
    Ok(end)
}

fn failed(host: &Host, error: Error) -> Result<End, HostFault> {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Ok(call::exited(host, exit.0));
    }
    if error.is::<DeadlineReached>() {
        return Ok(timed_out(host));
    }
    let frames = error
        .downcast_ref::<WasmBacktrace>()
        .map_or(&[][..], WasmBacktrace::frames);
    if error.is::<MemoryExceeded>() {
        let limit = host.invocation.limits.memory;
        return Ok(End::OutOfMemory {
            limit,
            backtrace: backtrace(frames),
        });
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) if let Some(code) = exits(host) => Ok(call::exited(host, code)),
        Some(trap) => Ok(trapped(host, *trap, frames)),
        None if frames.is_empty() && !is_misconduct(&error) => Err(host_fault(error)),
        None => {
            let message = error.root_cause().to_string();
            Ok(End::Trapped {
                message,
                backtrace: backtrace(frames),
            })
        }
    }
}

/// A component that gives what is no text, for one: a trap that happens outside of its code.
fn is_misconduct(error: &Error) -> bool {
    error.is::<Misconduct>() && !error.is::<HostFault>()
}

/// The code that the guest is made to exit with.
fn exits(host: &Host) -> Option<i32> {
    match host.invocation.disruption {
        Some(Disruption::Exit(code)) => Some(code),
        Some(Disruption::Delay(_) | Disruption::Trap) | None => None,
    }
}

fn host_fault(error: Error) -> HostFault {
    match error.downcast::<HostFault>() {
        Ok(fault) => fault,
        Err(error) => HostFault::Engine(format!("{error:#}")),
    }
}

fn trapped(host: &Host, trap: Trap, frames: &[FrameInfo]) -> End {
    let backtrace = backtrace(frames);
    match trap {
        Trap::OutOfFuel if host.invocation.disruption == Some(Disruption::Trap) => End::Trapped {
            message: "wasm trap: a trap was injected".to_owned(),
            backtrace,
        },
        Trap::OutOfFuel if host.clock.fuel_is_time() => timed_out(host),
        Trap::OutOfFuel => End::OutOfFuel {
            limit: host.invocation.limits.fuel.unwrap_or(u64::MAX),
            backtrace,
        },
        Trap::StackOverflow => End::StackOverflow { backtrace },
        Trap::MemoryOutOfBounds if is_recursion(frames) => End::StackOverflow { backtrace },
        trap => End::Trapped {
            message: trap.to_string(),
            backtrace,
        },
    }
}

fn timed_out(host: &Host) -> End {
    End::TimedOut {
        limit: host.invocation.limits.timeout,
    }
}

/// A guest keeps part of its stack in its memory. Where that part runs out first, it writes below
/// address 0; what gives it away is a backtrace as long as is kept, and mostly one function.
fn is_recursion(frames: &[FrameInfo]) -> bool {
    let repeats = |frame: &FrameInfo| {
        frames
            .iter()
            .filter(|other| other.func_index() == frame.func_index())
            .count()
    };
    frames.len() >= BACKTRACE_FRAMES && frames.iter().any(|f| repeats(f) >= BACKTRACE_FRAMES / 8)
}

fn backtrace(frames: &[FrameInfo]) -> Vec<String> {
    frames.iter().map(frame).collect()
}

fn frame(frame: &FrameInfo) -> String {
    let symbol = frame.symbols().first().and_then(|symbol| symbol.name());
    let name = match symbol.or_else(|| frame.func_name()) {
        Some(name) => name.to_owned(),
        None => format!("function {}", frame.func_index()),
    };
    match frame.module_offset() {
        Some(offset) => format!("{name} (offset {offset:#x})"),
        None => name,
    }
}
