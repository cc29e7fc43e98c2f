//! A function's code as a zip: what is in it, within which bounds, and how it comes onto a disk.

mod files;
mod merge;
mod unpack;

use std::io::{Cursor, Read as _};
use std::path::PathBuf;

use zip::ZipArchive;
use zip::read::ZipFile;

pub use merge::{Write, merge};
pub use unpack::unpack;

/// Lambda's most for all files of a function together.
pub const MOST_UNZIPPED: u64 = 250 << 20;
/// More files than this no function has.
const MOST_FILES: usize = 65_535;
/// How many times its packed size a file may have: deflate itself cannot do better than 1032.
const MOST_RATIO: u64 = 1100;

/// Why a zip is not a function's code. The words of the first three are Lambda's.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// It is no zip, or one that contradicts itself.
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    Damaged,
    /// There is nothing in it.
    #[error("Uploaded file must be a non-empty zip")]
    Empty,
    /// Its files are larger together than Lambda allows.
    #[error("Unzipped size must be smaller than {MOST_UNZIPPED} bytes")]
    TooLarge,
    /// It has too many files.
    #[error("The zip has {0} files; at most {MOST_FILES} are allowed")]
    TooManyFiles(usize),
    /// A file, or what a link points to, would be outside of where it is unpacked. The beginning of its name.
    #[error("The zip has a file whose name leads out of it: {0:?}")]
    LeadsOut(String),
    /// The host's disk does not take it.
    #[error("{}: {error}", path.display())]
    Disk {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// A zip whose directory was found to be within bounds. Nothing of it has been unpacked yet.
pub struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    entries: Vec<Entry>,
}

/// One file, folder or link of a package.
struct Entry {
    name: String,
    size: u64,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File { executable: bool },
    Folder,
    Link,
}

impl<'a> Package<'a> {
    /// Reads the directory of a zip.
    ///
    /// # Errors
    /// [`PackageError`] when it is no zip, is empty or too large, has too many files, files that share bytes or are
    /// packed better than deflate can, or names that lead out of it.
    pub fn open(zip: &'a [u8]) -> Result<Package<'a>, PackageError> {
        let archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| PackageError::Damaged)?;
        let mut package = Package {
            archive,
            entries: Vec::new(),
        };
        package.survey()?;
        Ok(package)
    }

    /// The names of all entries, in the zip's order; those of folders end in `/`.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The bytes of the entry at `index` of [`Package::names`], and never more than the directory said there would be.
    ///
    /// # Errors
    /// [`PackageError::Damaged`] when there is no such entry, or it is not what the directory says.
    pub fn read(&mut self, index: usize) -> Result<Vec<u8>, PackageError> {
        let file = self
            .archive
            .by_index(index)
            .map_err(|_| PackageError::Damaged)?;
        let size = file.size();
        let mut bytes = Vec::new();
        file.take(size.min(MOST_UNZIPPED) + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| PackageError::Damaged)?;
        if bytes.len() as u64 != size {
            return Err(PackageError::Damaged);
        }
        Ok(bytes)
    }

    fn survey(&mut self) -> Result<(), PackageError> {
        if self.archive.is_empty() {
            return Err(PackageError::Empty);
        }
        if self.archive.len() > MOST_FILES {
            return Err(PackageError::TooManyFiles(self.archive.len()));
        }
        let mut total = 0u64;
        self.entries.reserve(self.archive.len());
        for at in 0..self.archive.len() {
            let file = self
                .archive
                .by_index_raw(at)
                .map_err(|_| PackageError::Damaged)?;
            let most = file
                .compressed_size()
                .saturating_mul(MOST_RATIO)
                .saturating_add(64);
            if file.size() > most {
                return Err(PackageError::Damaged);
            }
            total = total.saturating_add(file.size());
            if total > MOST_UNZIPPED {
                return Err(PackageError::TooLarge);
            }
            self.entries.push(Entry::of(&file)?);
        }
        if self.archive.has_overlapping_files().unwrap_or(true) {
            return Err(PackageError::Damaged);
        }
        Ok(())
    }
}

impl Entry {
    fn of<R: std::io::Read>(file: &ZipFile<'_, R>) -> Result<Entry, PackageError> {
        let kind = if file.is_dir() {
            Kind::Folder
        } else if file.is_symlink() {
            Kind::Link
        } else {
            let executable = file.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
            Kind::File { executable }
        };
        Ok(Entry {
            name: safe_name(file)?,
            size: file.size(),
            kind,
        })
    }
}

/// The file's name, if it stays below where the zip is unpacked.
fn safe_name<R: std::io::Read>(file: &ZipFile<'_, R>) -> Result<String, PackageError> {
    let name = file.name().map_err(|_| PackageError::Damaged)?.into_owned();
    let leads_out = name.starts_with(['/', '\\'])
        || name.contains('\0')
        || name.get(1..2) == Some(":")
        || name.split(['/', '\\']).any(|part| part == "..");
    if leads_out {
        return Err(leads_out_error(&name));
    }
    Ok(name.strip_prefix("./").unwrap_or(&name).to_owned())
}

fn leads_out_error(name: &str) -> PackageError {
    PackageError::LeadsOut(name.chars().take(100).collect())
}
