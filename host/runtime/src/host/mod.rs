//! A shell without end: executions come and go, as on a server.
//!
//! [`Host::open`] gives a handle that many may clone, and the work that somebody must drive. Whatever is asked goes
//! through one queue into the shell, so that it happens in one order with everything else that happens to
//! executions; it is answered when what came of it is kept.

mod real;
mod virtual_time;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use data::{Data, EcoString};
use engine::{About, Entropy, Execution, Failure, HistoryEvent, Status, Timestamp};
pub use journal::Page;
use journal::{Definition, Filter, Journal, JournalError, Statistics, Summary};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::functions::{Function, Functions};
use crate::inject::Injector;
use crate::machines::Machine;
use crate::observer::{InvocationReport, Observer};
use crate::outside::{Answer, Refused};
use crate::run::RunError;

pub use crate::map_run::Counts;

/// What a host is made of.
pub struct Settings {
    /// What moves time.
    pub clock: Clock,
    /// Under virtual time, how long in real time somebody outside is waited for before time passes that would end
    /// the wait for them: a task's timeout, a poll.
    pub patience: Duration,
    /// Who does the tasks.
    pub functions: Arc<Functions>,
    /// The machines and activities that tasks may name.
    pub registry: Arc<dyn Registry>,
    /// Where the records go.
    pub journal: Box<dyn Journal>,
    /// The source of every random value.
    pub entropy: Entropy,
    /// Who decides what goes wrong on purpose; none: nothing does.
    pub injector: Option<Box<dyn Injector>>,
    /// How many executions that are over are kept; the oldest are forgotten first. Express executions never are.
    pub retain: usize,
    /// How many starts may wait to be taken; more are throttled.
    pub queue: usize,
    /// Whether executions that a lasting journal has open go on.
    pub resume: bool,
    /// Who watches.
    pub observer: Box<dyn Observer>,
}

/// What tasks may name, as somebody else keeps it.
pub trait Registry: Send + Sync {
    /// The machine that `startExecution` means by an ARN of a machine, version or alias, or by a name. `draw` is a
    /// random number, by which an alias chooses.
    fn machine(&self, reference: &str, draw: u64) -> Option<(Arc<Machine>, Origin)>;

    /// The ARNs of the activities that there are before the host is told of others: executions that go on may need
    /// them at once.
    fn activities(&self) -> BTreeSet<EcoString> {
        BTreeSet::new()
    }
}

/// By which way an execution's machine was named, and what else its caller said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `stateMachineVersionArn`
    pub version_arn: Option<EcoString>,
    /// `stateMachineAliasArn`
    pub alias_arn: Option<EcoString>,
    /// `traceHeader`
    pub trace_header: Option<EcoString>,
    /// `mapRunArn` of a child of a Distributed Map.
    pub map_run_arn: Option<EcoString>,
    /// The input as its caller wrote it, where that is not how it is written here.
    pub input_text: Option<EcoString>,
    /// The case of the mock file that the execution runs under.
    pub test_case: Option<EcoString>,
}

/// A map run as it stands: DescribeMapRun.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRunFound {
    /// `mapRunArn`
    pub map_run_arn: EcoString,
    /// The execution whose Map it is.
    pub execution_arn: EcoString,
    /// What its children's machine is called: `arn:PARTITION:states:REGION:ACCOUNT:stateMachine:MACHINE/LABEL`.
    pub state_machine_arn: EcoString,
    /// `status`
    pub status: MapRunStatus,
    /// `startDate`
    pub started_at: Timestamp,
    /// `stopDate`
    pub stopped_at: Option<Timestamp>,
    /// `maxConcurrency`; 0 means as many as there may be.
    pub max_concurrency: u64,
    /// `toleratedFailureCount`
    pub tolerated_failure_count: u64,
    /// `toleratedFailurePercentage`
    pub tolerated_failure_percentage: f64,
    /// `itemCounts`
    pub item_counts: Counts,
    /// `executionCounts`
    pub execution_counts: Counts,
    /// `redriveCount`
    pub redrives: u32,
    /// `redriveDate`
    pub redriven_at: Option<Timestamp>,
}

