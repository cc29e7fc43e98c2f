//! The HTTP around the services: a real server on a port of its own, a fake behind it, raw sockets before it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod connections;
mod health;
mod limits;
mod protocols;
mod routing;
mod security;
mod world;
