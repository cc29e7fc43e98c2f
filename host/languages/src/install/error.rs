//! Why a runtime could not be installed, and what to do about it.

use std::io;
use std::path::PathBuf;

use sandbox::{LoadError, SnapshotError};

use crate::Language;

/// Why a runtime could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// There is no cache folder.
    #[error("there is no cache folder in which the runtime of {language} could be kept")]
    NoCache {
        /// The language.
        language: Language,
    },
    /// A program of the user's cannot be started.
    #[error("{} cannot be started: {error}", program.display())]
    NoProgram {
        /// The program.
        program: PathBuf,
        /// What it is for: `python3` or `npm`.
        what: &'static str,
        /// Why.
        error: io::Error,
    },
    /// A program of the user's is too old.
    #[error("{} is {what} {version}; it takes {least} or later", program.display())]
    TooOld {
        /// The program.
        program: PathBuf,
        /// What it is: `Python` or `npm`.
        what: &'static str,
        /// Its version.
        version: String,
        /// The earliest that does.
        least: &'static str,
    },
    /// The Python has no pip.
    #[error("{} has no pip", python.display())]
    NoPip {
        /// The Python.
        python: PathBuf,
    },
    /// Packages could not be fetched.
    #[error("{what} cannot reach the package registry\n{output}")]
    NoNetwork {
        /// The command.
        what: &'static str,
        /// The end of what it wrote.
        output: String,
    },
    /// What was fetched is not what was pinned.
    #[error("{what} was given a package that is not the one with the pinned digest\n{output}")]
    NotPinned {
        /// The command.
        what: &'static str,
        /// The end of what it wrote.
        output: String,
    },
    /// There is no package for this machine.
    #[error("{what} finds no package for this machine\n{output}")]
    NoPackage {
        /// The command.
        what: &'static str,
        /// The end of what it wrote.
        output: String,
    },
    /// A disk has no room left.
    #[error("{what} found no room on the disk\n{output}")]
    NoRoom {
        /// The command.
        what: &'static str,
        /// The end of what it wrote.
        output: String,
    },
    /// A command failed for another reason.
    #[error("{what} failed ({status})\n{output}")]
    Failed {
        /// The command.
        what: &'static str,
        /// How it ended.
        status: String,
        /// The end of what it wrote.
        output: String,
    },
    /// A file cannot be written or read.
    #[error("{}: {error}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The engine does not start, or not with the library.
    #[error(transparent)]
    NotSnapshot(SnapshotError),
    /// What was made cannot be loaded.
    #[error("what was built cannot be loaded: {0}")]
    NotLoadable(#[from] LoadError),
}

impl InstallError {
    /// What to do about it, in a sentence without a period.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            InstallError::NoCache { .. } => "name a folder: --cache-dir DIR",
            InstallError::NoProgram { what: "npm", .. } => {
                "install Node.js with npm, or name an npm: --npm PATH; it is needed for installing alone"
            }
            InstallError::NoProgram { .. } => {
                "install Python 3.9 or later with pip, or name one: --python PATH; it is needed for installing alone"
            }
            InstallError::TooOld { what: "npm", .. } => "name a later npm: --npm PATH",
            InstallError::TooOld { .. } => "name a later Python: --python PATH",
            InstallError::NoPip { python } => return Some(pip_hint(python)),
            InstallError::NoNetwork { .. } => {
                "is there a network? HTTPS_PROXY and the settings of pip and npm (index, certificates) are heeded"
            }
            InstallError::NotPinned { .. } => {
                "a mirror or proxy may have changed it, or a cache may be damaged: try again without them"
            }
            InstallError::NoPackage { .. } => {
                "there are packages for Linux (glibc 2.28 or later), macOS and Windows, on x86-64 and arm64, and pip must be 20.3 or later"
            }
            InstallError::NoRoom { .. } => {
                "it takes about 500 MB below the cache folder: --cache-dir DIR"
            }
            InstallError::Disk { error, .. } => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "it takes about 500 MB below the cache folder: --cache-dir DIR"
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "name a folder that can be written: --cache-dir DIR"
                }
                _ => return None,
            },
            InstallError::Failed { .. }
            | InstallError::NotSnapshot(_)
            | InstallError::NotLoadable(_) => return None,
        };
        Some(hint.to_owned())
    }
}

fn pip_hint(python: &std::path::Path) -> String {
    format!(
        "install it (Debian and Ubuntu: the package python3-pip; else {} -m ensurepip), or name a Python that has it: --python PATH",
        python.display()
    )
}
