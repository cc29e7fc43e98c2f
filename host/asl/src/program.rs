//! A compiled state machine: what the engine walks.
//!
//! Every `Next`, branch and processor is an index that exists, every path and template is parsed, every
//! number is in its range. "No such state" cannot happen at run time.

mod distributed;

pub use distributed::*;

use std::sync::Arc;

use data::{Data, EcoString, Span};
use query::{Expression, Jsonata, JsonataTemplate, Path, ReferencePath, Template};
use serde::{Deserialize, Serialize};

/// A state of a [`Program`]: an index into [`Program::states`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StateId(pub u32);

/// A machine, branch or processor of a [`Program`]: an index into [`Program::blocks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockId(pub u32);

/// A whole state machine, or the processor of a Distributed Map, which runs by itself.
#[derive(Debug)]
pub struct Program {
    /// The machine's own block first, then those of its Parallel and Map states.
    pub blocks: Arc<[Block]>,
    /// All states of all blocks.
    pub states: Arc<[State]>,
    /// The block at whose start an execution begins.
    pub root: BlockId,
    /// The machine's `Comment`.
    pub comment: Option<EcoString>,
    /// The machine's `TimeoutSeconds`.
    pub timeout_seconds: Option<u64>,
}

impl Program {
    /// The machine's own block.
    pub const ROOT: BlockId = BlockId(0);

    /// One of its blocks as a program of its own, as a child execution of a Distributed Map runs it. The states are
    /// shared and keep their ids, so that whoever counts them counts those of the machine.
    pub fn of_block(&self, root: BlockId) -> Program {
        Program {
            blocks: Arc::clone(&self.blocks),
            states: Arc::clone(&self.states),
            root,
            comment: None,
            timeout_seconds: None,
        }
    }

    /// The block with this id.
    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.0 as usize]
    }

    /// The state with this id.
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.0 as usize]
    }

    /// Every state with its id.
    pub fn states(&self) -> impl Iterator<Item = (StateId, &State)> {
        (0u32..).map(StateId).zip(self.states.iter())
    }
}

/// States that belong together: the machine itself, a branch of a Parallel, the processor of a Map.
#[derive(Debug)]
pub struct Block {
    /// `StartAt`.
    pub start: StateId,
    /// Its states in the order of the definition.
    pub states: Vec<StateId>,
    /// The Parallel or Map state it belongs to; none for the machine itself.
    pub owner: Option<StateId>,
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// Its name.
    pub name: EcoString,
    /// The block it belongs to.
    pub block: BlockId,
    /// What it does.
    pub kind: StateKind,
    /// Where execution goes after it; [`Transition::End`] also for Succeed and Fail; unused by Choice.
    pub next: Transition,
    /// What happens to its data around the work, in the state's query language.
    pub flow: Dataflow,
    /// `Assign`; for Choice it belongs to `Default`.
    pub assign: Option<PayloadTemplate>,
    /// `Retry`, in order.
    pub retry: Vec<Retrier>,
    /// `Catch`, in order.
    pub catch: Vec<Catcher>,
    /// Where it stands in the definition.
    pub span: Span,
}

/// The eight types of state; closed, so that the engine's matches are complete.
#[derive(Debug)]
pub enum StateKind {
    /// Work done outside: a function, a service call, an activity.
    Task(Task),
    /// A branch by conditions.
    Choice(Choice),
    /// Branches side by side.
    Parallel(Parallel),
    /// The same block for each item.
    Map(Box<Map>),
    /// A pause.
    Wait(Wait),
    /// Data handed on or made up.
    Pass(Pass),
    /// The end of a block, well.
    Succeed,
    /// The end of the execution, badly.
    Fail(Fail),
}

/// The name of a state's type, as `Type` in a definition and as the prefix of its history events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StateType {
    /// `Task`
    Task,
    /// `Choice`
    Choice,
    /// `Parallel`
    Parallel,
    /// `Map`
    Map,
    /// `Wait`
    Wait,
    /// `Pass`
    Pass,
    /// `Succeed`
    Succeed,
    /// `Fail`
    Fail,
}

