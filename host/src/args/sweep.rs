//! `wf-host sweep`.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};

use super::{FunctionArgs, MachineArgs, MockArgs, TypeArg};

/// What a sweep can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AllowArg {
    /// A fault that is caught nowhere
    Uncaught,
    /// A broken invariant
    Invariant,
    /// Retries or a loop without bound
    Unbounded,
    /// A Retry or Catch entry that never fires
    Dead,
    /// A state that is never entered
    Unreached,
}

/// `wf-host sweep`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host sweep order-workflow.json --input @order.json\n  wf-host sweep order-workflow.json --input @order.json --input @sold-out.json --depth 2\n  wf-host sweep order.asl.json --input @order.json --invariant 'ProcessPayment => Refund' --allow unreached\n  wf-host sweep order.asl.json --input @order.json --markdown sweep.md >> \"$GITHUB_STEP_SUMMARY\"\n\nEvery error at every Task execution, attempt after attempt, under virtual time. Exit codes: 0 if nothing was\nfound, 1 for a finding that no --allow allows; wf-host help exit-codes has the others."
)]
pub struct SweepArgs {
    /// The definition: JSON or YAML
    #[arg(value_name = "DEFINITION")]
    pub definition: PathBuf,
    /// An input: JSON, @FILE, or - for stdin; may be repeated, the sweep unites what comes of each
    #[arg(
        long,
        short,
        value_name = "JSON|@FILE|-",
        env = "WF_HOST_INPUT",
        default_value = "{}",
        allow_hyphen_values = true
    )]
    pub input: Vec<String>,
    /// Functions
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// Machines beside this one
    #[command(flatten)]
    pub machines: MachineArgs,
    /// Mocks, which answer on a good day
    #[command(flatten)]
    pub mocks: MockArgs,
    /// How many faults may come together on one path
    #[arg(
        long,
        value_name = "N",
        env = "WF_HOST_DEPTH",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=8)
    )]
    pub depth: u32,
    /// Retries of one fault, and visits of one Task, beyond which a path is not run
    #[arg(
        long,
        value_name = "N",
        env = "WF_HOST_MAX_ATTEMPTS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    pub max_attempts: u32,
    /// Paths of one input after which the sweep ends
    #[arg(
        long,
        value_name = "N",
        env = "WF_HOST_MAX_FORKS",
        default_value_t = 1_000_000
    )]
    pub max_forks: u64,
    /// Run paths that meet apart as well, which takes longer and finds the same; for measuring
    #[arg(long, env = "WF_HOST_NO_MERGE", value_parser = FalseyValueParser::new())]
    pub no_merge: bool,
    /// Whenever A has succeeded and the execution fails, B must have run; may be repeated
    #[arg(long, value_name = "A => B", env = "WF_HOST_INVARIANT")]
    pub invariant: Vec<String>,
    /// A kind of finding that does not make the exit code 1; may be repeated
    #[arg(
        long,
        value_name = "KIND",
        value_enum,
        env = "WF_HOST_ALLOW",
        value_delimiter = ','
    )]
    pub allow: Vec<AllowArg>,
    /// The seed of all chance, as suites have it
    #[arg(
        long,
        value_name = "NUMBER",
        env = "WF_HOST_SEED",
        default_value_t = 1,
        allow_hyphen_values = true
    )]
    pub seed: u64,
    /// The state machine's name [default: the file's name]
    #[arg(long, value_name = "NAME", env = "WF_HOST_MACHINE")]
    pub machine: Option<String>,
    /// The state machine's type
    #[arg(
        long = "type",
        value_enum,
        env = "WF_HOST_TYPE",
        default_value = "standard"
    )]
    pub machine_type: TypeArg,
    /// Print everything that was found as JSON, not the summary
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Write the report as GitHub's Markdown with a drawing; - for stdout in place of the summary
    #[arg(long, value_name = "FILE|-", env = "WF_HOST_MARKDOWN")]
    pub markdown: Option<PathBuf>,
    /// No progress
    #[arg(long, short, env = "WF_HOST_QUIET", value_parser = FalseyValueParser::new())]
    pub quiet: bool,
}
