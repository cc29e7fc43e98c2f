//! Every command and flag. Each flag has an environment variable `WF_HOST_<FLAG>`; a flag without a value is
//! off where its variable is empty, `0`, `false`, `no` or `off`.

mod executions;
mod failures;
mod init;
mod machines;
mod replay;
mod runtime;
mod serve;
mod stats;
mod store;
mod sweep;
mod task;
mod test;

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use executions::{
    AskArgs, DescribeArgs, ExecutionsArgs, ExecutionsCommand, FilterArgs, HistoryArgs, ListArgs,
    Moment, PagerArgs, RedriveArgs, StopArgs,
};
pub use failures::{FailureArgs, MockArgs};
pub use init::InitArgs;
pub use machines::MachineArgs;
pub use replay::ReplayArgs;
pub use runtime::{
    LanguageArg, RuntimeArgs, RuntimeCommand, RuntimeInstallArgs, RuntimeListArgs,
    RuntimeRemoveArgs,
};
pub use serve::{LogFormatArg, LogLevelArg, ServeArgs};
pub use stats::StatsArgs;
pub use store::{StoreArgs, StoreCheckArgs, StoreCommand, StoreCommandArgs, StorePruneArgs};
pub use sweep::{AllowArg, SweepArgs};
pub use task::{TaskArgs, TaskCommand, TokenArgs};
pub use test::TestArgs;

/// Runs Amazon States Language workflows anywhere, with every Lambda in a WebAssembly sandbox.
#[derive(Debug, Parser)]
#[command(
    name = "wf-host",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Example:\n  wf-host run order-workflow.json --input '{\"orderId\":\"ORDER-001\",\"customerId\":\"CUST-123\",\"amount\":99.99}'\n\nMore: wf-host help config, wf-host help faults, wf-host help suite, wf-host help limits, wf-host help runtimes, wf-host help store, wf-host help exit-codes"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a workflow to its end and print its output
    Run(Box<RunArgs>),
    /// Serve the AWS endpoint: Step Functions, Lambda, and what their clients need around them
    Serve(Box<ServeArgs>),
    /// Run suites of cases: what a workflow must do whatever goes wrong
    Test(TestArgs),
    /// Run a recording again and hold it against what was recorded
    Replay(ReplayArgs),
    /// Test one state by itself: its output, its data between the stages, its retries and catches
    TestState(Box<TestStateArgs>),
    /// Explore what every fault at every task leads to, and what is wrong with that
    Sweep(Box<SweepArgs>),
    /// Check definitions: every error and warning with its place
    Validate(ValidateArgs),
    /// Begin with definitions: list what they need, write wf-host.toml and a mock file that stands in for it
    Init(InitArgs),
    /// Answer a task of a running workflow that waits for its token
    Task(TaskArgs),
    /// List executions, look into them, stop and redrive them
    Executions(ExecutionsArgs),
    /// Count executions: how many fail at each state, with which error, and how long states take
    Stats(StatsArgs),
    /// Check a store of executions, and forget old ones
    Store(StoreCommandArgs),
    /// Make and inspect guests
    Guest(GuestArgs),
    /// Install, list and remove the runtimes of Python and JavaScript functions
    Runtime(RuntimeArgs),
    /// Print the JSON Schema of a file format
    Schema(SchemaArgs),
    /// Explain a topic: config, faults, suite, limits, runtimes, store, exit-codes; or a command
    Help(HelpArgs),
}

/// What moves time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClockArg {
    /// The wall clock
    Real,
    /// From event to event, at no cost
    Virtual,
}

/// The type of a state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TypeArg {
    /// Up to a year
    Standard,
    /// Up to five minutes
    Express,
}

