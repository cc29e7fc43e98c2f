//! What an execution writes down: the log from which it can be rebuilt, and AWS's history projected.

use asl::{BlockId, ResourceKind, StateId, StateType};
use data::{Data, EcoString};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::ids::{EventId, FrameId, TaskToken};
use crate::map_run::MapRunPlan;
use crate::time::Timestamp;

/// The version of the stored form of a [`Record`].
pub const RECORD_VERSION: u32 = 1;

/// One step of an execution, applied by [`Execution::apply`](crate::Execution::apply) and nowhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number in the execution, from 0 without gaps.
    pub seq: u32,
    /// When it happened.
    pub at: Timestamp,
    /// Its place in AWS's history; none for a step that AWS does not show.
    pub event: Option<EventPlace>,
    /// What happened.
    pub change: Change,
}

impl Record {
    /// The digest of the definition that the execution runs from this record on, where it changes.
    ///
    /// Whoever folds a log hands the program of that definition to [`Execution::rebase`](crate::Execution::rebase)
    /// before the record is applied. The states and blocks that it and later records name by index are those of that
    /// program.
    pub fn definition(&self) -> Option<&EcoString> {
        match &self.change {
            Change::ExecutionRedriven { definition, .. } => definition.as_ref(),
            _ => None,
        }
    }
}

/// The two numbers of a HistoryEvent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPlace {
    /// `id`
    pub id: EventId,
    /// `previousEventId`
    pub previous: EventId,
}

/// A payload in a record; `same_as` names an earlier record that holds the very same value, so that a store
/// need not write it again.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The value.
    pub data: Data,
    /// The record whose payload this is.
    pub same_as: Option<u32>,
}

/// Payloads are equal when their values are.
impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl From<Data> for Payload {
    fn from(data: Data) -> Self {
        Payload {
            data,
            same_as: None,
        }
    }
}

/// The state that a record speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRef {
    /// Its index in the program that was running.
    pub id: StateId,
    /// Its type.
    pub kind: StateType,
    /// Its name.
    pub name: EcoString,
}

/// Where a frame goes after a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum To {
    /// To this state.
    Next(StateId),
    /// Out of its block.
    End,
}

/// What leads out of a state. AWS does not show it; coverage needs it, since two rules may lead to one state.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Via {
    /// `Next` or `End`.
    #[default]
    Next,
    /// The rule of a Choice with this index.
    Rule(u32),
    /// `Default` of a Choice.
    Default,
    /// The catcher with this index.
    Catcher(u32),
}

/// How a task is shown in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskKind {
    /// `LambdaFunction...` events.
    LambdaFunction,
    /// `Activity...` events.
    Activity,
    /// `Task...` events.
    Service {
        /// `resourceType`
        resource_type: EcoString,
        /// `resource`
        resource: EcoString,
    },
}

impl TaskKind {
    pub(crate) fn of(resource: &asl::Resource) -> TaskKind {
        match &resource.kind {
            ResourceKind::LambdaFunction => TaskKind::LambdaFunction,
            ResourceKind::Activity => TaskKind::Activity,
            ResourceKind::Service {
                service,
                action,
                pattern,
            } => {
                let suffix = match pattern {
                    asl::Pattern::RequestResponse => "",
                    asl::Pattern::Sync => ".sync",
                    asl::Pattern::Sync2 => ".sync:2",
                    asl::Pattern::WaitForTaskToken => ".waitForTaskToken",
                };
                TaskKind::Service {
                    resource_type: service.clone(),
                    resource: format!("{action}{suffix}").into(),
                }
            }
        }
    }
}

