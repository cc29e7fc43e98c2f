//! A guest's own `/tmp`: empty when it begins, of a bounded size, gone when it has ended.
//!
//! It is a fresh folder of mode 0700 below the host's temporary folder, opened through [`Root`], and removed with the
//! invocation's store, however that ends; a host that is killed, or that ends with guests at work, leaves it behind for
//! a later one, which removes what is a day old. A guest that cannot open files gets none made.
//!
//! **The bound** is held by looking, since nothing stands between a guest's write and the disk. Every [`INTERVAL`] of
//! wall time, and once more when the guest has ended, what is allocated below the folder is summed up: the blocks of
//! every file, 4 KiB for every name, and, where `/proc` tells of them, the blocks of files that were removed and
//! are still open. A guest that is over its bound is stopped as by a trap, and none that ends over it is said to have
//! succeeded. So a guest can be over its bound for one interval and the time of one look, and no longer. Under the
//! virtual clock it is stopped at a point that depends on the machine; what it is told to have ended with does not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::mount::{Access, Mount, MountError, Root};
use crate::outcome::End;

/// Where the guest finds it.
pub(crate) const TARGET: &str = "/tmp";

/// Wall time between two looks, at least.
const INTERVAL: Duration = Duration::from_millis(20);

/// What a name takes up.
const ENTRY: u64 = 4096;

/// Folders nested more deeply than this count as being over the bound: they would not be removed reliably.
const DEEPEST: usize = 64;

/// The folder; dropped, it is gone.
pub(crate) struct Scratch {
    bound: Bound,
}

/// What is looked at.
#[derive(Clone)]
pub(crate) struct Bound {
    path: PathBuf,
    most: u64,
}

impl Scratch {
    /// Makes the folder, for at most `most` bytes.
    pub(crate) fn new(most: u64) -> io::Result<Scratch> {
        static TIDIED: Once = Once::new();
        let parent = std::env::temp_dir();
        TIDIED.call_once(|| tidy(&parent));
        let path = make(&parent)?;
        let bound = Bound { path, most };
        Ok(Scratch { bound })
    }

    /// The folder as the guest gets it.
    pub(crate) fn mount(&self) -> Result<Mount, MountError> {
        let path = &self.bound.path;
        let io = |source| MountError::Io {
            name: path.clone(),
            source,
        };
        let root = Root::open(path).map_err(io)?;
        root.mount(".", TARGET, Access::ReadWrite)
    }

    /// What to look at while the guest runs.
    pub(crate) fn bound(&self) -> Bound {
        self.bound.clone()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed stays for whoever cleans the temporary folder; there is nobody to tell.
        let _ = fs::remove_dir_all(&self.bound.path);
    }
}

impl Bound {
    /// Returns when there is too much in the folder.
    pub(crate) async fn exceeded(self) -> End {
        let mut pause = INTERVAL;
        loop {
            tokio::time::sleep(pause).await;
            let (bound, began) = (self.clone(), Instant::now());
            let full = tokio::task::spawn_blocking(move || bound.is_exceeded()).await;
            if full.unwrap_or(true) {
                return self.end();
            }
            // A folder of many files must not keep a thread busy with looking.
            pause = INTERVAL.max(began.elapsed() * 4);
        }
    }

    /// Whether there is too much in the folder now.
    pub(crate) fn is_exceeded(&self) -> bool {
        let named = below(&self.path, self.most, DEEPEST);
        named.saturating_add(removed(&self.path)) > self.most
    }

    /// How a guest ends that put too much there.
    pub(crate) fn end(&self) -> End {
        End::Trapped {
            message: format!("there is more in {TARGET} than its {} bytes", self.most),
            backtrace: Vec::new(),
        }
    }
}

/// What the names of the folders begin with; the process's number and a number of its own follow.
const NAME: &str = "wf-host-";

