//! Whom questions about executions are put to: a server that runs, or a store that nobody need serve. Both carry out
//! the operations of Step Functions and answer in their shapes, so that whoever asks need not know which it is.

mod ask;
mod http;
mod server;
mod stored;

use anyhow::Result;
use data::{Data, Object};
use engine::Timestamp;
use journal::Filter;

use crate::args::{AskArgs, FilterArgs, Moment};
use crate::exit::{Exit, because, because_hint};
use crate::output;

pub use ask::{executions, find, history};
use server::Server;
use stored::Stored;
pub use stored::{file, looking, no_functions};

/// Who answers.
pub enum Desk {
    /// A running `wf-host serve`.
    Server(Server),
    /// A store.
    Store(Box<Stored>),
}

impl Desk {
    /// The one that the flags name.
    pub async fn open(args: &AskArgs) -> Result<Desk> {
        match (&args.store.store, &args.server) {
            (Some(_), Some(_)) => Err(because_hint(
                Exit::Usage,
                "--store and --server are both given",
                "they can come from WF_HOST_STORE and WF_HOST_SERVER too; only one can be asked",
            )),
            (None, None) => Err(because_hint(
                Exit::Usage,
                "neither --store nor --server is given",
                "--store FILE looks into a store, --server http://127.0.0.1:4566 asks a running wf-host serve",
            )),
            (None, Some(url)) => Ok(Desk::Server(Server::reach(url).await?)),
            (Some(_), None) => Ok(Desk::Store(Box::new(Stored::look(&args.store)?))),
        }
    }

    /// Carries out an operation of Step Functions. Parameters and answer have the members of its service model; moments
    /// are numbers of seconds.
    pub async fn call(&self, operation: &str, parameters: &Data) -> Result<Data> {
        match self {
            Desk::Server(server) => server.call(operation, parameters).await,
            Desk::Store(stored) => stored.call(operation, parameters).await,
        }
    }

    /// A page of the executions that the filter lets through, the youngest first, as
    /// `{"executions": [...], "after": ARN}`: in ListExecutions' members, and `error` where one ended with an error. If
    /// there are more, `after` is the filter's `after` of the next page.
    pub async fn list(&self, filter: &Filter) -> Result<Data> {
        match self {
            Desk::Server(server) => server.list(filter).await,
            Desk::Store(stored) => stored.list(filter).await,
        }
    }

    /// Figures of the executions that the filter lets through, as `{"machines": {NAME: {"executions": {STATUS: N},
    /// "states": {STATE: {...}}}}}`.
    pub async fn stats(&self, filter: &Filter) -> Result<Data> {
        match self {
            Desk::Server(server) => server.stats(filter).await,
            Desk::Store(stored) => stored.stats(filter).await,
        }
    }
}

/// The filter that the flags mean, at this moment.
pub fn filter(args: &FilterArgs) -> Filter {
    let now = now();
    let moment = |moment: Option<Moment>| {
        moment.map(|moment| match moment {
            Moment::At(at) => at,
            Moment::Ago(age) => {
                let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
                Timestamp(now.0.saturating_sub(age))
            }
        })
    };
    let (arn, name) = match args.machine.clone() {
        Some(machine) if machine.starts_with("arn:") => (Some(machine), None),
        machine => (None, machine),
    };
    Filter {
        state_machine_arn: arn,
        state_machine: name,
        status: args.status.map(|status| status.as_str().to_owned()),
        since: moment(args.since),
        until: moment(args.until),
        ..Filter::default()
    }
}

/// Now, by the wall clock.
pub fn now() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(0).plus(now.unwrap_or_default())
}

/// Parameters that name an execution.
pub fn of_execution(arn: &str) -> Object {
    Object::builder().with("executionArn", arn).build()
}

/// A refusal, by the name of its exception and what it says.
fn refused(code: &str, message: &str) -> anyhow::Error {
    let said = format!(
        "{}: {}",
        output::one_line(code),
        output::harmless_text(message)
    );
    match code {
        "ExecutionDoesNotExist" => because_hint(
            Exit::Usage,
            said,
            "wf-host executions list shows those that there are",
        ),
        _ => because(Exit::Usage, said),
    }
}

/// The region of the ARN that parameters name.
fn region_of(parameters: &Data) -> Option<&str> {
    let arn = ["executionArn", "stateMachineArn"]
        .iter()
        .find_map(|name| parameters.get(name)?.as_str());
    let region = arn?.split(':').nth(3);
    region.filter(|region| !region.is_empty())
}
