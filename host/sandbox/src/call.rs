//! The contracts of core modules, step by step. Nothing a guest returns is believed before it is checked.

use wasmtime::{Instance, Memory, ModuleExport, Store, TypedFunc, WasmParams, WasmResults};

use crate::guest::Reactor;
use crate::host::Host;
use crate::outcome::End;

/// Bit 31 of a result's low half: the bytes are an error, not a result.
const IS_ERROR: u32 = 1 << 31;

/// Bytes of a failed command's stdout that are shown.
const SHOWN_STDOUT: usize = 4 << 10;

type Result<T> = wasmtime::Result<T>;

/// Runs a new reactor to its end. An error is a trap, an exit or a limit.
pub(crate) async fn call_reactor(
    store: &mut Store<Host>,
    instance: Instance,
    reactor: &Reactor,
) -> Result<End> {
    if let Some(initialize) = &reactor.initialize {
        function::<(), ()>(store, instance, initialize)?
            .call_async(&mut *store, ())
            .await?;
    }
    let memory = memory(store, instance, &reactor.memory)?;
    let alloc = function(store, instance, &reactor.alloc)?;
    let event = store.data().invocation.event.clone();
    let event = match place(store, memory, &alloc, "event", &event).await? {
        Ok(place) => place,
        Err(end) => return Ok(end),
    };
    let context = store.data().invocation.context.clone();
    let context = match place(store, memory, &alloc, "context", context.as_bytes()).await? {
        Ok(place) => place,
        Err(end) => return Ok(end),
    };
    let handle = function::<(u32, u32, u32, u32), u64>(store, instance, &reactor.handle)?;
    let arguments = (event.0, event.1, context.0, context.1);
    let result = handle.call_async(&mut *store, arguments).await?;
    Ok(read_result(store, memory, result))
}

/// Asks the guest for room and copies `bytes` there.
async fn place(
    store: &mut Store<Host>,
    memory: Memory,
    alloc: &TypedFunc<u32, u32>,
    what: &'static str,
    bytes: &[u8],
) -> Result<std::result::Result<(u32, u32), End>> {
    // Memory has 32-bit addresses, so what does not fit in 32 bits does not fit in memory either.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let pointer = alloc.call_async(&mut *store, length).await?;
    match memory.write(&mut *store, pointer as usize, bytes) {
        Ok(()) => Ok(Ok((pointer, length))),
        Err(_) => Ok(Err(bad_pointer(store, memory, what, pointer, length))),
    }
}

fn read_result(store: &Store<Host>, memory: Memory, result: u64) -> End {
    let pointer = (result >> 32) as u32;
    let low = result as u32;
    let length = low & !IS_ERROR;
    let limit = store.data().invocation.limits.output;
    if length as usize > limit {
        return End::OutputTooLarge {
            limit,
            length: Some(length as usize),
        };
    }
    let from = pointer as usize;
    match memory.data(store).get(from..from + length as usize) {
        None => bad_pointer(store, memory, "result", pointer, length),
        Some(bytes) if low & IS_ERROR != 0 => End::FunctionError(bytes.to_vec()),
        Some(bytes) => End::Returned(bytes.to_vec()),
    }
}

fn bad_pointer(
    store: &Store<Host>,
    memory: Memory,
    what: &'static str,
    pointer: u32,
    length: u32,
) -> End {
    End::BadPointer {
        what,
        pointer,
        length,
        memory: memory.data_size(store) as u64,
    }
}

/// Runs a new command to its end. An error is a trap, an exit or a limit.
pub(crate) async fn call_command(
    store: &mut Store<Host>,
    instance: Instance,
    start: &ModuleExport,
) -> Result<End> {
    function::<(), ()>(store, instance, start)?
        .call_async(&mut *store, ())
        .await?;
    Ok(exited(store.data(), 0))
}

/// What leaving with `code` means. A reactor has no business leaving, not even with 0.
pub(crate) fn exited(host: &Host, code: i32) -> End {
    let Some(pipe) = &host.stdout else {
        return End::Exited {
            code,
            stdout: Vec::new(),
        };
    };
    let stdout = pipe.contents();
    if code == 0 {
        return End::Returned(stdout.into());
    }
    if is_function_error(&stdout) {
        return End::FunctionError(stdout.into());
    }
    End::Exited {
        code,
        stdout: stdout[..stdout.len().min(SHOWN_STDOUT)].to_vec(),
    }
}

/// A JSON object with an `errorType`: a command's way to fail with an error of its own.
fn is_function_error(stdout: &[u8]) -> bool {
    let parsed = std::str::from_utf8(stdout)
        .ok()
        .and_then(|text| data::Data::parse(text).ok());
    parsed.is_some_and(|value| value.get("errorType").is_some())
}

/// True when a command wrote more than it may return.
pub(crate) fn is_output_too_large(host: &Host) -> bool {
    let limit = host.invocation.limits.output;
    host.stdout
        .as_ref()
        .is_some_and(|pipe| pipe.contents().len() > limit)
}

fn memory(store: &mut Store<Host>, instance: Instance, export: &ModuleExport) -> Result<Memory> {
    let found = instance.get_module_export(&mut *store, export);
    found
        .and_then(wasmtime::Extern::into_memory)
        .ok_or_else(no_such_export)
}

fn function<Params: WasmParams, Results: WasmResults>(
    store: &mut Store<Host>,
    instance: Instance,
    export: &ModuleExport,
) -> Result<TypedFunc<Params, Results>> {
    let found = instance.get_module_export(&mut *store, export);
    found
        .and_then(wasmtime::Extern::into_func)
        .ok_or_else(no_such_export)?
        .typed(store)
}

/// Exports are checked when a guest is loaded, so this is the host's mistake.
fn no_such_export() -> wasmtime::Error {
    wasmtime::Error::msg("an export checked at loading is not in the instance")
}
