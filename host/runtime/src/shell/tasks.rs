//! Tasks on their way to workers and back.

use std::sync::Arc;

use data::Data;
use engine::{Failure, Input, TaskRequest};
use sandbox::Outcome;

use super::{ExecutionId, Shell, Worker};
use crate::functions::{Envelope, Function, Work, waits_for_token};
use crate::invoke::{Launch, Ticket, throttled};
use crate::observer::InvocationReport;
use crate::run::RunError;

/// An invocation that waits for a place among the live guests.
pub(super) struct Queued {
    execution: ExecutionId,
    ticket: Ticket,
    request: Box<TaskRequest>,
    function: Arc<Function>,
    event: Data,
    envelope: Envelope,
}

impl Shell<'_> {
    /// Whether a guest is at work or waits for its place.
    pub(crate) fn has_work(&self) -> bool {
        !self.started.is_empty() || !self.queue.is_empty()
    }

    /// Hands a task to its worker.
    pub(super) fn start(&mut self, id: ExecutionId, request: Box<TaskRequest>) {
        let work = self.functions.resolve(&request);
        if waits_for_token(&request.resource) {
            self.tokens.open(request.token, id);
        }
        // The work of an activity begins when a worker takes it.
        if !matches!(work, Work::Activity) {
            let (token, worker) = (request.token, None);
            self.tell(id, Input::TaskStarted { token, worker });
        }
        match work {
            Work::Activity => self.offer(id, &request),
            Work::Constant(output) => self.answer(id, &request, Ok(output)),
            Work::Fail(failure) => self.answer(id, &request, Err(failure)),
            // Whoever is listened to need not be told by a service first.
            Work::Unbound { .. } if self.listens && waits_for_token(&request.resource) => {
                self.answer(id, &request, Ok(Data::empty_object()));
            }
            Work::Unbound { failure, snippet } => {
                self.observer.unbound(&request, &failure, &snippet);
                self.answer(id, &request, Err(failure));
            }
            Work::Api(call) => self.call_api(id, &request, call),
            Work::Invoke {
                function,
                event,
                envelope,
            } => self.enqueue(id, request, function, event, envelope),
        }
    }

    /// The worker's answer; of a task that waits for its token it only says that the request was taken.
    pub(super) fn answer(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        answer: Result<Data, Failure>,
    ) {
        let token = request.token;
        let input = match answer {
            Ok(output) if waits_for_token(&request.resource) => {
                self.tokens.waits(token, &request.state_name);
                Input::TaskSubmitted { token, output }
            }
            Ok(output) => Input::TaskSucceeded { token, output },
            Err(failure) => {
                self.tokens.close(token);
                Input::TaskFailed { token, failure }
            }
        };
        self.tell(id, input);
    }

    fn enqueue(
        &mut self,
        execution: ExecutionId,
        request: Box<TaskRequest>,
        function: Arc<Function>,
        event: Data,
        envelope: Envelope,
    ) {
        if self.is_saturated(&function) {
            let hosted = &self.hosted[execution.0];
            let region = &hosted.execution.about().region;
            let failure = throttled(&hosted.entropy, &request, &function, region);
            return self.answer(execution, &request, Err(failure));
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.workers
            .insert(request.token, Worker::Invocation(ticket));
        self.queue.push_back(Queued {
            execution,
            ticket,
            request,
            function,
            event,
            envelope,
        });
    }

    fn is_saturated(&self, function: &Arc<Function>) -> bool {
        let Some(most) = function.concurrency else {
            return false;
        };
        let running = self.started.values().map(|started| &started.function);
        let waiting = self.queue.iter().map(|queued| &queued.function);
        let busy = running
            .chain(waiting)
            .filter(|other| other.name == function.name)
            .count();
        busy >= most as usize
    }

    /// Starts waiting invocations as long as there are places for live guests. Those that were called off give
    /// up their places first, so that the order in which threads end changes nothing.
    pub(crate) async fn launch_waiting(&mut self) -> Result<(), RunError> {
        while let Some(task) = self.dying.last_mut() {
            // An aborted task ends with an error that says so.
            let _ = task.await;
            self.dying.pop();
        }
        while self.started.len() < self.functions.max_guests() as usize {
            let Some(queued) = self.queue.pop_front() else {
                return Ok(());
            };
            self.launch(queued)?;
        }
        Ok(())
    }

    fn launch(&mut self, queued: Queued) -> Result<(), RunError> {
        let Queued {
            execution,
            ticket,
            request,
            function,
            event,
            envelope,
        } = queued;
        let guest = self.functions.guest(&function)?.clone();
        let hosted = &self.hosted[execution.0];
        let launch = Launch {
            sandbox: self.functions.sandbox()?,
            guest: &guest,
            entropy: &hosted.entropy,
            region: &hosted.execution.about().region,
            messages: &self.messages,
            now: self.now,
            is_virtual: self.is_virtual,
        };
        let started = launch.start((execution, ticket), request, function, &event, envelope);
        self.started.insert(ticket, started);
        Ok(())
    }

    /// An invocation is over: its execution gets the answer.
    pub(crate) fn complete(&mut self, ticket: Ticket, outcome: Outcome) -> Result<(), RunError> {
        let Some(started) = self.started.remove(&ticket) else {
            return Ok(());
        };
        self.workers.remove(&started.request.token);
        self.activities.have_hope();
        let (answer, report) = started.finish(outcome);
        self.report(&report);
        self.answer(started.execution, &started.request, answer);
        self.settle()
    }

    /// Ends an invocation that nobody waits for any more, wherever it is.
    pub(super) fn call_off_ticket(&mut self, ticket: Ticket) {
        self.queue.retain(|queued| queued.ticket != ticket);
        self.call_off(ticket);
    }

    /// What it wrote is still told.
    fn call_off(&mut self, ticket: Ticket) {
        self.cancelled.push(ticket);
        let Some(mut started) = self.started.remove(&ticket) else {
            return;
        };
        started.task.abort();
        let report = started.cancelled();
        self.report(&report);
        self.dying.push(started.task);
    }

    /// Ends every invocation of an execution, or of all.
    pub(super) fn abandon(&mut self, of: Option<ExecutionId>) {
        let concerned = |execution: ExecutionId| of.is_none_or(|of| of == execution);
        let tickets: Vec<Ticket> = self
            .started
            .iter()
            .filter(|(_, started)| concerned(started.execution))
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in tickets {
            self.call_off(ticket);
        }
        self.queue.retain(|queued| !concerned(queued.execution));
    }

    fn report(&mut self, report: &InvocationReport) {
        if self.is_virtual {
            for line in &report.log {
                self.observer.log(&report.state, report.attempt, line);
            }
        }
        self.observer.invoked(report);
    }

    /// A line of a guest's log. Under virtual time it is told with the invocation's end, in the run's order.
    pub(crate) fn log(&mut self, ticket: Ticket, line: String) {
        let Some(started) = self.started.get_mut(&ticket) else {
            return;
        };
        if !self.is_virtual {
            let request = &started.request;
            self.observer
                .log(&request.state_name, request.attempt, &line);
        }
        started.log.push(line);
    }
}
