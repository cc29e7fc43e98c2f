//! Tasks on their way to workers and back.

use std::sync::Arc;
use std::time::Duration;

use data::Data;
use engine::{Failure, Input, TaskRequest, TaskToken};
use sandbox::{Contract, Outcome};

use super::{ExecutionId, Shell, Worker};
use crate::functions::{Envelope, Function, Work, submits, waits_for_token};
use crate::inject::When;
use crate::invoke::{Launch, Ticket, throttled};
use crate::observer::InvocationReport;
use crate::run::RunError;

/// An invocation that waits for a place among the live guests.
#[derive(Clone)]
pub(super) struct Queued {
    execution: ExecutionId,
    ticket: Ticket,
    request: Box<TaskRequest>,
    function: Arc<Function>,
    event: Data,
    envelope: Envelope,
    /// Whether it is the second delivery of the task.
    again: bool,
}

impl Shell<'_> {
    /// Whether a guest is at work or waits for its place.
    pub(crate) fn has_work(&self) -> bool {
        !self.started.is_empty() || !self.queue.is_empty()
    }

    /// Hands a task to its worker, unless something else was decided.
    pub(super) fn start(&mut self, id: ExecutionId, request: Box<TaskRequest>) {
        let work = match self.intervene(id, &request) {
            Some(answer) => Work::Mock(answer),
            None => self.functions.resolve(&request),
        };
        if waits_for_token(&request.resource) {
            self.tokens.open(request.token, id);
        }
        let token = request.token;
        // The work of an activity begins when a worker takes it.
        let offered = matches!(work, Work::Activity);
        if !offered || self.injected.fails_before(token) {
            self.tell_started(id, token);
        }
        let mut work = Some(work);
        if self.prevent(id, &request, &mut work) {
            return;
        }
        if let Some(work) = work {
            self.work(id, request, work);
        }
    }

    fn tell_started(&mut self, id: ExecutionId, token: TaskToken) {
        let worker = None;
        self.tell(id, Input::TaskStarted { token, worker });
    }

    /// Lets the worker begin.
    pub(super) fn work(&mut self, id: ExecutionId, request: Box<TaskRequest>, work: Work) {
        match work {
            Work::Activity => {
                if self.injected.fails_by_callback(request.token) {
                    self.tell_started(id, request.token);
                }
                if self.answers_itself(id, request.token) {
                    return;
                }
                self.offer(id, &request, None);
                if let Some(by) = self.injected.twice(request.token) {
                    self.offer(id, &request, Some(by));
                }
            }
            Work::Mock(answer) => self.mocked(id, &request, answer),
            Work::Constant(output) => match self.endure(id, &request, Ok(output)) {
                (answer, Duration::ZERO) => self.answer(id, &request, answer),
                (answer, later) => self.hold_outcome(id, &request, answer, later),
            },
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
            Work::Remote { endpoint, .. } => {
                let cause = format!("Nothing here can ask {}", endpoint.address);
                let failure = Failure::new(engine::errors::RUNTIME, cause);
                self.answer(id, &request, Err(failure));
            }
            Work::Invoke {
                function,
                event,
                envelope,
            } => self.enqueue(id, request, function, event, envelope),
        }
    }

    /// A mock answers, after what befalls the function that it stands for.
    fn mocked(&mut self, id: ExecutionId, request: &TaskRequest, answer: Result<Data, Failure>) {
        match self.endure(id, request, answer) {
            (answer, Duration::ZERO) => self.answer_mocked(id, request, answer),
            (answer, later) => self.hold_mock(id, request, answer, later),
        }
    }

    /// A mock stands for all that a service does, also for what it would do after it took the request.
    pub(super) fn answer_mocked(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        answer: Result<Data, Failure>,
    ) {
        let token = request.token;
        if submits(&request.resource) && answer.is_ok() && !self.injected.fails_after(token) {
            let output = Data::empty_object();
            self.tell(id, Input::TaskSubmitted { token, output });
        }
        self.tokens.close(token);
        self.deliver(id, token, answer);
    }

    /// The worker's answer; of a task that waits for its token it only says that the request was taken.
    pub(super) fn answer(
        &mut self,
        id: ExecutionId,
        request: &TaskRequest,
        answer: Result<Data, Failure>,
    ) {
        let token = request.token;
        match answer {
            // The service did what it was asked for, and its answer is lost.
            Ok(_) if waits_for_token(&request.resource) && self.injected.fails_after(token) => {
                self.tokens.close(token);
                self.deliver(id, token, Ok(Data::Null));
            }
            Ok(output) if waits_for_token(&request.resource) => {
                self.tokens.waits(token, &request.state_name);
                self.tell(id, Input::TaskSubmitted { token, output });
                self.answers_itself(id, token);
            }
            Ok(output) => self.deliver(id, token, Ok(output)),
            Err(failure) if waits_for_token(&request.resource) => {
                self.tokens.close(token);
                self.tell(id, Input::TaskFailed { token, failure });
            }
            Err(failure) => self.deliver(id, token, Err(failure)),
        }
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
        let token = request.token;
        let queued = Queued {
            execution,
            ticket: self.next_ticket,
            request,
            function,
            event,
            envelope,
            again: false,
        };
        let mut tickets = vec![queued.ticket];
        if self.injected.is_twice(token) {
            tickets.push(queued.ticket + 1);
            let again = Queued {
                ticket: queued.ticket + 1,
                again: true,
                ..queued.clone()
            };
            self.next_ticket += 1;
            self.queue.push_back(again);
        }
        self.next_ticket += 1;
        // Second deliveries take no place from those that somebody waits for.
        let first = self.queue.iter().rposition(|queued| !queued.again);
        self.queue.insert(first.map_or(0, |at| at + 1), queued);
        self.workers.insert(token, Worker::Invocation(tickets));
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
        while self.started.len() < self.most_guests() {
            let Some(queued) = self.queue.pop_front() else {
                return Ok(());
            };
            self.launch(queued)?;
        }
        Ok(())
    }

    /// How many guests of this run may be live at once.
    fn most_guests(&self) -> usize {
        let all = self.functions.max_guests();
        self.guests.map_or(all, |own| own.min(all)).max(1) as usize
    }

    fn launch(&mut self, queued: Queued) -> Result<(), RunError> {
        let Queued {
            execution,
            ticket,
            request,
            function,
            event,
            envelope,
            again,
        } = queued;
        let guest = self.functions.guest(&function)?.clone();
        if again {
            self.injected.took_effect(request.token);
        }
        let hosted = &self.hosted[execution.0];
        let launch = Launch {
            sandbox: self.functions.sandbox()?,
            guest: &guest,
            entropy: &hosted.entropy,
            about: hosted.execution.about(),
            messages: &self.messages,
            now: self.now,
            is_virtual: self.is_virtual,
            fault: self.injected.at(request.token, When::Before),
            again,
        };
        let started = launch.start((execution, ticket), request, function, &event, envelope);
        self.started.insert(ticket, started);
        Ok(())
    }

    /// An invocation is over: its execution gets the answer.
    pub(crate) fn complete(&mut self, ticket: Ticket, outcome: Outcome) -> Result<(), RunError> {
        let mut outcome = outcome;
        let Some(mut started) = self.started.remove(&ticket) else {
            return Ok(());
        };
        if started.again {
            // Nobody asked for the work to be done twice, so nobody hears of it.
            let (_, report) = started.finish(outcome);
            self.report(&report);
            return Ok(());
        }
        self.workers.remove(&started.request.token);
        self.activities.have_hope();
        if self.injected.exits(started.request.token) {
            // A reactor that was made to exit is not to blame for it.
            started.contract = Contract::Command;
        }
        let request = &started.request;
        let later = self.suffer(request, &started.function.limits, &mut outcome);
        let (answer, report) = started.finish(outcome);
        self.report(&report);
        if later.is_zero() {
            self.answer(started.execution, request, answer);
        } else {
            self.hold_outcome(started.execution, request, answer, later);
        }
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
        self.slept(started.request.token, started.at);
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
