//! What both clocks share: executions under one clock, fed, kept and served.
//!
//! Several executions stand side by side: the main one, those that it starts and their own, and companions.
//! Whatever happens is an input for one of them; what one does to another goes through the same queue, so the
//! order is that in which things happened and never a matter of threads.

mod activities;
mod api;
mod calls;
mod children;
mod executions;
mod halt;
mod injected;
mod keep;
mod map_runs;
mod prospect;
mod redrive;
mod remote;
mod resume;
mod sdk;
mod tasks;
mod tokens;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use data::EcoString;
use engine::{Command, Effects, Entropy, Failure, Input, TaskToken, Timestamp};
use journal::{Definition, Journal};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::functions::Functions;
use crate::host::{Found, NotBegun, Registry};
use crate::inject::Injector;
use crate::invoke::{Message, Started, Ticket, timestamp};
use crate::kept::Folder;
use crate::observer::Observer;
use crate::run::{Run, RunError};

use activities::Activities;
pub(crate) use executions::ExecutionId;
use executions::Places;
pub use executions::entropy_beside;
use halt::Halted;
use injected::Injected;
use keep::Outbox;
pub(crate) use keep::{Unit, news};
use map_runs::MapRuns;
use remote::Away;
use tasks::Queued;
use tokens::Tokens;

/// The executions of a run or a host with everything around them but their clock.
pub(crate) struct Shell<'r> {
    /// In the order of their start, a run's companions first.
    hosted: Places,
    /// A run's main execution; a host has none.
    main: Option<ExecutionId>,
    /// Whether executions come and go, of which none may hold up the others.
    is_host: bool,
    /// What the chance of executions beside the main one is drawn from.
    entropy: Entropy,
    /// How many names a host has drawn.
    draws: u64,
    by_arn: BTreeMap<EcoString, ExecutionId>,
    /// Those that are not over.
    live: BTreeSet<ExecutionId>,
    /// Those of a host that were over since it last tidied up.
    over: Vec<ExecutionId>,
    /// Those that are over and can be asked for, in the order of their ends.
    kept: VecDeque<ExecutionId>,
    /// Those that are over and that nobody can ask for.
    unasked: VecDeque<ExecutionId>,
    /// How many that are over are kept.
    retain: usize,
    registry: Arc<dyn Registry>,
    known_activities: Option<Arc<BTreeSet<EcoString>>>,
    activities: Activities,
    tokens: Tokens,
    map_runs: MapRuns,
    /// Who is at work for an attempt, so that it can be called off.
    workers: BTreeMap<TaskToken, Worker>,
    /// What happens by itself, and when.
    timers: BTreeSet<(Timestamp, Timer)>,
    /// What executions have yet to hear.
    inbox: VecDeque<(ExecutionId, Input)>,
    /// Those whose turn was cut short, in the order in which they go on.
    midway: VecDeque<ExecutionId>,
    /// What is to be heard by those after that.
    deferred: BTreeMap<ExecutionId, VecDeque<Input>>,
    functions: Arc<Functions>,
    /// How many guests may be live at once, if that is less than the sandbox has places for.
    guests: Option<u32>,
    injected: Injected,
    journal: Box<dyn Journal>,
    /// What waits until it is kept why it happened.
    outbox: Outbox,
    /// What the main execution runs, for a journal that lasts.
    definition: Definition,
    /// Whether executions are being made again from what a process before this one kept.
    resuming: bool,
    /// Makes executions again.
    folder: Folder,
    /// When tasks began that are being handed out again, under virtual time.
    began: BTreeMap<TaskToken, Duration>,
    /// Whether the host is to die on purpose as soon as what happened is kept.
    doomed: bool,
    observer: &'r mut dyn Observer,
    is_virtual: bool,
    /// Whether answers may come from outside for as long as the run cares to wait.
    pub listens: bool,
    /// Now, since the Unix epoch, on the run's clock.
    pub now: Duration,
    /// The same in milliseconds, for callers of a host under virtual time.
    face: Option<Arc<AtomicI64>>,
    pub started: BTreeMap<Ticket, Started>,
    /// Tasks that somebody outside was asked to do.
    away: BTreeMap<Ticket, Away>,
    /// Tickets whose guest is over or was called off, for the clock to forget.
    pub cancelled: Vec<Ticket>,
    queue: VecDeque<Queued>,
    /// Invocations on a host whose guests are being loaded, by function.
    loading: BTreeMap<String, Vec<Queued>>,
    /// Invocations that were called off and may still hold their places.
    dying: Vec<JoinHandle<()>>,
    next_ticket: Ticket,
    messages: mpsc::UnboundedSender<Message>,
}

/// Who is at work for an attempt.
enum Worker {
    /// A function, twice if the task was delivered twice.
    Invocation(Vec<Ticket>),
    /// Somebody outside, by the number of the call.
    Remote(Ticket),
    /// Nobody yet: the request is on a long way, by this number.
    Held(u64),
    /// An execution that a `.sync` task waits for.
    Child(ExecutionId),
    /// Nobody yet: the task waits in the queue of the activity with this ARN.
    Offered(EcoString),
    /// The attempt asks the activity with this ARN for a task.
    Poll(EcoString),
    /// The child executions of a Distributed Map, by the number of their run.
    MapRun(u64),
}

