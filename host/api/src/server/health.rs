//! Whether the server is there, and what it counts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use data::{Data, Object};

use super::{Shared, protocol};

/// What LocalStack answers on its health path, with the services that are there: `available` until somebody calls
/// them, `running` from then on. Scripts that wait search the text, so it has a space behind each colon.
pub(super) async fn health(State(shared): State<Arc<Shared>>) -> Response {
    answer(&shared)
}

pub(super) fn answer(shared: &Shared) -> Response {
    let services = shared.services.states().map(|(name, used)| {
        let state = if used { "running" } else { "available" };
        (name.id(), Data::from(state))
    });
    let body = Object::builder()
        .with("services", services.collect::<Object>())
        .with("edition", "wf-host")
        .with("version", env!("CARGO_PKG_VERSION"))
        .build();
    let mut body = Data::from(body).to_pretty();
    body.push('\n');
    protocol::response(StatusCode::OK, "application/json", body)
}

/// The metrics in the text form of OpenMetrics, which Prometheus reads.
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    protocol::response(StatusCode::OK, KIND, shared.metrics.render())
}
