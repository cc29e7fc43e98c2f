//! What both clocks share: feeding the engine, keeping its records, starting and ending tasks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use data::Data;
use engine::{
    Command, Effects, Entropy, Execution, Failure, Input, Status, TaskRequest, TaskToken,
};
use journal::{Batch, Journal, Summary};
use sandbox::Outcome;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::functions::{Envelope, Function, Functions, Work, waits_for_token};
use crate::invoke::{Launch, Message, Started, Ticket, throttled, timestamp};
use crate::observer::{InvocationReport, Observer};
use crate::run::RunError;

/// One execution with everything around it but its clock.
pub(crate) struct Shell<'r> {
    pub execution: Execution,
    pub entropy: Entropy,
    pub functions: Arc<Functions>,
    pub journal: Box<dyn Journal>,
    pub observer: &'r mut dyn Observer,
    pub is_virtual: bool,
    /// Now, since the Unix epoch, on the run's clock.
    pub now: Duration,
    pub started: BTreeMap<Ticket, Started>,
    /// Tickets whose guest is over or was called off, for the clock to forget.
    pub cancelled: Vec<Ticket>,
    tokens: BTreeMap<TaskToken, Ticket>,
    queue: VecDeque<Queued>,
    /// Invocations that were called off and may still hold their places.
    dying: Vec<JoinHandle<()>>,
    next_ticket: Ticket,
    messages: mpsc::UnboundedSender<Message>,
}

/// An invocation that waits for a place among the live guests.
struct Queued {
    ticket: Ticket,
    request: Box<TaskRequest>,
    function: Arc<Function>,
    event: Data,
    envelope: Envelope,
}

impl<'r> Shell<'r> {
    pub(crate) fn new(
        execution: Execution,
        entropy: Entropy,
        functions: Arc<Functions>,
        journal: Box<dyn Journal>,
        observer: &'r mut dyn Observer,
        is_virtual: bool,
    ) -> (Shell<'r>, mpsc::UnboundedReceiver<Message>) {
        let (messages, receiver) = mpsc::unbounded_channel();
        let shell = Shell {
            execution,
            entropy,
            functions,
            journal,
            observer,
            is_virtual,
            now: Duration::ZERO,
            started: BTreeMap::new(),
            cancelled: Vec::new(),
            tokens: BTreeMap::new(),
            queue: VecDeque::new(),
            dying: Vec::new(),
            next_ticket: 0,
            messages,
        };
        (shell, receiver)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.execution.status().is_final()
    }

    /// Whether somebody inside the run still works on a task.
    pub(crate) fn has_work(&self) -> bool {
        !self.started.is_empty() || !self.queue.is_empty()
    }

