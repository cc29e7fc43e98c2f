//! Where an execution stands: one frame for the machine and for each branch and iteration under way.

use std::collections::BTreeMap;

use asl::{BlockId, StateId, StateKind};
use data::{Array, Data, EcoString};

use crate::ids::{EventId, FrameId, TaskToken};
use crate::map_run::MapRunPlan;
use crate::record::Payload;
use crate::time::Timestamp;

/// A walker through the states of one block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    /// The Parallel or Map that made it, and which of its children it is.
    pub parent: Option<(FrameId, u32)>,
    /// The state it is in.
    pub state: StateId,
    /// The state's raw input, or the block's output when done.
    pub data: Data,
    /// The record that holds `data`.
    pub data_from: u32,
    /// What the next event names as `previousEventId`.
    pub last_event: EventId,
    /// The `...StateEntered` event of the state.
    pub entered_event: EventId,
    /// When it entered the state.
    pub entered_at: Timestamp,
    /// Attempts used up, a number for each retrier; empty as long as none is.
    pub attempts: Vec<u32>,
    /// How often each Task state was entered before; part of what chance is keyed by.
    pub visits: Vec<(StateId, u32)>,
    /// The variables of its scope, none as long as none is set; those of the scopes around it are its ancestors'.
    #[expect(
        clippy::box_collection,
        reason = "most frames have none, and frames are copied"
    )]
    pub variables: Option<Box<BTreeMap<EcoString, Data>>>,
    /// The item that the iteration works on, for the Context Object.
    pub item: Option<Data>,
    /// What it does.
    pub activity: Activity,
}

impl Frame {
    pub(crate) fn new(
        parent: Option<(FrameId, u32)>,
        state: StateId,
        input: &Payload,
        record: u32,
        last_event: EventId,
    ) -> Frame {
        Frame {
            parent,
            state,
            data: input.data.clone(),
            data_from: input.same_as.unwrap_or(record),
            last_event,
            entered_event: EventId(0),
            entered_at: Timestamp(0),
            attempts: Vec::new(),
            visits: Vec::new(),
            variables: None,
            item: None,
            activity: Activity::Entering,
        }
    }

    pub(crate) fn count_visit(&mut self) {
        match self
            .visits
            .iter_mut()
            .find(|(state, _)| *state == self.state)
        {
            Some((_, visits)) => *visits = visits.saturating_add(1),
            None => self.visits.push((self.state, 1)),
        }
    }

    /// None of its children is under way any more, and its own state is in the middle of a step.
    pub(crate) fn end_children(&mut self) {
        let activity = std::mem::replace(&mut self.activity, Activity::Running);
        self.activity = activity.ended();
    }

    /// Drops what its children left: a redrive begins its state anew.
    pub(crate) fn forget_children(&mut self) {
        if matches!(self.activity, Activity::Ended(_)) {
            self.activity = Activity::Running;
        }
    }

    /// Lets its state be done again, as a redrive does it. Returns the branches that go on with it.
    ///
    /// A state that was entered and not left is not entered again; only Fail is (developer guide, "Redrive behavior
    /// of individual states"). What was tried counts no more. A Task's visit is a new one, for chance.
    pub(crate) fn redrive(&mut self, state: &StateKind) -> Vec<Frame> {
        self.attempts.clear();
        match &mut self.activity {
            Activity::Entering | Activity::Done => return Vec::new(),
            Activity::Running
            | Activity::Waiting { .. }
            | Activity::Task(_)
            | Activity::Backoff { .. } => self.activity = Activity::Running,
            Activity::MapRun(_) | Activity::Ended(Remains::MapRun(_)) => {
                self.end_children();
                return Vec::new();
            }
            Activity::Children(children) => return children.redrive(),
            Activity::Ended(Remains::Children(children)) => {
                let again = children.redrive();
                let remains = std::mem::replace(&mut self.activity, Activity::Running);
                if let Activity::Ended(Remains::Children(children)) = remains {
                    self.activity = Activity::Children(children);
                }
                return again;
            }
        }
        match state {
            StateKind::Fail(_) => self.activity = Activity::Entering,
            StateKind::Task(_) => self.count_visit(),
            _ => {}
        }
        Vec::new()
    }

