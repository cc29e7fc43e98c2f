//! WASI for scripts: the functions that every guest may import, by name, on the script's own memory.
//!
//! `quickjs.wasm` imports six of WASI's functions, and a library needs more. WASI works on the memory of whoever
//! calls it, so a script calls through a bridge: a module that imports the script's memory and the functions, and does
//! nothing but pass calls on. Mounts, permissions, the bound of `/tmp`, the virtual clock and seeded randomness hold
//! for scripts because these are the very functions that other guests get.

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::{
    Engine, Extern, Func, Instance, Linker, Memory, Module, Store, StoreContextMut, Val,
};

use crate::host::{Host, WASI};

/// What a script may call, each with its parameters: `i` for 32 bits, `I` for 64. All return an error number.
const FUNCTIONS: [(&str, &str); 33] = [
    ("clock_res_get", "ii"),
    ("clock_time_get", "iIi"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("fd_close", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "iI"),
    ("fd_filestat_set_times", "iIIi"),
    ("fd_pread", "iiiIi"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_prestat_get", "ii"),
    ("fd_pwrite", "iiiIi"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiiIi"),
    ("fd_seek", "iIii"),
    ("fd_sync", "i"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiiIIi"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiiIIii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("random_get", "ii"),
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
];

/// The bridge's functions in one store.
#[derive(Clone)]
pub(super) struct Wasi {
    functions: Arc<HashMap<&'static str, (Func, &'static str)>>,
}

impl Wasi {
    /// Connects the functions that `linker` offers with a script's memory.
    pub(super) async fn instantiate(
        store: &mut Store<Host>,
        bridge: &Module,
        linker: &Linker<Host>,
        memory: Memory,
    ) -> wasmtime::Result<Wasi> {
        let mut imports = Vec::with_capacity(FUNCTIONS.len() + 1);
        for (name, _) in FUNCTIONS {
            let offered = linker.get(&mut *store, WASI, name);
            imports.push(offered?);
        }
        imports.push(Extern::Memory(memory));
        let instance = Instance::new_async(&mut *store, bridge, &imports).await?;
        let mut functions = HashMap::with_capacity(FUNCTIONS.len());
        for (name, parameters) in FUNCTIONS {
            let function = instance.get_func(&mut *store, name);
            let function = function.ok_or_else(|| unknown(name))?;
            functions.insert(name, (function, parameters));
        }
        Ok(Wasi {
            functions: Arc::new(functions),
        })
    }

    /// Sleeps: `at` is the address of one subscription, of room for its event, and of room for the number of events.
    pub(super) async fn poll(
        &self,
        store: &mut StoreContextMut<'_, Host>,
        at: f64,
    ) -> wasmtime::Result<()> {
        const SUBSCRIPTION: f64 = 48.0;
        const EVENT: f64 = 32.0;
        let event = at + SUBSCRIPTION;
        let prepared = self.prepare("poll_oneoff", &[at, event, 1.0, event + EVENT]);
        let (function, arguments) = prepared.ok_or_else(|| unknown("poll_oneoff"))?;
        let mut results = [Val::I32(0)];
        let call = function.call_async(&mut *store, &arguments, &mut results);
        call.await
    }

    /// The function of that name and its arguments from numbers, missing ones being 0. `None`: scripts have no such
    /// function.
    pub(super) fn prepare(&self, name: &str, numbers: &[f64]) -> Option<(Func, Vec<Val>)> {
        let (function, parameters) = self.functions.get(name)?;
        let numbers = numbers.iter().copied().chain(std::iter::repeat(0.0));
        let arguments = parameters.bytes().zip(numbers).map(|(kind, number)| {
            let whole = number as i64;
            match kind {
                b'I' => Val::I64(whole),
                _ => Val::I32(whole as i32),
            }
        });
        Some((*function, arguments.collect()))
    }
}

fn unknown(name: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("the host offers no {name} to scripts"))
}

/// Compiles the bridge.
pub(crate) fn bridge(engine: &Engine) -> wasmtime::Result<Module> {
    Module::new(engine, encode())
}

const SECTION_TYPE: u8 = 1;
const SECTION_IMPORT: u8 = 2;
const SECTION_FUNCTION: u8 = 3;
const SECTION_EXPORT: u8 = 7;
const SECTION_CODE: u8 = 10;

/// The bridge as WebAssembly: for each function a type, an import, and an exported function that passes its arguments
/// on to the import.
fn encode() -> Vec<u8> {
    let count = number(FUNCTIONS.len());
    let list = |item: &dyn Fn(usize, &str, &str) -> Vec<u8>| {
        let items = FUNCTIONS.iter().enumerate();
        items
            .flat_map(|(index, (name, parameters))| item(index, name, parameters))
            .collect::<Vec<u8>>()
    };
    let types = list(&|_, _, parameters| function_type(parameters));
    let imports = list(&|index, name, _| [text(WASI), text(name), vec![0], number(index)].concat());
    let memory = [text("script"), text("memory"), vec![2, 0, 0]].concat();
    let functions = list(&|index, _, _| number(index));
    let exports =
        list(&|index, name, _| [text(name), vec![0], number(FUNCTIONS.len() + index)].concat());
    let code = list(&|index, _, parameters| body(index, parameters.len()));
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |id: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        module.push(id);
        module.extend(number(content.len()));
        module.extend(content);
    };
    section(SECTION_TYPE, &[&count, &types]);
    let one_more = number(FUNCTIONS.len() + 1);
    section(SECTION_IMPORT, &[&one_more, &imports, &memory]);
    section(SECTION_FUNCTION, &[&count, &functions]);
    let export_memory = [text("memory"), vec![2, 0]].concat();
    section(SECTION_EXPORT, &[&one_more, &exports, &export_memory]);
    section(SECTION_CODE, &[&count, &code]);
    module
}

fn function_type(parameters: &str) -> Vec<u8> {
    const I32: u8 = 0x7f;
    const I64: u8 = 0x7e;
    let of = |kind: u8| if kind == b'I' { I64 } else { I32 };
    let mut bytes = vec![0x60];
    bytes.extend(number(parameters.len()));
    bytes.extend(parameters.bytes().map(of));
    bytes.extend([1, I32]);
    bytes
}

/// `local.get` for each parameter, `call`, `end`.
fn body(function: usize, parameters: usize) -> Vec<u8> {
    let mut code = vec![0];
    for index in 0..parameters {
        code.push(0x20);
        code.extend(number(index));
    }
    code.push(0x10);
    code.extend(number(function));
    code.push(0x0b);
    [number(code.len()), code].concat()
}

fn text(name: &str) -> Vec<u8> {
    [number(name.len()), name.as_bytes().to_vec()].concat()
}

/// An unsigned LEB128 number.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bridge_is_valid_and_passes_every_function_on() {
        let engine = Engine::default();
        let bridge = bridge(&engine).unwrap();
        let names: Vec<&str> = bridge.imports().map(|import| import.name()).collect();
        assert_eq!(names.len(), FUNCTIONS.len() + 1);
        assert_eq!(names.last(), Some(&"memory"));
        for (name, parameters) in FUNCTIONS {
            let export = bridge.get_export(name);
            let function = export.and_then(|export| export.func().cloned());
            let function = function.unwrap_or_else(|| panic!("{name} is no function"));
            assert_eq!(function.params().len(), parameters.len(), "{name}");
        }
    }

    #[test]
    fn numbers_are_leb128() {
        assert_eq!(number(0), [0]);
        assert_eq!(number(127), [0x7f]);
        assert_eq!(number(300), [0xac, 0x02]);
    }
}
