//! Every rule of the language that the interpreter keeps, as a case file each: see `cases/`.
//!
//! `WF_HOST_BLESS=1` rewrites the expected parts; read what it wrote.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read case files where they lie"
)]

mod common;

use std::path::{Path, PathBuf};

use common::script::Script;
use common::{Driver, about, compile, line};
use data::{Data, EcoString, Object};
use engine::{Entropy, Failure, Input, Quotas, Status};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = std::fs::read_dir(folder).expect("the case files are part of the repository");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

#[test]
fn cases_go_as_they_should() {
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    let files = files();
    assert!(files.len() >= 70, "only {} cases", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let name = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&file).expect("a case is readable");
        let case = Data::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = outcome(&case);
        if bless {
            let blessed = case
                .as_object()
                .expect("a case is an object")
                .with("expect", found);
            let text = Data::from(blessed).to_pretty() + "\n";
            std::fs::write(&file, text).expect("a case is writable");
        } else if case.get("expect") != Some(&found) {
            let expected = case.get("expect").cloned().unwrap_or_default();
            let (expected, found) = (expected.to_pretty(), found.to_pretty());
            wrong.push(format!(
                "== {name}\n-- expected\n{expected}\n-- found\n{found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn outcome(case: &Data) -> Data {
    let definition = case
        .get("definition")
        .expect("a case has a definition")
        .to_string();
    let mut quotas = Quotas::default();
    let raised = case.get("quotas").and_then(Data::as_object);
    for (name, value) in raised.iter().flat_map(|object| object.iter()) {
        let value = value.as_i64().and_then(|value| u64::try_from(value).ok());
        quotas
            .set(name, value.expect("a quota is a number"))
            .expect("there is such a quota");
    }
    let mut driver = Driver::new(compile(&definition), about(quotas));
    if let Some(seed) = case.get("seed").and_then(Data::as_i64) {
        driver.entropy = Entropy::from_seed(seed.unsigned_abs());
    }
    let input = case
        .get("input")
        .cloned()
        .unwrap_or_else(Data::empty_object);
    driver.plan(0, Input::Start(input));
    if let Some(at) = case.get("stopAt").and_then(Data::as_i64) {
        driver.plan(
            at * 1000,
            Input::Stop(Failure::new("Stopped", "by the case")),
        );
    }
    plan_redrives(&mut driver, case);
    let mut script = Script::new(case.get("script"));
    driver.run(&mut |request| script.worker(request));
    expected(&driver)
}

/// `redrive`: a list of redrives, each with `at` in seconds and maybe the mended `definition`.
fn plan_redrives(driver: &mut Driver, case: &Data) {
    let redrives = case.get("redrive").and_then(Data::as_array);
    for (number, redrive) in redrives.iter().flat_map(|all| all.iter()).enumerate() {
        let at = redrive.get("at").and_then(Data::as_i64);
        let definition = redrive.get("definition").map(|definition| {
            let digest: EcoString = format!("mended {number}").into();
            let program = compile(&definition.to_string());
            driver.definitions.insert(digest.clone(), program);
            digest
        });
        let at = at.expect("a redrive has a moment");
        driver.plan(at * 1000, Input::Redrive { definition });
    }
}

fn expected(driver: &Driver) -> Data {
    let status = driver.execution.status();
    let mut expect = Object::builder().with("status", status.as_str());
    match status {
        Status::Created | Status::Running => {}
        Status::Succeeded { output } if output.size() > 1000 => {
            expect.insert("outputBytes".into(), (output.size() as i64).into());
        }
        Status::Succeeded { output } => expect.insert("output".into(), output.clone()),
        Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
            for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
                if let Some(text) = text {
                    expect.insert(name.into(), text.clone().into());
                }
            }
        }
    }
    if !driver.refused.is_empty() {
        let refused = driver.refused.iter().map(|why| Data::from(why.as_str()));
        expect.insert("refused".into(), refused.collect());
    }
    let lines: Vec<String> = driver.history().iter().map(line).collect();
    expect.with("history", shortened(&lines)).build().into()
}

/// A long history as its ends.
fn shortened(lines: &[String]) -> Data {
    if lines.len() <= 60 {
        return lines.iter().map(|line| Data::from(line.as_str())).collect();
    }
    let (start, end) = (&lines[..12], &lines[lines.len() - 8..]);
    let between = format!("... {} events ...", lines.len() - 20);
    let all = start.iter().chain(std::iter::once(&between)).chain(end);
    all.map(|line| Data::from(line.as_str())).collect()
}
