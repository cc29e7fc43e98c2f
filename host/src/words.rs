//! Times and failures in words, for people.

use crate::output;

/// So much of a cause is said on one line.
const MOST_CAUSE: usize = 160;

/// A span of milliseconds: to the millisecond below an hour, to the second below a day, to the minute above.
pub fn span(millis: i64) -> String {
    let (sign, millis) = match millis < 0 {
        true => ("-", millis.unsigned_abs()),
        false => ("", millis.unsigned_abs()),
    };
    let (seconds, rest) = (millis / 1000, millis % 1000);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{seconds}.{rest:03}s"),
        (0, 0, _) => format!("{sign}{minutes}m{:02}.{rest:03}s", seconds % 60),
        (0, _, _) => format!("{sign}{hours}h{:02}m{:02}s", minutes % 60, seconds % 60),
        _ => format!("{sign}{days}d{:02}h{:02}m", hours % 24, minutes % 60),
    }
}

/// An error with its cause, cut so that both fit on a line or two.
pub fn failure(error: Option<&str>, cause: Option<&str>) -> String {
    let error = output::one_line(error.unwrap_or("(no error name)"));
    match cause {
        None | Some("") => error,
        Some(cause) => {
            let short: String = cause.chars().take(MOST_CAUSE).collect();
            let more = if short.len() < cause.len() { "..." } else { "" };
            format!("{error}: {}{more}", output::one_line(&short))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_as_exact_as_it_is_short() {
        for (millis, expected) in [
            (0, "0.000s"),
            (59_999, "59.999s"),
            (62_005, "1m02.005s"),
            (3_600_000, "1h00m00s"),
            (90_061_000, "1d01h01m"),
            (-5, "-0.005s"),
        ] {
            assert_eq!(span(millis), expected);
        }
    }

    #[test]
    fn a_long_cause_is_cut() {
        assert_eq!(failure(Some("E"), None), "E");
        assert_eq!(failure(None, Some("a\nb")), "(no error name): a\u{fffd}b");
        let long = failure(Some("E"), Some(&"é".repeat(200)));
        assert_eq!(long, format!("E: {}...", "é".repeat(160)));
    }
}
