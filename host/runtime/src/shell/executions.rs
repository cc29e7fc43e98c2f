//! The executions of a run: their places, starts and ends.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use asl::Program;
use data::{Data, EcoString};
use engine::{About, Entropy, Execution, Input, Status, TaskToken, Timestamp};

use super::{Found, NotBegun, STRIDE, Shell, Timer, Unit, Watcher, Worker};
use crate::host::Origin;
use crate::invoke::timestamp;
use crate::machines::{Companion, Machine};
use crate::run::{Finished, Other, RunError};

/// How many children of map runs a run keeps that are over.
pub(super) const KEPT_CHILDREN: usize = 5_000;

/// How many children of map runs are over before a run looks which of them to forget.
const TIDY: usize = 256;

/// An execution of a run, by the order of their starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExecutionId(pub(super) usize);

/// An execution in its place.
pub(super) struct Hosted {
    pub execution: Execution,
    /// Its own chance: the main execution's is the run's, which no other execution shifts.
    pub entropy: Entropy,
    /// What it starts with.
    pub input: Data,
    /// What it runs, where that is one of several machines.
    pub machine: Option<Arc<Machine>>,
    /// How its machine was named.
    pub origin: Origin,
    /// The execution that started it, by way of which all that belong together are known; its own if none did.
    pub root: ExecutionId,
    /// The execution whose task started it, and that task's token.
    pub parent: Option<(EcoString, TaskToken)>,
    /// The unit in which it was last kept.
    pub unit: Unit,
    /// The map run whose child it is, by number.
    pub map_run: Option<u64>,
    /// How many of the executions that it is the root of are not over.
    alive: usize,
    /// The `.sync` tasks that wait for its end.
    pub waiters: Vec<Waiter>,
    /// Tokens that its tasks had, on a host.
    pub tokens: Vec<TaskToken>,
    /// Callers that wait for its end.
    pub watchers: Vec<Watcher>,
    /// Whether it was over before all of those that were started by way of it.
    is_over_with_others: bool,
    /// Its entry among the timers.
    timer: Option<Timestamp>,
}

impl Hosted {
    pub(super) fn new(execution: Execution, entropy: Entropy, input: Data) -> Hosted {
        Hosted {
            execution,
            entropy,
            input,
            machine: None,
            origin: Origin::default(),
            root: ExecutionId::default(),
            parent: None,
            unit: Unit::default(),
            map_run: None,
            alive: 1,
            waiters: Vec::new(),
            tokens: Vec::new(),
            watchers: Vec::new(),
            is_over_with_others: false,
            timer: None,
        }
    }

    /// What a caller is shown of it.
    pub(super) fn found(&self, now: Timestamp) -> Option<Found> {
        let machine = self.machine.as_ref()?;
        Some(Found::of(
            &self.execution,
            &self.origin,
            &machine.revision,
            now,
        ))
    }
}

/// The executions that are known, by number; those that are over may be forgotten.
#[derive(Default)]
pub(super) struct Places {
    /// Boxed: a map of large values has much room that nobody uses.
    all: BTreeMap<usize, Box<Hosted>>,
    next: usize,
}

impl Places {
    fn next_id(&self) -> ExecutionId {
        ExecutionId(self.next)
    }

    fn add(&mut self, hosted: Hosted) {
        self.all.insert(self.next, Box::new(hosted));
        self.next += 1;
    }

    pub(super) fn remove(&mut self, id: ExecutionId) -> Option<Hosted> {
        self.all.remove(&id.0).map(|hosted| *hosted)
    }

    pub(super) fn contains(&self, id: ExecutionId) -> bool {
        self.all.contains_key(&id.0)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    fn iter(&self) -> impl Iterator<Item = (ExecutionId, &Hosted)> {
        self.all
            .iter()
            .map(|(number, hosted)| (ExecutionId(*number), &**hosted))
    }
}

impl Index<usize> for Places {
    type Output = Hosted;

