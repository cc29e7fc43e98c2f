//! The file of a store: who may open it, what is in it, and what it says to those who may not.

mod common;

use std::path::Path;

use common::*;
use engine::Timestamp;
use journal::{JournalError, OpenError, Resource, Store, StoreOptions};
use rusqlite::Connection;

fn options() -> StoreOptions {
    StoreOptions::default()
}

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wf.db");
    (folder, path)
}

fn refusal(path: &Path) -> OpenError {
    match Store::open(path, options()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[test]
fn a_second_one_is_told_who_has_it() {
    let (_folder, path) = folder();
    let store = Store::open(&path, options()).unwrap();
    let error = refusal(&path);
    let pid = Some(std::process::id());
    assert!(matches!(&error, OpenError::InUse { pid: p, url: None, .. } if *p == pid));
    store.announce("http://127.0.0.1:8083").unwrap();
    let text = refusal(&path).to_string();
    assert!(
        text.contains("ask the server at http://127.0.0.1:8083"),
        "{text}"
    );
    // By another name it is the same file.
    let link = path.with_file_name("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(refusal(&link), OpenError::InUse { .. }));
    store.close().unwrap();
    Store::open(&path, options()).unwrap();
}

#[test]
fn the_files_of_a_store_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    let modes = || -> std::collections::BTreeMap<String, u32> {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let files = files.map(|file| {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            (file.file_name().into_string().unwrap(), mode)
        });
        files.collect()
    };
    let kept = filled(&path, None);
    let files = ["wf.db", "wf.db-lock", "wf.db-shm", "wf.db-wal"];
    assert_eq!(modes(), files.map(|name| (name.to_owned(), 0o600)).into());
    drop(kept);
    let shared = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&path, shared).unwrap();
    let _kept = Kept::in_store(&path, None);
    assert_eq!((modes()["wf.db"], modes()["wf.db-wal"]), (0o640, 0o640));
}

#[test]
fn what_is_no_store_is_left_as_it_is() {
    let (_folder, path) = folder();
    let foreign = path.with_file_name("foreign.db");
    let connection = Connection::open(&foreign).unwrap();
    connection
        .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        .unwrap();
    drop(connection);
    std::fs::write(&path, "some text that somebody needs").unwrap();
    for file in [&path, &foreign] {
        let before = std::fs::read(file).unwrap();
        let error = refusal(file);
        assert!(matches!(error, OpenError::NotAStore { .. }), "{error}");
        let looked = Store::look(file, None).err().unwrap();
        assert!(matches!(looked, OpenError::NotAStore { .. }), "{looked}");
        assert_eq!(std::fs::read(file).unwrap(), before);
    }
    let missing = path.with_file_name("missing.db");
    assert!(matches!(
        Store::look(&missing, None).err(),
        Some(OpenError::Missing(_))
    ));
    assert!(!missing.exists());
    let nowhere = path.join("nowhere/wf.db");
    assert!(matches!(refusal(&nowhere), OpenError::Refused { .. }));
}

#[test]
fn a_later_version_is_refused() {
    let (_folder, path) = folder();
    Store::open(&path, options()).unwrap().close().unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = refusal(&path).to_string();
    assert!(
        error.contains("version 99") && error.contains("up to 1"),
        "{error}"
    );
}

#[test]
fn plain_sql_answers_common_questions() {
    let (_folder, path) = folder();
    let kept = filled(&path, None);
    let connection = Connection::open(&path).unwrap();
    let text = |sql: &str| -> String {
        connection
            .query_row(sql, [], |row| {
                let columns = row.as_ref().column_count();
                let texts = (0..columns).map(|at| match row.get(at) {
                    Ok(rusqlite::types::Value::Text(text)) => text,
                    Ok(rusqlite::types::Value::Integer(number)) => number.to_string(),
                    other => format!("{other:?}"),
                });
                Ok(texts.collect::<Vec<_>>().join(" "))
            })
            .unwrap()
    };
    assert_eq!(
        text("SELECT * FROM executions_by_machine_and_status WHERE status = 'FAILED'"),
        "m FAILED 1"
    );
    assert_eq!(
        text("SELECT machine, error, failures FROM failures"),
        "m Card.Declined 1"
    );
    assert_eq!(
        text("SELECT id, type, time FROM events WHERE execution = 'a' ORDER BY id DESC LIMIT 1"),
        "2 ExecutionFailed 2026-01-01T00:00:00.001Z"
    );
    assert_eq!(
        text("SELECT execution, state, resource, since FROM open_tasks"),
        "c Charge arn:aws:lambda:us-east-1:000000000000:function:f 2026-01-01T00:00:00.001Z"
    );
    assert_eq!(
        text("SELECT name FROM executions WHERE due <= 1767225660000"),
        "b"
    );
    assert_eq!(
        text(
            "SELECT record ->> '$.change.ExecutionStarted.input.data.card' FROM records WHERE seq = 0"
        ),
        "4711-SECRET"
    );
    drop(kept);
}

#[test]
fn looking_works_beside_a_writer_and_changes_nothing() {
    let (_folder, path) = folder();
    let mut kept = filled(&path, None);
    let mut looking = Store::look(&path, None).unwrap();
    assert_eq!(looking.journal.read(&arn("a")).unwrap().len(), 2);
    assert_eq!(looking.resources.all("function").unwrap().len(), 1);
    kept.journal
        .append(batch(summary("b"), &[failed(2, "E")]))
        .unwrap();
    kept.keep();
    assert_eq!(looking.journal.read(&arn("b")).unwrap().len(), 3);
    let refused = |outcome: Result<(), JournalError>| {
        let text = outcome.unwrap_err().to_string();
        assert!(text.contains("opened for looking"), "{text}");
    };
    refused(looking.journal.append(batch(summary("d"), &[started("0")])));
    refused(looking.journal.forget(&arn("a")));
    refused(looking.journal.put(Resource::gone("function", "f")));
    looking.resources.put(vec![Resource::gone("function", "f")]);
    assert!(looking.resources.progress().trouble().is_some());
    drop(kept);
    assert_eq!(
        looking
            .journal
            .list(&journal::Filter::default())
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn what_waits_is_kept_when_a_store_is_closed() {
    let (_folder, path) = folder();
    let mut kept = Kept::in_store(&path, None);
    for at in 0..3000 {
        let name = format!("e{at}");
        kept.journal
            .append(batch(summary(&name), &[started("0")]))
            .unwrap();
        kept.journal.seal();
    }
    let mark = kept.journal.seal();
    kept.store.take().unwrap().close().unwrap();
    assert!(kept.journal.progress().has_kept(mark));
    assert_eq!(kept.journal.progress().pending(), 0);
    kept.journal
        .append(batch(summary("late"), &[started("0")]))
        .unwrap();
    kept.journal.seal();
    let trouble = kept.journal.progress().trouble().unwrap();
    assert_eq!(trouble.0, "the store is closed");
    let wal = std::fs::metadata(path.with_file_name("wf.db-wal"));
    assert!(wal.is_err() || wal.unwrap().len() == 0);
    assert_eq!(
        Kept::in_store(&path, None)
            .journal
            .open(None)
            .unwrap()
            .len(),
        3000
    );
}

#[test]
fn what_cannot_be_kept_for_now_is_kept_when_it_can() {
    let (_folder, path) = folder();
    let mut kept = Kept::in_store(&path, None);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    kept.journal
        .append(batch(summary("a"), &[started("0")]))
        .unwrap();
    let first = kept.journal.seal();
    kept.journal
        .append(batch(summary("a"), &[failed(1, "E")]))
        .unwrap();
    let second = kept.journal.seal();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    let progress = kept.journal.progress();
    let trouble = runtime.block_on(progress.reached(first)).unwrap_err();
    assert!(
        trouble.0.contains("another process holds the store"),
        "{trouble}"
    );
    assert_eq!(progress.pending(), 2);
    assert!(kept.journal.find(&arn("a")).unwrap().is_none());
    other.execute_batch("ROLLBACK").unwrap();
    runtime.block_on(progress.kept_at_last(second));
    assert_eq!(progress.trouble(), None);
    assert_eq!(kept.journal.read(&arn("a")).unwrap().len(), 2);
    assert!(Store::check(&path, None).unwrap().is_sound());
}

#[test]
fn a_key_is_needed_where_it_was_and_nowhere_else() {
    let (_folder, path) = folder();
    drop(filled(&path, Some(key("a"))));
    let open = |key: Option<journal::Key>| Store::open(&path, StoreOptions { key });
    assert!(matches!(open(None).err(), Some(OpenError::KeyNeeded(_))));
    assert!(matches!(
        open(Some(key("b"))).err(),
        Some(OpenError::WrongKey(_))
    ));
    assert!(matches!(
        Store::look(&path, None).err(),
        Some(OpenError::KeyNeeded(_))
    ));
    let kept = Kept::in_store(&path, Some(key("a")));
    assert_eq!(kept.journal.read(&arn("c")).unwrap().len(), 2);
    assert_eq!(
        kept.journal
            .list(&journal::Filter::default())
            .unwrap()
            .len(),
        3
    );
    let plain = path.with_file_name("plain.db");
    drop(filled(&plain, None));
    let with_key = Store::open(
        &plain,
        StoreOptions {
            key: Some(key("a")),
        },
    );
    assert!(matches!(with_key.err(), Some(OpenError::NotEncrypted(_))));
}

#[test]
fn no_payload_is_found_in_the_files_of_an_encrypted_store() {
    for (key, found) in [(None, true), (Some(key("c")), false)] {
        let (folder, path) = folder();
        let kept = filled(&path, key);
        let mut everything = Vec::new();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            everything.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        drop(kept);
        everything.extend(std::fs::read(&path).unwrap());
        let has = |text: &[u8]| everything.windows(text.len()).any(|window| window == text);
        assert_eq!(has(b"SECRET"), found);
        // Names stay plain, so that SQL can count them.
        assert!(has(b"Card.Declined") && has(b"Charge"));
    }
}

#[test]
fn a_piece_in_anothers_place_is_damage() {
    let (_folder, path) = folder();
    drop(filled(&path, Some(key("a"))));
    let connection = Connection::open(&path).unwrap();
    let swap = "UPDATE records SET record = (SELECT r.record FROM records r WHERE r.execution = 2 AND r.seq = 0)
        WHERE execution = 1 AND seq = 0";
    connection.execute(swap, []).unwrap();
    drop(connection);
    let kept = Kept::in_store(&path, Some(key("a")));
    let read = kept.journal.read(&arn("a"));
    assert!(matches!(read, Err(JournalError::Damaged { .. })));
    assert_eq!(kept.journal.read(&arn("b")).unwrap().len(), 2);
}

#[test]
fn whole_trees_are_pruned_and_nothing_else() {
    let (_folder, path) = folder();
    let mut kept = Kept::in_store(&path, None);
    let records = [started("0"), failed(1, "E")];
    let mut add = |name: &str, root: &str, stopped: Option<i64>| {
        let summary = match stopped {
            Some(at) => over(name, "FAILED", at),
            None => summary(name),
        };
        let mut batch = batch(summary, &records);
        batch.facts = vec![fact("ExecutionStarted", ""), fact("ExecutionFailed", "S")];
        let mut begun = beginning(name, &format!("text of {root}"));
        begun.root = arn(root).into();
        batch.beginning = Some(begun);
        kept.journal.append(batch).unwrap();
        let owned = Resource::new("map-run", name, "{}".to_owned());
        kept.journal.put(owned.owned_by(&arn(name))).unwrap();
    };
    add("old", "old", Some(START));
    add("old-child", "old", Some(START + 1));
    add("open", "open", None);
    add("child-of-open", "open", Some(START));
    add("young", "young", Some(START + 1000));
    add("child-of-young", "young", Some(START));
    kept.keep();
    let error = kept.store.as_ref().unwrap().prune(Timestamp(START), true);
    assert!(error.is_err(), "a journal is out");
    drop(kept);
    let store = Store::open(&path, options()).unwrap();
    let would = store.prune(Timestamp(START + 1000), true).unwrap();
    let did = store.prune(Timestamp(START + 1000), false).unwrap();
    assert_eq!(would, did);
    assert_eq!((did.executions, did.records), (2, 4));
    assert!(did.bytes > 100);
    assert_eq!(
        store
            .prune(Timestamp(START + 1000), false)
            .unwrap()
            .executions,
        0
    );
    drop(store);
    let kept = Kept::in_store(&path, None);
    let left = kept.journal.list(&journal::Filter::default()).unwrap();
    let left: Vec<&str> = left.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(left, ["child-of-young", "young", "child-of-open", "open"]);
    assert_eq!(kept.journal.resources("map-run", None).unwrap().len(), 4);
    let gone = definition("text of old").digest;
    assert_eq!(kept.journal.definition(&gone).unwrap(), None);
    let there = definition("text of open").digest;
    assert!(kept.journal.definition(&there).unwrap().is_some());
    let statistics = kept
        .journal
        .statistics(&journal::Filter::default())
        .unwrap();
    assert_eq!(statistics.machines["m"].states["S"].ended[""], 4);
    drop(kept);
    assert!(Store::check(&path, None).unwrap().is_sound());
}

#[test]
fn a_file_that_nobody_may_write_can_be_looked_into() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = folder();
    drop(filled(&path, None));
    let mode = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&path, 0o444);
    mode(folder.path(), 0o555);
    let looking = Store::look(&path, None).unwrap();
    assert_eq!(looking.journal.read(&arn("a")).unwrap().len(), 2);
    mode(folder.path(), 0o755);
}