impl StateType {
    /// All of them.
    pub const ALL: [StateType; 8] = [
        StateType::Task,
        StateType::Choice,
        StateType::Parallel,
        StateType::Map,
        StateType::Wait,
        StateType::Pass,
        StateType::Succeed,
        StateType::Fail,
    ];

    /// The word used in definitions and histories.
    pub fn as_str(self) -> &'static str {
        match self {
            StateType::Task => "Task",
            StateType::Choice => "Choice",
            StateType::Parallel => "Parallel",
            StateType::Map => "Map",
            StateType::Wait => "Wait",
            StateType::Pass => "Pass",
            StateType::Succeed => "Succeed",
            StateType::Fail => "Fail",
        }
    }
}

impl StateKind {
    /// Which of the eight it is.
    pub fn state_type(&self) -> StateType {
        match self {
            StateKind::Task(_) => StateType::Task,
            StateKind::Choice(_) => StateType::Choice,
            StateKind::Parallel(_) => StateType::Parallel,
            StateKind::Map(_) => StateType::Map,
            StateKind::Wait(_) => StateType::Wait,
            StateKind::Pass(_) => StateType::Pass,
            StateKind::Succeed => StateType::Succeed,
            StateKind::Fail(_) => StateType::Fail,
        }
    }
}

/// Where execution goes after a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// To another state of the same block.
    Next(StateId),
    /// Out of the block.
    End,
}

/// What happens to a state's data around its work: one way for each query language.
#[derive(Debug)]
pub enum Dataflow {
    /// `"QueryLanguage": "JSONPath"`
    JsonPath(Box<PathFlow>),
    /// `"QueryLanguage": "JSONata"`
    Jsonata(JsonataFlow),
}

/// InputPath, Parameters, ResultSelector, ResultPath and OutputPath of a state.
///
/// Defaults stand for themselves: an absent path is `$`.
#[derive(Debug)]
pub struct PathFlow {
    /// `InputPath`.
    pub input_path: DataPath,
    /// `Parameters`; for Map `ItemSelector` is kept in [`Map`] instead.
    pub parameters: Option<Template>,
    /// `ResultSelector`.
    pub result_selector: Option<Template>,
    /// `ResultPath`.
    pub result_path: ResultPath,
    /// `OutputPath`.
    pub output_path: DataPath,
}

/// Arguments and Output of a state.
#[derive(Debug, Default)]
pub struct JsonataFlow {
    /// `Arguments`.
    pub arguments: Option<JsonataTemplate>,
    /// `Output`; for Choice it belongs to `Default`.
    pub output: Option<JsonataTemplate>,
}

/// A JSON value with expressions in it, in one of the two query languages.
#[derive(Clone, Debug)]
pub enum PayloadTemplate {
    /// Fields that end in `.$` are paths or intrinsic functions.
    JsonPath(Template),
    /// Strings between `{%` and `%}` are expressions.
    Jsonata(JsonataTemplate),
}

/// `InputPath` or `OutputPath`.
#[derive(Debug)]
pub enum DataPath {
    /// Absent or `$`: everything, at no cost.
    Whole,
    /// A path.
    Path(Path),
    /// `null`: the empty object.
    Null,
}

/// `ResultPath`.
#[derive(Debug)]
pub enum ResultPath {
    /// Absent or `$`: the result replaces the input.
    Whole,
    /// The result goes into the input.
    At(ReferencePath),
    /// `null`: the result is dropped.
    Discard,
}

