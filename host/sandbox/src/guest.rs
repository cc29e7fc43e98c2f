//! A module that has been found to keep one of the two contracts, compiled and linked.

use std::fmt;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use wasmtime::{
    ExternType, FuncType, ImportType, InstancePre, Linker, Module, ModuleExport, Store, ValType,
};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::{self, WasiP1Ctx};

use crate::cache::{self, CacheUse};
use crate::engine::Engine;
use crate::host::{self, Host};
use crate::module;

/// How a module takes its event and gives its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// Exports `memory`, `alloc(len) -> ptr` and
    /// `handle(event_ptr, event_len, context_ptr, context_len) -> i64`, and perhaps `_initialize`.
    Reactor,
    /// A WASI command: `_start`, event on stdin, result on stdout.
    Command,
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Contract::Reactor => "reactor",
            Contract::Command => "command",
        })
    }
}

/// A module ready to be invoked. Cheap to clone.
#[derive(Clone)]
pub struct Guest {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    name: String,
    module: Module,
    pub(crate) entry: Entry,
    /// Whether it could open files at all.
    pub(crate) opens_files: bool,
    sha256: [u8; 32],
    cache_use: CacheUse,
    real: InstancePre<Host>,
    in_virtual_time: OnceLock<InstancePre<Host>>,
}

/// The exports to call, found once at loading.
pub(crate) enum Entry {
    Reactor(Reactor),
    Command(ModuleExport),
}

pub(crate) struct Reactor {
    pub(crate) memory: ModuleExport,
    pub(crate) alloc: ModuleExport,
    pub(crate) handle: ModuleExport,
    pub(crate) initialize: Option<ModuleExport>,
}

/// Why a module cannot be a guest.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no WebAssembly module.
    #[error("not a WebAssembly module but {found}")]
    NotWasm {
        /// What they are instead.
        found: &'static str,
    },
    /// A component (WASI preview 2).
    #[error(
        "this is a WebAssembly component; components are not accepted yet: \
         build a core module, for example for the target wasm32-wasip1"
    )]
    Component,
    /// The module is damaged, or uses what this engine does not have.
    #[error("the module does not compile: {0}")]
    Invalid(String),
    /// It imports what the host does not offer.
    #[error("the module imports what the host does not offer: {}; available: {available}", names.join(", "))]
    UnknownImports {
        /// Each as `module.name`.
        names: Vec<String>,
        /// What there is, in words.
        available: &'static str,
    },
    /// It keeps neither contract.
    #[error("the module keeps neither contract: {}", reasons.join("; "))]
    NoContract {
        /// What is missing for each of them.
        reasons: Vec<String>,
    },
}

/// What a guest may import.
const AVAILABLE: &str = "the functions of wasi_snapshot_preview1";

impl Guest {
    /// The label it was loaded under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Which contract it keeps.
    #[must_use]
    pub fn contract(&self) -> Contract {
        match self.inner.entry {
            Entry::Reactor(_) => Contract::Reactor,
            Entry::Command(_) => Contract::Command,
        }
    }

    /// SHA-256 of the module.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.inner.sha256
    }

    /// Where its compiled code came from.
    #[must_use]
    pub fn cache_use(&self) -> &CacheUse {
        &self.inner.cache_use
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest")
            .field("name", &self.inner.name)
            .field("contract", &self.contract())
            .field("sha256", &cache::hex(&self.inner.sha256))
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// The module linked against the functions of the clock it is to run by.
    pub(crate) fn linked(
        &self,
        engine: &Engine,
        in_virtual_time: bool,
    ) -> wasmtime::Result<&InstancePre<Host>> {
        if !in_virtual_time {
            return Ok(&self.real);
        }
        host::get_or_make(&self.in_virtual_time, || {
            engine
                .linkers
                .in_virtual_time(&engine.wasm)?
                .instantiate_pre(&self.module)
        })
    }
}

pub(crate) fn load(engine: &Engine, name: &str, wasm: &[u8]) -> Result<Guest, LoadError> {
    let (module, sha256, cache_use) = compile(engine, wasm)?;
    let entry = entry(&module).map_err(|reasons| LoadError::NoContract { reasons })?;
    let linker = engine.linkers.real(&engine.wasm).map_err(invalid)?;
    let real = match linker.instantiate_pre(&module) {
        Ok(real) => real,
        Err(error) => return Err(unlinkable(engine, &module, &error)),
    };
    let in_virtual_time = OnceLock::new();
    let name = name.to_owned();
    let opens_files = module.imports().any(|import| import.name() == "path_open");
    let inner = Inner {
        name,
        module,
        entry,
        opens_files,
        sha256,
        cache_use,
        real,
        in_virtual_time,
    };
    Ok(Guest {
        inner: Arc::new(inner),
    })
}

