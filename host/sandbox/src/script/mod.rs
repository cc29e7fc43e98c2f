//! The contract of scripts: a JavaScript engine in a module, and the calls that make it run a handler.
//!
//! The module is a snapshot that [`snapshot::snapshot`] made of `quickjs.wasm`: its memory already holds the library
//! that handlers expect. It exports the engine's `qjs_*` functions and imports `env.host_*`, which [`functions`]
//! offers. All values cross as handles, 32-bit numbers that the engine gives out and takes back.
//!
//! The library keeps its hooks in one hidden global, [`HOOKS`]. A run is `start(event, context)`, then the engine's
//! pending jobs and `turn()` in alternation, until the library says `finish`. A `turn` that has nothing to do before
//! some time returns where it has put the arguments of a `poll_oneoff`, so that no native stack is held by a script
//! that sleeps. Whatever else a script needs (files,
//! clocks, sleep, randomness, environment) it asks of WASI, as every guest does; see [`wasi`].

mod engine;
mod functions;
mod snapshot;
mod wasi;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{AsContextMut, Instance, Linker, Store, StoreContextMut};

use crate::component::Misconduct;
use crate::host::{Host, Linkers};
use crate::outcome::End;

pub(crate) use engine::is_engine;
pub use snapshot::SnapshotError;
pub(crate) use snapshot::snapshot;
pub(crate) use wasi::bridge;

use engine::{Engine, Handle};
use wasi::Wasi;

/// The module name of the functions that only scripts may import.
pub(crate) const ENV: &str = "env";

/// The global that holds the library's hooks.
const HOOKS: &str = "__wf_host";

/// What a store keeps for its script.
#[derive(Default)]
pub(crate) struct State {
    engine: Option<Engine>,
    hooks: Option<Hooks>,
    wasi: Option<Wasi>,
    /// Where the stacks for calls within calls are had from.
    pub(crate) nests: Option<Arc<Semaphore>>,
    nest: Option<OwnedSemaphorePermit>,
    /// Calls of the host that are under way, one within the other.
    depth: u32,
}

/// Calls of the host that may be one within the other: a module that is loaded while a module is loaded has three. Each
/// takes a stack of its own.
const DEEPEST: u32 = 8;

/// The stacks of one nest: one for each call, and one to refuse the call that is too many.
pub(crate) const STACKS: u32 = DEEPEST + 1;

/// The data of a store in which scripts run.
pub(crate) trait Scripted: Send + 'static {
    fn script(&mut self) -> &mut State;

    /// A file of the library, where it is being loaded.
    fn library_file(&self, path: &str) -> Option<&[u8]>;
}

impl Scripted for Host {
    fn script(&mut self) -> &mut State {
        &mut self.script
    }

    fn library_file(&self, _path: &str) -> Option<&[u8]> {
        None
    }
}

/// The library's functions that the host calls.
#[derive(Clone, Copy)]
struct Hooks {
    start: Handle,
    turn: Handle,
    uncaught: Handle,
    rejection: Handle,
    normalize: Handle,
    load: Handle,
}

/// How a script says that it is done. An error to the engine, since nothing of the script is to run afterwards.
#[derive(Debug, thiserror::Error)]
#[error("the script has finished")]
struct Finished {
    is_error: bool,
    text: Vec<u8>,
}

/// Adds the functions that only scripts may import.
pub(crate) fn add_to_linker(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    functions::add_to_linker(linker)
}

/// Runs a handler in a new instance to its end. An error is a trap, an exit or a limit.
pub(crate) async fn call(
    store: &mut Store<Host>,
    instance: Instance,
    linkers: &Linkers,
    in_virtual_time: bool,
) -> wasmtime::Result<End> {
    match run(store, instance, linkers, in_virtual_time).await {
        Ok(failed) => Ok(failed),
        Err(error) => match error.downcast::<Finished>() {
            Ok(finished) => Ok(ended(store.data(), finished)),
            Err(error) => Err(error.context(Misconduct)),
        },
    }
}

/// Returns only when a hook fails, which no handler brings about by itself.
async fn run(
    store: &mut Store<Host>,
    instance: Instance,
    linkers: &Linkers,
    in_virtual_time: bool,
) -> wasmtime::Result<End> {
    let engine = Engine::find(&mut *store, instance)?;
    let wasm = store.engine().clone();
    let bridge = linkers.bridge(&wasm)?;
    let linker = linkers.scripts(&wasm, in_virtual_time)?;
    let wasi = Wasi::instantiate(store, bridge, linker, engine.memory).await?;
    store.data_mut().script.wasi = Some(wasi.clone());
    let mut store = store.as_context_mut();
    let hooks = adopt(&mut store, &engine).await?;
    let invocation = &store.data().invocation;
    let (event, context) = (invocation.event.clone(), invocation.context.clone());
    let event = engine.new_string(&mut store, &event).await?;
    let context = engine.new_string(&mut store, context.as_bytes()).await?;
    let mut result = engine
        .call(&mut store, hooks.start, &[event, context])
        .await?;
    while let Some(value) = result {
        let poll = engine.number(&mut store, value).await?;
        engine.free(&mut store, value).await?;
        if poll > 0.0 {
            wasi.poll(&mut store, poll).await?;
        }
        run_jobs(&mut store, &engine, hooks).await?;
        result = engine.call(&mut store, hooks.turn, &[]).await?;
    }
    let exception = engine.take_exception(&mut store).await?;
    Ok(End::Trapped {
        message: engine.describe(&mut store, exception).await?,
        backtrace: Vec::new(),
    })
}

/// Finds the library's hooks and makes engine and hooks known to the functions that the script calls.
async fn adopt<T: Scripted>(
    store: &mut StoreContextMut<'_, T>,
    engine: &Engine,
) -> wasmtime::Result<Hooks> {
    store.data_mut().script().engine = Some(engine.clone());
    let global = engine.global(store).await?;
    let object = engine.get(store, global, HOOKS).await?;
    let hooks = Hooks {
        start: engine.get(store, object, "start").await?,
        turn: engine.get(store, object, "turn").await?,
        uncaught: engine.get(store, object, "uncaught").await?,
        rejection: engine.get(store, object, "rejection").await?,
        normalize: engine.get(store, object, "normalize").await?,
        load: engine.get(store, object, "load").await?,
    };
    store.data_mut().script().hooks = Some(hooks);
    Ok(hooks)
}

/// Runs what promises have made ready, until nothing is.
async fn run_jobs<T: Scripted>(
    store: &mut StoreContextMut<'_, T>,
    engine: &Engine,
    hooks: Hooks,
) -> wasmtime::Result<()> {
    while engine.is_job_pending(store).await? {
        if engine.run_job(store).await? {
            continue;
        }
        let exception = engine.take_exception(store).await?;
        if let Some(value) = engine.call(store, hooks.uncaught, &[exception]).await? {
            engine.free(store, value).await?;
        }
        engine.free(store, exception).await?;
    }
    Ok(())
}

fn ended(host: &Host, finished: Finished) -> End {
    let Finished { is_error, text } = finished;
    let limit = host.invocation.limits.output;
    match is_error {
        true => End::FunctionError(text),
        false if text.len() > limit => End::OutputTooLarge {
            limit,
            length: Some(text.len()),
        },
        false => End::Returned(text),
    }
}
