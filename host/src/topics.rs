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
        ["config"] => CONFIG.to_owned(),
        ["limits"] => LIMITS.to_owned(),
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
                    "topics: config, exit-codes, limits; commands: {}",
                    commands.join(", ")
                ),
            ));
        };
        command = sub;
    }
    Ok(command.render_long_help().to_string())
}

const CONFIG: &str = r#"The functions file: wf-host.toml

It says which guest stands behind which function and what it may use. `wf-host run` takes the file named by
--functions, else a wf-host.toml beside the definition. The same tables may be written as .json or .yaml.

  version = 1                                # required

  [define]                                   # values of ${Name} in definitions; --define wins
  OrdersTable = "orders-test"

  [defaults.function]                        # what every function has unless it says otherwise
  timeout = "3s"                             # a bare number is in seconds
  memory  = "128MB"                          # a bare number is in MB

  [functions.validate-order]
  module  = "guests/validate_order.wasm"     # below this file's folder, never outside
  sha256  = "9f2c..."                        # the module must have this hash
  aliases = ["ValidateOrderFunctionArn"]     # other names; also what ${ValidateOrderFunctionArn} means
  timeout = "3s"                             # above it: Sandbox.Timedout; at most 900 s
  memory  = "128MB"                          # above it: Runtime.OutOfMemory
  fuel    = 50_000_000                       # above it: Runtime.OutOfFuel; no limit by default
  fuel-per-second = 1_000_000_000            # under the virtual clock a second of computing is this much fuel
  output  = "6MB"                            # above it: Function.ResponseSizeTooLarge
  log     = "1MB"                            # what is kept of stderr
  concurrency = 10                           # above it: Lambda.TooManyRequestsException
  environment = { STAGE = "test" }           # all that the guest sees besides Lambda's own variables
  environment-from-host = ["PAYMENT_KEY"]    # also needs --allow-env PAYMENT_KEY
  mounts  = [{ source = "data/catalog", target = "/data", access = "read" }]   # or "read-write"

  [tasks."arn:aws:states:::dynamodb:putItem"]    # any Resource, by its exact text
  function = "fake-dynamodb"                     # or: result = { ... }

  [machines.charge]                              # what startExecution can reach; also --also charge.asl.json
  definition = "charge.asl.json"                 # below this file's folder
  type = "STANDARD"                              # or "EXPRESS"

A Task finds its function by name, by the name inside an ARN (any partition; version or alias dropped) or by an
alias, and startExecution its machine in the same way; an activity needs no entry. `wf-host schema config` prints the JSON Schema. Every flag has a variable WF_HOST_<FLAG>; a flag wins over
the variable, the variable over the file, the file over the default.
"#;

const LIMITS: &str = r#"The limits file: --limits FILE

Ceilings that no functions file can raise, for running what other people wrote.

  version = 1

  [function]                # for every function
  timeout = "5s"
  memory  = "256MB"
  fuel    = 5_000_000_000
  output  = "1MB"
  log     = "64KB"
  concurrency = 10

  [host]                    # for all guests together
  guests = 100              # live at once; more wait their turn
  memory = "2GB"            # the sum of their memory limits
"#;
