//! Log streams.

use data::Data;

use super::{Region, Request, answer, invalid, no_such_stream};
use crate::error::ApiError;
use crate::given::{flag, maybe, text};

pub(super) fn create(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    let name = text(request.parameters, "logStreamName");
    if group.streams.contains_key(name) {
        let message = "The specified log stream already exists";
        return Err(ApiError::new("ResourceAlreadyExistsException", message));
    }
    group.stream_or_new(name, request.now);
    Ok(Data::empty_object())
}

pub(super) fn delete(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let group = region.group(text(request.parameters, "logGroupName"), request.now)?;
    if !group.remove(text(request.parameters, "logStreamName")) {
        return Err(no_such_stream());
    }
    Ok(Data::empty_object())
}

/// DescribeLogStreams: by name, or by the time of the last event, streams without events first.
pub(super) fn describe(region: &mut Region, request: &Request<'_>) -> Result<Data, ApiError> {
    let parameters = request.parameters;
    let by_time = maybe(parameters, "orderBy") == Some("LastEventTime");
    let prefix = maybe(parameters, "logStreamNamePrefix");
    if by_time && prefix.is_some() {
        return Err(invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let of = request.group_name()?;
    let group = region.group(of, request.now)?;
    let streams = group.streams.iter();
    let streams = streams.filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)));
    let mut entries: Vec<(String, Data)> = streams
        .map(|(name, stream)| {
            let last = stream.events.back().map_or(0, |event| event.place.at);
            let key = if by_time {
                format!("{last:020}{name}")
            } else {
                name.to_string()
            };
            (key, answer::stream(request, of, name, stream))
        })
        .collect();
    entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let descending = flag(parameters, "descending");
    if descending {
        entries.reverse();
    }
    let after = |key: &str, start: &str| if descending { key < start } else { key > start };
    answer::page(request, "logStreams", entries.into_iter(), after)
}
