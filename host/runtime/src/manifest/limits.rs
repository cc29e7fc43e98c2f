//! The limits file (`--limits`): ceilings that no manifest can raise.

use std::time::Duration;

use data::{Format, Node, Source, read};
use sandbox::Limits;

use data::Mistake;
use data::Mistakes;
use data::units::{count, duration, size};

/// What no function may exceed, whatever its manifest says; an absent ceiling does not bind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// The longest timeout of a function.
    pub timeout: Option<Duration>,
    /// The most memory of a guest, in bytes.
    pub memory: Option<u64>,
    /// The most fuel of an invocation.
    pub fuel: Option<u64>,
    /// The largest output, in bytes.
    pub output: Option<u64>,
    /// The largest log, in bytes.
    pub log: Option<u64>,
    /// The most invocations of a function side by side.
    pub concurrency: Option<u32>,
    /// The most live guests of the host.
    pub guests: Option<u32>,
    /// The most memory of all live guests together, in bytes.
    pub host_memory: Option<u64>,
}

const FUNCTION: [&str; 6] = ["timeout", "memory", "fuel", "output", "log", "concurrency"];
const HOST: [&str; 2] = ["guests", "memory"];

impl Ceilings {
    /// Reads a limits file.
    pub fn read(source: &Source, format: Format) -> Result<Ceilings, Vec<Mistake>> {
        let root = read(source, format).map_err(|error| {
            let (file, position, message) = (error.name, error.position, error.message);
            vec![Mistake {
                file,
                position,
                message,
            }]
        })?;
        let mut mistakes = Mistakes::new(source);
        let mut ceilings = Ceilings::default();
        if root.get("version").is_none() {
            mistakes.add(root.span, "`version = 1` is missing");
        }
        for (key, node) in mistakes.entries("a limits file", &root) {
            match key.name.as_str() {
                "version" => super::version(node, &mut mistakes),
                "function" => ceilings.function(node, &mut mistakes),
                "host" => ceilings.host(node, &mut mistakes),
                "$schema" => {}
                _ => mistakes.unknown(key, &["version", "function", "host"]),
            }
        }
        if mistakes.found.is_empty() {
            Ok(ceilings)
        } else {
            Err(mistakes.found)
        }
    }

    fn function(&mut self, node: &Node, mistakes: &mut Mistakes<'_>) {
        for (key, node) in mistakes.entries("function", node) {
            match key.name.as_str() {
                "timeout" => self.timeout = mistakes.take(node, duration(node)),
                "memory" => self.memory = mistakes.take(node, size(node)),
                "fuel" => self.fuel = mistakes.take(node, count(node, 1, u64::MAX >> 12)),
                "output" => self.output = mistakes.take(node, size(node)),
                "log" => self.log = mistakes.take(node, size(node)),
                "concurrency" => {
                    let most = mistakes.take(node, count(node, 0, 100_000));
                    self.concurrency = most.map(|n| n as u32);
                }
                _ => mistakes.unknown(key, &FUNCTION),
            }
        }
    }

    fn host(&mut self, node: &Node, mistakes: &mut Mistakes<'_>) {
        for (key, node) in mistakes.entries("host", node) {
            match key.name.as_str() {
                "guests" => {
                    self.guests = mistakes
                        .take(node, count(node, 1, 30_000))
                        .map(|n| n as u32);
                }
                "memory" => self.host_memory = mistakes.take(node, size(node)),
                _ => mistakes.unknown(key, &HOST),
            }
        }
    }

    /// The limits, none above its ceiling.
    pub fn bind(&self, limits: &Limits) -> Limits {
        let mut bound = limits.clone();
        bound.timeout = bound.timeout.min(self.timeout.unwrap_or(Duration::MAX));
        bound.memory = bound.memory.min(self.memory.unwrap_or(u64::MAX));
        bound.fuel = [bound.fuel, self.fuel].into_iter().flatten().min();
        bound.output = bound.output.min(self.output.unwrap_or(u64::MAX) as usize);
        bound.log = bound.log.min(self.log.unwrap_or(u64::MAX) as usize);
        bound
    }

    /// The concurrency, not above its ceiling.
    pub fn bind_concurrency(&self, concurrency: Option<u32>) -> Option<u32> {
        [concurrency, self.concurrency].into_iter().flatten().min()
    }
}
