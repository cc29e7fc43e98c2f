//! One wasmtime engine, set up as measured to be fastest for a fresh instance an invocation, and
//! so that the same invocation gives the same bytes on every machine.

use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::admission::Admission;
use crate::cache::Cache;
use crate::config::{Config, SandboxError, WASM32_MEMORY};
use crate::host::Linkers;
use crate::script;
use crate::ticker::Ticker;

/// Memory that stays mapped in a pool slot between two guests: clearing it is cheaper than faulting
/// it in again.
const KEEP_RESIDENT: usize = 2 << 20;

/// Elements of one table; a Rust guest has a few hundred, large C programs some thousands.
const TABLE_ELEMENTS: usize = 100_000;

/// The stack of a guest. Python finds out by itself that a recursion is too deep, at 4 MiB; a guest of its own code that
/// goes deeper ends as a stack overflow. Only what is touched takes memory.
const STACK: usize = 6 << 20;

/// What the host's functions may need on top of it.
const HOST_STACK: usize = 2 << 20;

/// Core instances of one component: the language runtimes are linked from some ten libraries.
const CORES: u32 = 64;

/// Tables of one component.
const TABLES: u32 = 2;

/// Scripts that may be in a call of the host's, which calls the script, at once: that takes more stacks than one.
const NESTS: u32 = 128;

/// Frames kept of a backtrace. Deep enough to tell recursion from an ordinary call chain.
pub(crate) const BACKTRACE_FRAMES: usize = 64;

/// What all guests of a sandbox share.
pub(crate) struct Engine {
    pub(crate) wasm: wasmtime::Engine,
    pub(crate) config: Config,
    pub(crate) admission: Admission,
    pub(crate) cache: Cache,
    pub(crate) linkers: Linkers,
    pub(crate) ticker: Ticker,
    /// Room for guests that start and host a language.
    pub(crate) starts: Arc<Semaphore>,
    /// Room for scripts that are in a call of the host's.
    pub(crate) nests: Arc<Semaphore>,
}

impl Engine {
    pub(crate) fn new(config: Config) -> Result<Engine, SandboxError> {
        config.check()?;
        let wasm = wasmtime::Engine::new(&wasm_config(&config)).map_err(engine_error)?;
        let ticker = Ticker::start(wasm.weak()).map_err(engine_error)?;
        Ok(Engine {
            admission: Admission::new(&config),
            cache: Cache::new(config.cache_dir.as_deref(), fingerprint(&wasm)),
            linkers: Linkers::default(),
            ticker,
            starts: Arc::new(Semaphore::new(2 * parallelism())),
            nests: Arc::new(Semaphore::new(nests(&config) as usize)),
            wasm,
            config,
        })
    }
}

fn wasm_config(config: &Config) -> wasmtime::Config {
    let mut wasm = wasmtime::Config::new();
    wasm.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)))
        .memory_reservation(WASM32_MEMORY)
        .max_wasm_stack(STACK)
        .async_stack_size(STACK + HOST_STACK)
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        // For native debuggers and profilers, which would otherwise be a tenth of what is hashed
        // at every cached load. Windows needs the unwinding to run at all.
        .debug_symbols(false)
        .native_unwind_info(cfg!(windows))
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES));
    wasm
}

/// Threads that may compute at once.
fn parallelism() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn nests(config: &Config) -> u32 {
    config.max_guests.min(NESTS)
}

fn pool(config: &Config) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    let memory = usize::try_from(config.max_memory_per_guest).unwrap_or(usize::MAX);
    pool.total_core_instances(config.max_guests.saturating_mul(CORES))
        .total_memories(config.max_guests)
        .total_tables(config.max_guests.saturating_mul(TABLES))
        .total_stacks(config.max_guests + nests(config) * script::STACKS)
        .total_component_instances(config.max_guests)
        .max_core_instances_per_component(CORES)
        .max_memories_per_component(1)
        .max_tables_per_component(TABLES)
        .max_memory_size(memory)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Names everything that compiled code depends on besides the module: engine version, target,
/// settings.
fn fingerprint(wasm: &wasmtime::Engine) -> [u8; 32] {
    let mut hasher = Sha256Hasher(Sha256::new());
    wasm.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// The standard hasher may change with the compiler; this one stays.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0 // Never asked for: the whole digest is taken instead.
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn engine_error(error: impl ToString) -> SandboxError {
    SandboxError::Engine(error.to_string())
}
