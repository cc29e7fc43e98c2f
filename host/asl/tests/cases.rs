//! Every file of `tests/cases` is a case: a definition, and beside it what the compiler says about it.
//!
//! `NAME.asl.json` or `NAME.asl.yaml` is the definition, `NAME.diagnostics.txt` what is expected: the
//! diagnostics as a user sees them, or the line `compiles cleanly`. `WF_HOST_BLESS=1` rewrites the latter.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads files"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use asl::{Compiled, Options, Severity, compile};
use data::{Format, Source};

const CLEAN: &str = "compiles cleanly\n";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_none_or(|end| end != "txt"));
    paths.sort();
    paths
}

/// Every case knows these values and this function; a case whose name begins with `express` is Express.
fn outcome(path: &Path) -> (Source, Compiled) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let source = Source::new(name.as_str(), std::fs::read_to_string(path).unwrap());
    let values = [
        ("Partition", "aws-cn"),
        ("AWS::Region", "eu-west-1"),
        (
            "PayArn",
            "arn:aws:lambda:eu-west-1:123456789012:function:pay:live",
        ),
        ("Seconds", "30"),
        ("Rate", "1.5"),
        ("Yes", "true"),
        ("Target", "Done"),
    ];
    let definitions: BTreeMap<String, String> = values
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    let is_function = |name: &str| name == "ChargeFunction";
    let express = name.starts_with("express");
    let options = Options {
        definitions: &definitions,
        is_function: &is_function,
        express,
    };
    let compiled = compile(&source, Format::of_name(&name).unwrap(), &options);
    (source, compiled)
}

fn rendered(source: &Source, compiled: &Compiled) -> String {
    let all: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|found| found.render(source))
        .collect();
    if all.is_empty() {
        CLEAN.into()
    } else {
        all.join("\n")
    }
}

#[test]
fn cases_say_what_is_expected() {
    let bless = std::env::var("WF_HOST_BLESS").is_ok();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 80, "only {} cases", cases.len());
    for path in cases {
        let (source, compiled) = outcome(&path);
        let is_wrong = compiled
            .diagnostics
            .iter()
            .any(|found| found.severity == Severity::Error);
        assert_eq!(compiled.program.is_none(), is_wrong, "{}", path.display());
        let found = rendered(&source, &compiled);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let stem = name.split(".asl.").next().unwrap();
        let expected_path = path.with_file_name(format!("{stem}.diagnostics.txt"));
        if bless {
            std::fs::write(&expected_path, &found).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
        if expected != found {
            wrong.push(format!(
                "== {name}\n-- expected\n{expected}-- found\n{found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
