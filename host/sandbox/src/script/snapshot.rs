//! Makes the module of a script engine whose memory already holds its library.

use std::collections::HashMap;

use wasmtime::{AsContextMut, Caller, Config, Extern, Instance, Linker, Module, Store, Val};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

use super::engine::Engine;
use super::{Scripted, State, adopt, functions, run_jobs};
use crate::host::WASI;

/// Bytes of the engine's own stack in its memory that a script may use: some 1,000 calls deep. What needs more gets a
/// `RangeError`. The engine's stack of 440 KiB has room for it, and so has a fiber's for the native frames that go
/// with it, about five times as much.
const STACK: u32 = 256 << 10;

/// Bytes that a script may have allocated, library included, before cycles are first looked for. A handler that stays
/// below never touches the library's pages for that.
const GC_THRESHOLD: u32 = 32 << 20;

/// Why no snapshot could be made.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes are no script engine that this driver knows.
    #[error("this is not the script engine expected here: {0}")]
    Engine(String),
    /// The library threw while it was loaded.
    #[error("the library of the script engine cannot be loaded: {0}")]
    Library(String),
}

/// The store's data while a library is loaded.
struct Loading {
    script: State,
    files: HashMap<String, Vec<u8>>,
}

impl Scripted for Loading {
    fn script(&mut self) -> &mut State {
        &mut self.script
    }

    fn library_file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
}

