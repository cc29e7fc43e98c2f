//! One invocation on its way: from the request to the answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use data::{Data, EcoString};
use engine::{Entropy, Failure, TaskRequest, Timestamp};
use sandbox::{
    Contract, Disruption, End, Guest, HostFault, Invocation, Outcome, Sandbox, Sleeper, Time,
};
use tokio::sync::{mpsc, oneshot};

use crate::functions::{Envelope, Function, LoadFailure};
use crate::host::{Invoke, Invoked, NotInvoked};
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
    /// A guest was loaded beside the shell, or not.
    Loaded {
        function: String,
        result: Result<(), LoadFailure>,
    },
    /// Somebody outside answered a task.
    Answered {
        ticket: Ticket,
        answer: Result<Data, Failure>,
    },
}

/// Whom an invocation is for.
pub(crate) enum Errand {
    /// A task.
    Task {
        /// Whose task it is.
        execution: ExecutionId,
        /// The attempt.
        request: Box<TaskRequest>,
        /// How the answer reaches the workflow.
        envelope: Envelope,
        /// Whether it is the second delivery of its task.
        again: bool,
    },
    /// A caller from outside.
    Caller {
        /// What was asked for.
        invoke: Box<Invoke>,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Invoked, NotInvoked>>,
    },
}

impl Errand {
    /// The execution whose task it is.
    pub(crate) fn execution(&self) -> Option<ExecutionId> {
        match self {
            Errand::Task { execution, .. } => Some(*execution),
            Errand::Caller { .. } => None,
        }
    }

    /// The attempt.
    pub(crate) fn request(&self) -> Option<&TaskRequest> {
        match self {
            Errand::Task { request, .. } => Some(request),
            Errand::Caller { .. } => None,
        }
    }

    /// Whether it is the second delivery of a task.
    pub(crate) fn again(&self) -> bool {
        matches!(self, Errand::Task { again: true, .. })
    }
}

/// What the answer to one goes by.
#[derive(Clone)]
pub(crate) struct Manners {
    /// Lambda's request id.
    pub request_id: String,
    /// `$LATEST`, or the version that was asked for.
    pub version: EcoString,
    /// Of the execution, or of the caller.
    pub region: EcoString,
}

/// An invocation that was started, and what is needed to answer for it.
pub(crate) struct Started {
    pub errand: Errand,
    /// The execution whose task it is, as a report names it.
    pub execution_arn: EcoString,
    pub function: Arc<Function>,
    pub contract: Contract,
    pub manners: Manners,
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
    pub messages: &'l mpsc::UnboundedSender<Message>,
    /// Now, since the Unix epoch, on the run's clock.
    pub now: Duration,
    /// Whether the clock is virtual.
    pub is_virtual: bool,
    /// What is to befall the guest at its work.
    pub fault: Option<&'l Fault>,
    /// Its chance.
    pub seed: [u8; 32],
}

impl Launch<'_> {
    /// Starts the invocation on a task of its own.
    pub(crate) fn start(
        &self,
        (ticket, errand): (Ticket, Errand),
        function: Arc<Function>,
        event: String,
        execution_arn: EcoString,
        manners: Manners,
    ) -> Started {
        // What is deployed knows which of its versions it is.
        let manners = Manners {
            version: function.version.clone(),
            ..manners
        };
        let call = Call {
            function: &function,
            manners: manners.clone(),
            started: timestamp(self.now),
        };
        let mut invocation = Invocation::new(event, call.context());
        invocation.environment = call.environment();
        invocation.arguments = vec![function.name.clone()];
        invocation.mounts = function.all_mounts();
        invocation.scratch = function.scratch;
        invocation.limits = function.limits.clone();
        invocation.seed = Some(self.seed);
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
            errand,
            execution_arn,
            function,
            contract,
            manners,
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
            error: Some(InvocationReport::CANCELLED.into()),
            log: std::mem::take(&mut self.log),
            ..self.blank_report()
        }
    }

    /// The answer for whoever it is for, and the report for whoever watches.
    pub(crate) fn finish(&self, outcome: Outcome) -> (Result<Data, Failure>, InvocationReport) {
        let envelope = match self.errand {
            Errand::Task { envelope, .. } => envelope,
            Errand::Caller { .. } => Envelope::None,
        };
        let answer = self.call().answer(outcome.end, self.contract, envelope);
        let error = answer
            .as_ref()
            .err()
            .and_then(|failure| failure.error.clone());
        let report = InvocationReport {
            fuel: outcome.fuel,
            elapsed: outcome.elapsed,
            peak_memory: outcome.peak_memory,
            error,
            log: outcome.log,
            ..self.blank_report()
        };
        (answer, report)
    }

    fn call(&self) -> Call<'_> {
        Call {
            function: &self.function,
            manners: self.manners.clone(),
            started: timestamp(self.at),
        }
    }

    /// The report of an invocation that cost nothing and wrote nothing.
    fn blank_report(&self) -> InvocationReport {
        let request = self.errand.request();
        InvocationReport {
            execution_arn: self.execution_arn.clone(),
            state: request
                .map(|request| request.state_name.clone())
                .unwrap_or_default(),
            attempt: request.map_or(0, |request| request.attempt),
            item: request.and_then(|request| request.item),
            function: self.function.name.clone(),
            version: self.manners.version.clone(),
            region: self.manners.region.clone(),
            request_id: self.manners.request_id.clone(),
            started_at: timestamp(self.at),
            memory_limit: self.function.limits.memory,
            fuel: 0,
            elapsed: Duration::ZERO,
            peak_memory: 0,
            error: None,
            log: Vec::new(),
        }
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
    let manners = Manners::of(entropy, request, region);
    let call = Call {
        function,
        manners,
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
    let manners = Manners::of(entropy, request, region);
    let started = Timestamp(0);
    Call {
        function,
        manners,
        started,
    }
    .throttled()
}

impl Manners {
    /// Those of a task's invocation.
    pub(crate) fn of(entropy: &Entropy, request: &TaskRequest, region: &str) -> Manners {
        Manners {
            request_id: request_id(entropy, request),
            version: "$LATEST".into(),
            region: region.into(),
        }
    }
}

/// Lambda's request id, drawn from the run's chance.
pub(crate) fn request_id(entropy: &Entropy, request: &TaskRequest) -> String {
    drawn_uuid(entropy, "request", request)
}

/// A UUID for a purpose of an attempt, drawn from the run's chance.
pub(crate) fn drawn_uuid(entropy: &Entropy, purpose: &str, request: &TaskRequest) -> String {
    uuid_of(entropy, purpose, &attempt_key(request))
}

/// A UUID for a purpose that `key` names.
pub(crate) fn uuid_of(entropy: &Entropy, purpose: &str, key: &str) -> String {
    let bits = entropy.derive(purpose, key);
    let bits = bits.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bits)
        .into_uuid()
        .to_string()
}

/// A number for a purpose of an attempt, drawn from the run's chance.
pub(crate) fn drawn(entropy: &Entropy, purpose: &str, request: &TaskRequest) -> u64 {
    let bits = entropy.derive(purpose, &attempt_key(request));
    let bits = bits.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_le_bytes(bits)
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
