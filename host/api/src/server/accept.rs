//! Connections: accepted, bounded, and ended in order.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::security::Admitted;
use super::stream::Stream;
use super::{Metrics, Services, Settings, Shared, router};

/// The most bytes of a request's head.
const MAX_HEAD: usize = 64 * 1024;

/// How long to wait when the system has no connection to give, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that holds its address.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// Takes the address, `HOST:PORT`; port 0 is any that is free. Connections are accepted from now on, and answered
    /// once [`serve`](Server::serve) runs.
    pub async fn bind(
        address: &str,
        settings: Settings,
        services: Services,
        metrics: Arc<Metrics>,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?;
        let admitted = Admitted::new(&settings.allowed_hosts, address, bound);
        let shared = Arc::new(Shared {
            services,
            metrics,
            settings,
            admitted,
        });
        Ok(Server {
            listener,
            address: bound,
            shared,
        })
    }

    /// The address with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop`. Answers that are under way then have [`Settings::grace`] to be finished.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let connections = Connections::new(&self.shared);
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = connections.next(&self.listener) => accepted,
            };
            match accepted {
                Ok((stream, permit)) => connections.answer(stream, permit),
                Err(error) => {
                    tracing::debug!(%error, "no connection accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        drop(self.listener);
        connections.end(self.shared.settings.grace).await;
    }
}

/// The open connections.
struct Connections {
    http: http1::Builder,
    service: TowerToHyperService<Router>,
    metrics: Arc<Metrics>,
    permits: Arc<Semaphore>,
    most: u32,
    answer_pause: Duration,
    graceful: GracefulShutdown,
    /// When this is dropped, whatever is still open is cut.
    cut: watch::Sender<()>,
}

impl Connections {
    fn new(shared: &Arc<Shared>) -> Connections {
        let settings = &shared.settings;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(settings.head_timeout)
            .max_header_size(MAX_HEAD);
        Connections {
            http,
            service: TowerToHyperService::new(router(Arc::clone(shared))),
            metrics: Arc::clone(&shared.metrics),
            permits: Arc::new(Semaphore::new(settings.max_connections as usize)),
            most: settings.max_connections,
            answer_pause: settings.answer_pause,
            graceful: GracefulShutdown::new(),
            cut: watch::Sender::new(()),
        }
    }

    /// The next connection, once there is room for it.
    async fn next(&self, listener: &TcpListener) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(io::Error::other)?;
        let (stream, _) = listener.accept().await?;
        // Without it small answers wait for the client's acknowledgement. A client that is gone already needs none.
        let _ = stream.set_nodelay(true);
        Ok((stream, permit))
    }

    /// Answers what comes on a connection, on a task of its own.
    fn answer(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let connection = self
            .http
            .serve_connection(Stream::new(stream, self.answer_pause), self.service.clone());
        let watcher: Watcher = self.graceful.watcher();
        let mut cut = self.cut.subscribe();
        let open = self.metrics.connection();
        tokio::spawn(async move {
            let answered = tokio::select! {
                answered = watcher.watch(connection) => answered,
                _ = cut.changed() => Ok(()),
            };
            if let Err(error) = answered {
                tracing::debug!(%error, "connection ended");
            }
            drop((open, permit));
        });
    }

    /// Lets answers under way finish, and cuts what is not done then.
    async fn end(self, grace: Duration) {
        let finished = tokio::time::timeout(grace, self.graceful.shutdown()).await;
        drop(self.cut);
        if finished.is_err() {
            tracing::debug!("connections were cut");
        }
        // All permits are back when every task is over.
        let _ = self.permits.acquire_many(self.most).await;
    }
}
