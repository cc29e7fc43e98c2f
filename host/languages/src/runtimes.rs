//! The runtimes below a cache folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandbox::{Contract, Prebuilt, Sandbox};

use crate::hex::hex;
use crate::install::{self, InstallError, Options, Step};
use crate::kept::{self, Found, Kept};
use crate::missing::{Missing, Why};
use crate::{Language, folder, recipe};

/// The language runtimes below a cache folder: `<cache>/runtimes/<language>/`. Cheap to clone; nothing is read before
/// it is asked for.
#[derive(Clone, Debug)]
pub struct Runtimes {
    all: Option<Arc<Path>>,
}

/// A runtime that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its language.
    pub language: Language,
    /// What is in it, for people: `CPython 3.14.2, componentize-py 0.25.1`.
    pub version: String,
    /// The module or component.
    pub module: PathBuf,
    /// The digest of the module, as it was when it was made.
    pub sha256: [u8; 32],
    /// The size of the module, in bytes.
    pub bytes: u64,
    /// The folder that holds all of it.
    pub folder: PathBuf,
}

impl Installed {
    /// What [`Sandbox::load_prebuilt`] makes a guest of.
    #[must_use]
    pub fn prebuilt(&self) -> Prebuilt {
        let contract = match self.language {
            Language::Python => Contract::Component,
            Language::Node => Contract::Script,
        };
        Prebuilt {
            path: self.module.clone(),
            sha256: self.sha256,
            contract,
        }
    }
}

impl Runtimes {
    /// The runtimes below this cache folder. Without one there are none, and none can be installed.
    #[must_use]
    pub fn below(cache: Option<&Path>) -> Runtimes {
        Runtimes {
            all: cache.map(|cache| cache.join("runtimes").into()),
        }
    }

    /// The runtime of a language. It takes a few reads and no more: whether the module is what was made is found out
    /// when it is compiled.
    ///
    /// # Errors
    /// [`Missing`] when there is none, it was made of something else than this version of wf-host makes it of, or its
    /// size is not what it was.
    pub fn find(&self, language: Language) -> Result<Installed, Missing> {
        let folder = self.folder(language);
        let missing = |why| Missing {
            language,
            folder: folder.clone(),
            why,
        };
        let Some(folder) = &folder else {
            return Err(missing(Why::NoCache));
        };
        let found = match look(language, folder) {
            // Another process may have put a new one in its place between two looks.
            Err(Why::Damaged) => look(language, folder),
            found => found,
        };
        found.map_err(missing)
    }

    /// Every language with its runtime, or why there is none.
    #[must_use]
    pub fn list(&self) -> Vec<(Language, Result<Installed, Missing>)> {
        let all = Language::ALL.into_iter();
        all.map(|language| (language, self.find(language)))
            .collect()
    }

    /// Removes the runtime of a language, whatever state it is in. False: there was none.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove(&self, language: Language) -> io::Result<bool> {
        let (Some(all), Some(folder)) = (&self.all, self.folder(language)) else {
            return Ok(false);
        };
        if !folder.exists() {
            return Ok(false);
        }
        let _lock = Lock::take(all, language, || {})?;
        // What has no file of this name does not count as installed, so this is the moment.
        match fs::remove_file(folder.join(kept::FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::remove_dir_all(&folder)?;
        Ok(true)
    }

    /// Makes the runtime of a language and compiles it into the sandbox's cache; if there is one already, it is only
    /// compiled where it need be. Installing at the same time waits for the first to be done. What is stopped half
    /// way leaves nothing that counts as installed.
    ///
    /// # Errors
    /// [`InstallError`], which says what to do.
    pub fn install(
        &self,
        language: Language,
        sandbox: &Sandbox,
        options: &Options,
        progress: &mut dyn FnMut(&Step),
    ) -> Result<Installed, InstallError> {
        install::install(self, language, sandbox, options, progress)
    }

    /// Where all of them are.
    pub(crate) fn all(&self) -> Option<&Path> {
        self.all.as_deref()
    }

    pub(crate) fn folder(&self, language: Language) -> Option<PathBuf> {
        let all = self.all.as_ref()?;
        Some(all.join(language.as_str()))
    }
}

fn look(language: Language, folder: &Path) -> Result<Installed, Why> {
    let kept = match kept::read(folder) {
        Found::Kept(kept) => kept,
        Found::Nothing => return Err(Why::NotInstalled),
        Found::Foreign => return Err(Why::Outdated),
        Found::Damaged => return Err(Why::Damaged),
    };
    if kept.recipe != recipe::of(language).digest() {
        return Err(Why::Outdated);
    }
    let module = folder.join(module_name(&kept.sha256));
    match fs::metadata(&module) {
        Ok(metadata) if metadata.is_file() && metadata.len() == kept.bytes => {}
        _ => return Err(Why::Damaged),
    }
    Ok(installed(language, folder, kept))
}

pub(crate) fn installed(language: Language, folder: &Path, kept: Kept) -> Installed {
    Installed {
        language,
        version: kept.version,
        module: folder.join(module_name(&kept.sha256)),
        sha256: kept.sha256,
        bytes: kept.bytes,
        folder: folder.to_owned(),
    }
}

/// The file's name of a module with this digest.
pub(crate) fn module_name(sha256: &[u8; 32]) -> String {
    hex(sha256) + ".wasm"
}

/// Held by whoever changes the runtime of a language. It goes with the process, however that ends.
pub(crate) struct Lock {
    /// Whether it keeps others out: not every file system has locks.
    pub(crate) is_exclusive: bool,
    _file: File,
}

impl Lock {
    /// Takes the lock; `wait` is called before it is waited for.
    pub(crate) fn take(all: &Path, language: Language, wait: impl FnOnce()) -> io::Result<Lock> {
        folder::private(all)?;
        let file = File::create(all.join(format!(".{language}.lock")))?;
        let locked = match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => {
                wait();
                file.lock()
            }
            Err(fs::TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        let is_exclusive = match locked {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::Unsupported => false,
            Err(error) => return Err(error),
        };
        Ok(Lock {
            is_exclusive,
            _file: file,
        })
    }
}
