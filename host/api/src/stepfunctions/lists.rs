//! ListExecutions.

use data::{Data, Object, ObjectBuilder};
use journal::{Filter, Summary};

use super::arn::{MachineArn, Qualifier};
use super::redrives::put_count;
use super::refuse::{invalid, no_machine, no_resource, wrong_type};
use super::wire::{answer, put, seconds, text};
use super::{Called, StepFunctions};
use crate::error::ApiError;

/// How many executions are looked at at a time for those that were redriven.
const STRIDE: usize = 1000;

impl StepFunctions {
    /// The youngest first.
    pub(super) async fn list_executions(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let mut filter = self.whose(called).await?;
        let wanted = self.pager.wanted("ListExecutions", parameters)?;
        filter.status = text(parameters, "statusFilter").map(str::to_owned);
        filter.after.clone_from(&wanted.after);
        let redriven = text(parameters, "redriveFilter").map(|filter| filter == "REDRIVEN");
        // One more than the page holds tells whether there is another page.
        let found = self.first(filter, redriven, wanted.size + 1).await?;
        let page = &found[..found.len().min(wanted.size)];
        let last = page.last().filter(|_| found.len() > page.len());
        let token = last.map(|last| wanted.token(&last.execution_arn));
        let items: Data = page.iter().map(item).collect();
        let mut list = Object::builder().with("executions", items);
        put(&mut list, "nextToken", token);
        Ok(answer(list))
    }

    /// The first `most` that a filter lets through, of those that were redriven, or of those that were not, or of all.
    async fn first(
        &self,
        mut filter: Filter,
        redriven: Option<bool>,
        most: usize,
    ) -> Result<Vec<Summary>, ApiError> {
        let Some(redriven) = redriven else {
            filter.limit = Some(most);
            return Ok(self.host.list(filter).await?);
        };
        let mut found = Vec::new();
        loop {
            filter.limit = Some(STRIDE);
            let next = self.host.list(filter.clone()).await?;
            let is_last = next.len() < STRIDE;
            filter.after = next.last().map(|last| last.execution_arn.clone());
            let next = next.into_iter();
            found.extend(next.filter(|one| (one.redrives > 0) == redriven));
            if is_last || found.len() >= most {
                found.truncate(most);
                return Ok(found);
            }
        }
    }

    /// Those of a state machine, version or alias, or those of a Map Run.
    async fn whose(&self, called: &Called<'_>) -> Result<Filter, ApiError> {
        let machine = text(called.parameters, "stateMachineArn");
        let map_run = text(called.parameters, "mapRunArn");
        match (machine, map_run) {
            (Some(machine), None) => self.of_machine(called, machine),
            (None, Some(map_run)) => {
                let map_run = self.map_run(called, map_run).await?.map_run_arn;
                Ok(Filter {
                    map_run_arn: Some(map_run.to_string()),
                    ..Filter::default()
                })
            }
            (Some(_), Some(_)) => {
                let message = "Must not provide both StateMachine ARN and MapRun ARN";
                Err(invalid(message, None))
            }
            (None, None) => {
                let message = "Must provide a StateMachine ARN or MapRun ARN";
                Err(invalid(message, Some("MISSING_REQUIRED_PARAMETER")))
            }
        }
    }

    fn of_machine(&self, called: &Called<'_>, text: &str) -> Result<Filter, ApiError> {
        let arn = MachineArn::parse(text)?;
        let state = self.registry.lock();
        let machine = state.machine(&arn).filter(|_| called.sees(text));
        let machine = machine.ok_or_else(|| no_machine(text))?;
        if machine.express {
            return Err(wrong_type());
        }
        let mut filter = Filter {
            state_machine_arn: Some(machine.arn.to_string()),
            ..Filter::default()
        };
        match &arn.qualifier {
            None => {}
            Some(Qualifier::Version(number)) => {
                let version = machine.version(*number).ok_or_else(|| no_resource(text))?;
                filter.version_arn = Some(machine.version_arn(version.number).to_string());
            }
            Some(Qualifier::Alias(name)) => {
                let alias = machine.alias(name).ok_or_else(|| no_resource(text))?;
                filter.alias_arn = Some(machine.alias_arn(&alias.name).to_string());
            }
        }
        Ok(filter)
    }
}

/// `ExecutionListItem`
fn item(summary: &Summary) -> Data {
    answer(members(summary))
}

/// The members of `ExecutionListItem`.
pub(super) fn members(summary: &Summary) -> ObjectBuilder {
    let mut item = Object::builder()
        .with("executionArn", summary.execution_arn.as_str())
        .with("stateMachineArn", summary.state_machine_arn.as_str())
        .with("name", summary.name.as_str())
        .with("status", summary.status)
        .with("startDate", seconds(summary.started_at));
    put_count(&mut item, summary.redrives, summary.redriven_at);
    put(&mut item, "stopDate", summary.stopped_at.map(seconds));
    put(
        &mut item,
        "stateMachineVersionArn",
        summary.version_arn.as_deref(),
    );
    put(
        &mut item,
        "stateMachineAliasArn",
        summary.alias_arn.as_deref(),
    );
    put(&mut item, "mapRunArn", summary.map_run_arn.as_deref());
    item
}
