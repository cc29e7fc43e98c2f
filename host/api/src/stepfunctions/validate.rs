//! ValidateStateMachineDefinition.

use asl::{Diagnostic, Severity};
use data::{Data, Object};

use super::definition::compile;
use super::wire::{answer, member, needed, put, text};
use crate::error::ApiError;

/// The most diagnostics of an answer, and how many there are unless told otherwise (service model).
const MOST: usize = 100;

/// Everything that is wrong or doubtful. `severity` says what is shown: with `ERROR`, which is the default, no warnings.
pub(super) fn definition(parameters: &Data) -> Result<Data, ApiError> {
    let express = text(parameters, "type") == Some("EXPRESS");
    let compiled = compile(needed(parameters, "definition"), express);
    let shows_warnings = text(parameters, "severity") == Some("WARNING");
    let most = member(parameters, "maxResults").and_then(Data::as_i64);
    let most = most.and_then(|most| usize::try_from(most).ok());
    let most = most.filter(|most| *most > 0).unwrap_or(MOST);
    let shown = |one: &&Diagnostic| shows_warnings || one.severity == Severity::Error;
    let mut diagnostics = compiled.diagnostics.iter().filter(shown);
    let page: Data = diagnostics.by_ref().take(most).map(diagnostic).collect();
    let result = match compiled.program {
        Some(_) => "OK",
        None => "FAIL",
    };
    let validated = Object::builder()
        .with("result", result)
        .with("diagnostics", page)
        .with("truncated", diagnostics.next().is_some());
    Ok(answer(validated))
}

fn diagnostic(found: &Diagnostic) -> Data {
    let severity = match found.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
    };
    let mut diagnostic = Object::builder()
        .with("severity", severity)
        .with("code", found.code.as_str())
        .with("message", found.message.as_str());
    put(&mut diagnostic, "location", found.location.as_deref());
    answer(diagnostic)
}
