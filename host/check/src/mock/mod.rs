//! The mock file of Step Functions Local: what the tasks of a test case answer, without anybody doing them.
//!
//! ```json
//! { "StateMachines":   { "order": { "TestCases": { "Declined": { "Pay": "DeclinedTwice" } } } },
//!   "MockedResponses": { "DeclinedTwice": {
//!     "0-1": { "Throw":  { "Error": "PaymentDeclined", "Cause": "no funds" } },
//!     "2":   { "Return": { "transactionId": "T1" } } } } }
//! ```
//!
//! A state that the case does not name runs for real. One that it names answers attempt by attempt: one
//! counter a state and execution, shared by retries, loops and the iterations of a Map. An attempt past the
//! mocked ones fails the execution, as States.Runtime, which no retrier and no catcher takes.
//!
//! What a task returns is what the service would have: a mock of `lambda:invoke` gives the whole response
//! with `StatusCode` and `Payload`.
//!
//! ```
//! use check::mock::MockConfig;
//! use data::{Data, Format, Source};
//!
//! let text = r#"{
//!   "StateMachines":   { "order": { "TestCases": { "Paid": { "Pay": "Ok" } } } },
//!   "MockedResponses": { "Ok": { "0": { "Return": { "paid": true } } } }
//! }"#;
//! let config = MockConfig::read(&Source::new("mocks.json", text), Format::Json).unwrap();
//! let mut mocks = config.case("order#Paid").unwrap().mocks;
//! assert!(mocks.answer("Ship").is_none(), "it runs for real");
//! let paid = mocks.answer("Pay").unwrap().unwrap();
//! assert_eq!(paid.get("paid"), Some(&Data::from(true)));
//! assert!(mocks.answer("Pay").unwrap().is_err(), "only attempt 0 is mocked");
//! ```

mod case;
mod config;
mod mocks;
mod response;

pub use crate::place::Place;
pub use case::{CaseError, TestCase};
pub use config::MockConfig;
pub use mocks::{Misplaced, Mocks, Unused};
