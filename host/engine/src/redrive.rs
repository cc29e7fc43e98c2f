//! Redrive: an execution that ended badly goes on from where it failed, as RedriveExecution does it.
//!
//! Source: the developer guide, "Restarting state machine executions with redrive in Step Functions" and "Redriving
//! Map Runs in Step Functions executions". What of it is kept:
//!
//! - Every state that was entered and not left is done again from its own input: a Task is scheduled, a Choice weighs
//!   its rules, a Wait waits (one for a moment that is past is over at once), a Pass or Succeed that failed is
//!   evaluated. It is not entered again, so its next event follows the last one that its branch had. Only Fail is
//!   entered again, "and fails again".
//! - Branches and iterations that succeeded keep their results. Those that failed or were aborted go on where they
//!   stood, from the inside out; iterations as far as `MaxConcurrency` has room, and before those that never began.
//!   The Parallel or Map around them does not begin again. If it failed with States.DataLimitExceeded it does, with
//!   all its children.
//! - Failures that a Map tolerated are redriven too, and failures are counted from 0 again. So are retries.
//! - The time of the machine (`TimeoutSeconds`) and of every task begins anew; the one year that an execution may last
//!   does not.
//! - The run of a Distributed Map goes on under its ARN, which MapRunRedriven shows:
//!   [`MapRunRequest::redrive_count`](crate::MapRunRequest::redrive_count) says what is to be done.
//!
//! What AWS does not put on record is chosen here: ExecutionRedriven names the event that ended the execution as the
//! one before it, and no event shows that a branch or an iteration goes on.

use crate::execution::{Execution, Status};
use crate::frame::Frame;
use crate::time::Timestamp;

/// For how long an execution may be redriven after it ended: 14 days, in seconds.
const REDRIVABLE_SECONDS: u64 = 14 * 86_400;

/// What is kept of an execution that ended badly: its frames as they stood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Retained {
    pub frames: Vec<Option<Frame>>,
    pub free: Vec<u32>,
}

/// Why an execution cannot be redriven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotRedrivable {
    /// `redriveStatusReason`, in the words of the service model.
    pub reason: &'static str,
}

impl Execution {
    /// Whether [`Input::Redrive`](crate::Input::Redrive) would be heard at this moment, as DescribeExecution's
    /// `redriveStatus`.
    ///
    /// Executions of EXPRESS machines, and of machines that are being deleted, are the host's to refuse.
    pub fn redrivable(&self, now: Timestamp) -> Result<(), NotRedrivable> {
        let quotas = &self.about.quotas;
        let events = self.next_event - 1;
        let ended = self.stopped_at.unwrap_or_default();
        let reason = match &self.status {
            Status::Created | Status::Running => "Execution is RUNNING and cannot be redriven",
            Status::Succeeded { .. } => "Execution is SUCCEEDED and cannot be redriven",
            // Room for ExecutionRedriven and for one event more. Without it an execution may not even have begun.
            _ if events >= quotas.history_events.saturating_sub(1) || self.retained.is_none() => {
                "Execution history event limit exceeded"
            }
            _ if now >= self.started_at.plus_seconds(quotas.execution_seconds) => {
                "Execution has exceeded the max execution time"
            }
            _ if now > ended.plus_seconds(REDRIVABLE_SECONDS) => {
                "Execution redrivable period exceeded"
            }
            _ => return Ok(()),
        };
        Err(NotRedrivable { reason })
    }

    /// How often it was redriven: `redriveCount`.
    pub fn redrives(&self) -> u32 {
        self.redrives
    }

    /// When it was redriven last: `redriveDate`.
    pub fn redriven_at(&self) -> Option<Timestamp> {
        self.redriven_at
    }
}
