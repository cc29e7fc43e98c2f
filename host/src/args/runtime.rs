//! `wf-host runtime`

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand, ValueEnum};

/// `wf-host runtime`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host runtime install python node\n  wf-host runtime list\n\nMore: wf-host help runtimes"
)]
pub struct RuntimeArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RuntimeCommand,
}

/// The commands about language runtimes.
#[derive(Debug, Subcommand)]
pub enum RuntimeCommand {
    /// Fetch the pinned packages of a runtime through pip or npm, build it and compile it for this machine
    #[command(
        after_help = "Example:\n  wf-host runtime install python\n\nProgress goes to stderr, a line for each runtime to stdout. Exit code 70 if it cannot be made, 2 if there is no cache folder."
    )]
    Install(RuntimeInstallArgs),
    /// Say which runtimes are installed
    #[command(after_help = "Example:\n  wf-host runtime list --json")]
    List(RuntimeListArgs),
    /// Remove runtimes from the cache folder
    #[command(after_help = "Example:\n  wf-host runtime remove node")]
    Remove(RuntimeRemoveArgs),
}

/// The languages by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LanguageArg {
    /// Functions in Python: runtimes python3.x
    Python,
    /// Functions in JavaScript: runtimes nodejsN.x
    Node,
}

/// `wf-host runtime install`
#[derive(Args, Debug)]
pub struct RuntimeInstallArgs {
    /// Which
    #[arg(value_enum, value_name = "LANGUAGE", required = true)]
    pub languages: Vec<LanguageArg>,
    /// Make it anew even where it is installed
    #[arg(long, env = "WF_HOST_FORCE", value_parser = FalseyValueParser::new())]
    pub force: bool,
    /// The Python, with pip, to fetch and build with [default: python3]
    #[arg(long, value_name = "PATH", env = "WF_HOST_PYTHON")]
    pub python: Option<PathBuf>,
    /// The npm to fetch with [default: npm]
    #[arg(long, value_name = "PATH", env = "WF_HOST_NPM")]
    pub npm: Option<PathBuf>,
    /// Where runtimes and compiled guests are kept [default: wf-host under the XDG cache folder]
    #[arg(long, value_name = "DIR", env = "WF_HOST_CACHE_DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Print JSON: what is installed
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// No progress
    #[arg(long, short, env = "WF_HOST_QUIET", value_parser = FalseyValueParser::new())]
    pub quiet: bool,
}

/// `wf-host runtime list`
#[derive(Args, Debug)]
pub struct RuntimeListArgs {
    /// Where runtimes are kept [default: wf-host under the XDG cache folder]
    #[arg(long, value_name = "DIR", env = "WF_HOST_CACHE_DIR")]
    pub cache_dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}

/// `wf-host runtime remove`
#[derive(Args, Debug)]
pub struct RuntimeRemoveArgs {
    /// Which
    #[arg(value_enum, value_name = "LANGUAGE", required = true)]
    pub languages: Vec<LanguageArg>,
    /// Where runtimes are kept [default: wf-host under the XDG cache folder]
    #[arg(long, value_name = "DIR", env = "WF_HOST_CACHE_DIR")]
    pub cache_dir: Option<PathBuf>,
}
