//! What a run prints and writes when it is over.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Result;
use data::{Data, Object};
use engine::{Execution, Failure, HistoryEvent, Record, Status};
use runtime::{Finished, InvocationReport, Other};

use crate::args::{ReplayArgs, RunArgs};
use crate::exit::{Exit, because, because_hint};
use crate::{coverage, files, output};

/// What is wanted of a run that is over.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Where the history goes.
    pub history: Option<&'a Path>,
    /// Whose history it is.
    pub history_of: Option<&'a str>,
    /// Whether the whole answer is printed.
    pub json: bool,
    /// Whether nothing is said of other executions.
    pub quiet: bool,
    /// Where the coverage goes.
    pub coverage: &'a [PathBuf],
    /// Where the recording goes.
    pub record: Option<&'a Path>,
    /// What is read and must not be overwritten.
    pub read: &'a [PathBuf],
}

impl<'a> From<&'a RunArgs> for Wanted<'a> {
    fn from(args: &'a RunArgs) -> Self {
        Wanted {
            history: args.history.as_deref(),
            history_of: args.machines.history_of.as_deref(),
            json: args.json,
            quiet: args.quiet,
            coverage: &args.coverage,
            record: args.record.as_deref(),
            read: std::slice::from_ref(&args.definition),
        }
    }
}

impl<'a> From<&'a ReplayArgs> for Wanted<'a> {
    fn from(args: &'a ReplayArgs) -> Self {
        Wanted {
            history: args.history.as_deref(),
            history_of: args.history_of.as_deref(),
            json: args.json,
            quiet: args.quiet,
            coverage: &[],
            record: None,
            read: std::slice::from_ref(&args.recording),
        }
    }
}

impl Wanted<'_> {
    /// Refuses two things that both want stdout or one file, and files that are read.
    pub fn check(&self) -> Result<()> {
        let read: Vec<&Path> = self.read.iter().map(PathBuf::as_path).collect();
        let mut written = Vec::new();
        written.extend(self.history.map(|path| ("--history", path)));
        written.extend(self.record.map(|path| ("--record", path)));
        let coverage = self.coverage.iter().map(PathBuf::as_path);
        written.extend(coverage.map(|path| ("--coverage", path)));
        files::check_outputs(&read, &written)?;
        if self.record == Some(Path::new("-")) {
            return Err(because(
                Exit::Usage,
                "--record - : a recording goes to a file",
            ));
        }
        let history = self.history == Some(Path::new("-"));
        let table = self.coverage.iter().any(|file| coverage::is_stdout(file));
        let wanted = [
            (history, "--history -"),
            (self.json, "--json"),
            (table, "--coverage -"),
        ];
        let wanted: Vec<&str> = wanted
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, flag)| *flag)
            .collect();
        if let [one, other, ..] = wanted.as_slice() {
            let message = format!("{one} and {other} both want stdout");
            return Err(because(Exit::Usage, message));
        }
        Ok(())
    }

    /// Whether stdout is taken by something else than the output.
    fn takes_stdout(&self) -> bool {
        self.coverage.iter().any(|file| coverage::is_stdout(file))
    }
}

/// The file that the history goes to, opened before anything is done; none for stdout.
pub fn history_file(args: Wanted<'_>) -> Result<Option<(String, File)>> {
    args.check()?;
    let Some(path) = args.history else {
        return match args.history_of {
            Some(_) => Err(because(Exit::Usage, "--history-of goes with --history")),
            None => Ok(None),
        };
    };
    if path.as_os_str() == "-" {
        return Ok(None);
    }
    let name = path.display().to_string();
    let file = File::create(path);
    let file = file.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    Ok(Some((name, file)))
}

/// Prints the output, or in its place what was asked for.
pub fn report(
    args: Wanted<'_>,
    finished: &Finished,
    invocations: &[InvocationReport],
    seed: u64,
) -> Result<()> {
    let execution = &finished.execution;
    let history = args.history == Some(Path::new("-"));
    match execution.status() {
        _ if history => output::data(&history_text(args, finished)?),
        _ if args.json => output::value(&describe(finished, invocations, seed)),
        Status::Succeeded { output } if !args.takes_stdout() => output::value(output),
        _ => {}
    }
    match execution.status() {
        Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure)
            if !args.json =>
        {
            tell_failure(execution.status(), failure);
        }
        _ => {}
    }
    for other in finished.others.iter().filter(|_| !args.quiet) {
        tell_unfinished(other);
    }
    Ok(())
}

/// An execution that waits for what nobody can send holds up no run, but that is worth a word.
fn tell_unfinished(other: &Other) {
    if !other.execution.status().is_final() {
        let about = other.execution.about();
        output::talk(&format!(
            "execution {} of {} is still RUNNING: it waits for what nobody is left to give",
            about.execution_name, about.state_machine_name
        ));
    }
}

