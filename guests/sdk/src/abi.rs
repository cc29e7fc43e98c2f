//! What [`crate::handler!`] expands to: from JSON bytes to a handler's types and back.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Context, Error};

/// Decodes event and context, calls the handler, and encodes its result or its error.
///
/// # Errors
/// The bytes of the error as Lambda writes it: `errorMessage`, `errorType`, `stackTrace`.
pub fn call<Event, Output, E>(
    event: &[u8],
    context: &[u8],
    handler: impl FnOnce(Event, Context) -> Result<Output, E>,
) -> Result<Vec<u8>, Vec<u8>>
where
    Event: DeserializeOwned,
    Output: Serialize,
    E: Into<Error>,
{
    decode_and_call(event, context, handler).map_err(|error| error.to_json().into_bytes())
}

fn decode_and_call<Event, Output, E>(
    event: &[u8],
    context: &[u8],
    handler: impl FnOnce(Event, Context) -> Result<Output, E>,
) -> Result<Vec<u8>, Error>
where
    Event: DeserializeOwned,
    Output: Serialize,
    E: Into<Error>,
{
    let event = serde_json::from_slice(event)
        .map_err(|error| Error::new("InvalidEvent", format!("the event does not fit: {error}")))?;
    let context = Context::parse(context)?;
    let output = handler(event, context).map_err(Into::into)?;
    serde_json::to_vec(&output).map_err(|error| Error::new("InvalidOutput", error.to_string()))
}

#[cfg(target_arch = "wasm32")]
#[allow(
    unsafe_code,
    reason = "the guest's half of the ABI exchanges addresses with the host"
)]
mod exports {
    use std::sync::Once;

    /// Bit 31 of a result's low half.
    const IS_ERROR: u64 = 1 << 31;

    /// Room for `length` bytes, which the host fills before it calls `handle`.
    pub fn alloc(length: u32) -> u32 {
        let room = vec![0u8; length as usize].leak();
        room.as_mut_ptr() as u32
    }

    /// Calls the handler with the bytes of event and context, each given by address and length.
    /// Returns the place of the result: its address in the high 32 bits, its length in the low ones.
    ///
    /// # Safety
    /// Both places must have come from [`alloc`] and be passed only once.
    pub unsafe fn handle(
        [event, context]: [(u32, u32); 2],
        handler: impl FnOnce(&[u8], &[u8]) -> Result<Vec<u8>, Vec<u8>>,
    ) -> u64 {
        log_panics();
        // SAFETY: the caller's promise.
        let (event, context) = unsafe { (bytes(event), bytes(context)) };
        let (result, flag) = match handler(event, context) {
            Ok(result) => (result, 0),
            Err(error) => (error, IS_ERROR),
        };
        let result = result.leak();
        (result.as_ptr() as u64) << 32 | flag | result.len() as u64
    }

    unsafe fn bytes((pointer, length): (u32, u32)) -> &'static [u8] {
        // SAFETY: `alloc` returned it for that length and leaked it, so it lives until the guest
        // ends.
        unsafe { std::slice::from_raw_parts(pointer as *const u8, length as usize) }
    }

    /// The standard hook speaks of threads and backtraces, of which a guest has none.
    fn log_panics() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            std::panic::set_hook(Box::new(|panic| {
                use std::io::Write as _;
                // With stderr gone there is nowhere left to say so.
                let _ = writeln!(std::io::stderr(), "{panic}");
            }));
        });
    }
}

#[cfg(target_arch = "wasm32")]
pub use exports::{alloc, handle};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn double(number: f64, context: Context) -> Result<Value, Error> {
        if number < 0.0 {
            return Err(Error::new("Negative", "no"));
        }
        let by = context.function_name;
        Ok(json!({"doubled": number * 2.0, "by": by}))
    }

    fn parsed(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn a_result_is_encoded() {
        let result = call(b"2.5", br#"{"functionName":"f"}"#, double).unwrap();
        assert_eq!(parsed(&result), json!({"doubled": 5.0, "by": "f"}));
    }

    #[test]
    fn an_error_has_the_shape_of_lambdas() {
        let error = call(b"-1", b"", double).unwrap_err();
        let expected = json!({"errorMessage": "no", "errorType": "Negative", "stackTrace": []});
        assert_eq!(parsed(&error), expected);
    }

    #[test]
    fn an_event_of_the_wrong_type_is_an_error_of_its_own() {
        let error = parsed(&call(br#""x""#, b"", double).unwrap_err());
        assert_eq!(error["errorType"], "InvalidEvent");
        assert!(
            error["errorMessage"]
                .as_str()
                .unwrap()
                .contains("expected f64"),
            "{error}"
        );
    }
}
