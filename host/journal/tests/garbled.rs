//! Single values that somebody or something garbled: each is told, and nothing else fails for it.

mod common;

use std::path::{Path, PathBuf};

use common::*;
use journal::{Filter, Resource, Store};
use rusqlite::Connection;

/// A text that is no Unicode.
const GARBLED: &str = "CAST(x'ff' AS TEXT)";

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wf.db");
    (folder, path)
}

/// Changes a store that is closed, past the journal.
fn change(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("a store");
    assert!(connection.execute(sql, []).expect("it is changed") > 0);
}

/// The executions of [`filled`], and one of which something is counted.
fn fill(path: &Path) {
    let mut kept = filled(path, None);
    let records = [started("0"), failed(1, "E")];
    let mut counted = batch(over("d", "FAILED", START), &records);
    counted.facts = vec![fact("TaskStateEntered", "S"), fact("ExecutionFailed", "S")];
    kept.journal.append(counted).expect("it is kept");
    kept.keep();
}

#[test]
fn records_are_kept_and_counted_beside_one_that_is_garbled() {
    for column in ["kind", "state", "error"] {
        let (_folder, path) = folder();
        fill(&path);
        // As if it had not been closed.
        change(&path, "DELETE FROM store WHERE name = 'counted'");
        change(&path, "DELETE FROM counts");
        let garble =
            format!("UPDATE records SET {column} = {GARBLED} WHERE execution = 3 AND seq = 1");
        change(&path, &garble);
        let mut kept = Kept::in_store(&path, None);
        let again = batch(over("e", "FAILED", START), &[]);
        kept.journal.append(again).unwrap();
        kept.journal.forget(&arn("c")).unwrap();
        kept.keep();
        let figures = kept.journal.statistics(&Filter::default()).unwrap();
        assert_eq!(figures.machines["m"].executions["FAILED"], 3, "{column}");
        assert_eq!(figures.machines["m"].states["S"].ended[""], 1, "{column}");
    }
}

#[test]
fn figures_leave_out_what_is_garbled_and_a_check_tells_of_it() {
    for garble in [
        "UPDATE records SET state = {} WHERE execution = 3 AND seq = 1",
        "UPDATE counts SET state = {} WHERE what = 'ended'",
        "UPDATE executions SET machine = {} WHERE number = 3",
    ] {
        let (_folder, path) = folder();
        fill(&path);
        let garble = garble.replace("{}", GARBLED);
        change(&path, &garble);
        let looking = Store::look(&path, None).unwrap();
        let figures = looking.journal.statistics(&Filter::default()).unwrap();
        assert_eq!(figures.machines["m"].executions["FAILED"], 2, "{garble}");
        assert!(!Store::check(&path, None).unwrap().is_sound(), "{garble}");
    }
}

#[test]
fn an_execution_with_a_garbled_record_is_pruned() {
    let (_folder, path) = folder();
    fill(&path);
    let garble = format!("UPDATE records SET error = {GARBLED} WHERE execution = 1 AND seq = 1");
    change(&path, &garble);
    let store = Store::open(&path, journal::StoreOptions::default()).unwrap();
    let pruned = store.prune(engine::Timestamp(START + 1000), false).unwrap();
    assert_eq!(pruned.executions, 2);
}

#[test]
fn a_resource_that_is_garbled_hides_no_other() {
    for garble in [
        "UPDATE resources SET json = {} WHERE key = 'g'",
        "UPDATE resources SET json = '[]' WHERE key = 'g'",
        "UPDATE resources SET bytes = x'00' WHERE key = 'g'",
        "UPDATE resources SET crc = 1 WHERE key = 'g'",
        "UPDATE resources SET key = {} WHERE key = 'g'",
    ] {
        let (_folder, path) = folder();
        let mut kept = filled(&path, None);
        for key in ["g", "h"] {
            let function = Resource::new("function", key, "{}".to_owned());
            kept.journal.put(function.with_bytes(vec![1])).unwrap();
        }
        kept.keep();
        drop(kept);
        change(&path, &garble.replace("{}", GARBLED));
        let all = Store::look(&path, None).unwrap().resources.all("function");
        let (read, garbled): (Vec<_>, Vec<_>) = all.unwrap().into_iter().partition(Result::is_ok);
        let keys = read.into_iter().flatten().map(|resource| resource.key);
        assert_eq!(keys.collect::<Vec<_>>(), ["f", "h"], "{garble}");
        assert_eq!(garbled.len(), 1, "{garble}");
        assert!(!Store::check(&path, None).unwrap().is_sound(), "{garble}");
    }
}

#[test]
fn an_execution_that_is_garbled_is_told_to_those_of_its_root_alone() {
    let (_folder, path) = folder();
    drop(filled(&path, None));
    change(
        &path,
        "UPDATE executions SET summary_crc = 1 WHERE number = 3",
    );
    let journal = Store::look(&path, None).unwrap().journal;
    let told = |root: Option<&str>| -> Vec<String> {
        let damaged = journal.damaged(root).unwrap().into_iter();
        damaged.map(|damaged| damaged.execution).collect()
    };
    assert_eq!(told(None), [arn("c")]);
    assert_eq!(told(Some(&arn("c"))), [arn("c")]);
    assert_eq!(told(Some(&arn("b"))), [] as [&str; 0]);
}
