//! `wf-host run`: one workflow from its input to its output.

mod plan;
mod record;
mod report;

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Result;
use asl::Program;
use check::coverage::{Coverage, Report};
use check::faults::{Tally, direct};
use check::recording::{Machine, Recorder};
use engine::{Change, Entropy, Status};
use journal::{Journal, Page};
use runtime::{
    Both, Finished, Folder, Functions, InvocationReport, Outside, Run, RunError, Stopper,
};

use crate::args::RunArgs;
use crate::coverage;
use crate::exit::{Exit, because, because_hint};
use crate::failures::tell_effects;
use crate::mailbox::Door;
use crate::progress::Progress;
use crate::signals::stop_on_signal;
use crate::store::Keeping;
use crate::{output, store};
use plan::Plan;
pub use plan::{clock, uuid_of};
pub use report::{Wanted, history_file, history_text, report};

/// Runs the workflow and prints what came of it.
pub fn run(args: &RunArgs) -> Result<Exit> {
    let plan = Plan::of(args)?;
    let keeping = Keeping::open(&args.store)?;
    if let Some(exit) = ended_before(args, &plan, &*keeping.journal)? {
        return Ok(exit);
    }
    load_guests(&plan)?;
    let wanted = Wanted::from(args);
    let mut history = history_file(wanted)?;
    let (seed, functions, texts) = (plan.seed, Arc::clone(&plan.functions), plan.texts.clone());
    let ran = execute(args, plan, keeping.journal)?;
    store::close(keeping.store)?;
    report(wanted, &ran.finished, &ran.invocations, seed)?;
    tell_effects(&ran.tally, args.quiet);
    if let Some((name, file)) = &mut history {
        let written = file.write_all(history_text(wanted, &ran.finished)?.as_bytes());
        written.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    }
    coverage::write(&args.coverage, &covered(&ran.finished, &texts))?;
    if let Some(path) = &args.record {
        let settings = record::settings(args, seed, &functions, texts)?;
        record::write(path, &ran.recorder.finish(&ran.finished, settings))?;
    }
    match ran.waiting {
        Some(error) => Err(error),
        None => Ok(exit(ran.finished.execution.status(), ran.interrupted)),
    }
}

/// A run that is over, with what those who watched it saw.
struct Ran {
    finished: Finished,
    invocations: Vec<InvocationReport>,
    recorder: Recorder,
    tally: Tally,
    /// What it waits for, if only the outside could go on with it.
    waiting: Option<anyhow::Error>,
    /// Whether a signal stopped it.
    interrupted: bool,
}

/// What came of a run that the store has already; none if it is to be run, or to go on.
fn ended_before(args: &RunArgs, plan: &Plan, journal: &dyn Journal) -> Result<Option<Exit>> {
    let arn = plan.about.execution_arn.as_str();
    let damaged = |why: String| because(Exit::BadFile, format!("execution {arn}: {why}"));
    let kept = journal
        .find(arn)
        .map_err(|error| damaged(error.to_string()))?;
    let Some(kept) = kept else {
        return Ok(None);
    };
    let first = Page {
        skip: 0,
        take: 1,
        reverse: false,
    };
    let first = journal.events(arn, first);
    let (first, _) = first.map_err(|error| damaged(error.to_string()))?;
    let same = matches!(
        first.first().map(|record| &record.change),
        Some(Change::ExecutionStarted { input, .. }) if input.data == plan.input
    );
    if !same {
        return Err(because_hint(
            Exit::Usage,
            format!(
                "ExecutionAlreadyExists: Execution Already Exists: '{arn}', with another input"
            ),
            "--name gives the execution another name",
        ));
    }
    let open = journal.open(Some(arn));
    let open = open.map_err(|error| damaged(error.to_string()))?;
    if kept.summary.stopped_at.is_none() || !open.is_empty() {
        if args.record.is_some() {
            return Err(because(
                Exit::Usage,
                format!(
                    "--record: execution {arn} goes on from before, and a recording needs all of it"
                ),
            ));
        }
        if !args.quiet {
            output::talk(&format!("execution {arn} goes on where it stood"));
        }
        return Ok(None);
    }
    let finished = Folder::default().finished(journal, arn);
    let finished = finished.map_err(damaged)?;
    let finished = finished.ok_or_else(|| damaged("it is not over".to_owned()))?;
    if !args.quiet {
        output::talk(&format!(
            "execution {arn} was over before: this is what came of it"
        ));
    }
    let wanted = Wanted::from(args);
    let history = history_file(wanted)?;
    report(wanted, &finished, &[], plan.seed)?;
    if let Some((name, mut file)) = history {
        let written = file.write_all(history_text(wanted, &finished)?.as_bytes());
        written.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    }
    Ok(Some(exit(finished.execution.status(), false)))
}

/// What all chance follows from. Executions that are kept side by side must not share it, task tokens least of all: one
/// that is given a name has its own.
fn chance(args: &RunArgs, seed: u64) -> Entropy {
    let entropy = Entropy::from_seed(seed);
    match (&args.name, &args.store.store) {
        (Some(name), Some(_)) => Entropy::from_secret(entropy.derive("run", name)),
        _ => entropy,
    }
}

