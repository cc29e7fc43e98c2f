//! `--store`, and `wf-host store`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand};

use super::executions::age;

/// The store in which executions are kept.
#[derive(Args, Clone, Debug, Default)]
pub struct StoreArgs {
    /// The store: an SQLite file
    #[arg(long, value_name = "FILE", env = "WF_HOST_STORE")]
    pub store: Option<PathBuf>,
    /// A file with the key that payloads are encrypted with; $WF_HOST_STORE_KEY holds the key itself
    #[arg(long, value_name = "FILE")]
    pub store_key: Option<PathBuf>,
}

/// `wf-host store`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host store check executions.db\n  wf-host store prune executions.db --older-than 90d --dry-run"
)]
pub struct StoreCommandArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// The commands about stores.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Look for damage: whether the file is whole and each execution can be made again from what is kept of it
    #[command(
        after_help = "Example:\n  wf-host store check executions.db --json\n\nChanges nothing. Exit code 1 if something is damaged, 3 if the file is no store or cannot be read."
    )]
    Check(StoreCheckArgs),
    /// Forget executions that are over
    #[command(
        after_help = "Example:\n  wf-host store prune executions.db --older-than 90d --dry-run\n\nThe server that has the store open must be stopped. Exit code 2 if it is not, 3 if the file is no store or cannot be written."
    )]
    Prune(StorePruneArgs),
}

/// `wf-host store check`
#[derive(Args, Debug)]
pub struct StoreCheckArgs {
    /// The store
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A file with the key that payloads are encrypted with; $WF_HOST_STORE_KEY holds the key itself
    #[arg(long, value_name = "FILE")]
    pub store_key: Option<PathBuf>,
    /// Print JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}

/// `wf-host store prune`
#[derive(Args, Debug)]
pub struct StorePruneArgs {
    /// The store
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How long an execution must have been over, such as 90d
    #[arg(long, value_name = "AGE", env = "WF_HOST_OLDER_THAN", value_parser = age)]
    pub older_than: Duration,
    /// Only count
    #[arg(long, env = "WF_HOST_DRY_RUN", value_parser = FalseyValueParser::new())]
    pub dry_run: bool,
    /// A file with the key that payloads are encrypted with; $WF_HOST_STORE_KEY holds the key itself
    #[arg(long, value_name = "FILE")]
    pub store_key: Option<PathBuf>,
    /// Print JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}
