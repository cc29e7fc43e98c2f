//! What goes wrong in a run.

use std::path::PathBuf;

use clap::Args;

/// Faults and mocks; the same for every command that runs a workflow.
#[derive(Args, Clone, Debug, Default)]
pub struct FailureArgs {
    /// Inject the faults of a plan, or the one of that name: wf-host help faults
    #[arg(long, value_name = "FILE[#NAME]", env = "WF_HOST_FAULTS")]
    pub faults: Option<String>,
    /// Mocks
    #[command(flatten)]
    pub mocks: MockArgs,
}

/// Where mocks come from; the same for every command that takes them.
#[derive(Args, Clone, Debug, Default)]
pub struct MockArgs {
    /// A mock file of Step Functions Local [default: $SFN_MOCK_CONFIG]
    #[arg(long, value_name = "FILE", env = "WF_HOST_MOCK_CONFIG")]
    pub mock_config: Option<PathBuf>,
    /// The test case of the mock file; MACHINE may be left out where CASE is the only one of its name
    #[arg(long, value_name = "MACHINE#CASE", env = "WF_HOST_TEST_CASE")]
    pub test_case: Option<String>,
}
