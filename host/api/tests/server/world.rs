//! A server with a fake behind it, and a client that says exactly what it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use api::server::{Answering, Metrics, Overview, Server, Service, ServiceName, Services, Settings};
use api::{ApiError, Caller};
use data::Data;
use journal::Filter;
use tokio::sync::{Notify, oneshot};

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What an operation of a fake answers.
pub type Answers = fn(&str, &Data) -> Result<Data, ApiError>;

/// A call that a fake heard.
#[derive(Clone, Debug)]
pub struct Heard {
    pub service: &'static str,
    pub operation: String,
    pub parameters: String,
    pub caller: Caller,
}

/// What all fakes of a server share.
#[derive(Default)]
pub struct Behind {
    pub heard: Mutex<Vec<Heard>>,
    /// How many calls were given up.
    pub gone: AtomicUsize,
    /// How many calls wait.
    pub waiting: AtomicUsize,
    /// Lets `StopExecution` go on.
    pub release: Notify,
}

struct Fake {
    name: ServiceName,
    answers: Answers,
    behind: Arc<Behind>,
}

impl Service for Fake {
    fn call<'c>(
        &'c self,
        caller: &'c Caller,
        operation: &'c str,
        parameters: &'c Data,
    ) -> Answering<'c> {
        self.behind.heard.lock().unwrap().push(Heard {
            service: self.name.id(),
            operation: operation.to_owned(),
            parameters: parameters.to_string(),
            caller: caller.clone(),
        });
        Box::pin(async move {
            let _given_up = GivenUp(&self.behind.gone);
            self.behind.waiting.fetch_add(1, Ordering::SeqCst);
            match operation {
                "GetActivityTask" => std::future::pending::<()>().await,
                "StopExecution" => self.behind.release.notified().await,
                _ => {}
            }
            (self.answers)(operation, parameters)
        })
    }
}

/// Says what it is asked.
struct Seen;

impl Overview for Seen {
    fn statistics(&self, filter: Filter) -> Answering<'_> {
        let asked = filter.state_machine.unwrap_or_default();
        Box::pin(async move { Ok(Data::from(format!("statistics of {asked}"))) })
    }

    fn executions(&self, filter: Filter) -> Answering<'_> {
        let asked = (filter.after.unwrap_or_default(), filter.limit);
        Box::pin(async move { Ok(Data::from(format!("executions {asked:?}"))) })
    }
}

struct GivenUp<'b>(&'b AtomicUsize);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A server that runs until it is dropped.
pub struct World {
    pub address: SocketAddr,
    pub behind: Arc<Behind>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl World {
    pub fn new(answers: Answers) -> World {
        World::with(Settings::default(), answers)
    }

    pub fn with(settings: Settings, answers: Answers) -> World {
        let behind = Arc::new(Behind::default());
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let shared = Arc::clone(&behind);
        let thread = std::thread::spawn(move || {
            let tokio = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            tokio.block_on(async move {
                let plug = |services: Services, name| {
                    let behind = Arc::clone(&shared);
                    services.with(
                        name,
                        Arc::new(Fake {
                            name,
                            answers,
                            behind,
                        }),
                    )
                };
                let services = ServiceName::ALL.into_iter().fold(Services::new(), plug);
                let services = services.with_overview(Arc::new(Seen));
                let metrics = Arc::new(Metrics::default());
                let bound = Server::bind("127.0.0.1:0", settings, services, metrics);
                let server = bound.await.unwrap();
                tell.send(server.address()).unwrap();
                server.serve(async { drop(stopped.await) }).await;
            });
        });
        World {
            address: told.recv().unwrap(),
            behind,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub fn connect(&self) -> Client {
        Client::new(self.address)
    }

    /// Asks on a connection of its own.
    pub fn ask(&self, request: &str) -> Answer {
        let mut client = self.connect();
        client.send(request);
        client.answer().expect("an answer")
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.behind.heard.lock().unwrap().clone()
    }

    /// The only call that was heard.
    pub fn only(&self) -> Heard {
        let heard = self.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        heard.into_iter().next().unwrap()
    }

    /// Tells the server to stop, without waiting for it.
    pub fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits for the server's end.
    pub fn join(&mut self) {
        self.stop();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            self.behind.release.notify_waiters();
            assert!(thread.join().is_ok() || std::thread::panicking());
        }
    }
}

/// Waits until something holds, which it must at last.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(std::time::Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Data {
        Data::parse(&self.body).expect(&self.body)
    }
}

/// A connection.
pub struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client {
            stream,
            read: Vec::new(),
        }
    }

    pub fn send(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).unwrap();
    }

    /// Whether the server still takes bytes.
    pub fn try_send(&mut self, text: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(text.as_ref()).is_ok()
    }

    /// Says that nothing more is sent.
    pub fn half_close(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// The next response; none if the connection was closed instead.
    pub fn answer(&mut self) -> Option<Answer> {
        self.read_answer(true)
    }

    fn read_answer(&mut self, has_body: bool) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more()?;
        };
        let head = String::from_utf8(self.read.drain(..end).collect()).unwrap();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers
            .iter()
            .find(|(name, _)| has_body && name == "content-length");
        let length = length.map_or(0, |(_, length)| length.parse().unwrap());
        while self.read.len() < length {
            self.more()?;
        }
        let body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
        Some(Answer {
            status,
            headers,
            body,
        })
    }

    /// The next response, to a HEAD request: without the body that its length tells of.
    pub fn head(&mut self) -> Option<Answer> {
        self.read_answer(false)
    }

    /// Whether the server closes the connection without saying anything more.
    pub fn is_closed(&mut self) -> bool {
        self.read.is_empty() && self.more().is_none()
    }

    fn more(&mut self) -> Option<()> {
        let mut part = [0; 16 * 1024];
        match self.stream.read(&mut part) {
            Ok(0) => None,
            Ok(n) => {
                self.read.extend_from_slice(&part[..n]);
                Some(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A request for this host, with its length.
pub fn request(line: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers
        .iter()
        .map(|header| format!("{header}\r\n"))
        .collect();
    let length = body.len();
    format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

/// A call of Step Functions.
pub fn states(operation: &str, body: &str) -> String {
    let target = format!("X-Amz-Target: AWSStepFunctions.{operation}");
    let kind = "Content-Type: application/x-amz-json-1.0";
    request("POST /", &[&target, kind], body)
}

/// A call of IAM or STS.
pub fn form(body: &str) -> String {
    let kind = "Content-Type: application/x-www-form-urlencoded; charset=utf-8";
    request("POST /", &[kind], body)
}

/// Answers everything with nothing.
pub fn nothing(_: &str, _: &Data) -> Result<Data, ApiError> {
    Ok(Data::empty_object())
}
