//! What stands behind the endpoint: the one place where the host and the services are plugged in.

use std::sync::Arc;

use anyhow::Result;
use api::iam::Iam;
use api::lambda::Lambda;
use api::logs::Logs;
use api::server::{Answering, Metrics, Service, ServiceName, Services};
use api::stepfunctions::{MachineRegistry, StepFunctions};
use api::sts::Sts;
use api::{Caller, Watch};
use check::faults::{Tally, direct_each};
use data::Data;
use journal::Store;
use runtime::host::{Host, Settings};
use runtime::{Functions, RunError};
use tokio::task::JoinHandle;

use super::plan::Plan;

/// The services of an endpoint, and what works for them.
pub struct Opened {
    pub services: Services,
    /// What tasks and callers invoke.
    pub functions: Arc<Functions>,
    /// The way into the host.
    pub host: Host,
    /// The host's work. It ends by itself only if the host is at fault.
    pub work: JoinHandle<Result<(), RunError>>,
    /// What came of the faults.
    pub tally: Tally,
    /// The store, to be closed at the end.
    pub store: Option<Store>,
}

/// Opens the services. Called inside the tokio runtime, so that what they work with may be spawned here. What they
/// cannot read of the store is logged by them.
pub fn open(plan: Plan, metrics: &Arc<Metrics>) -> Result<Opened> {
    let keeping = plan.keeping;
    let resources = keeping.resources;
    let functions = Arc::new(plan.setup.functions);
    let (registry, _) = MachineRegistry::open(Arc::clone(&resources))?;
    let registry = Arc::new(registry);
    let (logs, _) = Logs::open(Arc::clone(&resources))?;
    let logs = Arc::new(logs);
    let cases = plan.mocks.unwrap_or_default();
    let (injector, tally) = direct_each(plan.faults, cases.clone(), &functions);
    let watch = Watch::new(
        Arc::clone(&registry),
        Arc::clone(&logs),
        Arc::clone(metrics),
    );
    let (host, work) = runtime::host::open(Settings {
        clock: plan.clock,
        patience: plan.patience,
        functions: Arc::clone(&functions),
        registry: Arc::clone(&registry) as _,
        journal: keeping.journal,
        entropy: plan.entropy,
        injector,
        retain: plan.retain,
        queue: plan.queue,
        resume: true,
        observer: Box::new(watch),
    });
    for named in &plan.machines {
        let definition = named.definition();
        registry.preload(&named.machine, &definition, host.now());
    }
    let step_functions = StepFunctions::new(host.clone(), registry).with_cases(cases);
    let step_functions = Arc::new(step_functions);
    let deployed = Arc::clone(&functions);
    let (lambda, _) = Lambda::open(host.clone(), deployed, Arc::clone(&resources))?;
    let (iam, _) = Iam::open(resources)?;
    let services = Services::new()
        .with_overview(Arc::clone(&step_functions) as _)
        .with(ServiceName::StepFunctions, step_functions)
        .with(ServiceName::Lambda, Arc::new(lambda))
        .with(ServiceName::Iam, Arc::new(Timed(host.clone(), iam)))
        .with(ServiceName::Sts, Arc::new(Prompt(Sts)))
        .with(ServiceName::Logs, Arc::new(Timed(host.clone(), logs)));
    Ok(Opened {
        services,
        functions,
        host,
        work: tokio::spawn(work),
        tally,
        store: keeping.store,
    })
}

/// A service that is told the host's time.
struct Timed<S>(Host, S);

impl Service for Timed<Iam> {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        let Timed(host, iam) = self;
        Box::pin(iam.call(host.now(), caller, operation, given))
    }
}

impl Service for Timed<Arc<Logs>> {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        let Timed(host, logs) = self;
        Box::pin(logs.call(host.now(), caller, operation, given))
    }
}

/// Who a caller is does not depend on the time.
struct Prompt(Sts);

impl Service for Prompt {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        let Prompt(sts) = self;
        Box::pin(std::future::ready(sts.call(caller, operation, given)))
    }
}
