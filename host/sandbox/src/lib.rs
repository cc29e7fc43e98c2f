//! Runs WebAssembly guests under limits, one fresh instance an invocation.
//!
//! A [`Sandbox`] owns the engine, the pool of instances and the cache of compiled code.
//! [`Sandbox::load`] turns the bytes of a module into a [`Guest`]; [`Sandbox::invoke`] gives it an
//! event and returns an [`Outcome`] that tells every way to end apart. Nothing is shared between
//! two invocations: each gets new memory, its own environment, and only the folders that its
//! [`Invocation`] mounts.
//!
//! What this room must never know: states, workflows, or the names that Lambda gives to errors. Its
//! words are guest, invocation, limit, end.
//!
//! ```
//! use sandbox::{Config, End, Invocation, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let module = wat::parse_str(
//!     r#"(module
//!         (memory (export "memory") 1)
//!         (func (export "alloc") (param i32) (result i32) i32.const 1024)
//!         (func (export "handle") (param $event i32) (param $len i32) (param i32 i32) (result i64)
//!             ;; The event itself is the answer: pointer in the high half, length in the low one.
//!             (i64.or (i64.shl (i64.extend_i32_u (local.get $event)) (i64.const 32))
//!                     (i64.extend_i32_u (local.get $len)))))"#,
//! )?;
//! let sandbox = Sandbox::new(Config::default())?;
//! let guest = sandbox.load("echo", &module)?;
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! let outcome = runtime.block_on(sandbox.invoke(&guest, Invocation::new(r#"{"a":1}"#, "")))?;
//! assert_eq!(outcome.end, End::Returned(br#"{"a":1}"#.to_vec()));
//! # Ok(())
//! # }
//! ```

mod admission;
mod cache;
mod call;
mod clock;
mod component;
mod component_files;
mod config;
mod ends;
mod engine;
mod guest;
mod host;
mod inspect;
mod invocation;
mod invoke;
mod limits;
mod log;
mod module;
mod mount;
mod outcome;
mod race;
mod random;
mod scratch;
mod script;
mod ticker;
mod virtual_components;
mod virtual_wasi;

use std::sync::Arc;

pub use admission::Permit;
pub use cache::CacheUse;
pub use component::WORLD;
pub use config::{Config, SandboxError};
pub use guest::{Contract, Guest, LoadError, Prebuilt};
pub use inspect::{ModuleReport, Reach};
pub use invocation::{Disruption, Invocation, LogLine, Sleeper, Time};
pub use limits::{Limits, LimitsError};
pub use mount::{Access, Mount, MountError, ReadError, Root};
pub use outcome::{End, HostFault, Outcome};
pub use script::SnapshotError;

/// The engine, its pool of instances and its cache of compiled code. Cheap to clone: clones share
/// all of it.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<engine::Engine>,
}

impl Sandbox {
    /// Reserves the pool of instances and readies the cache folder.
    ///
    /// # Errors
    /// [`SandboxError`] when the configuration asks for more than this machine can map, or the
    /// engine refuses it. A cache folder that cannot be used is no error: see
    /// [`Sandbox::cache_warning`].
    pub fn new(config: Config) -> Result<Sandbox, SandboxError> {
        Ok(Sandbox {
            inner: Arc::new(engine::Engine::new(config)?),
        })
    }

    /// Compiles a module or component, or takes it from the cache, and links it. `name` only labels errors.
    ///
    /// # Errors
    /// [`LoadError`] for anything that is not WebAssembly with one of the contracts and known imports.
    pub fn load(&self, name: &str, wasm: &[u8]) -> Result<Guest, LoadError> {
        guest::load(&self.inner, name, wasm)
    }

    /// As [`Sandbox::load`], for a file that is only read when its compiled form is not in the cache.
    ///
    /// # Errors
    /// As [`Sandbox::load`], and [`LoadError::Prebuilt`] when the file is not what it was.
    pub fn load_prebuilt(&self, name: &str, prebuilt: &Prebuilt) -> Result<Guest, LoadError> {
        guest::load_prebuilt(&self.inner, name, prebuilt)
    }

    /// Makes a guest of the contract [`Contract::Script`]: starts the JavaScript engine `engine` (the `quickjs.wasm`
    /// of the npm package `quickjs-wasi`), lets it evaluate the file `entry`, and returns a module that starts from
    /// there. `files` are what the library can read while it loads, each a path and its text; none of it can be read
    /// afterwards, so all that handlers may want is to be in memory then.
    ///
    /// # Errors
    /// [`SnapshotError`] when the engine is another, or the library throws.
    pub async fn snapshot_script(
        &self,
        engine: &[u8],
        files: &[(String, Vec<u8>)],
        entry: &str,
    ) -> Result<Vec<u8>, SnapshotError> {
        script::snapshot(engine, files, entry).await
    }

    /// Says what a module offers and what it could touch, whether or not it could be loaded as a
    /// guest.
    ///
    /// # Errors
    /// [`LoadError`] when the bytes are not a module that compiles.
    pub fn inspect(&self, wasm: &[u8]) -> Result<ModuleReport, LoadError> {
        inspect::inspect(&self.inner, wasm)
    }

    /// Waits for room under the host-wide caps, then runs one fresh instance to its end.
    ///
    /// Must be awaited inside a tokio runtime with timers. Dropping the future kills the guest.
    ///
    /// # Errors
    /// [`HostFault`]: only what is the host's own failure. What a guest does to itself is an
    /// [`End`].
    pub async fn invoke(
        &self,
        guest: &Guest,
        invocation: Invocation,
    ) -> Result<Outcome, HostFault> {
        let limits = &invocation.limits;
        limits.check(&self.inner.config)?;
        let permit = match invocation.time {
            Time::Real => self.inner.admission.admit(limits.memory).await?,
            Time::Virtual { .. } => self.inner.admission.admit_awake(limits.memory).await?,
        };
        invoke::invoke(&self.inner, permit, guest, invocation).await
    }

    /// Waits for room under the host-wide caps and keeps it. For callers that must know when a
    /// guest really starts, such as a virtual clock that moves on while this waits.
    ///
    /// # Errors
    /// [`HostFault::Limits`] when the limits could never be met here.
    pub async fn admit(&self, limits: &Limits) -> Result<Permit, HostFault> {
        limits.check(&self.inner.config)?;
        self.inner.admission.admit(limits.memory).await
    }

    /// As [`Sandbox::invoke`], in a place that [`Sandbox::admit`] gave for the same limits.
    ///
    /// # Errors
    /// As [`Sandbox::invoke`].
    pub async fn invoke_admitted(
        &self,
        permit: Permit,
        guest: &Guest,
        invocation: Invocation,
    ) -> Result<Outcome, HostFault> {
        invocation.limits.check(&self.inner.config)?;
        invoke::invoke(&self.inner, permit, guest, invocation).await
    }

    /// Why compiled code is not kept on disk, if it should be and is not: one sentence for the
    /// user.
    #[must_use]
    pub fn cache_warning(&self) -> Option<&str> {
        self.inner.cache.warning()
    }
}