fn execute(args: &RunArgs, plan: Plan, journal: Box<dyn Journal>) -> Result<Ran> {
    let (answerer, outside) = Outside::new(args.machines.listen);
    let door = Door::new(answerer, !args.quiet || args.machines.listen);
    let main = plan.about.execution_arn.clone();
    let mut progress = Progress::new(!args.quiet, args.logs, args.json, main, door);
    let mut recorder = Recorder::default();
    let stop = Stopper::default();
    let (injector, tally) = direct(plan.faults, plan.mocks, &plan.functions);
    let run = Run {
        program: plan.program,
        about: plan.about,
        entropy: chance(args, plan.seed),
        clock: plan.clock,
        functions: plan.functions,
        guests: None,
        journal,
        stop: stop.clone(),
        machines: plan.machines,
        companions: plan.companions,
        activities: None,
        injector,
        outside: Some(outside),
        definition: plan.definition,
    };
    let tokio = tokio_runtime()?;
    let (finished, interrupted) = tokio.block_on(async {
        let came = stop_on_signal(stop)?;
        let finished = match &args.record {
            None => run.execute(plan.input, &mut progress).await,
            Some(_) => {
                let mut both = Both(&mut progress, &mut recorder);
                run.execute(plan.input, &mut both).await
            }
        };
        anyhow::Ok((finished, came.finish()))
    })?;
    tokio.shutdown_background();
    let (finished, waiting) = so_far(finished)?;
    Ok(Ran {
        finished,
        invocations: progress.invocations,
        recorder,
        tally,
        waiting,
        interrupted,
    })
}

/// What came of a run, also of one that waits for what only the outside could send.
fn so_far(finished: Result<Finished, RunError>) -> Result<(Finished, Option<anyhow::Error>)> {
    let error = match finished {
        Ok(finished) => return Ok((finished, None)),
        Err(error) => error,
    };
    let told = run_error(&error);
    match error {
        RunError::Waiting {
            so_far: Some(so_far),
            ..
        } => Ok((*so_far, Some(told))),
        _ => Err(told),
    }
}

/// Loads the guests that the machines name, so that a broken one is told before the first step.
fn load_guests(plan: &Plan) -> Result<()> {
    let mocked = |state: &str| plan.mocks.is_mocked(state);
    load_named_guests(&plan.program, &plan.functions, &mocked)?;
    let others = plan.machines.iter();
    for machine in others.filter(|other| !Arc::ptr_eq(&other.program, &plan.program)) {
        load_named_guests(&machine.program, &plan.functions, &|_| false)?;
    }
    Ok(())
}

/// The machine whose states an execution of `name` runs: a child of a Distributed Map runs some of its parent's.
fn machine_of(name: &str) -> &str {
    name.split_once('/').map_or(name, |(machine, _)| machine)
}

/// The coverage of every machine that ran, the main one first.
fn covered(finished: &Finished, texts: &[Machine]) -> Vec<Report> {
    let main = std::iter::once((&finished.execution, &finished.records));
    let others = finished.others.iter().map(|o| (&o.execution, &o.records));
    let all: Vec<_> = main.chain(others).collect();
    let reports = texts.iter().filter_map(|text| {
        let ran = all.iter().filter(|(execution, _)| {
            machine_of(&execution.about().state_machine_name) == text.name
        });
        let mut ran = ran.peekable();
        let mut coverage = Coverage::of(Arc::clone(ran.peek()?.0.program()));
        for (_, records) in ran {
            records.iter().for_each(|record| coverage.see(record));
        }
        Some(Report::of(&coverage, &text.name, &text.source))
    });
    reports.collect()
}

/// Loads the guests that a definition names.
pub(super) fn load_named_guests(
    program: &Program,
    functions: &Functions,
    mocked: &dyn Fn(&str) -> bool,
) -> Result<()> {
    for function in runtime::named_functions(program, functions, mocked) {
        let loaded = functions.guest(&function);
        loaded.map_err(|failure| {
            because_hint(Exit::GuestNotLoadable, failure.to_string(), failure.hint)
        })?;
    }
    Ok(())
}

pub(super) fn run_error(error: &RunError) -> anyhow::Error {
    let exit = match error {
        RunError::Load(_) => Exit::GuestNotLoadable,
        RunError::Waiting { .. } => Exit::Waiting,
        RunError::Sandbox(_)
        | RunError::Host { .. }
        | RunError::Journal(_)
        | RunError::Recovery { .. }
        | RunError::Crashed
        | RunError::Twice(_) => Exit::HostFault,
    };
    if exit != Exit::Waiting {
        return because(exit, error.to_string());
    }
    because_hint(
        exit,
        error.to_string(),
        "--listen waits for wf-host task; --also and --beside start machines that may answer",
    )
}

/// The exit code of an execution that is over.
pub fn exit(status: &Status, interrupted: bool) -> Exit {
    match status {
        Status::Succeeded { .. } => Exit::Ok,
        Status::Failed(_) => Exit::Failed,
        Status::TimedOut(_) => Exit::TimedOut,
        Status::Aborted(_) if interrupted => Exit::Interrupted,
        Status::Aborted(_) => Exit::Aborted,
        Status::Created | Status::Running => Exit::HostFault,
    }
}

/// The tokio runtime of guests: it looks for those that sleep or wait as often as it can.
pub fn tokio_runtime() -> Result<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .event_interval(1)
        .enable_all()
        .build();
    Ok(built?)
}

/// How many guests compute side by side.
pub fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 16))
}
