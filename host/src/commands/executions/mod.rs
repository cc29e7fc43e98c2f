//! `wf-host executions`: questions about executions, and what may be done to them.

mod change;
mod describe;
mod history;
mod list;
mod stored;
mod timeline;

use anyhow::Result;
use data::{Data, Object};

use crate::args::ExecutionsCommand;
use crate::exit::Exit;

/// Asks the store or server that the flags name.
pub fn executions(command: &ExecutionsCommand) -> Result<Exit> {
    let tokio = super::run::tokio_runtime()?;
    let done = tokio.block_on(async {
        match command {
            ExecutionsCommand::List(args) => list::list(args).await,
            ExecutionsCommand::Describe(args) => describe::describe(args).await,
            ExecutionsCommand::History(args) => history::history(args).await,
            ExecutionsCommand::Stop(args) => change::stop(args).await,
            ExecutionsCommand::Redrive(args) => change::redrive(args).await,
        }
    });
    tokio.shutdown_background();
    done
}

/// The members that are moments, in every answer.
const MOMENTS: [&str; 4] = ["startDate", "stopDate", "redriveDate", "timestamp"];

/// An answer with its moments as the `aws` command prints them: as text.
fn readable(answer: &Data) -> Data {
    let Some(members) = answer.as_object() else {
        return answer.clone();
    };
    let members = members.iter().map(|(name, value)| {
        let moment = MOMENTS.contains(&name.as_str());
        let at = moment.then(|| timeline::moment(value)).flatten();
        let value = at.map_or_else(|| value.clone(), |at| at.to_iso_millis().into());
        (name.clone(), value)
    });
    Data::Object(members.collect::<Object>())
}

fn text<'d>(data: &'d Data, name: &str) -> &'d str {
    data.get(name).and_then(Data::as_str).unwrap_or_default()
}

/// How long something took, in milliseconds, if it is over.
fn took(data: &Data) -> Option<i64> {
    let start = timeline::moment(data.get("startDate")?)?;
    let stop = timeline::moment(data.get("stopDate")?)?;
    Some(stop.0 - start.0)
}
