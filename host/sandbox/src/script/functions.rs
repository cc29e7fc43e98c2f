//! The functions that `quickjs.wasm` imports from `env`.

use wasmtime::{AsContextMut, Caller, Linker, StoreContextMut, Val};

use super::engine::{Engine, Handle};
use super::{DEEPEST, ENV, Finished, Hooks, Scripted};

type Result<T> = wasmtime::Result<T>;

pub(super) fn add_to_linker<T: Scripted>(linker: &mut Linker<T>) -> Result<()> {
    // Scripts live in UTC, as Lambda's functions do unless they are told otherwise.
    linker.func_wrap(ENV, "host_get_timezone_offset", |_: u32, _: u32| 0u32)?;
    // Fuel, epochs and dropped futures end a script; it is never asked to end itself.
    linker.func_wrap(ENV, "host_interrupt", || 0u32)?;
    linker.func_wrap_async(ENV, "host_call", |caller, arguments| {
        Box::new(host_call(caller, arguments))
    })?;
    linker.func_wrap_async(ENV, "host_promise_rejection", |caller, arguments| {
        Box::new(promise_rejection(caller, arguments))
    })?;
    linker.func_wrap_async(ENV, "host_module_normalize", |caller, arguments| {
        Box::new(module_normalize(caller, arguments))
    })?;
    linker.func_wrap_async(ENV, "host_module_load", |caller, arguments| {
        Box::new(module_load(caller, arguments))
    })?;
    Ok(())
}

/// Begins a call of the script's; false if it is one too many within the other. A script has all the stacks that its
/// calls may need, or waits for them: none ever holds some and waits for more.
async fn enter<T: Scripted>(store: &mut StoreContextMut<'_, T>) -> Result<bool> {
    let state = store.data_mut().script();
    if state.depth == 0
        && let Some(nests) = state.nests.clone()
    {
        let nest = nests.acquire_owned().await;
        store.data_mut().script().nest = nest.ok();
    }
    let state = store.data_mut().script();
    state.depth += 1;
    Ok(state.depth <= DEEPEST)
}

/// Ends it. One that fails need not be ended: nothing runs in its store any more.
fn leave<T: Scripted>(store: &mut StoreContextMut<'_, T>) {
    let state = store.data_mut().script();
    state.depth -= 1;
    if state.depth == 0 {
        state.nest = None;
    }
}

/// What a script reads whose calls are too many within each other.
const TOO_DEEP: &str = "wf-host: code that runs code that runs code is nested too deeply";

/// A function of the host that the library calls by its name.
struct Call<'a, 'b, T: 'static> {
    store: &'a mut StoreContextMut<'b, T>,
    engine: Engine,
    arguments: Vec<Handle>,
}

/// What a call gives: a value, or an exception that is pending.
type Returned = Result<Option<Handle>>;

/// Name, its length, `this`, number of arguments, where they are. 0 says that an exception is pending.
async fn host_call<T: Scripted>(
    mut caller: Caller<'_, T>,
    (name, name_length, _this, count, arguments): (u32, u32, u32, u32, u32),
) -> Result<u32> {
    let mut context = caller.as_context_mut();
    let store = &mut context;
    let engine = engine(store)?;
    let name = engine.bytes(store, name, name_length)?;
    let addresses = (0..count).map(|index| arguments.saturating_add(index.saturating_mul(4)));
    let arguments = addresses.map(|address| engine.read_u32(store, address));
    let arguments = arguments.collect::<Result<_>>()?;
    let is_allowed = enter(store).await?;
    let mut call = Call {
        arguments,
        store,
        engine,
    };
    let returned = match &*name {
        _ if !is_allowed => call.throw(TOO_DEEP).await,
        b"wasi" => call.wasi().await,
        b"address" => call.address().await,
        b"eval" => call.eval().await,
        b"finish" => call.finish().await,
        b"library" => call.library().await,
        b"encode" => call.encode().await,
        b"decode" => call.decode().await,
        _ => call.throw("the host has no such function").await,
    };
    let returned = returned?.unwrap_or(0);
    leave(call.store);
    Ok(returned)
}

