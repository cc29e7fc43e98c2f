//! Blocks: the machine itself, the branches of a Parallel, the processor of a Map.

use std::collections::{BTreeMap, BTreeSet};

use data::EcoString;

use crate::assign;
use crate::compiler::Compiler;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::place::Item;
use crate::program::{Block, BlockId, StateId};
use data::nearest;

/// Blocks may stand in blocks up to this depth, which no thread's stack is too small for.
const MAX_BLOCKS: usize = 64;
/// The longest name of a state, in characters.
const MAX_NAME: usize = 80;

/// After so many complaints no more names are searched for near misses: each search reads them all.
const MAX_HINTS: usize = 30;

/// The block that is being compiled.
pub(crate) struct Scope {
    pub block: BlockId,
    /// Blocks around it.
    pub depth: usize,
    /// The state that is being compiled.
    pub current: StateId,
    /// Whether some state ends the block.
    pub ends: bool,
    /// Whether a state could not be understood, so that where it leads is unknown.
    pub unclear: bool,
    names: BTreeMap<EcoString, StateId>,
    edges: BTreeSet<(StateId, StateId)>,
    /// Whether a transition leads nowhere, so that what cannot be reached may be a slip of its name.
    dangling: bool,
}

impl Compiler<'_> {
    /// Compiles the block that `item` is. Its own fields besides StartAt and States are the caller's.
    pub fn block(&mut self, item: &Item, owner: Option<StateId>, depth: usize) -> BlockId {
        let block = self.new_block();
        if depth > MAX_BLOCKS {
            let message = format!("The states are nested deeper than {MAX_BLOCKS} levels");
            self.error_head(item, Code::TooDeeplyNested, message);
            return block;
        }
        self.require(item, &["StartAt", "States"]);
        let Some(states) = item.get("States").filter(|states| self.object(states)) else {
            item.get("StartAt").and_then(|start| self.string(&start));
            return block;
        };
        let mut scope = self.scope(&states, block, depth);
        let ids: Vec<StateId> = scope
            .names
            .values()
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let start = item
            .get("StartAt")
            .and_then(|start| self.target(&start, &mut scope));
        self.scopes.push(assign::variables(&states));
        self.states(&states, &mut scope);
        self.scopes.pop();
        self.check_flow(item, &states, start, &scope);
        if let Some(start) = start {
            self.set_block(
                block,
                Block {
                    start,
                    states: ids,
                    owner,
                },
            );
        }
        block
    }

    /// Gives every state of the block its id.
    fn scope(&mut self, states: &Item, block: BlockId, depth: usize) -> Scope {
        let mut names = BTreeMap::new();
        let mut first = StateId(u32::MAX);
        for state in states.fields() {
            let id = self.new_state();
            first = first.min(id);
            names.insert(state.eco_name(), id);
            self.check_name(&state);
        }
        self.check_twins(states);
        if names.is_empty() {
            let message = "'States' must not be empty".to_owned();
            self.error(states, Code::SchemaValidationFailed, message);
        }
        let edges = BTreeSet::new();
        Scope {
            block,
            depth,
            current: first,
            ends: false,
            unclear: false,
            names,
            edges,
            dangling: false,
        }
    }

    fn check_name(&mut self, state: &Item) {
        let length = state.name().chars().count();
        if length > MAX_NAME {
            let message = format!(
                "The name of a state has {length} characters, at most {MAX_NAME} are allowed"
            );
            self.error_head(state, Code::InvalidStateName, message);
        }
        if let Some(other) = self.names.get(state.name()) {
            let hint = format!("the other one is {other}; names are unique in the whole machine");
            let message = format!("Duplicate State name: {}", state.name());
            self.error_head(state, Code::DuplicateStateName, message)
                .hint(hint);
        } else {
            self.names.insert(state.eco_name(), state.pointer());
        }
    }

    /// Complains of names that stand twice in one `States`.
    fn check_twins(&mut self, states: &Item) {
        let mut seen = BTreeSet::new();
        for (key, _) in states.node.entries().unwrap_or(&[]) {
            if !seen.insert(&key.name) {
                let message = format!("Duplicate State name: {}", key.name);
                let code = Code::DuplicateStateName;
                self.report(Severity::Error, states, key.span, code, message);
            }
        }
    }

    fn states(&mut self, states: &Item, scope: &mut Scope) {
        for state in states.fields() {
            let Some(id) = scope.names.get(state.name()).copied() else {
                continue;
            };
            scope.current = id;
            self.state(&state, scope);
        }
    }

    /// The state that a `Next`, `Default` or `StartAt` names.
    pub fn target(&mut self, item: &Item, scope: &mut Scope) -> Option<StateId> {
        let name = self.string(item)?;
        let found = scope.names.get(&name).copied();
        match found {
            Some(id) if item.name() == "StartAt" => return Some(id),
            Some(id) => {
                scope.edges.insert((scope.current, id));
            }
            None => {
                scope.dangling = true;
                let message = format!("Missing 'Next' target: {name}");
                let hint = self.missing_hint(&name, scope);
                let found = self.error(item, Code::MissingTransitionTarget, message);
                found.hint = hint;
            }
        }
        found
    }

    fn missing_hint(&self, name: &str, scope: &Scope) -> Option<String> {
        if self.diagnostics.len() > MAX_HINTS {
            return None;
        }
        if let Some(pointer) = self.names.get(name) {
            return Some(format!(
                "`{name}` is {pointer}, outside of this block; no transition leads out of a block"
            ));
        }
        let names = scope.names.keys().map(EcoString::as_str);
        if let Some(near) = nearest(name, names.clone()) {
            return Some(format!("did you mean `{near}`?"));
        }
        let few: Vec<&str> = names.take(8).collect();
        let more = if scope.names.len() > few.len() {
            ", ..."
        } else {
            ""
        };
        (!few.is_empty()).then(|| format!("the states of this block are: {}{more}", few.join(", ")))
    }

    fn check_flow(&mut self, item: &Item, states: &Item, start: Option<StateId>, scope: &Scope) {
        if scope.unclear || scope.names.is_empty() {
            return;
        }
        if !scope.ends {
            self.no_end(item, scope.depth);
            if scope.depth == 0 {
                return;
            }
        }
        let targets: BTreeSet<StateId> = scope.edges.iter().map(|(_, to)| *to).collect();
        let start_known = start.filter(|_| !scope.dangling);
        let reached = start_known.map(|start| reachable(start, &scope.edges));
        for state in states.fields() {
            let Some(id) = scope.names.get(state.name()) else {
                continue;
            };
            if Some(*id) == start {
                continue;
            }
            if !targets.contains(id) {
                let message = format!("State \"{}\" is not reachable.", state.name());
                self.error_head(&state, Code::MissingTransitionTarget, message);
            } else if reached
                .as_ref()
                .is_some_and(|reached| !reached.contains(id))
            {
                let message = format!(
                    "State \"{}\" can never be reached from StartAt",
                    state.name()
                );
                self.warning_head(&state, Code::UnreachableState, message);
            }
        }
    }

    /// AWS gives no location here, and minds it in the machine's own block alone.
    fn no_end(&mut self, item: &Item, depth: usize) {
        let message = "Workflow has no terminal state".to_owned();
        let span = item
            .get("States")
            .map_or(item.head(), |states| states.head());
        self.push(Diagnostic {
            severity: if depth == 0 {
                Severity::Error
            } else {
                Severity::Warning
            },
            code: Code::MissingEndState,
            message,
            pointer: item.pointer(),
            location: None,
            span,
            hint: Some("a state with \"End\": true, a Succeed or a Fail state ends it".into()),
        });
    }
}

fn reachable(start: StateId, edges: &BTreeSet<(StateId, StateId)>) -> BTreeSet<StateId> {
    let mut reached = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(from) = open.pop() {
        let leaving = edges.range((from, StateId(0))..=(from, StateId(u32::MAX)));
        for (_, to) in leaving {
            if reached.insert(*to) {
                open.push(*to);
            }
        }
    }
    reached
}
