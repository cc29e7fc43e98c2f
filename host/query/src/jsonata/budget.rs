//! What one evaluation may use, counted rather than timed, so that the same expression ends the same way on
//! every machine.
//!
//! A value weighs roughly the bytes that it holds in memory. Each large value is weighed once, where it first
//! passes a counted place, and remembered; so a value that contains it costs one look-up, and one that repeats
//! it a thousand times weighs a thousand times as much although it takes no room: whoever walks it pays.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use jsonata_core::evaluator::{EvaluatorError, EvaluatorOptions};
use jsonata_core::value::{JValue, with_stack};
use sha2::{Digest, Sha256};

use super::error::Reason;
use super::function::Host;
use super::message::Thrown;

/// What one value may weigh, in bytes. AWS stops near 4 MiB for texts; what leaves a state has 256 KiB at most.
const MAX_WEIGHT: usize = 10 << 20;
/// What all values that an evaluation makes may weigh together, in bytes.
const MAX_MADE: usize = 24 << 20;
/// The longest text, in bytes: AWS takes 2^22 characters and refuses 2^23 (measured on AWS).
pub(super) const MAX_TEXT: usize = 1 << 22;
/// The longest sequence.
pub(super) const MAX_SEQUENCE: usize = 250_000;
/// The most calls and other counted steps.
const MAX_STEPS: u64 = 500_000;
/// Bytes of a value besides those of its text, key or items.
pub(super) const SLOT: usize = 40;
/// Below this a value is weighed anew each time rather than remembered.
const SMALL: usize = 2048;

/// How deep evaluation may nest, in levels of the engine. AWS stops at 100 of its own; a counted place is a level
/// here, so that as many fit.
const MAX_DEPTH: usize = 300;
/// Wall-clock time, in milliseconds: the net behind all that is counted. AWS has a limit of one second.
const TIMEOUT: u64 = 1000;

/// The limits that the engine itself keeps.
pub(super) fn limits() -> EvaluatorOptions {
    EvaluatorOptions {
        timeout_ms: Some(TIMEOUT),
        max_stack_depth: Some(MAX_DEPTH),
        max_sequence_length: Some(MAX_SEQUENCE),
        cancel: None,
    }
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
    made: Cell<usize>,
    steps: Cell<u64>,
    longest: Cell<usize>,
    known: RefCell<HashMap<usize, (JValue, usize)>>,
    /// The functions that were kept, in the order in which they were made.
    closures: RefCell<Vec<JValue>>,
    /// What one function weighs: the engine gives each its own copy of the tree.
    closure: usize,
    flows: RefCell<Vec<usize>>,
    /// The function of the expression's own that was called last.
    pub(super) own: RefCell<String>,
    failure: RefCell<Option<Reason>>,
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
            failure: RefCell::default(),
        }
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

    /// Weighs a value that will be kept.
    ///
    /// A small one counts each time, since nothing tells how many of them are held at once.
    pub(super) fn weigh(&self, value: &JValue) -> Result<usize, Thrown> {
        let (whole, fresh) = self.weighed(value)?;
        if fresh > 2 * SLOT {
            self.made.set(self.made.get() + fresh);
            if self.made.get() > MAX_MADE {
                return Err(Thrown::memory());
            }
        }
        Ok(whole)
    }

    /// The weight, and how much of it has not been counted yet.
    fn weighed(&self, value: &JValue) -> Result<(usize, usize), Thrown> {
        let (place, (whole, fresh)) = match value {
            JValue::String(text) => {
                self.longest.set(self.longest.get().max(text.len()));
                (
                    text.as_ptr() as usize,
                    (SLOT + text.len(), SLOT + text.len()),
                )
            }
            JValue::Array(items) if !items.is_empty() => {
                let place = items.as_ptr() as usize;
                match self.remembered(place) {
                    Some(weight) => return Ok((weight, 0)),
                    None => (
                        place,
                        with_stack(|| self.sum(items.iter().map(|item| (0, item))))?,
                    ),
                }
            }
            JValue::Object(fields) => {
                let place = Rc::as_ptr(fields) as usize;
                match self.remembered(place) {
                    Some(weight) => return Ok((weight, 0)),
                    None => {
                        let parts = fields.iter().map(|(key, item)| (key.len() + 64, item));
                        (place, with_stack(|| self.sum(parts))?)
                    }
                }
            }
            JValue::Lambda(lambda) => {
                let place = Rc::as_ptr(lambda) as usize;
                if self.remembered(place).is_none() {
                    self.made.set(self.made.get() + self.closure);
                    self.known.borrow_mut().insert(place, (JValue::Null, SLOT));
                    self.closures.borrow_mut().push(value.clone());
                }
                if self.made.get() > MAX_MADE {
                    return Err(Thrown::memory());
                }
                return Ok((SLOT, 0));
            }
            _ => return Ok((SLOT, SLOT)),
        };
        if whole <= SMALL {
            return Ok((whole, fresh));
        }
        if self.remembered(place).is_some() {
            return Ok((whole, 0));
        }
        let made = self.made.get() + fresh;
        self.made.set(made);
        if whole > MAX_WEIGHT || made > MAX_MADE {
            return Err(Thrown::memory());
        }
        self.known
            .borrow_mut()
            .insert(place, (value.clone(), whole));
        Ok((whole, 0))
    }

    fn remembered(&self, place: usize) -> Option<usize> {
        self.known.borrow().get(&place).map(|(_, weight)| *weight)
    }

    fn sum<'v>(
        &self,
        parts: impl Iterator<Item = (usize, &'v JValue)>,
    ) -> Result<(usize, usize), Thrown> {
        let (mut whole, mut fresh) = (SLOT, SLOT);
        for (key, part) in parts {
            let (part, new) = self.weighed(part)?;
            whole += key + part;
            fresh += key + new;
            if whole > MAX_WEIGHT {
                return Err(Thrown::memory());
            }
        }
        Ok((whole, fresh))
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
