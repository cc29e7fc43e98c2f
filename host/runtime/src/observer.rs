//! Who watches a run: a progress display, a report, a test.

use std::sync::Arc;
use std::time::Duration;

use data::EcoString;
use engine::{Execution, Failure, Input, Record, TaskRequest, TaskToken, Timestamp};

use crate::host::Invoke;
use crate::machines::Machine;

/// Told of everything that happens, in order, after it is kept.
pub trait Observer: Send {
    /// An execution heard something that meant something to it; `until` names the last record that came of it,
    /// if the rest was cut off because the execution was stopped on purpose.
    fn input(
        &mut self,
        _execution: &Execution,
        _at: Timestamp,
        _input: &Input,
        _until: Option<u32>,
    ) {
    }

    /// An execution of a machine got its place, before it starts.
    fn hosted(&mut self, _execution: &Execution, _machine: Option<&Arc<Machine>>) {}

    /// Records were kept.
    fn records(&mut self, _execution: &Execution, _records: &[Record]) {}

    /// A guest wrote a line to stderr.
    fn log(&mut self, _state: &str, _attempt: u32, _line: &str) {}

    /// An invocation is over.
    fn invoked(&mut self, _report: &InvocationReport) {}

    /// A task waits for its token to come back from outside. Told under the wall clock only, where somebody
    /// may send it, and only while the run goes on.
    fn waiting(&mut self, _execution: &Execution, _state: &str, _token: TaskToken) {}

    /// Nobody outside came within a host's patience: virtual time goes on and may end what this execution waits for.
    fn impatient(&mut self, _execution: &Execution) {}

    /// An execution that the journal has open cannot go on.
    fn unresumed(&mut self, _execution_arn: &str, _reason: &str) {}

    /// The journal cannot keep anything for now, or with none can again.
    fn stalled(&mut self, _trouble: Option<&str>) {}

    /// Nothing is bound to a task; `snippet` would bind it.
    fn unbound(&mut self, _request: &TaskRequest, _failure: &Failure, _snippet: &str) {}
}

/// Two who watch the same run.
pub struct Both<'o>(pub &'o mut dyn Observer, pub &'o mut dyn Observer);

impl Observer for Both<'_> {
    fn input(&mut self, execution: &Execution, at: Timestamp, input: &Input, until: Option<u32>) {
        self.0.input(execution, at, input, until);
        self.1.input(execution, at, input, until);
    }

    fn hosted(&mut self, execution: &Execution, machine: Option<&Arc<Machine>>) {
        self.0.hosted(execution, machine);
        self.1.hosted(execution, machine);
    }

    fn records(&mut self, execution: &Execution, records: &[Record]) {
        self.0.records(execution, records);
        self.1.records(execution, records);
    }

    fn log(&mut self, state: &str, attempt: u32, line: &str) {
        self.0.log(state, attempt, line);
        self.1.log(state, attempt, line);
    }

    fn invoked(&mut self, report: &InvocationReport) {
        self.0.invoked(report);
        self.1.invoked(report);
    }

    fn waiting(&mut self, execution: &Execution, state: &str, token: TaskToken) {
        self.0.waiting(execution, state, token);
        self.1.waiting(execution, state, token);
    }

    fn unresumed(&mut self, execution_arn: &str, reason: &str) {
        self.0.unresumed(execution_arn, reason);
        self.1.unresumed(execution_arn, reason);
    }

    fn stalled(&mut self, trouble: Option<&str>) {
        self.0.stalled(trouble);
        self.1.stalled(trouble);
    }

    fn unbound(&mut self, request: &TaskRequest, failure: &Failure, snippet: &str) {
        self.0.unbound(request, failure, snippet);
        self.1.unbound(request, failure, snippet);
    }
}

/// Watches nothing.
#[derive(Debug)]
pub struct Silent;

impl Observer for Silent {}

impl InvocationReport {
    /// The error of an invocation that was called off: its task timed out, a sibling failed, or the execution
    /// was stopped. What it cost is not known.
    pub const CANCELLED: &'static str = "WfHost.Cancelled";

    /// The report of a call that cost nothing here and wrote nothing.
    pub(crate) fn of_call(invoke: &Invoke, started_at: Timestamp) -> InvocationReport {
        InvocationReport {
            execution_arn: EcoString::new(),
            state: EcoString::new(),
            attempt: 0,
            item: None,
            function: invoke.function.name.clone(),
            version: invoke.version.clone(),
            region: invoke.region.clone(),
            request_id: invoke.request_id.clone(),
            started_at,
            memory_limit: invoke.function.limits.memory,
            fuel: 0,
            elapsed: Duration::ZERO,
            peak_memory: 0,
            error: None,
            log: Vec::new(),
        }
    }
}

/// What one invocation of a function cost.
#[derive(Clone, Debug, PartialEq)]
pub struct InvocationReport {
    /// The ARN of the execution whose task it was.
    pub execution_arn: EcoString,
    /// The state.
    pub state: EcoString,
    /// Which attempt of its state entry it was, from 0.
    pub attempt: u32,
    /// The index of the Map item it worked on.
    pub item: Option<u32>,
    /// The function.
    pub function: String,
    /// Its version: `$LATEST` or a number.
    pub version: EcoString,
    /// The region that it ran in.
    pub region: EcoString,
    /// Lambda's request id.
    pub request_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The memory that it could have, in bytes.
    pub memory_limit: u64,
    /// Fuel used.
    pub fuel: u64,
    /// Time used: of the wall, or virtual.
    pub elapsed: Duration,
    /// The most memory it had, in bytes.
    pub peak_memory: u64,
    /// The error it ended with, if any.
    pub error: Option<EcoString>,
    /// What it wrote to stderr.
    pub log: Vec<String>,
}
