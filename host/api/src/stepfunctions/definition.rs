//! Definitions as CreateStateMachine and UpdateStateMachine take them.

use std::sync::Arc;

use asl::{Compiled, Diagnostic, Options, Program, Severity};
use data::{Format, Source};

use crate::error::ApiError;

/// The program of a definition, or `InvalidDefinition` with all its errors.
pub(super) fn program(text: &str, express: bool) -> Result<Arc<Program>, ApiError> {
    let compiled = compile(text, express);
    let refused = || ApiError::new("InvalidDefinition", refusal(&compiled.diagnostics));
    compiled.program.map(Arc::new).ok_or_else(refused)
}

/// What the compiler says of a definition.
pub(super) fn compile(text: &str, express: bool) -> Compiled {
    let options = Options {
        express,
        ..Options::default()
    };
    asl::compile(&Source::new("definition", text), Format::Json, &options)
}

/// `Invalid State Machine Definition: '<code>: <message> at <location>, ...'`
fn refusal(diagnostics: &[Diagnostic]) -> String {
    let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
    let errors = diagnostics.iter().filter(is_error).map(|one| {
        let place = one.location.as_ref();
        let place = place.map_or_else(String::new, |place| format!(" at {place}"));
        format!("{}: {}{place}", one.code.as_str(), one.message)
    });
    let errors: Vec<String> = errors.collect();
    format!("Invalid State Machine Definition: '{}'", errors.join(", "))
}
