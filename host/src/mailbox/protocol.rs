//! The lines that go through a socket.

use std::io::{Error, ErrorKind, Read, Result};
use std::time::{Duration, Instant};

use data::{Data, Object};
use engine::Failure;
use runtime::{Answer, Refused};

/// The most bytes of an output, as AWS takes them.
pub const MOST_OUTPUT: usize = 262_144;

/// A line with an output or a cause of the largest size, whatever is escaped in it.
const MOST_LINE: usize = 1 << 20;

/// A peer that is slower than this is none.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It was taken.
    Taken,
    /// It was not: the name of AWS's exception, and why.
    Refused(String, String),
}

/// A request as a line.
pub fn request(token: &str, answer: &Answer) -> String {
    let request = Object::builder().with("token", token);
    let request = match answer {
        Answer::Succeed(output) => request.with("succeed", output.clone()),
        Answer::Heartbeat => request.with("heartbeat", true),
        Answer::Fail(failure) => {
            let mut fail = Object::builder();
            for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
                if let Some(text) = text {
                    fail.insert(name.into(), text.clone().into());
                }
            }
            request.with("fail", fail.build())
        }
    };
    line(&request.build().into())
}

/// Reads a request; none if it is not one.
pub fn read_request(line: &str) -> Option<(String, Answer)> {
    let request = Data::parse(line).ok()?;
    let token = request.get("token")?.as_str()?.to_owned();
    let answer = match (request.get("succeed"), request.get("fail")) {
        (Some(output), None) => Answer::Succeed(output.clone()),
        (None, Some(failure)) => {
            let text = |name: &str| failure.get(name).and_then(Data::as_str).map(Into::into);
            Answer::Fail(Failure {
                error: text("error"),
                cause: text("cause"),
            })
        }
        (None, None) if request.get("heartbeat") == Some(&true.into()) => Answer::Heartbeat,
        _ => return None,
    };
    Some((token, answer))
}

/// A reply as a line.
pub fn reply(taken: std::result::Result<(), Refused>) -> String {
    let reply = match taken {
        Ok(()) => Object::builder().with("ok", true),
        Err(refused) => Object::builder()
            .with("refused", refused.name())
            .with("message", refused.to_string()),
    };
    line(&reply.build().into())
}

/// Reads a reply; none if it is not one.
pub fn read_reply(line: &str) -> Option<Reply> {
    let reply = Data::parse(line).ok()?;
    if reply.get("ok").is_some() {
        return Some(Reply::Taken);
    }
    let text = |name: &str| Some(reply.get(name)?.as_str()?.to_owned());
    Some(Reply::Refused(text("refused")?, text("message")?))
}

fn line(data: &Data) -> String {
    format!("{data}\n")
}

/// Reads up to the end of a line, within bounds of size and time.
pub fn read_line(stream: &mut impl Read) -> Result<String> {
    let began = Instant::now();
    let mut bytes = Vec::new();
    let mut part = [0; 8192];
    while !bytes.contains(&b'\n') {
        if bytes.len() > MOST_LINE || began.elapsed() > PATIENCE {
            return Err(Error::from(ErrorKind::InvalidData));
        }
        match stream.read(&mut part)? {
            0 => break,
            n => bytes.extend(part.iter().take(n)),
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::from(ErrorKind::InvalidData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_its_line() {
        let failure = Failure {
            error: None,
            cause: Some("no\nway".into()),
        };
        for answer in [
            Answer::Succeed(Data::Null),
            Answer::Succeed("a\n".into()),
            Answer::Fail(failure),
            Answer::Fail(Failure::default()),
            Answer::Heartbeat,
        ] {
            let line = request("wf-1", &answer);
            assert_eq!(line.matches('\n').count(), 1);
            assert_eq!(read_request(&line), Some(("wf-1".to_owned(), answer)));
        }
    }

    #[test]
    fn what_is_no_request_is_none() {
        for line in [
            "",
            "{}",
            "[1]",
            r#"{"token": 1, "heartbeat": true}"#,
            "{\"token\"",
        ] {
            assert_eq!(read_request(line), None, "{line}");
        }
        let both = r#"{"token": "t", "succeed": 1, "fail": {}}"#;
        assert_eq!(read_request(both), None);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut endless = std::io::repeat(b'x');
        assert!(read_line(&mut endless).is_err());
    }
}
