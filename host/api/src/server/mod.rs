//! HTTP around the services: one address for all of them.
//!
//! [`Server::bind`] takes an address, [`Server::serve`] answers on it until it is told to stop. A request goes through
//! `security` (who may ask at all), `route` (which service and operation it means), `body` (how much is read, and how
//! long it is waited for), its `protocol` (AWS JSON, query or REST, guided by the service's model), and the
//! [`Service`] behind it; the answer goes back through the same protocol.
//!
//! What must never happen here: an answer with a CORS header, a payload in a log that nobody asked for, a request
//! that costs memory without bound.

mod accept;
mod body;
mod foreign;
mod handle;
mod health;
mod metrics;
mod overview;
mod protocol;
mod route;
mod scope;
mod security;
mod services;
mod settings;
mod stream;

pub use accept::Server;
pub use metrics::Metrics;
pub use services::{Answering, Overview, Service, ServiceName, Services};
pub use settings::Settings;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use security::Admitted;

/// What every request needs.
struct Shared {
    services: Services,
    metrics: Arc<Metrics>,
    settings: Settings,
    admitted: Admitted,
}

/// The paths that are no service's, and everything else to the services.
fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/_wf-host/health", get(health::health))
        .route("/_wf-host/stats", get(overview::stats))
        .route("/_wf-host/executions", get(overview::executions))
        .route("/_localstack/health", get(health::health))
        .route("/metrics", get(health::metrics))
        .fallback(handle::handle)
        .layer(from_fn_with_state(Arc::clone(&shared), security::guard))
        .with_state(shared)
}
