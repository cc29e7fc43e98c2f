//! Case files: texts in sections, the last of which is what is expected.

#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of this"
)]

use std::path::{Path, PathBuf};

/// Runs `found` on every case of a folder below `tests` and compares what it says with the section `expect`.
/// `WF_HOST_BLESS=1` rewrites that section instead.
pub fn check(folder: &str, least: usize, found: impl Fn(&[Section<'_>]) -> String) {
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    let files = files(folder);
    assert!(files.len() >= least, "only {} cases", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (given, expected) = text.split_once("=== expect\n").unwrap();
        let found = found(&sections(given));
        if bless {
            std::fs::write(&file, format!("{given}=== expect\n{found}")).unwrap();
        } else if found != expected {
            let name = file.display();
            wrong.push(format!(
                "== {name}\n-- expected\n{expected}-- found\n{found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A section that begins with `=== NAME ARGUMENT...`.
pub struct Section<'t> {
    pub name: &'t str,
    pub arguments: Vec<&'t str>,
    pub text: &'t str,
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let parts = text.split("=== ").skip(1);
    let sections = parts.map(|part| {
        let (title, text) = part.split_once('\n').unwrap();
        let mut words = title.split(' ');
        Section {
            name: words.next().unwrap(),
            arguments: words.collect(),
            text,
        }
    });
    sections.collect()
}
