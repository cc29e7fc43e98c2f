//! HTTP around the services.
