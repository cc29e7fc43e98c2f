//! A definition that is one state, as TestState takes it.

use std::collections::BTreeSet;

use data::{EcoString, Format, Key, Node, Source, Span, Value};

use crate::machine::{Compiled, Options, compile, compile_node};

/// What AWS calls a state that is tested without a machine around it (recorded: `$$.State.Name`).
const NAME: &str = "StateName";

/// A machine that holds one state, and what that state is called in it.
#[derive(Debug)]
pub struct SingleState {
    /// The machine; its diagnostics speak of the state as the root of the text.
    pub compiled: Compiled,
    /// The state's name: `StateName`, longer if something in the state has that name.
    pub name: EcoString,
}

/// Compiles the definition of a single state. The states that it leads to are not there to be looked for:
/// every name will do.
pub fn compile_state(source: &Source, format: Format, options: &Options) -> SingleState {
    let root = data::read(source, format).ok();
    let Some(state) = root.filter(|root| root.entries().is_some()) else {
        let compiled = compile(source, format, options);
        return SingleState {
            compiled,
            name: NAME.into(),
        };
    };
    let mut name = NAME.to_owned();
    while mentions(&state, &name) {
        name.push('_');
    }
    let machine = machine(state, &name);
    let mut compiled = compile_node(&machine, source, options);
    let (pointer, location) = (format!("/States/{name}"), format!("/States/{name}"));
    for found in &mut compiled.diagnostics {
        if let Some(rest) = found.pointer.strip_prefix(&pointer) {
            found.pointer = rest.to_owned();
        }
        let rest = found.location.as_deref();
        if let Some(rest) = rest.and_then(|place| place.strip_prefix(&location)) {
            let rest = if rest.is_empty() { "/" } else { rest };
            found.location = Some(rest.to_owned());
        }
    }
    SingleState {
        compiled,
        name: name.into(),
    }
}

/// Whether the text stands in the state, as a key or as a value.
fn mentions(node: &Node, text: &str) -> bool {
    match &node.value {
        Value::String(value) => value == text,
        Value::Array(items) => items.iter().any(|item| mentions(item, text)),
        Value::Object(entries) => entries
            .iter()
            .any(|(key, node)| key.name == text || mentions(node, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The state in a machine, with a Succeed state for every name that it leads to.
fn machine(state: Node, name: &str) -> Node {
    let span = state.span;
    let targets = targets(&state);
    let head = Span::new(span.start, span.start);
    let succeed = || object(head, vec![("Type", text(head, "Succeed"))]);
    let mut states = vec![(name, state)];
    states.extend(targets.iter().map(|target| (target.as_str(), succeed())));
    let states = object(span, states);
    object(
        span,
        vec![("StartAt", text(head, name)), ("States", states)],
    )
}

fn object(span: Span, entries: Vec<(&str, Node)>) -> Node {
    let head = Span::new(span.start, span.start);
    let entries = entries.into_iter().map(|(name, node)| {
        let key = Key {
            name: name.into(),
            span: head,
        };
        (key, node)
    });
    Node::new(span, Value::Object(entries.collect()))
}

fn text(span: Span, text: &str) -> Node {
    Node::new(span, Value::String(text.into()))
}

/// The names of the states that the state leads to: by `Next`, `Default`, `Choices` and `Catch`.
fn targets(state: &Node) -> BTreeSet<EcoString> {
    let own = [state.get("Next"), state.get("Default")];
    let lists = ["Choices", "Catch"].into_iter();
    let lists = lists.filter_map(|list| state.get(list)?.items());
    let nested = lists.flatten().map(|item| item.get("Next"));
    let names = own.into_iter().chain(nested).flatten();
    names
        .filter_map(|node| node.as_str().map(EcoString::from))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(text: &str) -> SingleState {
        let source = Source::new("state.asl.json", text);
        compile_state(&source, Format::Json, &Options::default())
    }

    #[test]
    fn a_state_may_lead_anywhere() {
        for state in [
            r#"{"Type": "Pass", "End": true}"#,
            r#"{"Type": "Pass", "Next": "Anywhere"}"#,
            r#"{"Type": "Pass", "Next": "StateName"}"#,
            r#"{"Type": "Succeed"}"#,
            r#"{"Type": "Choice", "Default": "B",
                "Choices": [{"Variable": "$", "IsNull": true, "Next": "A"}]}"#,
            r#"{"Type": "Task", "Resource": "work", "End": true,
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}]}"#,
        ] {
            let found = compiled(state);
            let program = found.compiled.program;
            assert!(
                program.is_some(),
                "{state}: {:?}",
                found.compiled.diagnostics
            );
        }
    }

    #[test]
    fn complaints_take_the_state_for_the_root() {
        let found = compiled(r#"{"Type": "Wait", "Seconds": "x", "End": true}"#).compiled;
        assert_eq!(found.diagnostics[0].location.as_deref(), Some("/Seconds"));
        assert_eq!(found.diagnostics[0].pointer, "/Seconds");
        let found = compiled(r#"{"Type": "Pass"}"#).compiled;
        assert_eq!(found.diagnostics[0].location.as_deref(), Some("/"));
        assert!(compiled("[]").compiled.program.is_none());
        assert!(compiled("{").compiled.program.is_none());
    }
}
