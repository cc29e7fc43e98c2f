//! What stands behind the endpoint: the one place where the host and the services are plugged in.

use std::sync::Arc;

use anyhow::Result;
use api::iam::Iam;
use api::lambda::Lambda;
use api::logs::Logs;
use api::server::{Answering, Metrics, Service, ServiceName, Services};
use api::stepfunctions::{MachineRegistry, StepFunctions};
use api::sts::Sts;
use api::{ApiError, Caller, Watch};
use check::faults::{Tally, direct_each};
use data::Data;
use engine::Timestamp;
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

/// Opens the services. Called inside the tokio runtime, so that what they work with may be spawned here.
pub fn open(plan: Plan, metrics: &Arc<Metrics>) -> Opened {
    let functions = Arc::new(plan.setup.functions);
    let keeping = plan.keeping;
    let registry = Arc::new(MachineRegistry::default());
    let logs = Arc::new(Logs::new());
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
    let lambda = Lambda::new(host.clone(), Arc::clone(&functions));
    let iam = Iam::new();
    let iam = Prompt(
        host.clone(),
        move |now, caller: &Caller, operation: &str, given: &Data| {
            iam.call(now, caller, operation, given)
        },
    );
    let sts = Prompt(
        host.clone(),
        |_, caller: &Caller, operation: &str, given: &Data| Sts.call(caller, operation, given),
    );
    let logs = Prompt(
        host.clone(),
        move |now, caller: &Caller, operation: &str, given: &Data| {
            logs.call(now, caller, operation, given)
        },
    );
    let services = Services::new()
        .with(ServiceName::StepFunctions, Arc::new(step_functions))
        .with(ServiceName::Lambda, Arc::new(lambda))
        .with(ServiceName::Iam, Arc::new(iam))
        .with(ServiceName::Sts, Arc::new(sts))
        .with(ServiceName::Logs, Arc::new(logs));
    Opened {
        services,
        functions,
        host,
        work: tokio::spawn(work),
        tally,
        store: keeping.store,
    }
}

/// A service that need not wait: it is told the time and answers.
struct Prompt<F>(Host, F);

impl<F> Service for Prompt<F>
where
    F: Fn(Timestamp, &Caller, &str, &Data) -> Result<Data, ApiError> + Send + Sync,
{
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        let Prompt(host, answer) = self;
        Box::pin(std::future::ready(answer(
            host.now(),
            caller,
            operation,
            given,
        )))
    }
}