/// Starts the engine, lets it evaluate the file `entry` of `files`, and returns a module that starts from there.
pub(crate) async fn snapshot(
    engine: &[u8],
    files: &[(String, Vec<u8>)],
    entry: &str,
) -> Result<Vec<u8>, SnapshotError> {
    let wizer = Wizer::new();
    let (context, instrumented) = wizer.instrument(engine).map_err(not_the_engine)?;
    let wasm = wasmtime::Engine::new(&Config::new()).map_err(not_the_engine)?;
    let module = Module::new(&wasm, &instrumented).map_err(not_the_engine)?;
    let loading = Loading {
        script: State::default(),
        files: files.iter().cloned().collect(),
    };
    let mut store = Store::new(&wasm, loading);
    let linker = linker(&wasm).map_err(not_the_engine)?;
    let instance = linker
        .instantiate_async(&mut store, &module)
        .await
        .map_err(not_the_engine)?;
    start(&mut store, instance).await.map_err(not_the_engine)?;
    load(&mut store, instance, entry).await?;
    let mut loaded = Loaded { store, instance };
    wizer
        .snapshot(&context, &mut loaded)
        .await
        .map_err(not_the_engine)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn not_the_engine(error: wasmtime::Error) -> SnapshotError {
    SnapshotError::Engine(format!("{error:#}"))
}

/// While a library loads, the time is 1970 and nothing is random: neither may stay in the snapshot.
fn linker(wasm: &wasmtime::Engine) -> wasmtime::Result<Linker<Loading>> {
    const SUCCESS: u32 = 0;
    const NOT_SUPPORTED: u32 = 58;
    let mut linker = Linker::new(wasm);
    functions::add_to_linker(&mut linker)?;
    linker.func_wrap(WASI, "clock_time_get", epoch)?;
    linker.func_wrap(WASI, "random_get", |_: u32, _: u32| SUCCESS)?;
    linker.func_wrap(WASI, "fd_close", |_: u32| NOT_SUPPORTED)?;
    linker.func_wrap(WASI, "fd_fdstat_get", |_: u32, _: u32| NOT_SUPPORTED)?;
    linker.func_wrap(WASI, "fd_seek", |_: u32, _: u64, _: u32, _: u32| {
        NOT_SUPPORTED
    })?;
    linker.func_wrap(WASI, "fd_write", |_: u32, _: u32, _: u32, _: u32| {
        NOT_SUPPORTED
    })?;
    Ok(linker)
}

/// Writes that it is 1970.
fn epoch(
    mut caller: Caller<'_, Loading>,
    _clock: u32,
    _precision: u64,
    out: u32,
) -> wasmtime::Result<u32> {
    if let Some(memory) = caller.get_export("memory").and_then(Extern::into_memory) {
        memory.write(&mut caller, out as usize, &[0; 8])?;
    }
    Ok(0)
}

/// Makes the engine's runtime and sets what stays the same for all scripts.
async fn start(store: &mut Store<Loading>, instance: Instance) -> wasmtime::Result<()> {
    let initialize = instance.get_typed_func::<(), ()>(&mut *store, "_initialize")?;
    initialize.call_async(&mut *store, ()).await?;
    let init = instance.get_typed_func::<(), u32>(&mut *store, "qjs_init")?;
    if init.call_async(&mut *store, ()).await? != 0 {
        return Err(wasmtime::Error::msg("it does not start"));
    }
    let settings = [
        ("qjs_set_max_stack_size", STACK),
        ("qjs_set_module_loader", 1),
        ("qjs_set_promise_rejection_handler", 1),
    ];
    for (name, value) in settings {
        set(store, instance, name, value).await?;
    }
    Ok(())
}

async fn set(
    store: &mut Store<Loading>,
    instance: Instance,
    name: &str,
    value: u32,
) -> wasmtime::Result<()> {
    let function = instance.get_typed_func::<u32, ()>(&mut *store, name)?;
    function.call_async(&mut *store, value).await
}

/// Names of the host's functions, as the library finds them among the globals, which it has to remove.
const FUNCTIONS: [&str; 7] = [
    "wasi", "address", "eval", "finish", "library", "encode", "decode",
];

async fn load(
    store: &mut Store<Loading>,
    instance: Instance,
    entry: &str,
) -> Result<(), SnapshotError> {
    let engine = Engine::find(&mut *store, instance).map_err(not_the_engine)?;
    store.data_mut().script.engine = Some(engine.clone());
    offer_functions(store, instance, &engine)
        .await
        .map_err(not_the_engine)?;
    let Some(source) = store.data().files.get(entry).cloned() else {
        return Err(SnapshotError::Library(format!("there is no {entry}")));
    };
    let thrown = evaluate(store, &engine, entry, &source).await;
    if let Some(thrown) = thrown.map_err(|error| SnapshotError::Library(format!("{error:#}")))? {
        return Err(SnapshotError::Library(thrown));
    }
    settle(store, instance).await.map_err(not_the_engine)
}

async fn offer_functions(
    store: &mut Store<Loading>,
    instance: Instance,
    engine: &Engine,
) -> wasmtime::Result<()> {
    let make =
        instance.get_typed_func::<(u32, u32, u32), u32>(&mut *store, "qjs_new_host_function")?;
    let store = &mut store.as_context_mut();
    let global = engine.global(store).await?;
    for name in FUNCTIONS {
        let pointer = engine.place(store, name.as_bytes()).await?;
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let function = make.call_async(&mut *store, (pointer, length, 0)).await?;
        engine.release(store, pointer).await?;
        let global_name = format!("__wf_{name}");
        engine.set(store, global, &global_name, function).await?;
        engine.free(store, function).await?;
    }
    engine.free(store, global).await
}

/// What was thrown, if anything was.
async fn evaluate(
    store: &mut Store<Loading>,
    engine: &Engine,
    entry: &str,
    source: &[u8],
) -> wasmtime::Result<Option<String>> {
    let store = &mut store.as_context_mut();
    let Some(value) = engine.eval(store, source, entry.as_bytes(), 0).await? else {
        let exception = engine.take_exception(store).await?;
        let said = engine.describe(store, exception).await?;
        let stack = engine.get(store, exception, "stack").await?;
        let stack = engine.describe(store, stack).await?;
        return Ok(Some(format!("{said}\n{stack}")));
    };
    engine.free(store, value).await?;
    let hooks = adopt(store, engine).await?;
    run_jobs(store, engine, hooks).await?;
    Ok(None)
}

/// Frees what the library has left behind, once, so that no handler needs to.
async fn settle(store: &mut Store<Loading>, instance: Instance) -> wasmtime::Result<()> {
    let collect = instance.get_typed_func::<(), ()>(&mut *store, "qjs_run_gc")?;
    collect.call_async(&mut *store, ()).await?;
    set(store, instance, "qjs_set_gc_threshold", GC_THRESHOLD).await
}

/// The instance that a snapshot is taken of.
struct Loaded {
    store: Store<Loading>,
    instance: Instance,
}

impl InstanceState for Loaded {
    /// The names are those that the instrumented module exports.
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&mut self.store, name);
        match global.map(|global| global.get(&mut self.store)) {
            Some(Val::I32(value)) => SnapshotVal::I32(value),
            Some(Val::I64(value)) => SnapshotVal::I64(value),
            Some(Val::F32(bits)) => SnapshotVal::F32(bits),
            Some(Val::F64(bits)) => SnapshotVal::F64(bits),
            Some(Val::V128(value)) => SnapshotVal::V128(value.as_u128()),
            // Instrumentation refuses modules with mutable globals of other types.
            _ => SnapshotVal::I32(0),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        match self.instance.get_memory(&mut self.store, name) {
            Some(memory) => contents(memory.data(&self.store)),
            None => contents(&[]),
        }
    }
}
