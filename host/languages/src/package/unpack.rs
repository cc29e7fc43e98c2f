//! Unpacking a package once for all processes that share a cache.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::files;
use super::{Package, PackageError};
use crate::folder;
use crate::hex::hex;

/// Code that nobody has asked for in this time is removed.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often old code is looked for, and how old a temporary folder must be to be nobody's any more.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The folder below the cache that all unpacked code is in.
pub(super) const ALL: &str = "code";
/// When old code was last looked for, as the time of this file.
const LOOKED: &str = ".looked";

/// Unpacks a function's code into `<cache>/code/<SHA-256 of the zip>/` and gives that folder, or just the folder if
/// the code is there already and whole. What is there is never half of it, and may be used by many processes. It
/// stays for 30 days after it was last asked for.
///
/// # Errors
/// [`PackageError`] when the zip is not within the bounds of [`Package::open`], a link leads out of it, or the disk
/// fails.
pub fn unpack(cache: &Path, zip: &[u8]) -> Result<PathBuf, PackageError> {
    let mut package = Package::open(zip)?;
    let all = cache.join(ALL);
    let place = all.join(hex(&Sha256::digest(zip)));
    if files::are_whole(&package, &place) && place.is_dir() {
        mark_used(&place);
        return Ok(place);
    }
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |error| PackageError::Disk { path, error }
    };
    let new = folder::temporary(&all).map_err(disk(&all))?;
    files::write(&mut package, new.path())?;
    settle(&package, new.path(), &place).map_err(disk(&place))?;
    clean(&all);
    Ok(place)
}

/// Moves the folder to where it is looked for, unless another process was faster. What is damaged there gives way.
fn settle(package: &Package<'_>, new: &Path, place: &Path) -> io::Result<()> {
    let Err(error) = fs::rename(new, place) else {
        return Ok(());
    };
    if !place.is_dir() {
        return Err(error);
    }
    if files::are_whole(package, place) {
        return Ok(());
    }
    let all = place.parent().unwrap_or(place);
    let aside = folder::temporary(all)?;
    fs::rename(place, aside.path().join("damaged"))?;
    fs::rename(new, place)
}

/// The folder's time is that of its last use.
pub(super) fn mark_used(place: &Path) {
    // A cache that cannot be written serves as it is.
    let _ = File::open(place).and_then(|folder| folder.set_modified(SystemTime::now()));
}

/// Removes what was not used for long, at most once a day.
fn clean(all: &Path) {
    let looked = all.join(LOOKED);
    if looked.exists() && !folder::is_older(&looked, A_DAY) {
        return;
    }
    if fs::write(&looked, []).is_err() {
        return;
    }
    folder::clean(all, A_DAY);
    let Ok(entries) = fs::read_dir(all) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && folder::is_older(&path, UNUSED) {
            // Another process may be at it too.
            let _ = fs::remove_dir_all(path);
        }
    }
}