/// Where functions come from; the same for every command that needs them.
#[derive(Args, Clone, Debug, Default)]
pub struct FunctionArgs {
    /// The functions file [default: wf-host.toml beside the definition]
    #[arg(long, value_name = "FILE", env = "WF_HOST_FUNCTIONS")]
    pub functions: Option<PathBuf>,
    /// Bind one function to a guest; may be repeated
    #[arg(long, value_name = "NAME=PATH", env = "WF_HOST_GUEST")]
    pub guest: Vec<String>,
    /// The value of ${NAME} in the definition; may be repeated
    #[arg(long, value_name = "NAME=VALUE", env = "WF_HOST_DEFINE")]
    pub define: Vec<String>,
    /// Let functions that ask for it see this variable of the host; may be repeated
    #[arg(
        long,
        value_name = "NAME",
        env = "WF_HOST_ALLOW_ENV",
        value_delimiter = ','
    )]
    pub allow_env: Vec<String>,
    /// Ceilings that no functions file can raise
    #[arg(long, value_name = "FILE", env = "WF_HOST_LIMITS")]
    pub limits: Option<PathBuf>,
    /// Where compiled guests are kept [default: wf-host under the XDG cache folder]
    #[arg(long, value_name = "DIR", env = "WF_HOST_CACHE_DIR")]
    pub cache_dir: Option<PathBuf>,
}

/// `wf-host run`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host run order-workflow.json --input '{\"orderId\":\"ORDER-001\",\"customerId\":\"CUST-123\",\"amount\":99.99}'\n  wf-host run order-workflow.json --input @order.json --clock virtual --seed 7 --history -\n  wf-host run parent.asl.json --also child.asl.json\n  wf-host run activity.asl.json --also worker.asl.json --beside worker='{\"queue\":1}'\n  wf-host run approval.asl.json --listen\n  wf-host run order-workflow.json --input @order.json --clock virtual --faults order.faults.json\n  wf-host run order-workflow.json --mock-config mocks.json --test-case 'order-workflow#Declined'\n\nThe output goes to stdout, progress to stderr. Exit codes: wf-host help exit-codes"
)]
pub struct RunArgs {
    /// The definition: JSON or YAML
    #[arg(value_name = "DEFINITION")]
    pub definition: PathBuf,
    /// The input: JSON, @FILE, or - for stdin
    #[arg(
        long,
        short,
        value_name = "JSON|@FILE|-",
        env = "WF_HOST_INPUT",
        default_value = "{}",
        allow_hyphen_values = true
    )]
    pub input: String,
    /// Functions
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// Machines beside this one
    #[command(flatten)]
    pub machines: MachineArgs,
    /// What goes wrong
    #[command(flatten)]
    pub failures: FailureArgs,
    /// Where the execution is kept: the same command again goes on with it
    #[command(flatten)]
    pub store: StoreArgs,
    /// What moves time
    #[arg(long, value_enum, env = "WF_HOST_CLOCK", default_value = "real")]
    pub clock: ClockArg,
    /// When virtual time begins (RFC 3339) [default: 2026-01-01T00:00:00Z]
    #[arg(long, value_name = "TIME", env = "WF_HOST_START_TIME")]
    pub start_time: Option<String>,
    /// The seed of all chance [default: drawn, and printed]; with --store a --name is part of it
    #[arg(
        long,
        value_name = "NUMBER",
        env = "WF_HOST_SEED",
        allow_hyphen_values = true
    )]
    pub seed: Option<u64>,
    /// The execution's name
    #[arg(long, value_name = "NAME", env = "WF_HOST_NAME")]
    pub name: Option<String>,
    /// The state machine's name [default: the file's name]
    #[arg(long, value_name = "NAME", env = "WF_HOST_MACHINE")]
    pub machine: Option<String>,
    /// The state machine's type
    #[arg(
        long = "type",
        value_enum,
        env = "WF_HOST_TYPE",
        default_value = "standard"
    )]
    pub machine_type: TypeArg,
    /// Raise or lower a quota, such as history-events=100000; may be repeated
    #[arg(
        long,
        value_name = "NAME=N",
        env = "WF_HOST_QUOTA",
        value_delimiter = ','
    )]
    pub quota: Vec<String>,
    /// Write the history as GetExecutionHistory gives it; - for stdout
    #[arg(long, value_name = "FILE|-", env = "WF_HOST_HISTORY")]
    pub history: Option<PathBuf>,
    /// Write everything that a replay needs into one file: wf-host replay FILE
    #[arg(long, value_name = "FILE", env = "WF_HOST_RECORD")]
    pub record: Option<PathBuf>,
    /// Write the coverage: as JSON to *.json, as LCOV to *.info or *.lcov, else as a table; may be repeated
    #[arg(long, value_name = "FILE|-", env = "WF_HOST_COVERAGE")]
    pub coverage: Vec<PathBuf>,
    /// Print DescribeExecution's answer with seed and fuel, not just the output
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// Show what guests write to stderr
    #[arg(long, env = "WF_HOST_LOGS", value_parser = FalseyValueParser::new())]
    pub logs: bool,
    /// No progress
    #[arg(long, short, env = "WF_HOST_QUIET", value_parser = FalseyValueParser::new())]
    pub quiet: bool,
}

