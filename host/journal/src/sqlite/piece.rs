//! Pieces of text and bytes as columns hold them: plain, or sealed for their place.

use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ToSql, types::FromSql, types::FromSqlResult};

use super::key::Seal;
use crate::Trouble;

/// How the pieces of a store are written.
#[derive(Clone, Default)]
pub(super) struct Pieces(Option<Arc<Seal>>);

/// A column that holds a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Plain(String),
    Sealed(Vec<u8>),
}

impl Piece {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Piece::Plain(text) => text.as_bytes(),
            Piece::Sealed(bytes) => bytes,
        }
    }
}

impl ToSql for Piece {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Piece::Plain(text) => text.as_str().into(),
            Piece::Sealed(bytes) => bytes.as_slice().into(),
        })
    }
}

impl FromSql for Piece {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(bytes) => Ok(Piece::Sealed(bytes.to_owned())),
            value => String::column_result(value).map(Piece::Plain),
        }
    }
}

impl Pieces {
    pub(super) fn new(seal: Option<Seal>) -> Pieces {
        Pieces(seal.map(Arc::new))
    }

    /// A text as its column holds it.
    pub(super) fn of_text(&self, place: &str, text: &str) -> Result<Piece, Trouble> {
        match &self.0 {
            None => Ok(Piece::Plain(text.to_owned())),
            Some(seal) => sealed(seal, place, text.as_bytes()).map(Piece::Sealed),
        }
    }

    /// Bytes as their column holds them.
    pub(super) fn of_bytes(&self, place: &str, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
        match &self.0 {
            None => Ok(bytes.to_owned()),
            Some(seal) => sealed(seal, place, bytes),
        }
    }

    /// Whether pieces are written as they are.
    pub(super) fn are_plain(&self) -> bool {
        self.0.is_none()
    }

    /// The text that a column holds.
    pub(super) fn text(&self, place: &str, piece: Piece) -> Result<String, String> {
        match (&self.0, piece) {
            (None, Piece::Plain(text)) => Ok(text),
            (Some(_), Piece::Sealed(bytes)) => {
                let bytes = self.bytes(place, bytes)?;
                String::from_utf8(bytes).map_err(|error| error.to_string())
            }
            (None, Piece::Sealed(_)) => Err("it is encrypted, and the store is not".to_owned()),
            (Some(_), Piece::Plain(_)) => Err("it is not encrypted, and the store is".to_owned()),
        }
    }

    /// The bytes that a column holds.
    pub(super) fn bytes(&self, place: &str, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        match &self.0 {
            None => Ok(bytes),
            Some(seal) => seal
                .unseal(place, &bytes)
                .map_err(|_| "it cannot be decrypted".to_owned()),
        }
    }
}

fn sealed(seal: &Seal, place: &str, plain: &[u8]) -> Result<Vec<u8>, Trouble> {
    seal.seal(place, plain)
        .map_err(|_| Trouble("the system gives no random bytes to encrypt with".to_owned()))
}

/// A checksum over the columns of a row: SQLite has none of its own, and a flipped bit must not pass for a fact.
#[derive(Default)]
pub(super) struct Checksum(crc32fast::Hasher);

impl Checksum {
    /// Adds a column of bytes or text, or one that is null.
    pub(super) fn add(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            None => self.0.update(&[0]),
            Some(bytes) => {
                self.0.update(&[1]);
                self.0.update(&(bytes.len() as u64).to_le_bytes());
                self.0.update(bytes);
            }
        }
    }

    /// Adds a column with a number, or one that is null.
    pub(super) fn number(&mut self, number: Option<i64>) {
        self.add(
            number
                .map(i64::to_le_bytes)
                .as_ref()
                .map(|bytes| &bytes[..]),
        );
    }

    /// The checksum.
    pub(super) fn end(self) -> i64 {
        i64::from(self.0.finalize())
    }
}
