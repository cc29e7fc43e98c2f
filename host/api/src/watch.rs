//! What the services hear of executions and invocations: logs and figures.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use data::EcoString;
use engine::{Execution, Record, TaskRequest};
use runtime::{InvocationReport, Machine, Observer};

use crate::logs::Logs;
use crate::logs::execution::{Logging, stream};
use crate::server::Metrics;
use crate::stepfunctions::MachineRegistry;

/// Watches a host: writes what machines want logged and what functions wrote to CloudWatch Logs, and counts.
pub struct Watch {
    registry: Arc<MachineRegistry>,
    logs: Arc<Logs>,
    metrics: Arc<Metrics>,
    /// The executions under way that are logged, by ARN.
    logged: HashMap<EcoString, Logging>,
    /// The resources that were found unbound and told of.
    hinted: HashSet<EcoString>,
}

/// More resources than this are not told of.
const HINTS: usize = 1000;

impl Watch {
    /// Knows from `registry` what is to be logged.
    pub fn new(registry: Arc<MachineRegistry>, logs: Arc<Logs>, metrics: Arc<Metrics>) -> Watch {
        Watch {
            registry,
            logs,
            metrics,
            logged: HashMap::new(),
            hinted: HashSet::new(),
        }
    }
}

impl Observer for Watch {
    fn hosted(&mut self, execution: &Execution, machine: Option<&Arc<Machine>>) {
        self.metrics.execution_started();
        let configuration = machine.and_then(|machine| self.registry.logging(machine));
        if let Some(logging) = configuration.as_ref().and_then(Logging::read) {
            let arn = execution.about().execution_arn.clone();
            self.logged.insert(arn, logging);
        }
    }

    fn records(&mut self, execution: &Execution, records: &[Record]) {
        let about = execution.about();
        if let Some(logging) = self.logged.get(&about.execution_arn) {
            let stream = stream(about, execution.started_at());
            let lines = logging.lines(about, execution.redrives(), records);
            self.logs
                .write_all(&logging.region, &logging.group, &stream, lines);
        }
        if execution.status().is_final() && !records.is_empty() {
            self.logged.remove(&about.execution_arn);
            self.metrics.execution_ended(execution.status().as_str());
        }
    }

    /// What a function calls its error is its own choice, so that only a few words are told apart.
    fn invoked(&mut self, report: &InvocationReport) {
        let result = match report.error.as_deref() {
            None => "ok",
            Some("Sandbox.Timedout") => "timeout",
            Some("Runtime.OutOfMemory") => "out-of-memory",
            Some("Runtime.ExitError") => "exit",
            Some(_) => "error",
        };
        self.metrics
            .invocation(&report.function, result, report.fuel);
        if report.error.as_deref() != Some(InvocationReport::CANCELLED) || !report.log.is_empty() {
            self.logs.invoked(report);
        }
    }

    fn unresumed(&mut self, execution_arn: &str, reason: &str) {
        tracing::error!(
            execution_arn,
            reason,
            "an execution cannot go on and is left as it is in the store"
        );
    }

    fn stalled(&mut self, trouble: Option<&str>) {
        match trouble {
            Some(trouble) => tracing::error!(
                trouble,
                "the store keeps nothing for now; nothing is acknowledged until it does"
            ),
            None => tracing::warn!("the store keeps again what happens"),
        }
    }

    fn impatient(&mut self, execution: &Execution) {
        let execution_arn = execution.about().execution_arn.as_str();
        tracing::warn!(
            execution_arn,
            "nobody outside came within --patience: virtual time goes on and may end a wait for them"
        );
    }

    fn unbound(&mut self, request: &TaskRequest, failure: &engine::Failure, snippet: &str) {
        let (state, resource) = (request.state_name.as_str(), request.resource.text.as_str());
        if self.hinted.len() >= HINTS || !self.hinted.insert(resource.into()) {
            return;
        }
        let cause = failure.cause.as_deref().unwrap_or_default();
        tracing::warn!(
            state,
            resource,
            cause,
            "nothing is bound to a task; wf-host.toml would bind it with"
        );
        for line in snippet.lines() {
            tracing::warn!("    {line}");
        }
    }
}
