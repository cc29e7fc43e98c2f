//! PutLogEvents and GetLogEvents.

use data::{Data, Object, ObjectBuilder};
use engine::Timestamp;

use super::group::{EVENT_BYTES, Event, Group, Stream};
use super::token::{Place, Token};
use super::{Region, Request, answer, invalid, negative, no_such_stream};
use crate::error::ApiError;
use crate::given::{count, flag, integer, items, maybe, number, text};

/// The most events of one PutLogEvents, and of one answer.
pub(super) const PER_BATCH: usize = 10_000;
/// The most bytes of one PutLogEvents, and of one answer.
pub(super) const BATCH_BYTES: usize = 1_048_576;
const HOUR: i64 = 3_600_000;

pub(super) fn put(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let stream = text(request.parameters, "logStreamName");
    let batch: Vec<(i64, &str)> = items(request.parameters, "logEvents")
        .iter()
        .map(|event| {
            (
                integer(event, "timestamp").unwrap_or_default(),
                text(event, "message"),
            )
        })
        .collect();
    check(&batch)?;
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    if !group.streams.contains_key(stream) {
        return Err(no_such_stream());
    }
    let window = Window::of(group, request.now);
    let accepted = window.accepted(&batch);
    let ends = accepted.first().zip(accepted.last());
    if ends.is_some_and(|((first, _), (last, _))| last - first > 24 * HOUR) {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    for (at, message) in accepted {
        group.push(stream, Timestamp(*at), request.now, (*message).to_owned());
    }
    group.shrink();
    let token = group.streams.get(stream).map(answer::sequence_token);
    let answer = Object::builder().with("nextSequenceToken", token.unwrap_or_default());
    Ok(window.rejected(&batch, answer).build().into())
}

/// What makes a whole batch fail.
fn check(batch: &[(i64, &str)]) -> Result<(), ApiError> {
    if let Some((at, index)) = batch
        .iter()
        .zip(1..)
        .map(|((at, _), n)| (*at, n))
        .find(|(at, _)| *at < 0)
    {
        return Err(negative(at, &format!("logEvents.{index}.member.timestamp")));
    }
    let bytes: usize = batch
        .iter()
        .map(|(_, message)| message.len() + EVENT_BYTES)
        .sum();
    if bytes > BATCH_BYTES {
        return Err(invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {BATCH_BYTES}"
        )));
    }
    if !batch.is_sorted_by_key(|(at, _)| *at) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(())
}

/// Which events are taken: from 14 days ago, or as far back as the group retains, to two hours ahead.
struct Window {
    retained: Option<i64>,
    start: i64,
    end: i64,
}

impl Window {
    fn of(group: &Group, now: Timestamp) -> Window {
        Window {
            retained: group.horizon(now),
            start: now.0.saturating_sub(14 * 24 * HOUR),
            end: now.0.saturating_add(2 * HOUR),
        }
    }

    fn accepted<'b, 'm>(&self, batch: &'b [(i64, &'m str)]) -> &'b [(i64, &'m str)] {
        let start = self.start.max(self.retained.unwrap_or(self.start));
        let first = batch.partition_point(|(at, _)| *at < start);
        let last = batch.partition_point(|(at, _)| *at <= self.end);
        batch.get(first..last).unwrap_or_default()
    }

    /// `rejectedLogEventsInfo`: the ends of what is too old or expired, which are not included, and the start of
    /// what is too new.
    fn rejected(&self, batch: &[(i64, &str)], answer: ObjectBuilder) -> ObjectBuilder {
        let mut info = Object::builder();
        let new = batch.partition_point(|(at, _)| *at <= self.end);
        if new < batch.len() {
            info.insert("tooNewLogEventStartIndex".into(), number(new));
        }
        let old = batch.partition_point(|(at, _)| *at < self.start);
        if old > 0 {
            info.insert("tooOldLogEventEndIndex".into(), number(old));
        }
        let expired = batch.partition_point(|(at, _)| Some(*at) < self.retained);
        if expired > 0 {
            info.insert("expiredLogEventEndIndex".into(), number(expired));
        }
        let info = info.build();
        if info.is_empty() {
            answer
        } else {
            answer.with("rejectedLogEventsInfo", info)
        }
    }
}

