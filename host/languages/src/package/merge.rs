//! Several layers as one folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::unpack::{ALL, mark_used};
use crate::folder;
use crate::hex::hex;

/// Writes one file of a merged folder, under its name relative to that; what was there before gives way.
pub type Write<'w> = dyn FnMut(&Path, &[u8]) -> Result<(), String> + 'w;

/// A folder of the cache that holds what `fill` writes, or that holds it already: `digest` names the contents. It is
/// never seen half full.
///
/// # Errors
/// What `fill` failed with, or the disk, in words.
pub fn merge(
    cache: &Path,
    digest: [u8; 32],
    fill: impl FnOnce(&mut Write<'_>) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let all = cache.join(ALL);
    let place = all.join(format!("layers-{}", hex(&digest)));
    if place.is_dir() {
        mark_used(&place);
        return Ok(place);
    }
    let new = folder::temporary(&all).map_err(|error| format!("{}: {error}", all.display()))?;
    fill(&mut |name, bytes| write(&new.path().join(name), bytes))?;
    match fs::rename(new.path(), &place) {
        // Another process was faster, and wrote the same.
        Err(_) if place.is_dir() => Ok(place),
        Err(error) => Err(format!("{}: {error}", place.display())),
        Ok(()) => Ok(place),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let parent = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(parent).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_files_win_and_what_is_there_is_not_written_again() {
        let cache = tempfile::tempdir().unwrap();
        let fill = |write: &mut Write<'_>| {
            write(Path::new("python/a.py"), b"1")?;
            write(Path::new("python/a.py"), b"2")
        };
        let folder = merge(cache.path(), [1; 32], fill).unwrap();
        assert_eq!(fs::read(folder.join("python/a.py")).unwrap(), b"2");
        let again = merge(cache.path(), [1; 32], |_| Err("not called".into()));
        assert_eq!(again.unwrap(), folder);
    }

    #[test]
    fn what_failed_leaves_nothing() {
        let cache = tempfile::tempdir().unwrap();
        let failed = merge(cache.path(), [1; 32], |write| {
            write(Path::new("a"), b"1")?;
            Err("gone".into())
        });
        assert_eq!(failed, Err("gone".to_owned()));
        assert_eq!(fs::read_dir(cache.path().join(ALL)).unwrap().count(), 0);
    }
}
