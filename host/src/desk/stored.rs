//! A store, looked into without a server: the same services over a host that lets nothing go on.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use api::stepfunctions::{MachineRegistry, StepFunctions};
use api::{ApiError, Caller};
use data::Data;
use engine::Entropy;
use journal::{Filter, Journal, Looking, Store};
use runtime::host::Settings;
use runtime::manifest::Ceilings;
use runtime::{Clock, Functions, Silent};

use crate::args::StoreArgs;
use crate::exit::{Exit, because};
use crate::store;

/// What is in a store.
pub struct Stored {
    service: StepFunctions,
}

impl Stored {
    /// Looks into the store that the flags name, beside whoever writes it. Must be called inside a tokio runtime.
    pub fn look(args: &StoreArgs) -> Result<Stored> {
        Ok(Stored::over(looking(args)?.journal))
    }

    fn over(journal: Box<dyn Journal>) -> Stored {
        let registry = Arc::new(MachineRegistry::default());
        let (host, work) = runtime::host::open(Settings {
            clock: Clock::Real,
            patience: std::time::Duration::ZERO,
            functions: Arc::new(no_functions()),
            registry: Arc::clone(&registry) as _,
            journal,
            entropy: Entropy::from_seed(0),
            injector: None,
            retain: usize::MAX,
            queue: 0,
            resume: false,
            observer: Box::new(Silent),
        });
        // It ends with the last handle, and answers an error to whoever asks if it ended before.
        drop(tokio::spawn(work));
        Stored {
            service: StepFunctions::new(host, registry),
        }
    }

    /// Carries out an operation of Step Functions that changes nothing.
    pub async fn call(&self, operation: &str, parameters: &Data) -> Result<Data> {
        let mut caller = Caller::local();
        if let Some(region) = super::region_of(parameters) {
            caller.region = region.into();
        }
        let answer = self.service.call(&caller, operation, parameters).await;
        answer.map_err(|error| refused(&error))
    }

    /// A page of executions.
    pub async fn list(&self, filter: &Filter) -> Result<Data> {
        let answer = self.service.all_executions(filter.clone()).await;
        answer.map_err(|error| refused(&error))
    }

    /// Figures of executions.
    pub async fn stats(&self, filter: &Filter) -> Result<Data> {
        let answer = self.service.statistics_of(filter.clone()).await;
        answer.map_err(|error| refused(&error))
    }
}

/// The store that the flags name, opened for looking.
pub fn looking(args: &StoreArgs) -> Result<Looking> {
    let key = store::key(args.store_key.as_deref())?;
    Store::look(file(args), key.as_ref()).map_err(|error| store::not_opened(&error))
}

/// The file that the flags name, which they do wherever a store is asked.
pub fn file(args: &StoreArgs) -> &Path {
    args.store.as_deref().unwrap_or(Path::new(""))
}

/// Nothing is run, so that nothing need be bound.
pub fn no_functions() -> Functions {
    Functions::new(sandbox::Config::default(), Ceilings::default())
}

/// A refusal, or that what is kept cannot be read.
fn refused(error: &ApiError) -> anyhow::Error {
    match error.status {
        400..=499 => super::refused(&error.code, &error.message),
        _ => because(Exit::BadFile, error.message.clone()),
    }
}
