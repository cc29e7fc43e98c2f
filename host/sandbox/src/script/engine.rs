//! The exports of `quickjs.wasm` that the host calls, as typed functions.

use wasmtime::{
    AsContextMut, ExternType, Instance, Memory, Module, StoreContextMut, TypedFunc, WasmParams,
    WasmResults,
};

use super::Scripted;

type Result<T> = wasmtime::Result<T>;

/// A value of the script, by the number that the engine has given it. Whoever gets one frees it.
pub(super) type Handle = u32;

/// Bytes that a message of an exception may have before it is cut.
const SHOWN_EXCEPTION: usize = 4 << 10;

/// Exports without which a module is no engine; their types are checked when they are found.
const NEEDED: [&str; 26] = [
    "qjs_init",
    "qjs_eval",
    "qjs_call",
    "qjs_new_string",
    "qjs_new_number",
    "qjs_new_host_function",
    "qjs_new_error",
    "qjs_throw",
    "qjs_get_exception",
    "qjs_is_exception",
    "qjs_get_float64",
    "qjs_get_string_len",
    "qjs_free_cstring",
    "qjs_get_array_buffer",
    "qjs_new_array_buffer",
    "qjs_get_global",
    "qjs_get_prop_string",
    "qjs_set_prop_string",
    "qjs_free_value",
    "qjs_is_job_pending",
    "qjs_execute_pending_job",
    "qjs_set_module_loader",
    "qjs_set_promise_rejection_handler",
    "qjs_set_max_stack_size",
    "wasm_malloc",
    "wasm_free",
];

/// Whether a module is a script engine, by the names of its exports.
pub(crate) fn is_engine(module: &Module) -> bool {
    NEEDED
        .iter()
        .all(|name| matches!(module.get_export(name), Some(ExternType::Func(_))))
}

/// The engine in one instance.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) memory: Memory,
    malloc: TypedFunc<u32, u32>,
    release: TypedFunc<u32, ()>,
    eval: TypedFunc<(u32, u32, u32, u32), u32>,
    call: TypedFunc<(u32, u32, u32, u32), u32>,
    new_string: TypedFunc<(u32, u32), u32>,
    new_number: TypedFunc<f64, u32>,
    new_buffer: TypedFunc<(u32, u32), u32>,
    new_error: TypedFunc<(), u32>,
    throw: TypedFunc<u32, u32>,
    exception: TypedFunc<(), u32>,
    is_exception: TypedFunc<u32, u32>,
    float64: TypedFunc<u32, f64>,
    string: TypedFunc<(u32, u32), u32>,
    free_string: TypedFunc<u32, ()>,
    array_buffer: TypedFunc<(u32, u32), u32>,
    global: TypedFunc<(), u32>,
    get: TypedFunc<(u32, u32), u32>,
    set: TypedFunc<(u32, u32, u32), u32>,
    free: TypedFunc<u32, ()>,
    is_job_pending: TypedFunc<(), u32>,
    run_job: TypedFunc<(), u32>,
}

impl Engine {
    /// Finds the exports, each of its type.
    pub(super) fn find(mut store: impl AsContextMut, instance: Instance) -> Result<Engine> {
        let mut find = Find {
            store: store.as_context_mut(),
            instance,
        };
        Ok(Engine {
            memory: find.memory()?,
            malloc: find.function("wasm_malloc")?,
            release: find.function("wasm_free")?,
            eval: find.function("qjs_eval")?,
            call: find.function("qjs_call")?,
            new_string: find.function("qjs_new_string")?,
            new_number: find.function("qjs_new_number")?,
            new_buffer: find.function("qjs_new_array_buffer")?,
            new_error: find.function("qjs_new_error")?,
            throw: find.function("qjs_throw")?,
            exception: find.function("qjs_get_exception")?,
            is_exception: find.function("qjs_is_exception")?,
            float64: find.function("qjs_get_float64")?,
            string: find.function("qjs_get_string_len")?,
            free_string: find.function("qjs_free_cstring")?,
            array_buffer: find.function("qjs_get_array_buffer")?,
            global: find.function("qjs_get_global")?,
            get: find.function("qjs_get_prop_string")?,
            set: find.function("qjs_set_prop_string")?,
            free: find.function("qjs_free_value")?,
            is_job_pending: find.function("qjs_is_job_pending")?,
            run_job: find.function("qjs_execute_pending_job")?,
        })
    }