/// `MapRunStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapRunStatus {
    /// RUNNING
    Running,
    /// SUCCEEDED
    Succeeded,
    /// FAILED
    Failed,
    /// ABORTED
    Aborted,
}

impl MapRunStatus {
    /// Every status.
    pub(crate) const ALL: [MapRunStatus; 4] = [
        MapRunStatus::Running,
        MapRunStatus::Succeeded,
        MapRunStatus::Failed,
        MapRunStatus::Aborted,
    ];

    /// The word that AWS uses.
    pub fn as_str(self) -> &'static str {
        match self {
            MapRunStatus::Running => "RUNNING",
            MapRunStatus::Succeeded => "SUCCEEDED",
            MapRunStatus::Failed => "FAILED",
            MapRunStatus::Aborted => "ABORTED",
        }
    }
}

/// UpdateMapRun: what is none stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapRunUpdate {
    /// `maxConcurrency`; 0 means as many as there may be.
    pub max_concurrency: Option<u64>,
    /// `toleratedFailureCount`
    pub tolerated_failure_count: Option<u64>,
    /// `toleratedFailurePercentage`, from 0 to 100.
    pub tolerated_failure_percentage: Option<f64>,
}

/// StartExecution, with everything looked up and checked.
#[derive(Clone, Debug)]
pub struct Start {
    /// What runs.
    pub machine: Arc<Machine>,
    /// How it was named.
    pub origin: Origin,
    /// The execution's name; none: one is drawn.
    pub name: Option<EcoString>,
    /// Its input.
    pub input: Data,
}

/// An execution that StartExecution made or found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Its ARN.
    pub execution_arn: EcoString,
    /// When it started.
    pub started_at: Timestamp,
}

impl Found {
    pub(crate) fn of(
        execution: &Execution,
        origin: &Origin,
        revision: &EcoString,
        now: Timestamp,
    ) -> Found {
        Found {
            about: execution.shared_about(),
            status: execution.status().clone(),
            input: execution.input().clone(),
            started_at: execution.started_at(),
            stopped_at: execution.stopped_at(),
            redrives: execution.redrives(),
            redriven_at: execution.redriven_at(),
            not_redrivable: execution
                .redrivable(now)
                .err()
                .map(|why| why.reason.to_owned()),
            revision: revision.clone(),
            origin: origin.clone(),
        }
    }

    /// The execution's input as text: as its caller wrote it.
    pub fn input_text(&self) -> String {
        match &self.origin.input_text {
            Some(text) => text.to_string(),
            None => self.input.to_string(),
        }
    }
}

/// Why an execution is not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    /// One of that name exists, with another input or not running any more.
    #[error("Execution Already Exists: '{0}'")]
    AlreadyExists(EcoString),
    /// There are too many open ones.
    #[error("{0}")]
    Full(String),
    /// There are too many starts that wait.
    #[error("Rate exceeded")]
    Throttled,
    /// The journal cannot keep it for now. It was not begun for its caller, but may yet be: the same start again finds
    /// out.
    #[error("{0}")]
    Store(String),
    /// The host is going down.
    #[error("the host is over")]
    Over,
}

/// Why a host does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The journal cannot keep what was asked for now, or what it kept is damaged.
    #[error("{0}")]
    Store(String),
    /// The host is going down.
    #[error("the host is over")]
    Over,
}

impl From<JournalError> for Unanswered {
    fn from(error: JournalError) -> Self {
        Unanswered::Store(error.to_string())
    }
}

pub(crate) type Answered<T> = Result<T, Unanswered>;

/// A page of a history, and how many events there are in all.
pub type History = (Vec<HistoryEvent>, usize);

