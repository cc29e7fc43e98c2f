//! What Lambda writes to CloudWatch Logs of an invocation.

use engine::Timestamp;
use runtime::InvocationReport;
use sha2::{Digest, Sha256};

use super::Logs;
use crate::lambda::{log_group, log_lines};

/// `YYYY/MM/DD/[VERSION]` and 32 hexadecimal digits. Here all invocations of a day go to one stream, as if one
/// instance had served them.
fn stream(report: &InvocationReport, ended: Timestamp) -> String {
    let iso = ended.to_iso_millis();
    let day = iso.get(..10).unwrap_or("0000-00-00").replace('-', "/");
    let version = &report.version;
    let instance = format!("{}/{}/{version}/{day}", report.region, report.function);
    let digest = Sha256::digest(instance.as_bytes());
    let hex: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{day}/[{version}]{hex}")
}

impl Logs {
    /// Keeps what Lambda logs of an invocation.
    pub fn invoked(&self, report: &InvocationReport) {
        let ended = report.started_at.plus(report.elapsed);
        let stream = stream(report, ended);
        let lines = log_lines(report).into_iter();
        let lines = lines.map(|line| (ended, line + "\n"));
        self.write_all(&report.region, &log_group(&report.function), &stream, lines);
    }
}
