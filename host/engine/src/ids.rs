//! Names for the engine's things.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A frame of an execution: the machine itself, a branch, an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FrameId(pub u32);

impl FrameId {
    /// The machine's own frame.
    pub const ROOT: FrameId = FrameId(0);
}

/// The number of an event in an AWS history, from 1; 0 stands for "none".
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct EventId(pub u32);

/// The handle of one attempt at a task. A late answer to an older attempt has another token.
///
/// `secret` keeps strangers from answering for a worker; the rest finds the frame without a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskToken {
    /// The frame that waits.
    pub frame: FrameId,
    /// The record that scheduled the attempt.
    pub record: u32,
    /// Drawn bits.
    pub secret: u64,
}

/// The text form, which `$$.Task.Token` holds: letters, digits and dashes.
impl fmt::Display for TaskToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "wf-{:x}-{:x}-{:016x}",
            self.frame.0, self.record, self.secret
        )
    }
}

/// A text that is no task token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a task token")]
pub struct NotAToken;

impl FromStr for TaskToken {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let mut parts = text.strip_prefix("wf-").ok_or(NotAToken)?.splitn(3, '-');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let frame = number()
            .and_then(|n| u32::try_from(n).ok())
            .ok_or(NotAToken)?;
        let record = number()
            .and_then(|n| u32::try_from(n).ok())
            .ok_or(NotAToken)?;
        let secret = number().ok_or(NotAToken)?;
        Ok(TaskToken {
            frame: FrameId(frame),
            record,
            secret,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text() {
        let token = TaskToken {
            frame: FrameId(300),
            record: 7,
            secret: u64::MAX - 1,
        };
        assert_eq!(token.to_string().parse(), Ok(token));
        assert_eq!("wf-zz".parse::<TaskToken>(), Err(NotAToken));
    }
}