/// What happens by itself. Of two at the same moment the smaller comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// An execution's deadline.
    Deadline(ExecutionId),
    /// The end of a poll, by its number.
    Poll(u64),
    /// The arrival of what was on a long way, by its number.
    Held(u64),
}

/// A caller that waits for an execution's end.
type Watcher = oneshot::Sender<Result<Found, NotBegun>>;

/// For how long a host lets executions hear what there is for them before it looks around.
const BREATH: Duration = Duration::from_millis(10);

/// How many steps an execution on a host takes at once, so that none holds up the others.
const STRIDE: NonZeroU32 = NonZeroU32::new(64).expect("64 is not 0");

/// What runs and hosts have in common.
struct Parts {
    registry: Arc<dyn Registry>,
    functions: Arc<Functions>,
    guests: Option<u32>,
    journal: Box<dyn Journal>,
    entropy: Entropy,
    injector: Option<Box<dyn Injector>>,
    is_virtual: bool,
}

impl<'r> Shell<'r> {
    /// The shell of a run, with the companions and the main execution in their places, none of them started.
    pub(crate) fn new(
        run: Run,
        observer: &'r mut dyn Observer,
    ) -> Result<(Shell<'r>, mpsc::UnboundedReceiver<Message>), RunError> {
        let parts = Parts {
            registry: Arc::new(run.machines),
            functions: run.functions,
            guests: run.guests,
            journal: run.journal,
            entropy: run.entropy,
            injector: run.injector,
            is_virtual: matches!(run.clock, Clock::Virtual { .. }),
        };
        let (mut shell, receiver) = Shell::of(parts, observer);
        shell.known_activities = run.activities;
        shell.retain = executions::KEPT_CHILDREN;
        shell.definition = run.definition;
        shell.host_all(run.program, run.about, run.companions)?;
        Ok((shell, receiver))
    }

    fn of(
        parts: Parts,
        observer: &'r mut dyn Observer,
    ) -> (Shell<'r>, mpsc::UnboundedReceiver<Message>) {
        let (messages, receiver) = mpsc::unbounded_channel();
        let shell = Shell {
            hosted: Places::default(),
            main: None,
            is_host: false,
            entropy: parts.entropy,
            draws: 0,
            by_arn: BTreeMap::new(),
            live: BTreeSet::new(),
            over: Vec::new(),
            kept: VecDeque::new(),
            unasked: VecDeque::new(),
            retain: usize::MAX,
            registry: parts.registry,
            known_activities: None,
            activities: Activities::default(),
            tokens: Tokens::default(),
            map_runs: MapRuns::default(),
            workers: BTreeMap::new(),
            timers: BTreeSet::new(),
            inbox: VecDeque::new(),
            midway: VecDeque::new(),
            deferred: BTreeMap::new(),
            functions: parts.functions,
            guests: parts.guests,
            injected: Injected::new(parts.injector),
            journal: parts.journal,
            outbox: Outbox::default(),
            definition: Definition::default(),
            resuming: false,
            folder: Folder::default(),
            began: BTreeMap::new(),
            doomed: false,
            observer,
            is_virtual: parts.is_virtual,
            listens: false,
            now: Duration::ZERO,
            face: None,
            started: BTreeMap::new(),
            away: BTreeMap::new(),
            cancelled: Vec::new(),
            queue: VecDeque::new(),
            loading: BTreeMap::new(),
            dying: Vec::new(),
            next_ticket: 0,
            messages,
        };
        (shell, receiver)
    }

    fn tell(&mut self, id: ExecutionId, input: Input) {
        self.inbox.push_back((id, input));
    }

    /// Lets every execution hear what there is for it, until there is nothing more. A host, where executions may
    /// start others without end, takes its breath in between.
    pub(crate) fn settle(&mut self) -> Result<(), RunError> {
        let since = Instant::now();
        while self.is_unsettled() && (!self.is_host || since.elapsed() < BREATH) {
            if let Some((token, answer)) = self.map_runs.next_answer() {
                self.errand_done(token, answer);
            } else if let Some((id, input)) = self.inbox.pop_front() {
                self.let_hear(id, input)?;
            } else if let Some(id) = self.midway.pop_front() {
                self.let_go_on(id)?;
            }
            self.tidy_children()?;
        }
        self.seal_if_quiet();
        match self.doomed && !self.is_behind_itself() {
            true => Err(RunError::Crashed),
            false => Ok(()),
        }
    }

    /// One that was cut short goes on with that before it hears anything else, unless it is to stop.
    fn let_hear(&mut self, id: ExecutionId, input: Input) -> Result<(), RunError> {
        // What is yet to be heard by one that is over and forgotten means nothing.
        if !self.hosted.contains(id) {
            return Ok(());
        }
        let is_midway = self.execution(id).is_midway();
        if is_midway && input != Input::GoOn && !matches!(input, Input::Stop(_)) {
            self.deferred.entry(id).or_default().push_back(input);
            return Ok(());
        }
        self.step(id, input)?;
        match self.execution(id).is_midway() {
            true if is_midway => {}
            true => self.midway.push_back(id),
            false => self.hear_deferred(id),
        }
        Ok(())
    }

