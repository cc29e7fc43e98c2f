//! Handlers in Python and JavaScript, as people write them, under virtual time.
//!
//! A case is a file `tests/handlers/LANGUAGE/FOLDER/*.json` beside the code that it runs: what the function is given
//! (runtime, handler, event, environment, timeout, memory, layers), and what came of it: the output, or error and
//! cause, and the lines of the log. `WF_HOST_BLESS=1` rewrites what is expected.
//!
//! The runtimes are those below the cache folder that `WF_HOST_TEST_RUNTIMES` names; `scripts/test` installs them.
//! Without one its cases are skipped, each by name.

mod case;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use case::Case;
use data::{Data, Format, Object, Source};
use languages::{Language, Runtimes};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use runtime::manifest::{Ceilings, Manifest};
use runtime::{Functions, Trust};
use tempfile::TempDir;
use wf_host_tests::root;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = cases();
    let cache = std::env::var_os("WF_HOST_TEST_RUNTIMES").map(PathBuf::from);
    let missing = missing(cache.as_deref());
    for reason in missing.values() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: every handler whose {reason}");
    }
    let copy = copied();
    let here = Arc::new(functions(&cases, &folder(), cache.clone()));
    let elsewhere = Arc::new(functions(&cases, copy.path(), cache));
    let trials = cases.into_iter().map(|case| {
        let places = [Arc::clone(&here), Arc::clone(&elsewhere)];
        let missing = missing.get(&case.language).cloned();
        Trial::ignorable_test(case.name.clone(), move || trial(&case, &places, missing))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// The same files with other dates and places on the disk: nothing of these may show in what a handler does.
fn copied() -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        std::fs::create_dir_all(copy.path().join(&below)).expect("a folder");
        for path in entries(&folder().join(&below)) {
            let name = below.join(path.file_name().expect("an entry has a name"));
            if path.is_dir() {
                folders.push(name);
            } else {
                std::fs::copy(&path, copy.path().join(name)).expect("a file");
            }
        }
    }
    copy
}

fn trial(
    case: &Case,
    [here, elsewhere]: &[Arc<Functions>; 2],
    missing: Option<String>,
) -> Result<Completion, Failed> {
    if let Some(reason) = missing {
        return Ok(Completion::ignored_with(format!("SKIPPED: {reason}")));
    }
    let found = case.run(here);
    // The same seed, the same history: whatever a handler draws, hashes, or is asleep for, and to the last instruction.
    let again = case.run(elsewhere);
    if found != again {
        return Err(format!("two runs with the same seed differ: {found:?} and {again:?}").into());
    }
    let found = found.came;
    if std::env::var_os("WF_HOST_BLESS").is_some() {
        case.bless(&found);
        return Ok(Completion::Completed);
    }
    case.judge(&found).map(|()| Completion::Completed)
}

/// Why there is no runtime of a language.
fn missing(cache: Option<&Path>) -> BTreeMap<Language, String> {
    let all = Runtimes::below(cache).list().into_iter();
    let reasons = all.filter_map(|(language, found)| {
        let missing = found.err()?;
        let reason = match cache {
            Some(_) => missing.to_string(),
            None => format!("language is {language}: WF_HOST_TEST_RUNTIMES names no cache folder"),
        };
        Some((language, reason))
    });
    reasons.collect()
}

fn folder() -> PathBuf {
    root().join("tests/handlers")
}

/// All cases of all folders, in order.
fn cases() -> Vec<Case> {
    let mut files = Vec::new();
    for language in entries(&folder()) {
        for handlers in entries(&language) {
            let inside = entries(&handlers).into_iter();
            files.extend(inside.filter(|path| path.extension().is_some_and(|e| e == "json")));
        }
    }
    files.iter().filter_map(|file| Case::read(file)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Every case as a function of one manifest, so that each language's guest is loaded once.
fn functions(cases: &[Case], folder: &Path, cache: Option<PathBuf>) -> Functions {
    let config = sandbox::Config {
        cache_dir: cache,
        max_guests: 200,
        ..sandbox::Config::default()
    };
    let mut entries = Object::builder();
    for case in cases {
        entries.insert(case.function().into(), case.manifest());
    }
    let manifest = Object::builder()
        .with("version", 1)
        .with("functions", entries.build());
    let text = Data::from(manifest.build()).to_string();
    let manifest = Manifest::read(&Source::new("cases.json", text.as_str()), Format::Json);
    let manifest = manifest.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let mut functions = Functions::new(config, Ceilings::default());
    let added = functions.add_manifest(&manifest, folder, Trust::Named, &|_| None);
    added.expect("the folders are there");
    functions
}
