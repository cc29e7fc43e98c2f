//! What Lambda writes to CloudWatch Logs of an invocation.

use std::time::Duration;

use engine::Timestamp;
use sha2::{Digest, Sha256};

use super::Logs;

/// An invocation that is over.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'i> {
    /// The region of the function.
    pub region: &'i str,
    /// The function's name.
    pub function: &'i str,
    /// `$LATEST` or a number.
    pub version: &'i str,
    /// Lambda's request id.
    pub request_id: &'i str,
    /// When it ended.
    pub ended: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// `MemorySize`, in MB.
    pub memory_size: u64,
    /// The most memory it had, in bytes.
    pub peak_memory: u64,
    /// What the function wrote, without line ends.
    pub written: &'i [String],
}

impl Invocation<'_> {
    /// What Lambda logs: START, what the function wrote, END and REPORT, each with its line end. `LogType=Tail` shows
    /// the end of the same text.
    pub fn lines(&self) -> Vec<String> {
        let Invocation {
            version,
            request_id: id,
            memory_size: size,
            ..
        } = self;
        let milliseconds = self.elapsed.as_secs_f64() * 1000.0;
        let billed = milliseconds.ceil().max(1.0);
        let used = self.peak_memory.div_ceil(1024 * 1024);
        let mut lines = vec![format!("START RequestId: {id} Version: {version}\n")];
        lines.extend(self.written.iter().map(|line| format!("{line}\n")));
        lines.push(format!("END RequestId: {id}\n"));
        lines.push(format!(
            "REPORT RequestId: {id}\tDuration: {milliseconds:.2} ms\tBilled Duration: {billed} ms\t\
             Memory Size: {size} MB\tMax Memory Used: {used} MB\t\n"
        ));
        lines
    }

    /// `/aws/lambda/NAME`
    pub fn group(&self) -> String {
        format!("/aws/lambda/{}", self.function)
    }

    /// `YYYY/MM/DD/[VERSION]` and 32 hexadecimal digits. Here all invocations of a day go to one stream, as if one
    /// instance had served them.
    pub fn stream(&self) -> String {
        let iso = self.ended.to_iso_millis();
        let day = iso.get(..10).unwrap_or("0000-00-00").replace('-', "/");
        let version = self.version;
        let instance = format!("{}/{}/{version}/{day}", self.region, self.function);
        let digest = Sha256::digest(instance.as_bytes());
        let hex: String = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{day}/[{version}]{hex}")
    }
}

impl Logs {
    /// Keeps what Lambda logs of an invocation.
    pub fn invoked(&self, invocation: &Invocation<'_>) {
        let (group, stream) = (invocation.group(), invocation.stream());
        let lines = invocation.lines().into_iter();
        let lines = lines.map(|line| (invocation.ended, line));
        self.write_all(invocation.region, &group, &stream, lines);
    }
}
