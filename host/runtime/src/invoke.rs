//! One invocation on its way: from the request to the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use data::{Data, EcoString};
use engine::{About, Entropy, Failure, TaskRequest, Timestamp};
use sandbox::{
    Contract, Disruption, End, Guest, HostFault, Invocation, Outcome, Sandbox, Sleeper, Time,
};
use tokio::sync::{mpsc, oneshot};

use crate::functions::{Envelope, Function};
use crate::inject::Fault;
use crate::lambda::Call;
use crate::observer::InvocationReport;
use crate::shell::ExecutionId;

/// The order in which tasks were started; also what an invocation is called inside a run.
pub(crate) type Ticket = u64;

/// What a running invocation tells the run.
pub(crate) enum Message {
    /// The guest sleeps until a moment of virtual time.
    Sleep {
        ticket: Ticket,
        until: Duration,
        wake: oneshot::Sender<()>,
    },
    /// The guest wrote a line to stderr.
    Log { ticket: Ticket, line: String },
    /// The invocation is over.
    Done {
        ticket: Ticket,
        result: Result<Outcome, HostFault>,
    },
}

/// An invocation that was started, and what is needed to answer for it.
pub(crate) struct Started {
    /// Whose task it is.
    pub execution: ExecutionId,
    /// The same, as a report names it.
    pub execution_arn: EcoString,
    pub request: Box<TaskRequest>,
    pub function: Arc<Function>,
    pub envelope: Envelope,
    pub contract: Contract,
    pub request_id: String,
    pub region: String,
    /// Whether it is the second delivery of its task.
    pub again: bool,
    /// Since the Unix epoch, on the run's clock.
    pub at: Duration,
    pub task: tokio::task::JoinHandle<()>,
    /// What the guest wrote to stderr so far.
    pub log: Vec<String>,
}

/// What every invocation of a run shares.
pub(crate) struct Launch<'l> {
    pub sandbox: &'l Sandbox,
    pub guest: &'l Guest,
    pub entropy: &'l Entropy,
    pub about: &'l About,
    pub messages: &'l mpsc::UnboundedSender<Message>,
    /// Now, since the Unix epoch, on the run's clock.
    pub now: Duration,
    /// Whether the clock is virtual.
    pub is_virtual: bool,
    /// What is to befall the guest at its work.
    pub fault: Option<&'l Fault>,
    /// Whether the task was delivered before and this is once more: another invocation, with chance of its own.
    pub again: bool,
}

impl Launch<'_> {
    /// Starts the invocation on a task of its own.
    pub(crate) fn start(
        &self,
        (execution, ticket): (ExecutionId, Ticket),
        request: Box<TaskRequest>,
        function: Arc<Function>,
        event: &Data,
        envelope: Envelope,
    ) -> Started {
        let request_id = request_id(self.entropy, &request);
        let call = Call {
            function: &function,
            request_id: request_id.clone(),
            region: &self.about.region,
            started: timestamp(self.now),
        };
        let mut invocation = Invocation::new(event.to_string(), call.context());
        invocation.environment = call.environment();
        invocation.arguments = vec![function.name.clone()];
        invocation.mounts = function.mounts.clone();
        invocation.limits = function.limits.clone();
        let purpose = if self.again { "guest again" } else { "guest" };
        invocation.seed = Some(self.entropy.derive(purpose, &attempt_key(&request)));
        invocation.time = self.time(ticket);
        if let Some(fault) = self.fault {
            disturb(&mut invocation, fault);
        }
        let log = self.messages.clone();
        invocation.log = Some(Arc::new(move |line: &str| {
            // A closed channel means that the run is over and nobody reads logs.
            let _ = log.send(Message::Log {
                ticket,
                line: line.to_owned(),
            });
        }));
        let (sandbox, guest) = (self.sandbox.clone(), self.guest.clone());
        let mut done = Answer {
            ticket,
            messages: self.messages.clone(),
            sent: false,
        };
        let contract = guest.contract();
        let task = tokio::spawn(async move {
            let result = sandbox.invoke(&guest, invocation).await;
            done.send(result);
        });
        Started {
            execution,
            execution_arn: self.about.execution_arn.clone(),
            request,
            function,
            envelope,
            contract,
            request_id,
            region: self.about.region.to_string(),
            again: self.again,
            at: self.now,
            task,
            log: Vec::new(),
        }
    }

    fn time(&self, ticket: Ticket) -> Time {
        if !self.is_virtual {
            return Time::Real;
        }
        let sleeper = VirtualSleeper {
            ticket,
            messages: self.messages.clone(),
        };
        Time::Virtual {
            start: self.now,
            sleeper: Arc::new(sleeper),
        }
    }
}

