//! Misbehaves on request, in every way a sandbox must survive.
//!
//! The event says how: `{"do": "spin"}`. [`Request`] lists all of it. What a sandbox refuses is
//! told in the result as `{"refused": "why"}`.

mod deeds;

use serde::Deserialize;
use serde_json::Value;
use wf_guest::Error;

/// One deed and its details.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Request {
    /// Computes for ever.
    Spin,
    /// Sleeps, and returns how long that seemed to take.
    Sleep {
        /// For how long.
        seconds: f64,
    },
    /// Allocates memory without end.
    Allocate,
    /// Calls itself without end.
    Recurse,
    /// Panics.
    Panic,
    /// Leaves the process.
    Exit {
        /// The exit code.
        code: i32,
    },
    /// Executes the instruction `unreachable`.
    Trap,
    /// Divides by zero, which Rust turns into a panic.
    DivideByZero,
    /// Returns what is no JSON.
    Garbage,
    /// Returns 100 MB.
    HugeOutput,
    /// Returns a JSON string of just so many bytes, quotes and all.
    Oversized {
        /// How many.
        bytes: usize,
    },
    /// Writes 10 MB of lines to stderr, then returns.
    FloodStderr,
    /// Writes one line to stderr, then returns.
    Log {
        /// The line.
        line: String,
    },
    /// Tries to read a file that is not mounted.
    ReadOutside {
        /// Its path.
        #[serde(default = "deeds::outside")]
        path: String,
    },
    /// Reads a text file.
    ReadFile {
        /// Its path.
        path: String,
    },
    /// Writes a text file.
    WriteFile {
        /// Its path.
        path: String,
        /// Its new content.
        #[serde(default)]
        text: String,
    },
    /// Tries to open a connection.
    Socket,
    /// Returns one environment variable, or all of them.
    Environment {
        /// Which one.
        #[serde(default)]
        name: Option<String>,
    },
    /// Fails in the orderly way.
    #[serde(rename_all = "camelCase")]
    Error {
        /// What a workflow matches.
        #[serde(default = "deeds::error_type")]
        error_type: String,
        /// What a person reads.
        #[serde(default)]
        error_message: String,
    },
    /// Returns the time as it sees it.
    Clock,
    /// Returns a random id.
    Random,
    /// Returns the event.
    Echo,
}

/// Does as it is told.
///
/// # Errors
/// Those asked for, `InvalidEvent` for what is no [`Request`], and the operating system's.
pub fn misbehave(event: &[u8], _context: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let request = serde_json::from_slice(event)
        .map_err(|error| Error::new("InvalidEvent", error.to_string()));
    let done = request.and_then(|request| comply(request, event));
    done.map_err(|error| error.to_json().into_bytes())
}

fn comply(request: Request, event: &[u8]) -> Result<Vec<u8>, Error> {
    match request {
        Request::Garbage => Ok(b"}{ this is \xff no JSON".to_vec()),
        Request::HugeOutput => Ok(deeds::json_text(100_000_000)),
        Request::Oversized { bytes } => Ok(deeds::json_text(bytes)),
        Request::Echo => Ok(event.to_vec()),
        other => Ok(value(other)?.to_string().into_bytes()),
    }
}

fn value(request: Request) -> Result<Value, Error> {
    match request {
        Request::Spin => deeds::spin(),
        Request::Sleep { seconds } => deeds::sleep(seconds),
        Request::Allocate => deeds::allocate(),
        Request::Recurse => Ok(deeds::recurse(0).into()),
        Request::Panic => panic!("asked to panic"),
        Request::Exit { code } => std::process::exit(code),
        Request::Trap => deeds::trap(),
        Request::DivideByZero => Ok(deeds::divide(1, 0).into()),
        Request::FloodStderr => deeds::flood_stderr(),
        Request::Log { line } => deeds::log(&line),
        Request::ReadOutside { path } => Ok(deeds::attempt(std::fs::read_to_string(path))),
        Request::ReadFile { path } => Ok(std::fs::read_to_string(path)?.into()),
        Request::WriteFile { path, text } => Ok(deeds::attempt(std::fs::write(path, text))),
        Request::Socket => Ok(deeds::socket()),
        Request::Environment { name } => Ok(deeds::environment(name.as_deref())),
        Request::Error {
            error_type,
            error_message,
        } => Err(Error::new(error_type, error_message)),
        Request::Clock => Ok(deeds::clock()),
        Request::Random => Ok(wf_guest::random::id().into()),
        Request::Garbage | Request::HugeOutput | Request::Oversized { .. } | Request::Echo => {
            Ok(Value::Null) // Answered above, in bytes of their own.
        }
    }
}

wf_guest::handler!(raw misbehave);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ask(event: &Value) -> Result<Vec<u8>, Value> {
        misbehave(event.to_string().as_bytes(), b"")
            .map_err(|error| serde_json::from_slice(&error).unwrap())
    }

    #[test]
    fn an_error_is_the_one_asked_for() {
        let event = json!({"do": "error", "errorType": "Mine", "errorMessage": "m"});
        let expected = json!({"errorType": "Mine", "errorMessage": "m", "stackTrace": []});
        assert_eq!(ask(&event), Err(expected));
    }

    #[test]
    fn garbage_is_no_json() {
        let garbage = ask(&json!({"do": "garbage"})).unwrap();
        assert!(serde_json::from_slice::<Value>(&garbage).is_err());
    }

    #[test]
    fn oversized_output_has_the_size_asked_for() {
        let text = ask(&json!({"do": "oversized", "bytes": 1000})).unwrap();
        assert_eq!(text.len(), 1000);
        assert!(serde_json::from_slice::<String>(&text).is_ok());
    }

    #[test]
    fn an_unknown_deed_is_an_error() {
        assert_eq!(
            ask(&json!({"do": "good"})).unwrap_err()["errorType"],
            "InvalidEvent"
        );
    }
}
