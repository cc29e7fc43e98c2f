//! Strings that know how long they are as JSON.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use ecow::EcoString;

use crate::json::escaped_len;

/// An immutable string: in place when short, shared when long, its size as JSON counted once.
#[derive(Clone)]
pub struct Text {
    text: EcoString,
    size: u32,
}

impl Text {
    /// The string itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The string as a shareable key.
    pub fn as_eco(&self) -> &EcoString {
        &self.text
    }

    /// Bytes as a JSON string, quotes and escapes included.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    fn measured(text: EcoString) -> Text {
        let size = u32::try_from(escaped_len(&text)).unwrap_or(u32::MAX);
        Text { text, size }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::measured(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::measured(text.into())
    }
}

impl From<EcoString> for Text {
    fn from(text: EcoString) -> Self {
        Text::measured(text)
    }
}