impl<T: Scripted> Call<'_, '_, T> {
    /// `wasi(name, ...numbers)`: calls a function of WASI and returns its error number.
    async fn wasi(&mut self) -> Returned {
        let Some(name) = self.text(0).await? else {
            return Ok(None);
        };
        let mut numbers = Vec::with_capacity(self.arguments.len());
        for &argument in self.arguments.iter().skip(1) {
            numbers.push(self.engine.number(self.store, argument).await?);
        }
        let wasi = self.store.data_mut().script().wasi.clone();
        let prepared =
            wasi.and_then(|wasi| wasi.prepare(&String::from_utf8_lossy(&name), &numbers));
        let Some((function, arguments)) = prepared else {
            return self.throw("WASI has no such function here").await;
        };
        let mut results = [Val::I32(0)];
        let call = function.call_async(&mut *self.store, &arguments, &mut results);
        call.await?;
        self.number(f64::from(results[0].unwrap_i32())).await
    }

    /// `address(arrayBuffer)`: where its bytes lie, for pointers that WASI is given.
    async fn address(&mut self) -> Returned {
        let Some(&buffer) = self.arguments.first() else {
            return self.throw("no ArrayBuffer").await;
        };
        let address = self.engine.address(self.store, buffer).await?;
        self.number(f64::from(address)).await
    }

    /// `eval(source, file, flags)`: evaluates source text under a file name.
    async fn eval(&mut self) -> Returned {
        let (Some(source), Some(file)) = (self.text(0).await?, self.text(1).await?) else {
            return Ok(None);
        };
        let flags = match self.arguments.get(2) {
            Some(&flags) => self.engine.number(self.store, flags).await? as u32,
            None => 0,
        };
        self.engine.eval(self.store, &source, &file, flags).await
    }

    /// `finish(isError, text)`: ends the run with its result.
    async fn finish(&mut self) -> Returned {
        let is_error = match self.arguments.first() {
            Some(&is_error) => self.engine.number(self.store, is_error).await? != 0.0,
            None => false,
        };
        match self.text(1).await? {
            Some(text) => Err(Finished { is_error, text }.into()),
            None => Ok(None),
        }
    }

    /// `library(path)`: the text of a file of the library while it is being loaded; an empty text when it is none.
    async fn library(&mut self) -> Returned {
        let Some(path) = self.text(0).await? else {
            return Ok(None);
        };
        let path = String::from_utf8_lossy(&path);
        let file = self.store.data().library_file(&path).unwrap_or_default();
        let file = file.to_vec();
        let text = self.engine.new_string(self.store, &file).await?;
        Ok(Some(text))
    }

    /// `encode(string)`: its UTF-8 in an `ArrayBuffer`.
    async fn encode(&mut self) -> Returned {
        match self.text(0).await? {
            Some(text) => Ok(Some(self.engine.new_buffer(self.store, &text).await?)),
            None => Ok(None),
        }
    }

    /// `decode(address, length)`: the string whose UTF-8 lies there; what is no UTF-8 is replaced as the web's
    /// standards want it.
    async fn decode(&mut self) -> Returned {
        let [address, length] = self.arguments[..] else {
            return self.throw("no address and length").await;
        };
        let address = self.engine.number(self.store, address).await? as u32;
        let length = self.engine.number(self.store, length).await? as u32;
        let bytes = self.engine.bytes(self.store, address, length)?;
        let text = String::from_utf8_lossy(&bytes);
        let text = self.engine.new_string(self.store, text.as_bytes()).await?;
        Ok(Some(text))
    }

    async fn text(&mut self, argument: usize) -> Result<Option<Vec<u8>>> {
        match self.arguments.get(argument) {
            Some(&value) => self.engine.text(self.store, value).await,
            None => Ok(Some(Vec::new())),
        }
    }

    async fn number(&mut self, number: f64) -> Returned {
        let value = self.engine.new_number(self.store, number).await?;
        Ok(Some(value))
    }

    async fn throw(&mut self, message: &str) -> Returned {
        self.engine.throw(self.store, message).await?;
        Ok(None)
    }
}

