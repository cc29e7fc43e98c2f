//! An execution and its whole surface.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use asl::{Program, Resource, ResourceKind, StateId, StateKind};
use data::{Data, EcoString};

use crate::entropy::Entropy;
use crate::fact::Site;
use crate::failure::Failure;
use crate::frame::{Activity, Frame, Phase, TaskActivity};
use crate::ids::{FrameId, TaskToken};
use crate::map_run::MapRunRequest;
use crate::midway::Midway;
use crate::quotas::Quotas;
use crate::record::Record;
use crate::redrive::Retained;
use crate::step::Turn;
use crate::time::Timestamp;

/// What an execution is called and what it may use: fixed before it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME`
    pub execution_arn: EcoString,
    /// The execution's name.
    pub execution_name: EcoString,
    /// `arn:aws:states:REGION:ACCOUNT:stateMachine:MACHINE`
    pub state_machine_arn: EcoString,
    /// The state machine's name.
    pub state_machine_name: EcoString,
    /// The role that AWS would run it with.
    pub role_arn: EcoString,
    /// The region that its events name.
    pub region: EcoString,
    /// What it may use.
    pub quotas: Quotas,
}

impl About {
    /// Names for an execution that no AWS account knows of: account 000000000000, region us-east-1.
    pub fn local(machine: &str, name: &str) -> About {
        let arn = |kind: &str, rest: &str| -> EcoString {
            format!("arn:aws:states:us-east-1:000000000000:{kind}:{rest}").into()
        };
        About {
            execution_arn: arn("execution", &format!("{machine}:{name}")),
            execution_name: name.into(),
            state_machine_arn: arn("stateMachine", machine),
            state_machine_name: machine.into(),
            role_arn: "arn:aws:iam::000000000000:role/wf-host".into(),
            region: "us-east-1".into(),
            quotas: Quotas::default(),
        }
    }
}

/// A running or ended execution of a state machine.
///
/// It does nothing by itself: whoever owns it hands it [`Input`]s with the time, writes down the records that
/// come back, and then carries out the commands. A clone costs a copy of the frames, not of the data.
#[derive(Clone, Debug)]
pub struct Execution {
    pub(crate) program: Arc<Program>,
    pub(crate) about: Arc<About>,
    pub(crate) status: Status,
    pub(crate) input: Data,
    pub(crate) started_at: Timestamp,
    pub(crate) stopped_at: Option<Timestamp>,
    pub(crate) frames: Vec<Option<Frame>>,
    pub(crate) free: Vec<u32>,
    pub(crate) deadlines: BTreeSet<(Timestamp, FrameId)>,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) next_record: u32,
    pub(crate) next_event: u32,
    pub(crate) redrives: u32,
    pub(crate) redriven_at: Option<Timestamp>,
    /// What a turn that was cut short left to do.
    pub(crate) midway: Option<Box<Midway>>,
    /// Whether its last step was told by a record: it may have been in the middle of a turn.
    pub(crate) folded: bool,
    /// How many steps a turn may take.
    pub(crate) step_limit: Option<NonZeroU32>,
    /// What a redrive goes on from, where the execution ended badly.
    pub(crate) retained: Option<Box<Retained>>,
    /// Whether the next redrive is for the program that it was put onto.
    pub(crate) rebased: bool,
    /// The activities that exist; none: every one that is named does.
    pub(crate) activities: Option<Arc<BTreeSet<EcoString>>>,
}

/// Executions are equal when they stand at the same place, whatever machine text they came from and however their
/// turns were cut.
impl PartialEq for Execution {
    fn eq(&self, other: &Self) -> bool {
        self.about == other.about
            && self.status == other.status
            && self.input == other.input
            && (self.started_at, self.stopped_at) == (other.started_at, other.stopped_at)
            && self.frames == other.frames
            && self.free == other.free
            && (&self.deadlines, self.deadline) == (&other.deadlines, other.deadline)
            && (self.next_record, self.next_event) == (other.next_record, other.next_event)
            && (self.redrives, self.redriven_at) == (other.redrives, other.redriven_at)
            && self.retained == other.retained
    }
}

/// Where an execution is in its life, as DescribeExecution's `status`.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Not started yet.
    Created,
    /// RUNNING
    Running,
    /// SUCCEEDED
    Succeeded {
        /// The execution's output.
        output: Data,
    },
    /// FAILED
    Failed(Failure),
    /// TIMED_OUT
    TimedOut(Failure),
    /// ABORTED
    Aborted(Failure),
}

