//! `wf-host run`: one workflow from its input to its output.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Result;
use asl::{Options, Program, Severity};
use data::{Data, Object, Source};
use engine::{About, Entropy, Execution, Failure, HistoryEvent, Quotas, Status, Timestamp};
use journal::MemoryJournal;
use runtime::{Clock, Finished, Functions, Run, RunError, Stopper};

use crate::args::{ClockArg, RunArgs, TypeArg};
use crate::exit::{Exit, because, because_hint};
use crate::functions::setup;
use crate::progress::Progress;
use crate::signals::stop_on_signal;
use crate::{files, output};

/// Runs the workflow and prints what came of it.
pub fn run(args: &RunArgs) -> Result<Exit> {
    let plan = Plan::of(args)?;
    let functions = Arc::clone(&plan.functions);
    load_named_guests(&plan.program, &functions)?;
    let mut history = history_file(args)?;
    let mut progress = Progress::new(!args.quiet, args.logs, args.json);
    let stop = Stopper::default();
    let seed = plan.seed;
    let run = Run {
        program: plan.program,
        about: plan.about,
        entropy: Entropy::from_seed(seed),
        clock: plan.clock,
        functions,
        journal: Box::new(MemoryJournal::default()),
        stop: stop.clone(),
    };
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .event_interval(1)
        .enable_all()
        .build()?;
    let (finished, interrupted) = tokio.block_on(async {
        let came = stop_on_signal(stop)?;
        let finished = run.execute(plan.input, &mut progress).await;
        anyhow::Ok((finished, came.load(Ordering::SeqCst)))
    })?;
    tokio.shutdown_background();
    let finished = finished.map_err(|error| run_error(&error))?;
    report(args, &finished, &progress, seed);
    if let Some((name, file)) = &mut history {
        let written = file.write_all(history_text(&finished).as_bytes());
        written.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    }
    Ok(exit(finished.execution.status(), interrupted))
}

/// Everything that is settled before the first step.
struct Plan {
    program: Arc<Program>,
    about: Arc<About>,
    functions: Arc<Functions>,
    input: Data,
    clock: Clock,
    seed: u64,
}

impl Plan {
    fn of(args: &RunArgs) -> Result<Plan> {
        let mut setup = setup(&args.functions, &args.definition)?;
        let (source, format) = files::source(&args.definition)?;
        let is_function = |name: &str| setup.functions.find(name).is_some();
        let options = Options {
            definitions: &setup.define,
            is_function: &is_function,
            express: args.machine_type == TypeArg::Express,
        };
        let compiled = asl::compile(&source, format, &options);
        let program = compiled.program;
        tell(
            &compiled.diagnostics,
            &source,
            args.quiet && program.is_some(),
        );
        let program = program.ok_or_else(|| {
            because(
                Exit::BadFile,
                format!("{} is not a valid definition", source.name),
            )
        })?;
        let clock = clock(args)?;
        let quotas = quotas(args)?;
        setup
            .functions
            .make_room(runtime::most_tasks(&program, quotas.map_concurrency));
        let input = files::input(&args.input)?;
        if input.size() > quotas.payload_bytes {
            return Err(because_hint(
                Exit::BadFile,
                format!(
                    "the input has {} bytes; at most {} are taken",
                    input.size(),
                    quotas.payload_bytes
                ),
                "AWS refuses it too; --quota payload-bytes=N raises the quota here",
            ));
        }
        let seed = match args.seed {
            Some(seed) => seed,
            None => draw_seed(args.quiet)?,
        };
        Ok(Plan {
            about: Arc::new(about(args, clock, seed, quotas)?),
            program: Arc::new(program),
            functions: Arc::new(setup.functions),
            input,
            clock,
            seed,
        })
    }
}

/// Warnings and errors of a definition.
fn tell(diagnostics: &[asl::Diagnostic], source: &Source, errors_only: bool) {
    for diagnostic in diagnostics {
        // A missing timeout concerns whoever writes the definition, not each of its runs.
        let minor = diagnostic.code == asl::Code::MissingTimeout;
        if diagnostic.severity == Severity::Error || !(errors_only || minor) {
            output::talk(&diagnostic.render(source));
        }
    }
}

fn clock(args: &RunArgs) -> Result<Clock> {
    let start = match &args.start_time {
        None => Clock::DEFAULT_START,
        Some(text) => Timestamp::parse(text).filter(|at| at.0 >= 0).ok_or_else(|| {
            because(
                Exit::Usage,
                format!("--start-time {text}: expected an RFC 3339 time from 1970 on, such as 2026-01-01T00:00:00Z"),
            )
        })?,
    };
    match args.clock {
        ClockArg::Virtual => Ok(Clock::Virtual { start }),
        ClockArg::Real if args.start_time.is_some() => Err(because(
            Exit::Usage,
            "--start-time goes with --clock virtual",
        )),
        ClockArg::Real => Ok(Clock::Real),
    }
}

fn quotas(args: &RunArgs) -> Result<Quotas> {
    let mut quotas = match args.machine_type {
        TypeArg::Standard => Quotas::default(),
        TypeArg::Express => Quotas::express(),
    };
    for quota in &args.quota {
        let parsed = quota
            .split_once('=')
            .and_then(|(name, n)| Some((name, n.parse().ok()?)));
        let (name, value) = parsed.ok_or_else(|| {
            because(
                Exit::Usage,
                format!("--quota {quota}: expected NAME=N, such as history-events=100000"),
            )
        })?;
        let set = quotas.set(name, value);
        set.map_err(|error| because(Exit::Usage, format!("--quota {quota}: {error}")))?;
    }
    Ok(quotas)
}

