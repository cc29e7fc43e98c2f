//! Compiled code on disk: hit, damage, strangers, and processes at once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sandbox::{CacheUse, Config, End, Sandbox};

use crate::common::{ECHO, block_on, event, reactor, small};

fn sandbox(folder: &Path) -> Sandbox {
    let config = Config {
        cache_dir: Some(folder.to_owned()),
        max_guests: 4,
        ..small()
    };
    Sandbox::new(config).unwrap()
}

/// Loads the echo guest, checks that it works, and says where it came from.
fn load(folder: &Path) -> CacheUse {
    let sandbox = sandbox(folder);
    let guest = sandbox.load("echo", &reactor(ECHO)).unwrap();
    let outcome = block_on(sandbox.invoke(&guest, event("7"))).unwrap();
    assert_eq!(outcome.end, End::Returned(b"7".to_vec()));
    guest.cache_use().clone()
}

fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn the_second_load_is_a_hit() {
    let folder = tempfile::tempdir().unwrap();
    let nested = folder.path().join("a/b");
    assert_eq!(load(&nested), CacheUse::Stored);
    assert_eq!(load(&nested), CacheUse::Hit);
    assert_eq!(
        fs::metadata(&nested).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn a_damaged_file_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(load(folder.path()), CacheUse::Stored);
    let file = only_file(folder.path());
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let cases = [
        &whole[..whole.len() / 2],
        &whole[..whole.len() - 1],
        &changed,
        b"",
        b"\x7fELF",
    ];
    for damaged in cases {
        fs::write(&file, damaged).unwrap();
        assert_eq!(load(folder.path()), CacheUse::Replaced);
        assert_eq!(load(folder.path()), CacheUse::Hit);
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(load(folder.path()), CacheUse::Replaced);
}

#[test]
fn a_folder_that_others_may_write_to_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let sandbox = sandbox(folder.path());
    assert!(
        sandbox
            .cache_warning()
            .unwrap()
            .contains("others may write to it")
    );
    assert_eq!(load(folder.path()), CacheUse::Off);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_cannot_be_made_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(sandbox(&file).cache_warning().is_some());
    assert!(sandbox(&file.join("below")).cache_warning().is_some());
}

/// Each sandbox stands for a process: they share nothing but the folder.
#[test]
fn many_at_once_leave_one_good_file() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| load(folder.path()));
        }
    });
    only_file(folder.path());
    assert_eq!(load(folder.path()), CacheUse::Hit);
}
