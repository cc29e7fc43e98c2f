//! What is done to executions of a store that nobody serves: it is opened for this process alone, and nothing but the
//! one execution goes on.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use api::Caller;
use api::stepfunctions::{MachineRegistry, StepFunctions};
use data::{Data, EcoString};
use engine::{Entropy, Execution, Record, Timestamp};
use journal::{OpenError, Store, StoreOptions};
use runtime::host::{Host, NotRedriven, Redrive, Settings};
use runtime::{Clock, Functions, Observer, RunError};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::{readable, text};
use crate::args::{ClockArg, RedriveArgs, StoreArgs};
use crate::desk::{file, of_execution};
use crate::exit::{Exit, because, because_hint};
use crate::functions::{Setup, setup};
use crate::signals::first_signal;
use crate::{files, output, store, words};

/// How many may wait to be taken: nobody but this process asks.
const QUEUE: usize = 16;

/// A store with a host over it in which nothing goes on by itself.
pub struct Opened {
    host: Host,
    service: StepFunctions,
    work: JoinHandle<Result<(), RunError>>,
    store: Store,
    ended: Arc<Ended>,
}

/// Hears when an execution is over.
#[derive(Default)]
struct Ended {
    notify: Notify,
}

struct Ear(Arc<Ended>);

impl Observer for Ear {
    fn records(&mut self, execution: &Execution, _: &[Record]) {
        if execution.status().is_final() {
            self.0.notify.notify_one();
        }
    }
}

impl Opened {
    /// Opens the store for writing. If another process has it, `command` says what to ask of that one instead. Must be
    /// called inside a tokio runtime.
    pub fn alone(
        args: &StoreArgs,
        command: &str,
        functions: Functions,
        clock: Clock,
    ) -> Result<Opened> {
        let unreadable = |error: journal::JournalError| because(Exit::BadFile, error.to_string());
        let key = store::key(args.store_key.as_deref())?;
        let store = Store::open(file(args), StoreOptions { key });
        let store = store.map_err(|error| elsewhere(&error, command))?;
        if let Some(notice) = store.notice() {
            output::talk(&format!("warning: {notice}"));
        }
        let resources = store.resources().map_err(unreadable)?;
        let (registry, _) = MachineRegistry::open(resources).map_err(unreadable)?;
        let registry = Arc::new(registry);
        let ended = Arc::new(Ended::default());
        let (host, work) = runtime::host::open(Settings {
            clock,
            patience: std::time::Duration::ZERO,
            functions: Arc::new(functions),
            registry: Arc::clone(&registry) as _,
            journal: store.journal().map_err(unreadable)?,
            entropy: Entropy::from_secret(secret()?),
            injector: None,
            retain: usize::MAX,
            queue: QUEUE,
            resume: false,
            observer: Box::new(Ear(Arc::clone(&ended))),
        });
        Ok(Opened {
            service: StepFunctions::new(host.clone(), registry),
            host,
            work: tokio::spawn(work),
            store,
            ended,
        })
    }

    /// Carries out an operation of Step Functions.
    pub async fn call(&self, operation: &str, parameters: &Data) -> Result<Data> {
        let mut caller = Caller::local();
        let region = text(parameters, "executionArn").split(':').nth(3);
        caller.region = region.unwrap_or_default().into();
        let answer = self.service.call(&caller, operation, parameters).await;
        answer.map_err(|error| {
            let said = format!("{}: {}", error.code, error.message);
            because(Exit::Usage, output::harmless_text(&said))
        })
    }

    /// Keeps what waits to be kept, and lets go of the store.
    pub async fn close(self) -> Result<()> {
        self.host.close().await;
        let ended = self.work.await;
        let fault = |error: &dyn std::fmt::Display| because(Exit::HostFault, error.to_string());
        ended
            .map_err(|error| fault(&error))?
            .map_err(|error| fault(&error))?;
        store::close(Some(self.store))
    }
}

