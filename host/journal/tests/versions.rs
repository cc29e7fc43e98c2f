//! Stores of every version can be opened for ever.
//!
//! `fixtures/version1.sql` is a store as it was written by version 1, and is never changed. `WF_HOST_BLESS=1` writes the
//! fixture of the version that this program writes, if there is none yet.

mod common;

use std::path::{Path, PathBuf};

use common::*;
use journal::{Filter, Store};
use rusqlite::Connection;

fn fixture(version: i64) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    folder.join(format!("version{version}.sql"))
}

/// All of a store as SQL text.
fn dump(connection: &Connection) -> String {
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).expect("the store can be read");
        let rows = statement
            .query_map([], |row| row.get(0))
            .expect("the store can be read");
        rows.map(|text| text.expect("a text")).collect()
    };
    let schema = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
    let mut lines = texts(schema);
    for table in texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid") {
        let columns = texts(&format!(
            "SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')"
        ));
        let values = columns.join(" || ', ' || ");
        lines.extend(texts(&format!(
            "SELECT 'INSERT INTO {table} VALUES (' || {values} || ');' FROM {table}"
        )));
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_store_of_version_1_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let now = folder.path().join("now.db");
    let expected = filled(&now, None);
    if std::env::var_os("WF_HOST_BLESS").is_some() && !fixture(1).exists() {
        std::fs::write(fixture(1), dump(&Connection::open(&now).unwrap())).unwrap();
    }
    let path = folder.path().join("then.db");
    let then = Connection::open(&path).unwrap();
    then.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA auto_vacuum = 2; PRAGMA application_id = 0x57464853",
    )
    .unwrap();
    then.execute_batch(&std::fs::read_to_string(fixture(1)).unwrap())
        .unwrap();
    then.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(then);
    let kept = Kept::in_store(&path, None);
    let all = Filter::default();
    assert_eq!(
        kept.journal.list(&all).unwrap(),
        expected.journal.list(&all).unwrap()
    );
    assert_eq!(
        kept.journal.statistics(&all),
        expected.journal.statistics(&all)
    );
    assert_eq!(kept.journal.open(None), expected.journal.open(None));
    assert_eq!(kept.journal.damaged(None).unwrap(), []);
    for name in ["a", "b", "c"] {
        assert_eq!(
            kept.journal.read(&arn(name)),
            expected.journal.read(&arn(name))
        );
        assert_eq!(
            kept.journal.find(&arn(name)),
            expected.journal.find(&arn(name))
        );
    }
    let digest = &beginning("a", r#"{"Comment":"SECRET text"}"#)
        .definition
        .digest;
    assert!(kept.journal.definition(digest).unwrap().is_some());
    assert_eq!(
        kept.journal.definition(digest),
        expected.journal.definition(digest)
    );
    let functions = kept.resources.all("function").unwrap();
    assert_eq!(functions, expected.resources.all("function").unwrap());
    drop(kept);
    assert!(Store::check(&path, None).unwrap().is_sound());
}
