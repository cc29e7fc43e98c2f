//! `Retry`.

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::errors::Earlier;
use crate::place::Item;
use crate::program::{Jitter, Retrier};
use crate::reader::MAX_SECONDS;

const FIELDS: &[&str] = &[
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
    "Comment",
];
/// The longest `MaxDelaySeconds`: a year.
const MAX_DELAY: u64 = 31_622_400;

impl Compiler<'_> {
    pub fn retry(&mut self, state: &Item) -> Vec<Retrier> {
        let Some(field) = state.get("Retry") else {
            return Vec::new();
        };
        if field.node.items().is_none() {
            self.expected(&field, "Array");
        }
        let count = field.items().count();
        let mut earlier = Earlier::default();
        let retriers = field.items().enumerate();
        retriers
            .filter_map(|(at, item)| self.retrier(&item, at, at + 1 == count, &mut earlier))
            .collect()
    }

    fn retrier(
        &mut self,
        item: &Item,
        at: usize,
        last: bool,
        earlier: &mut Earlier,
    ) -> Option<Retrier> {
        if !self.object(item) {
            return None;
        }
        self.known(item, FIELDS);
        let error_equals = self.error_equals(item, at, last, earlier);
        let interval = item
            .get("IntervalSeconds")
            .and_then(|field| self.integer(&field, 1..=MAX_SECONDS));
        let attempts = item
            .get("MaxAttempts")
            .and_then(|field| self.integer(&field, 0..=MAX_SECONDS));
        let rate = item
            .get("BackoffRate")
            .and_then(|field| self.float(&field, 1.0, None));
        let max_delay = item
            .get("MaxDelaySeconds")
            .and_then(|field| self.integer(&field, 1..=MAX_DELAY));
        let jitter = item
            .get("JitterStrategy")
            .and_then(|field| self.one_of(&field, &["NONE", "FULL"]));
        let retrier = Retrier {
            error_equals: error_equals?,
            interval_seconds: interval.unwrap_or(1),
            max_attempts: attempts.unwrap_or(3),
            backoff_rate: rate.unwrap_or(2.0),
            max_delay_seconds: max_delay,
            jitter: if jitter == Some("FULL") {
                Jitter::Full
            } else {
                Jitter::None
            },
            span: item.node.span,
        };
        self.doubt_delay(item, &retrier);
        Some(retrier)
    }

    fn doubt_delay(&mut self, item: &Item, retrier: &Retrier) {
        let Some(field) = item.get("MaxDelaySeconds") else {
            return;
        };
        let interval = retrier.interval_seconds;
        if let Some(most) = retrier.max_delay_seconds.filter(|most| *most <= interval) {
            let message = format!(
                "'MaxDelaySeconds' ({most}) is not greater than 'IntervalSeconds' ({interval}): the delay never grows"
            );
            self.warning(&field, Code::NoEffect, message);
        }
    }
}
