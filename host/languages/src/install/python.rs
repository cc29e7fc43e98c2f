//! The runtime of Python: a shim of ours and CPython, made into one component by componentize-py.

use std::fs;
use std::path::{Path, PathBuf};

use super::tool::{command, run};
use super::{InstallError, Maker, Stage, disk, files};
use crate::{Language, recipe};

/// Says where Python is, which one it is, and whether it has pip.
const PROBE: &str = "import sys, importlib.util as u\n\
    print(sys.executable, *sys.version_info[:2], u.find_spec('pip') is not None, sep='\\n')";
/// The earliest that does: componentize-py is built for its stable interface.
const LEAST: (u32, u32) = (3, 9);
/// Runs componentize-py, whose own script may not be on the path.
const BUILD: &str = "from componentize_py import script; script()";
/// The variables that a build keeps: what it takes to run programs at all.
const KEPT: [&str; 6] = [
    "PATH",
    "HOME",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
    "TMPDIR",
];

/// Makes the component below `maker.work`.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<PathBuf, InstallError> {
    (maker.step)(Stage::Download);
    let recipe = recipe::of(Language::Python);
    let source = maker.work.join("source");
    files::write(recipe.files, &source)?;
    files::write(&[("function.wit", sandbox::WORLD)], maker.work)?;
    let python = find(maker)?;
    let packages = maker.work.join("packages");
    fetch(&python, maker.work, &source, &packages)?;
    (maker.step)(Stage::Build);
    build(&python, maker.work, &packages, recipe.options)?;
    Ok(maker.work.join("runtime.wasm"))
}

/// The user's Python, by the path that it has for itself: a shim on the path would look at where it is called.
fn find(maker: &Maker<'_>) -> Result<PathBuf, InstallError> {
    let named = maker.options.python.as_deref();
    let python = named.unwrap_or(Path::new("python3"));
    let mut probe = command(python, maker.work);
    let answer = run(probe.args(["-c", PROBE]), "python3", "python3")?;
    let mut lines = answer.lines();
    let mut next = || lines.next().unwrap_or_default();
    let executable = PathBuf::from(next());
    let (major, minor, has_pip) = (next(), next(), next());
    let version = major.parse().ok().zip(minor.parse().ok());
    if version.is_none_or(|version: (u32, u32)| version < LEAST) {
        return Err(InstallError::TooOld {
            program: python.to_owned(),
            what: "Python",
            version: format!("{major}.{minor}"),
            least: "3.9",
        });
    }
    if has_pip != "True" {
        let python = python.to_owned();
        return Err(InstallError::NoPip { python });
    }
    Ok(executable)
}

/// Fetches the pinned packages through the user's pip, with the user's settings of where from.
fn fetch(python: &Path, work: &Path, source: &Path, packages: &Path) -> Result<(), InstallError> {
    let mut pip = command(python, work);
    pip.args(["-m", "pip", "install", "--require-hashes", "--no-deps"])
        .args(["--only-binary", ":all:", "--no-input", "--no-compile"])
        .args(["--disable-pip-version-check", "--progress-bar", "off"])
        .arg("--target")
        .arg(packages)
        .arg("--requirement")
        .arg(source.join("requirements.txt"))
        // What is installed is used here alone, wherever the user's settings would have it.
        .envs([("PIP_USER", "0"), ("PIP_REQUIRE_VIRTUALENV", "0")]);
    run(&mut pip, "python3", "pip install").map(drop)
}

/// Builds in an environment that is the same for everybody.
fn build(
    python: &Path,
    work: &Path,
    packages: &Path,
    options: &[&str],
) -> Result<(), InstallError> {
    // Where it looks for packages besides: in one that has none, instead of wherever this Python keeps its own.
    let nothing = work.join("nothing");
    let none = nothing.join("lib/site-packages");
    fs::create_dir_all(&none).map_err(disk(&none))?;
    let mut build = command(python, work);
    build.env_clear();
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            build.env(name, value);
        }
    }
    build
        .env("TMPDIR", work)
        .env("VIRTUAL_ENV", nothing)
        .env("PYTHONPATH", packages)
        .envs([
            ("PYTHONNOUSERSITE", "1"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("PYTHONHASHSEED", "0"),
        ])
        .args(["-S", "-c", BUILD])
        .args(options);
    run(&mut build, "python3", "componentize-py").map(drop)
}
