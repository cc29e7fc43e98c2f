//! Host folders, opened so that no name leads out of its root.

use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// A folder that a manifest may name things in, and nothing outside it.
///
/// Names are relative. `..`, absolute names and symbolic links are followed only while they stay
/// inside; this is checked by the kernel or step by step, not by looking at the name.
#[derive(Clone)]
pub struct Root {
    dir: Arc<Dir>,
    path: PathBuf,
}

/// A file that could not be read through a [`Root`].
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The name leads out of the root.
    #[error("{} leads outside of {}", name.display(), root.display())]
    Outside {
        /// The name as given.
        name: PathBuf,
        /// The root's path.
        root: PathBuf,
    },
    /// It is a folder, a device or a pipe.
    #[error("{} is not a file", name.display())]
    NotAFile {
        /// The name as given.
        name: PathBuf,
    },
    /// It is a file, where a folder is wanted.
    #[error("{} is not a folder", name.display())]
    NotAFolder {
        /// The name as given.
        name: PathBuf,
    },
    /// There is more below it than anybody means to use.
    #[error("{} has more than {MOST_FILES} files, or folders nested more deeply than {DEEPEST}", name.display())]
    TooMany {
        /// The name as given.
        name: PathBuf,
    },
    /// It is longer than the caller wants to read.
    #[error("{} is longer than {most} bytes", name.display())]
    TooLarge {
        /// The name as given.
        name: PathBuf,
        /// The most that was asked for, in bytes.
        most: u64,
    },
    /// The operating system refused.
    #[error("{}: {source}", name.display())]
    Io {
        /// The name as given.
        name: PathBuf,
        /// Its error.
        source: io::Error,
    },
}

/// More files than a folder may have that is listed whole; Lambda takes as many.
const MOST_FILES: usize = 65_535;

/// How deep folders may be nested that are listed whole.
const DEEPEST: usize = 64;

/// A folder that could not be mounted.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// The source leads out of the root.
    #[error("mount source {} leads outside of {}", name.display(), root.display())]
    Outside {
        /// The source as given.
        name: PathBuf,
        /// The root's path.
        root: PathBuf,
    },
    /// The target is no plain absolute path.
    #[error("mount target {target:?} must be an absolute path without . or .., such as /data")]
    Target {
        /// The target as given.
        target: String,
    },
    /// The source cannot be opened as a folder.
    #[error("mount source {}: {source}", name.display())]
    Io {
        /// The source as given.
        name: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// What a guest may do in a mounted folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Look and read.
    #[default]
    Read,
    /// Also write, create, rename and remove.
    ReadWrite,
}

/// A host folder under a name in the guest. Holds the folder itself, not its path: renaming it, or
/// putting a link in its place, does not change what the guest sees.
#[derive(Clone)]
pub struct Mount {
    dir: Arc<Dir>,
    path: PathBuf,
    target: Arc<str>,
    access: Access,
}