/// How much `test-state` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    /// The output, the status and the next state
    Info,
    /// The data between the stages too
    Debug,
    /// The request and response of an HTTP task too
    Trace,
}

/// How closely a mocked result is held against the service's model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MockValidationArg {
    /// Every required field is there, and every field conforms
    Strict,
    /// Every field that is there conforms
    Present,
    /// Anything goes
    None,
}

/// `wf-host test-state`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host test-state order-workflow.json --state CheckInventory --input @order.json --level debug\n  wf-host test-state state.json --mock-error Payment.Declined --retries 2\n\nPrints TestState's answer as JSON. Without a mock a Task calls its function. Exit codes: 0 for SUCCEEDED,\nCAUGHT_ERROR and RETRIABLE, 1 for FAILED, 2 for a request that AWS refuses, 3 for a wrong definition."
)]
pub struct TestStateArgs {
    /// A single state, or a whole definition with --state: JSON or YAML
    #[arg(value_name = "DEFINITION")]
    pub definition: PathBuf,
    /// The state of a whole definition
    #[arg(long, value_name = "NAME", env = "WF_HOST_STATE")]
    pub state: Option<String>,
    /// The state's input: JSON, @FILE, or - for stdin
    #[arg(
        long,
        short,
        value_name = "JSON|@FILE|-",
        env = "WF_HOST_INPUT",
        default_value = "{}",
        allow_hyphen_values = true
    )]
    pub input: String,
    /// How much to show
    #[arg(long, value_enum, env = "WF_HOST_LEVEL", default_value = "info")]
    pub level: LevelArg,
    /// The workflow variables: a JSON object or @FILE
    #[arg(long, value_name = "JSON|@FILE", env = "WF_HOST_VARIABLES")]
    pub variables: Option<String>,
    /// The Context Object, or the parts of it that matter: a JSON object or @FILE
    #[arg(long, value_name = "JSON|@FILE", env = "WF_HOST_CONTEXT")]
    pub context: Option<String>,
    /// What the state's work comes to, instead of doing it: JSON or @FILE
    #[arg(
        long,
        value_name = "JSON|@FILE",
        env = "WF_HOST_MOCK_RESULT",
        allow_hyphen_values = true,
        conflicts_with = "mock_error"
    )]
    pub mock_result: Option<String>,
    /// How the state's work fails, instead of doing it
    #[arg(long, value_name = "ERROR", env = "WF_HOST_MOCK_ERROR")]
    pub mock_error: Option<String>,
    /// The cause of --mock-error
    #[arg(
        long,
        value_name = "TEXT",
        env = "WF_HOST_MOCK_CAUSE",
        requires = "mock_error"
    )]
    pub mock_cause: Option<String>,
    /// How closely a mocked result is held against the service's model [default: strict]
    #[arg(long, value_enum, env = "WF_HOST_MOCK_VALIDATION")]
    pub mock_validation: Option<MockValidationArg>,
    /// How often the retrier that takes the error was used before
    #[arg(long, value_name = "N", env = "WF_HOST_RETRIES")]
    pub retries: Option<u32>,
    /// How many iterations of a Map failed before
    #[arg(long, value_name = "N", env = "WF_HOST_FAILED_ITERATIONS")]
    pub failed_iterations: Option<u32>,
    /// The state inside a Parallel or Map that the mocked error comes from
    #[arg(long, value_name = "STATE", env = "WF_HOST_CAUSED_BY")]
    pub caused_by: Option<String>,
    /// What a Map's ItemReader reads: text or @FILE
    #[arg(long, value_name = "TEXT|@FILE", env = "WF_HOST_READER_DATA")]
    pub reader_data: Option<String>,
    /// The role that AWS would run the state with
    #[arg(
        long,
        value_name = "ARN",
        env = "WF_HOST_ROLE_ARN",
        default_value = "arn:aws:iam::000000000000:role/wf-host"
    )]
    pub role_arn: String,
    /// Functions
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// The moment of the test (RFC 3339) [default: 2026-01-01T00:00:00Z]
    #[arg(long, value_name = "TIME", env = "WF_HOST_START_TIME")]
    pub start_time: Option<String>,
    /// The seed of all chance
    #[arg(
        long,
        value_name = "NUMBER",
        env = "WF_HOST_SEED",
        default_value_t = 0,
        allow_hyphen_values = true
    )]
    pub seed: u64,
}