/// How old a folder must be to be nobody's: longer than any guest runs.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes the folders of processes that were killed, or that ended with guests still at work.
fn tidy(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let numbers = name.to_str().and_then(|name| name.strip_prefix(NAME));
        let is_ours = numbers.is_some_and(|numbers| {
            let mut parts = numbers.split('-');
            let mut number = || parts.next().is_some_and(|part| part.parse::<u64>().is_ok());
            number() && number() && parts.next().is_none()
        });
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        if is_ours && age.is_some_and(|age| age > ABANDONED) {
            // Another user's cannot be removed, and is not ours to.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Makes a folder that did not exist before and that nobody else can enter.
fn make(parent: &Path) -> io::Result<PathBuf> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    const ATTEMPTS: usize = 1000;
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..ATTEMPTS {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{NAME}{}-{number}", std::process::id()));
        match create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// What is allocated below a folder; as soon as it is over `most` it is not counted on.
fn below(folder: &Path, most: u64, deeper: usize) -> u64 {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unseen(&error),
    };
    let mut total = 0u64;
    for entry in entries {
        let size = match entry.and_then(|entry| Ok((entry.metadata()?, entry.path()))) {
            Ok((metadata, path)) if metadata.is_dir() => match deeper.checked_sub(1) {
                Some(deeper) => ENTRY.saturating_add(below(&path, most, deeper)),
                None => u64::MAX,
            },
            Ok((metadata, _)) => ENTRY.saturating_add(allocated(&metadata)),
            Err(error) => unseen(&error),
        };
        total = total.saturating_add(size);
        if total > most {
            return total;
        }
    }
    total
}

/// The guest goes on while it is looked at, so things vanish; and the process may have no descriptor left to look with,
/// which says nothing of this guest. What cannot be seen for another reason is too much.
fn unseen(error: &io::Error) -> u64 {
    /// Too many open files, in this process and in the system.
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => 0,
        _ if cfg!(unix) && matches!(error.raw_os_error(), Some(EMFILE | ENFILE)) => 0,
        _ => u64::MAX,
    }
}

#[cfg(unix)]
fn allocated(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.blocks().saturating_mul(512)
}

#[cfg(not(unix))]
fn allocated(metadata: &fs::Metadata) -> u64 {
    metadata.len()
}

/// What files of the folder still take up that have no name any more.
#[cfg(target_os = "linux")]
fn removed(folder: &Path) -> u64 {
    let Ok(open) = fs::read_dir("/proc/self/fd") else {
        return 0;
    };
    let paths = open.filter_map(|entry| Some(entry.ok()?.path()));
    let of_folder = paths.filter(|path| {
        let target = fs::read_link(path).unwrap_or_default();
        let deleted = target.to_string_lossy().ends_with(" (deleted)");
        deleted && target.starts_with(folder)
    });
    let sizes = of_folder.filter_map(|path| Some(allocated(&fs::metadata(path).ok()?)));
    sizes.fold(0, u64::saturating_add)
}

#[cfg(not(target_os = "linux"))]
fn removed(_folder: &Path) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_it_counts_and_goes_with_it() {
        let scratch = Scratch::new(64 << 10).unwrap();
        let path = scratch.bound.path.clone();
        assert!(!scratch.bound().is_exceeded());
        fs::create_dir(path.join("deep")).unwrap();
        fs::write(path.join("deep/file"), vec![1; 32 << 10]).unwrap();
        assert!(!scratch.bound().is_exceeded());
        fs::write(path.join("more"), vec![1; 32 << 10]).unwrap();
        assert!(scratch.bound().is_exceeded());
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn what_others_left_behind_goes_when_it_is_old() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str, age: u64| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            let changed = std::time::SystemTime::now() - Duration::from_secs(age);
            fs::File::open(&path)
                .unwrap()
                .set_modified(changed)
                .unwrap();
            path
        };
        let (old, new) = (make("wf-host-1-2", 100_000), make("wf-host-1-3", 100));
        let (other, mine) = (
            make("wf-host-notes", 100_000),
            make("wf-host-1-2-3", 100_000),
        );
        tidy(parent.path());
        assert!(!old.exists() && new.exists() && other.exists() && mine.exists());
    }

    #[test]
    fn folders_in_folders_and_many_names_are_too_much() {
        let scratch = Scratch::new(1 << 30).unwrap();
        let deep: PathBuf = std::iter::repeat_n("d", DEEPEST + 2).collect();
        fs::create_dir_all(scratch.bound.path.join(deep)).unwrap();
        assert!(scratch.bound().is_exceeded());
        let scratch = Scratch::new(10 * ENTRY).unwrap();
        (0..11).for_each(|n| fs::write(scratch.bound.path.join(n.to_string()), "").unwrap());
        assert!(scratch.bound().is_exceeded());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_that_are_removed_and_open_count() {
        use std::io::Write as _;
        let scratch = Scratch::new(64 << 10).unwrap();
        let path = scratch.bound.path.join("gone");
        let mut file = fs::File::create(&path).unwrap();
        fs::remove_file(&path).unwrap();
        file.write_all(&vec![1; 128 << 10]).unwrap();
        file.sync_all().unwrap();
        assert!(scratch.bound().is_exceeded());
        drop(file);
        assert!(!scratch.bound().is_exceeded());
    }
}
