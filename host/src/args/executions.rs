//! `wf-host executions`: questions about executions, and what may be done to them.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand, ValueEnum};
use engine::Timestamp;

use super::{ClockArg, FunctionArgs, StoreArgs};

/// `wf-host executions`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host executions list --store executions.db --status FAILED --since 24h\n  wf-host executions history order-1 --server http://127.0.0.1:4566\n\nEXECUTION is an ARN, or a name if only one execution has it. Exit codes: 2 if there is no such execution or the request is\nrefused, 3 if the store cannot be read or nobody answers at the URL."
)]
pub struct ExecutionsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ExecutionsCommand,
}

/// The commands about executions.
#[derive(Debug, Subcommand)]
pub enum ExecutionsCommand {
    /// List executions, the youngest first
    #[command(
        after_help = "Examples:\n  wf-host executions list --store executions.db\n  wf-host executions list --server http://127.0.0.1:4566 --machine order-workflow --status FAILED --since 24h --json\n\nExit codes: 2 if the question is refused, 3 if there is nobody to ask."
    )]
    List(ListArgs),
    /// Say how an execution stands: DescribeExecution
    #[command(
        after_help = "Example:\n  wf-host executions describe order-1 --store executions.db --json\n\nExit codes: 2 if there is no such execution, 3 if there is nobody to ask."
    )]
    Describe(DescribeArgs),
    /// Show what happened in an execution: as a timeline, as GetExecutionHistory has it, or one state's data
    #[command(
        after_help = "Examples:\n  wf-host executions history order-1 --store executions.db\n  wf-host executions history order-1 --server http://127.0.0.1:4566 --json\n  wf-host executions history order-1 --store executions.db --state ProcessPayment\n\nExit codes: 2 if there is no such execution or it never entered the state, 3 if there is nobody to ask."
    )]
    History(HistoryArgs),
    /// Stop an execution: StopExecution
    #[command(
        after_help = "Example:\n  wf-host executions stop order-1 --server http://127.0.0.1:4566 --error Cancelled --cause 'the customer called'\n\nExit codes: 2 if there is no such execution or it is over, 3 if there is nobody to ask."
    )]
    Stop(StopArgs),
    /// Run an execution on from where it failed: RedriveExecution
    #[command(
        after_help = "Examples:\n  wf-host executions redrive order-1 --server http://127.0.0.1:4566\n  wf-host executions redrive order-1 --store executions.db --definition mended.asl.json\n\nA server runs it on by itself; over a store it runs here to its end, and the exit codes are those of wf-host run. Exit code 2 if it cannot be redriven, 3 if there is nobody to ask."
    )]
    Redrive(Box<RedriveArgs>),
}

/// Who is asked: a store that nobody need serve, or a server.
#[derive(Args, Clone, Debug, Default)]
pub struct AskArgs {
    /// The store
    #[command(flatten)]
    pub store: StoreArgs,
    /// The URL of a running wf-host serve, such as http://127.0.0.1:4566
    #[arg(long, value_name = "URL", env = "WF_HOST_SERVER")]
    pub server: Option<String>,
}

/// Which executions are meant.
#[derive(Args, Clone, Debug, Default)]
pub struct FilterArgs {
    /// Only those of this state machine
    #[arg(long, value_name = "NAME|ARN", env = "WF_HOST_MACHINE")]
    pub machine: Option<String>,
    /// Only those with this status
    #[arg(long, value_enum, ignore_case = true, env = "WF_HOST_STATUS")]
    pub status: Option<StatusArg>,
    /// Only those that started at this moment (RFC 3339) or later, or so long ago at most, such as 24h
    #[arg(long, value_name = "TIME|AGE", env = "WF_HOST_SINCE", value_parser = moment)]
    pub since: Option<Moment>,
    /// Only those that started before this moment, or longer ago
    #[arg(long, value_name = "TIME|AGE", env = "WF_HOST_UNTIL", value_parser = moment)]
    pub until: Option<Moment>,
}

/// Whether long output is paged.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct PagerArgs {
    /// Do not page long output on a terminal through $PAGER, less or more
    #[arg(long, env = "WF_HOST_NO_PAGER", value_parser = FalseyValueParser::new())]
    pub no_pager: bool,
}

/// The status of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatusArg {
    /// It is under way
    Running,
    /// It came to its end
    Succeeded,
    /// It failed
    Failed,
    /// It took longer than its machine may
    TimedOut,
    /// It was stopped
    Aborted,
}

