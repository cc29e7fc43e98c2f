//! `wf-host replay`

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

/// `wf-host replay`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host run order-workflow.json --input @order.json --record run.json\n  wf-host replay run.json\n  wf-host replay run.json --history -\n\nNo guest runs: every answer is in the recording. Prints what `run` printed and ends as it ended (5 after Ctrl-C); exit code 8 says that\nthis wf-host comes to another history, and stderr where and why."
)]
pub struct ReplayArgs {
    /// A recording: what `wf-host run --record FILE` wrote
    #[arg(value_name = "FILE")]
    pub recording: PathBuf,
    /// Write the history as GetExecutionHistory gives it; - for stdout
    #[arg(long, value_name = "FILE|-", env = "WF_HOST_HISTORY")]
    pub history: Option<PathBuf>,
    /// Whose history: an execution's name, or a machine's for its first execution
    #[arg(long, value_name = "NAME", env = "WF_HOST_HISTORY_OF")]
    pub history_of: Option<String>,
    /// Print DescribeExecution's answer with the seed, not just the output
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Say nothing but errors
    #[arg(long, short, env = "WF_HOST_QUIET", value_parser = FalseyValueParser::new())]
    pub quiet: bool,
}
