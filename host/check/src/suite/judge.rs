//! An execution held against what is expected of it.

use std::fmt;

use data::Data;

use super::expect::{Expectations, TOTAL};
use super::matcher::Matcher;
use super::observed::Observed;

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What, such as `output /result/status` or `attempts of ProcessPayment`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
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
    }
}

impl Expectations {
    /// All that differs, the status first.
    pub(super) fn judge(&self, observed: &Observed) -> Vec<Difference> {
        let mut found = Vec::new();
        self.judge_end(observed, &mut found);
        self.judge_path(observed, &mut found);
        self.judge_work(observed, &mut found);
        self.judge_cost(observed, &mut found);
        found
    }

    fn judge_end(&self, observed: &Observed, found: &mut Vec<Difference>) {
        if let Some(status) = self.status.filter(|status| *status != observed.status) {
            found.push(difference("status", status, ended(observed)));
        }
        if let Some(matcher) = &self.output {
            match &observed.output {
                Some(output) => found.extend(mismatch("output", "output", matcher, output)),
                None => found.push(difference("output", "an output", ended(observed))),
            }
        }
        let failure = &observed.failure;
        for (what, expected, text) in [
            ("error", &self.error, &failure.error),
            ("cause", &self.cause, &failure.cause),
        ] {
            let Some(expected) = expected else { continue };
            match text {
                Some(text) if expected.holds(text) => {}
                Some(text) => {
                    found.push(difference(what, expected, format!("{:?}", text.as_str())))
                }
                None => found.push(difference(what, expected, ended(observed))),
            }
        }
    }

    fn judge_path(&self, observed: &Observed, found: &mut Vec<Difference>) {
        let Some(path) = &self.path else { return };
        let path: Vec<&str> = path.iter().map(|name| name.text.as_str()).collect();
        let walked: Vec<&str> = observed.path.iter().map(|state| state.as_str()).collect();
        let differs = (0..path.len().max(walked.len())).find(|at| path.get(*at) != walked.get(*at));
        if let Some(at) = differs {
            let so_far = match at {
                0 => "from the start".to_owned(),
                at => format!("after {}", path[..at].join(" -> ")),
            };
            let state = |states: &[&str]| states.get(at).copied().unwrap_or("the end").to_owned();
            found.push(difference(
                format!("path, {so_far}"),
                state(&path),
                state(&walked),
            ));
        }
    }

    fn judge_work(&self, observed: &Observed, found: &mut Vec<Difference>) {
        for (state, bounds) in &self.attempts {
            let count = observed.requests.get(&state.text).map_or(0, Vec::len) as u64;
            if !bounds.hold(count) {
                found.push(difference(
                    format!("attempts of {}", state.text),
                    bounds,
                    count,
                ));
            }
        }
        for (state, numbers, matcher) in &self.requests {
            let sent = observed
                .requests
                .get(&state.text)
                .map_or(&[][..], Vec::as_slice);
            for number in numbers.first..=numbers.last {
                let what = format!("request {number} of {}", state.text);
                match sent.get(number as usize) {
                    Some(request) => found.extend(mismatch(&what, "request", matcher, request)),
                    None => {
                        let sent = format!("{} requests", sent.len());
                        found.push(difference(what, "a request", sent));
                        break;
                    }
                }
            }
        }
        for (function, bounds) in &self.calls {
            let invocations = observed.invocations.iter();
            let count = invocations
                .filter(|report| report.function == function.text.as_str())
                .count() as u64;
            if !bounds.hold(count) {
                found.push(difference(
                    format!("calls of {}", function.text),
                    bounds,
                    count,
                ));
            }
        }
    }

    fn judge_cost(&self, observed: &Observed, found: &mut Vec<Difference>) {
        if let Some(span) = self.duration.filter(|span| !span.holds(observed.duration)) {
            let seconds = format!("{} s", observed.duration.as_secs_f64());
            found.push(difference("duration", span, seconds));
        }
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
        for (event, bounds) in &self.events {
            let count = match event.text.as_str() {
                TOTAL => observed.total(),
                event => observed.count(event),
            };
            if !bounds.hold(count) {
                found.push(difference(format!("events, {}", event.text), bounds, count));
            }
        }
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
