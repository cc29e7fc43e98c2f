//! One invocation from a fresh store to its outcome.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{Store, UpdateDeadline};

use crate::admission::Permit;
use crate::call;
use crate::clock::AwakeTime;
use crate::ends::{self, Stop};
use crate::engine::Engine;
use crate::guest::{Code, Contract, Entry, Guest};
use crate::host::Host;
use crate::invocation::{Disruption, Invocation, Time};
use crate::outcome::{End, HostFault, Outcome};
use crate::race::race;
use crate::scratch::Scratch;
use crate::script;
use crate::ticker::TICK;
use crate::virtual_wasi;

/// Fuel after which a guest lets others on its thread run: about 0.2 ms of work, so that even with 64
/// spinning guests on two threads a polite one waits for some 20 ms. Yielding itself costs under 1 %.
const YIELD_INTERVAL: u64 = 200_000;

pub(crate) async fn invoke(
    engine: &Engine,
    permit: Permit,
    guest: &Guest,
    invocation: Invocation,
) -> Result<Outcome, HostFault> {
    let start = start(engine, guest, &invocation).await;
    let started = Instant::now();
    // Dropped after the store: a store gives up its data, permit included, before its instance.
    let _place = permit.place();
    let timeout = invocation.limits.timeout;
    let mut store = store(engine, guest, invocation, permit)?;
    let Some(bound) = store.data().scratch.as_ref().map(Scratch::bound) else {
        let running = stop(engine, &mut store, guest, timeout);
        let stop = begun(start, running).await?;
        return outcome(&store, stop, started);
    };
    let running = begun(start, stop(engine, &mut store, guest, timeout));
    let stop = match race(running, bound.clone().exceeded()).await {
        Ok(stop) => stop?,
        Err(full) => Stop::Ended(full),
    };
    let stop =
        match tokio::task::spawn_blocking(move || bound.is_exceeded().then(|| bound.end())).await {
            Ok(None) => stop,
            Ok(Some(full)) => Stop::Ended(full),
            Err(error) => return Err(HostFault::Engine(error.to_string())),
        };
    outcome(&store, stop, started)
}

/// How long a guest that hosts a language counts as one that starts.
const HEAD_START: Duration = Duration::from_millis(25);

/// Waits until a guest that hosts a language may start, under the wall clock. A start touches megabytes: a few at a time
/// take the memory that the one before them gave back, where all at once are slower together and hold far more. What is
/// waited for here is not the guest's time.
async fn start(
    engine: &Engine,
    guest: &Guest,
    invocation: &Invocation,
) -> Option<OwnedSemaphorePermit> {
    let hosts_a_language = matches!(guest.contract(), Contract::Component | Contract::Script);
    if !hosts_a_language || matches!(invocation.time, Time::Virtual { .. }) {
        return None;
    }
    // It is never closed.
    Arc::clone(&engine.starts).acquire_owned().await.ok()
}

/// Runs a guest, and lets the next one start when it has ended or had its head start.
async fn begun<T>(start: Option<OwnedSemaphorePermit>, running: impl Future<Output = T>) -> T {
    let mut running = pin!(running);
    if start.is_some()
        && let Ok(done) = tokio::time::timeout(HEAD_START, &mut running).await
    {
        return done;
    }
    drop(start);
    running.await
}

/// Runs the guest until it no longer runs.
async fn stop(
    engine: &Engine,
    store: &mut Store<Host>,
    guest: &Guest,
    timeout: Duration,
) -> Result<Stop, HostFault> {
    match store.data().clock.awake() {
        None => Ok(run_in_real_time(engine, store, guest, timeout).await),
        Some(awake) => {
            let run = run(engine, store, guest, true);
            race(run, over_wall_limit(&awake, engine.config.wall_limit)).await
        }
    }
}

fn store(
    engine: &Engine,
    guest: &Guest,
    invocation: Invocation,
    permit: Permit,
) -> Result<Store<Host>, HostFault> {
    let manner = (guest.contract(), guest.inner.opens_files);
    let mut host = Host::new(manner, invocation, permit)?;
    host.script.nests = Some(Arc::clone(&engine.nests));
    let granted = host.clock.granted;
    let mut store = Store::new(&engine.wasm, host);
    store.limiter(|host| &mut host.meter);
    store.set_fuel(granted).map_err(engine_fault)?;
    store
        .fuel_async_yield_interval(Some(YIELD_INTERVAL))
        .map_err(engine_fault)?;
    // For guests under the virtual clock, which no wall time may touch.
    store.set_epoch_deadline(u64::MAX / 2);
    Ok(store)
}

