//! What a program needs and nothing provides.

use std::sync::Arc;

use asl::{Block, Dataflow, Program, Quantity, ResourceKind, State, StateKind};
use data::Data;

use crate::functions::{Function, Functions, binding_snippet, function_name, is_invoke, is_lambda};

/// A Task state whose worker is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbound {
    /// The state's name.
    pub state: String,
    /// Its `Resource`.
    pub resource: String,
    /// The function that `FunctionName` names, for `lambda:invoke`.
    pub function_name: Option<String>,
    /// What to put into `wf-host.toml`.
    pub snippet: String,
    /// Where the state stands in its definition.
    pub span: data::Span,
}

/// Every Task state of `program` that `functions` has nothing for. A function name that is computed at run
/// time is not judged.
pub fn unbound(program: &Program, functions: &Functions) -> Vec<Unbound> {
    let tasks = program.states().filter_map(|(_, state)| match &state.kind {
        StateKind::Task(task) => Some((state, &task.resource)),
        _ => None,
    });
    tasks
        .filter_map(|(state, resource)| {
            let function_name = static_function_name(state);
            let bound = functions.is_bound(resource, function_name.as_deref());
            (!bound).then(|| Unbound {
                state: state.name.to_string(),
                resource: resource.text.to_string(),
                snippet: binding_snippet(resource, function_name.as_deref()),
                function_name,
                span: state.span,
            })
        })
        .collect()
}

/// Every function with a guest that a Task state of `program` names and `functions` has; states that are `mocked`
/// call none.
pub fn named_functions(
    program: &Program,
    functions: &Functions,
    mocked: &dyn Fn(&str) -> bool,
) -> Vec<Arc<Function>> {
    let mut named: Vec<Arc<Function>> = Vec::new();
    for (_, state) in program.states() {
        let StateKind::Task(task) = &state.kind else {
            continue;
        };
        if mocked(&state.name) {
            continue;
        }
        let function = functions.named(&task.resource, static_function_name(state).as_deref());
        let Some(function) = function.filter(|function| function.endpoint().is_none()) else {
            continue;
        };
        if named.iter().all(|other| other.name != function.name) {
            named.push(function);
        }
    }
    named
}

/// Which function a Task calls, as far as its definition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// This one, by the name of its entry or, without one, as the definition has it.
    Function(String),
    /// One whose name is computed.
    Computed,
    /// None: it is no call of a function.
    None,
}

/// Which function a state calls.
pub fn called(state: &State, functions: &Functions) -> Called {
    let StateKind::Task(task) = &state.kind else {
        return Called::None;
    };
    let written = static_function_name(state);
    let known = functions.named(&task.resource, written.as_deref());
    if let Some(function) = known {
        return Called::Function(function.name.clone());
    }
    match written {
        Some(name) => Called::Function(function_name(&name).to_owned()),
        None if is_invoke(&task.resource) => Called::Computed,
        None if is_lambda(&task.resource) => {
            Called::Function(function_name(&task.resource.text).to_owned())
        }
        None => Called::None,
    }
}

/// The most tasks of all `programs` together that can be under way at once, with `map_concurrency` iterations of an
/// inline Map; `twice` if tasks may be delivered twice.
pub fn most_guests<'p>(
    programs: impl IntoIterator<Item = &'p Program>,
    map_concurrency: u32,
    twice: bool,
) -> u32 {
    let tasks = programs
        .into_iter()
        .map(|program| most_tasks(program, map_concurrency));
    let all = tasks.fold(0, u32::saturating_add);
    if twice { all.saturating_mul(2) } else { all }
}

fn most_tasks(program: &Program, map_concurrency: u32) -> u32 {
    let block = program.block(program.root);
    block_tasks(program, block, map_concurrency)
}

fn block_tasks(program: &Program, block: &Block, concurrency: u32) -> u32 {
    let tasks = block
        .states
        .iter()
        .map(|state| match &program.state(*state).kind {
            StateKind::Task(_) => 1,
            StateKind::Parallel(parallel) => parallel
                .branches
                .iter()
                .map(|branch| block_tasks(program, program.block(*branch), concurrency))
                .fold(0, u32::saturating_add),
            StateKind::Map(map) => {
                let width = match map.max_concurrency {
                    Quantity::Value(0) | Quantity::Path(_) | Quantity::Jsonata(_) => concurrency,
                    Quantity::Value(most) => {
                        u32::try_from(most).map_or(concurrency, |n| n.min(concurrency))
                    }
                };
                width.saturating_mul(block_tasks(
                    program,
                    program.block(map.processor),
                    concurrency,
                ))
            }
            StateKind::Choice(_)
            | StateKind::Wait(_)
            | StateKind::Pass(_)
            | StateKind::Succeed
            | StateKind::Fail(_) => 0,
        });
    tasks.max().unwrap_or(0)
}

/// `FunctionName` where it is written down.
fn static_function_name(state: &State) -> Option<String> {
    let StateKind::Task(task) = &state.kind else {
        return None;
    };
    let ResourceKind::Service { service, .. } = &task.resource.kind else {
        return None;
    };
    if service != "lambda" {
        return None;
    }
    let name = match &state.flow {
        Dataflow::JsonPath(flow) => flow.parameters.as_ref()?.constant_field("FunctionName"),
        Dataflow::Jsonata(flow) => flow.arguments.as_ref()?.constant_field("FunctionName"),
    };
    name.and_then(Data::as_str).map(str::to_owned)
}
