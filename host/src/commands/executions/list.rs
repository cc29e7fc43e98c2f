//! `wf-host executions list`

use anyhow::Result;
use data::{Data, Object};

use super::{readable, text, timeline, took};
use crate::args::ListArgs;
use crate::desk::{self, Desk};
use crate::exit::Exit;
use crate::table::{Column, Table};
use crate::{output, pager, words};

/// Prints the executions that the flags let through, the youngest first.
pub async fn list(args: &ListArgs) -> Result<Exit> {
    let desk = Desk::open(&args.ask).await?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let (found, more) = desk::executions(&desk, desk::filter(&args.filter), limit).await?;
    if args.json {
        let executions: Data = found.iter().map(readable).collect();
        let answer = Object::builder().with("executions", executions);
        output::value(&answer.build().into());
    } else if found.is_empty() {
        output::talk("no executions");
    } else {
        pager::show(&table(&found).text(pager::width()), args.pager);
    }
    if more {
        output::talk(&format!("there are more than {limit}: --limit shows them"));
    }
    Ok(Exit::Ok)
}

fn table(executions: &[Data]) -> Table<7> {
    let mut table = Table::new([
        ("name", Column::Text),
        ("machine", Column::Text),
        ("status", Column::Word),
        ("started", Column::Word),
        ("took", Column::Number),
        ("error", Column::Text),
        ("redrives", Column::Number),
    ]);
    for execution in executions {
        let started = execution.get("startDate").and_then(timeline::moment);
        let redrives = execution.get("redriveCount").and_then(Data::as_i64);
        table.add([
            output::one_line(text(execution, "name")),
            output::one_line(machine(execution)),
            text(execution, "status").to_owned(),
            started.map_or_else(String::new, |at| at.to_iso_millis()),
            took(execution).map_or_else(String::new, words::span),
            output::one_line(text(execution, "error")),
            redrives.map_or_else(String::new, |redrives| redrives.to_string()),
        ]);
    }
    table
}

/// The name of an execution's machine.
fn machine(execution: &Data) -> &str {
    let arn = text(execution, "stateMachineArn");
    arn.splitn(7, ':').nth(6).unwrap_or(arn)
}
