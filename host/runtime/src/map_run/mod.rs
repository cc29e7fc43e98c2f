//! A map run: the child executions of a Distributed Map, as far as it can be told without starting any.
//!
//! `reader` makes items of what S3 answers, `items` puts them into batches, `counts` counts what becomes of them and
//! `writer` what is written of their results. The shell starts the children and asks S3.

mod counts;
mod csv;
mod format;
mod items;
mod kept;
mod reader;
mod writer;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use asl::{Distributed, Program, StateId, StateKind};
use data::{Data, EcoString};
use engine::{Failure, MapRunRequest, Status, TaskRequest, Timestamp, errors};

use crate::host::{MapRunFound, MapRunStatus, MapRunUpdate};
use crate::machines::Machine;
use crate::shell::ExecutionId;

pub use counts::Counts;
pub(crate) use items::Items;
pub(crate) use reader::{Action, Reader};
pub(crate) use writer::{File, Outcome, pending};

/// The most children that run side by side ("Quotas related to state machine executions" in the developer guide).
const MOST_CHILDREN: u64 = 10_000;

/// The child executions of a Distributed Map.
pub(crate) struct MapRun {
    /// Whose Map it is.
    pub parent: ExecutionId,
    pub parent_arn: EcoString,
    pub request: MapRunRequest,
    /// The parent's program, whose state says how to read and to write.
    program: Arc<Program>,
    /// What the children run.
    pub machine: Arc<Machine>,
    limits: MapRunUpdate,
    phase: Phase,
    pub reader: Option<Reader>,
    pub items: Items,
    pub running: BTreeMap<ExecutionId, Child>,
    /// How many children were started.
    pub started: u64,
    /// What came of each, by the order of their start.
    outcomes: Vec<Option<Outcome>>,
    item_counts: Counts,
    execution_counts: Counts,
    /// What is yet to be written.
    pub files: VecDeque<File>,
    /// What S3 is being asked.
    pub errand: Option<Box<TaskRequest>>,
    pub errands: u64,
    started_at: Timestamp,
    /// Whether it began before: some of its children may be there.
    pub goes_on: bool,
    /// When its execution was redriven last.
    pub redriven_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
}

/// A child execution that is not over.
pub(crate) struct Child {
    /// Which child it is, from 0.
    ordinal: usize,
    /// How many items it works on.
    items: u64,
}

/// Where a map run stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// The items are being read.
    Reading,
    /// Children are started as there is room for them.
    Running,
    /// It comes to this, as soon as no child runs any more.
    Stopping(Failure),
    /// The results are being written; then it comes to this.
    Writing(Result<Data, Failure>),
    /// It came to this.
    Over(MapRunStatus),
}

impl MapRun {
    /// A run that has not read its items.
    pub(crate) fn new(
        parent: (ExecutionId, EcoString),
        request: MapRunRequest,
        program: Arc<Program>,
        machine: Machine,
        started_at: Timestamp,
    ) -> MapRun {
        let plan = &request.plan;
        let reader = fields(&program, request.state)
            .and_then(|map| Reader::new(map.item_reader.as_ref()?, &plan.items));
        MapRun {
            parent: parent.0,
            parent_arn: parent.1,
            machine: Arc::new(machine),
            limits: MapRunUpdate {
                max_concurrency: Some(plan.max_concurrency),
                tolerated_failure_count: plan.tolerated_failure_count,
                tolerated_failure_percentage: plan.tolerated_failure_percentage,
            },
            phase: Phase::Reading,
            reader,
            items: Items::of(&plan.items, plan.batching.clone()),
            running: BTreeMap::new(),
            started: 0,
            outcomes: Vec::new(),
            item_counts: Counts::default(),
            execution_counts: Counts::default(),
            files: VecDeque::new(),
            errand: None,
            errands: 0,
            started_at,
            goes_on: false,
            redriven_at: None,
            stopped_at: None,
            program,
            request,
        }
    }