/// A promise was rejected and nobody handles it, or somebody does after all. Both values are the host's to free.
async fn promise_rejection<T: Scripted>(
    mut caller: Caller<'_, T>,
    (promise, reason, is_handled): (u32, u32, u32),
) -> Result<()> {
    let mut context = caller.as_context_mut();
    let store = &mut context;
    let engine = engine(store)?;
    let is_allowed = enter(store).await?;
    if is_allowed && let Some(hooks) = hooks(store) {
        let handled = engine.new_number(store, f64::from(is_handled)).await?;
        let arguments = [promise, reason, handled];
        let returned = engine.call(store, hooks.rejection, &arguments).await?;
        let returned = match returned {
            Some(value) => value,
            None => engine.take_exception(store).await?,
        };
        engine.free(store, returned).await?;
        engine.free(store, handled).await?;
    }
    engine.free(store, promise).await?;
    engine.free(store, reason).await?;
    leave(store);
    Ok(())
}

/// The full name of a module that `base` imports as `name`; 0 says that an exception is pending.
async fn module_normalize<T: Scripted>(
    mut caller: Caller<'_, T>,
    (base, name): (u32, u32),
) -> Result<u32> {
    let mut context = caller.as_context_mut();
    let store = &mut context;
    let is_allowed = enter(store).await?;
    let full = match is_allowed {
        true => normalize(store, base, name).await?,
        false => refuse(store).await?,
    };
    leave(store);
    Ok(full)
}

async fn normalize<T: Scripted>(
    store: &mut StoreContextMut<'_, T>,
    base: u32,
    name: u32,
) -> Result<u32> {
    let engine = engine(store)?;
    let Some(hooks) = hooks(store) else {
        return Ok(0);
    };
    let base = engine.c_string(store, base)?;
    let name = engine.c_string(store, name)?;
    let base = engine.new_string(store, &base).await?;
    let name = engine.new_string(store, &name).await?;
    let returned = engine.call(store, hooks.normalize, &[base, name]).await?;
    engine.free(store, base).await?;
    engine.free(store, name).await?;
    match text_of(store, &engine, returned).await? {
        Some(text) => engine.place(store, &text).await,
        None => Ok(0),
    }
}

/// The source text of a module and its length; 0 says that an exception is pending.
async fn module_load<T: Scripted>(
    mut caller: Caller<'_, T>,
    (name, length): (u32, u32),
) -> Result<u32> {
    let mut context = caller.as_context_mut();
    let store = &mut context;
    let is_allowed = enter(store).await?;
    let source = match is_allowed {
        true => load(store, name, length).await?,
        false => refuse(store).await?,
    };
    leave(store);
    Ok(source)
}

/// An exception instead of a call that is one too many within the other.
async fn refuse<T: Scripted>(store: &mut StoreContextMut<'_, T>) -> Result<u32> {
    engine(store)?.throw(store, TOO_DEEP).await?;
    Ok(0)
}

async fn load<T: Scripted>(
    store: &mut StoreContextMut<'_, T>,
    name: u32,
    length: u32,
) -> Result<u32> {
    let engine = engine(store)?;
    let Some(hooks) = hooks(store) else {
        return Ok(0);
    };
    let name = engine.c_string(store, name)?;
    let name = engine.new_string(store, &name).await?;
    let returned = engine.call(store, hooks.load, &[name]).await?;
    engine.free(store, name).await?;
    let Some(text) = text_of(store, &engine, returned).await? else {
        return Ok(0);
    };
    let written = u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
    engine
        .memory
        .write(&mut *store, length as usize, &written)?;
    engine.place(store, &text).await
}

async fn text_of<T: Scripted>(
    store: &mut StoreContextMut<'_, T>,
    engine: &Engine,
    value: Option<Handle>,
) -> Result<Option<Vec<u8>>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let text = engine.text(store, value).await?;
    engine.free(store, value).await?;
    Ok(text)
}

fn hooks<T: Scripted>(store: &mut StoreContextMut<'_, T>) -> Option<Hooks> {
    store.data_mut().script().hooks
}

/// The engine whose function calls the host. It is known before anything in it runs.
fn engine<T: Scripted>(store: &mut StoreContextMut<'_, T>) -> Result<Engine> {
    let engine = store.data_mut().script().engine.clone();
    engine.ok_or_else(|| wasmtime::Error::msg("a script engine calls the host before it is known"))
}
