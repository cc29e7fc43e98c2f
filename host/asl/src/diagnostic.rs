//! What is wrong with a definition, and where.

use data::{Position, Source, Span};

use crate::excerpt;

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The definition cannot run.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kind of a [`Diagnostic`]: AWS's code where `ValidateStateMachineDefinition` has one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as users see it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// AWS: the text cannot be read.
    InvalidJsonDescription = "INVALID_JSON_DESCRIPTION",
    /// AWS: there is no text.
    MissingDescription = "MISSING_DESCRIPTION",
    /// AWS: a field is missing, unknown, of the wrong type or out of range.
    SchemaValidationFailed = "SCHEMA_VALIDATION_FAILED",
    /// AWS: a JSONata expression cannot be parsed.
    InvalidJsonataExpression = "INVALID_JSONATA_EXPRESSION",
    /// AWS: a JSONata expression names what a state does not offer.
    UnsupportedJsonataExpression = "UNSUPPORTED_JSONATA_EXPRESSION",
    /// AWS: `StartAt`, `Next` or `Default` names no state, or no transition leads to a state.
    MissingTransitionTarget = "MISSING_TRANSITION_TARGET",
    /// AWS: no state ends the block.
    MissingEndState = "MISSING_END_STATE",
    /// AWS: two states have one name.
    DuplicateStateName = "DUPLICATE_STATE_NAME",
    /// AWS: a state's name is too long.
    InvalidStateName = "INVALID_STATE_NAME",
    /// AWS: two Map states have one `Label`.
    DuplicateLabelName = "DUPLICATE_LABEL_NAME",
    /// AWS: a `Label` is too long or holds a character that it must not.
    InvalidLabelName = "INVALID_LABEL_NAME",
    /// AWS: blocks or conditions in blocks or conditions, too many levels of them.
    TooDeeplyNested = "TOO_DEEPLY_NESTED",
    /// AWS, a warning: a value looks like a path but its key does not end with `.$`.
    NoDollar = "NO_DOLLAR",
    /// AWS, a warning: a value looks like a path but its field's name does not end with `Path`.
    NoPath = "NO_PATH",
    /// AWS, a warning: a path in the `Result` of a Pass state, which is taken literally.
    PassResultIsStatic = "PASS_RESULT_IS_STATIC",
    /// Our own: over 1 MB.
    DefinitionTooLarge = "DEFINITION_TOO_LARGE",
    /// Our own: one key twice in one object.
    DuplicateKey = "DUPLICATE_KEY",
    /// Our own, a warning: a state that only states lead to which cannot be reached either.
    UnreachableState = "UNREACHABLE_STATE",
    /// Our own, a warning: a Task that may wait for ever.
    MissingTimeout = "MISSING_TIMEOUT",
    /// Our own, a warning: a Task that waits for a token which it gives to nobody.
    MissingTaskToken = "MISSING_TASK_TOKEN",
    /// Our own, a warning: an error name that an earlier entry of the list takes.
    NeverMatches = "NEVER_MATCHES",
    /// Our own, a warning: a `States.` error name that does not exist.
    UnknownErrorName = "UNKNOWN_ERROR_NAME",
    /// Our own, a warning: `${Name}` without a value.
    UndefinedPlaceholder = "UNDEFINED_PLACEHOLDER",
    /// Our own, a warning: AWS takes it, and fails when it comes to it.
    FailsAtRunTime = "FAILS_AT_RUN_TIME",
    /// Our own, a warning: a value that has no effect.
    NoEffect = "NO_EFFECT",
}

/// One thing that is wrong with a definition, or probably is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing.
    pub code: Code,
    /// What is wrong, AWS's words where they are known.
    pub message: String,
    /// Where, as an RFC 6901 pointer into the definition. As on AWS it is the containing object if a field
    /// is missing or not supported; `span` then stands at the object's name or at the field.
    pub pointer: String,
    /// The place as AWS writes it, such as `/States/A/Choices[0]/Next`; none where AWS gives none.
    pub location: Option<String>,
    /// Where, in the source.
    pub span: Span,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Line and column of the place.
    pub fn position(&self, source: &Source) -> Position {
        source.position(self.span)
    }

    /// The diagnostic with its source line, for a terminal or a log, without colour:
    ///
    /// ```text
    /// order.json:4:15: error[MISSING_TRANSITION_TARGET]: Missing 'Next' target: Pya
    ///   4 |       "Next": "Pya"
    ///     |               ^^^^^
    /// hint: did you mean `Pay`?
    /// ```
    pub fn render(&self, source: &Source) -> String {
        let position = self.position(source);
        let (severity, code) = (self.severity.as_str(), self.code.as_str());
        let mut out = format!(
            "{}:{position}: {severity}[{code}]: {}\n",
            source.name, self.message
        );
        out.push_str(&excerpt::of(source, self.span));
        if let Some(hint) = &self.hint {
            out.push_str("hint: ");
            out.push_str(hint);
            out.push('\n');
        }
        out
    }

    /// Adds a hint.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }
}
