//! What the runtime of JavaScript is made of.

use std::sync::LazyLock;

use super::{Recipe, digest, files};

/// The engine, of the pinned version.
const VERSION: &str = "QuickJS-ng, quickjs-wasi 3.6.2";

/// Changes with how the module is made of the files.
const OPTIONS: &[&str] = &["snapshot 1"];

pub(super) static RECIPE: Recipe = Recipe {
    version: VERSION,
    files: files::JAVASCRIPT,
    options: OPTIONS,
    digest: LazyLock::new(|| digest(VERSION, files::JAVASCRIPT, OPTIONS, "")),
};
