//! Writing the entries of a package below a folder of their own.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Kind, Package, PackageError, leads_out_error};

/// Where a link points is a path, and no path is longer.
const MOST_LINK: u64 = 4096;
/// More links on the way to a file than this Linux does not follow.
const MOST_ON_THE_WAY: usize = 40;

/// Writes everything into `folder`, which must be new and empty. Links come last, so that nothing is written through
/// them, and only where they point to something inside; one that points to nothing is left out, since opening it
/// fails either way.
pub(super) fn write(package: &mut Package<'_>, folder: &Path) -> Result<(), PackageError> {
    let mut links = Vec::new();
    for at in 0..package.entries.len() {
        let entry = &package.entries[at];
        let path = folder.join(&entry.name);
        match entry.kind {
            Kind::Folder => folders(&path)?,
            Kind::Link => links.push(Link::read(package, at, path)?),
            Kind::File { executable } => {
                let bytes = package.read(at)?;
                file(&path, &bytes, executable)?;
            }
        }
    }
    point(folder, links)
}

/// Whether all files of the package are below `folder`, with the sizes that they must have.
pub(super) fn are_whole(package: &Package<'_>, folder: &Path) -> bool {
    let files = package
        .entries
        .iter()
        .filter(|entry| matches!(entry.kind, Kind::File { .. }));
    // Where a name is there twice, the last of them was written.
    let sizes: BTreeMap<&str, u64> = files
        .map(|entry| (entry.name.as_str(), entry.size))
        .collect();
    sizes.into_iter().all(|(name, size)| {
        let found = fs::symlink_metadata(folder.join(name));
        found.is_ok_and(|found| found.is_file() && found.len() == size)
    })
}

/// What a zip can make wrong here: a file where another one needs a folder, names that no disk takes. All else is
/// the disk's.
fn failed(path: &Path, error: io::Error) -> PackageError {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory,
    };
    match error.kind() {
        AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory => {
            PackageError::Damaged
        }
        _ => PackageError::Disk {
            path: path.to_owned(),
            error,
        },
    }
}

fn folders(path: &Path) -> Result<(), PackageError> {
    fs::create_dir_all(path).map_err(|error| failed(path, error))
}

fn file(path: &Path, bytes: &[u8], executable: bool) -> Result<(), PackageError> {
    let written = fs::write(path, bytes).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            fs::write(path, bytes)
        }
        _ => Err(error),
    });
    written
        .and_then(|()| set_mode(path, executable))
        .map_err(|error| failed(path, error))
}

#[cfg(unix)]
fn set_mode(path: &Path, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: bool) -> io::Result<()> {
    Ok(())
}

/// A link that is still to be made.
struct Link {
    path: PathBuf,
    target: PathBuf,
}

impl Link {
    fn read(package: &mut Package<'_>, at: usize, path: PathBuf) -> Result<Link, PackageError> {
        let entry = &package.entries[at];
        if entry.size == 0 || entry.size > MOST_LINK {
            return Err(PackageError::Damaged);
        }
        let within = Path::new(&entry.name).components().count();
        let target = String::from_utf8(package.read(at)?).map_err(|_| PackageError::Damaged)?;
        if target.contains('\0') || leads_out(&target, within.saturating_sub(1)) {
            return Err(leads_out_error(&target));
        }
        Ok(Link {
            path,
            target: target.into(),
        })
    }
}

/// Whether a path, taken by its words alone, leaves the folder `depth` above the one that it begins in.
fn leads_out(target: &str, depth: usize) -> bool {
    let mut depth = Some(depth);
    for part in Path::new(target).components() {
        depth = match (depth, part) {
            (Some(depth), Component::Normal(_)) => Some(depth + 1),
            (Some(depth), Component::CurDir) => Some(depth),
            (Some(depth), Component::ParentDir) => depth.checked_sub(1),
            _ => None,
        };
    }
    depth.is_none()
}

/// Makes links, each when what it points to is there. Other links may be on the way, which is why words alone cannot
/// tell where one leads.
#[cfg(unix)]
fn point(folder: &Path, mut links: Vec<Link>) -> Result<(), PackageError> {
    if links.is_empty() {
        return Ok(());
    }
    let inside = fs::canonicalize(folder).map_err(|error| failed(folder, error))?;
    for _ in 0..MOST_ON_THE_WAY {
        let mut rest = Vec::new();
        for link in links {
            let parent = link.path.parent().unwrap_or(folder);
            folders(parent)?;
            match fs::canonicalize(parent.join(&link.target)) {
                Ok(found) if found.starts_with(&inside) => {
                    let made = std::os::unix::fs::symlink(&link.target, &link.path);
                    made.map_err(|error| failed(&link.path, error))?;
                }
                Ok(_) => return Err(leads_out_error(&link.target.to_string_lossy())),
                Err(_) => rest.push(link),
            }
        }
        links = rest;
    }
    Ok(())
}

#[cfg(not(unix))]
fn point(_: &Path, links: Vec<Link>) -> Result<(), PackageError> {
    match links.is_empty() {
        true => Ok(()),
        false => Err(PackageError::Damaged),
    }
}
