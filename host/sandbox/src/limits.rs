//! What one function may use, and the meter that holds a live instance to its memory.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::config::Config;

/// The limits of one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time until the guest is killed. Wall time under [`crate::Time::Real`], virtual time under
    /// [`crate::Time::Virtual`]. 3 s by default, as AWS Lambda has it.
    pub timeout: Duration,
    /// Linear memory in bytes. 128 MiB by default, as AWS Lambda has it.
    pub memory: u64,
    /// WebAssembly instructions, roughly. `None`, the default: bounded by the timeout alone.
    pub fuel: Option<u64>,
    /// Fuel that counts as one second of virtual time. 1,000,000,000 by default. Not used under
    /// [`crate::Time::Real`].
    pub fuel_per_second: u64,
    /// Bytes of result. 6 MiB by default, as AWS Lambda has it.
    pub output: usize,
    /// Bytes of log that are kept. What comes after is counted and dropped. 1 MiB by default.
    pub log: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            timeout: Duration::from_secs(3),
            memory: 128 << 20,
            fuel: None,
            fuel_per_second: 1_000_000_000,
            output: 6 << 20,
            log: 1 << 20,
        }
    }
}

/// Limits that this sandbox can never grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// More memory than one guest may have here.
    #[error("a memory limit of {asked} bytes is above this host's ceiling of {most} bytes a guest")]
    Memory {
        /// Bytes asked for.
        asked: u64,
        /// The ceiling in bytes.
        most: u64,
    },
    /// A result longer than the contract can express.
    #[error("an output limit of {asked} bytes is above the most a guest can return, {most} bytes")]
    Output {
        /// Bytes asked for.
        asked: usize,
        /// The ceiling in bytes.
        most: usize,
    },
    /// No virtual time would ever pass.
    #[error("fuel_per_second must not be 0")]
    FuelPerSecond,
}

/// Bit 31 of the reactor's result tells errors from results, so lengths have 31 bits.
const MOST_OUTPUT: usize = i32::MAX as usize;

impl Limits {
    pub(crate) fn check(&self, config: &Config) -> Result<(), LimitsError> {
        let most = config.max_memory_per_guest.min(config.max_memory);
        if self.memory > most {
            return Err(LimitsError::Memory {
                asked: self.memory,
                most,
            });
        }
        if self.output > MOST_OUTPUT {
            return Err(LimitsError::Output {
                asked: self.output,
                most: MOST_OUTPUT,
            });
        }
        if self.fuel_per_second == 0 {
            return Err(LimitsError::FuelPerSecond);
        }
        Ok(())
    }
}

/// Refuses growth over the limit and remembers the highest size.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit: u64,
    pub(crate) peak: u64,
}

/// The guest asked for more memory than its limit.
#[derive(Debug, thiserror::Error)]
#[error("the guest asked for {asked} bytes of memory; its limit is {limit}")]
pub(crate) struct MemoryExceeded {
    asked: u64,
    limit: u64,
}

impl MemoryMeter {
    pub(crate) fn new(limit: u64) -> MemoryMeter {
        MemoryMeter { limit, peak: 0 }
    }
}

impl ResourceLimiter for MemoryMeter {
    /// An error ends the guest on the spot: a refused growth would surface as whatever its
    /// allocator makes of it, mostly a trap that nobody can tell from a panic.
    fn memory_growing(
        &mut self,
        _now: usize,
        desired: usize,
        _most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let desired = desired as u64;
        if desired > self.limit {
            return Err(MemoryExceeded {
                asked: desired,
                limit: self.limit,
            }
            .into());
        }
        self.peak = self.peak.max(desired);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _now: usize,
        _desired: usize,
        _most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true) // The pool's own bound on table elements is the limit.
    }
}