    fn index(&self, number: usize) -> &Hosted {
        self.all
            .get(&number)
            .expect("whoever names an execution keeps it")
    }
}

impl IndexMut<usize> for Places {
    fn index_mut(&mut self, number: usize) -> &mut Hosted {
        self.all
            .get_mut(&number)
            .expect("whoever names an execution keeps it")
    }
}

/// A `.sync` task that waits for an execution.
pub(super) struct Waiter {
    pub execution: ExecutionId,
    pub token: TaskToken,
    /// Whether it wants JSON, as `.sync:2` does, or text.
    pub json: bool,
}

impl Shell<'_> {
    /// Gives the companions and the main execution their places.
    pub(super) fn host_all(
        &mut self,
        program: Arc<Program>,
        about: Arc<About>,
        companions: Vec<Companion>,
    ) -> Result<(), RunError> {
        for Companion {
            machine,
            name,
            input,
        } in companions
        {
            let own = Arc::new(machine.about(&name, &name, &about));
            let entropy = entropy_beside(&self.entropy, &own);
            let execution = Execution::new(machine.program.clone(), own);
            let mut hosted = Hosted::new(execution, entropy, input);
            hosted.machine = Some(machine);
            self.host(hosted)?;
        }
        let entropy = self.entropy.clone();
        let main = Hosted::new(Execution::new(program, about), entropy, Data::Null);
        self.main = Some(self.host(main)?);
        Ok(())
    }

    /// Takes all executions out of their places before anything happened to them.
    pub(super) fn clear(&mut self) {
        self.hosted = Places::default();
        self.by_arn.clear();
        self.live.clear();
    }

    /// Gives an execution its place.
    pub(super) fn host(&mut self, mut hosted: Hosted) -> Result<ExecutionId, RunError> {
        let id = self.hosted.next_id();
        let arn = hosted.execution.about().execution_arn.clone();
        if self.by_arn.insert(arn.clone(), id).is_some() {
            return Err(RunError::Twice(arn.into()));
        }
        hosted.root = id;
        hosted
            .execution
            .set_activities(self.known_activities.clone());
        if self.is_host {
            hosted.execution.set_step_limit(Some(STRIDE));
        }
        self.live.insert(id);
        self.hosted.add(hosted);
        Ok(id)
    }

    /// Gives an execution of a machine its place, whose ARN no other has.
    pub(super) fn host_one(
        &mut self,
        machine: Arc<Machine>,
        about: About,
        input: Data,
        origin: Origin,
        parent: Option<ExecutionId>,
    ) -> ExecutionId {
        let entropy = entropy_beside(&self.entropy, &about);
        let execution = Execution::new(machine.program.clone(), about.into());
        let mut hosted = Hosted::new(execution, entropy, input);
        hosted.machine = Some(machine);
        hosted.origin = origin;
        let id = self.host(hosted).expect("the ARN is known to no execution");
        if parent.is_none()
            && let Some(injector) = &mut self.injected.injector
        {
            let hosted = &self.hosted[id.0];
            injector.begins(&hosted.execution, hosted.origin.test_case.as_deref());
        }
        if let Some(parent) = parent {
            self.belongs_to(id, parent);
        }
        self.observer.hosted(
            &self.hosted[id.0].execution,
            self.hosted[id.0].machine.as_ref(),
        );
        id
    }

    /// An execution lives as long as the one that another was started by way of.
    pub(super) fn belongs_to(&mut self, id: ExecutionId, parent: ExecutionId) {
        let root = self.hosted[parent.0].root;
        let alive = std::mem::take(&mut self.hosted[id.0].alive);
        self.hosted[id.0].root = root;
        self.hosted[root.0].alive += alive;
    }

    /// Starts the companions and the main execution, at one instant.
    pub(crate) fn begin(&mut self, input: Data) -> Result<(), RunError> {
        if let Some(main) = self.main {
            self.hosted[main.0].input = input;
            if self.goes_on_from_before(main)? {
                return Ok(());
            }
        }
        for id in (0..self.hosted.len()).map(ExecutionId) {
            self.start_execution(id);
        }
        self.settle()
    }

    pub(super) fn start_execution(&mut self, id: ExecutionId) {
        let input = self.hosted[id.0].input.clone();
        self.tell(id, Input::Start(input));
    }

    pub(super) fn execution(&self, id: ExecutionId) -> &Execution {
        &self.hosted[id.0].execution
    }

