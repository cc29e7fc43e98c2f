//! `wf-host sweep`: a workflow through everything that can go wrong at its tasks.

mod workers;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use asl::Program;
use check::faults::World;
use check::invariant::Invariant;
use check::sweep::{Kind, MockedWorkers, Nominal, Options, Report, SweepError, sweep as explore};
use data::Data;
use engine::{About, Entropy, Quotas};
use runtime::{Clock, Machine, Machines, is_name, most_guests};

use crate::args::{AllowArg, FailureArgs, SweepArgs, TypeArg};
use crate::exit::{Exit, because, because_hint};
use crate::failures::Failures;
use crate::functions::{Setup, setup};
use crate::machines::{companions, compile, named};
use crate::{files, output};
use workers::Workers;

/// Sweeps the workflow and prints what was found.
pub fn sweep(args: &SweepArgs) -> Result<Exit> {
    check_flags(args)?;
    let mut setup = setup(&args.functions, &args.definition)?;
    let main = files::source(&args.definition)?;
    let express = args.machine_type == TypeArg::Express;
    let program = compile(&setup, &main, express, args.quiet)?;
    let failures = failures(args)?;
    let about = about(args, &failures)?;
    let options = options(args)?;
    let inputs = args.input.iter().map(|input| files::json(input, "--input"));
    let inputs = inputs.collect::<Result<Vec<Data>>>()?;
    for input in &inputs {
        check_size(input, &about)?;
    }
    let machines = machines(args, &program, &about, &mut setup)?;
    let mut markdown = markdown_file(args)?;
    let mut workers = workers(args, setup, machines, failures, (&about, &program))?;
    let began = Instant::now();
    let mut progress = |paths: u64| {
        if !args.quiet && paths.is_multiple_of(1 << 17) {
            output::talk(&format!("{paths} paths so far"));
        }
    };
    let found = explore(
        &program,
        &about,
        &inputs,
        &options,
        workers.as_mut(),
        &mut progress,
    );
    let report = found.map_err(|error| refused(&error))?;
    if !args.quiet {
        output::talk(&speed(report.forks, began.elapsed()));
    }
    if let Some((name, file)) = &mut markdown {
        let written = file.write_all(report.to_markdown().as_bytes());
        written.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    }
    print(args, &report);
    Ok(exit(args, &report))
}

/// The workers of a good day: the mocks of a test case, else whatever stands behind the tasks of a run. The
/// guests of what is not mocked are loaded, so that a broken one is told before the first step.
fn workers(
    args: &SweepArgs,
    setup: Setup,
    machines: Machines,
    failures: Failures,
    (about, program): (&About, &Program),
) -> Result<Box<dyn Nominal>> {
    let world = World {
        machines: vec![(about.state_machine_name.clone(), program)],
        functions: &setup.functions,
    };
    let (_, mocks) = failures.checked(&world)?;
    for machine in machines.iter() {
        let swept = std::ptr::eq(&*machine.program, program);
        let mocked = |state: &str| swept && mocks.is_mocked(state);
        super::run::load_named_guests(&machine.program, &setup.functions, &mocked)?;
    }
    let companions = companions(&args.machines, &machines, args.seed)?;
    let functions = Arc::new(setup.functions);
    let entropy = Entropy::from_seed(args.seed);
    let others = Workers::new(functions, machines, companions, entropy)?;
    Ok(Box::new(MockedWorkers { mocks, others }))
}

/// A sweep has all faults of its own; the mocks are those of a run.
fn failures(args: &SweepArgs) -> Result<Failures> {
    Failures::read(&FailureArgs {
        faults: None,
        mocks: args.mocks.clone(),
    })
}

fn check_flags(args: &SweepArgs) -> Result<()> {
    let usage = |message: &str| Err(because(Exit::Usage, message));
    if args.json && args.markdown.as_deref() == Some(Path::new("-")) {
        return usage("--markdown - and --json both want stdout");
    }
    if args.machines.listen {
        return usage("--listen is for run: a sweep is under virtual time, which waits for nobody");
    }
    if args.machines.history_of.is_some() {
        return usage("--history-of is for run: a sweep has too many histories");
    }
    if args.input.iter().filter(|input| *input == "-").count() > 1 {
        return usage("stdin can be one --input only");
    }
    Ok(())
}

