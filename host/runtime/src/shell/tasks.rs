//! Tasks on their way to workers and back.

use std::sync::Arc;
use std::time::Duration;

use data::{Data, EcoString};
use engine::{Failure, Input, TaskRequest, TaskToken};
use sandbox::{Contract, HostFault, Outcome};

use super::{ExecutionId, Shell, Unit, Worker};
use crate::functions::{Envelope, Function, LoadFailure, Work, submits, waits_for_token};
use crate::host::{Invoke, Invoked, NotInvoked, Reply};
use crate::inject::When;
use crate::invoke::{Errand, Launch, Manners, Message, Started, Ticket, attempt_key, throttled};
use crate::observer::InvocationReport;
use crate::run::RunError;

/// An invocation that waits for a place among the live guests.
pub(super) struct Queued {
    ticket: Ticket,
    errand: Errand,
    function: Arc<Function>,
    event: String,
    manners: Manners,
    /// What must be kept before it may begin.
    unit: Unit,
    /// When it began, if a process before this one began it.
    began: Option<Duration>,
}

impl Shell<'_> {
    /// Whether a guest is at work or waits for its place.
    pub(crate) fn has_work(&self) -> bool {
        !self.started.is_empty() || !self.queue.is_empty() || !self.away.is_empty()
    }

    /// Hands a task to its worker, unless something else was decided.
    pub(super) fn start(&mut self, id: ExecutionId, request: Box<TaskRequest>) {
        let work = match self.intervene(id, &request) {
            Some(answer) => Work::Mock(answer),
            None => {
                let region = &self.execution(id).about().region;
                self.functions.resolve_in(&request, Some(region))
            }
        };
        if waits_for_token(&request.resource) {
            self.open_token(request.token, id);
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
            Work::Remote { endpoint, work } => self.ask(id, request, &endpoint, work),
            Work::Invoke {
                function,
                event,
                envelope,
            } => self.enqueue(id, request, function, &event, envelope),
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
        event: &Data,
        envelope: Envelope,
    ) {
        if self.is_saturated(&function) {
            let hosted = &self.hosted[execution.0];
            let region = &hosted.execution.about().region;
            let failure = throttled(&hosted.entropy, &request, &function, region);
            return self.answer(execution, &request, Err(failure));
        }
        let token = request.token;
        let hosted = &self.hosted[execution.0];
        let region = &hosted.execution.about().region;
        let manners = Manners {
            version: function.version.clone(),
            ..Manners::of(&hosted.entropy, &request, region)
        };
        let event = event.to_string();
        let unit = self.outbox.open();
        let mut tickets = vec![self.ticket()];
        if self.injected.is_twice(token) {
            let ticket = self.ticket();
            tickets.push(ticket);
            self.queue.push_back(Queued {
                ticket,
                errand: Errand::Task {
                    execution,
                    request: request.clone(),
                    envelope,
                    again: true,
                },
                function: Arc::clone(&function),
                event: event.clone(),
                manners: manners.clone(),
                unit,
                began: None,
            });
        }
        self.wait_for_place(Queued {
            ticket: tickets[0],
            errand: Errand::Task {
                execution,
                request,
                envelope,
                again: false,
            },
            function,
            event,
            manners,
            unit,
            began: self.began_before(token),
        });
        self.workers.insert(token, Worker::Invocation(tickets));
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        self.next_ticket - 1
    }

    /// Second deliveries take no place from those that somebody waits for.
    fn wait_for_place(&mut self, queued: Queued) {
        let first = self.queue.iter().rposition(|queued| !queued.errand.again());
        self.queue.insert(first.map_or(0, |at| at + 1), queued);
    }

    /// Invokes a function for a caller from outside.
    pub(super) fn invoke(
        &mut self,
        invoke: Box<Invoke>,
        reply: Reply<Result<Invoked, NotInvoked>>,
    ) {
        if self.is_saturated(&invoke.function) {
            // Whoever asked may have gone away.
            let _ = reply.send(Err(NotInvoked::Throttled));
            return;
        }
        if invoke.function.endpoint().is_some() {
            return self.ask_for_caller(&invoke, reply);
        }
        let queued = Queued {
            ticket: self.ticket(),
            function: Arc::clone(&invoke.function),
            event: invoke.event.clone(),
            manners: Manners {
                request_id: invoke.request_id.clone(),
                version: invoke.version.clone(),
                region: invoke.region.clone(),
            },
            // Nothing of it is kept.
            unit: Unit::default(),
            began: None,
            errand: Errand::Caller { invoke, reply },
        };
        self.wait_for_place(queued);
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
        self.bury().await;
        while self.started.len() < self.most_guests() {
            let first = self.queue.front();
            if !first.is_some_and(|first| self.outbox.has_kept(first.unit)) {
                return Ok(());
            }
            let Some(queued) = self.queue.pop_front() else {
                return Ok(());
            };
            // A run has loaded its guests; nobody on a host waits for another's compiler.
            if self.main.is_none() && !queued.function.is_loaded() {
                self.load(queued);
            } else {
                self.launch(queued)?;
            }
        }
        Ok(())
    }

    /// Has a guest loaded beside the shell; its invocations wait.
    fn load(&mut self, queued: Queued) {
        let (name, function) = (queued.function.name.clone(), Arc::clone(&queued.function));
        let under_way = self.loading.contains_key(&name);
        self.loading.entry(name.clone()).or_default().push(queued);
        if under_way {
            return;
        }
        let (functions, messages) = (Arc::clone(&self.functions), self.messages.clone());
        tokio::task::spawn_blocking(move || {
            let result = functions.guest(&function).map(|_| ());
            // A closed channel means that nobody waits any more.
            let _ = messages.send(Message::Loaded {
                function: name,
                result,
            });
        });
    }

    /// A guest is loaded, or will not be: its invocations go on, or fail.
    pub(crate) fn loaded(
        &mut self,
        function: &str,
        result: Result<(), LoadFailure>,
    ) -> Result<(), RunError> {
        let waiting = self.loading.remove(function).unwrap_or_default();
        match result {
            Ok(()) => {
                for queued in waiting.into_iter().rev() {
                    self.queue.push_front(queued);
                }
            }
            Err(failure) => {
                for queued in waiting {
                    self.not_loadable(queued.errand, failure.clone())?;
                }
            }
        }
        Ok(())
    }

    /// Waits until those that were called off have given up what they held.
    async fn bury(&mut self) {
        while let Some(task) = self.dying.last_mut() {
            // An aborted task ends with an error that says so.
            let _ = task.await;
            self.dying.pop();
        }
    }

    /// Ends every invocation, and returns when nothing is left of any: no place taken, no folder on the disk.
    pub(crate) async fn close(&mut self) {
        self.abandon(None);
        self.bury().await;
    }

    /// A guest that cannot be loaded ends a run. A host goes on: whoever asked hears of it.
    fn not_loadable(&mut self, errand: Errand, failure: LoadFailure) -> Result<(), RunError> {
        if self.main.is_some() {
            return Err(failure.into());
        }
        match errand {
            Errand::Caller { reply, .. } => {
                // Whoever asked may have gone away.
                let _ = reply.send(Err(NotInvoked::NotLoadable(failure.to_string())));
            }
            Errand::Task {
                execution,
                request,
                again,
                ..
            } => {
                if !again {
                    self.workers.remove(&request.token);
                    let failure = Failure::new("Runtime.InvalidModule", failure.to_string());
                    self.answer(execution, &request, Err(failure));
                }
            }
        }
        self.settle()
    }

    /// How many guests of this run may be live at once.
    fn most_guests(&self) -> usize {
        let all = self.functions.max_guests();
        self.guests.map_or(all, |own| own.min(all)).max(1) as usize
    }

    fn launch(&mut self, queued: Queued) -> Result<(), RunError> {
        let Queued {
            ticket,
            errand,
            function,
            event,
            manners,
            began,
            ..
        } = queued;
        let guest = match self.functions.guest(&function) {
            Ok(guest) => guest.clone(),
            Err(failure) => return self.not_loadable(errand, failure),
        };
        let token = errand.request().map(|request| request.token);
        if let (Some(token), true) = (token, errand.again()) {
            self.injected.took_effect(token);
        }
        let (seed, execution_arn) = self.chance_of(&errand);
        let launch = Launch {
            sandbox: self.functions.sandbox()?,
            guest: &guest,
            messages: &self.messages,
            now: began.unwrap_or(self.now),
            is_virtual: self.is_virtual,
            fault: token.and_then(|token| self.injected.at(token, When::Before)),
            seed,
        };
        let started = launch.start((ticket, errand), function, event, execution_arn, manners);
        self.started.insert(ticket, started);
        Ok(())
    }

    /// The chance of an invocation, and the execution that it belongs to. A second delivery is another invocation,
    /// with chance of its own.
    fn chance_of(&self, errand: &Errand) -> ([u8; 32], EcoString) {
        match errand {
            Errand::Task {
                execution,
                request,
                again,
                ..
            } => {
                let hosted = &self.hosted[execution.0];
                let purpose = if *again { "guest again" } else { "guest" };
                let seed = hosted.entropy.derive(purpose, &attempt_key(request));
                (seed, hosted.execution.about().execution_arn.clone())
            }
            Errand::Caller { invoke, .. } => {
                let seed = self.entropy.derive("guest", &invoke.request_id);
                (seed, EcoString::new())
            }
        }
    }

    /// An invocation is over: whoever it was for gets the answer.
    pub(crate) fn complete(&mut self, ticket: Ticket, outcome: Outcome) -> Result<(), RunError> {
        let mut outcome = outcome;
        let Some(mut started) = self.started.remove(&ticket) else {
            return Ok(());
        };
        let Some(token) = started.errand.request().map(|request| request.token) else {
            return self.complete_call(started, outcome);
        };
        if started.errand.again() {
            // Nobody asked for the work to be done twice, so nobody hears of it.
            let (_, report) = started.finish(outcome);
            self.report(&report);
            return Ok(());
        }
        self.workers.remove(&token);
        self.activities.have_hope();
        if self.injected.exits(token) {
            // A reactor that was made to exit is not to blame for it.
            started.contract = Contract::Command;
        }
        let later = match &started.errand {
            Errand::Task { request, .. } => {
                self.suffer(request, &started.function.limits, &mut outcome)
            }
            Errand::Caller { .. } => Duration::ZERO,
        };
        let (answer, report) = started.finish(outcome);
        self.report(&report);
        if let Errand::Task {
            execution, request, ..
        } = &started.errand
        {
            if later.is_zero() {
                self.answer(*execution, request, answer);
            } else {
                self.hold_outcome(*execution, request, answer, later);
            }
        }
        self.settle()
    }

    fn complete_call(&mut self, started: Started, outcome: Outcome) -> Result<(), RunError> {
        let (answer, report) = started.finish(outcome);
        self.report(&report);
        if let Errand::Caller { reply, .. } = started.errand {
            // Whoever asked may have gone away.
            let _ = reply.send(Ok(Invoked::of(answer, report)));
        }
        Ok(())
    }

    /// The sandbox failed at an invocation, which ends a run. A host goes on: whoever asked hears of it.
    pub(crate) fn faulted(&mut self, ticket: Ticket, fault: HostFault) -> Result<(), RunError> {
        let Some(mut started) = self.started.remove(&ticket) else {
            return Ok(());
        };
        if self.main.is_some() {
            let function = started.function.name.clone();
            return Err(RunError::Host { function, fault });
        }
        let report = started.cancelled();
        self.report(&report);
        match started.errand {
            Errand::Caller { reply, .. } => {
                // Whoever asked may have gone away.
                let _ = reply.send(Err(NotInvoked::Fault(fault.to_string())));
            }
            Errand::Task { again: true, .. } => {}
            Errand::Task {
                execution, request, ..
            } => {
                self.workers.remove(&request.token);
                let failure = Failure::new("Lambda.ServiceException", fault.to_string());
                self.answer(execution, &request, Err(failure));
            }
        }
        self.settle()
    }

    /// Ends an invocation that nobody waits for any more, wherever it is.
    pub(super) fn call_off_ticket(&mut self, ticket: Ticket) {
        self.queue.retain(|queued| queued.ticket != ticket);
        for waiting in self.loading.values_mut() {
            waiting.retain(|queued| queued.ticket != ticket);
        }
        self.call_off(ticket);
    }

    /// What it wrote is still told.
    fn call_off(&mut self, ticket: Ticket) {
        self.cancelled.push(ticket);
        let Some(mut started) = self.started.remove(&ticket) else {
            return;
        };
        started.task.abort();
        if let Some(request) = started.errand.request() {
            self.slept(request.token, started.at);
        }
        let report = started.cancelled();
        self.report(&report);
        self.dying.push(started.task);
    }

    /// Ends every invocation of an execution, or of all.
    pub(super) fn abandon(&mut self, of: Option<ExecutionId>) {
        let concerned = |errand: &Errand| of.is_none() || errand.execution() == of;
        let tickets: Vec<Ticket> = self
            .started
            .iter()
            .filter(|(_, started)| concerned(&started.errand))
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in tickets {
            self.call_off(ticket);
        }
        self.queue.retain(|queued| !concerned(&queued.errand));
        for waiting in self.loading.values_mut() {
            waiting.retain(|queued| !concerned(&queued.errand));
        }
        let away: Vec<Ticket> = self
            .away
            .iter()
            .filter(|(_, away)| of.is_none_or(|of| of == away.execution))
            .map(|(ticket, _)| *ticket)
            .collect();
        for ticket in away {
            self.call_back(ticket);
        }
    }

    fn report(&mut self, report: &InvocationReport) {
        if self.is_virtual && !report.state.is_empty() {
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
        if let (false, Some(request)) = (self.is_virtual, started.errand.request()) {
            self.observer
                .log(&request.state_name, request.attempt, &line);
        }
        started.log.push(line);
    }
}
