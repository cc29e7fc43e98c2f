//! What a store says when its files are not what was written: real bytes cut off and flipped.

mod common;

use std::path::{Path, PathBuf};

use common::*;
use engine::Record;
use journal::{Filter, Journal, JournalError, Store, StoreOptions};

/// The executions that a test kept, each with its log.
type Logs = Vec<(String, Vec<Record>)>;

fn log(at: u32) -> Vec<Record> {
    let input = format!(r#"{{"order":{at},"text":"{}"}}"#, "x".repeat(300));
    let mut records = vec![started(&input)];
    records.extend((1..4).map(|seq| waiting(seq, START + 60_000)));
    records
}

/// A store whose files are copied while it is open, so that the log is still there.
struct Living {
    _folder: tempfile::TempDir,
    path: PathBuf,
    kept: Kept,
}

impl Living {
    fn new() -> Living {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wf.db");
        drop(Kept::in_store(&path, None));
        let kept = Kept::in_store(&path, None);
        Living {
            _folder: folder,
            path,
            kept,
        }
    }

    /// Keeps an execution in a unit of its own.
    fn add(&mut self, at: u32) -> (String, Vec<Record>) {
        let name = format!("e{at}");
        let records = log(at);
        let mut batch = batch(summary(&name), &records);
        batch.beginning = Some(beginning(&name, "{}"));
        self.kept.journal.append(batch).expect("the disk works");
        self.kept.keep();
        (arn(&name), records)
    }

    fn wal(&self) -> Vec<u8> {
        std::fs::read(self.path.with_file_name("wf.db-wal")).expect("the disk works")
    }

    fn file(&self) -> Vec<u8> {
        std::fs::read(&self.path).expect("the disk works")
    }
}

/// A store of these files, in a folder of its own.
fn lay_out(file: &[u8], wal: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wf.db");
    std::fs::write(&path, file).expect("the disk works");
    if !wal.is_empty() {
        std::fs::write(path.with_file_name("wf.db-wal"), wal).expect("the disk works");
    }
    (folder, path)
}

fn open(path: &Path) -> Option<(Store, Box<dyn Journal>)> {
    let store = Store::open(path, StoreOptions::default()).ok()?;
    let journal = store.journal().ok()?;
    Some((store, journal))
}

#[test]
fn of_a_log_that_is_cut_off_anywhere_all_whole_units_are_there_and_no_part_of_another() {
    let mut living = Living::new();
    let file = living.file();
    let units: Vec<(usize, (String, Vec<Record>))> = (0..4)
        .map(|at| {
            let added = living.add(at);
            (living.wal().len(), added)
        })
        .collect();
    let wal = living.wal();
    for cut in (0..=wal.len()).step_by(512) {
        let (_folder, path) = lay_out(&file, &wal[..cut]);
        let (store, journal) = open(&path).expect("a log that is cut off is no reason to refuse");
        let mut there = 0;
        for (end, (arn, records)) in &units {
            match journal.read(arn) {
                Ok(read) => {
                    assert_eq!(&read, records);
                    there += 1;
                }
                Err(error) => {
                    assert_eq!(error, JournalError::Unknown(arn.clone()));
                    assert!(*end > cut, "a whole unit is lost by a cut at {cut}");
                }
            }
        }
        assert_eq!(journal.open(None).unwrap().len(), there, "{cut}");
        drop(journal);
        drop(store);
        assert!(Store::check(&path, None).unwrap().is_sound(), "{cut}");
    }
}

#[test]
fn a_flipped_bit_in_the_log_is_told() {
    let mut living = Living::new();
    let file = living.file();
    let logs: Logs = (0..3).map(|at| living.add(at)).collect();
    let wal = living.wal();
    let frames = wal.len() / (24 + 8192);
    let heads = (0..frames).flat_map(|frame| (0..24).map(move |at| 32 + frame * (24 + 8192) + at));
    let places = (0..32).chain(heads).chain((0..wal.len()).step_by(613));
    for (number, at) in places.enumerate() {
        let mut wal = wal.clone();
        wal[at] ^= 1 << (number % 8);
        let (folder, path) = lay_out(&file, &wal);
        let (store, journal) = open(&path).expect("what is left can be used");
        let lost = logs
            .iter()
            .any(|(arn, records)| journal.read(arn).as_ref() != Ok(records));
        let notice = store.notice().map(str::to_owned);
        assert!(
            !lost || notice.is_some(),
            "byte {at} is flipped, and nothing is said"
        );
        if notice.is_some() {
            let copy = std::fs::read(folder.path().join("wf.db-damaged-wal-1")).unwrap();
            assert_eq!(copy, wal);
            let copy = std::fs::metadata(folder.path().join("wf.db-damaged-wal-1")).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::mode(&copy.permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

/// What of the executions cannot be seen as it was written, and what the journal says of itself.
struct Seen {
    missing: usize,
    unread: usize,
    told: bool,
}

fn see(journal: &dyn Journal, logs: &Logs) -> Option<Seen> {
    let open = journal.open(None).ok()?;
    let told = !journal.damaged(None).ok()?.is_empty();
    let is_open = |arn: &str| open.iter().any(|kept| kept.summary.execution_arn == arn);
    let mut seen = Seen {
        missing: 0,
        unread: 0,
        told,
    };
    for (arn, records) in logs {
        seen.missing += usize::from(!is_open(arn));
        match journal.read(arn) {
            Ok(read) => assert_eq!(
                &read, records,
                "{arn} is read otherwise than it was written"
            ),
            Err(_) => seen.unread += 1,
        }
    }
    // Nothing of this may panic, whatever it says.
    let _ = journal.statistics(&Filter::default());
    let _ = journal.list(&Filter::default());
    let _ = journal.resources("function", None);
    let _ = journal.latest();
    Some(seen)
}

#[test]
fn a_flipped_bit_in_the_store_hides_no_other_execution_and_is_told() {
    let mut living = Living::new();
    let logs: Logs = (0..40).map(|at| living.add(at)).collect();
    let Living {
        _folder,
        path,
        kept,
    } = living;
    drop(kept);
    let file = std::fs::read(&path).unwrap();
    let places = (0..100).chain((100..file.len()).step_by(331));
    let mut refused = 0;
    let mut flawed = 0;
    for (number, at) in places.enumerate() {
        let mut file = file.clone();
        file[at] ^= 1 << (number % 8);
        let (_folder, path) = lay_out(&file, &[]);
        let checked = Store::check(&path, None);
        let Some((store, journal)) = open(&path) else {
            refused += 1;
            continue;
        };
        let Some(seen) = see(journal.as_ref(), &logs) else {
            refused += 1;
            continue;
        };
        let whole = seen.missing + seen.unread == 0;
        flawed += usize::from(!whole);
        assert!(
            seen.missing == 0 || seen.told,
            "byte {at}: an open execution is lost without a word"
        );
        let sound = checked.is_ok_and(|report| report.is_sound());
        assert!(whole || !sound, "byte {at}: a check finds nothing");
        drop(journal);
        drop(store);
    }
    // A single byte brings down all of the store at few places only, and is seen at many.
    assert!(flawed > 20, "{flawed}");
    assert!(refused < 60, "{refused}");
}

#[test]
fn a_store_that_is_cut_off_is_refused_or_tells() {
    let mut living = Living::new();
    let logs: Logs = (0..40).map(|at| living.add(at)).collect();
    let Living {
        _folder,
        path,
        kept,
    } = living;
    drop(kept);
    let file = std::fs::read(&path).unwrap();
    for cut in (0..file.len()).step_by(4096) {
        let (_folder, path) = lay_out(&file[..cut], &[]);
        if cut == 0 {
            // An empty file is where a store begins.
            continue;
        }
        let Some((_store, journal)) = open(&path) else {
            continue;
        };
        if let Some(seen) = see(journal.as_ref(), &logs) {
            assert!(seen.missing == 0 || seen.told, "{cut}");
        }
    }
}