fn tell_failure(status: &Status, failure: &Failure) {
    let error = failure.error.as_deref().unwrap_or("(no error name)");
    output::talk(&format!("{}: {}", status.as_str(), output::one_line(error)));
    if let Some(cause) = failure.cause.as_deref().filter(|cause| !cause.is_empty()) {
        output::talk(&format!("cause: {cause}"));
    }
}

/// The history that was asked for: the main execution's, or that of the one named.
pub fn history_text(args: Wanted<'_>, finished: &Finished) -> Result<String> {
    let Some(name) = args.history_of else {
        return Ok(history(&finished.execution, &finished.records));
    };
    let main = std::iter::once((&finished.execution, &finished.records));
    let others = finished.others.iter().map(|o| (&o.execution, &o.records));
    let all: Vec<_> = main.chain(others).collect();
    let by_name = all
        .iter()
        .find(|(execution, _)| execution.about().execution_name == name);
    let by_machine = || {
        all.iter()
            .find(|(execution, _)| execution.about().state_machine_name == name)
    };
    let found = by_name.or_else(by_machine);
    let (execution, records) = found.ok_or_else(|| {
        because_hint(
            Exit::Usage,
            format!("--history-of {name}: no execution of the run, nor its machine, has that name"),
            "run --json lists the executions",
        )
    })?;
    Ok(history(execution, records))
}

/// GetExecutionHistory's answer.
fn history(execution: &Execution, records: &[Record]) -> String {
    let about = execution.about();
    let events = records
        .iter()
        .filter_map(|record| HistoryEvent::of(record, about));
    let events: Data = events
        .map(|event| event.to_data(|at| at.to_iso_millis().into()))
        .collect();
    let mut text = Data::from(Object::builder().with("events", events).build()).to_pretty();
    text.push('\n');
    text
}

/// DescribeExecution's answer, with the seed and what the functions cost.
fn describe(finished: &Finished, reports: &[InvocationReport], seed: u64) -> Data {
    let execution = &finished.execution;
    let about = execution.about();
    let included = || Object::builder().with("included", true).build();
    let mut answer = Object::builder()
        .with("executionArn", about.execution_arn.clone())
        .with("stateMachineArn", about.state_machine_arn.clone())
        .with("name", about.execution_name.clone())
        .with("status", execution.status().as_str())
        .with("startDate", execution.started_at().to_iso_millis());
    if let Some(at) = execution.stopped_at() {
        answer.insert("stopDate".into(), at.to_iso_millis().into());
    }
    answer = answer
        .with("input", execution.input().to_string())
        .with("inputDetails", included());
    match execution.status() {
        Status::Succeeded { output } => {
            answer = answer
                .with("output", output.to_string())
                .with("outputDetails", included());
        }
        // AWS reports no error for an execution that timed out.
        Status::Failed(failure) | Status::Aborted(failure) => {
            for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
                if let Some(text) = text {
                    answer.insert(name.into(), text.clone().into());
                }
            }
        }
        Status::TimedOut(_) | Status::Created | Status::Running => {}
    }
    let fuel: u64 = reports.iter().map(|report| report.fuel).sum();
    let invocations: Data = reports.iter().map(invocation).collect();
    let mut answer = answer
        .with("redriveCount", i64::from(execution.redrives()))
        .with("seed", number(seed))
        .with("fuel", number(fuel))
        .with("invocations", invocations);
    if !finished.others.is_empty() {
        answer.insert("others".into(), finished.others.iter().map(other).collect());
    }
    answer.build().into()
}

/// An execution beside the main one, as a list of executions has it.
fn other(other: &Other) -> Data {
    let about = other.execution.about();
    Object::builder()
        .with("executionArn", about.execution_arn.clone())
        .with("stateMachineArn", about.state_machine_arn.clone())
        .with("name", about.execution_name.clone())
        .with("status", other.execution.status().as_str())
        .build()
        .into()
}

fn invocation(report: &runtime::InvocationReport) -> Data {
    let mut object = Object::builder()
        .with("state", report.state.clone())
        .with("attempt", i64::from(report.attempt))
        .with("function", report.function.as_str())
        .with("fuel", number(report.fuel))
        .with("peakMemory", number(report.peak_memory))
        .with(
            "log",
            report
                .log
                .iter()
                .map(|line| Data::from(line.as_str()))
                .collect::<Data>(),
        );
    if let Some(item) = report.item {
        object.insert("item".into(), i64::from(item).into());
    }
    if let Some(error) = &report.error {
        object.insert("error".into(), error.clone().into());
    }
    object.build().into()
}

fn number(value: u64) -> Data {
    data::Number::parse(&value.to_string()).map_or(Data::Null, Data::Number)
}
