//! `wf-host serve`

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use data::units;
use data::{Node, Number, Span, Value};

use super::{ClockArg, FunctionArgs, StoreArgs};

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormatArg {
    /// For people
    Text,
    /// For programs: a JSON object a line
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevelArg {
    /// Nothing
    Off,
    /// What wf-host is at fault for
    Error,
    /// Requests that were refused, too
    Warn,
    /// A line a request
    Info,
    /// Connections, too
    Debug,
}

/// `wf-host serve`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host serve --functions wf-host.toml\n  wf-host serve --clock virtual --addr 127.0.0.1:0\n  aws --endpoint-url http://127.0.0.1:4566 stepfunctions list-state-machines\n\nPrints its URL on stdout when it listens. Any credentials do; the region of a request is that of its signature.\nHealth: GET /_wf-host/health. Metrics: GET /metrics. A first Ctrl-C lets answers under way finish for up to 3 seconds, a second ends at once with 130. With --store everything is kept in that file, and a server that is started on it again goes on where the last one stood, however that ended; without it everything is forgotten when the server ends.\n\nStartSyncExecution and TestState: clients put `sync-` before the host name unless told not to, by AWS_DISABLE_HOST_PREFIX_INJECTION=true (aws, boto3) or disableHostPrefix (JavaScript).\n\nUnder --clock virtual all executions share one clock: suites that run side by side need a server each.",
    mut_arg("functions", |arg| arg.help("The functions file, read at the start [default: wf-host.toml in the current folder]"))
)]
pub struct ServeArgs {
    /// Where to listen; port 0 is any that is free
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "WF_HOST_ADDR",
        default_value = "127.0.0.1:4566"
    )]
    pub addr: String,
    /// Functions
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// Where everything is kept
    #[command(flatten)]
    pub store: StoreArgs,
    /// What moves time
    #[arg(long, value_enum, env = "WF_HOST_CLOCK", default_value = "real")]
    pub clock: ClockArg,
    /// When virtual time begins (RFC 3339) [default: 2026-01-01T00:00:00Z]
    #[arg(long, value_name = "TIME", env = "WF_HOST_START_TIME")]
    pub start_time: Option<String>,
    /// Under virtual time, how long in real time somebody outside is waited for, before time passes that ends the
    /// wait: for a task's token, for an activity's worker
    #[arg(long, value_name = "DURATION", env = "WF_HOST_PATIENCE", default_value = "5s", value_parser = duration)]
    pub patience: Duration,
    /// The seed of all chance [default: drawn]
    #[arg(
        long,
        value_name = "NUMBER",
        env = "WF_HOST_SEED",
        allow_hyphen_values = true
    )]
    pub seed: Option<u64>,
    /// A mock file of Step Functions Local; an execution of STATE-MACHINE-ARN#CASE runs under its case [default: $SFN_MOCK_CONFIG]
    #[arg(long, value_name = "FILE", env = "WF_HOST_MOCK_CONFIG")]
    pub mock_config: Option<PathBuf>,
    /// Inject the faults of a plan, or the one of that name: wf-host help faults
    #[arg(long, value_name = "FILE[#NAME]", env = "WF_HOST_FAULTS")]
    pub faults: Option<String>,
    /// How many executions that are over are kept; the oldest are forgotten first
    #[arg(
        long,
        value_name = "NUMBER",
        env = "WF_HOST_RETAIN",
        default_value_t = 20_000
    )]
    pub retain: usize,
    /// How many StartExecution and StartSyncExecution requests may wait to be taken; more are throttled
    #[arg(
        long,
        value_name = "NUMBER",
        env = "WF_HOST_QUEUE",
        default_value_t = 512
    )]
    pub queue: usize,
    /// Admit requests that are addressed to this host, or with *.NAME to every host below; may be repeated
    #[arg(
        long,
        value_name = "NAME",
        env = "WF_HOST_ALLOW_HOST",
        value_delimiter = ','
    )]
    pub allow_host: Vec<String>,
    /// How the log on stderr is written
    #[arg(long, value_enum, env = "WF_HOST_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormatArg,
    /// How much is logged
    #[arg(long, value_enum, env = "WF_HOST_LOG_LEVEL", default_value = "warn")]
    pub log_level: LogLevelArg,
    /// Log parameters and answers too, from level info on; they may hold secrets
    #[arg(long, env = "WF_HOST_LOG_PAYLOADS", value_parser = FalseyValueParser::new())]
    pub log_payloads: bool,
}

/// A duration as files have it: bare numbers are seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let value = match Number::parse(text) {
        Some(number) => Value::Number(number),
        None => Value::String(text.into()),
    };
    units::duration(&Node::new(Span::new(0, text.len()), value))
}
