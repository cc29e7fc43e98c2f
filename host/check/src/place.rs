//! Where something was written, for messages that come long after reading.

use std::fmt;
use std::sync::Arc;

use data::{Mistakes, Position, Span};

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<str>,
    /// Where in it.
    pub position: Position,
}

impl Place {
    pub(crate) fn of(span: Span, mistakes: &Mistakes<'_>) -> Place {
        let source = mistakes.source();
        Place {
            file: Arc::clone(&source.name),
            position: source.position(span),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.position)
    }
}