pub(super) fn get(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let parameters = request.parameters;
    let token = maybe(parameters, "nextToken")
        .map(Token::parse)
        .transpose()?;
    let group = region.group(request.group_name()?, request.now)?;
    let stream = group.streams.get(text(parameters, "logStreamName"));
    let stream = stream.ok_or_else(no_such_stream)?;
    let window = between(stream, parameters);
    let limit = count(parameters, "limit", PER_BATCH);
    let shown = match token {
        Some(Token::Forward(place)) => first(after(window, place), limit),
        Some(Token::Backward(place)) => last(before(window, place), limit),
        None if flag(parameters, "startFromHead") => first(window, limit),
        None => last(window, limit),
    };
    let (forward, backward) = tokens(&shown, token);
    let events: Data = shown.into_iter().map(event).collect();
    let answer = Object::builder()
        .with("events", events)
        .with("nextForwardToken", forward.to_string())
        .with("nextBackwardToken", backward.to_string());
    Ok(answer.build().into())
}

/// Tokens on both sides of what is shown. At an end the token that led there comes back.
fn tokens(shown: &[&Event], token: Option<Token>) -> (Token, Token) {
    if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
        return (Token::Forward(last.place), Token::Backward(first.place));
    }
    match token {
        Some(Token::Forward(place)) => {
            let serial = place.serial.saturating_add(1);
            (
                Token::Forward(place),
                Token::Backward(Place { serial, ..place }),
            )
        }
        Some(Token::Backward(place)) => {
            let serial = place.serial.saturating_sub(1);
            (
                Token::Forward(Place { serial, ..place }),
                Token::Backward(place),
            )
        }
        None => (
            Token::Forward(Place::default()),
            Token::Backward(Place::default()),
        ),
    }
}

/// A stretch of a stream's events.
type Stretch<'s> = std::collections::vec_deque::Iter<'s, Event>;

fn between<'s>(stream: &'s Stream, parameters: &Data) -> Stretch<'s> {
    let index = |at: i64| stream.events.partition_point(|event| event.place.at < at);
    let start = integer(parameters, "startTime").map_or(0, index);
    let end = integer(parameters, "endTime").map_or(stream.events.len(), index);
    stream.events.range(start..end.max(start))
}

fn after(mut events: Stretch<'_>, place: Place) -> Stretch<'_> {
    let skipped = events
        .clone()
        .take_while(|event| event.place <= place)
        .count();
    if skipped > 0 {
        events.nth(skipped - 1);
    }
    events
}

fn before(mut events: Stretch<'_>, place: Place) -> Stretch<'_> {
    let skipped = events
        .clone()
        .rev()
        .take_while(|event| event.place >= place)
        .count();
    if skipped > 0 {
        events.nth_back(skipped - 1);
    }
    events
}

/// The first events, as many as an answer holds, and at least one.
fn first(events: Stretch<'_>, limit: usize) -> Vec<&Event> {
    fitting(events, limit)
}

/// The last events, in order.
fn last(events: Stretch<'_>, limit: usize) -> Vec<&Event> {
    let mut events = fitting(events.rev(), limit);
    events.reverse();
    events
}

/// As many of the events as an answer holds, and at least one.
pub(super) fn fitting<'e>(events: impl Iterator<Item = &'e Event>, limit: usize) -> Vec<&'e Event> {
    let mut bytes = 0;
    let fits = |event: &&Event| {
        let fits = bytes == 0 || bytes + event.message.len() + EVENT_BYTES <= BATCH_BYTES;
        bytes += event.message.len() + EVENT_BYTES;
        fits
    };
    events.take(limit.min(PER_BATCH)).take_while(fits).collect()
}

fn event(event: &Event) -> Data {
    let answer = Object::builder()
        .with("timestamp", event.place.at)
        .with("message", event.message.as_str())
        .with("ingestionTime", event.ingested.0);
    answer.build().into()
}
