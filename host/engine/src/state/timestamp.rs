//! Whether a text is a timestamp, as the comparison operators want it.

use crate::time::Timestamp;

/// The moment with full precision, so that two timestamps a microsecond apart differ.
pub(super) fn parse(text: &str) -> Option<(i64, u32)> {
    Timestamp::parse(text)?;
    let moment = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some((moment.timestamp(), moment.timestamp_subsec_nanos()))
}
