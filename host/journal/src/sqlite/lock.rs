//! Who has a store open for writing: an advisory lock on a file beside it, which ends with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::OpenError;

/// The lock of a store, held until it is dropped. The file itself stays, since taking it away would let two
/// processes lock two files of one name.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of the store at `path`, or tells who has it.
    pub(super) fn take(path: &Path) -> Result<Lock, OpenError> {
        let refused = |error: &std::io::Error| OpenError::Refused {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let file = private().read(true).open(beside(path));
        let mut file = file.map_err(|error| refused(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(path, &mut file)),
            Err(TryLockError::Error(error)) => return Err(refused(&error)),
        }
        let mut lock = Lock { file };
        lock.write(None).map_err(|error| refused(&error))?;
        Ok(lock)
    }

    /// Says where this process serves what is in the store.
    pub(super) fn announce(&mut self, url: &str) -> std::io::Result<()> {
        self.write(Some(url))
    }

    fn write(&mut self, url: Option<&str>) -> std::io::Result<()> {
        let text = format!("{}\n{}\n", std::process::id(), url.unwrap_or_default());
        self.file.rewind()?;
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())
    }
}

/// The lock file of a store.
fn beside(path: &Path) -> PathBuf {
    with_suffix(path, "-lock")
}

/// For writing a file that belongs to the store. If there is none, it is made for its owner alone: a store holds what
/// nobody else should read. One that is there keeps its mode.
pub(super) fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The path of a file that belongs to the store.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn in_use(path: &Path, file: &mut File) -> OpenError {
    let mut text = String::new();
    // What cannot be read is not told.
    let _ = file.take(4096).read_to_string(&mut text);
    let mut lines = text.lines();
    OpenError::InUse {
        path: path.to_owned(),
        pid: lines.next().and_then(|pid| pid.parse().ok()),
        url: lines
            .next()
            .filter(|url| !url.is_empty())
            .map(str::to_owned),
    }
}
