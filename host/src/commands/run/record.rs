//! Writing a recording.

use std::path::Path;

use anyhow::Result;
use check::recording::{Machine, Recording, Settings};
use data::{Data, EcoString, Object};
use runtime::Functions;

use crate::args::{ClockArg, RunArgs};
use crate::exit::{Exit, because};
use crate::files;

/// Writes a recording, as a whole or not at all.
pub fn write(path: &Path, recording: &Recording) -> Result<()> {
    let failed =
        |error: std::io::Error| because(Exit::BadFile, format!("{}: {error}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    std::fs::write(&part, recording.to_text()).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

/// What the run was made with.
pub fn settings(
    args: &RunArgs,
    seed: u64,
    functions: &Functions,
    machines: Vec<Machine>,
) -> Result<Settings> {
    let mut names = Vec::new();
    for function in functions.iter() {
        names.push(EcoString::from(function.name.as_str()));
        names.extend(
            function
                .aliases()
                .iter()
                .map(|alias| EcoString::from(alias.as_str())),
        );
    }
    Ok(Settings {
        seed,
        about: about(args, functions)?,
        functions: names,
        machines,
    })
}

fn about(args: &RunArgs, functions: &Functions) -> Result<Data> {
    // A module that cannot be read was not called either.
    let modules = functions.iter().filter_map(|function| {
        let module = Object::builder().with("function", function.name.as_str());
        Some(Data::from(
            module.with("sha256", function.sha256().ok()?).build(),
        ))
    });
    let mut about = Object::builder()
        .with("wfHost", env!("CARGO_PKG_VERSION"))
        .with(
            "clock",
            match args.clock {
                ClockArg::Real => "real",
                ClockArg::Virtual => "virtual",
            },
        )
        .with("modules", modules.collect::<Data>());
    let failures = &args.failures;
    if let Some(faults) = &failures.faults {
        about = about.with("faults", faults.as_str());
        if let Some(text) = failure_text(faults)? {
            about = about.with("faultPlan", text);
        }
    }
    if let Some(case) = &failures.mocks.test_case {
        about = about.with("testCase", case.as_str());
    }
    Ok(about.build().into())
}

/// The text of the fault plan, so that whoever replays sees what was injected.
fn failure_text(reference: &str) -> Result<Option<String>> {
    let (path, _) = crate::failures::split(reference);
    match path.is_file() {
        true => files::text(&path).map(Some),
        false => Ok(None),
    }
}
