//! Folders below the cache: private, and temporary ones beside what they are to become.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// What the names of temporary folders begin with: nothing that is looked for does.
const TEMPORARY: &str = ".new-";

/// Makes a folder and those above it, for this user alone.
pub(crate) fn private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A new temporary folder in `folder`, for this user alone. It goes with its value.
pub(crate) fn temporary(folder: &Path) -> io::Result<TempDir> {
    private(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(folder)
}

/// Removes temporary folders that processes left behind which were killed: those older than `age`.
pub(crate) fn clean(folder: &Path, age: Duration) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_temporary = entry.file_name().to_string_lossy().starts_with(TEMPORARY);
        if is_temporary && is_older(&entry.path(), age) {
            // Another process may be at it too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether it was last changed longer ago than `age`.
pub(crate) fn is_older(path: &Path, age: Duration) -> bool {
    let changed = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| {
        let since = SystemTime::now().duration_since(changed);
        since.is_ok_and(|since| since >= age)
    })
}