    /// Whether it is inside its state and waits for nobody: a step of its own comes next.
    pub(crate) fn works_itself(&self) -> bool {
        match &self.activity {
            Activity::Running
            | Activity::Waiting { .. }
            | Activity::Backoff { .. }
            | Activity::Ended(_) => true,
            Activity::Entering
            | Activity::Task(_)
            | Activity::MapRun(_)
            | Activity::Children(_)
            | Activity::Done => false,
        }
    }

    /// Whether a step of its own comes next: it stands before its state, or behind its block, or where a redrive found
    /// it, or its children leave it something to do.
    pub(crate) fn can_go_on(&self) -> bool {
        match &self.activity {
            Activity::Entering | Activity::Done | Activity::Running | Activity::Ended(_) => true,
            Activity::Children(children) => children.can_go_on(),
            Activity::Waiting { .. }
            | Activity::Task(_)
            | Activity::MapRun(_)
            | Activity::Backoff { .. } => false,
        }
    }

    /// Whether it has children of which none is under way.
    pub(crate) fn has_no_child_left(&self) -> bool {
        match &self.activity {
            Activity::Children(children) => children.running == 0,
            Activity::MapRun(run) => run.ended,
            Activity::Entering
            | Activity::Running
            | Activity::Waiting { .. }
            | Activity::Task(_)
            | Activity::Backoff { .. }
            | Activity::Ended(_)
            | Activity::Done => false,
        }
    }

    /// Attempts used up over all retriers: `$$.State.RetryCount`.
    pub(crate) fn retry_count(&self) -> u32 {
        self.attempts
            .iter()
            .fold(0, |sum: u32, n| sum.saturating_add(*n))
    }

    /// Which visit of its state this is, from 0.
    pub(crate) fn visit(&self) -> u32 {
        self.visits
            .iter()
            .find(|(state, _)| *state == self.state)
            .map_or(0, |(_, n)| n - 1)
    }

    /// The data as a payload that names the record which already holds it.
    pub(crate) fn payload(&self) -> Payload {
        Payload {
            data: self.data.clone(),
            same_as: Some(self.data_from),
        }
    }

    /// When something happens to it though nobody does anything.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        match &self.activity {
            Activity::Waiting { until } | Activity::Backoff { until } => Some(*until),
            Activity::Task(task) => [task.timeout_at, task.heartbeat_at]
                .into_iter()
                .flatten()
                .min(),
            Activity::Entering
            | Activity::Running
            | Activity::MapRun(_)
            | Activity::Children(_)
            | Activity::Ended(_)
            | Activity::Done => None,
        }
    }
}

/// What a frame does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Activity {
    /// It stands before its state.
    Entering,
    /// It is inside its state, in the middle of a step.
    Running,
    /// It waits for a moment.
    Waiting { until: Timestamp },
    /// It waits for a worker.
    Task(TaskActivity),
    /// It waits for the child executions of a Distributed Map.
    MapRun(Box<MapRunActivity>),
    /// It will try its state again.
    Backoff { until: Timestamp },
    /// It waits for its children.
    Children(Box<Children>),
    /// Its children have ended, its state has not: what they left, should the execution end here and be redriven.
    Ended(Remains),
    /// It has left its block.
    Done,
}

impl Activity {
    /// The same without children under way, of whom only what a redrive needs is kept.
    pub(crate) fn ended(self) -> Activity {
        match self {
            Activity::Children(children) => Activity::Ended(Remains::Children(children)),
            Activity::MapRun(run) => Activity::Ended(Remains::MapRun(run)),
            Activity::Ended(remains) => Activity::Ended(remains),
            Activity::Entering
            | Activity::Running
            | Activity::Waiting { .. }
            | Activity::Task(_)
            | Activity::Backoff { .. }
            | Activity::Done => Activity::Running,
        }
    }
}