/// What can happen in an execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// The execution began.
    ExecutionStarted {
        /// Its input.
        input: Payload,
        /// When it is over at the latest.
        deadline: Option<Timestamp>,
    },
    /// An execution that had ended badly goes on from where it failed.
    ExecutionRedriven {
        /// How often it was redriven, this time included.
        redrive_count: u32,
        /// When it is over at the latest.
        deadline: Option<Timestamp>,
        /// The digest of the definition that it runs from here on, if that is another one: see
        /// [`Record::definition`].
        definition: Option<EcoString>,
    },
    /// A frame entered a state.
    StateEntered {
        /// Who.
        frame: FrameId,
        /// Where.
        state: StateRef,
        /// The state's raw input.
        input: Payload,
    },
    /// A frame left a state.
    StateExited {
        /// Who.
        frame: FrameId,
        /// Where.
        state: StateRef,
        /// The state's output.
        output: Payload,
        /// The variables that it sets, an object; none if it sets none.
        assigned: Option<Data>,
        /// Where to.
        to: To,
        /// What led there.
        via: Via,
    },
    /// A JSONata expression of a state failed.
    EvaluationFailed {
        /// Who.
        frame: FrameId,
        /// The state's name.
        state: EcoString,
        /// The field, such as `Output/total`.
        location: EcoString,
        /// How.
        failure: Failure,
    },
    /// A Wait state waits.
    Waiting {
        /// Who.
        frame: FrameId,
        /// Until when.
        until: Timestamp,
    },
    /// A Task was handed out.
    TaskScheduled {
        /// Who waits for it.
        frame: FrameId,
        /// The attempt's handle.
        token: TaskToken,
        /// How it is shown.
        kind: TaskKind,
        /// The `Resource`.
        resource: EcoString,
        /// What the worker gets.
        input: Payload,
        /// `TimeoutSeconds`.
        timeout_seconds: Option<u64>,
        /// `HeartbeatSeconds`.
        heartbeat_seconds: Option<u64>,
        /// `RoleArn` of `Credentials`; boxed, since it is rare and records are many.
        role_arn: Option<Box<EcoString>>,
    },
    /// A worker began.
    TaskStarted {
        /// Who waits for it.
        frame: FrameId,
        /// How it is shown.
        kind: TaskKind,
        /// `workerName` of an activity's worker.
        worker: Option<EcoString>,
    },
    /// A service took the request and will answer later.
    TaskSubmitted {
        /// Who waits for it.
        frame: FrameId,
        /// How it is shown.
        kind: TaskKind,
        /// What the service answered.
        output: Payload,
    },
    /// A worker is alive.
    TaskHeartbeat {
        /// Who waits for it.
        frame: FrameId,
    },
    /// A worker succeeded.
    TaskSucceeded {
        /// Who waits for it.
        frame: FrameId,
        /// How it is shown.
        kind: TaskKind,
        /// The result.
        output: Payload,
    },
    /// A worker failed.
    TaskFailed {
        /// Who waits for it.
        frame: FrameId,
        /// How it is shown.
        kind: TaskKind,
        /// How.
        failure: Failure,
    },
    /// A worker took too long or was silent for too long.
    TaskTimedOut {
        /// Who waits for it.
        frame: FrameId,
        /// How it is shown.
        kind: TaskKind,
        /// How.
        failure: Failure,
    },
    /// A state will be tried again.
    RetryScheduled {
        /// Who.
        frame: FrameId,
        /// The state.
        state: StateId,
        /// Which of the state's retriers.
        retrier: u32,
        /// Which retry by this retrier since the state was entered, from 0.
        attempt: u32,
        /// When.
        until: Timestamp,
    },
    /// A Parallel state began its branches.
    ParallelStarted {
        /// Who.
        frame: FrameId,
        /// The branches.
        branches: Vec<BlockId>,
        /// What each of them gets.
        input: Payload,
    },
    /// A Map state began.
    MapStarted {
        /// Who.
        frame: FrameId,
        /// The items, an array.
        items: Payload,
        /// The state's input after `InputPath`, to which `ItemSelector` refers.
        input: Payload,
        /// How many iterations may run side by side.
        concurrency: u32,
        /// How many may fail; none if the definition does not speak of it.
        tolerated: Option<u32>,
        /// Whether the items were the fields of an object, each with `Key` and `Value`.
        keyed: bool,
    },
    /// A Distributed Map began.
    DistributedMapStarted {
        /// Who.
        frame: FrameId,
        /// How many items it has, 0 if they are yet to be read.
        length: u32,
    },
    /// The child executions of a Distributed Map were asked for.
    MapRunStarted {
        /// Who waits for them.
        frame: FrameId,
        /// The attempt's handle.
        token: TaskToken,
        /// `mapRunArn`
        map_run_arn: EcoString,
        /// The state's input after `InputPath`, to which `ItemSelector` refers.
        input: Payload,
        /// What is to be run; boxed, since it is large and rare.
        plan: Box<MapRunPlan>,
    },
    /// The child executions of a Distributed Map that had not succeeded were asked for again.
    MapRunRedriven {
        /// Who waits for them.
        frame: FrameId,
        /// The attempt's handle.
        token: TaskToken,
        /// `mapRunArn`
        map_run_arn: EcoString,
        /// How often the run was redriven, this time included.
        redrive_count: u32,
    },
    /// The child executions did what they should, or as many as had to.
    MapRunSucceeded {
        /// Who waits for them.
        frame: FrameId,
        /// The result.
        output: Payload,
    },
    /// Too many child executions failed, or their items or results were lost.
    MapRunFailed {
        /// Who waits for them.
        frame: FrameId,
        /// How.
        failure: Failure,
    },
    /// The child executions were stopped because a sibling of their Map's frame failed.
    MapRunAborted {
        /// Who waited for them.
        frame: FrameId,
    },
    /// An iteration of a Map began.
    IterationStarted {
        /// The Map's frame.
        frame: FrameId,
        /// The Map state's name.
        map: EcoString,
        /// The item's index.
        index: u32,
        /// The processor.
        block: BlockId,
        /// What the iteration gets.
        input: Payload,
    },
    /// An iteration of a Map that had failed or been aborted goes on from where it did.
    IterationRedriven {
        /// The Map's frame.
        frame: FrameId,
        /// The item's index.
        index: u32,
    },
    /// A branch or an iteration is done.
    ChildSucceeded {
        /// The child.
        frame: FrameId,
        /// The Map state's name and the index; none for a branch.
        iteration: Option<(EcoString, u32)>,
    },
    /// A branch or an iteration failed.
    ChildFailed {
        /// The child.
        frame: FrameId,
        /// The Map state's name and the index; none for a branch.
        iteration: Option<(EcoString, u32)>,
        /// The error's name.
        error: Option<EcoString>,
    },
    /// A state was stopped because a sibling of its frame failed.
    StateAborted {
        /// Who.
        frame: FrameId,
        /// The type of the state.
        kind: StateType,
    },
    /// A branch or iteration was stopped because a sibling failed.
    ChildAborted {
        /// Who.
        frame: FrameId,
        /// The Map state's name and the index; none for a branch.
        iteration: Option<(EcoString, u32)>,
    },
    /// All branches of a Parallel or iterations of a Map are done.
    ChildrenSucceeded {
        /// Whose.
        frame: FrameId,
        /// Parallel or Map.
        kind: StateType,
    },
    /// A branch of a Parallel or too many iterations of a Map failed.
    ChildrenFailed {
        /// Whose.
        frame: FrameId,
        /// Parallel or Map.
        kind: StateType,
        /// How.
        failure: Failure,
    },
    /// The execution is over, well.
    ExecutionSucceeded {
        /// Its output.
        output: Payload,
    },
    /// The execution is over, badly.
    ExecutionFailed {
        /// How.
        failure: Failure,
    },
    /// The execution ran out of time.
    ExecutionTimedOut {
        /// How.
        failure: Failure,
    },
    /// Somebody stopped the execution.
    ExecutionAborted {
        /// What they said.
        failure: Failure,
    },
}