/// The machine's name: the flag's, else that of the test case, else the file's.
fn about(args: &SweepArgs, failures: &Failures) -> Result<Arc<About>> {
    let mocked = failures.machine().map(ToString::to_string);
    let own = args.machine.clone().or(mocked);
    let own = own.unwrap_or_else(|| files::machine_name(&args.definition));
    if !is_name(&own) {
        let message = format!("--machine {own:?} is not a name for a state machine");
        return Err(because(Exit::Usage, message));
    }
    let mut about = About::local(&own, "sweep");
    if args.machine_type == TypeArg::Express {
        about.quotas = Quotas::express();
        about.execution_arn = about.execution_arn.replace(":execution:", ":express:");
    }
    Ok(Arc::new(about))
}

fn options(args: &SweepArgs) -> Result<Options> {
    let invariants = args.invariant.iter().map(|text| Invariant::parse(text));
    let invariants = invariants.collect::<Result<_, _>>();
    Ok(Options {
        depth: args.depth,
        max_attempts: args.max_attempts,
        max_forks: args.max_forks,
        seed: args.seed,
        start: Clock::DEFAULT_START,
        invariants: invariants.map_err(|error| because(Exit::Usage, error.to_string()))?,
        merge: !args.no_merge,
    })
}

fn check_size(input: &Data, about: &About) -> Result<()> {
    let most = about.quotas.payload_bytes;
    if input.size() <= most {
        return Ok(());
    }
    let message = format!(
        "an input has {} bytes; at most {most} are taken",
        input.size()
    );
    Err(because(Exit::BadFile, message))
}

/// The machines that a Task can start, the swept one too.
fn machines(
    args: &SweepArgs,
    program: &Arc<Program>,
    about: &About,
    setup: &mut Setup,
) -> Result<Machines> {
    let own = about.state_machine_name.as_str();
    let all = named(&args.machines, own, setup, args.quiet)?;
    let all: Vec<Machine> = all.into_iter().map(|named| named.machine).collect();
    let programs = all
        .iter()
        .map(|machine| &*machine.program)
        .chain([&**program]);
    let room = most_guests(programs, about.quotas.map_concurrency, false);
    setup.functions.make_room(room);
    let mut machines = Machines::default();
    for machine in all {
        machines.add(machine);
    }
    machines.add(Machine::local(
        own,
        Arc::clone(program),
        args.machine_type == TypeArg::Express,
    ));
    Ok(machines)
}

/// The file that the Markdown goes to, opened before anything is done; none for stdout.
fn markdown_file(args: &SweepArgs) -> Result<Option<(String, File)>> {
    let path = args.markdown.as_deref();
    let Some(path) = path.filter(|path| *path != Path::new("-")) else {
        return Ok(None);
    };
    let name = path.display().to_string();
    let file = File::create(path);
    let file = file.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    Ok(Some((name, file)))
}

fn refused(error: &SweepError) -> anyhow::Error {
    match error {
        SweepError::Invariant(error) => because_hint(
            Exit::Usage,
            format!("--invariant: {error}"),
            "'A => B' says: whenever A has succeeded and the execution fails, B must have run",
        ),
        SweepError::Guest(why) => because(Exit::GuestNotLoadable, why.clone()),
        SweepError::Host(why) => because(Exit::HostFault, why.clone()),
    }
}

fn speed(forks: u64, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    let rate = forks as f64 / seconds.max(0.000_001);
    format!("{forks} forks run to their end in {seconds:.3} s: {rate:.0} a second")
}

fn print(args: &SweepArgs, report: &Report) {
    let to_stdout = args.markdown.as_deref() == Some(Path::new("-"));
    match (args.json, to_stdout) {
        (true, _) => output::value(&report.to_data()),
        (false, true) => output::data(&report.to_markdown()),
        (false, false) => output::data(&output::harmless_text(&report.to_text())),
    }
}

fn exit(args: &SweepArgs, report: &Report) -> Exit {
    let allowed = |kind: Kind| args.allow.iter().any(|allow| kind_of(*allow) == kind);
    match report.findings.iter().all(|found| allowed(found.kind)) {
        true => Exit::Ok,
        false => Exit::Failed,
    }
}

fn kind_of(allow: AllowArg) -> Kind {
    match allow {
        AllowArg::Uncaught => Kind::Uncaught,
        AllowArg::Invariant => Kind::Invariant,
        AllowArg::Unbounded => Kind::Unbounded,
        AllowArg::Dead => Kind::Dead,
        AllowArg::Unreached => Kind::Unreached,
    }
}
