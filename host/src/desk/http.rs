//! One HTTP exchange with a server on its own: a request out, a whole answer back.

use std::error::Error;
use std::time::Duration;

use anyhow::Result;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::exit::{Exit, because, because_hint};

/// The largest answer that is read: no page of a history is larger, and nobody can fill the memory.
const MOST_ANSWER: usize = 1 << 30;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server answered.
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

/// Connections to one server.
pub struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    /// `http://HOST:PORT`
    base: String,
}

impl Http {
    /// Nothing is connected yet.
    pub fn new(base: String) -> Http {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(tcp);
        Http { client, base }
    }

    /// `http://HOST:PORT`
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request whose URI is absolute.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer> {
        let base = &self.base;
        match tokio::time::timeout(PATIENCE, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                let message = format!("{base} did not answer within {seconds} seconds");
                Err(because(Exit::BadFile, message))
            }
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer> {
        let base = &self.base;
        let broken = |reason: String| because(Exit::BadFile, format!("{base}: {reason}"));
        let response = self.client.request(request).await;
        let response = response.map_err(|error| match error.is_connect() {
            true => because_hint(
                Exit::BadFile,
                format!("nobody answers at {base}: {}", innermost(&error)),
                "wf-host serve prints its URL when it listens; --store FILE looks into a store without a server",
            ),
            false => broken(innermost(&error)),
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MOST_ANSWER).collect().await;
        let body = body.map_err(|error| broken(innermost(error.as_ref())))?;
        Ok(Answer {
            status: head.status,
            body: body.to_bytes(),
        })
    }
}

/// The cause behind all wrapping.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
