//! DescribeMapRun, ListMapRuns, UpdateMapRun: the child executions of Distributed Map states.

use data::{Data, Number, Object};
use runtime::host::{Counts, MapRunFound, MapRunStatus, MapRunUpdate};

use super::executions::execution_arn;
use super::redrives::put_count;
use super::refuse::{invalid, no_execution, no_resource};
use super::wire::{answer, member, needed, nothing, put, seconds};
use super::{Called, StepFunctions, arn};
use crate::error::ApiError;

impl StepFunctions {
    pub(super) async fn describe_map_run(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let found = self
            .map_run(called, needed(called.parameters, "mapRunArn"))
            .await?;
        Ok(described(&found))
    }

    pub(super) async fn list_map_runs(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = execution_arn(called)?;
        let found = self.host.map_runs(arn).await?;
        let found = found.ok_or_else(|| no_execution(arn))?;
        let wanted = self.pager.wanted("ListMapRuns", called.parameters)?;
        let items = found.iter().enumerate();
        // An execution's map runs are not sorted by name, so their places are their keys.
        let items = items.map(|(place, found)| (format!("{place:08}"), item(found)));
        let mut list = Object::builder();
        wanted.cut("mapRuns", items, &mut list);
        Ok(answer(list))
    }

    pub(super) async fn update_map_run(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "mapRunArn");
        arn::map_run(arn)?;
        let update = update(called.parameters);
        if update == MapRunUpdate::default() {
            let message = "Either the maxConcurrency, the toleratedFailurePercentage, or the \
                toleratedFailureCount must be specified";
            return Err(invalid(message, Some("MISSING_REQUIRED_PARAMETER")));
        }
        let found = self.map_run(called, arn).await?;
        if found.status != MapRunStatus::Running {
            let status = found.status.as_str();
            let message = format!("Map Run '{arn}' is {status} and cannot be updated");
            return Err(invalid(message, None));
        }
        self.host.update_map_run(arn, update).await?;
        Ok(nothing())
    }

    /// The Map Run of that ARN.
    pub(super) async fn map_run(
        &self,
        called: &Called<'_>,
        arn: &str,
    ) -> Result<MapRunFound, ApiError> {
        arn::map_run(arn)?;
        let found = match called.sees(arn) {
            true => self.host.map_run(arn).await?,
            false => None,
        };
        found.ok_or_else(|| no_resource(arn))
    }
}

fn update(parameters: &Data) -> MapRunUpdate {
    let number = |name: &str| member(parameters, name).and_then(Data::as_number);
    let whole = |name: &str| number(name)?.to_i64()?.try_into().ok();
    MapRunUpdate {
        max_concurrency: whole("maxConcurrency"),
        tolerated_failure_count: whole("toleratedFailureCount"),
        tolerated_failure_percentage: number("toleratedFailurePercentage").map(Number::as_f64),
    }
}

/// `MapRunListItem`
fn item(found: &MapRunFound) -> Data {
    let mut item = Object::builder()
        .with("executionArn", found.execution_arn.clone())
        .with("mapRunArn", found.map_run_arn.clone())
        .with("stateMachineArn", found.state_machine_arn.clone())
        .with("startDate", seconds(found.started_at));
    put(&mut item, "stopDate", found.stopped_at.map(seconds));
    answer(item)
}

/// `DescribeMapRunOutput`
fn described(found: &MapRunFound) -> Data {
    let share = Number::float(found.tolerated_failure_percentage);
    let mut described = Object::builder()
        .with("mapRunArn", found.map_run_arn.clone())
        .with("executionArn", found.execution_arn.clone())
        .with("status", found.status.as_str())
        .with("startDate", seconds(found.started_at))
        .with("maxConcurrency", count(found.max_concurrency))
        .with(
            "toleratedFailureCount",
            count(found.tolerated_failure_count),
        )
        .with("itemCounts", counts(&found.item_counts))
        .with("executionCounts", counts(&found.execution_counts));
    put(&mut described, "toleratedFailurePercentage", share);
    put(&mut described, "stopDate", found.stopped_at.map(seconds));
    // As recorded, one that was never redriven has no count.
    if found.redrives > 0 {
        put_count(&mut described, found.redrives, found.redriven_at);
    }
    answer(described)
}

/// `MapRunItemCounts` and `MapRunExecutionCounts`
fn counts(counts: &Counts) -> Object {
    Object::builder()
        .with("pending", count(counts.pending))
        .with("running", count(counts.running))
        .with("succeeded", count(counts.succeeded))
        .with("failed", count(counts.failed))
        .with("timedOut", count(counts.timed_out))
        .with("aborted", count(counts.aborted))
        .with("total", count(counts.total()))
        .with("resultsWritten", count(counts.results_written))
        .build()
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