    /// Whether the main execution is over.
    pub(super) fn main_is_over(&self) -> bool {
        self.main.is_none_or(|main| !self.live.contains(&main))
    }

    /// An execution is over: whoever waits for it hears of it.
    pub(super) fn finish(&mut self, id: ExecutionId) {
        self.live.remove(&id);
        self.abandon(Some(id));
        self.forget_injected(id);
        self.activities.have_hope();
        for waiter in std::mem::take(&mut self.hosted[id.0].waiters) {
            self.workers.remove(&waiter.token);
            let answer = super::children::outcome(self.execution(id), &waiter);
            self.deliver(waiter.execution, waiter.token, answer);
        }
        let now = timestamp(self.now);
        let watchers = std::mem::take(&mut self.hosted[id.0].watchers);
        for (watcher, found) in watchers
            .into_iter()
            .zip(std::iter::repeat_with(|| self.hosted[id.0].found(now)))
        {
            // Whoever asked may have gone away.
            let _ = watcher.send(found.ok_or(NotBegun::Over));
        }
        let map_run = self.hosted[id.0].map_run;
        if let Some(run) = map_run {
            self.map_child_over(run, id);
        }
        if self.main.is_none() || map_run.is_some() {
            self.over.push(id);
        }
        let root = self.hosted[id.0].root;
        let alive = &mut self.hosted[root.0].alive;
        *alive -= 1;
        if *alive == 0 {
            self.is_over_for_good(root);
        }
    }

    /// An execution that was over goes on.
    pub(super) fn lives_again(&mut self, id: ExecutionId) {
        self.live.insert(id);
        let root = self.hosted[id.0].root;
        self.hosted[root.0].alive += 1;
        let hosted = &self.hosted[id.0];
        self.observer
            .hosted(&hosted.execution, hosted.machine.as_ref());
    }

    /// An execution that was over before this process began, and is needed once more.
    pub(super) fn is_over_already(&mut self, id: ExecutionId) {
        self.live.remove(&id);
        self.over.push(id);
        let root = self.hosted[id.0].root;
        let alive = &mut self.hosted[root.0].alive;
        *alive -= 1;
        if *alive == 0 {
            self.is_over_for_good(root);
        }
    }

    /// An execution that no other started is over, with all that it started.
    fn is_over_for_good(&mut self, root: ExecutionId) {
        if std::mem::take(&mut self.hosted[root.0].is_over_with_others) {
            self.over.push(root);
        }
        let arn = self.execution(root).about().execution_arn.clone();
        if let Some(injector) = &mut self.injected.injector {
            injector.is_over(&arn);
        }
    }

    /// Forgets those that are over above the number that is kept, the oldest first, and Express executions, which
    /// nobody can ask for, at once. Only between two steps.
    pub(crate) fn tidy(&mut self) -> Result<(), RunError> {
        for id in std::mem::take(&mut self.over) {
            // It was redriven.
            if self.live.contains(&id) {
                continue;
            }
            let machine = self.hosted[id.0].machine.as_ref();
            let express = machine.is_some_and(|machine| machine.express);
            // A run shows all that it keeps.
            let express = express && self.main.is_none();
            let queue = if express {
                &mut self.unasked
            } else {
                &mut self.kept
            };
            queue.push_back(id);
        }
        for _ in 0..self.unasked.len() {
            self.forget_first(true)?;
        }
        // Where the journal lasts it is the journal that is asked.
        let lasting = self.main.is_none() && self.journal.is_lasting();
        let retain = if lasting { 0 } else { self.retain };
        for _ in retain..self.kept.len() {
            self.forget_first(false)?;
        }
        Ok(())
    }

    /// Forgets the children of map runs that are over above the number that a run keeps.
    pub(super) fn tidy_children(&mut self) -> Result<(), RunError> {
        if self.main.is_some() && self.over.len() >= TIDY {
            self.tidy()?;
        }
        Ok(())
    }

