//! Places in a list, as tokens that say nothing to whoever holds them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::invalid;
use crate::error::ApiError;

/// Where an event stands: ordered by its time, then by when it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Milliseconds since the epoch, never negative.
    pub at: i64,
    /// The number of the event in its group.
    pub serial: u64,
}

/// A place as an event's id: 56 digits, as the service has them.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}{:036}", self.at, self.serial)
    }
}

impl Place {
    /// Reads an event's id.
    pub fn parse(text: &str) -> Option<Place> {
        let digits = text.len() == 56 && text.bytes().all(|byte| byte.is_ascii_digit());
        let (at, serial) = text.split_at_checked(20).filter(|_| digits)?;
        Some(Place {
            at: at.parse().ok()?,
            serial: serial.parse().ok()?,
        })
    }
}

/// A token of GetLogEvents: on from a place, or back from it. The place itself is not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `f/...`
    Forward(Place),
    /// `b/...`
    Backward(Place),
}

impl Token {
    /// Reads a token.
    pub fn parse(text: &str) -> Result<Token, ApiError> {
        let place = |text: &str| text.strip_suffix("/s").and_then(Place::parse);
        let token = match text.split_at_checked(2) {
            Some(("f/", rest)) => place(rest).map(Token::Forward),
            Some(("b/", rest)) => place(rest).map(Token::Backward),
            _ => None,
        };
        token.ok_or_else(bad)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Forward(place) => write!(f, "f/{place}/s"),
            Token::Backward(place) => write!(f, "b/{place}/s"),
        }
    }
}

/// A key as a token.
pub(super) fn wrap(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The key in a token.
pub(super) fn unwrap(token: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(bad)
}

pub(super) fn bad() -> ApiError {
    invalid("The specified nextToken is invalid.")
}
