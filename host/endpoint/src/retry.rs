//! The SDKs' standard retries: three attempts, with an exponential back-off that is drawn by lot.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::http::Unanswered;

/// The most attempts of a call.
pub const ATTEMPTS: u32 = 3;

/// The longest back-off.
const LONGEST: Duration = Duration::from_secs(20);

/// Codes that ask for patience.
const THROTTLES: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Codes of faults that pass.
const TRANSIENT: [&str; 3] = ["InternalError", "RequestTimeout", "RequestTimeoutException"];

/// What waits between attempts.
pub trait Pause: Send + Sync {
    /// Waits.
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Waits by the wall clock.
pub struct Sleep;

impl Pause for Sleep {
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// Whether a server that refused a request may take it later.
pub(crate) fn may_pass(status: u16, code: &str) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
        || THROTTLES.contains(&code)
        || TRANSIENT.contains(&code)
}

/// Whether a request without an answer is sent again. A function that did not answer in time may still be at work.
pub(crate) fn is_sent_again(why: &Unanswered, is_function: bool) -> bool {
    match why {
        Unanswered::Connect { .. } | Unanswered::Broken { .. } => true,
        Unanswered::Late { .. } => !is_function,
        Unanswered::TooLarge { .. } | Unanswered::Tls(_) => false,
    }
}

/// How long to wait before the attempt after `failed` attempts; `chance` lies between 0 and 1.
pub(crate) fn backoff(failed: u32, chance: f64) -> Duration {
    let most = LONGEST.as_secs_f64();
    let delay = chance.clamp(0.0, 1.0) * f64::from(2u32.saturating_pow(failed.saturating_sub(1)));
    Duration::from_secs_f64(delay.min(most))
}

/// A draw between 0 and 1. Where the system has no chance to give, nobody else draws either.
pub(crate) fn draw() -> f64 {
    let bits = getrandom::u32().unwrap_or(u32::MAX);
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_its_limit() {
        assert_eq!(backoff(1, 1.0), Duration::from_secs(1));
        assert_eq!(backoff(2, 1.0), Duration::from_secs(2));
        assert_eq!(backoff(2, 0.25), Duration::from_millis(500));
        assert_eq!(backoff(30, 1.0), LONGEST);
        assert_eq!(backoff(u32::MAX, 0.0), Duration::ZERO);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (status, code, passes) in [
            (400, "ThrottlingException", true),
            (400, "ProvisionedThroughputExceededException", true),
            (503, "ServiceUnavailable", true),
            (500, "", true),
            (429, "TooManyRequestsException", true),
            (400, "ConditionalCheckFailedException", false),
            (404, "NoSuchKey", false),
            (501, "NotImplemented", false),
        ] {
            assert_eq!(may_pass(status, code), passes, "{status} {code}");
        }
    }

    #[test]
    fn a_function_that_may_be_at_work_is_not_called_again() {
        let late = Unanswered::Late {
            server: String::new(),
            after: Duration::ZERO,
        };
        assert!(is_sent_again(&late, false));
        assert!(!is_sent_again(&late, true));
    }
}