impl StatusArg {
    /// The word that AWS uses.
    pub fn as_str(self) -> &'static str {
        match self {
            StatusArg::Running => "RUNNING",
            StatusArg::Succeeded => "SUCCEEDED",
            StatusArg::Failed => "FAILED",
            StatusArg::TimedOut => "TIMED_OUT",
            StatusArg::Aborted => "ABORTED",
        }
    }
}

/// A moment, or how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A moment.
    At(Timestamp),
    /// So long before now.
    Ago(Duration),
}

/// Which execution, and whom to ask.
#[derive(Args, Clone, Debug)]
pub struct WhichArgs {
    /// The execution: an ARN, or a name if only one execution has it
    #[arg(value_name = "EXECUTION")]
    pub execution: String,
    /// Whom to ask
    #[command(flatten)]
    pub ask: AskArgs,
    /// Print JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}

/// `wf-host executions list`
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Whom to ask
    #[command(flatten)]
    pub ask: AskArgs,
    /// Which executions
    #[command(flatten)]
    pub filter: FilterArgs,
    /// At most this many
    #[arg(
        long,
        value_name = "NUMBER",
        env = "WF_HOST_LIMIT",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub limit: u32,
    /// Print JSON: the members of ListExecutions, and how each ended
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Paging
    #[command(flatten)]
    pub pager: PagerArgs,
}

/// `wf-host executions describe`
#[derive(Args, Debug)]
pub struct DescribeArgs {
    /// The execution
    #[command(flatten)]
    pub which: WhichArgs,
    /// Paging
    #[command(flatten)]
    pub pager: PagerArgs,
}

/// `wf-host executions history`
#[derive(Args, Debug)]
pub struct HistoryArgs {
    /// The execution
    #[command(flatten)]
    pub which: WhichArgs,
    /// Only what this state was given and gave, each time it was entered, with each attempt at its task
    #[arg(long, value_name = "NAME", env = "WF_HOST_STATE")]
    pub state: Option<String>,
    /// Paging
    #[command(flatten)]
    pub pager: PagerArgs,
}

/// `wf-host executions stop`
#[derive(Args, Debug)]
pub struct StopArgs {
    /// The execution
    #[command(flatten)]
    pub which: WhichArgs,
    /// The error that it ends with
    #[arg(long, value_name = "NAME", env = "WF_HOST_ERROR")]
    pub error: Option<String>,
    /// Why
    #[arg(
        long,
        value_name = "TEXT",
        env = "WF_HOST_CAUSE",
        allow_hyphen_values = true
    )]
    pub cause: Option<String>,
}

/// `wf-host executions redrive`
#[derive(Args, Debug)]
pub struct RedriveArgs {
    /// The execution
    #[command(flatten)]
    pub which: WhichArgs,
    /// Run on by a mended definition (JSON or YAML); over a store only
    #[arg(long, value_name = "FILE", env = "WF_HOST_DEFINITION")]
    pub definition: Option<PathBuf>,
    /// What moves time; over a store only. Virtual time goes on where it stopped
    #[arg(long, value_enum, env = "WF_HOST_CLOCK", default_value = "real")]
    pub clock: ClockArg,
    /// Functions; over a store only
    #[command(flatten)]
    pub functions: FunctionArgs,
}

/// How long something is, as `90d`, `24h`, `30m`, `10s` or a number of seconds.
pub fn age(text: &str) -> Result<Duration, String> {
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<u32>().ok());
    match days {
        Some(days) => Ok(Duration::from_secs(u64::from(days) * 24 * 60 * 60)),
        None => super::serve::duration(text)
            .map_err(|_| "it must be an age such as 90d, 24h, 30m or 10s".to_owned()),
    }
}

fn moment(text: &str) -> Result<Moment, String> {
    if let Some(at) = Timestamp::parse(text) {
        return Ok(Moment::At(at));
    }
    age(text).map(Moment::Ago).map_err(|_| {
        "it must be a moment such as 2026-01-01T00:00:00Z, or an age such as 24h or 7d".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_days_too() {
        assert_eq!(age("2d"), Ok(Duration::from_secs(172_800)));
        assert_eq!(age("90m"), Ok(Duration::from_secs(5_400)));
        assert_eq!(age("10"), Ok(Duration::from_secs(10)));
        for wrong in ["", "d", "-1d", "1.5d", "99999999999d", "soon"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_a_time_or_an_age() {
        assert_eq!(
            moment("1970-01-01T00:00:01Z"),
            Ok(Moment::At(Timestamp(1000)))
        );
        assert_eq!(moment("1h"), Ok(Moment::Ago(Duration::from_secs(3600))));
        assert!(moment("2026-01-01").is_err());
    }
}
