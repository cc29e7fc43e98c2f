//! Flags of `wf-host init`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

/// `wf-host init`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host init order-workflow.json\n  wf-host init workflows/ --folder try --json\n\nWrites wf-host.toml and mocks.json: values for the placeholders, the functions ready to be filled in, and a test\ncase \"Stubs\" a machine in which every task answers what its definition reads of it. A folder stands for the\n*.asl.json, *.asl.yaml and *.asl.yml in it. Exit code 2 if one of the files is there already, 3 if a definition\nis wrong."
)]
pub struct InitArgs {
    /// Definitions, or folders of them
    #[arg(value_name = "DEFINITION|DIR", required = true)]
    pub definitions: Vec<PathBuf>,
    /// The folder to write to [default: that of the first definition]
    #[arg(long, value_name = "DIR", env = "WF_HOST_FOLDER")]
    pub folder: Option<PathBuf>,
    /// Write over files that are there already
    #[arg(long, env = "WF_HOST_FORCE", value_parser = FalseyValueParser::new())]
    pub force: bool,
    /// Print the listing as JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}
