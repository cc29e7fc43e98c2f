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
use journal::MemoryJournal;
use runtime::RunError;
use runtime::host::{Host, Settings};
use tokio::task::JoinHandle;

use super::plan::Plan;

/// The services of an endpoint, and what works for them.
pub struct Opened {
    pub services: Services,
    /// The way into the host.
    pub host: Host,
    /// The host's work. It ends by itself only if the host is at fault.
    pub work: JoinHandle<Result<(), RunError>>,
    /// What came of the faults.
    pub tally: Tally,
}

/// Opens the services. Called inside the tokio runtime, so that what they work with may be spawned here.
pub fn open(plan: Plan, metrics: &Arc<Metrics>) -> Opened {
    let functions = Arc::new(plan.setup.functions);
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
        journal: Box::new(MemoryJournal::default()),
        entropy: plan.entropy,
        injector,
        retain: plan.retain,
        observer: Box::new(watch),
    });
    for named in &plan.machines {
        let definition = named.definition();
        registry.preload(&named.machine, &definition, host.now());
    }
    let step_functions = StepFunctions::new(host.clone(), registry).with_cases(cases);
    let lambda = Lambda::new(host.clone(), functions);
    let iam = Global(Iam::new(), host.clone());
    let around = Around(logs, host.clone());
    let services = Services::new()
        .with(
            ServiceName::StepFunctions,
            Arc::new(Waiting(step_functions)),
        )
        .with(ServiceName::Lambda, Arc::new(Invoking(lambda)))
        .with(ServiceName::Iam, Arc::new(iam))
        .with(ServiceName::Sts, Arc::new(Asking))
        .with(ServiceName::Logs, Arc::new(around));
    Opened {
        services,
        host,
        work: tokio::spawn(work),
        tally,
    }
}

struct Waiting(StepFunctions);

impl Service for Waiting {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        Box::pin(self.0.call(caller, operation, given))
    }
}

struct Invoking(Lambda);

impl Service for Invoking {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        Box::pin(self.0.call(caller, operation, given))
    }
}

struct Global(Iam, Host);

impl Service for Global {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        let answer = self.0.call(self.1.now(), caller, operation, given);
        Box::pin(std::future::ready(answer))
    }
}

struct Asking;

impl Service for Asking {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        Box::pin(std::future::ready(Sts.call(caller, operation, given)))
    }
}

struct Around(Arc<Logs>, Host);

impl Service for Around {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        given: &'c Data,
    ) -> Answering<'c> {
        let answer = self.0.call(self.1.now(), caller, operation, given);
        Box::pin(std::future::ready(answer))
    }
}
