//! `wf-host test`: suites of cases.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use check::faults::World;
use check::suite::{Case, CaseReport, Files, Stage, Suite, SuiteReport, junit, run};
use data::{Data, EcoString, Format, Object, Source};
use runtime::{Machine, Machines, Stopper};

use crate::args::{MachineArgs, TestArgs};
use crate::exit::{Exit, because, because_hint};
use crate::functions::setup_beside;
use crate::machines::{compile, named};
use crate::signals::stop_on_signal;
use crate::{coverage, failures, files, output};

/// Runs the suites and tells what came of them.
pub fn test(args: &TestArgs) -> Result<Exit> {
    check_outputs(args)?;
    let threads = args.jobs.map_or_else(super::run::workers, usize::from);
    let mut ready = Vec::new();
    for path in suites(&args.paths)? {
        ready.push(Ready::read(&path, args, threads)?);
    }
    let wanted = |suite: &str, case: &Case| {
        let name = format!("{suite}#{}", case.name);
        args.filter
            .as_ref()
            .is_none_or(|filter| name.contains(filter.as_str()))
    };
    ready.retain(|ready| {
        ready
            .suite
            .cases
            .iter()
            .any(|case| wanted(&ready.suite.source.name, case))
    });
    if ready.is_empty() {
        let filter = args.filter.as_deref().unwrap_or_default();
        return Err(because(
            Exit::Usage,
            format!("--filter {filter}: no case has that in its name"),
        ));
    }
    let tokio = super::run::tokio_runtime()?;
    let stop = Stopper::default();
    let came = tokio.block_on(async { stop_on_signal(stop.clone()) })?;
    let mut reports = Vec::new();
    for Ready {
        suite,
        stage,
        threads,
        ..
    } in &mut ready
    {
        stage.stop = stop.clone();
        let name = suite.source.name.to_string();
        let wanted = |case: &Case| wanted(&name, case);
        let progress = Progress::new(suite.cases.iter().filter(|case| wanted(case)).count(), args);
        let done = |_: &CaseReport| progress.one_more();
        let report = run(suite, stage, &wanted, (tokio.handle(), *threads), &done);
        if !args.json {
            output::data(&text(&report, args.quiet));
        }
        reports.push(report);
    }
    if came.finish() {
        return Ok(Exit::Interrupted);
    }
    finish(args, &ready, &reports)
}

fn check_outputs(args: &TestArgs) -> Result<()> {
    let mut written: Vec<(&str, &Path)> = Vec::new();
    written.extend(args.junit.iter().map(|path| ("--junit", path.as_path())));
    let coverage = args.coverage.iter().map(PathBuf::as_path);
    written.extend(coverage.map(|path| ("--coverage", path)));
    let read: Vec<&Path> = args.paths.iter().map(PathBuf::as_path).collect();
    files::check_outputs(&read, &written)?;
    if args.json && args.coverage.iter().any(|file| coverage::is_stdout(file)) {
        let message = "--json and --coverage - both want stdout; the coverage is in the JSON too";
        return Err(because(Exit::Usage, message));
    }
    Ok(())
}

fn finish(args: &TestArgs, ready: &[Ready], reports: &[SuiteReport]) -> Result<Exit> {
    let passed = reports.iter().all(SuiteReport::passed);
    if args.json {
        let suites = reports.iter().zip(ready);
        let suites: Data = suites
            .map(|(report, ready)| report.to_data(&ready.definition))
            .collect();
        output::value(
            &Object::builder()
                .with("passed", passed)
                .with("suites", suites)
                .build()
                .into(),
        );
    } else {
        output::data(&closing_line(reports));
    }
    if let Some(file) = &args.junit {
        let written = std::fs::write(file, junit(reports));
        written.map_err(|error| because(Exit::BadFile, format!("{}: {error}", file.display())))?;
    }
    let covered: Vec<_> = reports
        .iter()
        .zip(ready)
        .map(|(report, ready)| report.coverage_report(&ready.definition))
        .collect();
    coverage::write(&args.coverage, &covered)?;
    Ok(if passed { Exit::Ok } else { Exit::Failed })
}

fn closing_line(reports: &[SuiteReport]) -> String {
    let cases = || reports.iter().flat_map(|report| &report.cases);
    let passed = cases().filter(|case| case.passed()).count();
    let shortfalls: usize = reports.iter().map(|report| report.shortfalls.len()).sum();
    let failed = cases().count() - passed + shortfalls;
    format!("{passed} passed, {failed} failed\n")
}

/// A suite as people read it: a line a case, and below those that failed the reason.
fn text(report: &SuiteReport, quiet: bool) -> String {
    let widest = report
        .cases
        .iter()
        .map(|case| case.name.chars().count())
        .max();
    let width = widest.unwrap_or(0).min(60);
    let lines = report.cases.iter().filter(|case| !(quiet && case.passed()));
    let lines: String = lines.map(|case| line(case, width)).collect();
    let mut text = match quiet && lines.is_empty() && report.shortfalls.is_empty() {
        true => return String::new(),
        false => format!("{}\n{lines}", report.suite),
    };
    for shortfall in &report.shortfalls {
        text.push_str(&format!("  FAIL  {shortfall}\n"));
    }
    text
}