    /// Lets an execution go on that was cut short.
    fn let_go_on(&mut self, id: ExecutionId) -> Result<(), RunError> {
        if !self.hosted.contains(id) {
            self.deferred.remove(&id);
            return Ok(());
        }
        self.step(id, Input::GoOn)?;
        match self.execution(id).is_midway() {
            true => self.midway.push_back(id),
            false => self.hear_deferred(id),
        }
        Ok(())
    }

    /// What an execution could not hear before comes next.
    fn hear_deferred(&mut self, id: ExecutionId) {
        for input in self.deferred.remove(&id).into_iter().flatten().rev() {
            self.inbox.push_front((id, input));
        }
    }

    /// Lets what was said so far be heard, but for what executions must go on with first.
    fn hear_all(&mut self) -> Result<(), RunError> {
        for _ in 0..self.inbox.len() {
            if let Some((id, input)) = self.inbox.pop_front() {
                self.let_hear(id, input)?;
            }
        }
        Ok(())
    }

    /// Whether there is something that an execution has yet to hear or to go on with.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.is_behind_itself() || !self.midway.is_empty()
    }

    /// Whether one execution has yet to hear what another did: what happened so far is half of something.
    fn is_behind_itself(&self) -> bool {
        !self.inbox.is_empty() || !self.deferred.is_empty() || self.map_runs.has_answers()
    }

    /// Hands an input to an execution, keeps what comes of it, and carries it out.
    fn step(&mut self, id: ExecutionId, input: Input) -> Result<(), RunError> {
        let now = timestamp(self.now);
        let mut effects = Effects::default();
        let before = self.before_step(id);
        let hosted = &mut self.hosted[id.0];
        let told = input.clone();
        let meant = hosted
            .execution
            .handle(now, &hosted.entropy, input, &mut effects);
        let halted = self.halted(id, before, &mut effects)?;
        self.keep(id, &effects)?;
        let hosted = &self.hosted[id.0];
        if meant {
            let cut = halted.cut();
            self.observer.input(&hosted.execution, now, &told, cut);
        }
        self.observer.records(&hosted.execution, &effects.records);
        self.carry_out(id, effects.commands, &halted);
        self.set_timer(id);
        self.halt(id, halted)
    }

    fn carry_out(&mut self, id: ExecutionId, commands: Vec<Command>, halted: &Halted) {
        for command in commands {
            match command {
                Command::StartTask(_) if halted.crashes() => {}
                Command::StartMapRun(_) if halted.crashes() => {}
                Command::StartTask(request) => self.start(id, request),
                Command::StartMapRun(request) => self.start_map_run(id, *request),
                Command::CancelTask(token) => self.cancel(id, token),
                Command::Finish => self.finish(id),
            }
        }
    }

    /// Moves virtual time forward, before anything happens at that moment.
    pub(crate) fn advance(&mut self, to: Duration) {
        self.now = self.now.max(to);
        if let Some(face) = &self.face {
            face.store(timestamp(self.now).0, Ordering::Relaxed);
        }
    }

    /// When something happens by itself.
    pub(crate) fn next_timer(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// The first thing whose time has come and that was not told to an execution which has yet to hear it.
    fn due(&self, now: Timestamp) -> Option<(Timestamp, Timer)> {
        let mut due = self.timers.iter().take_while(|(at, _)| *at <= now);
        let told =
            |timer: &Timer| matches!(timer, Timer::Deadline(id) if self.deferred.contains_key(id));
        due.find(|(_, timer)| !told(timer)).copied()
    }

    /// Lets everything happen whose time has come, in order.
    pub(crate) fn ring(&mut self) -> Result<(), RunError> {
        let now = timestamp(self.now);
        while let Some((at, timer)) = self.due(now) {
            match timer {
                Timer::Deadline(id) => self.let_hear(id, Input::DeadlineReached)?,
                Timer::Poll(number) => {
                    self.timers.remove(&(at, timer));
                    self.poll_ends(number);
                }
                Timer::Held(number) => {
                    self.timers.remove(&(at, timer));
                    self.held_arrives(number);
                }
            }
            self.settle()?;
        }
        Ok(())
    }

    /// Stops the main execution, which ends what it waits for, and then the others.
    pub(crate) fn stop(&mut self, failure: &Failure) -> Result<(), RunError> {
        let others: Vec<ExecutionId> = self.live.iter().copied().collect();
        if let Some(main) = self.main {
            self.tell(main, Input::Stop(failure.clone()));
            self.settle()?;
        }
        for id in others {
            self.tell(id, Input::Stop(failure.clone()));
        }
        self.settle()
    }
}

impl Drop for Shell<'_> {
    fn drop(&mut self) {
        self.abandon(None);
    }
}
