//! Flags about what runs beside the main machine.

use clap::Args;
use clap::builder::FalseyValueParser;

/// Machines and executions beside the main one.
#[derive(Args, Clone, Debug, Default)]
pub struct MachineArgs {
    /// A machine that startExecution can reach; may be repeated [default name: the file's]
    #[arg(long, value_name = "[NAME=]DEFINITION", env = "WF_HOST_ALSO")]
    pub also: Vec<String>,
    /// Start an execution of such a machine beside this one, say an activity's worker; may be repeated
    #[arg(long, value_name = "NAME[=JSON|=@FILE]", env = "WF_HOST_BESIDE")]
    pub beside: Vec<String>,
    /// Wait for answers from outside (wf-host task) even if no timeout would end the wait
    #[arg(long, env = "WF_HOST_LISTEN", value_parser = FalseyValueParser::new())]
    pub listen: bool,
    /// Whose history --history writes: an execution's name, or a machine's for its first execution
    #[arg(long, value_name = "NAME", env = "WF_HOST_HISTORY_OF")]
    pub history_of: Option<String>,
}
