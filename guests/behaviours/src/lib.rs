//! The handlers that stood behind the functions of recorded AWS behaviour.
//!
//! A function's variable `BEHAVIOUR` says which one it is; [`Behaviour`] lists them. They were written in
//! Python, so what they return is what Lambda's Python runtime makes of it: a space after each comma and
//! colon, errors with a `requestId` and the line of the file that raised them.

mod python;

/// What a handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// `echo`: returns its event.
    Echo,
    /// `return-hello`: returns an object with one field.
    ReturnHello,
    /// `bytes`: returns the bytes of a JSON string.
    Bytes,
    /// `large-utf8`: returns more than a state may hold.
    LargeUtf8,
    /// `raise`: raises `Exception`.
    Raise,
    /// `raise-custom`: raises a class of its own.
    RaiseCustom,
}

/// A KiB more than a state may hold.
const LARGE: usize = 257 * 1024;

impl Behaviour {
    /// The behaviour of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Behaviour> {
        Some(match name {
            "echo" => Behaviour::Echo,
            "return-hello" => Behaviour::ReturnHello,
            "bytes" => Behaviour::Bytes,
            "large-utf8" => Behaviour::LargeUtf8,
            "raise" => Behaviour::Raise,
            "raise-custom" => Behaviour::RaiseCustom,
            _ => return None,
        })
    }

    /// What the runtime answers for it, in an invocation with this id.
    ///
    /// # Errors
    /// Those that the handler raises, as JSON.
    pub fn answer(self, event: &[u8], request_id: &str) -> Result<Vec<u8>, Vec<u8>> {
        let raised = |kind, message, line, source| {
            let error = python::error(kind, message, request_id, line, source);
            Err(error.into_bytes())
        };
        match self {
            Behaviour::Echo => Ok(python::spaced(event)),
            Behaviour::ReturnHello => Ok(br#"{"Return": "HelloWorld"}"#.to_vec()),
            Behaviour::Bytes => Ok(br#""HelloWorld!""#.to_vec()),
            Behaviour::LargeUtf8 => Ok(format!("\"{}\"", "a".repeat(LARGE)).into_bytes()),
            Behaviour::Raise => {
                let message = "Some exception was raised.";
                let source = r#"raise Exception("Some exception was raised.")"#;
                raised("Exception", message, 2, source)
            }
            Behaviour::RaiseCustom => raised("CustomException", "", 9, "raise CustomException()"),
        }
    }
}

/// Behaves as the function's variables say.
///
/// # Errors
/// Those of the behaviour; `InvalidEnvironment` without one.
pub fn behave(event: &[u8], _context: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let name = wf_guest::env::var("BEHAVIOUR").unwrap_or_default();
    let Some(behaviour) = Behaviour::named(&name) else {
        let message = format!("BEHAVIOUR names none: {name:?}");
        let error = wf_guest::Error::new(wf_guest::env::INVALID, message);
        return Err(error.to_json().into_bytes());
    };
    let request_id = wf_guest::env::var("AWS_REQUEST_ID").unwrap_or_default();
    behaviour.answer(event, &request_id)
}

wf_guest::handler!(raw behave);

#[cfg(test)]
mod tests {
    use super::*;

    fn text(answer: Result<Vec<u8>, Vec<u8>>) -> String {
        let bytes = answer.unwrap_or_else(|error| error);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_echo_is_written_as_python_writes_it() {
        let answer = Behaviour::Echo.answer(br#"{"a":[1,"b,c:\"d"]}"#, "id");
        assert_eq!(text(answer), r#"{"a": [1, "b,c:\"d"]}"#);
    }

    #[test]
    fn what_is_raised_has_the_shape_of_the_python_runtime() {
        let answer = Behaviour::Raise.answer(b"{}", "id");
        assert!(answer.is_err());
        let expected = concat!(
            r#"{"errorMessage": "Some exception was raised.", "errorType": "Exception", "requestId": "id", "#,
            r#""stackTrace": ["  File \"/var/task/handler.py\", line 2, in handler\n"#,
            r#"    raise Exception(\"Some exception was raised.\")\n"]}"#,
        );
        assert_eq!(text(answer), expected);
    }

    #[test]
    fn a_large_answer_is_larger_than_a_state_may_hold() {
        let answer = text(Behaviour::LargeUtf8.answer(b"{}", "id"));
        assert_eq!(answer.len(), 257 * 1024 + 2);
    }
}
