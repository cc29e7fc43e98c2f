//! Encryption at rest: XChaCha20-Poly1305, with a random nonce for each piece and the piece's place bound to it.

use std::fmt;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// What a store is encrypted with: 32 bytes.
#[derive(Clone)]
pub struct Key([u8; KEY_BYTES]);

/// Its bytes are nobody's business.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// Why something is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no row of 64 hexadecimal digits.
    #[error("a key is 64 hexadecimal digits, as `openssl rand -hex 32` makes them; this is {0}")]
    Malformed(String),
    /// The file that should hold it cannot be read.
    #[error("cannot read the key from {path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl Key {
    /// Reads a key from 64 hexadecimal digits; blanks and line ends around them do not count.
    pub fn from_text(text: &str) -> Result<Key, KeyError> {
        let digits = text.trim();
        if let Some(other) = digits.chars().find(|one| !one.is_ascii_hexdigit()) {
            // The digits themselves are not repeated: they might be a key with one mistake.
            let kind = if other.is_whitespace() {
                "a blank"
            } else {
                "another character"
            };
            return Err(KeyError::Malformed(format!("a text with {kind} in it")));
        }
        if digits.len() != 2 * KEY_BYTES {
            return Err(KeyError::Malformed(format!("a row of {}", digits.len())));
        }
        let mut key = [0; KEY_BYTES];
        for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0) as u8;
            *byte = value(pair[0]) << 4 | value(pair[1]);
        }
        Ok(Key(key))
    }

    /// Reads a key from a file that holds nothing else.
    pub fn from_file(path: &Path) -> Result<Key, KeyError> {
        let text = std::fs::read_to_string(path).map_err(|error| KeyError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        Key::from_text(&text)
    }
}

/// Encrypts and decrypts the pieces of one store.
pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
    /// Tells this store from others with the same key.
    store: String,
}

/// A piece cannot be decrypted: it is damaged, stands in another's place, or the key is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsealable;

impl Seal {
    pub(super) fn new(key: &Key, store: &str) -> Seal {
        Seal {
            cipher: XChaCha20Poly1305::new(&key.0.into()),
            store: store.to_owned(),
        }
    }

    /// Nonce, ciphertext and tag of a piece that belongs to `place`.
    pub(super) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| Unsealable)?;
        let place = self.bound(place);
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let mut out = nonce.to_vec();
        out.extend(sealed.map_err(|_| Unsealable)?);
        Ok(out)
    }

    /// The piece that was sealed for `place`.
    pub(super) fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(Unsealable)?;
        let place = self.bound(place);
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        let plain = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        plain.map_err(|_| Unsealable)
    }

    fn bound(&self, place: &str) -> String {
        format!("{}/{place}", self.store)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(digit: char) -> Key {
        Key::from_text(&digit.to_string().repeat(64)).unwrap()
    }

    #[test]
    fn a_piece_is_read_with_its_key_at_its_place_in_its_store_and_nowhere_else() {
        let seal = Seal::new(&key('a'), "s");
        let sealed = seal.seal("records/1/0", b"text").unwrap();
        assert_eq!(seal.unseal("records/1/0", &sealed).unwrap(), b"text");
        assert_eq!(seal.unseal("records/1/1", &sealed), Err(Unsealable));
        let others = [Seal::new(&key('b'), "s"), Seal::new(&key('a'), "t")];
        for other in others {
            assert_eq!(other.unseal("records/1/0", &sealed), Err(Unsealable));
        }
        for at in 0..sealed.len() {
            let mut garbled = sealed.clone();
            garbled[at] ^= 1;
            assert_eq!(seal.unseal("records/1/0", &garbled), Err(Unsealable));
            assert_eq!(seal.unseal("records/1/0", &sealed[..at]), Err(Unsealable));
        }
    }

    #[test]
    fn only_64_hexadecimal_digits_are_a_key() {
        assert!(Key::from_text(&format!(" {}\n", "0F".repeat(32))).is_ok());
        for text in [
            "",
            "0f",
            &"0g".repeat(32),
            &"0f".repeat(33),
            &"é".repeat(32),
        ] {
            let error = Key::from_text(text).unwrap_err().to_string();
            assert!(error.contains("openssl rand -hex 32"), "{error}");
        }
        assert!(!format!("{:?}", key('a')).contains('a'));
    }
}
