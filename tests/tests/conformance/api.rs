//! The calls besides executions that can be answered without a server.
//!
//! **The seam for TestState** is [`TEST_STATE`]: with the engine's function in it all recordings of TestState
//! are compared, and none of them waits any more.

use data::{Data, Format, Object, Source};

use crate::compare::Comparison;
use crate::functions::Bound;
use crate::recording::{Recording, text_of};

/// How AWS refuses a call: `Code` and `Message`.
pub struct Refusal {
    /// Such as `InvalidDefinition`.
    pub code: String,
    /// What a person reads.
    pub message: String,
}

/// From TestState's parameters, the functions that stand behind Lambda's, and a seed that is the call's own,
/// to its response.
pub type TestState = fn(&Data, &Bound, u64) -> Result<Data, Refusal>;

/// What answers TestState; none as long as nothing does.
pub const TEST_STATE: Option<TestState> = Some(crate::test_state::test_state);

const INVALID: &str = "InvalidDefinition";

/// Whether a call is made and its answer compared.
pub fn is_checked(call: &Data) -> bool {
    is_refused_definition(call)
        || (TEST_STATE.is_some() && text_of(call, "op") == Some("TestState"))
}

/// Whether a call is made by running the executions that are compared.
pub fn is_part_of_a_run(call: &Data) -> bool {
    let op = text_of(call, "op");
    let is_setup = matches!(
        op,
        Some("CreateStateMachine" | "CreateActivity" | "StartExecution" | "StopExecution")
    );
    is_setup && call.get("expected_error").is_none()
}

fn is_refused_definition(call: &Data) -> bool {
    let defines = matches!(
        text_of(call, "op"),
        Some("CreateStateMachine" | "UpdateStateMachine" | "ValidateStateMachineDefinition")
    );
    let error = call.get("expected_error");
    defines && error.and_then(|error| text_of(error, "Code")) == Some(INVALID)
}

/// Makes the calls of a recording that can be made, and compares the answers. The error is what differs first.
pub fn check(recording: &Recording, comparison: &mut Comparison) -> Result<(), String> {
    for machine in recording.machines() {
        if machine.get("created_ok").and_then(Data::as_bool) == Some(true) {
            accept(machine)?;
        }
    }
    for (call, seed) in recording.calls().zip(0..) {
        if !is_checked(call) {
            continue;
        }
        let op = text_of(call, "op").unwrap_or("a call");
        comparison
            .answer(call, make(recording, call, seed))
            .map_err(|difference| format!("call {seed}, {op}\n{difference}"))?;
    }
    Ok(())
}

fn make(recording: &Recording, call: &Data, seed: u64) -> Result<Data, Refusal> {
    let nothing = Data::empty_object();
    let params = call.get("params").unwrap_or(&nothing);
    match TEST_STATE {
        Some(test_state) if text_of(call, "op") == Some("TestState") => {
            test_state(params, &Bound::new(recording, &nothing), seed)
        }
        _ => define(params),
    }
}

/// What AWS took must compile.
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

/// CreateStateMachine and its kin, as far as they judge the definition.
fn define(params: &Data) -> Result<Data, Refusal> {
    let definition = text_of(params, "definition").unwrap_or_default();
    match compile(definition, text_of(params, "type")) {
        Ok(_) => Ok(Object::builder().build().into()),
        Err(message) => Err(Refusal {
            code: INVALID.to_owned(),
            message,
        }),
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