    /// Copies `bytes` and a zero after them into memory of the engine's own, which owns it from then on.
    pub(super) async fn place<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        bytes: &[u8],
    ) -> Result<u32> {
        let room = u32::try_from(bytes.len() + 1).unwrap_or(u32::MAX);
        let pointer = self.malloc.call_async(&mut *store, room).await?;
        if pointer == 0 {
            return Err(wasmtime::Error::msg(
                "the script engine has no memory left for what it is given",
            ));
        }
        let at = pointer as usize;
        self.memory.write(&mut *store, at, bytes)?;
        self.memory.write(&mut *store, at + bytes.len(), &[0])?;
        Ok(pointer)
    }

    pub(super) async fn release<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        pointer: u32,
    ) -> Result<()> {
        self.release.call_async(&mut *store, pointer).await
    }

    pub(super) async fn new_string<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        text: &[u8],
    ) -> Result<Handle> {
        let pointer = self.place(store, text).await?;
        let length = length(text);
        let handle = self.new_string.call_async(&mut *store, (pointer, length));
        let handle = handle.await?;
        self.release(store, pointer).await?;
        Ok(handle)
    }

    /// An `ArrayBuffer` with these bytes.
    pub(super) async fn new_buffer<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        bytes: &[u8],
    ) -> Result<Handle> {
        let pointer = self.place(store, bytes).await?;
        let arguments = (pointer, length(bytes));
        let handle = self.new_buffer.call_async(&mut *store, arguments).await?;
        self.release(store, pointer).await?;
        Ok(handle)
    }

    pub(super) async fn new_number<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        number: f64,
    ) -> Result<Handle> {
        self.new_number.call_async(&mut *store, number).await
    }

    /// Evaluates source text; `flags` are the engine's. `None`: it threw, and the exception is pending.
    pub(super) async fn eval<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        source: &[u8],
        file: &[u8],
        flags: u32,
    ) -> Result<Option<Handle>> {
        let text = self.place(store, source).await?;
        let name = self.place(store, file).await?;
        let arguments = (text, length(source), name, flags);
        let result = self.eval.call_async(&mut *store, arguments).await?;
        self.release(store, text).await?;
        self.release(store, name).await?;
        self.unless_exception(store, result).await
    }

    /// Calls a function of the script. `None`: it threw, and the exception is pending.
    pub(super) async fn call<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        function: Handle,
        arguments: &[Handle],
    ) -> Result<Option<Handle>> {
        let bytes: Vec<u8> = arguments.iter().flat_map(|a| a.to_le_bytes()).collect();
        let array = self.place(store, &bytes).await?;
        let this = self.global(store).await?;
        let count = length(arguments);
        let call = self
            .call
            .call_async(&mut *store, (function, this, count, array));
        let result = call.await?;
        self.free(store, this).await?;
        self.release(store, array).await?;
        self.unless_exception(store, result).await
    }

    async fn unless_exception<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        result: Handle,
    ) -> Result<Option<Handle>> {
        if self.is_exception.call_async(&mut *store, result).await? == 0 {
            return Ok(Some(result));
        }
        self.free(store, result).await?;
        Ok(None)
    }

    pub(super) async fn take_exception<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
    ) -> Result<Handle> {
        self.exception.call_async(&mut *store, ()).await
    }

    /// Makes an exception pending that says `message`.
    pub(super) async fn throw<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        message: &str,
    ) -> Result<()> {
        let error = self.new_error.call_async(&mut *store, ()).await?;
        let text = self.new_string(store, message.as_bytes()).await?;
        self.set(store, error, "message", text).await?;
        self.throw.call_async(&mut *store, error).await?;
        self.free(store, text).await?;
        self.free(store, error).await
    }

    /// What a value says of itself as a string, cut to what one wants to read.
    pub(super) async fn describe<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        value: Handle,
    ) -> Result<String> {
        let mut text = self.text(store, value).await?.unwrap_or_default();
        text.truncate(SHOWN_EXCEPTION);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    pub(super) async fn number<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        value: Handle,
    ) -> Result<f64> {
        self.float64.call_async(&mut *store, value).await
    }

    /// A value as a string, in UTF-8. `None`: it has none, and an exception is pending.
    pub(super) async fn text<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        value: Handle,
    ) -> Result<Option<Vec<u8>>> {
        let out = self.place(store, &[0; 4]).await?;
        let pointer = self.string.call_async(&mut *store, (value, out)).await?;
        let length = self.read_u32(store, out)?;
        self.release(store, out).await?;
        if pointer == 0 {
            return Ok(None);
        }
        let bytes = self.bytes(store, pointer, length)?;
        self.free_string.call_async(&mut *store, pointer).await?;
        Ok(Some(bytes))
    }

    /// Where an `ArrayBuffer` lies; 0 when the value is none.
    pub(super) async fn address<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        value: Handle,
    ) -> Result<u32> {
        let out = self.place(store, &[0; 4]).await?;
        let call = self.array_buffer.call_async(&mut *store, (value, out));
        let address = call.await?;
        self.release(store, out).await?;
        Ok(address)
    }

    pub(super) async fn global<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
    ) -> Result<Handle> {
        self.global.call_async(&mut *store, ()).await
    }

    pub(super) async fn get<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        object: Handle,
        name: &str,
    ) -> Result<Handle> {
        let pointer = self.place(store, name.as_bytes()).await?;
        let value = self.get.call_async(&mut *store, (object, pointer)).await?;
        self.release(store, pointer).await?;
        Ok(value)
    }

    pub(super) async fn set<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        object: Handle,
        name: &str,
        value: Handle,
    ) -> Result<()> {
        let pointer = self.place(store, name.as_bytes()).await?;
        let call = self.set.call_async(&mut *store, (object, pointer, value));
        call.await?;
        self.release(store, pointer).await
    }

    pub(super) async fn free<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        value: Handle,
    ) -> Result<()> {
        self.free.call_async(&mut *store, value).await
    }

    pub(super) async fn is_job_pending<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
    ) -> Result<bool> {
        Ok(self.is_job_pending.call_async(&mut *store, ()).await? != 0)
    }

    /// False: the job threw, and the exception is pending.
    pub(super) async fn run_job<T: Scripted>(
        &self,
        store: &mut StoreContextMut<'_, T>,
    ) -> Result<bool> {
        let code = self.run_job.call_async(&mut *store, ()).await?;
        Ok(code.cast_signed() >= 0)
    }

    /// Copies bytes out of the engine's memory.
    pub(super) fn bytes<T: Scripted>(
        &self,
        store: &StoreContextMut<'_, T>,
        pointer: u32,
        length: u32,
    ) -> Result<Vec<u8>> {
        let from = pointer as usize;
        let bytes = self.memory.data(store).get(from..from + length as usize);
        bytes.map(<[u8]>::to_vec).ok_or_else(outside)
    }

    /// Copies the bytes up to a zero out of the engine's memory.
    pub(super) fn c_string<T: Scripted>(
        &self,
        store: &StoreContextMut<'_, T>,
        pointer: u32,
    ) -> Result<Vec<u8>> {
        let rest = self.memory.data(store).get(pointer as usize..);
        let rest = rest.ok_or_else(outside)?;
        let end = rest.iter().position(|&byte| byte == 0);
        Ok(rest[..end.ok_or_else(outside)?].to_vec())
    }

    pub(super) fn read_u32<T: Scripted>(
        &self,
        store: &StoreContextMut<'_, T>,
        pointer: u32,
    ) -> Result<u32> {
        let mut bytes = [0; 4];
        self.memory.read(store, pointer as usize, &mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
}

struct Find<'a, T: 'static> {
    store: StoreContextMut<'a, T>,
    instance: Instance,
}

impl<T: 'static> Find<'_, T> {
    fn memory(&mut self) -> Result<Memory> {
        let found = self.instance.get_memory(&mut self.store, "memory");
        found.ok_or_else(|| wasmtime::Error::msg("the script engine exports no memory"))
    }

    fn function<P: WasmParams, R: WasmResults>(&mut self, name: &str) -> Result<TypedFunc<P, R>> {
        self.instance.get_typed_func(&mut self.store, name)
    }
}

/// A number of things that lie in a 32-bit memory, or are about to.
fn length<T>(of: &[T]) -> u32 {
    u32::try_from(of.len()).unwrap_or(u32::MAX)
}

fn outside() -> wasmtime::Error {
    wasmtime::Error::msg("the script engine points outside its memory")
}
