//! Code that has been found to keep one of the contracts, compiled and linked.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use wasmtime::{
    ExternType, FuncType, ImportType, InstancePre, Linker, Module, ModuleExport, Store, ValType,
};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::{self, WasiP1Ctx};

use crate::cache::{self, CacheUse};
use crate::component::{self, Function};
use crate::engine::Engine;
use crate::host::{self, Host};
use crate::module::{self, Kind};
use crate::script;

/// How a module takes its event and gives its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// Exports `memory`, `alloc(len) -> ptr` and
    /// `handle(event_ptr, event_len, context_ptr, context_len) -> i64`, and perhaps `_initialize`.
    Reactor,
    /// A WASI command: `_start`, event on stdin, result on stdout.
    Command,
    /// A component of the world [`crate::WORLD`].
    Component,
    /// A JavaScript engine that [`crate::Sandbox::snapshot_script`] has given a library.
    Script,
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Contract::Reactor => "reactor",
            Contract::Command => "command",
            Contract::Component => "component",
            Contract::Script => "script",
        })
    }
}

/// A file of WebAssembly code that its owner keeps and knows: it is compiled once, and not even read as long as
/// its compiled form is in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prebuilt {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of what is in it; checked when it is read.
    pub sha256: [u8; 32],
    /// The contract that it keeps.
    pub contract: Contract,
}

/// A module ready to be invoked. Cheap to clone.
#[derive(Clone)]
pub struct Guest {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    name: String,
    pub(crate) code: Code,
    /// Whether it could open files at all.
    pub(crate) opens_files: bool,
    sha256: [u8; 32],
    cache_use: CacheUse,
}

/// What is instantiated.
pub(crate) enum Code {
    /// A core module.
    Core(Core),
    /// A component.
    Component(Function),
}

/// A core module, linked.
pub(crate) struct Core {
    module: Module,
    pub(crate) entry: Entry,
    real: InstancePre<Host>,
    in_virtual_time: OnceLock<InstancePre<Host>>,
}

/// The exports to call, found once at loading.
pub(crate) enum Entry {
    Reactor(Reactor),
    Command(ModuleExport),
    Script,
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
    /// It keeps none of the contracts.
    #[error("the module keeps none of the contracts: {}", reasons.join("; "))]
    NoContract {
        /// What is missing for each of them.
        reasons: Vec<String>,
    },
    /// A prebuilt file cannot be read, or is not the one that it was.
    #[error("{}: {reason}", path.display())]
    Prebuilt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
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
        match &self.inner.code {
            Code::Core(core) => core.entry.contract(),
            Code::Component(_) => Contract::Component,
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

impl Entry {
    pub(crate) fn contract(&self) -> Contract {
        match self {
            Entry::Reactor(_) => Contract::Reactor,
            Entry::Command(_) => Contract::Command,
            Entry::Script => Contract::Script,
        }
    }
}

impl Core {
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
            let linkers = &engine.linkers;
            let linker = match self.entry {
                Entry::Reactor(_) | Entry::Command(_) => linkers.in_virtual_time(&engine.wasm)?,
                Entry::Script => linkers.scripts(&engine.wasm, true)?,
            };
            linker.instantiate_pre(&self.module)
        })
    }
}

pub(crate) fn load(engine: &Engine, name: &str, wasm: &[u8]) -> Result<Guest, LoadError> {
    let kind = module::kind(wasm)?;
    let sha256: [u8; 32] = Sha256::digest(wasm).into();
    from_source(engine, name, (kind, false), sha256, || {
        Ok(Cow::Borrowed(wasm))
    })
}

pub(crate) fn load_prebuilt(
    engine: &Engine,
    name: &str,
    prebuilt: &Prebuilt,
) -> Result<Guest, LoadError> {
    let kind = match prebuilt.contract {
        Contract::Reactor | Contract::Command | Contract::Script => Kind::Module,
        Contract::Component => Kind::Component,
    };
    let is_script = prebuilt.contract == Contract::Script;
    let guest = from_source(engine, name, (kind, is_script), prebuilt.sha256, || {
        let wasm = std::fs::read(&prebuilt.path)?;
        let found: [u8; 32] = Sha256::digest(&wasm).into();
        if found == prebuilt.sha256 {
            return Ok(Cow::Owned(wasm));
        }
        Err(wasmtime::Error::msg(
            "it is not what it was: its SHA-256 is another",
        ))
    });
    let guest = guest.map_err(|error| prebuilt_error(prebuilt, error))?;
    if guest.contract() == prebuilt.contract {
        return Ok(guest);
    }
    let reason = format!("it is a {}, not a {}", guest.contract(), prebuilt.contract);
    Err(LoadError::Prebuilt {
        path: prebuilt.path.clone(),
        reason,
    })
}

fn prebuilt_error(prebuilt: &Prebuilt, error: LoadError) -> LoadError {
    let LoadError::Invalid(reason) = error else {
        return error;
    };
    LoadError::Prebuilt {
        path: prebuilt.path.clone(),
        reason,
    }
}

fn from_source<'w>(
    engine: &Engine,
    name: &str,
    (kind, is_script): (Kind, bool),
    sha256: [u8; 32],
    wasm: impl FnOnce() -> wasmtime::Result<Cow<'w, [u8]>>,
) -> Result<Guest, LoadError> {
    let cache = &engine.cache;
    let (code, opens_files, cache_use) = match kind {
        Kind::Module => {
            let compiled = cache.compiled::<Module>(&engine.wasm, &sha256, wasm);
            let (module, cache_use) = compiled.map_err(invalid)?;
            let imports_open = module.imports().any(|import| import.name() == "path_open");
            let core = core(engine, module, is_script)?;
            let opens_files = imports_open || matches!(core.entry, Entry::Script);
            (Code::Core(core), opens_files, cache_use)
        }
        Kind::Component => {
            let compiled = cache.compiled(&engine.wasm, &sha256, wasm);
            let (component, cache_use) = compiled.map_err(invalid)?;
            let function = component::link(engine, component)?;
            let opens_files = function.opens_files(&engine.wasm);
            (Code::Component(function), opens_files, cache_use)
        }
    };
    let inner = Inner {
        name: name.to_owned(),
        code,
        opens_files,
        sha256,
        cache_use,
    };
    Ok(Guest {
        inner: Arc::new(inner),
    })
}

/// `is_script`: the owner of the file says that it is a script engine; nothing else is taken for one.
fn core(engine: &Engine, module: Module, is_script: bool) -> Result<Core, LoadError> {
    let entry = match is_script {
        true if script::is_engine(&module) => Ok(Entry::Script),
        true => Err(vec![
            "a script engine needs the functions of quickjs-wasi".to_owned(),
        ]),
        false => entry(&module),
    };
    let entry = entry.map_err(|reasons| LoadError::NoContract { reasons })?;
    let linker = match entry {
        Entry::Reactor(_) | Entry::Command(_) => engine.linkers.real(&engine.wasm),
        Entry::Script => engine.linkers.scripts(&engine.wasm, false),
    };
    let linker = linker.map_err(invalid)?;
    let real = match linker.instantiate_pre(&module) {
        Ok(real) => real,
        Err(error) => return Err(unlinkable(engine, &module, &error)),
    };
    Ok(Core {
        module,
        entry,
        real,
        in_virtual_time: OnceLock::new(),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
pub(crate) fn invalid(error: wasmtime::Error) -> LoadError {
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
