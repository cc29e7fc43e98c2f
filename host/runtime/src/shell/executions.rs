//! The executions of a run: their places, starts and ends.

use std::sync::Arc;

use asl::Program;
use data::Data;
use engine::{About, Entropy, Execution, Failure, Input, Status, TaskToken, Timestamp};

use super::{Shell, Timer, Worker};
use crate::machines::Companion;
use crate::run::{Finished, Other, RunError};

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
    /// The `.sync` tasks that wait for its end.
    pub waiters: Vec<Waiter>,
    /// Its entry among the timers.
    timer: Option<Timestamp>,
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
        entropy: Entropy,
        companions: Vec<Companion>,
    ) -> Result<(), RunError> {
        for Companion {
            machine,
            name,
            input,
        } in companions
        {
            let own = Arc::new(machine.about(&name, &name, &about));
            let entropy = entropy_beside(&entropy, &own);
            self.host(Execution::new(machine.program.clone(), own), entropy, input)?;
        }
        self.main = self.host(Execution::new(program, about), entropy, Data::Null)?;
        Ok(())
    }

    /// Gives an execution its place.
    pub(super) fn host(
        &mut self,
        mut execution: Execution,
        entropy: Entropy,
        input: Data,
    ) -> Result<ExecutionId, RunError> {
        let id = ExecutionId(self.hosted.len());
        let arn = execution.about().execution_arn.clone();
        if self.by_arn.insert(arn.clone(), id).is_some() {
            return Err(RunError::Twice(arn.into()));
        }
        execution.set_activities(self.known_activities.clone());
        self.live.insert(id);
        self.hosted.push(Hosted {
            execution,
            entropy,
            input,
            waiters: Vec::new(),
            timer: None,
        });
        Ok(id)
    }

    /// Starts the companions and the main execution, at one instant.
    pub(crate) fn begin(&mut self, input: Data) -> Result<(), RunError> {
        self.hosted[self.main.0].input = input;
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

    pub(super) fn main_about(&self) -> &About {
        self.execution(self.main).about()
    }

    /// Whether the main execution is over.
    pub(super) fn main_is_over(&self) -> bool {
        !self.live.contains(&self.main)
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
            Some(Worker::Held(number)) => self.drop_held(number),
            Some(Worker::Offered(arn)) => self.activities.withdraw(&arn, token),
            Some(Worker::Poll(arn)) => {
                if let Some(poll) = self.activities.leave(&arn, token) {
                    self.timers.remove(&(poll.until, Timer::Poll(poll.number)));
                }
            }
            Some(Worker::Child(child)) => self.stop_child(id, child, token),
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
        let cause = format!(
            "The Task state in AWS Step Functions execution [{}] which was managing this resource was aborted",
            parent.about().execution_arn
        );
        let failure = Failure {
            error: None,
            cause: Some(cause.into()),
        };
        self.tell(child, Input::Stop(failure));
    }

    /// Enters an execution's next deadline among the timers.
    pub(super) fn set_timer(&mut self, id: ExecutionId) {
        let next = self.execution(id).next_deadline();
        let next = next.filter(|_| self.live.contains(&id));
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
        let main = log(&self.hosted[self.main.0])?;
        let others = (0..).map(ExecutionId).zip(&self.hosted);
        let others = others.filter(|(id, _)| *id != self.main);
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
