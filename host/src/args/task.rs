//! `wf-host task`: answers to tasks that wait for their token.

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};

/// `wf-host task`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host task succeed wf-0-4-0123456789abcdef --output '{\"approved\":true}'\n  wf-host task fail wf-0-4-0123456789abcdef --error Declined --cause 'not today'\n\nThe run must be alive on this machine, under your own user and the real clock; it prints the token when a task begins to wait. Exit code 2 if nobody waits for the token."
)]
pub struct TaskArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TaskCommand,
}

/// The answers.
#[derive(Debug, Subcommand)]
pub enum TaskCommand {
    /// SendTaskSuccess: the task succeeded with this output
    #[command(
        after_help = "Example:\n  wf-host task succeed wf-0-4-0123456789abcdef --output @answer.json"
    )]
    Succeed(TaskSucceedArgs),
    /// SendTaskFailure: the task failed
    #[command(
        after_help = "Example:\n  wf-host task fail wf-0-4-0123456789abcdef --error Declined"
    )]
    Fail(TaskFailArgs),
    /// SendTaskHeartbeat: the task is still being worked on
    #[command(after_help = "Example:\n  wf-host task heartbeat wf-0-4-0123456789abcdef")]
    Heartbeat(TaskHeartbeatArgs),
}

/// Which task, and how to say that it was told.
#[derive(Args, Debug)]
pub struct TokenArgs {
    /// The task's token, as the run printed it
    #[arg(value_name = "TOKEN")]
    pub token: String,
    /// Print JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}

/// `wf-host task succeed`
#[derive(Args, Debug)]
pub struct TaskSucceedArgs {
    /// The task
    #[command(flatten)]
    pub task: TokenArgs,
    /// The task's output: JSON, @FILE, or - for stdin
    #[arg(
        long,
        value_name = "JSON|@FILE|-",
        env = "WF_HOST_OUTPUT",
        default_value = "{}",
        allow_hyphen_values = true
    )]
    pub output: String,
}

/// `wf-host task fail`
#[derive(Args, Debug)]
pub struct TaskFailArgs {
    /// The task
    #[command(flatten)]
    pub task: TokenArgs,
    /// The error's name, for Retry and Catch
    #[arg(long, value_name = "NAME", env = "WF_HOST_ERROR")]
    pub error: Option<String>,
    /// What happened
    #[arg(
        long,
        value_name = "TEXT",
        env = "WF_HOST_CAUSE",
        allow_hyphen_values = true
    )]
    pub cause: Option<String>,
}

/// `wf-host task heartbeat`
#[derive(Args, Debug)]
pub struct TaskHeartbeatArgs {
    /// The task
    #[command(flatten)]
    pub task: TokenArgs,
}
