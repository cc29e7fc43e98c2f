//! `wf-host stats`

use clap::Args;
use clap::builder::FalseyValueParser;

use super::executions::{AskArgs, FilterArgs, PagerArgs};

/// `wf-host stats`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host stats --store executions.db\n  wf-host stats --server http://127.0.0.1:4566 --machine order-workflow --since 24h --json\n\nA state's line says how often it was entered, how often its task was tried again, and how long it took whenever it\nwas left; below it stand the errors of attempts that failed, and of executions that failed there. Exit code 2 if the\nquestion is refused, 3 if there is nobody to ask."
)]
pub struct StatsArgs {
    /// Whom to ask
    #[command(flatten)]
    pub ask: AskArgs,
    /// Which executions
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Print JSON: all figures, by machine and state
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Paging
    #[command(flatten)]
    pub pager: PagerArgs,
}