/// Kills a guest that computes through the epoch, and one that waits in the host by dropping it.
async fn run_in_real_time(
    engine: &Engine,
    store: &mut Store<Host>,
    guest: &Guest,
    timeout: Duration,
) -> Stop {
    let _ticking = engine.ticker.keep_ticking();
    let deadline = Instant::now().checked_add(timeout);
    store.set_epoch_deadline(ticks(timeout));
    store.epoch_deadline_callback(move |_| {
        let left = deadline.map_or(Duration::MAX, |at| {
            at.saturating_duration_since(Instant::now())
        });
        if left.is_zero() {
            return Err(Expired.into());
        }
        Ok(UpdateDeadline::Continue(ticks(left)))
    });
    match tokio::time::timeout(timeout, run(engine, store, guest, false)).await {
        Ok(Stop::Failed(error)) if error.is::<Expired>() => Stop::Deadline,
        Ok(stop) => stop,
        Err(_elapsed) => Stop::Deadline,
    }
}

/// The epoch callback found the deadline passed.
#[derive(Debug, thiserror::Error)]
#[error("the guest was computing at its deadline")]
struct Expired;

/// Epochs until `time` has surely passed: the present one is already under way.
fn ticks(time: Duration) -> u64 {
    let ticks = time.as_nanos().div_ceil(TICK.as_nanos()) + 1;
    u64::try_from(ticks).unwrap_or(u64::MAX).min(u64::MAX / 2)
}

async fn run(
    engine: &Engine,
    store: &mut Store<Host>,
    guest: &Guest,
    in_virtual_time: bool,
) -> Stop {
    let ended = async {
        disrupt(store, in_virtual_time).await?;
        match &guest.inner.code {
            Code::Core(core) => {
                let linked = core.linked(engine, in_virtual_time)?;
                let instance = linked.instantiate_async(&mut *store).await?;
                match &core.entry {
                    Entry::Reactor(reactor) => call::call_reactor(store, instance, reactor).await,
                    Entry::Command(start) => call::call_command(store, instance, start).await,
                    Entry::Script => {
                        script::call(store, instance, &engine.linkers, in_virtual_time).await
                    }
                }
            }
            Code::Component(function) => function.call(engine, store, in_virtual_time).await,
        }
    };
    match ended.await {
        Ok(end) => Stop::Ended(end),
        Err(error) => Stop::Failed(error),
    }
}

/// Fuel that no guest gets far with.
const NEXT_TO_NOTHING: u64 = 1;

/// Lets happen what is to befall the guest before it begins.
async fn disrupt(store: &mut Store<Host>, in_virtual_time: bool) -> wasmtime::Result<()> {
    match store.data().invocation.disruption {
        None => Ok(()),
        Some(Disruption::Delay(time)) if in_virtual_time => {
            virtual_wasi::sleep(store, Duration::ZERO, time).await
        }
        Some(Disruption::Delay(time)) => {
            tokio::time::sleep(time).await;
            Ok(())
        }
        Some(Disruption::Trap | Disruption::Exit(_)) => {
            store.data_mut().clock.granted = NEXT_TO_NOTHING;
            store.set_fuel(NEXT_TO_NOTHING)
        }
    }
}

/// Returns when a guest under the virtual clock has been awake for `limit` of wall time.
async fn over_wall_limit(awake: &Arc<AwakeTime>, limit: Duration) -> HostFault {
    // A guest that sleeps stays at the same time awake; this keeps the check from spinning then.
    const LEAST_WAIT: Duration = Duration::from_millis(10);
    loop {
        let left = limit.saturating_sub(awake.total());
        if left.is_zero() {
            return HostFault::WallLimit { limit };
        }
        tokio::time::sleep(left.max(LEAST_WAIT)).await;
    }
}

fn outcome(store: &Store<Host>, stop: Stop, started: Instant) -> Result<Outcome, HostFault> {
    let end = ends::end(store, stop)?;
    let host = store.data();
    let left = store.get_fuel().map_err(engine_fault)?;
    let fuel = host.clock.granted.saturating_sub(left);
    let elapsed = match (&end, host.clock.elapsed(fuel)) {
        (_, None) => started.elapsed(),
        // The last fuel of a timeout may be a fraction of what an instant is made of.
        (End::TimedOut { limit }, Some(_)) => *limit,
        (_, Some(elapsed)) => elapsed,
    };
    Ok(Outcome {
        end,
        fuel,
        elapsed,
        log: host.log.finish(),
        peak_memory: host.meter.peak,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn engine_fault(error: wasmtime::Error) -> HostFault {
    HostFault::Engine(format!("{error:#}"))
}