impl Root {
    /// Opens a folder of the host's. The one place where a path means what the host's user means.
    ///
    /// # Errors
    /// The operating system's error when it cannot be opened as a folder.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Root> {
        let path = path.as_ref();
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(Root {
            dir: Arc::new(dir),
            path: std::fs::canonicalize(path)?,
        })
    }

    /// The root's own path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a whole file of at most `max_bytes`.
    ///
    /// # Errors
    /// [`ReadError`], which names the file as `name` does.
    pub fn read(&self, name: impl AsRef<Path>, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
        let name = name.as_ref();
        let failed = |error: io::Error| self.read_error(name, error);
        // Asked before opening: opening a pipe would wait for its writer.
        let metadata = self.dir.metadata(name).map_err(failed)?;
        if !metadata.is_file() {
            return Err(ReadError::NotAFile {
                name: name.to_owned(),
            });
        }
        let mut bytes = Vec::new();
        let file = self.dir.open(name).map_err(failed)?;
        file.take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > max_bytes {
            return Err(ReadError::TooLarge {
                name: name.to_owned(),
                most: max_bytes,
            });
        }
        Ok(bytes)
    }

    /// All files below a folder, by their names relative to it, in order. A link counts as what it leads to; one that
    /// leads out of the folder or to nothing is left out.
    ///
    /// # Errors
    /// [`ReadError`], which names the folder as `name` does.
    pub fn files(&self, name: impl AsRef<Path>) -> Result<Vec<PathBuf>, ReadError> {
        let name = name.as_ref();
        let dir = self
            .dir
            .open_dir(name)
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotADirectory => ReadError::NotAFolder {
                    name: name.to_owned(),
                },
                _ => self.read_error(name, error),
            })?;
        let mut files = Vec::new();
        match list(&dir, Path::new(""), DEEPEST, &mut files) {
            Ok(true) => {}
            Ok(false) => {
                return Err(ReadError::TooMany {
                    name: name.to_owned(),
                });
            }
            Err(error) => return Err(self.read_error(name, error)),
        }
        files.sort();
        Ok(files)
    }

    /// Opens the folder `source` for guests, who see it as `target`.
    ///
    /// # Errors
    /// [`MountError`] when the source leads outside or is no folder, or the target is no plain
    /// absolute path.
    pub fn mount(
        &self,
        source: impl AsRef<Path>,
        target: &str,
        access: Access,
    ) -> Result<Mount, MountError> {
        let source = source.as_ref();
        if !is_plain_absolute(target) {
            return Err(MountError::Target {
                target: target.to_owned(),
            });
        }
        let dir = self
            .dir
            .open_dir(source)
            .map_err(|error| self.mount_error(source, error))?;
        let path = self.path.join(source);
        Ok(Mount {
            dir: Arc::new(dir),
            path,
            target: target.into(),
            access,
        })
    }

    fn read_error(&self, name: &Path, source: io::Error) -> ReadError {
        let name = name.to_owned();
        if is_escape(&source) {
            return ReadError::Outside {
                name,
                root: self.path.clone(),
            };
        }
        ReadError::Io { name, source }
    }

    fn mount_error(&self, name: &Path, source: io::Error) -> MountError {
        let name = name.to_owned();
        if is_escape(&source) {
            return MountError::Outside {
                name,
                root: self.path.clone(),
            };
        }
        MountError::Io { name, source }
    }
}

/// Adds the files of a folder; false when there are too many, or too deep.
fn list(dir: &Dir, below: &Path, deeper: usize, files: &mut Vec<PathBuf>) -> io::Result<bool> {
    for entry in dir.entries()? {
        let entry = entry?;
        let (mut kind, name) = (entry.file_type()?, below.join(entry.file_name()));
        if kind.is_symlink() {
            match dir.metadata(entry.file_name()) {
                Ok(metadata) => kind = metadata.file_type(),
                Err(_) => continue,
            }
        }
        if kind.is_dir() {
            let inside = dir.open_dir(entry.file_name())?;
            if deeper == 0 || !list(&inside, &name, deeper - 1, files)? {
                return Ok(false);
            }
        } else if kind.is_file() {
            files.push(name);
        }
        if files.len() > MOST_FILES {
            return Ok(false);
        }
    }
    Ok(files.len() <= MOST_FILES)
}

/// cap-std's own refusal. The operating system's "permission denied" carries a number.
fn is_escape(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

fn is_plain_absolute(target: &str) -> bool {
    let Some(rest) = target.strip_prefix('/') else {
        return false;
    };
    rest.is_empty() || rest.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

impl Mount {
    /// The folder's name in the guest.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What the guest may do there.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn open_in(&self, builder: &mut WasiCtxBuilder) -> wasmtime::Result<()> {
        let permissions = match self.access {
            Access::Read => FsPerms::ReadOnly,
            Access::ReadWrite => FsPerms::ReadWrite,
        };
        builder.preopened_dir(self.host_path(), &self.target, permissions)?;
        Ok(())
    }

    /// A path that leads to the folder held open, whatever now stands at its old name.
    #[cfg(target_os = "linux")]
    fn host_path(&self) -> PathBuf {
        use std::os::fd::AsRawFd as _;
        PathBuf::from(format!("/proc/self/fd/{}", self.dir.as_raw_fd()))
    }

    /// Elsewhere the path itself: the folder could be exchanged between opening and mounting.
    #[cfg(not(target_os = "linux"))]
    fn host_path(&self) -> PathBuf {
        let _held = &self.dir;
        self.path.clone()
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Root").field(&self.path).finish()
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mount")
            .field("path", &self.path)
            .field("target", &self.target)
            .field("access", &self.access)
            .finish()
    }
}
