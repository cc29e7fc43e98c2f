//! A process that is killed at any moment: what it was told is kept is there, and nothing is there by half.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::*;
use engine::Record;
use journal::Store;

/// Names the store to the process that is to be killed.
const STORE: &str = "WF_HOST_TEST_STORE";

/// Two executions a unit, and one record more of each in the next: a unit that is kept by half would show.
fn unit(number: u32) -> [(String, Vec<Record>); 2] {
    ["left", "right"].map(|side| {
        let records = vec![started(&number.to_string()), waiting(1, START)];
        (format!("{side}-{number}"), records)
    })
}

#[expect(clippy::print_stdout, reason = "the one that kills it reads this")]
/// Keeps units until somebody kills it, and says which are kept.
fn keep_for_ever(path: &Path) {
    let mut kept = Kept::in_store(path, None);
    for number in 0.. {
        for (name, records) in unit(number) {
            kept.journal
                .append(batch(summary(&name), &records))
                .expect("it begins");
        }
        // Some wait for the next, so that there are units that nobody was told of.
        if number % 3 == 2 {
            kept.keep();
            println!("kept {number}");
            std::io::stdout().flush().expect("somebody listens");
        } else {
            kept.journal.seal();
        }
    }
}

/// Is not a test by itself: it is what the test below starts and kills.
#[test]
fn the_one_that_is_killed() {
    if let Some(path) = std::env::var_os(STORE) {
        keep_for_ever(Path::new(&path));
    }
}

#[test]
fn what_was_acknowledged_outlives_being_killed() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..24_usize {
        let path = folder.path().join(format!("{round}.db"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["the_one_that_is_killed", "--exact", "--nocapture"])
            .env(STORE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = lines.filter_map(|line| line.ok()?.strip_prefix("kept ")?.parse::<u32>().ok());
        // Killed after a number of acknowledgements, in the middle of what comes next.
        let last = told.take(1 + round * 7).last();
        child.kill().unwrap();
        child.wait().unwrap();
        let last = last.expect("it kept something");
        let kept = Kept::in_store(&path, None);
        let store = kept.store.as_ref().unwrap();
        assert_eq!(store.notice(), None);
        let mut there = 0;
        for number in 0.. {
            let found = unit(number).map(|(name, records)| {
                let read = kept.journal.read(&arn(&name));
                read.is_ok_and(|read| {
                    assert_eq!(read, records);
                    true
                })
            });
            assert_eq!(found[0], found[1], "unit {number} is there by half");
            if !found[0] {
                break;
            }
            there += 1;
        }
        assert!(
            there > last,
            "{last} was acknowledged, and {there} are there"
        );
        assert_eq!(kept.journal.open(None).unwrap().len() as u32, 2 * there);
        drop(kept);
        assert!(Store::check(&path, None).unwrap().is_sound());
    }
}
