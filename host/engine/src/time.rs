//! Moments, as the engine is told them; it never asks a clock.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since the Unix epoch, the resolution of AWS's histories.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `seconds` later; the end of time if there is no such moment.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Timestamp {
        let millis = i64::try_from(seconds)
            .ok()
            .and_then(|s| s.checked_mul(1000));
        Timestamp(self.0.saturating_add(millis.unwrap_or(i64::MAX)))
    }

    /// The moment `duration` later, cut to whole milliseconds.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Timestamp {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(millis))
    }

    /// Reads an RFC 3339 timestamp as the Amazon States Language wants it: with a capital `T` and an offset.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let strict = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
        let moment = DateTime::parse_from_rfc3339(text).ok().filter(|_| strict)?;
        Some(Timestamp(moment.timestamp_millis()))
    }

    /// ISO 8601 in UTC with exactly three digits of milliseconds.
    pub fn to_iso_millis(self) -> String {
        match self.utc() {
            Some(moment) => moment.to_rfc3339_opts(SecondsFormat::Millis, true),
            None => format!("{}ms", self.0),
        }
    }

    /// The form of HTTP's `Date` header.
    pub fn to_http_date(self) -> String {
        let format = "%a, %d %b %Y %H:%M:%S GMT";
        self.utc()
            .map_or_else(String::new, |moment| moment.format(format).to_string())
    }

    fn utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }
}

/// As the Context Object prints a moment: milliseconds with trailing zeros trimmed.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_iso_millis();
        let Some(body) = text.strip_suffix('Z') else {
            return f.write_str(&text);
        };
        let body = body.trim_end_matches('0');
        let whole = body.strip_suffix('.');
        write!(f, "{}Z", whole.unwrap_or(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_with_trailing_zeros_trimmed() {
        let at = |text: &str| Timestamp::parse(text).expect(text).to_string();
        assert_eq!(at("2026-01-01T00:00:00Z"), "2026-01-01T00:00:00Z");
        assert_eq!(at("2026-01-01T00:00:00.120Z"), "2026-01-01T00:00:00.12Z");
        assert_eq!(at("2026-01-01T10:20:30+02:00"), "2026-01-01T08:20:30Z");
    }

    #[test]
    fn refuses_what_the_language_refuses() {
        for text in [
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01t00:00:00Z",
            "2026-01-01 00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        assert_eq!(Timestamp(5).plus_seconds(u64::MAX), Timestamp(i64::MAX));
    }
}
