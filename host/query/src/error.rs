//! What can be wrong with an expression, before and while it is evaluated.

use data::{Data, EcoString};

/// Why a text is no path, expression or intrinsic call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

impl SyntaxError {
    pub(crate) fn new(message: impl Into<String>, offset: usize) -> SyntaxError {
        SyntaxError {
            message: message.into(),
            offset,
        }
    }

    pub(crate) fn shifted(mut self, by: usize) -> SyntaxError {
        self.offset += by;
        self
    }
}

/// Why a path yields nothing.
///
/// `Display` is the message of the JsonPath library; [`cause`](PathError::cause) is what AWS makes of it for
/// `InputPath`, `OutputPath`, `ItemsPath` and the like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PathError {
    /// The path as it was written.
    pub path: EcoString,
    /// The JsonPath library's message.
    pub message: String,
    pub(crate) not_found: bool,
}

impl PathError {
    /// Whether nothing stands where the path leads, rather than that the path cannot be applied at all.
    pub fn is_not_found(&self) -> bool {
        self.not_found
    }

    /// `Invalid path '$.p' : No results for path: $['p']`
    pub fn cause(&self) -> String {
        format!("Invalid path '{}' : {}", self.path, self.message)
    }
}

/// Why an expression has no value.
///
/// `Display` is the text that AWS puts behind "An error occurred while executing the state ... ".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvaluateError {
    /// A path found nothing.
    #[error("{}", path_message(field, input, reason))]
    Path {
        /// The field whose value the path is, `x.$` in a template; empty where there is none.
        field: EcoString,
        /// What the path was applied to.
        input: Data,
        /// What the JsonPath library says.
        reason: PathError,
    },
    /// An intrinsic function failed.
    #[error("The function '{call}' had the following error: {message}")]
    Function {
        /// The call as it was written, arguments included.
        call: EcoString,
        /// What the function says.
        message: String,
    },
}

/// Where a path cannot be applied at all AWS lets the JsonPath library speak.
fn path_message(field: &str, input: &Data, reason: &PathError) -> String {
    if !reason.is_not_found() {
        return reason.message.clone();
    }
    format!(
        "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{input}'",
        reason.path
    )
}

impl EvaluateError {
    /// The same error for the field called `name`.
    #[must_use]
    pub fn for_field(mut self, name: &str) -> EvaluateError {
        if let EvaluateError::Path { field, .. } = &mut self {
            *field = name.into();
        }
        self
    }
}