/// A Task state.
#[derive(Debug)]
pub struct Task {
    /// Who does the work.
    pub resource: Resource,
    /// `TimeoutSeconds` or `TimeoutSecondsPath`.
    pub timeout: Option<Quantity>,
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`.
    pub heartbeat: Option<Quantity>,
    /// `Credentials`.
    pub credentials: Option<PayloadTemplate>,
}

/// A number that is written down or found in the input.
#[derive(Debug)]
pub enum Quantity {
    /// Written down.
    Value(u64),
    /// Found by the field's `...Path` form.
    Path(Path),
    /// Computed.
    Jsonata(Jsonata),
}

/// The `Resource` of a Task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// As written, placeholders with a value filled in.
    pub text: EcoString,
    /// What it stands for.
    pub kind: ResourceKind,
}

/// What a `Resource` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    /// A Lambda function by ARN, by bare name or by a placeholder without a value.
    LambdaFunction,
    /// `arn:PARTITION:states:REGION:ACCOUNT:activity:NAME`.
    Activity,
    /// `arn:PARTITION:states:::SERVICE:ACTION[.PATTERN]`.
    Service {
        /// Such as `lambda`, `sqs`, `aws-sdk:dynamodb`.
        service: EcoString,
        /// Such as `invoke`; without the pattern.
        action: EcoString,
        /// How to wait for it.
        pattern: Pattern,
    },
}

/// How a service integration is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Until the call answers.
    RequestResponse,
    /// `.sync`: until the started job is done.
    Sync,
    /// `.sync:2`: the same with JSON output.
    Sync2,
    /// `.waitForTaskToken`: until somebody sends the token back.
    WaitForTaskToken,
}

/// A Choice state.
#[derive(Debug)]
pub struct Choice {
    /// Its rules, in order.
    pub rules: Vec<ChoiceRule>,
    /// Where to go if none holds.
    pub default: Option<StateId>,
}

/// One of `Choices`.
#[derive(Debug)]
pub struct ChoiceRule {
    /// When it holds.
    pub condition: Condition,
    /// Where to go then.
    pub next: StateId,
    /// `Assign`.
    pub assign: Option<PayloadTemplate>,
    /// `Output`, in JSONata.
    pub output: Option<JsonataTemplate>,
    /// Where it stands in the definition.
    pub span: Span,
}

/// A boolean expression over the input.
#[derive(Debug)]
pub enum Condition {
    /// All hold.
    And(Vec<Condition>),
    /// One holds.
    Or(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A comparison of `Variable` with something.
    Compare {
        /// `Variable`.
        variable: Path,
        /// The comparison operator.
        operator: Operator,
        /// What it is compared with.
        operand: Operand,
    },
    /// A test of `Variable` itself: `IsNull: true`.
    Is {
        /// `Variable`.
        variable: Path,
        /// The property.
        test: TypeTest,
        /// Whether it is to have it.
        expected: bool,
    },
    /// `Condition` as it is written down.
    Constant(bool),
    /// `Condition`, computed.
    Jsonata(Jsonata),
}

/// What a variable is compared with.
#[derive(Debug)]
pub enum Operand {
    /// A constant of the operator's type.
    Value(Data),
    /// The operator's `...Path` form.
    Path(Path),
}

/// The type a comparison operator works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparand {
    /// Strings, compared by code unit.
    String,
    /// Numbers.
    Numeric,
    /// Booleans.
    Boolean,
    /// RFC 3339 timestamps.
    Timestamp,
}

/// How a comparison operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `...Equals`
    Equals,
    /// `...LessThan`
    LessThan,
    /// `...LessThanEquals`
    LessThanEquals,
    /// `...GreaterThan`
    GreaterThan,
    /// `...GreaterThanEquals`
    GreaterThanEquals,
    /// `StringMatches`
    Matches,
}

/// A comparison operator such as `NumericLessThan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The type of both sides.
    pub comparand: Comparand,
    /// The comparison.
    pub relation: Relation,
}

/// `IsNull` and its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeTest {
    /// `IsBoolean`
    Boolean,
    /// `IsNull`
    Null,
    /// `IsNumeric`
    Numeric,
    /// `IsPresent`
    Present,
    /// `IsString`
    String,
    /// `IsTimestamp`
    Timestamp,
}

/// A Parallel state.
#[derive(Debug)]
pub struct Parallel {
    /// Its branches, in order.
    pub branches: Vec<BlockId>,
}

