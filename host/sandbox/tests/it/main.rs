//! The sandbox from outside: every way to end, both clocks, files, the cache, fairness.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    reason = "tests"
)]

mod c_command;
mod cache;
mod common;
mod component;
mod disruptions;
mod ends;
mod fairness;
mod faulty;
mod load;
mod mounts;
mod script;
mod virtual_time;
