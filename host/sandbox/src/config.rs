//! What a sandbox may use of its machine, checked before anything is reserved.

use std::path::PathBuf;
use std::time::Duration;

/// Mappings that one live pooled instance takes, measured: memory, guards, stack, tables.
const MAPPINGS_A_GUEST: u64 = 6;

/// Mappings left to the rest of the process, the stacks of nested calls of scripts among them.
const MAPPINGS_RESERVED: u64 = 8192;

/// The most a 32-bit WebAssembly memory can hold, in bytes.
pub(crate) const WASM32_MEMORY: u64 = 4 << 30;

/// Host-wide caps and places; what one function may use is in [`crate::Limits`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder for compiled code, made with mode 0700. `None`: compile in memory each time.
    pub cache_dir: Option<PathBuf>,
    /// Guests that may be live at once, host-wide. Each takes about six mappings of the process;
    /// the number is checked against `vm.max_map_count`. 1,000 by default.
    pub max_guests: u32,
    /// Sum, in bytes, of the memory limits of the guests that may be live at once. Half of the
    /// machine's memory by default, at least 1 GiB. A guest asleep under the virtual clock gives
    /// its share back until it wakes.
    pub max_memory: u64,
    /// The highest memory limit, in bytes, that one guest may be given. 4 GiB by default, which is
    /// also the most that 32-bit WebAssembly can address.
    pub max_memory_per_guest: u64,
    /// Under the virtual clock: the wall time a guest may spend awake before the host gives up on
    /// it with [`crate::HostFault::WallLimit`]. 60 s by default.
    pub wall_limit: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            cache_dir: None,
            max_guests: 1000,
            max_memory: default_max_memory(),
            max_memory_per_guest: WASM32_MEMORY,
            wall_limit: Duration::from_secs(60),
        }
    }
}

/// Why a sandbox could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// More live guests than the kernel lets one process map.
    #[error(
        "{asked} live guests need about {needed} memory mappings, but vm.max_map_count is {map_count}; \
         at most {possible} guests fit (raise it with: sysctl vm.max_map_count={needed})"
    )]
    TooManyGuests {
        /// Guests asked for.
        asked: u32,
        /// Guests that fit.
        possible: u64,
        /// Mappings that the asked number needs, with some left for the host.
        needed: u64,
        /// The kernel's present setting.
        map_count: u64,
    },
    /// A cap of zero, or one that cannot be addressed.
    #[error("{what} must be between {least} and {most}, not {asked}")]
    OutOfRange {
        /// The field's name.
        what: &'static str,
        /// Its value.
        asked: u64,
        /// The least that is accepted.
        least: u64,
        /// The most that is accepted.
        most: u64,
    },
    /// The engine did not accept its configuration, or could not reserve its pool.
    #[error("the WebAssembly engine could not start: {0}")]
    Engine(String),
}

impl Config {
    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        in_range("max_guests", u64::from(self.max_guests), 1, 30_000)?;
        in_range(
            "max_memory_per_guest",
            self.max_memory_per_guest,
            64 << 10,
            WASM32_MEMORY,
        )?;
        in_range("max_memory", self.max_memory, 64 << 10, 1 << 46)?;
        match map_count() {
            Some(map_count) => self.check_mappings(map_count),
            None => Ok(()),
        }
    }

    fn check_mappings(&self, map_count: u64) -> Result<(), SandboxError> {
        let needed = u64::from(self.max_guests) * MAPPINGS_A_GUEST + MAPPINGS_RESERVED;
        if needed <= map_count {
            return Ok(());
        }
        let possible = map_count.saturating_sub(MAPPINGS_RESERVED) / MAPPINGS_A_GUEST;
        Err(SandboxError::TooManyGuests {
            asked: self.max_guests,
            possible,
            needed,
            map_count,
        })
    }
}

fn in_range(what: &'static str, asked: u64, least: u64, most: u64) -> Result<(), SandboxError> {
    if (least..=most).contains(&asked) {
        return Ok(());
    }
    Err(SandboxError::OutOfRange {
        what,
        asked,
        least,
        most,
    })
}

/// The kernel's limit on mappings of one process; `None` where there is no such limit to read.
fn map_count() -> Option<u64> {
    std::fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn default_max_memory() -> u64 {
    const LEAST: u64 = 1 << 30;
    const UNKNOWN: u64 = 4 << 30;
    total_memory().map_or(UNKNOWN, |total| (total / 2).max(LEAST))
}

/// The machine's memory in bytes, from `MemTotal: N kB`.
fn total_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_guests_than_mappings_are_refused_with_the_number_that_fits() {
        let config = Config {
            max_guests: 20_000,
            ..Config::default()
        };
        let error = config.check_mappings(65_530).unwrap_err().to_string();
        assert!(error.contains("at most 9556 guests fit"), "{error}");
        assert!(Config::default().check_mappings(65_530).is_ok());
    }
}
