//! One file a command.

pub mod executions;
pub mod guest;
pub mod init;
pub mod replay;
pub mod run;
pub mod runtime;
pub mod schema;
pub mod serve;
pub mod stats;
pub mod store;
pub mod sweep;
pub mod task;
pub mod test;
pub mod test_state;
pub mod validate;
