//! `wf-host test`

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::FunctionArgs;

/// `wf-host test`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host test\n  wf-host test workflows/order.suite.json --filter declined\n  wf-host test workflows --junit report.xml --coverage coverage.info --coverage -\n\nA folder stands for the *.suite.json, *.suite.yaml, *.suite.yml and *.suite.toml in and below it; without one it is\nthe current folder. Cases run side by side under the virtual clock. Exit code 1 if a case fails or coverage is below\nits threshold. What a suite is: wf-host help suite"
)]
pub struct TestArgs {
    /// Suites, or folders of them [default: the current folder]
    #[arg(value_name = "SUITE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Only cases whose name, or SUITE#NAME, holds this
    #[arg(long, value_name = "TEXT", env = "WF_HOST_FILTER")]
    pub filter: Option<String>,
    /// Write JUnit XML
    #[arg(long, value_name = "FILE", env = "WF_HOST_JUNIT")]
    pub junit: Option<PathBuf>,
    /// Write the coverage: as JSON to *.json, as LCOV to *.info or *.lcov, else as a table; may be repeated
    #[arg(long, value_name = "FILE|-", env = "WF_HOST_COVERAGE")]
    pub coverage: Vec<PathBuf>,
    /// Cases that run side by side [default: one a core]
    #[arg(long, short, value_name = "N", env = "WF_HOST_JOBS", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Functions
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// Print the report as JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Print only cases that fail
    #[arg(long, short, env = "WF_HOST_QUIET", value_parser = FalseyValueParser::new())]
    pub quiet: bool,
}
