//! FilterLogEvents: the events of many streams of a group, in the order of their times.

use data::{Data, Object};

use super::group::{Event, Group};
use super::pattern::Pattern;
use super::token::{self, Place, Token};
use super::{Region, Request, events, invalid, no_such_stream};
use crate::error::ApiError;
use crate::given::{count, integer, items, maybe, texts};

pub(super) fn filter(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let parameters = request.parameters;
    let pattern = Pattern::parse(maybe(parameters, "filterPattern").unwrap_or_default())?;
    let token = maybe(parameters, "nextToken").map(read).transpose()?;
    let group = region.group(request.group_name()?, request.now)?;
    let start = integer(parameters, "startTime").unwrap_or_default();
    let end = integer(parameters, "endTime").unwrap_or(i64::MAX);
    let downwards = match token {
        Some(token) => matches!(token, Token::Backward(_)),
        None => parameters.get("startFromHead").and_then(Data::as_bool) == Some(false),
    };
    let wanted = |event: &Event| {
        let on = match token {
            Some(Token::Forward(place)) => event.place > place,
            Some(Token::Backward(place)) => event.place < place,
            None => true,
        };
        on && (start..=end).contains(&event.place.at) && pattern.matches(&event.message)
    };
    let mut found: Vec<(&str, &Event)> = Vec::new();
    for name in streams(group, parameters)? {
        let stream = group.streams.get(name).ok_or_else(no_such_stream)?;
        let events = stream.events.iter().filter(|event| wanted(event));
        found.extend(events.map(|event| (name, event)));
    }
    found.sort_unstable_by_key(|(_, event)| event.place);
    if downwards {
        found.reverse();
    }
    Ok(shown(&found, parameters, downwards))
}

fn shown(found: &[(&str, &Event)], parameters: &Data, downwards: bool) -> Data {
    let limit = count(parameters, "limit", events::PER_BATCH);
    let size = events::fitting(found.iter().map(|(_, event)| *event), limit).len();
    let (shown, rest) = found.split_at(size);
    let events: Data = shown
        .iter()
        .map(|(name, event)| described(name, event))
        .collect();
    // What was searched has not been told since 2019.
    let mut answer = Object::builder()
        .with("events", events)
        .with("searchedLogStreams", Vec::new());
    if let (Some((_, last)), false) = (shown.last(), rest.is_empty()) {
        let token = if downwards {
            Token::Backward
        } else {
            Token::Forward
        };
        let token = token::wrap(&token(last.place).to_string());
        answer.insert("nextToken".into(), token.into());
    }
    answer.build().into()
}

/// The names of the streams that are searched.
fn streams<'g>(group: &'g Group, parameters: &'g Data) -> Result<Vec<&'g str>, ApiError> {
    let prefix = maybe(parameters, "logStreamNamePrefix");
    let named = !items(parameters, "logStreamNames").is_empty();
    if named && prefix.is_some() {
        return Err(invalid(
            "LogStream names and LogStream name prefix are mutually exclusive parameters.",
        ));
    }
    if named {
        let mut names: Vec<&str> = texts(parameters, "logStreamNames").collect();
        names.sort_unstable();
        names.dedup();
        return Ok(names);
    }
    let names = group.streams.keys().map(AsRef::as_ref);
    let names = names.filter(|name: &&str| prefix.is_none_or(|prefix| name.starts_with(prefix)));
    Ok(names.collect())
}

fn read(text: &str) -> Result<Token, ApiError> {
    Token::parse(&token::unwrap(text)?)
}

fn described(stream: &str, event: &Event) -> Data {
    let Event {
        place,
        ingested,
        message,
    } = event;
    let Place { at, .. } = place;
    let answer = Object::builder()
        .with("logStreamName", stream)
        .with("timestamp", *at)
        .with("message", message.as_str())
        .with("ingestionTime", ingested.0)
        .with("eventId", place.to_string());
    answer.build().into()
}
