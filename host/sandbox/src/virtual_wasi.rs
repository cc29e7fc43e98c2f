//! WASI's clocks and `poll_oneoff` on the virtual clock.
//!
//! wasmtime-wasi can be given other clocks, but it sleeps by the machine's own. These functions
//! take the place of its time functions in guests under the virtual clock.

use std::time::Duration;

use wasmtime::{AsContext, AsContextMut, Caller, Linker, Memory};

use crate::host::{Host, WASI};

/// The guest slept until its deadline.
#[derive(Debug, thiserror::Error)]
#[error("the guest was asleep at its deadline")]
pub(crate) struct DeadlineReached;

/// WASI's error numbers, as far as they are needed here.
#[derive(Clone, Copy)]
enum Errno {
    Success = 0,
    BadFile = 8,
    Fault = 21,
    Invalid = 28,
}

/// Redefines WASI's time on the virtual clock.
pub(crate) fn shadow(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    linker.func_wrap(WASI, "clock_time_get", clock_time_get)?;
    linker.func_wrap(WASI, "clock_res_get", clock_res_get)?;
    linker.func_wrap_async(
        WASI,
        "poll_oneoff",
        |caller, (subs, events, count, written)| {
            Box::new(poll_oneoff(
                caller,
                Poll {
                    subs,
                    events,
                    count,
                    written,
                },
            ))
        },
    )?;
    Ok(())
}

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;

fn clock_time_get(
    mut caller: Caller<'_, Host>,
    clock: u32,
    _precision: u64,
    out: u32,
) -> wasmtime::Result<u32> {
    let elapsed = now(&caller)?;
    let nanos = match clock {
        REALTIME => nanos(caller.data().clock.start().saturating_add(elapsed)),
        MONOTONIC => nanos(elapsed),
        _ => return Ok(Errno::BadFile as u32),
    };
    Ok(write(&mut caller, out, &nanos.to_le_bytes()) as u32)
}

fn clock_res_get(mut caller: Caller<'_, Host>, clock: u32, out: u32) -> wasmtime::Result<u32> {
    match clock {
        REALTIME | MONOTONIC => Ok(write(&mut caller, out, &1u64.to_le_bytes()) as u32),
        _ => Ok(Errno::BadFile as u32),
    }
}

