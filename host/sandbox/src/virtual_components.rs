//! WASI 0.2's clocks and polling on the virtual clock, for components.
//!
//! A pollable of a clock is one of ours whose due time is noted beside the table; `poll` and `block` pass virtual
//! time for it. All other pollables are files and pipes, which are ready at once or when the host's own work is done.

use std::collections::BTreeMap;
use std::time::Duration;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::io::poll::{Host as _, HostPollable as _};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::host::Host;
use crate::virtual_wasi::sleep;

/// When each pollable of a clock is due, as time since the guest's start, by its place in the table.
pub(crate) type Timers = BTreeMap<u32, Duration>;

/// The interfaces as wasmtime-wasi names them; a component of any 0.2 finds them.
const MONOTONIC: &str = "wasi:clocks/monotonic-clock@0.2.12";
const WALL: &str = "wasi:clocks/wall-clock@0.2.12";
const POLL: &str = "wasi:io/poll@0.2.12";

type Context<'c> = StoreContextMut<'c, Host>;
type Result<T> = wasmtime::Result<T>;

/// What stands in the table for a timer: nothing ever waits for it there.
struct Timer;

#[wasmtime_wasi::async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {}
}

/// Redefines WASI's time on the virtual clock.
pub(crate) fn shadow(linker: &mut Linker<Host>) -> Result<()> {
    let mut wall = linker.instance(WALL)?;
    wall.func_wrap("now", |context, ()| Ok((wall_now(&context)?,)))?;
    wall.func_wrap("resolution", |_, ()| {
        Ok((datetime(Duration::from_nanos(1)),))
    })?;
    let mut monotonic = linker.instance(MONOTONIC)?;
    monotonic.func_wrap("now", |context, ()| Ok((nanos(now(&context)?),)))?;
    monotonic.func_wrap("resolution", |_, ()| Ok((1u64,)))?;
    monotonic.func_wrap("subscribe-instant", |mut context, (when,): (u64,)| {
        Ok((timer(&mut context, Duration::from_nanos(when))?,))
    })?;
    monotonic.func_wrap("subscribe-duration", |mut context, (time,): (u64,)| {
        let due = now(&context)?.saturating_add(Duration::from_nanos(time));
        Ok((timer(&mut context, due)?,))
    })?;
    shadow_poll(linker)
}

fn shadow_poll(linker: &mut Linker<Host>) -> Result<()> {
    let mut poll = linker.instance(POLL)?;
    let pollable = ResourceType::host::<DynPollable>();
    poll.resource("pollable", pollable, |mut context, rep| {
        let host = context.data_mut();
        host.timers.remove(&rep);
        host.ctx().table.drop(Resource::new_own(rep))
    })?;
    type One = (Resource<DynPollable>,);
    poll.func_wrap_async("[method]pollable.ready", |context, (one,): One| {
        Box::new(async move { Ok((ready(context, one).await?,)) })
    })?;
    poll.func_wrap_async("[method]pollable.block", |context, (one,): One| {
        Box::new(block(context, one))
    })?;
    poll.func_wrap_async("poll", |context, (all,): (Vec<Resource<DynPollable>>,)| {
        Box::new(async move { Ok((poll_all(context, all).await?,)) })
    })
}

/// Virtual time since the guest's start.
fn now(context: &Context<'_>) -> Result<Duration> {
    Ok(context.data().clock.now(context.get_fuel()?))
}

fn wall_now(context: &Context<'_>) -> Result<Datetime> {
    let start = context.data().clock.start();
    Ok(datetime(start.saturating_add(now(context)?)))
}

fn datetime(time: Duration) -> Datetime {
    Datetime {
        seconds: time.as_secs(),
        nanoseconds: time.subsec_nanos(),
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn timer(context: &mut Context<'_>, due: Duration) -> Result<Resource<DynPollable>> {
    let host = context.data_mut();
    let table = host.ctx().table;
    let timer = table.push(Timer)?;
    let pollable = subscribe(table, timer)?;
    host.timers.insert(pollable.rep(), due);
    Ok(pollable)
}

async fn ready(mut context: Context<'_>, one: Resource<DynPollable>) -> Result<bool> {
    if let Some(due) = context.data().timers.get(&one.rep()).copied() {
        return Ok(due <= now(&context)?);
    }
    context.data_mut().ctx().table.ready(one).await
}

async fn block(mut context: Context<'_>, one: Resource<DynPollable>) -> Result<()> {
    if let Some(due) = context.data().timers.get(&one.rep()).copied() {
        return sleep_until(&mut context, due).await;
    }
    context.data_mut().ctx().table.block(one).await
}

/// With a file in the list nothing sleeps: files are ready now.
async fn poll_all(mut context: Context<'_>, all: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
    let timers = &context.data().timers;
    let due: Vec<Option<Duration>> = all
        .iter()
        .map(|one| timers.get(&one.rep()).copied())
        .collect();
    let others: Vec<u32> = (0..)
        .zip(&due)
        .filter(|(_, due)| due.is_none())
        .map(|(at, _)| at)
        .collect();
    if others.is_empty() {
        let earliest = due.iter().flatten().min().copied();
        let earliest = earliest.ok_or_else(|| wasmtime::Error::msg("empty poll list"))?;
        sleep_until(&mut context, earliest).await?;
        return due_by(&context, &due);
    }
    let files = all.into_iter().zip(&due).filter(|(_, due)| due.is_none());
    let files = files.map(|(one, _)| one).collect();
    let ready = context.data_mut().ctx().table.poll(files).await?;
    let mut found = due_by(&context, &due)?;
    found.extend(ready.into_iter().filter_map(|at| others.get(at as usize)));
    found.sort_unstable();
    Ok(found)
}

fn due_by(context: &Context<'_>, due: &[Option<Duration>]) -> Result<Vec<u32>> {
    let now = now(context)?;
    let rung = |due: &Option<Duration>| due.is_some_and(|due| due <= now);
    Ok((0..)
        .zip(due)
        .filter(|(_, due)| rung(due))
        .map(|(at, _)| at)
        .collect())
}

async fn sleep_until(context: &mut Context<'_>, due: Duration) -> Result<()> {
    let now = now(context)?;
    if due > now {
        sleep(context, now, due).await?;
    }
    Ok(())
}
