//! From flags and files to what goes wrong in a run: a fault plan and mocks.

use std::path::{Path, PathBuf};

use anyhow::Result;
use check::faults::{FaultPlan, Tally, World};
use check::mock::{MockConfig, Mocks, TestCase};
use data::{EcoString, Mistake};

use crate::args::{FailureArgs, MockArgs};
use crate::exit::{Exit, because, because_hint};
use crate::{files, output};

/// What the flags ask for, read but not yet held against the definition.
#[derive(Default)]
pub struct Failures {
    plan: FaultPlan,
    /// The plan's text, for the places of what is found later.
    source: Option<data::Source>,
    case: Option<TestCase>,
}

impl Failures {
    /// Reads the files that the flags name.
    pub fn read(args: &FailureArgs) -> Result<Failures> {
        let mut failures = Failures::default();
        if let Some(reference) = args.faults.as_ref().filter(|given| !given.is_empty()) {
            let (source, plan) = plan(reference)?;
            failures.plan = plan;
            failures.source = Some(source);
        }
        failures.case = test_case(&args.mocks)?;
        Ok(failures)
    }

    /// Whether a task may be delivered twice.
    pub fn delivers_twice(&self) -> bool {
        self.plan.delivers_twice()
    }

    /// The machine whose test case is run.
    pub fn machine(&self) -> Option<&EcoString> {
        self.case.as_ref().map(|case| &case.machine)
    }

    /// Holds everything against the machines of the run, the main one first.
    pub fn checked(self, world: &World<'_>) -> Result<(FaultPlan, Mocks)> {
        if let Some(source) = &self.source {
            bad_file(&self.plan.check_file(world, source), "wf-host help faults")?;
        }
        let mocks = self.case.map_or_else(Mocks::default, |case| case.mocks);
        if let Some((_, program)) = world.machines.first() {
            let misplaced: Vec<String> = mocks
                .check(program)
                .iter()
                .map(ToString::to_string)
                .collect();
            if !misplaced.is_empty() {
                return Err(because(Exit::BadFile, misplaced.join("\n")));
            }
        }
        Ok((self.plan, mocks))
    }
}

/// Says what came of the plan, and what of it and of the mocks did nothing.
pub fn tell_effects(tally: &Tally, quiet: bool) {
    for (name, effects) in tally.effects().iter().filter(|(_, n)| *n > 0 && !quiet) {
        let times = if *effects == 1 {
            "once".to_owned()
        } else {
            format!("{effects} times")
        };
        let name = output::one_line(name);
        output::talk(&format!("fault \"{name}\" took effect {times}"));
    }
    for fault in tally.unfired() {
        output::talk(&format!("warning: {fault}"));
    }
    for mock in tally.unused_mocks() {
        output::talk(&format!("warning: {mock}"));
    }
}

/// The faults that a flag names; without one nothing goes wrong.
pub fn fault_plan(reference: Option<&str>) -> Result<FaultPlan> {
    let given = reference.filter(|given| !given.is_empty());
    given.map_or_else(|| Ok(FaultPlan::default()), |given| Ok(plan(given)?.1))
}

/// The mock file that a flag, or else a variable of other tools, names.
pub fn mock_config(file: Option<PathBuf>) -> Result<Option<MockConfig>> {
    file.or_else(from_variable)
        .map(|file| config(&file))
        .transpose()
}

/// A plan, or one fault of it: `FILE` or `FILE#NAME`.
fn plan(reference: &str) -> Result<(data::Source, FaultPlan)> {
    let (path, name) = split(reference);
    let (source, format) = files::source(&path)?;
    let plan = FaultPlan::read(&source, format);
    let plan = plan.map_err(|mistakes| told(&mistakes, "wf-host help faults"))?;
    let plan = match name {
        None => plan,
        Some(name) => plan
            .only(name)
            .map_err(|error| because(Exit::Usage, format!("--faults {reference}: {error}")))?,
    };
    Ok((source, plan))
}

/// The file and the name behind `#`; a file may have one in its own name.
pub fn split(reference: &str) -> (PathBuf, Option<&str>) {
    match reference.split_once('#') {
        Some((path, name)) if !Path::new(reference).exists() => (path.into(), Some(name)),
        _ => (reference.into(), None),
    }
}

/// The variables in which other tools look for a mock file.
const VARIABLES: [&str; 2] = ["SFN_MOCK_CONFIG", "LOCALSTACK_SFN_MOCK_CONFIG"];

fn from_variable() -> Option<PathBuf> {
    let mut set = VARIABLES.iter().filter_map(std::env::var_os);
    set.find(|path| !path.is_empty()).map(PathBuf::from)
}

fn config(file: &Path) -> Result<MockConfig> {
    let (source, format) = files::source(file)?;
    let config = MockConfig::read(&source, format);
    config.map_err(|mistakes| told(&mistakes, "wf-host help faults"))
}

fn test_case(args: &MockArgs) -> Result<Option<TestCase>> {
    let file = args.mock_config.clone();
    let Some(case) = &args.test_case else {
        return match file {
            None => Ok(None),
            Some(_) => Err(because_hint(
                Exit::Usage,
                "--mock-config goes with --test-case",
                "--test-case MACHINE#CASE says which of its cases to run",
            )),
        };
    };
    let file = file.or_else(from_variable).ok_or_else(|| {
        because_hint(
            Exit::Usage,
            format!("--test-case {case}: there is no mock file"),
            "name it with --mock-config FILE, or in SFN_MOCK_CONFIG",
        )
    })?;
    let config = config(&file)?;
    let found = config.case(case);
    let found = found.map_err(|error| {
        because_hint(
            Exit::Usage,
            format!("--test-case {case}: {error}"),
            error.hint,
        )
    })?;
    Ok(Some(found))
}

fn bad_file(mistakes: &[Mistake], hint: &str) -> Result<()> {
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(told(mistakes, hint)),
    }
}

/// Mistakes of a file, all at once.
pub fn told(mistakes: &[Mistake], hint: &str) -> anyhow::Error {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    because_hint(Exit::BadFile, lines.join("\n"), hint)
}
