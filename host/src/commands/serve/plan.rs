//! What is settled before the first request.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use check::faults::FaultPlan;
use check::mock::MockConfig;
use engine::{Entropy, Timestamp};
use runtime::Clock;

use crate::args::{ClockArg, ServeArgs};
use crate::exit::{Exit, because};
use crate::failures;
use crate::functions::{Setup, setup};
use crate::machines::{Named, listed};

/// Everything that is settled before the first request.
pub struct Plan {
    /// The functions, and the values of placeholders.
    pub setup: Setup,
    /// The machines that the functions file names.
    pub machines: Vec<Named>,
    pub clock: Clock,
    /// How long somebody outside is waited for under virtual time.
    pub patience: Duration,
    pub entropy: Entropy,
    /// How many executions that are over are kept.
    pub retain: usize,
    pub faults: FaultPlan,
    /// The cases that executions may name.
    pub mocks: Option<MockConfig>,
}

impl Plan {
    /// Reads what the flags name. The functions file is that of the current folder unless a flag names one.
    pub fn of(args: &ServeArgs) -> Result<Plan> {
        let setup = setup(&args.functions, Path::new("wf-host.toml"))?;
        let entropy = match args.seed {
            Some(seed) => Entropy::from_seed(seed),
            None => drawn()?,
        };
        Ok(Plan {
            machines: listed(&setup)?,
            clock: clock(args)?,
            patience: args.patience,
            entropy,
            retain: args.retain,
            faults: failures::fault_plan(args.faults.as_deref())?,
            mocks: failures::mock_config(args.mock_config.clone())?,
            setup,
        })
    }
}

fn clock(args: &ServeArgs) -> Result<Clock> {
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

/// Task tokens are drawn from it, which nobody may guess.
fn drawn() -> Result<Entropy> {
    let mut secret = [0; 32];
    let filled = getrandom::fill(&mut secret);
    filled.map_err(|error| because(Exit::HostFault, error.to_string()))?;
    Ok(Entropy::from_secret(secret))
}
