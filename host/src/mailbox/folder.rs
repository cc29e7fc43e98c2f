//! Where the sockets are: a folder that only its user can enter.

use std::fs::{DirBuilder, Metadata};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Makes the folder if it is missing.
pub fn make() -> Result<PathBuf> {
    let path = path()?;
    match DirBuilder::new().mode(0o700).create(&path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(named(&path, &error)),
        _ => check(path),
    }
}

/// The sockets in the folder, in order of name.
pub fn sockets() -> Result<Vec<PathBuf>> {
    let path = path()?;
    if std::fs::symlink_metadata(&path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok(Vec::new());
    }
    let folder = check(path)?;
    let entries = std::fs::read_dir(&folder).map_err(|error| named(&folder, &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut sockets: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "sock"))
        .collect();
    sockets.sort();
    Ok(sockets)
}

/// Under the user's runtime folder; without one under that for temporary files, which all users share.
fn path() -> Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    match runtime.filter(|path| path.is_absolute() && path.is_dir()) {
        Some(runtime) => Ok(runtime.join("wf-host")),
        None => Ok(std::env::temp_dir().join(format!("wf-host-{}", user()?))),
    }
}

/// Somebody else may have made the folder, to listen to what is not meant for them.
fn check(path: PathBuf) -> Result<PathBuf> {
    let metadata = std::fs::symlink_metadata(&path).map_err(|error| named(&path, &error))?;
    let is_own = metadata.is_dir() && metadata.uid() == user()? && metadata.mode() & 0o077 == 0;
    if is_own {
        return Ok(path);
    }
    Err(Error::other(format!(
        "{} must be a folder of yours with mode 0700",
        path.display()
    )))
}

/// The number of the user, read off what is certainly theirs.
fn user() -> Result<u32> {
    let home = || std::fs::metadata(std::env::var_os("HOME").unwrap_or_default());
    let own: Metadata = std::fs::metadata("/proc/self").or_else(|_| home())?;
    Ok(own.uid())
}

fn named(path: &Path, error: &Error) -> Error {
    Error::new(error.kind(), format!("{}: {error}", path.display()))
}
