//! What a record is counted as: for statistics, which must not fold a log to be told.

use asl::StateId;
use data::EcoString;

use crate::execution::Status;
use crate::ids::FrameId;
use crate::record::{Change, Record, TaskKind};
use crate::time::Timestamp;

/// Where a record was made, for each record of an [`Effects`](crate::Effects).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The state that its frame was in; of an execution that fails, the state that failed first.
    pub state: Option<StateId>,
    /// When the frame entered it.
    pub since: Timestamp,
}

impl Record {
    /// The type of its event, or what the record is called if AWS shows none.
    pub fn kind(&self) -> EcoString {
        let of_task = |kind: &TaskKind, what: &str| -> EcoString {
            match kind {
                TaskKind::LambdaFunction => format!("LambdaFunction{what}").into(),
                TaskKind::Activity => format!("Activity{what}").into(),
                TaskKind::Service { .. } => format!("Task{what}").into(),
            }
        };
        let of_child = |iteration: bool, what: &str| -> EcoString {
            let block = if iteration { "MapIteration" } else { "Branch" };
            format!("{block}{what}").into()
        };
        match &self.change {
            Change::ExecutionStarted { .. } => "ExecutionStarted".into(),
            Change::ExecutionRedriven { .. } => "ExecutionRedriven".into(),
            Change::StateEntered { state, .. } => {
                format!("{}StateEntered", state.kind.as_str()).into()
            }
            Change::StateExited { state, .. } => {
                format!("{}StateExited", state.kind.as_str()).into()
            }
            Change::EvaluationFailed { .. } => "EvaluationFailed".into(),
            Change::Waiting { .. } => "Waiting".into(),
            Change::TaskScheduled { kind, .. } => of_task(kind, "Scheduled"),
            Change::TaskStarted { kind, .. } => of_task(kind, "Started"),
            Change::TaskSubmitted { kind, .. } => of_task(kind, "Submitted"),
            Change::TaskHeartbeat { .. } => "TaskHeartbeat".into(),
            Change::TaskSucceeded { kind, .. } => of_task(kind, "Succeeded"),
            Change::TaskFailed { kind, .. } => of_task(kind, "Failed"),
            Change::TaskTimedOut { kind, .. } => of_task(kind, "TimedOut"),
            Change::RetryScheduled { .. } => "RetryScheduled".into(),
            Change::ParallelStarted { .. } => "ParallelStateStarted".into(),
            Change::MapStarted { .. } | Change::DistributedMapStarted { .. } => {
                "MapStateStarted".into()
            }
            Change::MapRunStarted { .. } => "MapRunStarted".into(),
            Change::MapRunRedriven { .. } => "MapRunRedriven".into(),
            Change::MapRunSucceeded { .. } => "MapRunSucceeded".into(),
            Change::MapRunFailed { .. } => "MapRunFailed".into(),
            Change::MapRunAborted { .. } => "MapRunAborted".into(),
            Change::IterationStarted { .. } => "MapIterationStarted".into(),
            Change::IterationRedriven { .. } => "MapIterationRedriven".into(),
            Change::ChildSucceeded { iteration, .. } => of_child(iteration.is_some(), "Succeeded"),
            Change::ChildFailed { iteration, .. } => of_child(iteration.is_some(), "Failed"),
            Change::ChildAborted { iteration, .. } => of_child(iteration.is_some(), "Aborted"),
            Change::StateAborted { kind, .. } => format!("{}StateAborted", kind.as_str()).into(),
            Change::ChildrenSucceeded { kind, .. } => {
                format!("{}StateSucceeded", kind.as_str()).into()
            }
            Change::ChildrenFailed { kind, .. } => format!("{}StateFailed", kind.as_str()).into(),
            Change::ExecutionSucceeded { .. } => "ExecutionSucceeded".into(),
            Change::ExecutionFailed { .. } => "ExecutionFailed".into(),
            Change::ExecutionTimedOut { .. } => "ExecutionTimedOut".into(),
            Change::ExecutionAborted { .. } => "ExecutionAborted".into(),
        }
    }

    /// Where its execution is in its life after it, if it is the last of a log.
    pub fn status(&self) -> Status {
        match &self.change {
            Change::ExecutionSucceeded { output } => Status::Succeeded {
                output: output.data.clone(),
            },
            Change::ExecutionFailed { failure } => Status::Failed(failure.clone()),
            Change::ExecutionTimedOut { failure } => Status::TimedOut(failure.clone()),
            Change::ExecutionAborted { failure } => Status::Aborted(failure.clone()),
            _ => Status::Running,
        }
    }

    /// The error that it tells of.
    pub fn error(&self) -> Option<&EcoString> {
        match &self.change {
            Change::EvaluationFailed { failure, .. }
            | Change::TaskFailed { failure, .. }
            | Change::TaskTimedOut { failure, .. }
            | Change::MapRunFailed { failure, .. }
            | Change::ChildrenFailed { failure, .. }
            | Change::ExecutionFailed { failure }
            | Change::ExecutionTimedOut { failure }
            | Change::ExecutionAborted { failure } => failure.error.as_ref(),
            _ => None,
        }
    }
}

impl Change {
    /// The frame that it happens to; none if it concerns the execution as a whole.
    pub fn frame(&self) -> Option<FrameId> {
        match self {
            Change::ExecutionStarted { .. }
            | Change::ExecutionRedriven { .. }
            | Change::ExecutionSucceeded { .. }
            | Change::ExecutionFailed { .. }
            | Change::ExecutionTimedOut { .. }
            | Change::ExecutionAborted { .. } => None,
            Change::StateEntered { frame, .. }
            | Change::StateExited { frame, .. }
            | Change::EvaluationFailed { frame, .. }
            | Change::Waiting { frame, .. }
            | Change::TaskScheduled { frame, .. }
            | Change::TaskStarted { frame, .. }
            | Change::TaskSubmitted { frame, .. }
            | Change::TaskHeartbeat { frame }
            | Change::TaskSucceeded { frame, .. }
            | Change::TaskFailed { frame, .. }
            | Change::TaskTimedOut { frame, .. }
            | Change::RetryScheduled { frame, .. }
            | Change::ParallelStarted { frame, .. }
            | Change::MapStarted { frame, .. }
            | Change::DistributedMapStarted { frame, .. }
            | Change::MapRunStarted { frame, .. }
            | Change::MapRunRedriven { frame, .. }
            | Change::MapRunSucceeded { frame, .. }
            | Change::MapRunFailed { frame, .. }
            | Change::MapRunAborted { frame }
            | Change::IterationStarted { frame, .. }
            | Change::IterationRedriven { frame, .. }
            | Change::ChildSucceeded { frame, .. }
            | Change::ChildFailed { frame, .. }
            | Change::StateAborted { frame, .. }
            | Change::ChildAborted { frame, .. }
            | Change::ChildrenSucceeded { frame, .. }
            | Change::ChildrenFailed { frame, .. } => Some(*frame),
        }
    }
}