/// Task tokens are drawn from it, which nobody may guess.
fn secret() -> Result<[u8; 32]> {
    let mut secret = [0; 32];
    let filled = getrandom::fill(&mut secret);
    filled.map_err(|error| because(Exit::HostFault, error.to_string()))?;
    Ok(secret)
}

/// A store that cannot be opened; if a server has it open, with what to ask of that.
fn elsewhere(error: &OpenError, command: &str) -> anyhow::Error {
    match error {
        OpenError::InUse { url: Some(url), .. } => because_hint(
            Exit::BadFile,
            error.to_string(),
            format!("wf-host executions {command} --server {url}"),
        ),
        error => store::not_opened(error),
    }
}

/// RedriveExecution on a store that nobody serves: it runs here to its end.
pub async fn redrive(args: &RedriveArgs, arn: &str) -> Result<Exit> {
    let beside = args.definition.clone();
    let beside = beside.unwrap_or_else(|| Path::new("wf-host.toml").to_owned());
    let setup = setup(&args.functions, &beside)?;
    let definition = definition(args.definition.as_deref(), &setup)?;
    let signal = first_signal()?;
    let command = format!("redrive {arn}");
    // Virtual time goes on where it stopped.
    let start = Timestamp(0);
    let clock = match args.clock {
        ClockArg::Real => Clock::Real,
        ClockArg::Virtual => Clock::Virtual { start },
    };
    let opened = Opened::alone(&args.which.ask.store, &command, setup.functions, clock)?;
    let redrive = Redrive {
        execution_arn: EcoString::from(arn),
        client_token: None,
        definition,
    };
    let redriven = opened.host.redrive(redrive).await;
    let redriven = redriven.map_err(|error| not_redriven(&error));
    if let Err(error) = redriven {
        opened.close().await?;
        return Err(error);
    }
    let told = tokio::select! {
        told = end(&opened, arn) => Some(told),
        () = signal => None,
    };
    opened.close().await?;
    match told {
        Some(answer) => report(args.which.json, &answer?),
        None => {
            output::talk("the execution stays RUNNING in the store");
            Ok(Exit::Interrupted)
        }
    }
}

/// The mended definition.
fn definition(path: Option<&Path>, setup: &Setup) -> Result<Option<journal::Definition>> {
    let Some(path) = path else {
        return Ok(None);
    };
    let (source, format) = files::source(path)?;
    let definition = runtime::definition(&source.text, format, &setup.define);
    Ok(Some(definition))
}

/// DescribeExecution's answer when the execution is over.
async fn end(opened: &Opened, arn: &str) -> Result<Data> {
    loop {
        let parameters = of_execution(arn).into();
        let standing = opened.call("DescribeExecution", &parameters).await?;
        if text(&standing, "status") != "RUNNING" {
            return Ok(standing);
        }
        opened.ended.notify.notified().await;
    }
}

fn not_redriven(error: &NotRedriven) -> anyhow::Error {
    let exit = match error {
        NotRedriven::Store(_) => Exit::BadFile,
        NotRedriven::Over => Exit::HostFault,
        _ => Exit::Usage,
    };
    because(exit, format!("it cannot be redriven: {error}"))
}

/// Prints the output, or how it failed.
fn report(json: bool, answer: &Data) -> Result<Exit> {
    let status = text(answer, "status");
    if json {
        output::value(&readable(answer));
    } else if status == "SUCCEEDED" {
        let output = text(answer, "output");
        output::value(&Data::parse(output).unwrap_or_else(|_| output.into()));
    } else {
        let said = |name: &str| answer.get(name).and_then(Data::as_str);
        let failure = words::failure(said("error"), said("cause"));
        output::talk(&format!("{status}: {failure}"));
    }
    Ok(match status {
        "SUCCEEDED" => Exit::Ok,
        "TIMED_OUT" => Exit::TimedOut,
        "ABORTED" => Exit::Aborted,
        _ => Exit::Failed,
    })
}
