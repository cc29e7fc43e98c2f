//! Chance, from WASI's random source: a run's seed decides what a guest draws.

/// Fills `out` with random bytes.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "WASI's function takes an address")]
pub fn fill(out: &mut [u8]) {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn random_get(out: *mut u8, length: usize) -> u16;
    }
    // SAFETY: the address and length are those of `out`, which this function alone may write to.
    let error = unsafe { random_get(out.as_mut_ptr(), out.len()) };
    assert!(
        error == 0,
        "the host's random source failed with error {error}"
    );
}

/// Fills `out` with random bytes. Outside of WebAssembly they are good enough for tests.
#[cfg(not(target_arch = "wasm32"))]
pub fn fill(out: &mut [u8]) {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    for piece in out.chunks_mut(8) {
        let number = RandomState::new().build_hasher().finish().to_le_bytes();
        piece.copy_from_slice(&number[..piece.len()]);
    }
}

/// A random number over all of its range.
#[must_use]
pub fn number() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// A random number from 0 up to, but not including, 1.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are what an f64 holds exactly"
)]
pub fn fraction() -> f64 {
    const BITS: u32 = 53;
    (number() >> (64 - BITS)) as f64 / (1u64 << BITS) as f64
}

/// True with the given probability: never at 0, always at 1.
#[must_use]
pub fn chance(probability: f64) -> bool {
    fraction() < probability
}

/// 32 random hexadecimal digits.
#[must_use]
pub fn id() -> String {
    format!("{:016x}{:016x}", number(), number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certain_chances_are_certain() {
        assert!((0..100).all(|_| chance(1.0) && !chance(0.0)));
    }

    #[test]
    fn ids_differ() {
        assert_eq!(id().len(), 32);
        assert_ne!(id(), id());
    }
}
