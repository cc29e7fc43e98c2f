//! Lambda handlers in Rust, as WebAssembly guests.
//!
//! A handler is a function from an event and a [`Context`] to a result. [`handler!`] makes the
//! crate a guest when it is built for `wasm32-wasip1` as a `cdylib`; on any other target the macro
//! adds nothing, and the handler is an ordinary function to test.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wf_guest::{Context, Error};
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     amount: f64,
//! }
//!
//! #[derive(Serialize)]
//! struct Receipt {
//!     total: f64,
//! }
//!
//! fn charge(order: Order, _: Context) -> Result<Receipt, Error> {
//!     if order.amount <= 0.0 {
//!         return Err(Error::new("BadAmount", "the amount must be above 0"));
//!     }
//!     Ok(Receipt { total: order.amount * 1.19 })
//! }
//!
//! wf_guest::handler!(charge);
//!
//! assert!(charge(Order { amount: 0.0 }, Context::default()).is_err());
//! ```
//!
//! A panic ends the guest with a trap, after its message and place have gone to stderr, which is
//! the guest's log.

pub mod abi;
mod context;
pub mod env;
mod error;
pub mod random;

pub use context::Context;
pub use error::Error;

/// Makes a function the handler of this crate.
///
/// `handler!(f)` takes a `fn(Event, Context) -> Result<Output, E>` where `Event` deserializes from
/// JSON, `Output` serializes to it, and `E` becomes an [`Error`]. `handler!(raw f)` takes a
/// `fn(&[u8], &[u8]) -> Result<Vec<u8>, Vec<u8>>` from the bytes of event and context to the bytes
/// of a result or an error, with nothing checked.
#[macro_export]
macro_rules! handler {
    (raw $handler:expr) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, missing_docs, reason = "the exports of the guest's ABI")]
        mod wf_guest_exports {
            #[unsafe(no_mangle)]
            extern "C" fn alloc(length: u32) -> u32 {
                $crate::abi::alloc(length)
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn handle(
                event: u32,
                event_length: u32,
                context: u32,
                context_length: u32,
            ) -> u64 {
                use super::*;
                let places = [(event, event_length), (context, context_length)];
                // SAFETY: the host passes on what `alloc` returned, with the lengths it asked for.
                unsafe { $crate::abi::handle(places, $handler) }
            }
        }
    };
    ($handler:expr) => {
        $crate::handler!(raw |event: &[u8], context: &[u8]| {
            $crate::abi::call(event, context, $handler)
        });
    };
}
