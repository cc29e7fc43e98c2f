//! An execution held against what is expected of it.

use std::fmt;

use data::Data;

use super::expect::{Expectations, TOTAL};
use super::matcher::{Matcher, TextMatcher};
use super::observed::Observed;
use crate::place::Place;

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What, such as `output /result/status` or `attempts of ProcessPayment`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Where the expectation is written, if it is one of a case.
    pub place: Option<Place>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n  expected: {}\n  found:    {}",
            self.what, self.expected, self.found
        )
    }
}

fn difference(
    what: impl Into<String>,
    expected: impl fmt::Display,
    found: impl fmt::Display,
) -> Difference {
    Difference {
        what: what.into(),
        expected: expected.to_string(),
        found: found.to_string(),
        place: None,
    }
}

type Judge = fn(&Expectations, &Observed, &mut Vec<Difference>);

/// What judges each key of `expect`, in the order in which differences are told.
const JUDGES: [(&str, Judge); 11] = [
    ("status", Expectations::judge_status),
    ("output", Expectations::judge_output),
    ("error", |expect, observed, found| {
        let text = observed.failure.error.as_deref();
        judge_text("error", expect.error.as_ref(), text, observed, found);
    }),
    ("cause", |expect, observed, found| {
        let text = observed.failure.cause.as_deref();
        judge_text("cause", expect.cause.as_ref(), text, observed, found);
    }),
    ("path", Expectations::judge_path),
    ("attempts", Expectations::judge_attempts),
    ("requests", Expectations::judge_requests),
    ("calls", Expectations::judge_calls),
    ("duration", Expectations::judge_duration),
    ("fuel", Expectations::judge_fuel),
    ("events", Expectations::judge_events),
];

impl Expectations {
    /// All that differs, each with the place of what was expected.
    pub(super) fn judge(&self, observed: &Observed) -> Vec<Difference> {
        let mut found = Vec::new();
        for (key, judge) in JUDGES {
            let before = found.len();
            judge(self, observed, &mut found);
            for difference in &mut found[before..] {
                difference.place = self.places.get(key).cloned();
            }
        }
        found
    }

    fn judge_status(&self, observed: &Observed, found: &mut Vec<Difference>) {
        if let Some(status) = self.status.filter(|status| *status != observed.status) {
            found.push(difference("status", status, ended(observed)));
        }
    }

    fn judge_output(&self, observed: &Observed, found: &mut Vec<Difference>) {
        let Some(matcher) = &self.output else { return };
        match &observed.output {
            Some(output) => found.extend(mismatch("output", "output", matcher, output)),
            None => found.push(difference("output", "an output", ended(observed))),
        }
    }

    fn judge_path(&self, observed: &Observed, found: &mut Vec<Difference>) {
        let Some(path) = &self.path else { return };
        let path: Vec<&str> = path.iter().map(|name| name.text.as_str()).collect();
        let walked: Vec<&str> = observed.path.iter().map(|state| state.as_str()).collect();
        let most = path.len().max(walked.len());
        let Some(at) = (0..most).find(|at| path.get(*at) != walked.get(*at)) else {
            return;
        };
        let so_far = match at {
            0 => "from the start".to_owned(),
            at => format!("after {}", path[..at].join(" -> ")),
        };
        let state = |states: &[&str]| states.get(at).copied().unwrap_or("the end").to_owned();
        let what = format!("path, {so_far}");
        found.push(difference(what, state(&path), state(&walked)));
    }

    fn judge_attempts(&self, observed: &Observed, found: &mut Vec<Difference>) {
        for (state, bounds) in &self.attempts {
            let count = observed.requests.get(&state.text).map_or(0, Vec::len) as u64;
            if !bounds.hold(count) {
                let what = format!("attempts of {}", state.text);
                found.push(difference(what, bounds, count));
            }
        }
    }

