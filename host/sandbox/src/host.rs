//! What the host keeps for one live guest, and the WASI functions it offers to all.

use std::sync::OnceLock;

use wasmtime::component::Linker as ComponentLinker;
use wasmtime::{Caller, Linker, Module};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{I32Exit, WasiCtxBuilder, WasiCtxView, WasiView, p2};

use crate::admission::Permit;
use crate::clock::Clock;
use crate::component_files::{self, Numbers};
use crate::guest::Contract;
use crate::invocation::Invocation;
use crate::limits::MemoryMeter;
use crate::log::{Channel, Log};
use crate::outcome::HostFault;
use crate::random::Seeded;
use crate::scratch::{self, Scratch};
use crate::script;
use crate::virtual_components::{self, Timers};
use crate::virtual_wasi;

/// The module name of all that guests may import.
pub(crate) const WASI: &str = "wasi_snapshot_preview1";

/// The state of one store.
pub(crate) struct Host {
    /// Made when the guest first calls WASI: a pure reactor never pays for it.
    wasi: Option<WasiP1Ctx>,
    pub(crate) invocation: Invocation,
    pub(crate) clock: Clock,
    pub(crate) meter: MemoryMeter,
    pub(crate) log: Log,
    /// A command's result; a reactor has none.
    pub(crate) stdout: Option<MemoryOutputPipe>,
    /// After `wasi`: the guest's files are closed before their folder is removed.
    pub(crate) scratch: Option<Scratch>,
    pub(crate) permit: Permit,
    /// What a component under the virtual clock may wait for.
    pub(crate) timers: Timers,
    /// What it calls the files that it has looked at.
    pub(crate) numbers: Numbers,
    /// What a script needs besides.
    pub(crate) script: script::State,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi().ctx()
    }
}

impl Host {
    pub(crate) fn new(
        (contract, opens_files): (Contract, bool),
        invocation: Invocation,
        permit: Permit,
    ) -> Result<Host, HostFault> {
        let limits = &invocation.limits;
        let stdout = match contract {
            Contract::Reactor | Contract::Component | Contract::Script => None,
            // One byte more than may be returned tells a full result from one that is too long.
            Contract::Command => Some(MemoryOutputPipe::new(limits.output.saturating_add(1))),
        };
        let mut host = Host {
            wasi: None,
            clock: Clock::new(&invocation.time, limits),
            meter: MemoryMeter::new(limits.memory),
            log: Log::new(limits.log, invocation.log.clone()),
            stdout,
            scratch: None,
            permit,
            timers: Timers::default(),
            numbers: Numbers::default(),
            script: script::State::default(),
            invocation,
        };
        if opens_files && let Some(most) = host.invocation.scratch {
            host.make_scratch(most)?;
        }
        host.open_mounts()?;
        Ok(host)
    }

    fn make_scratch(&mut self, most: u64) -> Result<(), HostFault> {
        let fault = |reason: String| HostFault::Mount {
            target: scratch::TARGET.to_owned(),
            reason,
        };
        let made = Scratch::new(most).map_err(|error| fault(error.to_string()))?;
        let mount = made.mount().map_err(|error| fault(error.to_string()))?;
        self.invocation.mounts.push(mount);
        self.scratch = Some(made);
        Ok(())
    }

    /// Opening folders can fail, which a call from inside the guest could not report.
    fn open_mounts(&mut self) -> Result<(), HostFault> {
        if self.invocation.mounts.is_empty() {
            return Ok(());
        }
        let mut builder = self.builder();
        for mount in &self.invocation.mounts {
            mount
                .open_in(&mut builder)
                .map_err(|error| HostFault::Mount {
                    target: mount.target().to_owned(),
                    reason: error.to_string(),
                })?;
        }
        self.wasi = Some(bounded(builder));
        Ok(())
    }

    fn wasi(&mut self) -> &mut WasiP1Ctx {
        if self.wasi.is_none() {
            self.wasi = Some(bounded(self.builder()));
        }
        self.wasi.as_mut().expect("it was made in the line above")
    }

    /// All that a guest has, mounts apart. wasmtime-wasi starts from nothing at all.
    fn builder(&self) -> WasiCtxBuilder {
        let mut builder = WasiCtxBuilder::new();
        builder
            .envs(&self.invocation.environment)
            .args(&self.invocation.arguments)
            .allow_tcp(false)
            .allow_udp(false)
            .stderr(self.log.stream(Channel::Stderr));
        match &self.stdout {
            None => builder.stdout(self.log.stream(Channel::Stdout)),
            Some(pipe) => builder
                .stdin(MemoryInputPipe::new(self.invocation.event.clone()))
                .stdout(pipe.clone()),
        };
        if let Some(seed) = self.invocation.seed {
            seed_randomness(&mut builder, seed);
        }
        builder
    }
}

