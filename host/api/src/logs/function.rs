//! What Lambda writes to CloudWatch Logs of an invocation.

use runtime::{InvocationReport, log_stream};

use super::Logs;
use crate::lambda::{log_group, log_lines};

impl Logs {
    /// Keeps what Lambda logs of an invocation.
    pub fn invoked(&self, report: &InvocationReport) {
        let ended = report.started_at.plus(report.elapsed);
        let (region, function) = (&report.region, &report.function);
        let stream = log_stream(region, function, &report.version, report.started_at);
        let lines = log_lines(report).into_iter();
        let lines = lines.map(|line| (ended, line + "\n"));
        self.write_all(&report.region, &log_group(&report.function), &stream, lines);
    }
}