/// Virtual time since the guest's start.
fn now(caller: &Caller<'_, Host>) -> wasmtime::Result<Duration> {
    Ok(caller.data().clock.now(caller.get_fuel()?))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The arguments of `poll_oneoff`: addresses in the guest's memory and a number of subscriptions.
struct Poll {
    subs: u32,
    events: u32,
    count: u32,
    written: u32,
}

/// What a guest waits for.
struct Subscription {
    userdata: u64,
    kind: u8,
    /// For a clock: when it is due, as time since the guest's start. A file is ready at once.
    due: Duration,
}

const SUBSCRIPTION_SIZE: usize = 48;
const EVENT_SIZE: usize = 32;
const KIND_CLOCK: u8 = 0;
const KIND_WRITE: u8 = 2;

async fn poll_oneoff(mut caller: Caller<'_, Host>, poll: Poll) -> wasmtime::Result<u32> {
    let now = now(&caller)?;
    let start = caller.data().clock.start();
    let subscriptions = match read_subscriptions(&mut caller, &poll, start, now) {
        Ok(subscriptions) => subscriptions,
        Err(errno) => return Ok(errno as u32),
    };
    // There is at least one. Files are due now, so with a file in the list nothing sleeps.
    let earliest = subscriptions.iter().map(|sub| sub.due).min().unwrap_or(now);
    let until = earliest.max(now);
    if until > now {
        sleep(&mut caller, now, until).await?;
    }
    let due = subscriptions.iter().filter(|sub| sub.due <= until);
    Ok(write_events(&mut caller, &poll, due) as u32)
}

/// Passes virtual time, and takes what was slept off the fuel that is left.
pub(crate) async fn sleep(
    mut context: impl AsContextMut<Data = Host>,
    now: Duration,
    until: Duration,
) -> wasmtime::Result<()> {
    let mut context = context.as_context_mut();
    let left = context.get_fuel()?;
    let host = context.data_mut();
    let timeout = host.invocation.limits.timeout;
    let wake = until.min(timeout);
    host.clock.sleep_until(wake, &mut host.permit).await?;
    let left = host.clock.slept(wake.saturating_sub(now), left);
    context.set_fuel(left)?;
    if until >= timeout {
        return Err(DeadlineReached.into());
    }
    Ok(())
}

fn read_subscriptions(
    caller: &mut Caller<'_, Host>,
    poll: &Poll,
    start: Duration,
    now: Duration,
) -> Result<Vec<Subscription>, Errno> {
    if poll.count == 0 {
        return Err(Errno::Invalid);
    }
    let memory = memory(caller).ok_or(Errno::Fault)?;
    let from = poll.subs as usize;
    let length = (poll.count as usize)
        .checked_mul(SUBSCRIPTION_SIZE)
        .ok_or(Errno::Fault)?;
    let bytes = memory
        .data(caller.as_context())
        .get(from..from.saturating_add(length))
        .ok_or(Errno::Fault)?;
    bytes
        .chunks_exact(SUBSCRIPTION_SIZE)
        .map(|bytes| subscription(bytes, start, now))
        .collect()
}

/// Reads one `subscription`: userdata at 0, kind at 8, then for a clock its id at 16, timeout at 24
/// and flags at 40.
fn subscription(bytes: &[u8], start: Duration, now: Duration) -> Result<Subscription, Errno> {
    let u64_at = |at: usize| u64::from_le_bytes(std::array::from_fn(|index| bytes[at + index]));
    let u32_at = |at: usize| u32::from_le_bytes(std::array::from_fn(|index| bytes[at + index]));
    let (userdata, kind) = (u64_at(0), bytes[8]);
    if kind > KIND_WRITE {
        return Err(Errno::Invalid);
    }
    if kind != KIND_CLOCK {
        return Ok(Subscription {
            userdata,
            kind,
            due: now,
        });
    }
    let timeout = Duration::from_nanos(u64_at(24));
    let absolute = bytes[40] & 1 == 1;
    let due = match (u32_at(16), absolute) {
        (REALTIME | MONOTONIC, false) => now.saturating_add(timeout),
        (REALTIME, true) => timeout.saturating_sub(start),
        (MONOTONIC, true) => timeout,
        _ => return Err(Errno::Invalid),
    };
    Ok(Subscription {
        userdata,
        kind,
        due,
    })
}

/// Writes one `event` a subscription: userdata at 0, no error at 8, kind at 10, and for a file that
/// there is something to read or room to write, at 16.
fn write_events<'a>(
    caller: &mut Caller<'_, Host>,
    poll: &Poll,
    due: impl Iterator<Item = &'a Subscription>,
) -> Errno {
    let mut bytes = Vec::new();
    let mut count = 0u32;
    for sub in due {
        let mut event = [0; EVENT_SIZE];
        event[..8].copy_from_slice(&sub.userdata.to_le_bytes());
        event[10] = sub.kind;
        event[16] = u8::from(sub.kind != KIND_CLOCK);
        bytes.extend_from_slice(&event);
        count += 1;
    }
    match write(caller, poll.events, &bytes) {
        Errno::Success => write(caller, poll.written, &count.to_le_bytes()),
        error => error,
    }
}

fn write(caller: &mut Caller<'_, Host>, at: u32, bytes: &[u8]) -> Errno {
    let written = memory(caller).map(|memory| memory.write(caller, at as usize, bytes));
    match written {
        Some(Ok(())) => Errno::Success,
        Some(Err(_)) | None => Errno::Fault,
    }
}

fn memory(caller: &mut Caller<'_, Host>) -> Option<Memory> {
    caller.get_export("memory")?.into_memory()
}
