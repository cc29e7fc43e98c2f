//! `wf-host executions stop` and `redrive`

use anyhow::Result;
use data::{Data, Object};
use runtime::Clock;

use super::stored::Opened;
use super::{readable, stored, text};
use crate::args::{RedriveArgs, StopArgs};
use crate::desk::{self, Desk};
use crate::exit::{Exit, because, because_hint};
use crate::output;

/// Stops an execution, if it is not over.
pub async fn stop(args: &StopArgs) -> Result<Exit> {
    let desk = Desk::open(&args.which.ask).await?;
    let arn = desk::find(&desk, &args.which.execution).await?;
    let of = desk::of_execution(&arn);
    let standing = desk.call("DescribeExecution", &of.clone().into()).await?;
    let status = text(&standing, "status");
    if status != "RUNNING" {
        let message = format!("{arn} is over: it is {status}");
        return Err(because(Exit::Usage, message));
    }
    let said = [("error", &args.error), ("cause", &args.cause)];
    let parameters = said.iter().fold(of, |of, (name, text)| match text {
        Some(text) => of.with(*name, text.as_str().into()),
        None => of,
    });
    let answer = match &desk {
        Desk::Server(server) => server.call("StopExecution", &parameters.into()).await?,
        Desk::Store(_) => stop_in_store(args, &arn, parameters).await?,
    };
    tell(args.which.json, &answer, &format!("{arn} is ABORTED"));
    Ok(Exit::Ok)
}

/// StopExecution on a store that nobody serves.
async fn stop_in_store(args: &StopArgs, arn: &str, parameters: Object) -> Result<Data> {
    let command = format!("stop {arn}");
    let opened = Opened::alone(
        &args.which.ask.store,
        &command,
        desk::no_functions(),
        Clock::Real,
    )?;
    let answer = opened.call("StopExecution", &parameters.into()).await;
    opened.close().await?;
    answer
}

/// Has an execution run on from where it failed.
pub async fn redrive(args: &RedriveArgs) -> Result<Exit> {
    let desk = Desk::open(&args.which.ask).await?;
    let arn = desk::find(&desk, &args.which.execution).await?;
    let parameters: Data = desk::of_execution(&arn).into();
    let server = match &desk {
        Desk::Server(server) => server,
        Desk::Store(_) => {
            drop(desk);
            return stored::redrive(args, &arn).await;
        }
    };
    if args.definition.is_some() {
        return Err(because_hint(
            Exit::Usage,
            "--definition goes with --store",
            "a server goes on with the definition that the execution has",
        ));
    }
    let answer = server.call("RedriveExecution", &parameters).await?;
    tell(args.which.json, &answer, &format!("{arn} runs on"));
    Ok(Exit::Ok)
}

fn tell(json: bool, answer: &Data, words: &str) {
    match json {
        true => output::value(&readable(answer)),
        false => output::talk(words),
    }
}
