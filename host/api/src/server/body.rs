//! Bodies of requests: how much is read, and how long it is waited for.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use bytes::BytesMut;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};

use super::Settings;
use crate::error::ApiError;

/// How much of a body that is too large is read on, so that its sender gets to hear of it.
const PASSED_OVER: usize = 64 << 20;

/// What Lambda itself calls the operation that is Invoke in its model.
const INVOKE: &str = "Invoke";

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is larger than this.
    TooLarge(usize),
    /// It pauses or takes too long.
    TooSlow,
    /// It ends before its end.
    Broken,
}

impl Unread {
    /// The error to answer with. Nothing else can be asked on the connection.
    pub(super) fn error(self, operation: Option<&str>) -> ApiError {
        match (self, operation) {
            (Unread::TooLarge(limit), Some(INVOKE)) => ApiError::new(
                "RequestTooLargeException",
                format!(
                    "Request must be smaller than {limit} bytes for the InvokeFunction operation"
                ),
            )
            .with_status(413),
            (Unread::TooLarge(limit), _) => ApiError::new(
                "RequestEntityTooLargeException",
                format!("the request's body is larger than {limit} bytes"),
            )
            .with_status(413),
            (Unread::TooSlow, _) => ApiError::new(
                "RequestTimeoutException",
                "the request's body did not arrive in time",
            )
            .with_status(408),
            (Unread::Broken, _) => ApiError::new(
                "SerializationException",
                "the request's body ended before its end",
            ),
        }
    }
}

/// All of a body.
pub(super) async fn read(
    mut body: Body,
    limit: usize,
    settings: &Settings,
) -> Result<Bytes, Unread> {
    let mut pace = Pace::new(settings);
    if body.size_hint().lower() > limit as u64 {
        pass_over(&mut body, &mut pace).await;
        return Err(Unread::TooLarge(limit));
    }
    let Some(first) = pace.part(&mut body).await? else {
        return Ok(Bytes::new());
    };
    if body.is_end_stream() && first.len() <= limit {
        return Ok(first);
    }
    let mut all = BytesMut::from(first);
    loop {
        if all.len() > limit {
            drop(all);
            pass_over(&mut body, &mut pace).await;
            return Err(Unread::TooLarge(limit));
        }
        match pace.part(&mut body).await? {
            Some(part) => all.extend_from_slice(&part),
            None => return Ok(all.freeze()),
        }
    }
}

/// Lets a body that nobody wants go by, so that its sender gets to hear the answer.
pub(super) async fn pass_by(mut body: Body, settings: &Settings) {
    pass_over(&mut body, &mut Pace::new(settings)).await;
}

/// Reads on without keeping anything.
async fn pass_over(body: &mut Body, pace: &mut Pace) {
    let mut passed = 0;
    while let Ok(Some(part)) = pace.part(body).await {
        passed += part.len();
        if passed > PASSED_OVER {
            return;
        }
    }
}

/// How long the parts of a body may take.
struct Pace {
    pause: Duration,
    end: Instant,
}

impl Pace {
    fn new(settings: &Settings) -> Pace {
        Pace {
            pause: settings.body_pause,
            end: Instant::now() + settings.body_timeout,
        }
    }

    /// The next part; none at the end. Trailers are passed over.
    async fn part(&mut self, body: &mut Body) -> Result<Option<Bytes>, Unread> {
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            let frame = timeout(self.pause.min(left), body.frame()).await;
            match frame.map_err(|_| Unread::TooSlow)? {
                None => return Ok(None),
                Some(Err(_)) => return Err(Unread::Broken),
                Some(Ok(frame)) => {
                    if let Ok(part) = frame.into_data() {
                        return Ok(Some(part));
                    }
                }
            }
        }
    }
}
