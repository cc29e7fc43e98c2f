//! Failures as data: what shall go wrong, what is expected then, and what was found.
//!
//! What this room must never know: command lines, files on disk, how a report is printed in colour. It reads
//! texts that it is handed and gives reports back as data.

pub mod coverage;
pub mod faults;
pub mod invariant;
pub mod mock;
mod place;
pub mod recording;
pub mod stubs;
pub mod suite;
pub mod sweep;

pub use place::Place;
