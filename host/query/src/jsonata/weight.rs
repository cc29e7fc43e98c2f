//! What values weigh.
//!
//! A value weighs roughly the bytes that it holds in memory. Each large value is weighed once, where it first
//! passes a counted place, and remembered; so a value that contains it costs one look-up, and one that repeats
//! it a thousand times weighs a thousand times as much although it takes no room: whoever walks it pays.

use std::rc::Rc;

use jsonata_core::evaluator::StoredLambda;
use jsonata_core::value::{JValue, with_stack};

use super::budget::{MAX_MADE, MAX_WEIGHT, Run, SLOT};
use super::message::Thrown;

/// Below this a value is weighed anew each time rather than remembered.
const SMALL: usize = 2048;
/// How deep arrays and objects may be nested: no reader of JSON takes more than 1,000 levels, and what leaves
/// an expression is put into other values yet.
const MAX_DEPTH: usize = 900;
/// The engine's name for the text that a regular expression looks through, kept for the next match.
const MATCHED: &str = "regex text";

/// What is known of a value.
#[derive(Clone, Copy, Default)]
pub(super) struct Weight {
    /// All of it.
    whole: usize,
    /// How much of it has not been counted yet.
    fresh: usize,
    /// Levels of nesting.
    depth: usize,
}

impl Weight {
    fn of(bytes: usize) -> Weight {
        Weight {
            whole: bytes,
            fresh: bytes,
            depth: 0,
        }
    }

    fn counted(self) -> Weight {
        Weight { fresh: 0, ..self }
    }
}

impl Run {
    /// Weighs a value that will be kept.
    ///
    /// A small one counts each time, since nothing tells how many of them are held at once.
    pub(super) fn weigh(&self, value: &JValue) -> Result<usize, Thrown> {
        let weight = self.weighed(value)?;
        if weight.fresh > 2 * SLOT {
            self.count(weight.fresh)?;
        }
        Ok(weight.whole)
    }

    fn count(&self, bytes: usize) -> Result<(), Thrown> {
        let made = self.made.get() + bytes;
        self.made.set(made);
        if made > MAX_MADE {
            return Err(Thrown::memory());
        }
        Ok(())
    }

    fn weighed(&self, value: &JValue) -> Result<Weight, Thrown> {
        let (place, weight) = match value {
            JValue::String(text) => {
                self.longest.set(self.longest.get().max(text.len()));
                (text.as_ptr() as usize, Weight::of(SLOT + text.len()))
            }
            JValue::Array(items) if !items.is_empty() => {
                let place = items.as_ptr() as usize;
                if let Some(weight) = self.remembered(place) {
                    return Ok(weight);
                }
                let parts = items.iter().map(|item| (0, item));
                (place, with_stack(|| self.sum(parts))?)
            }
            JValue::Object(fields) => {
                let place = Rc::as_ptr(fields) as usize;
                if let Some(weight) = self.remembered(place) {
                    return Ok(weight);
                }
                let parts = fields.iter().map(|(key, item)| (key.len() + 64, item));
                (place, with_stack(|| self.sum(parts))?)
            }
            JValue::Lambda(lambda) => return self.closure(value, lambda),
            _ => return Ok(Weight::of(SLOT)),
        };
        if weight.whole <= SMALL {
            return Ok(weight);
        }
        if let Some(weight) = self.remembered(place) {
            return Ok(weight);
        }
        if weight.whole > MAX_WEIGHT {
            return Err(Thrown::memory());
        }
        self.count(weight.fresh)?;
        let weight = weight.counted();
        self.known
            .borrow_mut()
            .insert(place, (value.clone(), weight));
        Ok(weight)
    }

    /// A function: it holds its own copy of the tree, and the text if it gives the next match in one.
    fn closure(&self, value: &JValue, lambda: &Rc<StoredLambda>) -> Result<Weight, Thrown> {
        let weight = Weight::of(SLOT).counted();
        let place = Rc::as_ptr(lambda) as usize;
        if self.remembered(place).is_none() {
            let text = match lambda.captured_env.get(MATCHED) {
                Some(JValue::String(text)) => text.len(),
                _ => 0,
            };
            self.known
                .borrow_mut()
                .insert(place, (JValue::Null, weight));
            self.closures.borrow_mut().push(value.clone());
            self.count(self.closure + text)?;
        }
        Ok(weight)
    }

    fn remembered(&self, place: usize) -> Option<Weight> {
        self.known.borrow().get(&place).map(|(_, weight)| *weight)
    }

    fn sum<'v>(&self, parts: impl Iterator<Item = (usize, &'v JValue)>) -> Result<Weight, Thrown> {
        let mut sum = Weight::of(SLOT);
        for (key, part) in parts {
            let part = self.weighed(part)?;
            sum.whole += key + part.whole;
            sum.fresh += key + part.fresh;
            sum.depth = sum.depth.max(part.depth);
            if sum.whole > MAX_WEIGHT {
                return Err(Thrown::memory());
            }
        }
        sum.depth += 1;
        if sum.depth > MAX_DEPTH {
            return Err(Thrown::depth());
        }
        Ok(sum)
    }
}