fn draw_seed(quiet: bool) -> Result<u64> {
    // Small enough to be typed again.
    let seed = getrandom::u64().map_err(|error| because(Exit::HostFault, error.to_string()))? >> 32;
    if !quiet {
        output::talk(&format!("seed {seed}"));
    }
    Ok(seed)
}

fn about(args: &RunArgs, clock: Clock, seed: u64, quotas: Quotas) -> Result<About> {
    let machine = args
        .machine
        .clone()
        .unwrap_or_else(|| files::machine_name(&args.definition));
    let name = match (&args.name, clock) {
        (Some(name), _) => name.clone(),
        // Under virtual time a run is repeatable, its name included.
        (None, Clock::Virtual { .. }) => {
            let bits = Entropy::from_seed(seed).derive("execution", &machine);
            uuid_of(bits)
        }
        (None, Clock::Real) => {
            let mut bits = [0; 32];
            let drawn = getrandom::fill(&mut bits);
            drawn.map_err(|error| because(Exit::HostFault, error.to_string()))?;
            uuid_of(bits)
        }
    };
    for (flag, name) in [("--machine", &machine), ("--name", &name)] {
        let valid = |c: char| {
            !c.is_whitespace() && !c.is_control() && !"<>{}[]?*\"#%\\^|~`$&,;:/".contains(c)
        };
        if name.is_empty() || name.chars().count() > 80 || !name.chars().all(valid) {
            return Err(because(
                Exit::Usage,
                format!(
                    "{flag} {name:?}: a name has 1 to 80 characters, no blanks and none of <>{{}}[]?*\"#%\\^|~`$&,;:/"
                ),
            ));
        }
    }
    let mut about = About::local(&machine, &name);
    about.quotas = quotas;
    if args.machine_type == TypeArg::Express {
        about.execution_arn = about.execution_arn.replace(":execution:", ":express:");
    }
    Ok(about)
}

fn uuid_of(bits: [u8; 32]) -> String {
    let bits = bits.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bits)
        .into_uuid()
        .to_string()
}

fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 16))
}

/// Loads the guests that the definition names, so that a broken one is told before the first step.
fn load_named_guests(program: &Program, functions: &Functions) -> Result<()> {
    for function in runtime::named_functions(program, functions) {
        let loaded = functions.guest(&function);
        loaded.map_err(|failure| {
            because_hint(
                Exit::GuestNotLoadable,
                failure.to_string(),
                "wf-host guest check MODULE says what a module is",
            )
        })?;
    }
    Ok(())
}

pub(super) fn run_error(error: &RunError) -> anyhow::Error {
    let exit = match error {
        RunError::Load(_) => Exit::GuestNotLoadable,
        RunError::Waiting { .. } => Exit::Waiting,
        RunError::Sandbox(_) | RunError::Host { .. } | RunError::Journal(_) => Exit::HostFault,
    };
    because(exit, error.to_string())
}

fn exit(status: &Status, interrupted: bool) -> Exit {
    match status {
        Status::Succeeded { .. } => Exit::Ok,
        Status::Failed(_) => Exit::Failed,
        Status::TimedOut(_) => Exit::TimedOut,
        Status::Aborted(_) if interrupted => Exit::Interrupted,
        Status::Aborted(_) => Exit::Aborted,
        Status::Created | Status::Running => Exit::HostFault,
    }
}

/// The file that the history goes to, opened before anything is done; none for stdout.
fn history_file(args: &RunArgs) -> Result<Option<(String, File)>> {
    let Some(path) = &args.history else {
        return Ok(None);
    };
    if path.as_os_str() == "-" {
        return match args.json {
            true => Err(because(
                Exit::Usage,
                "--history - and --json both want stdout",
            )),
            false => Ok(None),
        };
    }
    let name = path.display().to_string();
    let file = File::create(path);
    let file = file.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    Ok(Some((name, file)))
}

/// Prints the output, or in its place what was asked for.
fn report(args: &RunArgs, finished: &Finished, progress: &Progress, seed: u64) {
    let execution = &finished.execution;
    let history = args.history.as_deref() == Some(Path::new("-"));
    match execution.status() {
        _ if history => output::data(&history_text(finished)),
        _ if args.json => output::value(&describe(execution, progress, seed)),
        Status::Succeeded { output } => output::value(output),
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
}

fn tell_failure(status: &Status, failure: &Failure) {
    let error = failure.error.as_deref().unwrap_or("(no error name)");
    output::talk(&format!("{}: {}", status.as_str(), output::one_line(error)));
    if let Some(cause) = failure.cause.as_deref().filter(|cause| !cause.is_empty()) {
        output::talk(&format!("cause: {cause}"));
    }
}

/// GetExecutionHistory's answer.
fn history_text(finished: &Finished) -> String {
    let about = finished.execution.about();
    let events = finished
        .records
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
fn describe(execution: &Execution, progress: &Progress, seed: u64) -> Data {
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
    let fuel: u64 = progress.invocations.iter().map(|report| report.fuel).sum();
    let invocations: Data = progress.invocations.iter().map(invocation).collect();
    answer
        .with("redriveCount", 0)
        .with("seed", number(seed))
        .with("fuel", number(fuel))
        .with("invocations", invocations)
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
