//! Files that somebody broke: whatever is cut out of them, doubled or put in, they are read or refused, and no more.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::{Path, PathBuf};

use check::faults::FaultPlan;
use check::mock::MockConfig;
use check::recording::Recording;
use check::suite::{Files, Suite};
use data::{Format, Source};
use proptest::prelude::*;

/// Real files to begin with: suites, plans and mock files of this repository.
fn files() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [
        "workflows",
        "tests/suites",
        "host/check/tests/plans",
        "host/check/tests/mocks",
    ];
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        paths.extend(
            entries
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.is_file()),
        );
    }
    paths.sort();
    let texts = paths
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok());
    // Of a case file the part that is read.
    let texts = texts.map(|text| {
        let part = text
            .split("=== ")
            .nth(1)
            .and_then(|part| part.split_once('\n'));
        part.map_or(text.clone(), |(_, part)| part.to_owned())
    });
    texts.collect()
}

/// No file beside a suite but the suite itself.
struct Itself(Source, Format);

impl Files for Itself {
    fn read(&self, _: &str) -> Result<(Source, Format), String> {
        Ok((self.0.clone(), self.1))
    }
}

fn read_as_everything(text: &str) {
    let source = Source::new("broken", text);
    for format in [Format::Json, Format::Yaml, Format::Toml] {
        drop(FaultPlan::read(&source, format));
        drop(MockConfig::read(&source, format));
        drop(Suite::read(
            &source,
            format,
            &Itself(source.clone(), format),
        ));
    }
    drop(Recording::read(&source).map(|recording| recording.replay()));
}

/// One thing that goes wrong with a text.
#[derive(Clone, Debug)]
enum Harm {
    Cut(prop::sample::Index, usize),
    Double(prop::sample::Index, usize),
    Put(prop::sample::Index, char),
}

impl Harm {
    fn befalls(&self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let at = |index: &prop::sample::Index| index.index(chars.len().max(1));
        let text = |parts: [&[char]; 3]| parts.concat().iter().collect();
        let end = |from: usize, length: usize| (from + length).min(chars.len());
        match self {
            Harm::Cut(index, length) => {
                let from = at(index).min(chars.len());
                text([&chars[..from], &[], &chars[end(from, *length)..]])
            }
            Harm::Double(index, length) => {
                let from = at(index).min(chars.len());
                let to = end(from, *length);
                text([&chars[..to], &chars[from..to], &chars[to..]])
            }
            Harm::Put(index, char) => {
                let from = at(index).min(chars.len());
                text([&chars[..from], &[*char], &chars[from..]])
            }
        }
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = || any::<prop::sample::Index>();
    prop_oneof![
        (place(), 1usize..40).prop_map(|(at, length)| Harm::Cut(at, length)),
        (place(), 1usize..40).prop_map(|(at, length)| Harm::Double(at, length)),
        (
            place(),
            prop_oneof![any::<char>(), Just('"'), Just('{'), Just('-'), Just('9')]
        )
            .prop_map(|(at, char)| Harm::Put(at, char)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn broken_files_are_read_or_refused(
        file in any::<prop::sample::Index>(),
        harms in prop::collection::vec(harm(), 1..4),
    ) {
        let files = files();
        let mut text = files[file.index(files.len())].clone();
        for harm in harms {
            text = harm.befalls(&text);
        }
        read_as_everything(&text);
    }
}
