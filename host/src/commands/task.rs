//! `wf-host task`: answers to tasks of running workflows.

use anyhow::Result;
use data::Object;
use engine::{Failure, TaskToken};
use runtime::Answer;

use crate::args::{TaskCommand, TokenArgs};
use crate::exit::{Exit, because, because_hint};
use crate::mailbox::{MOST_OUTPUT, Reply, send};
use crate::{files, output};

/// The most characters of an error's name and of a cause, as AWS takes them.
const MOST_ERROR: usize = 256;
const MOST_CAUSE: usize = 32_768;

/// Hands the answer to the host that waits for it.
pub fn task(command: &TaskCommand) -> Result<Exit> {
    match command {
        TaskCommand::Succeed(args) => {
            let output = files::json(&args.output, "--output")?;
            if output.size() > MOST_OUTPUT {
                let size = output.size();
                let message =
                    format!("the output has {size} bytes; at most {MOST_OUTPUT} are taken");
                return Err(because(Exit::BadFile, message));
            }
            answer(&args.task, &Answer::Succeed(output))
        }
        TaskCommand::Fail(args) => {
            let texts = [
                ("--error", &args.error, MOST_ERROR),
                ("--cause", &args.cause, MOST_CAUSE),
            ];
            for (flag, text, most) in texts {
                if text
                    .as_ref()
                    .is_some_and(|text| text.chars().count() > most)
                {
                    let message = format!("{flag} has more than {most} characters");
                    return Err(because(Exit::Usage, message));
                }
            }
            let failure = Failure {
                error: args.error.as_deref().map(Into::into),
                cause: args.cause.as_deref().map(Into::into),
            };
            answer(&args.task, &Answer::Fail(failure))
        }
        TaskCommand::Heartbeat(args) => answer(&args.task, &Answer::Heartbeat),
    }
}

fn answer(task: &TokenArgs, answer: &Answer) -> Result<Exit> {
    let token = task.token.as_str();
    if token.parse::<TaskToken>().is_err() {
        return Err(because_hint(
            Exit::Usage,
            format!("{token:?} is not a task token"),
            "wf-host run prints the token when a task begins to wait, such as wf-0-4-0123456789abcdef",
        ));
    }
    let reply = send(token, answer);
    let reply = reply.map_err(|error| because(Exit::HostFault, error.to_string()))?;
    match reply {
        Some(Reply::Taken) => {
            if task.json {
                let taken = Object::builder().with("token", token).with("taken", true);
                output::value(&taken.build().into());
            }
            Ok(Exit::Ok)
        }
        Some(Reply::Refused(name, message)) => {
            Err(because(Exit::Usage, format!("{name}: {message}")))
        }
        None => Err(because_hint(
            Exit::Usage,
            format!("no running wf-host waits for the token {token}"),
            "the run must be alive under your own user and the real clock; wf-host run --listen waits",
        )),
    }
}
