//! How a test ends: the retriers' and catchers' say, and what is shown.

use asl::{Dataflow, Jitter, State, StateId, StateKind};
use data::{Data, Object};
use query::Surroundings;

use super::scene::merged;
use super::work::{End, Test};
use super::{
    InspectionData, InspectionErrorDetails, InspectionLevel, TestExecutionStatus, TestStateOutput,
};
use crate::dataflow::Exit;
use crate::failure::Failure;
use crate::inspect::Stage;
use crate::retry::{jittered, responsible, verdict};
use crate::state::failing::catch;

impl Test {
    /// What the test answers.
    pub(super) fn finish(mut self, end: End) -> TestStateOutput {
        let mut details = None;
        let mut output = match end {
            Ok((exit, next)) => self.gone(TestExecutionStatus::Succeeded, exit, next),
            Err(failure) => self.failed(failure, &mut details),
        };
        output.until = self.until;
        output.inspection_data = match self.level {
            InspectionLevel::Info => None,
            InspectionLevel::Debug => {
                self.http = None;
                Some(Box::new(self.inspection(details)))
            }
            InspectionLevel::Trace => Some(Box::new(self.inspection(details))),
        };
        output
    }

    /// The state is left, its variables with it.
    fn gone(
        &mut self,
        status: TestExecutionStatus,
        exit: Exit,
        next: Option<StateId>,
    ) -> TestStateOutput {
        if let Some(assigned) = exit.assigned.as_ref().and_then(Data::as_object) {
            self.scene.variables = merged(&self.scene.variables, assigned);
        }
        TestStateOutput {
            output: Some(exit.output),
            next_state: next.map(|next| self.program().state(next).name.clone()),
            status,
            ..TestStateOutput::default()
        }
    }

    /// The first retrier that names the error decides while it has attempts left, else the first catcher.
    fn failed(
        &mut self,
        failure: Failure,
        details: &mut Option<InspectionErrorDetails>,
    ) -> TestStateOutput {
        let program = self.program();
        let state = program.state(self.id());
        let retrier = responsible(&state.retry, &failure, false);
        let mut found = InspectionErrorDetails {
            retry_index: retrier.map(|at| at as u32),
            ..InspectionErrorDetails::default()
        };
        let backoff = retrier.and_then(|at| self.backoff(state, at, &failure));
        if backoff.is_some() {
            found.retry_backoff_interval_seconds = backoff;
            *details = Some(found);
            return ended(TestExecutionStatus::Retriable, failure);
        }
        let mut catchers = state.catch.iter();
        let catcher = catchers.position(|catcher| failure.matches(&catcher.error_equals, false));
        *details = retrier.is_some().then_some(found);
        let Some(at) = catcher else {
            return ended(TestExecutionStatus::Failed, failure);
        };
        let next = Some(state.catch[at].next);
        let caught = catch(state, at, &self.raw, failure.to_data(), &self.scene);
        let caught = caught.map_err(Failure::from);
        match caught.and_then(|exit| self.within_limits(state, exit, next)) {
            Ok((exit, next)) => {
                found.catch_index = Some(at as u32);
                *details = Some(found);
                let output = self.gone(TestExecutionStatus::CaughtError, exit, next);
                TestStateOutput { failure, ..output }
            }
            Err(worse) => ended(TestExecutionStatus::Failed, worse),
        }
    }

    /// How long the retrier would wait, in whole seconds; none if its attempts are spent.
    fn backoff(&self, state: &State, at: usize, failure: &Failure) -> Option<u64> {
        let mut attempts = vec![0; state.retry.len()];
        attempts[at] = self.retries;
        let verdict = verdict(&state.retry, &attempts, failure, false)?;
        let delay = match verdict.jitter {
            Jitter::None => verdict.delay,
            Jitter::Full => jittered(verdict.delay, self.scene.random()),
        };
        Some(delay.as_secs())
    }

    fn inspection(self, error_details: Option<InspectionErrorDetails>) -> InspectionData {
        let program = self.program();
        let state = program.state(self.id());
        let stages = self.scene.seen().into_iter();
        let stages = stages.filter(|(stage, _)| shows(state, *stage));
        let figures = self.figures;
        let variables = Some(self.scene.variables).filter(|variables| !Object::is_empty(variables));
        InspectionData {
            input: self.raw,
            stages: stages
                .map(|(stage, value)| (stage.member(), value))
                .collect(),
            tolerated_failure_count: figures.and_then(|figures| figures.tolerated_count),
            tolerated_failure_percentage: figures.and_then(|figures| figures.tolerated_percentage),
            max_concurrency: figures.map(|figures| figures.max_concurrency),
            http: self.http,
            variables: variables.map(Data::from),
            error_details,
        }
    }
}

fn ended(status: TestExecutionStatus, failure: Failure) -> TestStateOutput {
    TestStateOutput {
        status,
        failure,
        ..TestStateOutput::default()
    }
}

/// Whether AWS shows a stage of this state (recorded; Wait, Parallel and the way out of a Map in JSONPath by
/// likeness). A Pass with a Result shows nothing of its way in.
fn shows(state: &State, stage: Stage) -> bool {
    let in_paths = matches!(state.flow, Dataflow::JsonPath(_));
    let has_way_in = !matches!(&state.kind, StateKind::Pass(pass) if pass.result.is_some());
    let (work, way_out) = match &state.kind {
        StateKind::Task(_) | StateKind::Parallel(_) => (true, true),
        StateKind::Pass(_) => (in_paths && has_way_in, true),
        StateKind::Map(_) => (false, true),
        StateKind::Choice(_) | StateKind::Wait(_) | StateKind::Succeed | StateKind::Fail(_) => {
            (false, false)
        }
    };
    match stage {
        Stage::InputPath => in_paths && has_way_in,
        Stage::Parameters | Stage::Arguments => work,
        Stage::ResultSelector | Stage::ResultPath => in_paths && way_out,
        Stage::ItemsPath | Stage::ItemSelector | Stage::Result => true,
    }
}