/// How diagnostics are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// For people
    Text,
    /// For programs
    Json,
    /// For GitHub Actions
    Github,
}

/// `wf-host validate`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host validate order-workflow.json\n  wf-host validate workflows/ --format github\n\nA folder stands for the *.asl.json, *.asl.yaml and *.asl.yml in it. Exit code 3 if anything is an error."
)]
pub struct ValidateArgs {
    /// Definitions, or folders of them
    #[arg(value_name = "DEFINITION|DIR", required = true)]
    pub paths: Vec<PathBuf>,
    /// Functions
    #[command(flatten)]
    pub functions: FunctionArgs,
    /// How to print
    #[arg(long, value_enum, env = "WF_HOST_FORMAT", default_value = "text")]
    pub format: FormatArg,
    /// The same as --format json
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
    /// The type to validate for
    #[arg(
        long = "type",
        value_enum,
        env = "WF_HOST_TYPE",
        default_value = "standard"
    )]
    pub machine_type: TypeArg,
}

/// `wf-host guest`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  wf-host guest new send-email\n  wf-host guest check guests/pay.wasm"
)]
pub struct GuestArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: GuestCommand,
}

/// The commands about guests.
#[derive(Debug, Subcommand)]
pub enum GuestCommand {
    /// Make a new guest in Rust that builds
    #[command(
        after_help = "Example:\n  wf-host guest new send-email\n  cd send-email && cargo test && cargo build --release --target wasm32-wasip1"
    )]
    New(GuestNewArgs),
    /// Say which contract a module fulfils, what it imports and what it could touch
    #[command(after_help = "Example:\n  wf-host guest check guests/pay.wasm --json")]
    Check(GuestCheckArgs),
}

/// `wf-host guest new`
#[derive(Args, Debug)]
pub struct GuestNewArgs {
    /// Its name: lower case letters, digits and dashes
    pub name: String,
    /// The folder to make it in
    #[arg(long, value_name = "DIR", env = "WF_HOST_FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Print JSON: the folder that was made and the module that its build will make
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}

/// `wf-host guest check`
#[derive(Args, Debug)]
pub struct GuestCheckArgs {
    /// The module: a .wasm file
    pub module: PathBuf,
    /// Print JSON
    #[arg(long, env = "WF_HOST_JSON", value_parser = FalseyValueParser::new())]
    pub json: bool,
}

/// File formats that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaArg {
    /// The functions file, wf-host.toml
    Config,
    /// The limits file
    Limits,
    /// A fault plan
    Faults,
    /// A suite
    Suite,
    /// A recording
    Recording,
    /// The world of components, as WIT
    Wit,
}

/// `wf-host schema`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  wf-host schema config > wf-host.schema.json")]
pub struct SchemaArgs {
    /// Which format
    #[arg(value_enum)]
    pub what: SchemaArg,
}

/// `wf-host help`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  wf-host help exit-codes")]
pub struct HelpArgs {
    /// config, faults, suite, limits, runtimes, store, exit-codes, or a command
    #[arg(value_name = "TOPIC")]
    pub topic: Vec<String>,
}
