//! What the command line asks of a running server beside the services: figures, and the executions of all machines.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine::Timestamp;
use journal::Filter;

use super::Shared;
use super::protocol::{self, json};
use super::services::{Answering, Overview};
use crate::error::ApiError;

/// The executions of an answer unless told otherwise, and the most of one.
const DEFAULT: usize = 100;
const MOST: usize = 1000;
const STATUSES: [&str; 5] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];

/// `GET /_wf-host/stats`: [figures](crate::statistics::to_data) of the executions that the query lets through.
/// `machine` is a name or an ARN, `status` one of a list's, `since` and `until` (which is left out) are moments of the
/// start as RFC 3339 has them.
pub(super) async fn stats(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    let filter = filter(query.as_deref(), false);
    answered(&shared, filter, |overview, filter| {
        overview.statistics(filter)
    })
    .await
}

/// `GET /_wf-host/executions`: the executions that the query lets through, the youngest first, in the members of
/// ListExecutions with `error` beside them. Besides what `stats` takes, `limit` is how many at most, and `after` the
/// ARN of the execution that they come behind; `after` of the answer is that of the next page.
pub(super) async fn executions(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    let filter = filter(query.as_deref(), true);
    answered(&shared, filter, |overview, filter| {
        overview.executions(filter)
    })
    .await
}

async fn answered(
    shared: &Shared,
    filter: Result<Filter, ApiError>,
    ask: impl for<'c> FnOnce(&'c dyn Overview, Filter) -> Answering<'c>,
) -> Response {
    let answer = match (filter, shared.services.overview()) {
        (Ok(filter), Some(overview)) => ask(overview, filter).await,
        (Err(refused), _) => Err(refused),
        (_, None) => {
            let message = "this server has no executions";
            Err(ApiError::new("NotImplemented", message).with_status(501))
        }
    };
    match answer {
        Ok(answer) => {
            let body = answer.to_string();
            protocol::response(StatusCode::OK, "application/json", body)
        }
        Err(error) => {
            tracing::info!(code = %error.code, message = error.message, "not shown");
            json::error("application/json", &error, None)
        }
    }
}

/// What a query asks for; `as_list` says whether it is about a page of a list.
fn filter(query: Option<&str>, as_list: bool) -> Result<Filter, ApiError> {
    let mut filter = Filter {
        limit: as_list.then_some(DEFAULT),
        ..Filter::default()
    };
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "machine" if value.starts_with("arn:") => {
                filter.state_machine_arn = Some(value.into_owned());
            }
            "machine" => filter.state_machine = Some(value.into_owned()),
            "status" => filter.status = Some(status(value)?),
            "since" => filter.since = Some(moment(&name, &value)?),
            "until" => filter.until = Some(moment(&name, &value)?),
            "after" if as_list => filter.after = Some(value.into_owned()),
            "limit" if as_list => filter.limit = Some(limit(&value)?),
            _ => return Err(invalid(format!("the query has the unknown name {name}"))),
        }
    }
    Ok(filter)
}

fn status(value: Cow<'_, str>) -> Result<String, ApiError> {
    match STATUSES.contains(&&*value) {
        true => Ok(value.into_owned()),
        false => Err(invalid(format!("status is one of {}", STATUSES.join(", ")))),
    }
}

fn moment(name: &str, value: &str) -> Result<Timestamp, ApiError> {
    let moment = Timestamp::parse(value);
    moment.ok_or_else(|| invalid(format!("{name} is a moment such as 2026-01-01T00:00:00Z")))
}

fn limit(value: &str) -> Result<usize, ApiError> {
    let limit = value.parse().ok();
    let limit = limit.filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| invalid(format!("limit is a number from 1 to {MOST}")))
}

fn invalid(message: String) -> ApiError {
    ApiError::new("ValidationException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_which_executions_are_meant() {
        let query = "machine=pay%20me&status=FAILED&since=2026-01-01T00:00:00Z&until=2026-01-01T01:00:00%2B01:00";
        let read = filter(Some(query), false).unwrap();
        assert_eq!(read.state_machine.as_deref(), Some("pay me"));
        assert_eq!(read.status.as_deref(), Some("FAILED"));
        let start = Timestamp(1_767_225_600_000);
        assert_eq!((read.since, read.until), (Some(start), Some(start)));
        assert_eq!(read.limit, None);
        let read = filter(Some("machine=arn:m&after=arn:x&limit=7"), true).unwrap();
        assert_eq!(read.state_machine_arn.as_deref(), Some("arn:m"));
        assert_eq!(
            (read.after.as_deref(), read.limit),
            (Some("arn:x"), Some(7))
        );
        assert_eq!(filter(None, true).unwrap().limit, Some(DEFAULT));
    }

    #[test]
    fn what_a_query_cannot_mean_is_refused() {
        for query in [
            "limit=0",
            "limit=1001",
            "status=failed",
            "since=yesterday",
            "name=x",
        ] {
            assert!(filter(Some(query), true).is_err(), "{query}");
        }
        assert!(filter(Some("limit=1"), false).is_err());
    }
}
