//! What a host runs, counted for `/metrics`.

use std::sync::Arc;

use engine::{Execution, Record};
use runtime::{InvocationReport, Machine, Observer};

use super::Metrics;

/// Watches a host for the metrics.
pub struct Counting(pub Arc<Metrics>);

impl Observer for Counting {
    fn hosted(&mut self, _execution: &Execution, _machine: Option<&Arc<Machine>>) {
        self.0.execution_started();
    }

    fn records(&mut self, execution: &Execution, records: &[Record]) {
        // Nothing comes after the record of an end, so that these hold it if there are any.
        if execution.status().is_final() && !records.is_empty() {
            self.0.execution_ended(execution.status().as_str());
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
        self.0.invocation(&report.function, result, report.fuel);
    }
}
