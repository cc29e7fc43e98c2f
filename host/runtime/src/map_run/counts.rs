//! What became of the items or children of a map run.

use engine::Status;

/// `itemCounts` or `executionCounts` of DescribeMapRun, under the service model's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not begun.
    pub pending: u64,
    /// Under way.
    pub running: u64,
    /// Done.
    pub succeeded: u64,
    /// Failed.
    pub failed: u64,
    /// Out of time.
    pub timed_out: u64,
    /// Stopped.
    pub aborted: u64,
    /// Those whose results were written; without a `ResultWriter` those whose results are in the Map's.
    pub results_written: u64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.pending + self.worked_on()
    }

    /// Those that were begun.
    pub(super) fn worked_on(&self) -> u64 {
        self.running + self.succeeded + self.unsuccessful()
    }

    /// Those that were begun in vain.
    pub(super) fn unsuccessful(&self) -> u64 {
        self.failed + self.timed_out + self.aborted
    }

    /// A child with that many of them is over.
    pub(super) fn ended(&mut self, status: &Status, many: u64) {
        self.running = self.running.saturating_sub(many);
        match status {
            Status::Succeeded { .. } => self.succeeded += many,
            Status::TimedOut(_) => self.timed_out += many,
            Status::Aborted(_) => self.aborted += many,
            Status::Failed(_) | Status::Created | Status::Running => self.failed += many,
        }
    }

    /// Their results are written; a `ResultWriter` writes failures as well.
    pub(super) fn written(&mut self, exports: bool) {
        let failures = if exports { self.unsuccessful() } else { 0 };
        self.results_written = self.succeeded + failures;
    }

    pub(super) fn with_pending(self, pending: u64) -> Counts {
        Counts { pending, ..self }
    }
}
