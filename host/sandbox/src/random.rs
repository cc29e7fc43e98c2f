//! Randomness for a guest that depends on a seed and on nothing else, today and after any upgrade
//! of a library.

use std::convert::Infallible;

use rand::TryRng;
use sha2::{Digest, Sha256};

/// SHA-256 of (seed, label, counter), block after block.
pub(crate) struct Seeded {
    seed: [u8; 32],
    label: &'static str,
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Seeded {
    /// Streams of one seed with different labels are unrelated.
    pub(crate) fn new(seed: [u8; 32], label: &'static str) -> Seeded {
        Seeded {
            seed,
            label,
            counter: 0,
            block: [0; 32],
            used: 32,
        }
    }

    fn refill(&mut self) {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.label);
        hash.update(self.counter.to_le_bytes());
        self.block = hash.finalize().into();
        self.counter += 1;
        self.used = 0;
    }

    fn fill(&mut self, mut out: &mut [u8]) {
        while !out.is_empty() {
            if self.used == self.block.len() {
                self.refill();
            }
            let length = out.len().min(self.block.len() - self.used);
            let (now, later) = out.split_at_mut(length);
            now.copy_from_slice(&self.block[self.used..self.used + length]);
            self.used += length;
            out = later;
        }
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// The next 128 bits.
    pub(crate) fn next_u128(&mut self) -> u128 {
        u128::from_le_bytes(self.array())
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.array()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.array()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_does_not_depend_on_how_it_is_read() {
        let mut whole = [0; 100];
        Seeded::new([7; 32], "secure").fill(&mut whole);
        let mut rng = Seeded::new([7; 32], "secure");
        let mut pieces = Vec::new();
        for length in [1, 31, 33, 35] {
            let mut piece = vec![0; length];
            rng.fill(&mut piece);
            pieces.extend(piece);
        }
        assert_eq!(whole.to_vec(), pieces);
    }

    /// Recorded executions depend on this stream: a change here would replay them differently.
    #[test]
    fn the_stream_is_pinned() {
        assert_eq!(Seeded::new([0; 32], "secure").next_u128(), PINNED);
    }

    const PINNED: u128 = 283_767_489_899_306_326_198_760_121_418_611_786_678;
}