/// An execution as it stands, or as it is kept.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is called and may use.
    pub about: Arc<About>,
    /// Where it is in its life.
    pub status: Status,
    /// Its input.
    pub input: Data,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was over.
    pub stopped_at: Option<Timestamp>,
    /// `redriveCount`
    pub redrives: u32,
    /// `redriveDate`
    pub redriven_at: Option<Timestamp>,
    /// Why it cannot be redriven: `redriveStatusReason`; none if it can.
    pub not_redrivable: Option<String>,
    /// What it runs: which revision of its machine, as it was when the execution started.
    pub revision: EcoString,
    /// How its machine was named.
    pub origin: Origin,
}

/// Why an execution is not redriven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRedriven {
    /// There is no such execution.
    #[error("there is no such execution")]
    Unknown,
    /// It cannot be.
    #[error("{0}")]
    NotRedrivable(String),
    /// There are too many open ones.
    #[error("{0}")]
    Full(String),
    /// The journal cannot keep it for now, or what it kept of the execution is damaged.
    #[error("{0}")]
    Store(String),
    /// The host is going down.
    #[error("the host is over")]
    Over,
}

/// An execution that was redriven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redriven {
    /// `redriveDate`
    pub redrive_date: Timestamp,
}

/// RedriveExecution.
#[derive(Clone, Debug, Default)]
pub struct Redrive {
    /// The execution's ARN.
    pub execution_arn: EcoString,
    /// `clientToken`: the same one again is the same redrive.
    pub client_token: Option<EcoString>,
    /// Another definition to go on with.
    pub definition: Option<Definition>,
}

/// A task that a worker of an activity got.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityTask {
    /// `taskToken`
    pub token: String,
    /// `input`
    pub input: Data,
}

/// An invocation that no task asks for.
#[derive(Clone)]
pub struct Invoke {
    /// The function.
    pub function: Arc<Function>,
    /// The event, as it came.
    pub event: String,
    /// What is called: `$LATEST` or a number.
    pub version: EcoString,
    /// The region of the caller.
    pub region: EcoString,
    /// Lambda's request id; also what keys the invocation's chance.
    pub request_id: String,
}

/// What came of an invocation.
#[derive(Clone, Debug)]
pub struct Invoked {
    /// What the function returned, or the error as Lambda returns it, both as JSON text.
    pub payload: String,
    /// Whether it is an error (`X-Amz-Function-Error`).
    pub failed: bool,
    /// What it cost and wrote.
    pub report: InvocationReport,
}

impl Invoked {
    pub(crate) fn of(answer: Result<Data, Failure>, report: InvocationReport) -> Invoked {
        let failed = answer.is_err();
        let payload = match answer {
            Ok(payload) => payload.to_string(),
            Err(failure) => failure.cause.unwrap_or_default().to_string(),
        };
        Invoked {
            payload,
            failed,
            report,
        }
    }
}

/// Why a function is not invoked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInvoked {
    /// Too many of it are running.
    #[error("Rate Exceeded.")]
    Throttled,
    /// Its guest cannot be loaded.
    #[error("{0}")]
    NotLoadable(String),
    /// The sandbox failed, which is no fault of the function.
    #[error("{0}")]
    Fault(String),
    /// The host is going down.
    #[error("the host is over")]
    Over,
}

/// The way into a host; clones reach the same one.
#[derive(Clone)]
pub struct Host {
    pub(crate) calls: mpsc::UnboundedSender<Call>,
    pub(crate) now: Arc<AtomicI64>,
    pub(crate) is_virtual: bool,
    /// How many starts wait, and how many may.
    waiting: Arc<Waiting>,
}

/// Starts that wait to be taken.
struct Waiting {
    now: AtomicUsize,
    most: usize,
}

/// A place among the starts that wait, until it is dropped.
pub(crate) struct Place(Arc<Waiting>);

