//! The command line: arguments, files, printing, progress and exit codes. Everything else is in the rooms.

mod args;
mod commands;
mod coverage;
mod descriptors;
mod desk;
mod exit;
mod failures;
mod files;
mod functions;
mod logging;
mod machines;
mod mailbox;
mod output;
mod pager;
mod progress;
mod signals;
mod store;
mod table;
mod topics;
mod words;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    descriptors::raise();
    let outcome = match cli.command {
        Command::Run(args) => commands::run::run(&args),
        Command::Serve(args) => commands::serve::serve(&args),
        Command::Replay(args) => commands::replay::replay(&args),
        Command::Test(args) => commands::test::test(&args),
        Command::TestState(args) => commands::test_state::test_state(&args),
        Command::Sweep(args) => commands::sweep::sweep(&args),
        Command::Validate(args) => commands::validate::validate(&args),
        Command::Init(args) => commands::init::init(&args),
        Command::Task(args) => commands::task::task(&args.command),
        Command::Executions(args) => commands::executions::executions(&args.command),
        Command::Stats(args) => commands::stats::stats(&args),
        Command::Store(args) => commands::store::store(&args.command),
        Command::Guest(args) => commands::guest::guest(args.command),
        Command::Runtime(args) => commands::runtime::runtime(&args.command),
        Command::Schema(args) => commands::schema::schema(args.what),
        Command::Help(args) => topics::help(&args.topic),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = error
                .downcast_ref::<exit::Because>()
                .map_or(Exit::HostFault, |b| b.exit);
            output::error(&error);
            exit.into()
        }
    }
}