    pub(crate) fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The items are there.
    pub(crate) fn begin(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.items.set(reader.finish());
        }
        self.phase = Phase::Running;
    }

    /// Whether another child may be started.
    pub(crate) fn has_room(&self) -> bool {
        let most = self.limits.max_concurrency.filter(|most| *most > 0);
        let most = most.unwrap_or(MOST_CHILDREN).min(MOST_CHILDREN);
        self.phase == Phase::Running && (self.running.len() as u64) < most
    }

    /// Whether every item was worked on.
    pub(crate) fn is_done(&self) -> bool {
        self.phase == Phase::Running && self.running.is_empty() && self.items.left() == 0
    }

    /// A child got its place.
    pub(crate) fn child_started(&mut self, id: ExecutionId, items: u64) {
        let child = Child {
            ordinal: self.outcomes.len(),
            items,
        };
        self.outcomes.push(None);
        self.running.insert(id, child);
        self.item_counts.running += items;
        self.execution_counts.running += 1;
    }

    /// A child is over.
    pub(crate) fn child_over(&mut self, id: ExecutionId, status: &Status, outcome: Outcome) {
        let Some(child) = self.running.remove(&id) else {
            return;
        };
        self.item_counts.ended(status, child.items);
        self.execution_counts.ended(status, 1);
        if let Some(place) = self.outcomes.get_mut(child.ordinal) {
            *place = Some(outcome);
        }
    }

    /// The failure that it comes to if more went wrong than may.
    pub(crate) fn exceeded(&self) -> Option<Failure> {
        let failed = self.item_counts.unsuccessful();
        let all = self.item_counts.worked_on() + self.items.left();
        let count = self.limits.tolerated_failure_count;
        let share = self.limits.tolerated_failure_percentage;
        let over_count = count.is_some_and(|most| failed > most);
        let over_share = share.is_some_and(|most| failed as f64 * 100.0 > most * all as f64);
        let over_none = count.is_none() && share.is_none() && failed > 0;
        let cause = "The specified tolerated failure threshold was exceeded";
        (over_count || over_share || over_none)
            .then(|| Failure::new(errors::EXCEED_TOLERATED_FAILURE_THRESHOLD, cause))
    }

    pub(crate) fn is_running(&self) -> bool {
        !matches!(self.phase, Phase::Over(_))
    }

    /// It comes to a failure; no child is started any more.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.phase = Phase::Stopping(failure);
    }

    /// It begins to write, if there is anything to write at all.
    pub(crate) fn write(&mut self, verdict: Result<(), Failure>, pending: Vec<Data>) {
        let outcomes = std::mem::take(&mut self.outcomes);
        let map = fields(&self.program, self.request.state);
        let writer = map.and_then(|map| map.result_writer.as_ref());
        let Some(place) = self.request.plan.writer.clone() else {
            let output = verdict.map(|()| writer::output(writer, outcomes));
            self.phase = Phase::Writing(output);
            return;
        };
        let arn = &self.request.map_run_arn;
        let export = writer::export(writer, &place, arn, outcomes, pending);
        self.files = export.files.into();
        self.phase = Phase::Writing(verdict.map(|()| export.output));
    }

    /// All results are written, or nothing was to be.
    pub(crate) fn written(&mut self) {
        self.item_counts.written(self.request.plan.writer.is_some());
        self.execution_counts
            .written(self.request.plan.writer.is_some());
    }

    /// It is over.
    pub(crate) fn end(&mut self, status: MapRunStatus, now: Timestamp) {
        self.phase = Phase::Over(status);
        self.stopped_at = Some(now);
        self.outcomes = Vec::new();
        self.files = VecDeque::new();
        self.reader = None;
    }

    /// What the Map's writer makes of results.
    pub(crate) fn keeps(&self) -> writer::Form {
        let map = fields(&self.program, self.request.state);
        let writer = map.and_then(|map| map.result_writer.as_ref());
        writer::Form::of(writer)
    }

    /// UpdateMapRun: what is said counts from now on.
    pub(crate) fn update(&mut self, update: MapRunUpdate) {
        let limits = &mut self.limits;
        limits.max_concurrency = update.max_concurrency.or(limits.max_concurrency);
        let (count, share) = (
            update.tolerated_failure_count,
            update.tolerated_failure_percentage,
        );
        limits.tolerated_failure_count = count.or(limits.tolerated_failure_count);
        limits.tolerated_failure_percentage = share.or(limits.tolerated_failure_percentage);
    }

    /// What DescribeMapRun shows.
    pub(crate) fn found(&self) -> MapRunFound {
        let status = match &self.phase {
            Phase::Over(status) => *status,
            Phase::Reading | Phase::Running | Phase::Stopping(_) | Phase::Writing(_) => {
                MapRunStatus::Running
            }
        };
        let left = match status {
            MapRunStatus::Running => (self.items.left(), self.items.batches_left()),
            // What was not begun is not worked on any more.
            _ => (0, 0),
        };
        MapRunFound {
            map_run_arn: self.request.map_run_arn.clone(),
            execution_arn: self.parent_arn.clone(),
            state_machine_arn: self.machine.arn.clone(),
            status,
            started_at: self.started_at,
            stopped_at: self.stopped_at,
            max_concurrency: self.limits.max_concurrency.unwrap_or(0),
            tolerated_failure_count: self.limits.tolerated_failure_count.unwrap_or(0),
            tolerated_failure_percentage: self.limits.tolerated_failure_percentage.unwrap_or(0.0),
            item_counts: self.item_counts.with_pending(left.0),
            execution_counts: self.execution_counts.with_pending(left.1),
            redrives: self.request.redrive_count,
            redriven_at: self.redriven_at,
        }
    }
}

/// The fields of a Distributed Map.
fn fields(program: &Program, state: StateId) -> Option<&Distributed> {
    match &program.state(state).kind {
        StateKind::Map(map) => map.distributed.as_deref(),
        _ => None,
    }
}