impl Waiting {
    /// A place, if there is one left.
    fn enter(self: &Arc<Waiting>) -> Option<Place> {
        let place = Place(Arc::clone(self));
        (self.now.fetch_add(1, Ordering::Relaxed) < self.most).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) type Reply<T> = oneshot::Sender<T>;

/// What is asked of the shell.
pub(crate) enum Call {
    Start(Box<Start>, Place, Reply<Result<Begun, NotBegun>>),
    StartSync(Box<Start>, Place, Reply<Result<Found, NotBegun>>),
    Stop(EcoString, Failure, Reply<Answered<Option<Timestamp>>>),
    Redrive(Box<Redrive>, Reply<Result<Redriven, NotRedriven>>),
    Statistics(Filter, Reply<Answered<Statistics>>),
    Look(EcoString, Reply<Answered<Option<Found>>>),
    History(EcoString, Page, Reply<Answered<Option<History>>>),
    List(Filter, Reply<Answered<Vec<Summary>>>),
    Answer(String, Answer, Reply<Result<(), Refused>>),
    Poll(EcoString, Option<EcoString>, Reply<Option<ActivityTask>>),
    Invoke(Box<Invoke>, Reply<Result<Invoked, NotInvoked>>),
    Activities(BTreeSet<EcoString>, Reply<()>),
    MapRuns(EcoString, Reply<Answered<Option<Vec<MapRunFound>>>>),
    MapRun(EcoString, Reply<Answered<Option<MapRunFound>>>),
    UpdateMapRun(EcoString, MapRunUpdate, Reply<Option<MapRunFound>>),
    Close(Reply<()>),
}

impl Call {
    /// Whether it changes nothing, and waits for nothing.
    fn looks(&self) -> bool {
        matches!(
            self,
            Call::Look(..) | Call::History(..) | Call::List(..) | Call::Statistics(..)
        )
    }
}

/// A host, and the work that must be driven for it to do anything. The work ends when the host is closed, when the
/// last handle is dropped, or with an error that no execution is to blame for.
pub fn open(settings: Settings) -> (Host, impl Future<Output = Result<(), RunError>> + Send) {
    let (calls, asked) = mpsc::unbounded_channel();
    let (is_virtual, start) = match settings.clock {
        Clock::Real => (false, 0),
        Clock::Virtual { start } => (true, start.0),
    };
    let now = Arc::new(AtomicI64::new(start));
    let host = Host {
        calls,
        now: Arc::clone(&now),
        is_virtual,
        waiting: Arc::new(Waiting {
            now: AtomicUsize::new(0),
            most: settings.queue,
        }),
    };
    let work = async move {
        match settings.clock {
            Clock::Real => real::run(settings, asked).await,
            Clock::Virtual { start } => virtual_time::run(settings, asked, start, now).await,
        }
    };
    (host, work)
}

impl Host {
    /// Now, on the host's clock.
    pub fn now(&self) -> Timestamp {
        if self.is_virtual {
            return Timestamp(self.now.load(Ordering::Relaxed));
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        crate::invoke::timestamp(now.unwrap_or_default())
    }

    /// Starts an execution. The same start again finds the running one. Answered when the start is kept.
    pub async fn start(&self, start: Start) -> Result<Begun, NotBegun> {
        let place = self.waiting.enter().ok_or(NotBegun::Throttled)?;
        let begun = self
            .ask(|reply| Call::Start(Box::new(start), place, reply))
            .await;
        begun.unwrap_or(Err(NotBegun::Over))
    }

    /// Starts an execution and waits for its end.
    pub async fn start_sync(&self, start: Start) -> Result<Found, NotBegun> {
        let place = self.waiting.enter().ok_or(NotBegun::Throttled)?;
        let found = self
            .ask(|reply| Call::StartSync(Box::new(start), place, reply))
            .await;
        found.unwrap_or(Err(NotBegun::Over))
    }

    /// Stops an execution; when it was over, or none if there is no such execution.
    pub async fn stop(&self, arn: &str, failure: Failure) -> Result<Option<Timestamp>, Unanswered> {
        self.ask(|reply| Call::Stop(arn.into(), failure, reply))
            .await?
    }

    /// Lets an execution that failed, timed out or was stopped go on from there.
    pub async fn redrive(&self, redrive: Redrive) -> Result<Redriven, NotRedriven> {
        let redriven = self
            .ask(|reply| Call::Redrive(Box::new(redrive), reply))
            .await;
        redriven.unwrap_or(Err(NotRedriven::Over))
    }

    /// Figures of the executions that a filter lets through.
    pub async fn statistics(&self, filter: Filter) -> Result<Statistics, Unanswered> {
        self.ask(|reply| Call::Statistics(filter, reply)).await?
    }

    /// An execution as it stands.
    pub async fn look(&self, arn: &str) -> Result<Option<Found>, Unanswered> {
        self.ask(|reply| Call::Look(arn.into(), reply)).await?
    }

    /// A page of an execution's history, and how many events it has in all; none if there is no such execution.
    pub async fn history(&self, arn: &str, page: Page) -> Result<Option<History>, Unanswered> {
        self.ask(|reply| Call::History(arn.into(), page, reply))
            .await?
    }

    /// The executions that a filter lets through, the youngest first.
    pub async fn list(&self, filter: Filter) -> Result<Vec<Summary>, Unanswered> {
        self.ask(|reply| Call::List(filter, reply)).await?
    }

    /// Takes what somebody says of a task.
    pub async fn answer(&self, token: &str, answer: Answer) -> Result<(), Refused> {
        let taken = self
            .ask(|reply| Call::Answer(token.to_owned(), answer, reply))
            .await;
        taken.unwrap_or(Err(Refused::Over))
    }

    /// The next task of an activity, waited for up to a minute. Whoever drops the future gives up the wait, and no
    /// task is lost by that.
    pub async fn poll(
        &self,
        activity_arn: &str,
        worker: Option<&str>,
    ) -> Result<Option<ActivityTask>, Unanswered> {
        self.ask(|reply| Call::Poll(activity_arn.into(), worker.map(Into::into), reply))
            .await
    }

    /// Invokes a function, and waits for its end.
    pub async fn invoke(&self, invoke: Invoke) -> Result<Invoked, NotInvoked> {
        let invoked = self
            .ask(|reply| Call::Invoke(Box::new(invoke), reply))
            .await;
        invoked.unwrap_or(Err(NotInvoked::Over))
    }

    /// Says which activities exist. It is said when this returns, so that a caller can keep the order of two changes;
    /// the future waits until it is heard.
    pub fn set_activities(
        &self,
        activities: BTreeSet<EcoString>,
    ) -> impl Future<Output = Result<(), Unanswered>> + use<> {
        self.asked(|reply| Call::Activities(activities, reply))
    }

    /// The map runs of an execution in the order of their start; none if there is no such execution.
    pub async fn map_runs(
        &self,
        execution_arn: &str,
    ) -> Result<Option<Vec<MapRunFound>>, Unanswered> {
        self.ask(|reply| Call::MapRuns(execution_arn.into(), reply))
            .await?
    }

    /// A map run as it stands.
    pub async fn map_run(&self, arn: &str) -> Result<Option<MapRunFound>, Unanswered> {
        self.ask(|reply| Call::MapRun(arn.into(), reply)).await?
    }

    /// Sets other limits for a map run that is under way, and tells how it stands then; one that is over stays as it
    /// is. None if there is no such map run.
    pub async fn update_map_run(
        &self,
        arn: &str,
        update: MapRunUpdate,
    ) -> Result<Option<MapRunFound>, Unanswered> {
        self.ask(|reply| Call::UpdateMapRun(arn.into(), update, reply))
            .await
    }

    /// Takes no more calls and ends the work. Executions that are not over stay as they are.
    pub async fn close(&self) {
        let _ = self.ask(Call::Close).await;
    }

    async fn ask<T>(&self, call: impl FnOnce(Reply<T>) -> Call) -> Result<T, Unanswered> {
        self.asked(call).await
    }

    /// Asks at once; the future waits for the answer.
    fn asked<T, C: FnOnce(Reply<T>) -> Call>(
        &self,
        call: C,
    ) -> impl Future<Output = Result<T, Unanswered>> + use<T, C> {
        let (reply, answer) = oneshot::channel();
        let sent = self.calls.send(call(reply));
        async move {
            sent.map_err(|_| Unanswered::Over)?;
            answer.await.map_err(|_| Unanswered::Over)
        }
    }
}
