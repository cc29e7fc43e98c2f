//! The runtime of JavaScript: an engine and a library, evaluated once and kept as they are then.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::tool::{command, run};
use super::{InstallError, Maker, Stage, disk, files};
use crate::{Language, recipe};

/// The earliest npm that reads a lock file of the third version.
const LEAST: u32 = 7;
/// The engine, in the package that it comes in.
const ENGINE: &str = "node_modules/quickjs-wasi/quickjs.wasm";
/// The file of our library that loads the rest.
const ENTRY: &str = "/node/boot/main.js";

/// Makes the module below `maker.work`.
pub(super) fn make(maker: &mut Maker<'_>) -> Result<PathBuf, InstallError> {
    (maker.step)(Stage::Download);
    let recipe = recipe::of(Language::Node);
    let source = maker.work.join("source");
    files::write(recipe.files, &source)?;
    fetch(maker, &source)?;
    (maker.step)(Stage::Build);
    let made = snapshot(maker, &source)?;
    let module = maker.work.join("runtime.wasm");
    fs::write(&module, made).map_err(disk(&module))?;
    Ok(module)
}

/// Fetches the pinned packages through the user's npm, which holds each against its digest in the lock file.
fn fetch(maker: &Maker<'_>, source: &Path) -> Result<(), InstallError> {
    let npm = find(maker)?;
    let mut fetch = command(&npm, maker.work);
    fetch
        .current_dir(source)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--no-update-notifier", "--omit=dev"]);
    run(&mut fetch, "npm", "npm ci").map(drop)
}

fn find(maker: &Maker<'_>) -> Result<PathBuf, InstallError> {
    let npm = maker.options.npm.clone().unwrap_or("npm".into());
    let answer = run(command(&npm, maker.work).arg("--version"), "npm", "npm")?;
    let version = answer.trim();
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < LEAST) {
        return Err(InstallError::TooOld {
            program: npm,
            what: "npm",
            version: version.chars().take(40).collect(),
            least: "7",
        });
    }
    Ok(npm)
}

/// Starts the engine, lets it evaluate our library, and keeps it as it is then.
fn snapshot(maker: &Maker<'_>, source: &Path) -> Result<Vec<u8>, InstallError> {
    let engine = source.join(ENGINE);
    let engine = fs::read(&engine).map_err(disk(&engine))?;
    let mut files = Vec::new();
    for folder in ["node_modules", "boot"] {
        collect(&source.join(folder), &format!("/node/{folder}"), &mut files)?;
    }
    files.sort();
    let made = block_on(maker.sandbox.snapshot_script(&engine, &files, ENTRY));
    made.map_err(InstallError::NotSnapshot)
}

/// The files below a folder that a library can be made of, each with its path for the engine.
fn collect(
    folder: &Path,
    path: &str,
    files: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), InstallError> {
    for entry in fs::read_dir(folder).map_err(disk(folder))? {
        let file = entry.map_err(disk(folder))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = format!("{path}/{name}");
        let is_code = [".js", ".cjs", ".mjs", ".json"]
            .iter()
            .any(|end| name.ends_with(end));
        if file.is_dir() {
            collect(&file, &path, files)?;
        } else if is_code {
            files.push((path, fs::read(&file).map_err(disk(&file))?));
        }
    }
    Ok(())
}

/// Runs a future to its end on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
