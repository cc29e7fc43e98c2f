//! What is settled before the first step of a run.

use std::sync::Arc;

use anyhow::Result;
use asl::Program;
use check::faults::{FaultPlan, World};
use check::mock::Mocks;
use check::recording;
use data::Data;
use engine::{About, Entropy, Quotas, Timestamp};
use journal::Definition;
use runtime::{Clock, Companion, Functions, Machine, Machines, is_name, most_guests};

use crate::args::{ClockArg, RunArgs, TypeArg};
use crate::exit::{Exit, because, because_hint};
use crate::failures::Failures;
use crate::functions::setup;
use crate::machines::{Named, companions, compile, named};
use crate::{files, output};

/// Everything that is settled before the first step.
pub struct Plan {
    pub program: Arc<Program>,
    pub about: Arc<About>,
    pub functions: Arc<Functions>,
    /// The main machine too, which may start itself.
    pub machines: Machines,
    pub companions: Vec<Companion>,
    pub input: Data,
    pub clock: Clock,
    pub seed: u64,
    pub faults: FaultPlan,
    pub mocks: Mocks,
    /// The definitions of all machines, the main one first.
    pub texts: Vec<recording::Machine>,
    /// The main machine's definition, as a store keeps it.
    pub definition: Definition,
}

impl Plan {
    pub fn of(args: &RunArgs) -> Result<Plan> {
        let mut setup = setup(&args.functions, &args.definition)?;
        let express = args.machine_type == TypeArg::Express;
        let main = files::source(&args.definition)?;
        let program = compile(&setup, &main, express, args.quiet)?;
        let failures = Failures::read(&args.failures)?;
        let own = own_name(args, &failures)?;
        let named = named(&args.machines, &own, &setup, args.quiet)?;
        if args.clock == ClockArg::Virtual && args.machines.listen {
            let message = "--listen goes with --clock real: virtual time waits for nobody";
            return Err(because(Exit::Usage, message));
        }
        if express && args.store.store.is_some() {
            let message = "--store goes with --type standard: executions of Express machines last as long as their process";
            return Err(because(Exit::Usage, message));
        }
        let clock = clock(args.clock, args.start_time.as_deref())?;
        let quotas = quotas(args)?;
        let all = named
            .iter()
            .map(|named| &*named.machine.program)
            .chain([&*program]);
        let guests = most_guests(all, quotas.map_concurrency, failures.delivers_twice());
        setup.functions.make_room(guests);
        let input = files::json(&args.input, "--input")?;
        check_size(&input, &quotas)?;
        let seed = match args.seed {
            Some(seed) => seed,
            None => draw_seed(args.quiet)?,
        };
        let about = about(args, &own, clock, seed, quotas)?;
        let mut machines = Machines::default();
        let own = Machine::local(&about.state_machine_name, Arc::clone(&program), express);
        let own = Named {
            machine: own,
            source: main.0,
            format: main.1,
        };
        let definition = own.kept(&setup);
        let mut texts = vec![own.recorded(&setup)];
        for named in named {
            // A functions file may name the main machine too.
            if named.machine.name != about.state_machine_name {
                texts.push(named.recorded(&setup));
            }
            let definition = named.kept(&setup);
            machines.add(named.machine.with_definition(definition));
        }
        machines.add(own.machine.with_definition(definition.clone()));
        let others = machines
            .iter()
            .filter(|other| !Arc::ptr_eq(&other.program, &program));
        let main = (about.state_machine_name.clone(), &*program);
        let world = World {
            machines: std::iter::once(main)
                .chain(others.map(|other| (other.name.clone(), &*other.program)))
                .collect(),
            functions: &setup.functions,
        };
        let (faults, mocks) = failures.checked(&world)?;
        Ok(Plan {
            companions: companions(&args.machines, &machines, seed)?,
            about: Arc::new(about),
            program,
            functions: Arc::new(setup.functions),
            machines,
            input,
            clock,
            seed,
            faults,
            mocks,
            texts,
            definition,
        })
    }
}

/// The machine's name: the flag's, else that of the test case, which is how other tools know it, else the file's.
fn own_name(args: &RunArgs, failures: &Failures) -> Result<String> {
    match (&args.machine, failures.machine()) {
        (Some(own), Some(mocked)) if own.as_str() != mocked.as_str() => Err(because(
            Exit::Usage,
            format!("--machine {own} and --test-case {mocked}#... name different machines"),
        )),
        (Some(own), _) => Ok(own.clone()),
        (None, Some(mocked)) => Ok(mocked.to_string()),
        (None, None) => Ok(files::machine_name(&args.definition)),
    }
}

fn check_size(input: &Data, quotas: &Quotas) -> Result<()> {
    if input.size() <= quotas.payload_bytes {
        return Ok(());
    }
    Err(because_hint(
        Exit::BadFile,
        format!(
            "the input has {} bytes; at most {} are taken",
            input.size(),
            quotas.payload_bytes
        ),
        "AWS refuses it too; --quota payload-bytes=N raises the quota here",
    ))
}

/// What moves time, by `--clock` and `--start-time`.
pub fn clock(clock: ClockArg, start_time: Option<&str>) -> Result<Clock> {
    let start = match start_time {
        None => Clock::DEFAULT_START,
        Some(text) => Timestamp::parse(text).filter(|at| at.0 >= 0).ok_or_else(|| {
            because(
                Exit::Usage,
                format!("--start-time {text}: expected an RFC 3339 time from 1970 on, such as 2026-01-01T00:00:00Z"),
            )
        })?,
    };
    match clock {
        ClockArg::Virtual => Ok(Clock::Virtual { start }),
        ClockArg::Real if start_time.is_some() => Err(because(
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

fn about(args: &RunArgs, machine: &str, clock: Clock, seed: u64, quotas: Quotas) -> Result<About> {
    let name = match (&args.name, clock) {
        (Some(name), _) => name.clone(),
        // Under virtual time a run is repeatable, its name included.
        (None, Clock::Virtual { .. }) => {
            let bits = Entropy::from_seed(seed).derive("execution", machine);
            uuid_of(bits)
        }
        (None, Clock::Real) => {
            let mut bits = [0; 32];
            let drawn = getrandom::fill(&mut bits);
            drawn.map_err(|error| because(Exit::HostFault, error.to_string()))?;
            uuid_of(bits)
        }
    };
    for (flag, name) in [("--machine", machine), ("--name", name.as_str())] {
        if !is_name(name) {
            return Err(because(
                Exit::Usage,
                format!(
                    "{flag} {name:?}: a name has 1 to 80 characters, no blanks and none of <>{{}}[]?*\"#%\\^|~`$&,;:/"
                ),
            ));
        }
    }
    let mut about = About::local(machine, &name);
    about.quotas = quotas;
    if args.machine_type == TypeArg::Express {
        about.execution_arn = about.execution_arn.replace(":execution:", ":express:");
    }
    Ok(about)
}

/// A UUID from drawn bits.
pub fn uuid_of(bits: [u8; 32]) -> String {
    let bits = bits.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bits)
        .into_uuid()
        .to_string()
}
