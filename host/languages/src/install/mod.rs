//! Making a runtime: fetching, building, compiling, and putting it where it is found.

mod error;
mod files;
mod node;
mod python;
mod tool;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sandbox::Sandbox;
use sha2::{Digest, Sha256};

pub use error::InstallError;

use crate::kept::{self, Kept};
use crate::runtimes::{Installed, Lock, Runtimes, installed, module_name};
use crate::{Language, folder, recipe};

/// How to install.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Makes it anew even where it is there.
    pub force: bool,
    /// The Python to fetch and build with, instead of the first `python3` on the path.
    pub python: Option<PathBuf>,
    /// The npm to fetch with, instead of the first `npm` on the path.
    pub npm: Option<PathBuf>,
}

/// What an installation has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What begins now.
    pub stage: Stage,
    /// How long it has taken until now.
    pub elapsed: Duration,
}

/// The stages of an installation, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Another process installs the same; it is waited for.
    Waiting,
    /// The user's pip or npm fetches packages.
    Download,
    /// The module is made of them.
    Build,
    /// The module is compiled for this machine, unless that is in the cache.
    Compile,
    /// It is there.
    Done,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Waiting => "waiting for another installation",
            Stage::Download => "download",
            Stage::Build => "build",
            Stage::Compile => "compile",
            Stage::Done => "done",
        })
    }
}

/// A temporary folder of a process on the same file system is nobody's after this time, if there are no locks.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a runtime is made with.
struct Maker<'a> {
    sandbox: &'a Sandbox,
    options: &'a Options,
    /// Where everything temporary goes.
    work: &'a Path,
    step: &'a mut dyn FnMut(Stage),
}

pub(crate) fn install(
    runtimes: &Runtimes,
    language: Language,
    sandbox: &Sandbox,
    options: &Options,
    progress: &mut dyn FnMut(&Step),
) -> Result<Installed, InstallError> {
    let (Some(all), Some(folder)) = (runtimes.all(), runtimes.folder(language)) else {
        return Err(InstallError::NoCache { language });
    };
    let began = Instant::now();
    let step = &mut |stage| {
        progress(&Step {
            stage,
            elapsed: began.elapsed(),
        });
    };
    let lock = Lock::take(all, language, || step(Stage::Waiting)).map_err(disk(all))?;
    if let (false, Ok(found)) = (options.force, runtimes.find(language)) {
        step(Stage::Compile);
        // What does not load is not what was made, and is made again.
        if sandbox
            .load_prebuilt(language.as_str(), &found.prebuilt())
            .is_ok()
        {
            step(Stage::Done);
            return Ok(found);
        }
    }
    let abandoned = if lock.is_exclusive {
        Duration::ZERO
    } else {
        A_DAY
    };
    folder::clean(&folder, abandoned);
    let work = folder::temporary(&folder).map_err(disk(&folder))?;
    let made = make(
        language,
        &mut Maker {
            sandbox,
            options,
            work: work.path(),
            step,
        },
    )?;
    step(Stage::Compile);
    let found = keep(language, sandbox, &folder, &made)?;
    step(Stage::Done);
    Ok(found)
}

/// Makes the module below `maker.work`.
fn make(language: Language, maker: &mut Maker<'_>) -> Result<PathBuf, InstallError> {
    match language {
        Language::Python => python::make(maker),
        Language::Node => node::make(maker),
    }
}

/// Puts a module where it is found, once it has been loaded.
fn keep(
    language: Language,
    sandbox: &Sandbox,
    folder: &Path,
    made: &Path,
) -> Result<Installed, InstallError> {
    let (sha256, bytes) = digest(made).map_err(disk(made))?;
    let recipe = recipe::of(language);
    let kept = Kept {
        recipe: recipe.digest(),
        sha256,
        bytes,
        version: recipe.version.to_owned(),
    };
    let found = installed(language, folder, kept.clone());
    let prebuilt = sandbox::Prebuilt {
        path: made.to_owned(),
        ..found.prebuilt()
    };
    sandbox.load_prebuilt(language.as_str(), &prebuilt)?;
    fs::rename(made, &found.module).map_err(disk(&found.module))?;
    kept::write(folder, &kept).map_err(disk(folder))?;
    forget_others(folder, &sha256);
    Ok(found)
}

/// Digest and size of a file, which is on the disk then.
fn digest(path: &Path) -> io::Result<([u8; 32], u64)> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    file.sync_all()?;
    Ok((Sha256::digest(&bytes).into(), bytes.len() as u64))
}

/// Removes the modules of earlier installations.
fn forget_others(folder: &Path, sha256: &[u8; 32]) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let ours = module_name(sha256);
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".wasm") && name != ours {
            // One that stays costs room and nothing else.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// An error of the disk at a path.
fn disk(path: &Path) -> impl FnOnce(io::Error) -> InstallError {
    let path = path.to_owned();
    move |error| InstallError::Disk { path, error }
}
