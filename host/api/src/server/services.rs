//! What is plugged into the server.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use data::Data;
use journal::Filter;

use crate::Caller;
use crate::error::ApiError;
use crate::lambda::Lambda;
use crate::model::{self, Model};
use crate::stepfunctions::StepFunctions;

/// What will come of a call.
pub type Answering<'c> = Pin<Box<dyn Future<Output = Result<Data, ApiError>> + Send + 'c>>;

/// What answers for a service.
pub trait Service: Send + Sync {
    /// Carries out an operation. Parameters and answer have the members of the service's model, whatever the
    /// protocol. A client that goes away drops the future.
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        parameters: &'c Data,
    ) -> Answering<'c>;
}

/// What answers for the executions of all machines, whatever their region.
pub trait Overview: Send + Sync {
    /// [Figures](crate::statistics::to_data) of the executions that a filter lets through.
    fn statistics(&self, filter: Filter) -> Answering<'_>;

    /// The executions that a filter lets through: see [`StepFunctions::all_executions`].
    fn executions(&self, filter: Filter) -> Answering<'_>;
}

impl Overview for StepFunctions {
    fn statistics(&self, filter: Filter) -> Answering<'_> {
        Box::pin(self.statistics_of(filter))
    }

    fn executions(&self, filter: Filter) -> Answering<'_> {
        Box::pin(self.all_executions(filter))
    }
}

impl Service for StepFunctions {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        parameters: &'c Data,
    ) -> Answering<'c> {
        Box::pin(StepFunctions::call(self, caller, operation, parameters))
    }
}

impl Service for Lambda {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        parameters: &'c Data,
    ) -> Answering<'c> {
        Box::pin(Lambda::call(self, caller, operation, parameters))
    }
}

/// A service that may be plugged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the services")]
pub enum ServiceName {
    StepFunctions,
    Lambda,
    Iam,
    Sts,
    Logs,
}

impl ServiceName {
    /// All of them.
    pub const ALL: [ServiceName; 5] = [
        ServiceName::StepFunctions,
        ServiceName::Lambda,
        ServiceName::Iam,
        ServiceName::Sts,
        ServiceName::Logs,
    ];

    /// Its name in health answers, metrics and logs: the one that botocore knows it by.
    pub fn id(self) -> &'static str {
        match self {
            ServiceName::StepFunctions => "stepfunctions",
            ServiceName::Lambda => "lambda",
            ServiceName::Iam => "iam",
            ServiceName::Sts => "sts",
            ServiceName::Logs => "logs",
        }
    }

    /// Its name in credential scopes and host names.
    pub(super) fn scope(self) -> &'static str {
        match self {
            ServiceName::StepFunctions => "states",
            other => other.id(),
        }
    }

    /// The service that is meant by a name in a credential scope or a host name.
    pub(super) fn of_scope(name: &str) -> Option<ServiceName> {
        ServiceName::ALL
            .into_iter()
            .find(|service| service.scope() == name)
    }

    /// Its model.
    pub fn model(self) -> &'static Model {
        match self {
            ServiceName::StepFunctions => &model::STEP_FUNCTIONS,
            ServiceName::Lambda => &model::LAMBDA,
            ServiceName::Iam => &model::IAM,
            ServiceName::Sts => &model::STS,
            ServiceName::Logs => &model::LOGS,
        }
    }

    /// An operation's name as its model has it, which lives forever and of which there are only so many.
    pub(super) fn operation(self, name: &str) -> Option<&'static str> {
        let (name, _) = self.model().operations.get_key_value(name)?;
        Some(name)
    }
}

struct Plugged {
    service: Arc<dyn Service>,
    /// Whether anybody has called it yet.
    used: AtomicBool,
}

/// The services of a server. What is not plugged in is told apart from what nobody knows.
#[derive(Default)]
pub struct Services {
    slots: [Option<Plugged>; ServiceName::ALL.len()],
    overview: Option<Arc<dyn Overview>>,
}

impl Services {
    /// None yet.
    pub fn new() -> Services {
        Services::default()
    }

    /// The same with a service.
    #[must_use]
    pub fn with(mut self, name: ServiceName, service: Arc<dyn Service>) -> Services {
        self.slots[name as usize] = Some(Plugged {
            service,
            used: AtomicBool::new(false),
        });
        self
    }

    /// The same with somebody who answers for all executions.
    #[must_use]
    pub fn with_overview(mut self, overview: Arc<dyn Overview>) -> Services {
        self.overview = Some(overview);
        self
    }

    /// Whoever answers for all executions.
    pub(super) fn overview(&self) -> Option<&dyn Overview> {
        self.overview.as_deref()
    }

    /// The service of that name, which counts as used from now on.
    pub(super) fn take(&self, name: ServiceName) -> Option<&dyn Service> {
        let plugged = self.slots[name as usize].as_ref()?;
        plugged.used.store(true, Ordering::Relaxed);
        Some(&*plugged.service)
    }

    /// What is plugged in, and whether it has been used.
    pub(super) fn states(&self) -> impl Iterator<Item = (ServiceName, bool)> {
        ServiceName::ALL.into_iter().filter_map(|name| {
            let plugged = self.slots[name as usize].as_ref()?;
            Some((name, plugged.used.load(Ordering::Relaxed)))
        })
    }
}
