//! What AWS has no operation for: how executions fare, and those of all machines.

use data::{Data, Object};
use journal::{Filter, Summary};

use super::StepFunctions;
use super::lists::members;
use super::wire::{answer, put};
use crate::error::ApiError;
use crate::statistics::to_data;

impl StepFunctions {
    /// [Figures](to_data) of the executions that a filter lets through.
    pub async fn statistics_of(&self, filter: Filter) -> Result<Data, ApiError> {
        Ok(to_data(&self.host.statistics(filter).await?))
    }

    /// The executions that a filter lets through, whatever their machine and region, the youngest first:
    /// `{"executions": [...], "after": ARN}`. Their members are those of ListExecutions, and `error` if they have one.
    /// `after` is there if there are more than the filter's limit: the filter's `after` of the next page.
    pub async fn all_executions(&self, mut filter: Filter) -> Result<Data, ApiError> {
        let size = filter.limit.unwrap_or(usize::MAX);
        filter.limit = filter.limit.map(|limit| limit.saturating_add(1));
        let found = self.host.list(filter).await?;
        let page = &found[..found.len().min(size)];
        let last = page.last().filter(|_| found.len() > page.len());
        let executions: Data = page.iter().map(item).collect();
        let mut list = Object::builder().with("executions", executions);
        put(
            &mut list,
            "after",
            last.map(|last| last.execution_arn.as_str()),
        );
        Ok(answer(list))
    }
}

fn item(summary: &Summary) -> Data {
    let mut item = members(summary);
    put(&mut item, "error", summary.error.clone());
    answer(item)
}