/// A Map state.
#[derive(Debug)]
pub struct Map {
    /// `ItemsPath` or `Items`; `$` if absent.
    pub items: Items,
    /// `ItemSelector`, or `Parameters` in the older form.
    pub item_selector: Option<PayloadTemplate>,
    /// `ItemProcessor`, or `Iterator` in the older form.
    pub processor: BlockId,
    /// `MaxConcurrency` or `MaxConcurrencyPath`; 0 means no limit of the definition's own.
    pub max_concurrency: Quantity,
    /// `ToleratedFailureCount` or its `Path` form.
    pub tolerated_failure_count: Option<Quantity>,
    /// `ToleratedFailurePercentage` or its `Path` form.
    pub tolerated_failure_percentage: Option<Percentage>,
    /// `ProcessorConfig.Mode`.
    pub mode: MapMode,
    /// What only a Distributed Map has; there if and only if `mode` says so.
    pub distributed: Option<Box<Distributed>>,
    /// Whether it is inline and has fields that only a Distributed Map can have: it fails when it is entered.
    pub unsupported: bool,
}

/// What a Map iterates over.
#[derive(Debug)]
pub enum Items {
    /// `ItemsPath`.
    Path(DataPath),
    /// `Items`.
    Jsonata(JsonataTemplate),
}

/// A percentage that is written down or found in the input.
#[derive(Debug)]
pub enum Percentage {
    /// 0 to 100.
    Value(f64),
    /// Found by the field's `...Path` form.
    Path(Path),
    /// Computed.
    Jsonata(Jsonata),
}

/// Where the iterations of a Map run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapMode {
    /// Inside the execution.
    Inline,
    /// As child executions of their own.
    Distributed,
}

/// A Wait state.
#[derive(Debug)]
pub enum Wait {
    /// `Seconds` or `SecondsPath`.
    Seconds(Quantity),
    /// `Timestamp`, in milliseconds since the Unix epoch.
    Timestamp(i64),
    /// `TimestampPath`.
    TimestampPath(Path),
    /// `Timestamp`, computed.
    TimestampJsonata(Jsonata),
}

/// A Pass state.
#[derive(Debug)]
pub struct Pass {
    /// `Result`, literally.
    pub result: Option<Data>,
}

/// A Fail state.
#[derive(Debug)]
pub struct Fail {
    /// `Error` or `ErrorPath`.
    pub error: Option<Words>,
    /// `Cause` or `CausePath`.
    pub cause: Option<Words>,
}

/// A text that is written down or found by a path or an intrinsic function.
#[derive(Debug)]
pub enum Words {
    /// Written down.
    Value(EcoString),
    /// Found by the field's `...Path` form.
    Path(Expression),
    /// Computed.
    Jsonata(Jsonata),
}

/// One of `Retry`.
#[derive(Debug)]
pub struct Retrier {
    /// `ErrorEquals`.
    pub error_equals: Vec<EcoString>,
    /// `IntervalSeconds`, 1 by default.
    pub interval_seconds: u64,
    /// `MaxAttempts`, 3 by default; 0 means never.
    pub max_attempts: u64,
    /// `BackoffRate`, 2.0 by default.
    pub backoff_rate: f64,
    /// `MaxDelaySeconds`.
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy`.
    pub jitter: Jitter,
    /// Where it stands in the definition.
    pub span: Span,
}

/// `JitterStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// The delay as computed.
    None,
    /// Uniform between nothing and the delay as computed.
    Full,
}

/// One of `Catch`.
#[derive(Debug)]
pub struct Catcher {
    /// `ErrorEquals`.
    pub error_equals: Vec<EcoString>,
    /// `Next`.
    pub next: StateId,
    /// `ResultPath`.
    pub result_path: ResultPath,
    /// `Assign`.
    pub assign: Option<PayloadTemplate>,
    /// `Output`, in JSONata.
    pub output: Option<JsonataTemplate>,
    /// Where it stands in the definition.
    pub span: Span,
}
