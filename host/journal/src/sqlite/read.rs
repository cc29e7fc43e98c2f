//! What is asked of a store, through a connection that only reads. It sees what is kept, and nothing else.

use engine::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::piece::{Piece, Pieces};
use super::row::{self, BEGINNING, Numbers, Read, SUMMARY};
use crate::{Damaged, Definition, GarbledResource, JournalError, Kept, Resource, Summary, Value};

/// A connection that reads.
pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) pieces: Pieces,
}

impl Reader {
    /// Asks more than one question of the store as it is at one moment, whatever is kept meanwhile.
    pub(super) fn view<T>(
        &self,
        ask: impl FnOnce() -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        if !self.connection.is_autocommit() {
            return ask();
        }
        let view = self.connection.unchecked_transaction()?;
        let answer = ask();
        view.finish()?;
        answer
    }

    /// The rows that a query gives, each as `read` reads it.
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// The one row that a query gives, if it gives one.
    pub(super) fn row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_row(params, read).optional()
    }

    /// Where an execution stands in the store.
    pub(super) fn numbers(
        &self,
        execution_arn: &str,
    ) -> Result<Option<(Numbers, Summary)>, JournalError> {
        let sql = format!("SELECT {SUMMARY} FROM executions e WHERE arn = ?");
        let found = self.row(&sql, [execution_arn], |row| soft(row::summary(row)))?;
        let Some(found) = found else {
            return Ok(None);
        };
        let (summary, numbers) = found.map_err(|reason| damaged(execution_arn, reason))?;
        Ok(Some((numbers, summary)))
    }

    pub(super) fn known(&self, execution_arn: &str) -> Result<Numbers, JournalError> {
        let found = self.numbers(execution_arn)?;
        let found = found.map(|(numbers, _)| numbers);
        found.ok_or_else(|| JournalError::Unknown(execution_arn.to_owned()))
    }

    pub(super) fn find(&self, execution_arn: &str) -> Result<Option<Kept>, JournalError> {
        let sql = format!("SELECT {SUMMARY}, {BEGINNING} FROM executions e WHERE e.arn = ?");
        let found = self.row(&sql, [execution_arn], |row| {
            soft(row::kept(row, &self.pieces))
        })?;
        let found = found.transpose();
        let found = found.map_err(|reason| damaged(execution_arn, reason))?;
        Ok(found.map(|(kept, _)| kept))
    }

    /// The execution with a number; the error is what is wrong with it.
    pub(super) fn numbered(&self, number: i64) -> Result<(Kept, Numbers), String> {
        let sql = format!("SELECT {SUMMARY}, {BEGINNING} FROM executions e WHERE e.number = ?");
        let found = self.row(&sql, [number], |row| soft(row::kept(row, &self.pieces)));
        let found = found.map_err(|error| super::error::told(&error))?;
        found.ok_or("its entry is missing")?
    }

    pub(super) fn children(&self, parent_arn: &str) -> Result<Vec<Kept>, JournalError> {
        let sql = format!(
            "SELECT {SUMMARY}, {BEGINNING} FROM executions e WHERE e.parent = ? ORDER BY e.number"
        );
        let found = self.rows(&sql, [parent_arn], |row| soft(row::kept(row, &self.pieces)))?;
        Ok(found.into_iter().flatten().map(|(kept, _)| kept).collect())
    }

    pub(super) fn definition(&self, digest: &str) -> Result<Option<Definition>, JournalError> {
        let sql = "SELECT format, text, define, crc FROM definitions WHERE digest = ?";
        let found = self.row(sql, [digest], |row| {
            let mut definition = Definition {
                digest: digest.into(),
                format: row::word(row, 0)?.unwrap_or_default(),
                ..Definition::default()
            };
            let (text, define): (Piece, Piece) = (row.get(1)?, row.get(2)?);
            let sum = row::definition_checksum(&definition, &text, &define);
            if sum != row.get::<_, i64>(3)? {
                return Ok(Err("it does not have its checksum".to_owned()));
            }
            let read = |what: &str, piece| {
                let text = self.pieces.text(&definition_place(digest, what), piece);
                text.map(row::shared)
            };
            let (text, define) = (read("text", text), read("define", define));
            Ok(text.and_then(|text| {
                (definition.text, definition.define) = (text, define?);
                Ok(definition)
            }))
        })?;
        found.transpose().map_err(|reason| {
            JournalError::Store(format!("the definition {digest} is damaged: {reason}"))
        })
    }

    /// The resources of a kind, each by itself; those of an execution only if one is named.
    pub(super) fn resources(
        &self,
        kind: &str,
        owner: Option<&str>,
    ) -> Result<Vec<Result<Resource, GarbledResource>>, JournalError> {
        let sql = "SELECT key, owner, json, bytes, crc FROM resources
             WHERE kind = ?1 AND (?2 IS NULL OR owner = ?2) ORDER BY key";
        let found = self.rows(sql, params![kind, owner], |row| {
            let key = row.get_ref(0)?.as_bytes_or_null()?.unwrap_or_default();
            let key = String::from_utf8_lossy(key);
            let found = soft(self.resource(row, kind, &key))?;
            Ok(found.map_err(|reason| garbled(kind, &key, reason)))
        })?;
        Ok(found)
    }

    pub(super) fn one_resource(
        &self,
        kind: &str,
        key: &str,
    ) -> Result<Option<Resource>, JournalError> {
        let sql = "SELECT key, owner, json, bytes, crc FROM resources WHERE kind = ?1 AND key = ?2";
        let found = self.row(sql, params![kind, key], |row| {
            soft(self.resource(row, kind, key))
        })?;
        let found = found.transpose();
        Ok(found.map_err(|reason| garbled(kind, key, reason))?)
    }

    fn resource(&self, row: &Row<'_>, kind: &str, key: &str) -> Read<Resource> {
        let owner: Option<String> = row.get(1)?;
        let json: Piece = row.get(2)?;
        let bytes: Option<Vec<u8>> = row.get(3)?;
        let sum = super::resources::checksum(kind, key, owner.as_deref(), &json, bytes.as_deref());
        if sum != row.get::<_, i64>(4)? {
            return Ok(Err("it does not have its checksum".to_owned()));
        }
        let (json_place, bytes_place) = super::resources::places(kind, key);
        let read = || -> Result<Value, String> {
            let bytes = bytes.map(|bytes| self.pieces.bytes(&bytes_place, bytes));
            Ok(Value {
                json: self.pieces.text(&json_place, json)?,
                bytes: bytes.transpose()?,
            })
        };
        Ok(read().map(|value| Resource {
            kind: kind.to_owned(),
            key: key.to_owned(),
            owner,
            value: Some(value),
        }))
    }

    /// Up to the last count the store says it by itself.
    pub(super) fn latest(&self) -> Result<Option<Timestamp>, JournalError> {
        let sql = "SELECT max(at) FROM records WHERE position > ?";
        let counted = self.noted("counted")?.unwrap_or(0);
        let youngest: Option<i64> = self.row(sql, [counted], |row| row.get(0))?.flatten();
        let noted = self.noted("latest")?;
        Ok(youngest.max(noted).map(Timestamp))
    }

    /// A number that the store notes of itself.
    pub(super) fn noted(&self, name: &str) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT value FROM store WHERE name = ?";
        self.row(sql, [name], |row| row.get(0))
    }
}

