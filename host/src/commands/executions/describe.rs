//! `wf-host executions describe`

use std::fmt::Write as _;

use anyhow::Result;
use data::Data;

use super::{readable, text, took};
use crate::args::DescribeArgs;
use crate::desk::{self, Desk};
use crate::exit::Exit;
use crate::{output, pager, words};

/// Prints how an execution stands.
pub async fn describe(args: &DescribeArgs) -> Result<Exit> {
    let desk = Desk::open(&args.which.ask).await?;
    let arn = desk::find(&desk, &args.which.execution).await?;
    let parameters = desk::of_execution(&arn).into();
    let answer = desk.call("DescribeExecution", &parameters).await?;
    match args.which.json {
        true => output::value(&readable(&answer)),
        false => pager::show(&page(&readable(&answer)), args.pager),
    }
    Ok(Exit::Ok)
}

/// A line a member, in the order in which a person asks, and data below it.
fn page(answer: &Data) -> String {
    let mut page = String::new();
    let lines = [
        ("execution", "executionArn"),
        ("machine", "stateMachineArn"),
        ("version", "stateMachineVersionArn"),
        ("alias", "stateMachineAliasArn"),
        ("map run", "mapRunArn"),
        ("status", "status"),
        ("started", "startDate"),
        ("stopped", "stopDate"),
        ("redriven", "redriveDate"),
        ("error", "error"),
        ("redrive", "redriveStatus"),
    ];
    for (word, name) in lines {
        let value = text(answer, name);
        if !value.is_empty() {
            let value = output::one_line(value);
            let _ = writeln!(page, "{word:<10} {value}{}", beside(answer, name));
        }
    }
    for name in ["cause", "input", "output"] {
        if let Some(value) = answer.get(name).and_then(Data::as_str) {
            let shown = Data::parse(value).map_or_else(|_| value.to_owned(), |v| v.to_pretty());
            let _ = writeln!(page, "{name}");
            page.push_str(&indented(&shown));
        }
    }
    page
}

/// What belongs on the same line.
fn beside(answer: &Data, name: &str) -> String {
    let redrives = answer.get("redriveCount").and_then(Data::as_i64);
    match (name, took(answer), redrives) {
        ("stopDate", Some(took), _) => format!(", after {}", words::span(took)),
        ("redriveDate", _, Some(redrives)) => format!(", {redrives} times so far"),
        ("redriveStatus", ..) => match text(answer, "redriveStatusReason") {
            "" => String::new(),
            reason => format!(": {}", output::one_line(reason)),
        },
        _ => String::new(),
    }
}

/// Text of several lines, each two columns in.
pub fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}\n"));
    lines.collect()
}
