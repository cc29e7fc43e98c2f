//! The driver: one input in, as many steps as can be taken out.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use asl::{Program, State, Transition};
use data::{Data, EcoString};

use crate::context::Outside;
use crate::dataflow::{Exit, Fault, Flow};
use crate::entropy::Entropy;
use crate::execution::{Command, Effects, Execution, Input, Status};
use crate::fact::Site;
use crate::failure::{Failure, errors};
use crate::frame::Activity;
use crate::ids::{EventId, FrameId, TaskToken};
use crate::midway::Midway;
use crate::record::{Change, EventPlace, Payload, Record, StateRef, To, Via};
use crate::state;
use crate::time::Timestamp;

/// One call of [`Execution::handle`].
pub(crate) struct Turn<'a> {
    pub execution: &'a mut Execution,
    pub program: &'a Program,
    pub now: Timestamp,
    pub entropy: &'a Entropy,
    out: &'a mut Effects,
    /// Frames that can go on, in the order in which they became able to.
    ready: VecDeque<FrameId>,
    /// The state whose failure nothing took up yet in this turn.
    pub failing: Option<Site>,
    /// Whether deadlines that have come are yet to be looked at.
    in_deadlines: bool,
    /// How many steps it may take yet; none: as many as it can.
    left: Option<u32>,
}

/// The execution is over, or its turn is: nothing more may be done in this turn.
#[derive(Debug)]
pub(crate) struct Over;

/// Why a state's work stops short.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The whole execution is over.
    Over,
    /// The state fails; retriers and catchers have their say.
    Failed(Failure),
    /// The same because a JSONata expression failed in this field, which AWS shows.
    Evaluation(Failure, EcoString),
}

impl From<Over> for Stop {
    fn from(Over: Over) -> Self {
        Stop::Over
    }
}

