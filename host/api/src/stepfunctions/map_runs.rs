//! DescribeMapRun, ListMapRuns, UpdateMapRun. Map Runs are those of Distributed Map states, which do not run yet: an
//! execution has none, and every ARN of one names nothing.

use data::{Data, Object};

use super::executions::execution_arn;
use super::refuse::{invalid, no_resource};
use super::wire::{answer, member, needed};
use super::{Called, StepFunctions, arn};
use crate::error::ApiError;

/// What may be updated of a Map Run.
const UPDATABLE: [&str; 3] = [
    "maxConcurrency",
    "toleratedFailurePercentage",
    "toleratedFailureCount",
];

impl StepFunctions {
    pub(super) fn describe_map_run(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "mapRunArn");
        arn::map_run(arn)?;
        Err(no_resource(arn))
    }

    pub(super) async fn list_map_runs(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        self.found(execution_arn(called)?).await?;
        let wanted = self.pager.wanted("ListMapRuns", called.parameters)?;
        let mut list = Object::builder();
        wanted.cut("mapRuns", [], &mut list);
        Ok(answer(list))
    }

    pub(super) fn update_map_run(&self, called: &Called<'_>) -> Result<Data, ApiError> {
        let arn = needed(called.parameters, "mapRunArn");
        arn::map_run(arn)?;
        let changes = |name: &str| member(called.parameters, name).is_some();
        if !UPDATABLE.iter().any(|name| changes(name)) {
            let message = "Either the maxConcurrency, the toleratedFailurePercentage, or the \
                toleratedFailureCount must be specified";
            return Err(invalid(message, Some("MISSING_REQUIRED_PARAMETER")));
        }
        Err(no_resource(arn))
    }
}
