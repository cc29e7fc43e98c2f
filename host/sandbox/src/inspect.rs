//! What a module offers and what it could touch, told from its imports and exports.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use wasmtime::Module;
use wasmtime::component::Component;

use crate::cache;
use crate::component;
use crate::engine::Engine;
use crate::guest::{self, Contract, LoadError};
use crate::module::{self, Kind};

/// A module seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleReport {
    /// Which contract it keeps, or what is missing for it.
    pub contract: Result<Contract, Vec<String>>,
    /// Each import as `module.name`, or by its interface, in the module's order.
    pub imports: Vec<String>,
    /// Those of them that the host does not offer.
    pub unknown_imports: Vec<String>,
    /// The names of its exports, in the module's order.
    pub exports: Vec<String>,
    /// What its imports would let it touch, if an invocation grants it.
    pub reach: Reach,
    /// Memory at its start, in bytes.
    pub memory_min: u64,
    /// The most memory it declares, in bytes; `None`: as much as its limit allows.
    pub memory_max: Option<u64>,
    /// SHA-256 of the module in lower-case hexadecimal.
    pub sha256: String,
    /// Whether it carries function names, so that backtraces show them.
    pub has_names: bool,
}

/// What a module's imports could reach. An invocation still grants nothing of it by itself, except
/// clocks and randomness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Opens, lists, changes or removes files: needs a mount.
    pub files: bool,
    /// Reads the time or sleeps.
    pub clocks: bool,
    /// Draws random numbers.
    pub random: bool,
    /// Uses sockets, which are always refused.
    pub network: bool,
    /// Reads environment variables or arguments.
    pub environment: bool,
}

pub(crate) fn inspect(engine: &Engine, wasm: &[u8]) -> Result<ModuleReport, LoadError> {
    let kind = module::kind(wasm)?;
    let sha256: [u8; 32] = Sha256::digest(wasm).into();
    let source = || Ok(Cow::Borrowed(wasm));
    let cache = &engine.cache;
    let report = match kind {
        Kind::Module => {
            let compiled = cache.compiled::<Module>(&engine.wasm, &sha256, source);
            of_module(engine, &compiled.map_err(guest::invalid)?.0)
        }
        Kind::Component => {
            let compiled = cache.compiled::<Component>(&engine.wasm, &sha256, source);
            of_component(engine, &compiled.map_err(guest::invalid)?.0)
        }
    };
    Ok(ModuleReport {
        sha256: cache::hex(&sha256),
        has_names: module::has_names(wasm),
        ..report
    })
}

fn of_module(engine: &Engine, module: &Module) -> ModuleReport {
    let memory = module
        .exports()
        .find_map(|export| export.ty().memory().cloned());
    ModuleReport {
        contract: guest::entry(module).map(|entry| entry.contract()),
        reach: module
            .imports()
            .fold(Reach::default(), |reach, import| reach.with(import.name())),
        imports: module
            .imports()
            .map(|import| format!("{}.{}", import.module(), import.name()))
            .collect(),
        unknown_imports: guest::unknown_imports(engine, module),
        exports: module
            .exports()
            .map(|export| export.name().to_owned())
            .collect(),
        memory_min: memory.as_ref().map_or(0, |memory| bytes(memory.minimum())),
        memory_max: memory
            .as_ref()
            .and_then(|memory| memory.maximum())
            .map(bytes),
        sha256: String::new(),
        has_names: false,
    }
}

/// The size of so many pages.
fn bytes(pages: u64) -> u64 {
    pages.saturating_mul(64 << 10)
}

/// A component's memories are its own business: what they begin with is known, not what they may come to.
fn of_component(engine: &Engine, found: &Component) -> ModuleReport {
    let imports = component::imports(engine, found);
    let exports = found.component_type();
    let exports = exports.exports(&engine.wasm);
    let needs = found.resources_required();
    ModuleReport {
        contract: component::export(found)
            .map(|_| Contract::Component)
            .map_err(|reason| vec![reason]),
        reach: imports
            .iter()
            .fold(Reach::default(), |reach, name| reach.with_interface(name)),
        unknown_imports: component::unknown_imports(engine, found),
        imports,
        exports: exports.map(|(name, _)| name.to_owned()).collect(),
        memory_min: needs
            .and_then(|needs| needs.max_initial_memory_size)
            .map_or(0, bytes),
        memory_max: None,
        sha256: String::new(),
        has_names: false,
    }
}

impl Reach {
    /// Adds what one WASI function can reach. Functions on descriptors already open reach nothing
    /// new: without `path_open` and a mount there are only stdin, stdout and stderr.
    fn with(mut self, function: &str) -> Reach {
        match function {
            "clock_time_get" | "clock_res_get" | "poll_oneoff" => self.clocks = true,
            "random_get" => self.random = true,
            "environ_get" | "environ_sizes_get" | "args_get" | "args_sizes_get" => {
                self.environment = true;
            }
            name if name.starts_with("path_") || name == "fd_readdir" => self.files = true,
            name if name.starts_with("sock_") => self.network = true,
            _ => {}
        }
        self
    }

    /// Adds what one interface of WASI 0.2 can reach.
    fn with_interface(mut self, name: &str) -> Reach {
        let (package, _) = name.split_once('/').unwrap_or((name, ""));
        match package {
            "wasi:clocks" => self.clocks = true,
            "wasi:random" => self.random = true,
            "wasi:filesystem" => self.files = true,
            "wasi:sockets" => self.network = true,
            "wasi:cli" if name.contains("/environment") => self.environment = true,
            _ => {}
        }
        self
    }
}
