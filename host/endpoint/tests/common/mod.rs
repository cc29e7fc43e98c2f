//! A server that answers by a script and remembers what it was asked.

#![allow(dead_code, reason = "each test file uses its part of it")]

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials as Keys;
use bytes::Bytes;
use data::Data;
use endpoint::{Credentials, Endpoints, Pause, Settings};
use engine::Failure;
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use runtime::Envelope;
use runtime::remote::{Address, Remote, RemoteCall, RemoteWork};
use tokio::net::TcpListener;

pub const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub const TOKEN: &str = "session-token";
pub const REGION: &str = "eu-central-1";

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What the server does with a request.
#[derive(Clone)]
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: Bytes,
    },
    /// It closes the connection without a word.
    HangUp,
}

impl Reply {
    pub fn json(status: u16, body: &str) -> Reply {
        Reply::Answer {
            status,
            headers: vec![("x-amzn-RequestId".into(), "id".into())],
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }
}

#[derive(Default)]
struct Book {
    script: VecDeque<Reply>,
    asked: Vec<Asked>,
    connections: usize,
}

/// The server, for as long as the test's tokio runtime lives.
#[derive(Clone)]
pub struct Server {
    book: Arc<Mutex<Book>>,
    pub address: SocketAddr,
}

impl Server {
    pub async fn start(script: impl IntoIterator<Item = Reply>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let book = Book {
            script: script.into_iter().collect(),
            ..Book::default()
        };
        let server = Server {
            book: Arc::new(Mutex::new(book)),
            address: listener.local_addr().unwrap(),
        };
        let host = server.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                host.book.lock().unwrap().connections += 1;
                let host = host.clone();
                tokio::spawn(async move {
                    let serve = service_fn(|request| host.serve(request));
                    let served = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), serve);
                    // A client may be gone, and a script may hang up.
                    let _ = served.await;
                });
            }
        });
        server
    }

    async fn serve(
        &self,
        request: Request<hyper::body::Incoming>,
    ) -> Result<Response<Full<Bytes>>, Broken> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        let path = head.uri.path_and_query().unwrap().to_string();
        let mut book = self.book.lock().unwrap();
        book.asked.push(Asked {
            method: head.method,
            path,
            headers: head.headers,
            body,
        });
        let reply = book.script.pop_front();
        match reply.expect("more requests than the script has answers") {
            Reply::HangUp => Err(Broken),
            Reply::Answer {
                status,
                headers,
                body,
            } => {
                let mut response = Response::builder()
                    .status(status)
                    .header("date", "Thu, 01 Jan 2026 00:00:00 GMT");
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(Full::new(body)).unwrap())
            }
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.book.lock().unwrap().asked.clone()
    }

    pub fn connections(&self) -> usize {
        self.book.lock().unwrap().connections
    }
}

#[derive(Debug)]
pub struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hung up")
    }
}

impl std::error::Error for Broken {}

/// Waits for nothing and notes how long it should have.
#[derive(Default)]
pub struct Noted(Mutex<Vec<Duration>>);

impl Noted {
    pub fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }
}

impl Pause for Noted {
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(time);
        Box::pin(std::future::ready(()))
    }
}

pub fn keys() -> Keys {
    Keys::builder()
        .access_key_id(ACCESS_KEY)
        .secret_access_key(SECRET_KEY)
        .session_token(TOKEN)
        .provider_name("test")
        .build()
}

/// Calls with the test's keys, and what notes the pauses.
pub fn endpoints() -> (Endpoints, Arc<Noted>) {
    let noted = Arc::new(Noted::default());
    let settings = Settings {
        credentials: Credentials::Given(keys()),
        pause: Arc::clone(&noted) as Arc<dyn Pause>,
    };
    (Endpoints::new(settings), noted)
}

fn call(url: &str, work: RemoteWork) -> RemoteCall {
    RemoteCall {
        address: Address::Url(url.to_owned()),
        region: REGION.into(),
        work,
        execution_arn: "arn:aws:states:eu-central-1:000000000000:execution:order:1".into(),
        state_machine_arn: "arn:aws:states:eu-central-1:000000000000:stateMachine:order".into(),
    }
}

/// A call of an action; `resource` is what follows `arn:aws:states:::`.
pub fn service_call(url: &str, resource: &str, parameters: Data) -> RemoteCall {
    let (call_text, pattern) = match resource.split_once('.') {
        None => (resource, asl::Pattern::RequestResponse),
        Some((call, "waitForTaskToken")) => (call, asl::Pattern::WaitForTaskToken),
        Some((call, _)) => (call, asl::Pattern::Sync),
    };
    let (service, action) = call_text.rsplit_once(':').unwrap();
    let work = RemoteWork::Service {
        service: service.into(),
        action: action.into(),
        pattern,
        parameters,
    };
    call(url, work)
}

pub fn function_call(url: &str, given: &Data) -> RemoteCall {
    let text = |name: &str| given.get(name).and_then(Data::as_str).map(Into::into);
    let work = RemoteWork::Function {
        name: text("name").unwrap(),
        qualifier: text("qualifier"),
        invocation_type: text("invocationType"),
        payload: given.get("payload").cloned().unwrap_or_default(),
        envelope: match given.get("bare") {
            Some(_) => Envelope::None,
            None => Envelope::LambdaInvoke,
        },
    };
    call(url, work)
}

pub async fn ask(endpoints: &Endpoints, call: RemoteCall) -> Result<Data, Failure> {
    endpoints.call(call).await
}
