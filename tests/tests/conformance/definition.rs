//! Definitions as CreateStateMachine takes them.

use data::{Data, Format, Source};

use crate::recording::{Recording, text_of};

/// What AWS took must compile, machines of which only the definition is known included.
pub fn accept_all(recording: &Recording) -> Result<(), String> {
    let taken = |machine: &&Data| machine.get("created_ok").and_then(Data::as_bool) == Some(true);
    recording.machines().filter(taken).try_for_each(accept)
}

fn accept(machine: &Data) -> Result<(), String> {
    let Some(definition) = text_of(machine, "definition") else {
        return Ok(());
    };
    match compile(definition, text_of(machine, "type")) {
        Ok(_) => Ok(()),
        Err(message) => Err(format!(
            "AWS takes this definition, and we do not: {message}\n{definition}"
        )),
    }
}

/// The program of a definition, or AWS's message about what is wrong with it.
pub fn compile(definition: &str, machine_type: Option<&str>) -> Result<asl::Program, String> {
    let source = Source::new("definition", definition);
    let options = asl::Options {
        express: machine_type == Some("EXPRESS"),
        ..asl::Options::default()
    };
    let compiled = asl::compile(&source, Format::Json, &options);
    compiled
        .program
        .ok_or_else(|| refusal(&compiled.diagnostics))
}

/// `Invalid State Machine Definition: '<code>: <message> at <location>, ...'`
fn refusal(diagnostics: &[asl::Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|one| one.severity == asl::Severity::Error);
    let errors = errors.map(|one| {
        let place = one.location.as_ref();
        let place = place.map_or_else(String::new, |place| format!(" at {place}"));
        format!("{}: {}{place}", one.code.as_str(), one.message)
    });
    let errors: Vec<String> = errors.collect();
    format!("Invalid State Machine Definition: '{}'", errors.join(", "))
}