fn line(case: &CaseReport, width: usize) -> String {
    let word = if case.passed() { "ok  " } else { "FAIL" };
    let name = output::one_line(&case.name);
    let (status, seconds, events) = (case.status, case.duration.as_secs_f64(), case.events);
    let mut line =
        format!("  {word}  {name:width$}  {status:9}  {seconds:10.3} s  {events:5} events\n");
    if let Some(reason) = case.reason() {
        for part in format!("{}: {reason}", case.first_place()).lines() {
            line.push_str(&format!("        {}\n", output::one_line(part)));
        }
    }
    line
}

/// Says how far a suite is, to whoever waits for one that takes long.
struct Progress {
    done: AtomicUsize,
    all: usize,
    quiet: bool,
    said: Mutex<Instant>,
}

impl Progress {
    /// Nobody waits for less.
    const EVERY: Duration = Duration::from_secs(2);

    fn new(all: usize, args: &TestArgs) -> Progress {
        Progress {
            done: AtomicUsize::new(0),
            all,
            quiet: args.quiet,
            said: Mutex::new(Instant::now()),
        }
    }

    fn one_more(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.quiet && done < self.all && said.elapsed() >= Progress::EVERY {
            *said = Instant::now();
            output::talk(&format!("{done} of {} cases", self.all));
        }
    }
}

/// A suite with all that its cases run on.
struct Ready {
    suite: Suite,
    stage: Stage,
    definition: Source,
    /// How many of its cases run side by side.
    threads: usize,
}

impl Ready {
    fn read(path: &Path, args: &TestArgs, threads: usize) -> Result<Ready> {
        let folder = files::folder(path);
        let (source, format) = files::source(path)?;
        let suite = Suite::read(&source, format, &Beside(&folder));
        let suite = suite.map_err(|mistakes| failures::told(&mistakes, "wf-host help suite"))?;
        let definition = folder.join(suite.machine.as_str());
        let config = suite
            .config
            .as_ref()
            .map(|config| folder.join(config.as_str()));
        let named_by =
            |error: anyhow::Error| because(Exit::BadFile, format!("{}: {error:#}", path.display()));
        let text = files::source(&definition).map_err(named_by)?;
        if let Some(config) = &config {
            files::source(config).map_err(named_by)?;
        }
        let mut setup = setup_beside(&args.functions, &definition, config)?;
        let program = compile(&setup, &text, suite.express, true)?;
        let own = suite.name.clone();
        let own = own.unwrap_or_else(|| files::machine_name(&definition).into());
        let all = named(&MachineArgs::default(), &own, &setup, true)?;
        let mut programs: Vec<&asl::Program> = vec![&program];
        programs.extend(all.iter().map(|named| &*named.machine.program));
        let guests = suite.guests(&programs).max(1);
        setup
            .functions
            .make_room(guests.saturating_mul(threads as u32));
        // Fewer cases side by side rather than cases with fewer guests.
        let most = setup.functions.max_guests();
        let guests = guests.min(most);
        let threads = threads.min((most / guests) as usize);
        let mut machines = Machines::default();
        for named in all {
            machines.add(named.machine);
        }
        machines.add(Machine::local(&own, Arc::clone(&program), suite.express));
        let stage = Stage {
            name: own,
            program,
            machines,
            functions: Arc::new(setup.functions),
            guests,
            stop: Stopper::default(),
        };
        check(&suite, &stage)?;
        Ok(Ready {
            suite,
            stage,
            definition: text.0,
            threads,
        })
    }
}

/// Refuses what the suite says of things that are not there.
fn check(suite: &Suite, stage: &Stage) -> Result<()> {
    let others = stage
        .machines
        .iter()
        .filter(|other| !Arc::ptr_eq(&other.program, &stage.program));
    let main: (EcoString, &asl::Program) = (stage.name.clone(), &stage.program);
    let world = World {
        machines: std::iter::once(main)
            .chain(others.map(|other| (other.name.clone(), &*other.program)))
            .collect(),
        functions: &stage.functions,
    };
    let mistakes = suite.check(&world);
    match mistakes.is_empty() {
        true => Ok(()),
        false => Err(failures::told(&mistakes, "wf-host help suite")),
    }
}

/// Files beside a suite.
struct Beside<'f>(&'f Path);

impl Files for Beside<'_> {
    fn read(&self, path: &str) -> Result<(Source, Format), String> {
        files::source(&self.0.join(path)).map_err(|error| format!("{error:#}"))
    }
}

/// The suites that the paths stand for, in order of name below a folder.
fn suites(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let below = files::below(path, &|name| is_suite(name))?;
        if below.is_empty() {
            return Err(because_hint(
                Exit::BadFile,
                format!("{}: no suites", path.display()),
                "a folder stands for the *.suite.json, *.suite.yaml, *.suite.yml and *.suite.toml in and below it",
            ));
        }
        found.extend(below);
    }
    Ok(found)
}

fn is_suite(name: &str) -> bool {
    let endings = [".suite.json", ".suite.yaml", ".suite.yml", ".suite.toml"];
    endings.iter().any(|ending| name.ends_with(ending))
}