impl<'a> Turn<'a> {
    pub(crate) fn new(
        execution: &'a mut Execution,
        program: &'a Program,
        now: Timestamp,
        entropy: &'a Entropy,
        out: &'a mut Effects,
    ) -> Turn<'a> {
        Turn {
            left: execution.step_limit.map(NonZeroU32::get),
            in_deadlines: false,
            execution,
            program,
            now,
            entropy,
            out,
            ready: VecDeque::new(),
            failing: None,
        }
    }

    /// Takes the input; false if it means nothing to this execution any more.
    pub(crate) fn take(mut self, input: Input) -> bool {
        if !self.is_heard(&input) {
            return false;
        }
        self.resume();
        match self.hear(input) {
            Ok(false) => {
                self.pause();
                false
            }
            Ok(true) => {
                // Over is no error here: the records tell of it, or the turn was cut short.
                let _ = self.complete();
                true
            }
            Err(Over) => true,
        }
    }

    fn hear(&mut self, input: Input) -> Result<bool, Over> {
        match input {
            Input::Start(data) => self.start(data).map(|()| true),
            Input::DeadlineReached => {
                self.in_deadlines = true;
                Ok(true)
            }
            Input::GoOn => Ok(true),
            Input::Redrive { definition } => self.redrive(definition).map(|()| true),
            Input::Stop(failure) => self.finish(EventId(0), Change::ExecutionAborted { failure }),
            Input::TaskStarted { token, worker } => state::task::started(self, token, worker),
            Input::TaskSubmitted { token, output } => state::task::submitted(self, token, output),
            Input::TaskSucceeded { token, output } => state::task::succeeded(self, token, output),
            Input::TaskFailed { token, failure } => state::task::failed(self, token, failure),
            Input::TaskHeartbeat { token } => state::task::heartbeat(self, token),
            Input::MapRunSucceeded { token, output } => {
                state::distributed::succeeded(self, token, output)
            }
            Input::MapRunFailed { token, failure } => {
                state::distributed::failed(self, token, failure)
            }
        }
    }

    /// Takes up what the last turn left. What a log leaves that ends in the middle of a turn is found in the frames.
    fn resume(&mut self) {
        match self.execution.midway.take() {
            Some(left) => {
                self.ready = left.ready;
                self.in_deadlines = left.deadlines;
                self.failing = left.failing;
            }
            None if self.execution.is_midway() => {
                self.ready = self.execution.within(FrameId::ROOT).into();
            }
            None => {}
        }
        self.execution.folded = false;
    }

    /// Leaves what can be done for the next turn.
    fn pause(&mut self) {
        if self.ready.is_empty() && !self.in_deadlines {
            return;
        }
        self.execution.midway = Some(Box::new(Midway {
            ready: std::mem::take(&mut self.ready),
            deadlines: self.in_deadlines,
            failing: self.failing,
        }));
    }

    fn complete(&mut self) -> Result<(), Over> {
        self.run()?;
        if self.in_deadlines {
            self.deadlines()?;
            self.in_deadlines = false;
            self.run()?;
        }
        Ok(())
    }

    /// Whether an input of its kind means anything where the execution is in its life.
    fn is_heard(&self, input: &Input) -> bool {
        match (&self.execution.status, input) {
            (Status::Created, Input::Start(_)) => true,
            (Status::Created, _) => false,
            (Status::Running, Input::Start(_) | Input::Redrive { .. }) => false,
            (Status::Running, Input::GoOn) => self.execution.is_midway(),
            (Status::Running, _) => true,
            (_, Input::Redrive { definition }) => {
                definition.is_some() == self.execution.rebased
                    && self.execution.redrivable(self.now).is_ok()
            }
            _ => false,
        }
    }

    /// When the execution that goes on now is over at the latest: its own time begins now, the longest that there
    /// is began when it started.
    fn time_limit(&self, started: Timestamp) -> Timestamp {
        let longest = started.plus_seconds(self.execution.about.quotas.execution_seconds);
        let own = self.program.timeout_seconds;
        own.map_or(longest, |own| self.now.plus_seconds(own).min(longest))
    }

    fn redrive(&mut self, definition: Option<EcoString>) -> Result<(), Over> {
        let last = EventId(self.execution.next_event - 1);
        let change = Change::ExecutionRedriven {
            redrive_count: self.execution.redrives.saturating_add(1),
            deadline: Some(self.time_limit(self.execution.started_at)),
            definition,
        };
        self.event(last, change)?;
        self.ready.extend(self.execution.within(FrameId::ROOT));
        Ok(())
    }

    fn start(&mut self, input: Data) -> Result<(), Over> {
        let deadline = Some(self.time_limit(self.now));
        self.event(
            EventId(0),
            Change::ExecutionStarted {
                input: input.into(),
                deadline,
            },
        )?;
        self.ready.push_back(FrameId::ROOT);
        Ok(())
    }

    fn run(&mut self) -> Result<(), Over> {
        while let Some(id) = self.ready.pop_front() {
            self.advance(id)?;
        }
        Ok(())
    }

    /// Takes one frame as far as it can go.
    fn advance(&mut self, id: FrameId) -> Result<(), Over> {
        loop {
            let frame = self.execution.frames.get(id.0 as usize);
            let Some(frame) = frame.and_then(Option::as_ref).filter(|f| f.can_go_on()) else {
                return Ok(());
            };
            if self.left == Some(0) {
                self.ready.push_front(id);
                self.pause();
                return Err(Over);
            }
            self.left = self.left.map(|left| left - 1);
            let outcome = match &frame.activity {
                Activity::Done => return self.leave_block(id),
                Activity::Entering => state::enter(self, id),
                Activity::Children(_) => state::go_on(self, id),
                // Where a redrive found it; in no other step does it come here so.
                _ => state::again(self, id),
            };
            self.settle(id, outcome)?;
        }
    }

    /// Gives a failed state to its retriers and catchers.
    pub(crate) fn settle(&mut self, id: FrameId, outcome: Result<(), Stop>) -> Result<(), Over> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Over) => Err(Over),
            Err(Stop::Failed(failure)) => self.fail(id, failure, false),
            Err(Stop::Evaluation(failure, location)) => {
                let last = self.execution.frame(id).last_event;
                self.evaluation_failed(id, last, &failure, location)?;
                self.fail(id, failure, false)
            }
        }
    }

    /// The `EvaluationFailed` event.
    pub(crate) fn evaluation_failed(
        &mut self,
        id: FrameId,
        previous: EventId,
        failure: &Failure,
        location: EcoString,
    ) -> Result<(), Over> {
        let state = self.state(id).name.clone();
        let failure = failure.clone();
        let change = Change::EvaluationFailed {
            frame: id,
            state,
            location,
            failure,
        };
        self.event(previous, change)
    }

    fn leave_block(&mut self, id: FrameId) -> Result<(), Over> {
        let frame = self.execution.frame(id);
        let last = frame.last_event;
        let Some((parent, _)) = frame.parent else {
            let output = frame.payload();
            return self
                .finish(last, Change::ExecutionSucceeded { output })
                .map(|_| ());
        };
        let iteration = state::map::iteration(self, id);
        let place = iteration.is_some().then_some(last);
        self.write(
            place,
            Change::ChildSucceeded {
                frame: id,
                iteration,
            },
        )?;
        let outcome = state::child_done(self, parent, last);
        self.settle(parent, outcome)?;
        self.ready(parent);
        Ok(())
    }

    /// Forgets frames that are gone: a later frame may have their ids.
    pub(crate) fn forget_dropped(&mut self) {
        let frames = &self.execution.frames;
        self.ready
            .retain(|id| frames.get(id.0 as usize).is_some_and(Option::is_some));
    }

    /// Lets a frame go on in this turn.
    pub(crate) fn ready(&mut self, id: FrameId) {
        self.ready.push_back(id);
    }

    fn deadlines(&mut self) -> Result<(), Over> {
        loop {
            let first = self
                .execution
                .deadlines
                .first()
                .copied()
                .filter(|(at, _)| *at <= self.now);
            let whole = self.execution.deadline.filter(|at| *at <= self.now);
            match (first, whole) {
                (Some((at, id)), whole) if whole.is_none_or(|whole| at < whole) => {
                    state::deadline(self, id)?;
                    self.run()?;
                }
                (_, Some(_)) => {
                    let failure = Failure::timeout();
                    let change = Change::ExecutionTimedOut { failure };
                    return self.finish(EventId(0), change).map(|_| ());
                }
                _ => return Ok(()),
            }
        }
    }

    /// Writes a record that AWS shows as an event.
    pub(crate) fn event(&mut self, previous: EventId, change: Change) -> Result<(), Over> {
        self.write(Some(previous), change)
    }

    /// Writes a record that AWS does not show.
    pub(crate) fn note(&mut self, change: Change) -> Result<(), Over> {
        self.write(None, change)
    }

    /// Writes the execution's last record and calls off whatever is under way. Never returns `Ok`.
    pub(crate) fn finish(&mut self, previous: EventId, change: Change) -> Result<bool, Over> {
        let tasks: Vec<TaskToken> = self
            .execution
            .open_tasks()
            .map(|(token, _)| token)
            .chain(self.execution.open_map_runs())
            .collect();
        self.push(Some(previous), change);
        self.out
            .commands
            .extend(tasks.into_iter().map(Command::CancelTask));
        self.out.commands.push(Command::Finish);
        self.ready.clear();
        Err(Over)
    }

    fn write(&mut self, previous: Option<EventId>, change: Change) -> Result<(), Over> {
        let quota = self.execution.about.quotas.history_events;
        if previous.is_some() && self.execution.next_event >= quota {
            let cause =
                format!("The execution reached the maximum number of history events ({quota}).");
            let failure = Failure::new(errors::RUNTIME, cause);
            self.finish(
                previous.unwrap_or_default(),
                Change::ExecutionFailed { failure },
            )?;
        }
        self.push(previous, change);
        Ok(())
    }

    fn push(&mut self, previous: Option<EventId>, change: Change) {
        let id = EventId(self.execution.next_event);
        let event = previous.map(|previous| EventPlace { id, previous });
        let record = Record {
            seq: self.execution.next_record,
            at: self.now,
            event,
            change,
        };
        self.out.sites.push(self.site_of(&record.change));
        self.execution
            .step(&record)
            .expect("a record made from an execution fits it");
        self.out.records.push(record);
    }

    /// Where a change is made, before it is.
    fn site_of(&self, change: &Change) -> Site {
        if let (Change::ExecutionFailed { .. }, Some(failing)) = (change, self.failing) {
            return failing;
        }
        change.frame().map(|id| self.site(id)).unwrap_or_default()
    }

    /// Where a frame is.
    pub(crate) fn site(&self, id: FrameId) -> Site {
        let frame = self.execution.frames.get(id.0 as usize);
        let frame = frame.and_then(Option::as_ref);
        frame
            .map(|frame| Site {
                state: Some(frame.state),
                since: frame.entered_at,
            })
            .unwrap_or_default()
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.out.commands.push(command);
    }

    /// The state that a frame is in.
    pub(crate) fn state(&self, id: FrameId) -> &'a State {
        self.program.state(self.execution.frame(id).state)
    }

    pub(crate) fn state_ref(&self, id: FrameId) -> StateRef {
        let state = self.execution.frame(id).state;
        let known = self.program.state(state);
        StateRef {
            id: state,
            kind: known.kind.state_type(),
            name: known.name.clone(),
        }
    }

    /// The `...StateEntered` event.
    pub(crate) fn entered(&mut self, id: FrameId) -> Result<(), Over> {
        let frame = self.execution.frame(id);
        let (last, input) = (frame.last_event, frame.payload());
        let state = self.state_ref(id);
        self.event(
            last,
            Change::StateEntered {
                frame: id,
                state,
                input,
            },
        )
    }

    /// The `...StateExited` event, and the way on.
    pub(crate) fn exit(
        &mut self,
        id: FrameId,
        exit: Exit,
        next: Transition,
        via: Via,
    ) -> Result<(), Stop> {
        let Exit { output, assigned } = exit;
        self.within_limits(id, &output)?;
        if let Some(assigned) = &assigned {
            self.variables_within_limits(id, assigned)?;
        }
        let frame = self.execution.frame(id);
        let last = frame.last_event;
        let output = self.payload(id, output);
        let to = match next {
            Transition::Next(state) => To::Next(state),
            Transition::End => To::End,
        };
        let state = self.state_ref(id);
        self.event(
            last,
            Change::StateExited {
                frame: id,
                state,
                output,
                assigned,
                to,
                via,
            },
        )?;
        Ok(())
    }

    /// A payload that names the record which holds it already, if it is the frame's own data.
    pub(crate) fn payload(&self, id: FrameId, data: Data) -> Payload {
        let frame = self.execution.frame(id);
        let same_as = data.ptr_eq(&frame.data).then_some(frame.data_from);
        Payload { data, same_as }
    }

    /// Refuses a payload over its quota.
    pub(crate) fn within_limits(&self, id: FrameId, data: &Data) -> Result<(), Stop> {
        if self.fits(data) {
            return Ok(());
        }
        Err(Stop::Failed(too_large(&self.state(id).name)))
    }

    /// Refuses variables over their quotas: those of one Assign, and those of the whole execution.
    fn variables_within_limits(&self, id: FrameId, assigned: &Data) -> Result<(), Stop> {
        let quotas = &self.execution.about.quotas;
        let frames = (0..).map(FrameId).zip(&self.execution.frames);
        let all = frames.flat_map(|(frame, state)| {
            let variables = state
                .iter()
                .filter_map(|state| state.variables.as_deref())
                .flatten();
            variables.map(move |(name, value)| (frame, name, value))
        });
        // A value that gives way to a new one does not count.
        let kept = all.filter(|(frame, name, _)| *frame != id || assigned.get(name).is_none());
        let kept: usize = kept.map(|(_, _, value)| value.size()).sum();
        // What is deeper could not be read again from where it is kept.
        if assigned.depth() <= quotas.payload_depth
            && assigned.size() <= quotas.assign_bytes
            && kept + assigned.size() <= quotas.variables_bytes
        {
            return Ok(());
        }
        let detail = "The size of the variables exceeds the maximum number of bytes service limit.";
        Err(self.stop(id, Fault::new(errors::DATA_LIMIT_EXCEEDED, detail)))
    }

    pub(crate) fn fits(&self, data: &Data) -> bool {
        self.execution.about.quotas.fits(data)
    }

    /// Evaluates something of the frame's state: the closure gets the raw input and what lies outside it.
    pub(crate) fn evaluate<T>(
        &self,
        id: FrameId,
        compute: impl FnOnce(&'a State, &Data, &Outside<'_>) -> Flow<T>,
    ) -> Result<T, Stop> {
        let outside = self.outside(id);
        let value = compute(self.state(id), &outside.frame.data, &outside);
        value.map_err(|fault| self.stop(id, fault))
    }

    pub(crate) fn outside(&self, id: FrameId) -> Outside<'_> {
        self.execution
            .outside(self.program, self.entropy, id, self.now)
    }

    /// How a state stops that a fault befell.
    pub(crate) fn stop(&self, id: FrameId, fault: Fault) -> Stop {
        let entered = self.execution.frame(id).entered_event;
        let failure = fault.in_state(&self.state(id).name, entered);
        match fault.query {
            None => Stop::Failed(failure),
            Some(query) => Stop::Evaluation(failure, query.field.into()),
        }
    }
}

/// AWS's failure for a payload over its quota; `who` is a state, a function or a service.
pub(crate) fn too_large(who: &EcoString) -> Failure {
    let cause = format!(
        "The state/task '{who}' returned a result with a size exceeding the maximum number of bytes \
         service limit."
    );
    Failure::new(errors::DATA_LIMIT_EXCEEDED, cause)
}