/// What is left of children that have ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Remains {
    /// The results and what became of the others, of a Parallel or an inline Map.
    Children(Box<Children>),
    /// The run of a Distributed Map.
    MapRun(Box<MapRunActivity>),
}

/// A task under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TaskActivity {
    pub token: TaskToken,
    pub phase: Phase,
    pub timeout_at: Option<Timestamp>,
    pub heartbeat_at: Option<Timestamp>,
    pub timeout_seconds: Option<u64>,
    pub heartbeat_seconds: Option<u64>,
    pub input: Payload,
}

impl TaskActivity {
    /// Lets the time that it has run from `start` on.
    pub(crate) fn count_from(&mut self, start: Timestamp) {
        let after = |seconds: Option<u64>| seconds.map(|seconds| start.plus_seconds(seconds));
        self.timeout_at = after(self.timeout_seconds);
        self.heartbeat_at = after(self.heartbeat_seconds);
    }

    /// Whether it ends for silence rather than for having taken too long.
    pub(crate) fn is_silent(&self) -> bool {
        self.heartbeat_at
            .is_some_and(|beat| self.timeout_at.is_none_or(|end| beat < end))
    }
}

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Scheduled,
    Started,
    Submitted,
}

/// The child executions of a Distributed Map.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MapRunActivity {
    pub token: TaskToken,
    pub map_run_arn: EcoString,
    /// What `ItemSelector` refers to.
    pub input: Data,
    pub plan: MapRunPlan,
    /// Whether they are over; the state is not yet.
    pub ended: bool,
    /// How often the run was redriven.
    pub redrives: u32,
}

/// The branches of a Parallel or the iterations of a Map.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Children {
    /// The processor of a Map; a Parallel starts all its branches at once.
    pub map: Option<MapActivity>,
    /// The outputs so far, by index.
    pub results: Vec<Option<Data>>,
    /// How many are under way.
    pub running: u32,
    /// How many failed.
    pub failed: u32,
    /// The event at which the children begin their chains.
    pub started_event: EventId,
    /// Those that failed or were aborted, as they stood.
    pub unfinished: Vec<Frame>,
    /// Iterations to be redriven as soon as there is room for them, the next one last.
    pub again: Vec<Frame>,
}

impl Children {
    /// Whether there is room for an iteration that is to begin or to go on, or none is left and under way.
    fn can_go_on(&self) -> bool {
        let Some(map) = &self.map else {
            return self.running == 0;
        };
        match self.has_more() {
            true => self.running < map.concurrency,
            false => self.running == 0,
        }
    }

    /// Whether an iteration of the Map has yet to begin or to go on.
    pub(crate) fn has_more(&self) -> bool {
        let begins = |map: &MapActivity| (map.next as usize) < map.items.len();
        !self.again.is_empty() || self.map.as_ref().is_some_and(begins)
    }

    /// Prepares a redrive: those that failed or were aborted are to go on. Returns those that do so at once; the
    /// iterations of a Map wait for room.
    pub(crate) fn redrive(&mut self) -> Vec<Frame> {
        self.failed = 0;
        self.again.append(&mut self.unfinished);
        let slot = |frame: &Frame| frame.parent.map_or(0, |(_, slot)| slot);
        self.again
            .sort_by_key(|frame| std::cmp::Reverse(slot(frame)));
        if self.map.is_some() {
            return Vec::new();
        }
        let mut at_once = std::mem::take(&mut self.again);
        at_once.reverse();
        self.running = self.running.saturating_add(at_once.len() as u32);
        at_once
    }
}

/// What is particular to a Map.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MapActivity {
    pub items: Array,
    pub input: Data,
    pub block: BlockId,
    pub next: u32,
    pub concurrency: u32,
    pub tolerated: Option<u32>,
    pub keyed: bool,
}
