//! The tables, by version.
//!
//! `wf-host help store` explains them to those who ask with plain SQL.

use rusqlite::Connection;

use super::error::OpenError;

/// Says whose file it is, at byte 68 of it: `WFHS`.
pub(super) const APPLICATION_ID: i64 = 0x5746_4853;

/// What leads from each version to the next; a store begins at version 0, without tables.
const MIGRATIONS: [&str; 1] = [include_str!("version1.sql")];

/// The version that this program writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings a store to the version of this program, in one transaction; one that was empty is `first` given its own.
pub(super) fn migrate(
    connection: &mut Connection,
    from: i64,
    first: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    let steps = MIGRATIONS.get(done..).unwrap_or_default();
    if steps.is_empty() {
        return Ok(());
    }
    let behaviour = rusqlite::TransactionBehavior::Immediate;
    let transaction = connection.transaction_with_behavior(behaviour)?;
    for step in steps {
        transaction.execute_batch(step)?;
    }
    if from == 0 {
        first(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// The version of what is in a file; 0 if it has no tables yet.
pub(super) fn version_of(
    connection: &Connection,
    path: &std::path::Path,
) -> Result<i64, OpenError> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get(0));
    let read = || -> rusqlite::Result<(i64, i64, i64)> {
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables = connection.query_row(tables, [], |row| row.get(0))?;
        Ok((number("application_id")?, number("user_version")?, tables))
    };
    let (application, version, tables) = read().map_err(|error| unreadable(path, &error))?;
    match (application, version) {
        (0, 0) if tables == 0 => Ok(0),
        (APPLICATION_ID, found) if found > VERSION => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        }),
        (APPLICATION_ID, found) if found > 0 => Ok(found),
        _ => Err(OpenError::NotAStore {
            path: path.to_owned(),
            reason: "an SQLite database of something else".to_owned(),
        }),
    }
}

/// What it means that a file cannot be read as a store.
pub(super) fn unreadable(path: &std::path::Path, error: &rusqlite::Error) -> OpenError {
    use rusqlite::ErrorCode;
    let path = path.to_owned();
    let reason = super::error::told(error);
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotAStore { path, reason },
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path, reason },
        _ => OpenError::Refused { path, reason },
    }
}
