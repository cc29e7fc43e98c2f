//! Executions that are halted on purpose: stopped at a state, or with the whole host.

use engine::{Command, Effects, Execution, Failure, Input, TaskToken};

use super::{ExecutionId, Shell, Worker};
use crate::inject::{Halt, InjectionId};
use crate::run::RunError;

/// A step after which something is halted.
pub(super) enum Halted {
    /// The step was cut off after this record, and the execution is to be stopped.
    Stopped(u32, InjectionId, Failure),
    /// The host dies.
    Crashed(InjectionId),
}

impl Halted {
    /// The last record of a step that was cut off.
    pub(super) fn cut(&self) -> Option<u32> {
        match self {
            Halted::Stopped(seq, ..) => Some(*seq),
            Halted::Crashed(_) => None,
        }
    }

    pub(super) fn crashes(&self) -> bool {
        matches!(self, Halted::Crashed(_))
    }
}

impl Shell<'_> {
    /// The execution as it stands, if its next step may have to be cut off.
    pub(super) fn before_step(&self, id: ExecutionId) -> Option<Execution> {
        let injector = self.injected.injector.as_ref()?;
        injector.halts().then(|| self.execution(id).clone())
    }

    /// Asks whether the step is to be the last. One that is cut off is taken again, up to its last record.
    pub(super) fn halted(
        &mut self,
        id: ExecutionId,
        before: Execution,
        effects: &mut Effects,
    ) -> Result<Option<Halted>, RunError> {
        let execution = &self.hosted[id.0].execution;
        let injector = self.injected.injector.as_mut();
        let Some((seq, halt)) = injector.and_then(|i| i.step(execution, &effects.records)) else {
            return Ok(None);
        };
        match halt {
            Halt::Crash(by) => Ok(Some(Halted::Crashed(by))),
            Halt::Stop(by, failure) => {
                effects.records.retain(|record| record.seq <= seq);
                let cut = rebuilt(before, &effects.records)?;
                let open: Vec<TaskToken> = cut.open_tasks().map(|(token, _)| token).collect();
                effects.commands.retain(|command| match command {
                    Command::StartTask(request) => open.contains(&request.token),
                    Command::CancelTask(token) => !open.contains(token),
                    Command::Finish => false,
                });
                self.hosted[id.0].execution = cut;
                Ok(Some(Halted::Stopped(seq, by, failure)))
            }
        }
    }

    /// Does what was wanted after the step is kept.
    pub(super) fn halt(&mut self, id: ExecutionId, halt: Halted) -> Result<(), RunError> {
        match halt {
            Halted::Stopped(_, by, failure) => {
                self.injected.effect(by);
                self.inbox.push_front((id, Input::Stop(failure)));
                Ok(())
            }
            Halted::Crashed(by) => {
                self.injected.effect(by);
                self.crash()
            }
        }
    }

    /// What a host that died and started again would find: executions as their records say, no guests. What
    /// others hold, such as task tokens and the tasks of activities, they hold still.
    fn crash(&mut self) -> Result<(), RunError> {
        for id in self.live.iter().copied().collect::<Vec<_>>() {
            self.recover(id)?;
            for command in self.execution(id).outstanding().collect::<Vec<_>>() {
                if let Command::StartTask(request) = command {
                    self.start_again(id, request);
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
        let records = match self.execution(id).next_record() {
            0 => Vec::new(),
            _ => self.journal.read(&arn)?,
        };
        let fresh = rebuilt(fresh, &records)?;
        if fresh != *self.execution(id) {
            return Err(RunError::Recovery {
                execution_arn: arn.into(),
                reason: "its records lead elsewhere than it stood".to_owned(),
            });
        }
        self.hosted[id.0].execution = fresh;
        Ok(())
    }

    /// Hands a task out again whose guest is lost, or that nobody had begun.
    fn start_again(&mut self, id: ExecutionId, request: Box<engine::TaskRequest>) {
        let tickets = match self.workers.get(&request.token) {
            None => Vec::new(),
            Some(Worker::Invocation(tickets)) => tickets.clone(),
            // These are held outside of the host.
            Some(Worker::Held(_) | Worker::Child(_) | Worker::Offered(_) | Worker::Poll(_)) => {
                return;
            }
        };
        self.workers.remove(&request.token);
        for ticket in tickets {
            self.call_off_ticket(ticket);
        }
        self.start(id, request);
    }
}

fn rebuilt(mut execution: Execution, records: &[engine::Record]) -> Result<Execution, RunError> {
    for record in records {
        execution
            .apply(record)
            .map_err(|corrupt| RunError::Recovery {
                execution_arn: execution.about().execution_arn.to_string(),
                reason: corrupt.to_string(),
            })?;
    }
    Ok(execution)
}
