//! Chance, keyed and never streamed.
//!
//! A draw is a function of the seed and of what it is drawn for. No draw shifts another: neither a crash
//! nor an injected fault nor the order of threads changes what comes later.

use sha2::{Digest, Sha256};

/// The source of every random value of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entropy {
    seed: [u8; 32],
}

impl Entropy {
    /// Chance from a number that a person can write down.
    pub fn from_seed(seed: u64) -> Entropy {
        let mut hash = Sha256::new();
        hash.update(b"wf-host seed");
        hash.update(seed.to_le_bytes());
        Entropy {
            seed: hash.finalize().into(),
        }
    }

    /// Chance from 256 bits that nobody can guess, for tokens that strangers may try.
    pub fn from_secret(seed: [u8; 32]) -> Entropy {
        Entropy { seed }
    }

    /// The bits that all draws follow from; whoever has them can guess every token.
    pub fn secret(&self) -> [u8; 32] {
        self.seed
    }

    /// The `n`th draw for a record.
    pub fn draw(&self, record: u32, n: u32) -> u64 {
        let bytes = self.keyed(&[b"record", &record.to_le_bytes(), &n.to_le_bytes()]);
        u64::from_le_bytes(bytes[..8].try_into().expect("eight of thirty-two bytes"))
    }

    /// 256 bits for a purpose that `key` names, such as the random source of one guest invocation.
    pub fn derive(&self, purpose: &str, key: &str) -> [u8; 32] {
        self.keyed(&[b"derive", purpose.as_bytes(), key.as_bytes()])
    }

    fn keyed(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_key_alone() {
        let entropy = Entropy::from_seed(1);
        assert_eq!(entropy.draw(7, 0), Entropy::from_seed(1).draw(7, 0));
        assert_ne!(entropy.draw(7, 0), entropy.draw(7, 1));
        assert_ne!(entropy.draw(7, 0), entropy.draw(8, 0));
        assert_ne!(entropy.draw(7, 0), Entropy::from_seed(2).draw(7, 0));
        assert_ne!(entropy.derive("a", "bc"), entropy.derive("ab", "c"));
    }
}