    /// Hands an input to the engine, keeps what comes of it, and carries it out.
    pub(crate) fn feed(&mut self, input: Input) -> Result<(), RunError> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut effects = Effects::default();
            self.execution
                .handle(timestamp(self.now), &self.entropy, input, &mut effects);
            self.keep(&effects.records)?;
            self.observer.records(&self.execution, &effects.records);
            for command in effects.commands {
                match command {
                    Command::StartTask(request) => inputs.extend(self.start(request)?),
                    Command::CancelTask(token) => self.cancel(token),
                    Command::Finish => self.abandon(),
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, records: &[engine::Record]) -> Result<(), RunError> {
        if records.is_empty() {
            return Ok(());
        }
        let about = self.execution.about();
        let mut summary = Summary::new(
            &about.execution_arn,
            &about.state_machine_name,
            &about.execution_name,
            self.execution.started_at(),
        );
        summary.status = self.execution.status().as_str();
        summary.stopped_at = self.execution.stopped_at();
        Ok(self.journal.append(Batch { summary, records })?)
    }

    /// Starts a task; returns what the engine must hear of it at once.
    fn start(&mut self, request: Box<TaskRequest>) -> Result<Vec<Input>, RunError> {
        let token = request.token;
        let begun = Input::TaskStarted {
            token,
            worker: None,
        };
        match self.functions.resolve(&request) {
            Work::Constant(output) => {
                if waits_for_token(&request.resource) {
                    return Ok(vec![begun, Input::TaskSubmitted { token, output }]);
                }
                Ok(vec![begun, Input::TaskSucceeded { token, output }])
            }
            Work::Fail(failure) => Ok(vec![begun, Input::TaskFailed { token, failure }]),
            Work::Unbound { failure, snippet } => {
                self.observer.unbound(&request, &failure, &snippet);
                Ok(vec![begun, Input::TaskFailed { token, failure }])
            }
            Work::Invoke {
                function,
                event,
                envelope,
            } => {
                if self.is_saturated(&function) {
                    let region = &self.execution.about().region;
                    let failure = throttled(&self.entropy, &request, &function, region);
                    return Ok(vec![begun, Input::TaskFailed { token, failure }]);
                }
                let ticket = self.next_ticket;
                self.next_ticket += 1;
                self.tokens.insert(token, ticket);
                self.queue.push_back(Queued {
                    ticket,
                    request,
                    function,
                    event,
                    envelope,
                });
                Ok(vec![begun])
            }
        }
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
            ticket,
            request,
            function,
            event,
            envelope,
        } = queued;
        let guest = self.functions.guest(&function)?.clone();
        let launch = Launch {
            sandbox: self.functions.sandbox()?,
            guest: &guest,
            entropy: &self.entropy,
            region: &self.execution.about().region,
            messages: &self.messages,
            now: self.now,
            is_virtual: self.is_virtual,
        };
        let started = launch.start(ticket, request, function, &event, envelope);
        self.started.insert(ticket, started);
        Ok(())
    }

    /// An invocation is over: the engine gets its answer.
    pub(crate) fn complete(&mut self, ticket: Ticket, outcome: Outcome) -> Result<(), RunError> {
        let Some(started) = self.started.remove(&ticket) else {
            return Ok(());
        };
        let token = started.request.token;
        self.tokens.remove(&token);
        let (answer, report) = started.finish(outcome);
        self.tell(&report);
        let submits = waits_for_token(&started.request.resource);
        self.feed(match answer {
            Ok(output) if submits => Input::TaskSubmitted { token, output },
            Ok(output) => Input::TaskSucceeded { token, output },
            Err(failure) => Input::TaskFailed { token, failure },
        })
    }

    fn cancel(&mut self, token: TaskToken) {
        let Some(ticket) = self.tokens.remove(&token) else {
            return;
        };
        self.queue.retain(|queued| queued.ticket != ticket);
        self.call_off(ticket);
    }

    /// Ends an invocation that nobody waits for any more; what it wrote is still told.
    fn call_off(&mut self, ticket: Ticket) {
        self.cancelled.push(ticket);
        let Some(mut started) = self.started.remove(&ticket) else {
            return;
        };
        started.task.abort();
        let report = started.cancelled();
        self.tell(&report);
        self.dying.push(started.task);
    }

    fn abandon(&mut self) {
        let tickets: Vec<Ticket> = self.started.keys().copied().collect();
        for ticket in tickets {
            self.call_off(ticket);
        }
        self.queue.clear();
        self.tokens.clear();
    }

    fn tell(&mut self, report: &InvocationReport) {
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

    pub(crate) fn stop(&mut self, failure: Failure) -> Result<(), RunError> {
        self.feed(Input::Stop(failure))
    }

    /// The error of a run that nothing inside can move any more; none if something can.
    pub(crate) fn stuck(&self) -> Option<RunError> {
        let waits = self.execution.next_wake().is_some() || self.has_work();
        if waits || self.is_over() || *self.execution.status() == Status::Created {
            return None;
        }
        let tasks = self.execution.open_tasks();
        let tasks = tasks
            .map(|(token, state)| (state.to_string(), token.to_string()))
            .collect();
        Some(RunError::Waiting { tasks })
    }
}

impl Drop for Shell<'_> {
    fn drop(&mut self) {
        self.abandon();
    }
}
