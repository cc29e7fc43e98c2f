//! What one evaluation may use, counted rather than timed, so that the same expression ends the same way on
//! every machine.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use jsonata_core::evaluator::{EvaluatorError, EvaluatorOptions};
use jsonata_core::value::JValue;
use sha2::{Digest, Sha256};

use super::convert::Exact;
use super::error::Reason;
use super::function::Host;
use super::message::Thrown;
use super::weight::Weight;

/// What one value may weigh, in bytes. AWS stops near 4 MiB for texts; what leaves a state has 256 KiB at most.
pub(super) const MAX_WEIGHT: usize = 10 << 20;
/// What all values that an evaluation makes may weigh together, in bytes.
pub(super) const MAX_MADE: usize = 24 << 20;
/// What may be held together with what a single call takes for a moment, in bytes.
const MAX_HELD: usize = 40 << 20;
/// The longest text, in bytes: AWS takes 2^22 characters and refuses 2^23 (measured on AWS).
pub(super) const MAX_TEXT: usize = 1 << 22;
/// The longest sequence.
pub(super) const MAX_SEQUENCE: usize = 250_000;
/// The most calls and other counted steps.
const MAX_STEPS: u64 = 500_000;
/// Bytes of a value besides those of its text, key or items.
pub(super) const SLOT: usize = 40;
/// Bytes of an item where it lies in an array.
const COPY: usize = 16;

/// How deep evaluation may nest, in levels of the engine. AWS stops at 100 of its own; a counted place is a level
/// here, so that as many fit.
const MAX_DEPTH: usize = 300;
/// Wall-clock time, in milliseconds: the net behind all that is counted. AWS has a limit of one second.
const TIMEOUT: u64 = 1000;

/// The limits that the engine itself keeps, with so many milliseconds to go.
pub(super) fn limits(left: u64) -> EvaluatorOptions {
    EvaluatorOptions {
        timeout_ms: Some(left),
        max_stack_depth: Some(MAX_DEPTH),
        max_sequence_length: Some(MAX_SEQUENCE),
        cancel: None,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the net behind all that is counted; the time shows in no value"
)]
fn begun() -> Instant {
    Instant::now()
}

/// The counters of one evaluation, and what it was given besides its variables.
pub(super) struct Run {
    pub(super) now: i64,
    pub(super) seed: Cell<u64>,
    pub(super) uuid: u128,
    pub(super) uuids: Cell<u64>,
    /// The higher-order function that was called last.
    pub(super) called: Cell<&'static str>,
    /// The functions that the expression uses.
    pub(super) used: Arc<[(String, Host)]>,
    /// How many functions that call back are being evaluated, one within another.
    pub(super) nested: Cell<usize>,
    pub(super) made: Cell<usize>,
    steps: Cell<u64>,
    pub(super) longest: Cell<usize>,
    pub(super) known: RefCell<HashMap<usize, (JValue, Weight)>>,
    /// The functions that were kept, in the order in which they were made.
    pub(super) closures: RefCell<Vec<JValue>>,
    /// What one function weighs: the engine gives each its own copy of the tree.
    pub(super) closure: usize,
    flows: RefCell<Vec<usize>>,
    /// The function of the expression's own that was called last.
    pub(super) own: RefCell<String>,
    /// The long whole numbers that came in.
    pub(super) exact: RefCell<Exact>,
    failure: RefCell<Option<Reason>>,
    begun: Instant,
}

/// What must be drawn before an evaluation that needs chance or the time.
#[derive(Clone, Copy, Default)]
pub(super) struct Draws {
    pub(super) now: i64,
    pub(super) seed: u64,
    pub(super) uuid: u128,
}

impl Run {
    /// The counters at their start; `length` is that of the expression, in bytes.
    pub(super) fn new(draws: Draws, used: Arc<[(String, Host)]>, length: usize) -> Run {
        Run {
            now: draws.now,
            seed: Cell::new(draws.seed),
            uuid: draws.uuid,
            uuids: Cell::new(0),
            called: Cell::new(""),
            used,
            nested: Cell::new(0),
            made: Cell::new(0),
            steps: Cell::new(0),
            longest: Cell::new(0),
            known: RefCell::default(),
            closures: RefCell::default(),
            closure: 1000 + 16 * length,
            flows: RefCell::default(),
            own: RefCell::default(),
            exact: RefCell::default(),
            failure: RefCell::default(),
            begun: begun(),
        }
    }