/// Files, folders, timers and the like that a guest may have open at once: as many files as Lambda allows. One that wants
/// more traps, since all of them are the host's.
const MOST_OPEN: usize = 1024;

fn bounded(mut builder: WasiCtxBuilder) -> WasiP1Ctx {
    let mut wasi = builder.build_p1();
    wasi.ctx().table.set_max_capacity(MOST_OPEN);
    wasi
}

fn seed_randomness(builder: &mut WasiCtxBuilder, seed: [u8; 32]) {
    builder
        .secure_random(Seeded::new(seed, "secure"))
        .insecure_random(Seeded::new(seed, "insecure"))
        .insecure_random_seed(Seeded::new(seed, "insecure-seed").next_u128());
}

/// The functions offered to guests, one set for each clock. Made when first needed.
#[derive(Default)]
pub(crate) struct Linkers {
    real: OnceLock<Linker<Host>>,
    in_virtual_time: OnceLock<Linker<Host>>,
    scripts: OnceLock<Linker<Host>>,
    scripts_in_virtual_time: OnceLock<Linker<Host>>,
    bridge: OnceLock<Module>,
    components: OnceLock<ComponentLinker<Host>>,
    components_in_virtual_time: OnceLock<ComponentLinker<Host>>,
}

impl Linkers {
    /// What components may import.
    pub(crate) fn components(
        &self,
        engine: &wasmtime::Engine,
        in_virtual_time: bool,
    ) -> wasmtime::Result<&ComponentLinker<Host>> {
        if !in_virtual_time {
            return get_or_make(&self.components, || component_linker(engine));
        }
        get_or_make(&self.components_in_virtual_time, || {
            let mut linker = component_linker(engine)?;
            virtual_components::shadow(&mut linker)?;
            component_files::shadow(&mut linker)?;
            Ok(linker)
        })
    }

    /// What scripts may import: the functions of all, and those of their own.
    pub(crate) fn scripts(
        &self,
        engine: &wasmtime::Engine,
        in_virtual_time: bool,
    ) -> wasmtime::Result<&Linker<Host>> {
        let (cell, base) = match in_virtual_time {
            false => (&self.scripts, self.real(engine)?),
            true => (&self.scripts_in_virtual_time, self.in_virtual_time(engine)?),
        };
        get_or_make(cell, || {
            let mut linker = base.clone();
            script::add_to_linker(&mut linker)?;
            Ok(linker)
        })
    }

    /// What scripts call WASI through.
    pub(crate) fn bridge(&self, engine: &wasmtime::Engine) -> wasmtime::Result<&Module> {
        get_or_make(&self.bridge, || script::bridge(engine))
    }

    pub(crate) fn real(&self, engine: &wasmtime::Engine) -> wasmtime::Result<&Linker<Host>> {
        get_or_make(&self.real, || wasi_linker(engine))
    }

    pub(crate) fn in_virtual_time(
        &self,
        engine: &wasmtime::Engine,
    ) -> wasmtime::Result<&Linker<Host>> {
        get_or_make(&self.in_virtual_time, || {
            let mut linker = wasi_linker(engine)?;
            virtual_wasi::shadow(&mut linker)?;
            Ok(linker)
        })
    }
}

/// `OnceLock::get_or_try_init`, which is not stable. Two threads may both make one; one is kept.
pub(crate) fn get_or_make<T>(
    cell: &OnceLock<T>,
    make: impl FnOnce() -> wasmtime::Result<T>,
) -> wasmtime::Result<&T> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}

fn component_linker(engine: &wasmtime::Engine) -> wasmtime::Result<ComponentLinker<Host>> {
    let mut linker = ComponentLinker::new(engine);
    p2::add_to_linker_async(&mut linker)?;
    linker.allow_shadowing(true);
    component_files::shadow_listing(&mut linker)?;
    Ok(linker)
}

fn wasi_linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, Host::wasi)?;
    linker.allow_shadowing(true);
    // wasmtime-wasi turns codes from 126 up into an unnamed error; a C program's abort uses them.
    linker.func_wrap(
        WASI,
        "proc_exit",
        |_: Caller<'_, Host>, code: i32| -> wasmtime::Result<()> { Err(I32Exit(code).into()) },
    )?;
    Ok(linker)
}
