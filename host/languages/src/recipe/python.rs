//! What the runtime of Python is made of.

use std::sync::LazyLock;

use super::{Recipe, digest, files};

/// What componentize-py of the pinned version brings along, and itself.
const VERSION: &str = "CPython 3.14, componentize-py 0.25.1";

/// The command line of componentize-py, beside the folders of the shim and of the packages.
const OPTIONS: &[&str] = &[
    "--wit-path",
    "function.wit",
    "--world",
    "function",
    "componentize",
    "wfhost_app",
    "--python-path",
    "source",
    "--python-path",
    "packages",
    "--output",
    "runtime.wasm",
];

pub(super) static RECIPE: Recipe = Recipe {
    version: VERSION,
    files: files::PYTHON,
    options: OPTIONS,
    digest: LazyLock::new(|| digest(VERSION, files::PYTHON, OPTIONS, sandbox::WORLD)),
};
