//! What stands behind the endpoint: the one place where the host and the services are plugged in.

use std::sync::Arc;

use anyhow::Result;
use api::server::{Metrics, Services};

use super::plan::Plan;

/// Opens the services. Called inside the tokio runtime, so that what they work with may be spawned here.
pub fn open(_plan: Plan, _metrics: &Arc<Metrics>) -> Result<Services> {
    Ok(Services::new())
}
