//! The AWS endpoint: Step Functions, Lambda, and the calls that their clients need around them.
//!
//! Each service takes an operation's name and its parameters as [`data::Data`] and answers with
//! data or an [`ApiError`]; nothing in a service knows HTTP. [`server`] is the HTTP around them: which service a
//! request means (`route`), the protocols of AWS (`protocol`), limits, and who may ask at all.
//!
//! What this room must never know: wasmtime, files, command lines.

pub mod caller;
mod error;
mod given;
pub mod iam;
mod keeper;
pub mod lambda;
pub mod logs;
pub mod model;
pub mod server;
pub mod statistics;
pub mod stepfunctions;
pub mod sts;
mod watch;

pub use caller::Caller;
pub use error::ApiError;
pub use keeper::Unreadable;
pub use watch::Watch;