impl Status {
    /// The word that AWS uses; an execution that was only created counts as running.
    pub fn as_str(&self) -> &'static str {
        match self {
            Status::Created | Status::Running => "RUNNING",
            Status::Succeeded { .. } => "SUCCEEDED",
            Status::Failed(_) => "FAILED",
            Status::TimedOut(_) => "TIMED_OUT",
            Status::Aborted(_) => "ABORTED",
        }
    }

    /// How it failed, if it did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Status::Created | Status::Running | Status::Succeeded { .. } => None,
            Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
                Some(failure)
            }
        }
    }

    /// Whether it is over.
    pub fn is_final(&self) -> bool {
        !matches!(self, Status::Created | Status::Running)
    }
}

/// What may happen to an execution from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// It starts with this input.
    Start(Data),
    /// A worker began; an activity's worker may give its name.
    TaskStarted {
        /// The attempt.
        token: TaskToken,
        /// `workerName`
        worker: Option<EcoString>,
    },
    /// A service took the request of a `.sync` or `.waitForTaskToken` task.
    TaskSubmitted {
        /// The attempt.
        token: TaskToken,
        /// What it answered.
        output: Data,
    },
    /// A worker succeeded.
    TaskSucceeded {
        /// The attempt.
        token: TaskToken,
        /// The result.
        output: Data,
    },
    /// A worker failed.
    TaskFailed {
        /// The attempt.
        token: TaskToken,
        /// How.
        failure: Failure,
    },
    /// A worker is alive.
    TaskHeartbeat {
        /// The attempt.
        token: TaskToken,
    },
    /// The child executions of a Distributed Map are done.
    MapRunSucceeded {
        /// The attempt.
        token: TaskToken,
        /// The result.
        output: Data,
    },
    /// The child executions of a Distributed Map failed.
    MapRunFailed {
        /// The attempt.
        token: TaskToken,
        /// How.
        failure: Failure,
    },
    /// The moment of [`Execution::next_deadline`] has come.
    DeadlineReached,
    /// It goes on where its last turn was cut short, or where its log ends in the middle of one. It means nothing to
    /// one that is not [midway](Execution::is_midway).
    GoOn,
    /// StopExecution.
    Stop(Failure),
    /// RedriveExecution: an execution that ended badly goes on. It means nothing to one that is not
    /// [redrivable](Execution::redrivable).
    Redrive {
        /// The digest of the definition that it was put onto by [`Execution::rebase`]; none if it was not. Where the
        /// two do not agree the input means nothing.
        definition: Option<EcoString>,
    },
}

/// What an execution wants done, after its records are kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Hand a task to its worker.
    StartTask(Box<TaskRequest>),
    /// Run a Distributed Map's child executions.
    StartMapRun(Box<MapRunRequest>),
    /// Nobody waits for this attempt any more, of a task or of a map run.
    CancelTask(TaskToken),
    /// The execution is over.
    Finish,
}

/// A task for a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRequest {
    /// The attempt's handle.
    pub token: TaskToken,
    /// The state.
    pub state: StateId,
    /// The state's name.
    pub state_name: EcoString,
    /// Who does it.
    pub resource: Resource,
    /// What the worker gets.
    pub input: Data,
    /// Which attempt of this state entry it is, from 0.
    pub attempt: u32,
    /// The index of the innermost Map iteration around it.
    pub item: Option<u32>,
    /// Where in the machine the attempt is made, such as `Items[3]/Charge#0`: state path, map index and
    /// visit. With the attempt it keys all chance of the worker.
    pub site: String,
}

/// What [`Execution::handle`] gives back.
#[derive(Debug, Default)]
pub struct Effects {
    /// To be kept first.
    pub records: Vec<Record>,
    /// Where each of the records was made.
    pub sites: Vec<Site>,
    /// To be carried out then.
    pub commands: Vec<Command>,
}

/// A record that does not follow from what was applied before: a damaged or foreign log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {seq} does not fit: {reason}")]
pub struct Corrupt {
    /// The record's number.
    pub seq: u32,
    /// Why.
    pub reason: &'static str,
}

impl Execution {
    /// An execution that has not started.
    pub fn new(program: Arc<Program>, about: Arc<About>) -> Execution {
        Execution {
            program,
            about,
            status: Status::Created,
            input: Data::Null,
            started_at: Timestamp::default(),
            stopped_at: None,
            frames: Vec::new(),
            free: Vec::new(),
            deadlines: BTreeSet::new(),
            deadline: None,
            next_record: 0,
            next_event: 1,
            redrives: 0,
            redriven_at: None,
            midway: None,
            folded: false,
            step_limit: None,
            retained: None,
            rebased: false,
            activities: None,
        }
    }