/// Gives an invocation less than it should have, or has something befall its guest.
fn disturb(invocation: &mut Invocation, fault: &Fault) {
    let limits = &mut invocation.limits;
    match fault {
        Fault::Fuel(most) => limits.fuel = Some(limits.fuel.unwrap_or(u64::MAX).min(*most)),
        Fault::Memory(most) => limits.memory = limits.memory.min(*most),
        Fault::Trap => invocation.disruption = Some(Disruption::Trap),
        Fault::Exit(code) => invocation.disruption = Some(Disruption::Exit(*code)),
        Fault::Slow(time) => invocation.disruption = Some(Disruption::Delay(*time)),
        Fault::Hang => invocation.disruption = Some(Disruption::Delay(Duration::MAX)),
        Fault::Error(_)
        | Fault::Throttle
        | Fault::Latency(_)
        | Fault::LostHeartbeat
        | Fault::Late(_)
        | Fault::Output(_)
        | Fault::Duplicate
        | Fault::Callback(_) => {}
    }
}

impl Started {
    /// The report of an invocation that was called off before its end.
    pub(crate) fn cancelled(&mut self) -> InvocationReport {
        InvocationReport {
            execution_arn: self.execution_arn.clone(),
            state: self.request.state_name.clone(),
            attempt: self.request.attempt,
            item: self.request.item,
            function: self.function.name.clone(),
            version: self.function.version.clone(),
            request_id: self.request_id.clone(),
            memory: self.function.limits.memory,
            fuel: 0,
            elapsed: Duration::ZERO,
            peak_memory: 0,
            error: Some(InvocationReport::CANCELLED.into()),
            log: std::mem::take(&mut self.log),
        }
    }

    /// The answer for the workflow, and the report for whoever watches.
    pub(crate) fn finish(&self, outcome: Outcome) -> (Result<Data, Failure>, InvocationReport) {
        let call = Call {
            function: &self.function,
            request_id: self.request_id.clone(),
            region: &self.region,
            started: timestamp(self.at),
        };
        let answer = call.answer(outcome.end, self.contract, self.envelope);
        let report = InvocationReport {
            execution_arn: self.execution_arn.clone(),
            state: self.request.state_name.clone(),
            attempt: self.request.attempt,
            item: self.request.item,
            function: self.function.name.clone(),
            version: self.function.version.clone(),
            request_id: self.request_id.clone(),
            memory: self.function.limits.memory,
            fuel: outcome.fuel,
            elapsed: outcome.elapsed,
            peak_memory: outcome.peak_memory,
            error: answer
                .as_ref()
                .err()
                .and_then(|failure| failure.error.clone()),
            log: outcome.log,
        };
        (answer, report)
    }
}

/// Sees to it that an invocation is answered for, even if it panics.
struct Answer {
    ticket: Ticket,
    messages: mpsc::UnboundedSender<Message>,
    sent: bool,
}

impl Answer {
    fn send(&mut self, result: Result<Outcome, HostFault>) {
        self.sent = true;
        // A closed channel means that the run is over and nobody waits.
        let _ = self.messages.send(Message::Done {
            ticket: self.ticket,
            result,
        });
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.sent {
            // Also when the task is called off; then nobody knows the ticket any more.
            self.send(Err(HostFault::Engine("the invocation panicked".into())));
        }
    }
}

/// The failure that an end means for a function that has no guest to come to it.
pub(crate) fn failed_by(
    entropy: &Entropy,
    request: &TaskRequest,
    (function, region): (&Function, &str),
    started: Timestamp,
    end: End,
) -> Failure {
    let request_id = request_id(entropy, request);
    let call = Call {
        function,
        request_id,
        region,
        started,
    };
    let answer = call.answer(end, Contract::Command, Envelope::None);
    answer.err().unwrap_or_default()
}

/// The failure of an invocation above its function's concurrency.
pub(crate) fn throttled(
    entropy: &Entropy,
    request: &TaskRequest,
    function: &Function,
    region: &str,
) -> Failure {
    let request_id = request_id(entropy, request);
    let started = Timestamp(0);
    Call {
        function,
        request_id,
        region,
        started,
    }
    .throttled()
}

/// Lambda's request id, drawn from the run's chance.
pub(crate) fn request_id(entropy: &Entropy, request: &TaskRequest) -> String {
    drawn_uuid(entropy, "request", request)
}

/// A UUID for a purpose of an attempt, drawn from the run's chance.
pub(crate) fn drawn_uuid(entropy: &Entropy, purpose: &str, request: &TaskRequest) -> String {
    let bits = entropy.derive(purpose, &attempt_key(request));
    let bits = bits.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bits)
        .into_uuid()
        .to_string()
}

/// What keys all chance of an attempt: the state's path with map indexes and visit, and the attempt.
pub(crate) fn attempt_key(request: &TaskRequest) -> String {
    format!("{}@{}", request.site, request.attempt)
}

pub(crate) fn timestamp(since_epoch: Duration) -> Timestamp {
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Puts a guest to sleep until the run's clock comes to wake it.
struct VirtualSleeper {
    ticket: Ticket,
    messages: mpsc::UnboundedSender<Message>,
}

impl Sleeper for VirtualSleeper {
    fn sleep_until(&self, until: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (wake, woken) = oneshot::channel();
        let sent = self.messages.send(Message::Sleep {
            ticket: self.ticket,
            until,
            wake,
        });
        Box::pin(async move {
            // If the run is gone, so is this guest: it never wakes and is dropped with its task.
            if sent.is_err() || woken.await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
