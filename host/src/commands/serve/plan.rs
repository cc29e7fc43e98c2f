//! What is settled before the first request.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use check::faults::FaultPlan;
use check::mock::MockConfig;
use engine::Entropy;
use runtime::Clock;

use crate::args::ServeArgs;
use crate::commands::run::clock;
use crate::exit::{Exit, because};
use crate::failures;
use crate::functions::{Setup, setup};
use crate::machines::{Named, listed};
use crate::store::Keeping;

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
    /// How many starts may wait to be taken.
    pub queue: usize,
    /// Where everything is kept.
    pub keeping: Keeping,
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
            clock: clock(args.clock, args.start_time.as_deref())?,
            patience: args.patience,
            entropy,
            retain: args.retain,
            queue: args.queue,
            faults: failures::fault_plan(args.faults.as_deref())?,
            mocks: failures::mock_config(args.mock_config.clone())?,
            keeping: Keeping::open(&args.store)?,
            setup,
        })
    }
}

/// Task tokens are drawn from it, which nobody may guess.
fn drawn() -> Result<Entropy> {
    let mut secret = [0; 32];
    let filled = getrandom::fill(&mut secret);
    filled.map_err(|error| because(Exit::HostFault, error.to_string()))?;
    Ok(Entropy::from_secret(secret))
}
