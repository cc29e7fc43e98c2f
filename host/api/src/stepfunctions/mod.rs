//! The Step Functions service: all operations of its model.
//!
//! [`StepFunctions::call`] is the door. What exists (state machines, versions, aliases, activities, tags) is kept here,
//! in memory and, if there is one, in a store (`kept`); executions are the host's, which is asked through [`Host`]. One file a topic: `machines`, `versions`, `aliases`,
//! `starts`, `executions`, `redrives`, `lists`, `activities`, `tokens`, `map_runs`, `tags`, `test_state`, `validate`; `event` is
//! what EventBridge hears of an execution.
//!
//! Resources of different regions are apart: an operation sees those of its caller's region. Invariant: no lock is held
//! over an await.

mod activities;
mod aliases;
mod arn;
mod definition;
mod event;
mod executions;
mod json_error;
mod kept;
mod lists;
mod machines;
mod map_runs;
mod overview;
mod page;
mod redrives;
mod references;
mod refuse;
mod registry;
mod settings;
mod starts;
mod tags;
mod test_state;
mod tokens;
mod updates;
mod validate;
mod versions;
mod wire;

use std::sync::Arc;

use check::mock::MockConfig;
use data::Data;
use engine::Timestamp;
use runtime::host::Host;

pub use event::status_change;
pub use registry::MachineRegistry;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::model::STEP_FUNCTIONS;
use page::Pager;

/// The service.
pub struct StepFunctions {
    host: Host,
    registry: Arc<MachineRegistry>,
    pager: Pager,
    /// The cases of the mock file that starts may name.
    cases: MockConfig,
}

/// A call on its way to its operation.
struct Called<'c> {
    caller: &'c Caller,
    parameters: &'c Data,
    now: Timestamp,
}

impl Called<'_> {
    /// Whether what an ARN names is in the caller's region.
    fn sees(&self, arn: &str) -> bool {
        arn::region(arn) == self.caller.region
    }
}

impl StepFunctions {
    /// The service over a host. The registry is the one that the host finds machines in; it is also what outlives the
    /// process, if it was opened on a store.
    pub fn new(host: Host, registry: Arc<MachineRegistry>) -> StepFunctions {
        StepFunctions {
            host,
            registry,
            pager: Pager::new(),
            cases: MockConfig::default(),
        }
    }

    /// The same with the cases of a mock file, which `stateMachineArn#Case` may name.
    #[must_use]
    pub fn with_cases(mut self, cases: MockConfig) -> StepFunctions {
        self.cases = cases;
        self
    }

    /// Carries an operation of the service model out. Parameters and answer have the members of the model; moments are
    /// numbers of seconds. What changes something is answered when it is kept. An operation that there is not is an
    /// `UnknownOperationException`.
    pub async fn call(
        &self,
        caller: &Caller,
        operation: &str,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        // TestState reads its parameters by itself, in the words that AWS has for it.
        if operation != "TestState" {
            STEP_FUNCTIONS.check(operation, parameters)?;
        }
        self.finish_deletions().await?;
        let called = Called {
            caller,
            parameters,
            now: self.host.now(),
        };
        let answer = match self.own(operation, &called) {
            Some(answer) => answer?,
            None => self.run(operation, &called).await?,
        };
        self.registry.kept(operation).await?;
        Ok(answer)
    }

    /// The operations that concern nothing but what is kept here.
    fn own(&self, operation: &str, called: &Called<'_>) -> Option<Result<Data, ApiError>> {
        Some(match operation {
            "CreateStateMachine" => self.create_state_machine(called),
            "UpdateStateMachine" => self.update_state_machine(called),
            "DescribeStateMachine" => self.describe_state_machine(called),
            "ListStateMachines" => self.list_state_machines(called),
            "PublishStateMachineVersion" => self.publish_state_machine_version(called),
            "ListStateMachineVersions" => self.list_state_machine_versions(called),
            "DeleteStateMachineVersion" => self.delete_state_machine_version(called),
            "CreateStateMachineAlias" => self.create_state_machine_alias(called),
            "UpdateStateMachineAlias" => self.update_state_machine_alias(called),
            "DescribeStateMachineAlias" => self.describe_state_machine_alias(called),
            "ListStateMachineAliases" => self.list_state_machine_aliases(called),
            "DeleteStateMachineAlias" => self.delete_state_machine_alias(called),
            "ValidateStateMachineDefinition" => validate::definition(called.parameters),
            "DescribeActivity" => self.describe_activity(called),
            "ListActivities" => self.list_activities(called),
            "TagResource" => self.tag_resource(called),
            "UntagResource" => self.untag_resource(called),
            "ListTagsForResource" => self.list_tags_for_resource(called),
            _ => return None,
        })
    }

    /// The operations that ask the host.
    async fn run(&self, operation: &str, called: &Called<'_>) -> Result<Data, ApiError> {
        match operation {
            "DeleteStateMachine" => self.delete_state_machine(called).await,
            "StartExecution" => self.start_execution(called).await,
            "StartSyncExecution" => self.start_sync_execution(called).await,
            "StopExecution" => self.stop_execution(called).await,
            "DescribeExecution" => self.describe_execution(called).await,
            "DescribeStateMachineForExecution" => self.describe_for_execution(called).await,
            "GetExecutionHistory" => self.get_execution_history(called).await,
            "ListExecutions" => self.list_executions(called).await,
            "RedriveExecution" => self.redrive_execution(called).await,
            "DescribeMapRun" => self.describe_map_run(called).await,
            "ListMapRuns" => self.list_map_runs(called).await,
            "UpdateMapRun" => self.update_map_run(called).await,
            "CreateActivity" => self.create_activity(called).await,
            "DeleteActivity" => self.delete_activity(called).await,
            "GetActivityTask" => self.get_activity_task(called).await,
            "SendTaskSuccess" => self.send_task_success(called).await,
            "SendTaskFailure" => self.send_task_failure(called).await,
            "SendTaskHeartbeat" => self.send_task_heartbeat(called).await,
            "TestState" => self.test_state(called).await,
            _ => {
                let message = format!("wf-host serves no operation {operation} of Step Functions");
                Err(ApiError::new("UnknownOperationException", message))
            }
        }
    }
}