    /// How long the evaluation has taken, in milliseconds.
    pub(super) fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How long it may still take, in milliseconds: functions that call back share what there is.
    pub(super) fn left(&self) -> u64 {
        TIMEOUT.saturating_sub(self.elapsed())
    }

    /// Whether so many bytes may be taken for a moment besides what is held.
    pub(super) fn room(&self, bytes: usize) -> Result<(), Thrown> {
        if self.made.get().saturating_add(bytes) > MAX_HELD {
            return Err(Thrown::memory());
        }
        Ok(())
    }

    /// So many items are copied into another array.
    pub(super) fn copy(&self, items: usize) -> Result<(), Thrown> {
        let made = self.made.get() + items * COPY;
        self.made.set(made);
        if made > MAX_MADE {
            return Err(Thrown::memory());
        }
        Ok(())
    }

    /// Keeps what happened, since the engine carries nothing but a text.
    pub(super) fn fail(&self, thrown: Thrown) -> EvaluatorError {
        self.stop(thrown.into_reason())
    }

    pub(super) fn stop(&self, reason: Reason) -> EvaluatorError {
        *self.failure.borrow_mut() = Some(reason);
        EvaluatorError::EvaluationError(String::new())
    }

    pub(super) fn failure(&self) -> Option<Reason> {
        self.failure.borrow_mut().take()
    }

    /// 64 random bits: all follow from the one draw that the evaluation was given (SplitMix64).
    pub(super) fn draw(&self) -> u64 {
        let state = self.seed.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.seed.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 128 random bits: the draw that was given first, then hashes of it.
    pub(super) fn next_uuid(&self) -> u128 {
        let count = self.uuids.get();
        self.uuids.set(count + 1);
        if count == 0 {
            return self.uuid;
        }
        let mut hash = Sha256::new();
        hash.update(self.uuid.to_be_bytes());
        hash.update(count.to_be_bytes());
        let bytes = hash.finalize();
        bytes
            .iter()
            .take(16)
            .fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }

    /// Counts work: a call, or a thousand comparisons.
    pub(super) fn work(&self, steps: u64) -> Result<(), Thrown> {
        let sum = self.steps.get().saturating_add(steps);
        self.steps.set(sum);
        if sum > MAX_STEPS {
            return Err(Thrown::time());
        }
        Ok(())
    }

    /// Whether a text of that many bytes may be made.
    pub(super) fn text(&self, bytes: usize) -> Result<(), Thrown> {
        if bytes > MAX_TEXT {
            return Err(Thrown::memory());
        }
        Ok(())
    }

    /// Whether so many values, of that weight together, may be made.
    pub(super) fn values(&self, count: usize, weight: usize) -> Result<(), Thrown> {
        if count > MAX_SEQUENCE || weight > MAX_WEIGHT || self.made.get() + weight > MAX_MADE {
            return Err(Thrown::memory());
        }
        Ok(())
    }

    /// The longest text that has been weighed, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest.get()
    }

    /// A path begins: what its steps give is counted together.
    pub(super) fn begin(&self) {
        self.flows.borrow_mut().push(0);
    }

    /// One step of the path at hand gave a value, which the engine gathers with the others before it looks.
    pub(super) fn flow(&self, value: &JValue, extra: usize) -> Result<(), Thrown> {
        let weight = self.weigh(value)? + extra;
        let mut flows = self.flows.borrow_mut();
        let Some(sum) = flows.last_mut() else {
            return Ok(());
        };
        *sum += weight;
        if *sum > MAX_WEIGHT {
            return Err(Thrown::memory());
        }
        Ok(())
    }

    pub(super) fn end(&self) {
        self.flows.borrow_mut().pop();
    }
}

/// A function holds what it was made among, which may be another function, and so on without an end. The last one
/// goes first, so that each finds the one it holds still held here, and dropping never nests.
impl Drop for Run {
    fn drop(&mut self) {
        let closures = self.closures.get_mut();
        while closures.pop().is_some() {}
    }
}
