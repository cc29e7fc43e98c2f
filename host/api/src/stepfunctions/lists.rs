//! ListExecutions.

use data::{Data, Object};
use journal::{Filter, Summary};

use super::arn::{MachineArn, Qualifier};
use super::refuse::{invalid, no_machine, no_resource, wrong_type};
use super::wire::{answer, put, seconds, text};
use super::{Called, StepFunctions};
use crate::error::ApiError;

impl StepFunctions {
    /// The youngest first. No execution has been redriven yet.
    pub(super) async fn list_executions(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let parameters = called.parameters;
        let mut filter = self.whose(called).await?;
        let wanted = self.pager.wanted("ListExecutions", parameters)?;
        filter.status = text(parameters, "statusFilter").map(str::to_owned);
        filter.after.clone_from(&wanted.after);
        // One more than the page holds tells whether there is another page.
        filter.limit = Some(wanted.size + 1);
        let found = match text(parameters, "redriveFilter") {
            Some("REDRIVEN") => Vec::new(),
            _ => self.host.list(filter).await?,
        };
        let page = &found[..found.len().min(wanted.size)];
        let last = page.last().filter(|_| found.len() > page.len());
        let token = last.map(|last| wanted.token(&last.execution_arn));
        let items: Data = page.iter().map(item).collect();
        let mut list = Object::builder().with("executions", items);
        put(&mut list, "nextToken", token);
        Ok(answer(list))
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
    let mut item = Object::builder()
        .with("executionArn", summary.execution_arn.as_str())
        .with("stateMachineArn", summary.state_machine_arn.as_str())
        .with("name", summary.name.as_str())
        .with("status", summary.status)
        .with("startDate", seconds(summary.started_at))
        .with("redriveCount", 0);
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
    answer(item)
}
