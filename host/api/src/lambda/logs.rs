//! The lines that Lambda writes around what a function writes.

use std::time::Duration;

use runtime::InvocationReport;

/// Where a function's log goes.
pub fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// The log of an invocation, line by line: START, what the function wrote, END, and what it cost. The last line says
/// `Status: timeout` or `Status: error` where the function did not come to an end of its own.
pub fn log_lines(report: &InvocationReport) -> Vec<String> {
    let request = report.request_id.as_str();
    let mut lines = vec![format!(
        "START RequestId: {request} Version: {}",
        report.version
    )];
    lines.extend(report.log.iter().cloned());
    if let Some(words) = last_words(report) {
        lines.push(words);
    }
    lines.push(format!("END RequestId: {request}"));
    lines.push(format!(
        "REPORT RequestId: {request}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: \
         {} MB\t{}",
        report.elapsed.as_secs_f64() * 1000.0,
        whole_millis(report.elapsed),
        report.memory_limit >> 20,
        report.peak_memory.div_ceil(1 << 20),
        status(report.error.as_deref()),
    ));
    lines
}

/// What Lambda says of a function that was stopped.
fn last_words(report: &InvocationReport) -> Option<String> {
    (report.error.as_deref()? == TIMED_OUT).then(|| {
        let seconds = report.elapsed.as_secs_f64();
        format!(
            "{} Task timed out after {seconds:.2} seconds",
            report.request_id
        )
    })
}

const TIMED_OUT: &str = "Sandbox.Timedout";

fn status(error: Option<&str>) -> String {
    match error {
        Some(TIMED_OUT) => "Status: timeout".to_owned(),
        Some(kind) if kind.starts_with("Runtime.") => format!("Status: error\tError Type: {kind}"),
        Some(_) | None => String::new(),
    }
}

fn whole_millis(time: Duration) -> u128 {
    time.as_nanos().div_ceil(1_000_000)
}
