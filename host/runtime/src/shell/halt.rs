//! Executions that are halted on purpose: stopped at a state, or with the whole host.

use engine::{Command, Effects, Execution, Failure, Input, Record, TaskRequest, TaskToken};

use super::{ExecutionId, STRIDE, Shell, Worker};
use crate::functions::is_api;
use crate::inject::{Halt, InjectionId};
use crate::run::RunError;

/// What is halted after a step.
#[derive(Default)]
pub(super) struct Halted {
    /// The execution is to be stopped; the step was cut off after this record.
    stop: Option<(u32, InjectionId, Failure)>,
    /// The host dies.
    crashes: Vec<InjectionId>,
}

impl Halted {
    /// The last record of a step that was cut off.
    pub(super) fn cut(&self) -> Option<u32> {
        self.stop.as_ref().map(|(seq, ..)| *seq)
    }

    pub(super) fn crashes(&self) -> bool {
        !self.crashes.is_empty()
    }
}

impl Shell<'_> {
    /// The execution as it stands, if its next step may have to be cut off.
    pub(super) fn before_step(&self, id: ExecutionId) -> Option<Execution> {
        let injector = self.injected.injector.as_ref()?;
        injector.halts().then(|| self.execution(id).clone())
    }

    /// Asks what is to be halted after a step. One that is cut off is taken again, up to its last record.
    pub(super) fn halted(
        &mut self,
        id: ExecutionId,
        before: Option<Execution>,
        effects: &mut Effects,
    ) -> Result<Halted, RunError> {
        let mut halted = Halted::default();
        let (Some(before), Some(injector)) = (before, self.injected.injector.as_mut()) else {
            return Ok(halted);
        };
        let execution = &self.hosted[id.0].execution;
        let root = &self.hosted[self.hosted[id.0].root.0].execution;
        let last = effects.records.last().map(|record| record.seq);
        for (seq, halt) in injector.step(&root.about().execution_arn, execution, &effects.records) {
            match halt {
                Halt::Crash(by) => halted.crashes.push(by),
                // An execution that is over cannot be stopped any more.
                Halt::Stop(..) if Some(seq) == last && execution.status().is_final() => {}
                Halt::Stop(by, failure) => halted.stop = Some((seq, by, failure)),
            }
        }
        if let Some(seq) = halted.cut() {
            self.hosted[id.0].execution = cut(before, effects, seq)?;
        }
        Ok(halted)
    }

    /// Does what was wanted after the step is kept.
    pub(super) fn halt(&mut self, id: ExecutionId, halted: Halted) -> Result<(), RunError> {
        if let Some((_, by, failure)) = halted.stop {
            self.injected.effect(by);
            self.inbox.push_front((id, Input::Stop(failure)));
        }
        if halted.crashes.is_empty() {
            return Ok(());
        }
        for by in halted.crashes {
            self.injected.effect(by);
        }
        self.crash()
    }

    /// What a host that died and started again would find: executions as their records say, no guests. What
    /// others hold, such as task tokens and the tasks of activities, they hold still.
    ///
    /// Where the journal lasts the host dies indeed, as soon as what happened is kept.
    fn crash(&mut self) -> Result<(), RunError> {
        if self.journal.is_lasting() {
            self.doomed = true;
            return Ok(());
        }
        for id in self.live.iter().copied().collect::<Vec<_>>() {
            self.recover(id)?;
            for command in self.execution(id).outstanding().collect::<Vec<_>>() {
                match command {
                    Command::StartTask(request) => self.start_again(id, request),
                    Command::StartMapRun(request) => self.start_map_run_again(id, *request),
                    Command::CancelTask(_) | Command::Finish => {}
                }
            }
        }
        Ok(())
    }

    fn recover(&mut self, id: ExecutionId) -> Result<(), RunError> {
        let old = self.execution(id);
        let arn = old.about().execution_arn.clone();
        let mut fresh = Execution::new(old.program().clone(), old.about().clone().into());
        fresh.set_activities(self.known_activities.clone());
        let records = match old.next_record() {
            0 => Vec::new(),
            _ => self.journal.read(&arn)?,
        };
        if records.iter().any(|record| record.definition().is_some()) {
            // It runs a mended definition: what it began with is not at hand.
            return Ok(());
        }
        let mut fresh = rebuilt(fresh, &records)?;
        if self.is_host {
            fresh.set_step_limit(Some(STRIDE));
        }
        if fresh != *self.execution(id) {
            return Err(RunError::Recovery {
                execution_arn: arn.into(),
                reason: "its records lead elsewhere than it stood".to_owned(),
            });
        }
        self.hosted[id.0].execution = fresh;
        Ok(())
    }

    /// Hands a task out again whose worker was lost with the host, or that nobody had begun.
    fn start_again(&mut self, id: ExecutionId, request: Box<TaskRequest>) {
        let token = request.token;
        let heard = |(_, input): &(ExecutionId, Input)| token_of(input) == Some(token);
        if is_api(&request.resource) && self.inbox.iter().any(heard) {
            // What it was told by other executions is on its way.
            return;
        }
        match self.workers.remove(&token) {
            None => {}
            Some(Worker::Invocation(tickets)) => {
                for ticket in tickets {
                    self.call_off_ticket(ticket);
                }
            }
            Some(Worker::Remote(ticket)) => self.call_back(ticket),
            Some(Worker::Held(number)) => self.drop_held(number),
            // These are held outside of the host.
            Some(
                outside @ (Worker::Child(_)
                | Worker::Offered(_)
                | Worker::Poll(_)
                | Worker::MapRun(_)),
            ) => {
                self.workers.insert(token, outside);
                return;
            }
        }
        // What the worker said and nobody heard is lost with it.
        self.inbox.retain(|entry| !heard(entry));
        self.drop_answer(token);
        self.start(id, request);
    }
}

/// The token that an input speaks of.
fn token_of(input: &Input) -> Option<TaskToken> {
    match input {
        Input::TaskStarted { token, .. }
        | Input::TaskSubmitted { token, .. }
        | Input::TaskSucceeded { token, .. }
        | Input::TaskFailed { token, .. }
        | Input::TaskHeartbeat { token }
        | Input::MapRunSucceeded { token, .. }
        | Input::MapRunFailed { token, .. } => Some(*token),
        Input::Start(_)
        | Input::DeadlineReached
        | Input::GoOn
        | Input::Stop(_)
        | Input::Redrive { .. } => None,
    }
}

/// The execution after the records of a step up to `seq`; what came of the others is taken out of the effects.
fn cut(before: Execution, effects: &mut Effects, seq: u32) -> Result<Execution, RunError> {
    effects.records.retain(|record| record.seq <= seq);
    let cut = rebuilt(before, &effects.records)?;
    let tasks = cut.open_tasks().map(|(token, _)| token);
    let open: Vec<TaskToken> = tasks.chain(cut.open_map_runs()).collect();
    effects.commands.retain(|command| match command {
        Command::StartTask(request) => open.contains(&request.token),
        Command::StartMapRun(request) => open.contains(&request.token),
        Command::CancelTask(token) => !open.contains(token),
        Command::Finish => false,
    });
    Ok(cut)
}

fn rebuilt(mut execution: Execution, records: &[Record]) -> Result<Execution, RunError> {
    for record in records {
        let applied = execution.apply(record);
        applied.map_err(|corrupt| RunError::Recovery {
            execution_arn: execution.about().execution_arn.to_string(),
            reason: corrupt.to_string(),
        })?;
    }
    Ok(execution)
}
