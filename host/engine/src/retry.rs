//! Whether a failed state is tried again, and when: a pure verdict.

use std::time::Duration;

use asl::{Jitter, Retrier};

use crate::failure::Failure;

/// A retrier that applies and has attempts left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Verdict {
    /// Its index.
    pub retrier: u32,
    /// How long to wait, before jitter.
    pub delay: Duration,
    /// Whether to draw the delay between nothing and `delay`.
    pub jitter: Jitter,
}

/// The first retrier that names the error decides; once its attempts are spent nobody retries.
pub(crate) fn verdict(
    retriers: &[Retrier],
    attempts: &[u32],
    failure: &Failure,
    silent: bool,
) -> Option<Verdict> {
    let index = responsible(retriers, failure, silent)?;
    let retrier = &retriers[index];
    let used = attempts.get(index).copied().unwrap_or(0);
    (u64::from(used) < retrier.max_attempts).then(|| Verdict {
        retrier: index as u32,
        delay: delay(retrier, used),
        jitter: retrier.jitter,
    })
}

/// The first retrier that names the error, whether it has attempts left or not.
pub(crate) fn responsible(retriers: &[Retrier], failure: &Failure, silent: bool) -> Option<usize> {
    let matching = |retrier: &Retrier| failure.matches(&retrier.error_equals, silent);
    retriers.iter().position(matching)
}

/// IntervalSeconds x BackoffRate ^ attempts, at most MaxDelaySeconds.
fn delay(retrier: &Retrier, used: u32) -> Duration {
    let growth = retrier
        .backoff_rate
        .powi(i32::try_from(used).unwrap_or(i32::MAX));
    let seconds = retrier.interval_seconds as f64 * growth;
    let ceiling = retrier
        .max_delay_seconds
        .map_or(MAX_DELAY_SECONDS, |max| max as f64);
    Duration::from_secs_f64(seconds.clamp(0.0, ceiling.min(MAX_DELAY_SECONDS)))
}

/// No delay is longer than the longest interval that the language can express.
const MAX_DELAY_SECONDS: f64 = 99_999_999.0;

/// A point between nothing and `delay`, as `draw` falls.
pub(crate) fn jittered(delay: Duration, draw: u64) -> Duration {
    let nanos = (delay.as_nanos() * u128::from(draw)) >> 64;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retrier(interval: u64, rate: f64, max_delay: Option<u64>) -> Retrier {
        Retrier {
            error_equals: vec!["States.ALL".into()],
            interval_seconds: interval,
            max_attempts: 3,
            backoff_rate: rate,
            max_delay_seconds: max_delay,
            jitter: Jitter::None,
            span: data::Span::default(),
        }
    }

    #[test]
    fn delays_double_until_the_attempts_are_spent() {
        let retriers = [retrier(2, 2.0, None)];
        let failure = Failure::new("E", "");
        let delays: Vec<_> = (0..4)
            .map(|used| verdict(&retriers, &[used], &failure, false).map(|v| v.delay.as_secs()))
            .collect();
        assert_eq!(delays, [Some(2), Some(4), Some(8), None]);
    }

    #[test]
    fn delays_stop_growing_at_the_maximum() {
        assert_eq!(
            delay(&retrier(10, 10.0, Some(30)), 5),
            Duration::from_secs(30)
        );
        assert_eq!(
            delay(&retrier(99_999_999, 10.0, None), 900),
            Duration::from_secs(99_999_999)
        );
    }

    #[test]
    fn jitter_stays_within_the_delay() {
        let delay = Duration::from_secs(8);
        assert_eq!(jittered(delay, 0), Duration::ZERO);
        assert!(jittered(delay, u64::MAX) < delay);
    }
}
