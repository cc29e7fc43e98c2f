//! The state to test, out of the definition.

use asl::{Compiled, Program, Severity, State, StateId};
use data::{Data, Format, Source};

use super::error::{TestStateError, TestStateErrorCode};
use super::{TestSetting, TestStateRequest};

/// A state and the machine that it stands in.
#[derive(Debug)]
pub(super) struct Tested {
    pub program: Program,
    pub id: StateId,
    /// The state as it is written.
    text: Data,
}

impl Tested {
    pub fn state(&self) -> &State {
        self.program.state(self.id)
    }

    /// Whether the state has a field that the program does not tell of.
    pub fn has(&self, field: &str) -> bool {
        self.text.get(field).is_some()
    }

    /// Whether a state of that name stands inside the state, at any depth.
    pub fn holds(&self, name: &str) -> bool {
        inside(&self.text).any(|block| find(block, name).is_some())
    }
}

/// Compiles the definition and finds the state: all of it, or the one that `stateName` names.
pub(super) fn compile(
    request: &TestStateRequest,
    setting: &TestSetting<'_>,
) -> Result<Tested, TestStateError> {
    let source = Source::new("definition", request.definition.as_str());
    let (compiled, name) = match &request.state_name {
        None => {
            let single = asl::compile_state(&source, Format::Json, &setting.options);
            (single.compiled, single.name)
        }
        Some(name) => {
            let compiled = asl::compile(&source, Format::Json, &setting.options);
            (compiled, name.clone())
        }
    };
    let program = program(compiled)?;
    let found = program.states().find(|(_, state)| state.name == name);
    let Some(id) = found.map(|(id, _)| id) else {
        let message = format!("The state machine has no state '{name}'");
        return Err(TestStateError::invalid(message));
    };
    let root = Data::parse(&request.definition).unwrap_or_default();
    let text = match &request.state_name {
        None => root,
        Some(name) => find(&root, name).cloned().unwrap_or_default(),
    };
    Ok(Tested { program, id, text })
}

/// The program, or what is wrong in the form that CreateStateMachine has (recorded).
fn program(compiled: Compiled) -> Result<Program, TestStateError> {
    let Compiled {
        program,
        diagnostics,
    } = compiled;
    program.ok_or_else(|| {
        let errors = diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error);
        let errors: Vec<String> = errors
            .map(|found| {
                let place = found.location.as_deref().unwrap_or("null");
                format!("{}: {} at {place}", found.code.as_str(), found.message)
            })
            .collect();
        let message = format!("Invalid State Machine Definition: '{}'", errors.join(", "));
        TestStateError::new(TestStateErrorCode::InvalidDefinition, message)
    })
}

/// The state of that name in a block or the blocks inside.
fn find<'d>(block: &'d Data, name: &str) -> Option<&'d Data> {
    let states = block.get("States")?.as_object()?;
    let own = states.get(name);
    own.or_else(|| {
        let mut blocks = states.values().flat_map(inside);
        blocks.find_map(|block| find(block, name))
    })
}

/// The blocks of a Parallel or Map.
fn inside(state: &Data) -> impl Iterator<Item = &Data> {
    let processor = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
    let branches = state.get("Branches").and_then(Data::as_array);
    let branches = branches.into_iter().flat_map(|branches| branches.iter());
    processor.into_iter().chain(branches)
}
