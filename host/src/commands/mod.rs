//! One file a command.

pub mod guest;
pub mod run;
pub mod schema;
pub mod test_state;
pub mod validate;
