//! `--store`, and `wf-host store`.

use std::path::PathBuf;

use clap::Args;

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
