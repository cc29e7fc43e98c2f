//! One HTTP exchange: a request out, a whole answer of bounded size back. Nothing is redirected.

use std::error::Error;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// The largest answer that is read, in bytes: Lambda's 6 MB with room to spare.
pub const MOST_ANSWER: usize = 8 << 20;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);

/// Connections that nobody uses are kept as long as AWS's services keep them.
const IDLE: Duration = Duration::from_secs(20);

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// A header's text, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("Connect to {server} failed: {reason}")]
    Connect { server: String, reason: String },
    #[error("{server} broke the connection off: {reason}")]
    Broken { server: String, reason: String },
    #[error("{server} did not answer within {} seconds", after.as_secs())]
    Late { server: String, after: Duration },
    #[error("{server} answered with more than {MOST_ANSWER} bytes")]
    TooLarge { server: String },
    #[error("TLS cannot be set up: {0}")]
    Tls(io::Error),
}

/// The connections, all kept in one pool.
#[derive(Default)]
pub(crate) struct Http {
    client: OnceLock<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
}

impl Http {
    /// Sends a request, whose URI is absolute, and reads the answer within `patience`.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        patience: Duration,
    ) -> Result<Answer, Unanswered> {
        let server = server(&request);
        let exchange = self.exchange(request, &server);
        match tokio::time::timeout(patience, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(Unanswered::Late {
                server,
                after: patience,
            }),
        }
    }

    async fn exchange(&self, request: Request<Bytes>, server: &str) -> Result<Answer, Unanswered> {
        let response = self.client()?.request(request.map(Full::new)).await;
        let response = response.map_err(|error| {
            let (server, reason) = (server.to_owned(), innermost(&error));
            match error.is_connect() {
                true => Unanswered::Connect { server, reason },
                false => Unanswered::Broken { server, reason },
            }
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MOST_ANSWER).collect().await;
        let body = body.map_err(|error| {
            let server = server.to_owned();
            match error.downcast_ref::<LengthLimitError>() {
                Some(_) => Unanswered::TooLarge { server },
                None => Unanswered::Broken {
                    server,
                    reason: innermost(error.as_ref()),
                },
            }
        })?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
        })
    }

    fn client(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Full<Bytes>>, Unanswered> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .map_err(|error| Unanswered::Tls(io::Error::other(error)))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(self.client.get_or_init(|| client))
    }
}

/// The scheme and authority that a request goes to.
fn server(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let scheme = uri.scheme_str().unwrap_or("http");
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}")
}

/// The cause behind all wrapping.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