    fn forget_first(&mut self, unasked: bool) -> Result<(), RunError> {
        let queue = if unasked {
            &mut self.unasked
        } else {
            &mut self.kept
        };
        let Some(id) = queue.pop_front() else {
            return Ok(());
        };
        // One that was redriven comes here again when it is over again; of two entries one is enough.
        if self.live.contains(&id) || !self.hosted.contains(id) {
            return Ok(());
        }
        let unkept = self.journal.is_lasting() && !self.outbox.has_kept(self.hosted[id.0].unit);
        if self.hosted[id.0].alive > 0 {
            // It comes here again when none of those that it started is under way.
            self.hosted[id.0].is_over_with_others = true;
            return Ok(());
        }
        if unkept {
            queue.push_back(id);
            return Ok(());
        }
        let Some(hosted) = self.hosted.remove(id) else {
            return Ok(());
        };
        let arn = &hosted.execution.about().execution_arn;
        self.by_arn.remove(arn);
        self.map_runs.forget(id);
        if !self.journal.is_lasting() {
            self.journal.forget(arn)?;
        }
        for token in hosted.tokens {
            self.tokens.forget(token);
        }
        Ok(())
    }

    /// Nobody waits for an attempt any more.
    pub(super) fn cancel(&mut self, id: ExecutionId, token: TaskToken) {
        self.tokens.close(token);
        match self.workers.remove(&token) {
            None => {}
            Some(Worker::Invocation(tickets)) => {
                for ticket in tickets {
                    self.call_off_ticket(ticket);
                }
            }
            Some(Worker::Remote(ticket)) => self.call_back(ticket),
            Some(Worker::Held(number)) => self.drop_held(number),
            Some(Worker::Offered(arn)) => self.activities.withdraw(&arn, token),
            Some(Worker::Poll(arn)) => {
                if let Some(poll) = self.activities.leave(&arn, token) {
                    self.timers.remove(&(poll.until, Timer::Poll(poll.number)));
                }
            }
            Some(Worker::Child(child)) => self.stop_child(id, child, token),
            Some(Worker::MapRun(run)) => self.abort_map_run(run),
        }
        self.give_up(token);
    }

    /// AWS stops the execution that a task manages, unless the managing execution as a whole ran out of time.
    fn stop_child(&mut self, id: ExecutionId, child: ExecutionId, token: TaskToken) {
        let waiters = &mut self.hosted[child.0].waiters;
        waiters.retain(|waiter| waiter.token != token);
        let parent = self.execution(id);
        if matches!(parent.status(), Status::TimedOut(_)) {
            return;
        }
        let failure = super::children::aborted_with(&parent.about().execution_arn);
        self.tell(child, Input::Stop(failure));
    }

    /// Enters an execution's next deadline among the timers.
    pub(super) fn set_timer(&mut self, id: ExecutionId) {
        let execution = self.execution(id);
        // Virtual time does not run a year ahead for somebody who waits for the outside without any limit.
        let waits = self.main.is_none() && self.is_virtual && execution.next_wake().is_none();
        let next = execution.next_deadline();
        let next = next.filter(|_| self.live.contains(&id) && !waits);
        let old = std::mem::replace(&mut self.hosted[id.0].timer, next);
        if old == next {
            return;
        }
        if let Some(at) = old {
            self.timers.remove(&(at, Timer::Deadline(id)));
        }
        if let Some(at) = next {
            self.timers.insert((at, Timer::Deadline(id)));
        }
    }

    /// What came of the run.
    pub(crate) fn finished(&self) -> Result<Finished, RunError> {
        let log = |hosted: &Hosted| -> Result<Other, RunError> {
            let records = self.journal.read(&hosted.execution.about().execution_arn)?;
            let execution = hosted.execution.clone();
            Ok(Other { execution, records })
        };
        let main_id = self
            .main
            .expect("only a run is finished, which has a main execution");
        let main = log(&self.hosted[main_id.0])?;
        let others = self.hosted.iter().filter(|(id, _)| *id != main_id);
        Ok(Finished {
            execution: main.execution,
            records: main.records,
            others: others
                .map(|(_, hosted)| log(hosted))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The chance of an execution beside the main one, drawn from the run's for its name.
pub fn entropy_beside(entropy: &Entropy, about: &About) -> Entropy {
    Entropy::from_secret(entropy.derive("execution beside", &about.execution_arn))
}