pub(crate) fn compile(
    engine: &Engine,
    wasm: &[u8],
) -> Result<(Module, [u8; 32], CacheUse), LoadError> {
    module::check_header(wasm)?;
    let sha256: [u8; 32] = Sha256::digest(wasm).into();
    let (module, cache_use) = engine
        .cache
        .module(&engine.wasm, wasm, &sha256)
        .map_err(invalid)?;
    Ok((module, sha256, cache_use))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn invalid(error: wasmtime::Error) -> LoadError {
    LoadError::Invalid(format!("{error:#}"))
}

/// Which imports are at fault when linking failed.
fn unlinkable(engine: &Engine, module: &Module, error: &wasmtime::Error) -> LoadError {
    let names = unknown_imports(engine, module);
    if names.is_empty() {
        return LoadError::Invalid(format!("{error:#}"));
    }
    LoadError::UnknownImports {
        names,
        available: AVAILABLE,
    }
}

/// Imports that the host does not offer, or not with that type.
pub(crate) fn unknown_imports(engine: &Engine, module: &Module) -> Vec<String> {
    let mut offered = Linker::<WasiP1Ctx>::new(&engine.wasm);
    if p1::add_to_linker_async(&mut offered, |wasi| wasi).is_err() {
        return Vec::new();
    }
    let mut store = Store::new(&engine.wasm, WasiCtxBuilder::new().build_p1());
    let mut is_known = |import: &ImportType<'_>| {
        let found = offered
            .get_by_import(&mut store, import)
            .map(|found| found.ty(&store));
        match (found, import.ty()) {
            (Some(ExternType::Func(found)), ExternType::Func(wanted)) => {
                FuncType::eq(&found, &wanted)
            }
            _ => false,
        }
    };
    module
        .imports()
        .filter(|import| !is_known(import))
        .map(|import| format!("{}.{}", import.module(), import.name()))
        .collect()
}

/// The exports to call, or what is missing for each contract.
pub(crate) fn entry(module: &Module) -> Result<Entry, Vec<String>> {
    let reactor = match reactor(module) {
        Ok(reactor) => return Ok(Entry::Reactor(reactor)),
        Err(missing) => missing,
    };
    match command(module) {
        Ok(command) => Ok(command),
        Err(missing) => Err(vec![
            format!("a reactor needs {}", reactor.join(", ")),
            format!("a command needs {}", missing.join(", ")),
        ]),
    }
}

fn reactor(module: &Module) -> Result<Reactor, Vec<String>> {
    use ValType::{I32, I64};
    let mut missing = Vec::new();
    let memory = memory(module, &mut missing);
    let alloc = function(module, "alloc", &[I32], &[I32], &mut missing);
    let handle = function(
        module,
        "handle",
        &[I32, I32, I32, I32],
        &[I64],
        &mut missing,
    );
    let initialize = match module.get_export("_initialize") {
        Some(_) => function(module, "_initialize", &[], &[], &mut missing),
        None => None,
    };
    match (memory, alloc, handle) {
        (Some(memory), Some(alloc), Some(handle)) if missing.is_empty() => Ok(Reactor {
            memory,
            alloc,
            handle,
            initialize,
        }),
        _ => Err(missing),
    }
}

fn command(module: &Module) -> Result<Entry, Vec<String>> {
    let mut missing = Vec::new();
    let memory = memory(module, &mut missing);
    let start = function(module, "_start", &[], &[], &mut missing);
    match (memory, start) {
        (Some(_), Some(start)) => Ok(Entry::Command(start)),
        _ => Err(missing),
    }
}

fn memory(module: &Module, missing: &mut Vec<String>) -> Option<ModuleExport> {
    match module.get_export("memory") {
        Some(ExternType::Memory(_)) => module.get_export_index("memory"),
        _ => {
            missing.push("an exported memory named \"memory\"".to_owned());
            None
        }
    }
}

fn function(
    module: &Module,
    name: &str,
    params: &[ValType],
    results: &[ValType],
    missing: &mut Vec<String>,
) -> Option<ModuleExport> {
    let wanted = FuncType::new(module.engine(), params.to_vec(), results.to_vec());
    match module.get_export(name) {
        Some(ExternType::Func(found)) if FuncType::eq(&found, &wanted) => {
            return module.get_export_index(name);
        }
        Some(ExternType::Func(found)) => {
            missing.push(format!("{name} to be {wanted} (it is {found})"));
        }
        Some(_) => missing.push(format!("{name} to be a function")),
        None => missing.push(format!("an exported function {name} {wanted}")),
    }
    None
}
