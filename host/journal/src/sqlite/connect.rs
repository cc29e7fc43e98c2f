//! Connections to a store's file, with the settings that durability needs, each read back.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::lock::{private, with_suffix};
use super::schema::unreadable;

/// How long SQLite waits for others by itself.
const BUSY: Duration = Duration::from_millis(250);

/// Pages of the WAL after which it is written back into the store: 16 MB.
const WAL_PAGES: i64 = 2000;

/// Bytes that the WAL's file keeps at most when it has been written back: 64 MB.
const WAL_BYTES: i64 = 64 << 20;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 64;

/// Opens a store for writing, and makes its file if there is none.
pub(super) fn for_writing(path: &Path) -> Result<Connection, OpenError> {
    if !path.exists() {
        // SQLite would let everybody read it. The files that it makes beside it get its mode.
        let made = private().open(path);
        made.map_err(|error| OpenError::Refused {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error: rusqlite::Error| unreadable(path, &error);
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    // SQLite takes a file that may not be written for one that is to be read.
    if connection.is_readonly("main").map_err(failed)? {
        return Err(OpenError::Refused {
            path: path.to_owned(),
            reason: "the file is read-only".to_owned(),
        });
    }
    prepare(&connection).map_err(failed)?;
    Ok(connection)
}

/// What makes a store durable. It is for a file that is known to be a store, or to be empty.
pub(super) fn settle(connection: &Connection, path: &Path, fresh: bool) -> Result<(), OpenError> {
    let set = |name: &str, value: &str| -> rusqlite::Result<()> {
        // Some pragmas answer with what they are now, others with nothing.
        connection
            .pragma_update_and_check(None, name, value, |_| Ok(()))
            .or_else(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => Ok(()),
                error => Err(error),
            })
    };
    let failed = |error: rusqlite::Error| unreadable(path, &error);
    if fresh {
        set("page_size", "8192").map_err(failed)?;
        set("auto_vacuum", "2").map_err(failed)?;
    }
    let wal_pages = WAL_PAGES.to_string();
    let wal_bytes = WAL_BYTES.to_string();
    for (name, value) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("wal_autocheckpoint", &wal_pages),
        ("journal_size_limit", &wal_bytes),
    ] {
        set(name, value).map_err(failed)?;
        check(connection, path, name, value)?;
    }
    check(connection, path, "page_size", "8192")?;
    check(connection, path, "auto_vacuum", "2")
}

fn check(
    connection: &Connection,
    path: &Path,
    setting: &'static str,
    wanted: &str,
) -> Result<(), OpenError> {
    let found = connection.pragma_query_value(None, setting, |row| {
        let value: rusqlite::types::Value = row.get(0)?;
        Ok(match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        })
    });
    let found = found.map_err(|error| unreadable(path, &error))?;
    if found == wanted {
        return Ok(());
    }
    Err(OpenError::Setting {
        path: path.to_owned(),
        setting,
        wanted: wanted.to_owned(),
        found,
    })
}

/// Opens a store for reading. It works beside one who writes, and leaves the file as it is.
///
/// Where SQLite cannot have its files beside the store, because the folder is read-only, the file is taken for one
/// that nobody changes; that needs all that was kept to be in the file itself.
pub(super) fn for_reading(path: &Path) -> Result<Connection, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing(path.to_owned()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        prepare(&connection)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    };
    let error = match open() {
        Ok(connection) => return Ok(connection),
        Err(error) => error,
    };
    use rusqlite::ErrorCode::{CannotOpen, ReadOnly};
    if !matches!(error.sqlite_error_code(), Some(CannotOpen | ReadOnly)) {
        return Err(unreadable(path, &error));
    }
    unchanging(path, flags).map_err(|reason| OpenError::Refused {
        path: path.to_owned(),
        reason,
    })
}

fn unchanging(path: &Path, flags: OpenFlags) -> Result<Connection, String> {
    let wal = with_suffix(path, "-wal");
    if std::fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0) {
        return Err(format!(
            "a part of it is still in {}, which cannot be used in a folder that is read-only: copy both files to another \
             folder, and look there",
            wal.display()
        ));
    }
    let uri = format!("file:{}?immutable=1", escaped(path)?);
    let flags = flags | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags);
    let connection = connection.map_err(|error| super::error::told(&error))?;
    prepare(&connection).map_err(|error| super::error::told(&error))?;
    Ok(connection)
}

/// A path as a part of a URI.
fn escaped(path: &Path) -> Result<String, String> {
    let text = path.to_str().ok_or("its path is not Unicode")?;
    let escaped = text.replace('%', "%25").replace('?', "%3f");
    Ok(escaped.replace('#', "%23"))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // 32 MB of pages, and no trust in pages whose cells do not fit.
    connection.pragma_update(None, "cache_size", -32_000)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)
}