    fn judge_requests(&self, observed: &Observed, found: &mut Vec<Difference>) {
        for (state, numbers, matcher) in &self.requests {
            let sent = observed.requests.get(&state.text);
            let sent = sent.map_or(&[][..], Vec::as_slice);
            for number in numbers.first..=numbers.last {
                let what = format!("request {number} of {}", state.text);
                let Some(request) = sent.get(number as usize) else {
                    let all = format!("{} requests", sent.len());
                    found.push(difference(what, "a request", all));
                    break;
                };
                found.extend(mismatch(&what, "request", matcher, request));
            }
        }
    }

    fn judge_calls(&self, observed: &Observed, found: &mut Vec<Difference>) {
        for (function, bounds) in &self.calls {
            let calls = observed.invocations.iter();
            let calls = calls.filter(|report| report.function == function.text.as_str());
            let count = calls.count() as u64;
            if !bounds.hold(count) {
                let what = format!("calls of {}", function.text);
                found.push(difference(what, bounds, count));
            }
        }
    }

    fn judge_duration(&self, observed: &Observed, found: &mut Vec<Difference>) {
        if let Some(span) = self.duration.filter(|span| !span.holds(observed.duration)) {
            let seconds = format!("{} s", observed.duration.as_secs_f64());
            found.push(difference("duration", span, seconds));
        }
    }

    fn judge_fuel(&self, observed: &Observed, found: &mut Vec<Difference>) {
        for (state, numbers, bounds) in &self.fuel {
            let all: Vec<(u32, u64)> = observed.fuel_of(&state.text).collect();
            let last = all.last().map_or(0, |(number, _)| *number);
            let wanted = numbers.map_or((0, last), |numbers| (numbers.first, numbers.last));
            for number in wanted.0..=wanted.1 {
                let what = || format!("fuel of {}, invocation {number}", state.text);
                match all.iter().find(|(of, _)| *of == number) {
                    Some((_, fuel)) if bounds.hold(*fuel) => {}
                    Some((_, fuel)) => found.push(difference(what(), bounds, fuel)),
                    // Of an invocation that was called off nobody knows what it would have cost.
                    None if numbers.is_none() && !all.is_empty() => {}
                    None => {
                        let nothing = "no invocation of that number that came to its end";
                        found.push(difference(what(), bounds, nothing));
                        break;
                    }
                }
            }
        }
    }

    fn judge_events(&self, observed: &Observed, found: &mut Vec<Difference>) {
        for (event, bounds) in &self.events {
            let count = match event.text.as_str() {
                TOTAL => observed.total(),
                event => observed.count(event),
            };
            if !bounds.hold(count) {
                let what = format!("events, {}", event.text);
                found.push(difference(what, bounds, count));
            }
        }
    }
}

fn judge_text(
    what: &str,
    expected: Option<&TextMatcher>,
    text: Option<&str>,
    observed: &Observed,
    found: &mut Vec<Difference>,
) {
    let Some(expected) = expected else { return };
    match text {
        Some(text) if expected.holds(text) => {}
        Some(text) => found.push(difference(what, expected, format!("{text:?}"))),
        None => found.push(difference(what, expected, ended(observed))),
    }
}

/// How an execution ended, on one line.
fn ended(observed: &Observed) -> String {
    let failure = &observed.failure;
    let mut text = observed.status.to_owned();
    if let Some(error) = &failure.error {
        text.push_str(&format!(" with {error}"));
    }
    if let Some(cause) = failure.cause.as_ref().filter(|cause| !cause.is_empty()) {
        text.push_str(&format!(
            ": {}",
            super::matcher::short(&Data::from(cause.clone()))
        ));
    }
    text
}

fn mismatch(what: &str, name: &'static str, matcher: &Matcher, value: &Data) -> Option<Difference> {
    let found = matcher.mismatch(name, value)?;
    let what = match found.pointer.as_str() {
        "" => what.to_owned(),
        pointer => format!("{what} {pointer}"),
    };
    Some(difference(what, found.expected, found.found))
}
