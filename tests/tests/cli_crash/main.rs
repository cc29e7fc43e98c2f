//! Processes that are killed with SIGKILL and started again on the same store.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![expect(clippy::print_stdout, reason = "seeds and figures, for whoever looks")]

mod burst;
mod client;
mod outside;
mod run;
mod served;
mod starts;
mod stores;