    /// Says which activities exist, by ARN; none: every one that is named does.
    ///
    /// A world that the host knows, not a part of where the execution stands: whoever rebuilds one says it again.
    pub fn set_activities(&mut self, activities: Option<Arc<BTreeSet<EcoString>>>) {
        self.activities = activities;
    }

    /// Takes one input at time `now` and goes as far as it can.
    ///
    /// Returns whether the input meant anything: an answer to an attempt that nobody waits for any more does
    /// not, and changes nothing.
    pub fn handle(
        &mut self,
        now: Timestamp,
        entropy: &Entropy,
        input: Input,
        out: &mut Effects,
    ) -> bool {
        let program = Arc::clone(&self.program);
        Turn::new(self, &program, now, entropy, out).take(input)
    }

    /// When [`Input::DeadlineReached`] is due: the end of a wait or back-off, a timeout, a missed heartbeat.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let first = self.deadlines.first().map(|(at, _)| *at);
        [first, self.deadline].into_iter().flatten().min()
    }

    /// When the execution would move by itself, the end of its own time apart; none if it waits for somebody
    /// outside and set itself no limit.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let own = self.program.timeout_seconds.and(self.deadline);
        self.deadlines
            .first()
            .map(|(at, _)| *at)
            .into_iter()
            .chain(own)
            .min()
    }

    /// The task whose time is over at [`next_deadline`](Self::next_deadline), if it is a task's.
    pub fn due_task(&self) -> Option<TaskToken> {
        let (at, id) = self.deadlines.first()?;
        if self.deadline.is_some_and(|own| own < *at) {
            return None;
        }
        match &self.frame(*id).activity {
            Activity::Task(task) => Some(task.token),
            _ => None,
        }
    }

    /// What should be in flight: the commands to carry out again after a crash. A map run that is known already
    /// goes on, one that was redriven too.
    pub fn outstanding(&self) -> impl Iterator<Item = Command> {
        (0..)
            .map(FrameId)
            .zip(&self.frames)
            .filter_map(|(id, frame)| match &frame.as_ref()?.activity {
                Activity::Task(task) => self
                    .is_to_be_offered(id, task)
                    .then(|| self.task_request(id, task)),
                Activity::MapRun(run) if !run.ended => {
                    let request = self.map_run_request(id, run);
                    Some(Command::StartMapRun(Box::new(request)))
                }
                _ => None,
            })
    }

    /// The tasks that somebody has already taken, who will answer them: none of these is to be handed out again.
    pub fn held(&self) -> impl Iterator<Item = Box<TaskRequest>> {
        let frames = (0..).map(FrameId).zip(&self.frames);
        frames.filter_map(|(id, frame)| match &frame.as_ref()?.activity {
            Activity::Task(task) if !self.is_to_be_offered(id, task) => {
                match self.task_request(id, task) {
                    Command::StartTask(request) => Some(request),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// A service that took a request answers it, and an activity's worker holds its token.
    fn is_to_be_offered(&self, id: FrameId, task: &TaskActivity) -> bool {
        let state = self.program.state(self.frame(id).state);
        let is_activity = matches!(
            &state.kind,
            StateKind::Task(task) if task.resource.kind == ResourceKind::Activity
        );
        match task.phase {
            Phase::Scheduled => true,
            Phase::Started => !is_activity,
            Phase::Submitted => false,
        }
    }

    /// Where the execution is in its life.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What it is called and may use.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The same, shared.
    pub fn shared_about(&self) -> Arc<About> {
        Arc::clone(&self.about)
    }

    /// The machine it runs.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Its input.
    pub fn input(&self) -> &Data {
        &self.input
    }

    /// When it started.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// When it was over.
    pub fn stopped_at(&self) -> Option<Timestamp> {
        self.stopped_at
    }

    /// The number of the next record.
    pub fn next_record(&self) -> u32 {
        self.next_record
    }

    /// The tasks somebody outside must answer, with the names of their states.
    pub fn open_tasks(&self) -> impl Iterator<Item = (TaskToken, &EcoString)> {
        self.frames
            .iter()
            .flatten()
            .filter_map(|frame| match &frame.activity {
                Activity::Task(task) => Some((task.token, &self.program.state(frame.state).name)),
                _ => None,
            })
    }

    pub(crate) fn frame(&self, id: FrameId) -> &Frame {
        self.frames
            .get(id.0 as usize)
            .and_then(Option::as_ref)
            .expect("a step names frames that exist")
    }
}
