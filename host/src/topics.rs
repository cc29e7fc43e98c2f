//! `wf-host help`: topics that belong to no single command, and the commands' own help.

use std::fmt::Write as _;

use anyhow::Result;
use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::{Exit, because_hint};
use crate::output;

/// Prints the help of a topic or command.
pub fn help(words: &[String]) -> Result<Exit> {
    let text = match words
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => Cli::command().render_help().to_string(),
        ["config"] => include_str!("../help/config.txt").to_owned(),
        ["faults"] => include_str!("../help/faults.txt").to_owned(),
        ["limits"] => include_str!("../help/limits.txt").to_owned(),
        ["runtimes"] => include_str!("../help/runtimes.txt").to_owned(),
        ["store"] => include_str!("../help/store.txt").to_owned(),
        ["suite"] => include_str!("../help/suite.txt").to_owned(),
        ["exit-codes"] => exit_codes(),
        path => command_help(path)?,
    };
    output::data(&text);
    Ok(Exit::Ok)
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes of wf-host\n\n");
    for (exit, meaning) in Exit::ALL {
        let _ = writeln!(text, "{:>5}  {meaning}", exit as u8);
    }
    text
}

fn command_help(path: &[&str]) -> Result<String> {
    let mut command = Cli::command();
    // Names the binary in the usage lines of its subcommands.
    command.build();
    for word in path {
        let Some(sub) = command.find_subcommand(word).cloned() else {
            let commands: Vec<String> = Cli::command()
                .get_subcommands()
                .map(|command| command.get_name().to_owned())
                .collect();
            return Err(because_hint(
                Exit::Usage,
                format!("there is no topic or command {:?}", path.join(" ")),
                format!(
                    "topics: config, exit-codes, faults, limits, runtimes, store, suite; commands: {}",
                    commands.join(", ")
                ),
            ));
        };
        command = sub;
    }
    Ok(command.render_long_help().to_string())
}