fn garbled(kind: &str, key: &str, reason: String) -> GarbledResource {
    GarbledResource {
        kind: kind.to_owned(),
        key: key.to_owned(),
        reason,
    }
}

/// Where a definition's texts are sealed for.
pub(super) fn definition_place(digest: &str, what: &str) -> String {
    format!("definitions/{digest}/{what}")
}

/// A value of the wrong type is a damaged row, not a store that cannot be read.
pub(super) fn soft<T>(read: Read<T>) -> Read<T> {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error,
    };
    match read {
        Err(
            error @ (FromSqlConversionFailure(..)
            | IntegralValueOutOfRange(..)
            | InvalidColumnType(..)
            | Utf8Error(..)),
        ) => Ok(Err(error.to_string())),
        read => read,
    }
}

/// What a row says, or nothing if a value of it is of the wrong type: for figures, which leave out what cannot be read.
pub(super) fn readable<T>(read: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    Ok(soft(read.map(Ok))?.ok())
}

pub(super) fn damaged(execution_arn: &str, reason: String) -> JournalError {
    JournalError::Damaged {
        execution_arn: execution_arn.to_owned(),
        reason,
    }
}

/// An execution that is damaged, as [`Damaged`] tells of it.
pub(super) fn damage(execution: String, reason: String) -> Damaged {
    Damaged { execution, reason }
}
