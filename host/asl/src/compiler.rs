//! What one compilation knows, and how it complains.

use std::collections::{BTreeMap, BTreeSet};

use data::{EcoString, Span};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::language::Language;
use crate::place::Item;
use crate::program::{Block, BlockId, Program, State, StateId};
use crate::{Compiled, Options};

pub(crate) struct Compiler<'a> {
    pub options: &'a Options<'a>,
    /// The text that spans are places in.
    pub text: &'a str,
    pub diagnostics: Vec<Diagnostic>,
    /// Strings that were nothing but a placeholder: such a `"30"` may stand where a number is due.
    pub filled: BTreeSet<Span>,
    /// Every state name of the machine with the place where it first stands.
    pub names: BTreeMap<EcoString, String>,
    /// Every `Label`.
    pub labels: BTreeSet<EcoString>,
    /// The machine's own `QueryLanguage`; blocks inside have no other.
    pub language: Language,
    /// The variables that the blocks around a state set, the outermost first, and its own block's.
    pub scopes: Vec<BTreeSet<EcoString>>,
    /// Whether the states belong to an Express execution: the machine's, or a Distributed Map's children.
    pub express: bool,
    states: Vec<Option<State>>,
    blocks: Vec<Option<Block>>,
}

impl<'a> Compiler<'a> {
    pub fn new(text: &'a str, options: &'a Options<'a>) -> Compiler<'a> {
        Compiler {
            options,
            text,
            diagnostics: Vec::new(),
            filled: BTreeSet::new(),
            names: BTreeMap::new(),
            labels: BTreeSet::new(),
            language: Language::JsonPath,
            scopes: Vec::new(),
            express: options.express,
            states: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// A complaint about a value.
    pub fn error(&mut self, at: &Item, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.report(Severity::Error, at, at.node.span, code, message.into())
    }

    /// A complaint about a field as such, or about what is missing in an object: its name is underlined.
    pub fn error_head(&mut self, at: &Item, code: Code, message: String) -> &mut Diagnostic {
        self.report(Severity::Error, at, at.head(), code, message)
    }

    /// A doubt about a value.
    pub fn warning(&mut self, at: &Item, code: Code, message: String) -> &mut Diagnostic {
        self.report(Severity::Warning, at, at.node.span, code, message)
    }

    /// A doubt about a field as such.
    pub fn warning_head(&mut self, at: &Item, code: Code, message: String) -> &mut Diagnostic {
        self.report(Severity::Warning, at, at.head(), code, message)
    }

    pub fn report(
        &mut self,
        severity: Severity,
        at: &Item,
        span: Span,
        code: Code,
        message: String,
    ) -> &mut Diagnostic {
        let location = Some(at.location());
        let pointer = at.pointer();
        let hint = None;
        self.push(Diagnostic {
            severity,
            code,
            message,
            pointer,
            location,
            span,
            hint,
        })
    }

    pub fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.diagnostics.push(diagnostic);
        self.diagnostics.last_mut().expect("it was just pushed")
    }

    /// The id of a state that is yet to be compiled.
    pub fn new_state(&mut self) -> StateId {
        self.states.push(None);
        StateId(self.states.len() as u32 - 1)
    }

    /// The id of a block that is yet to be compiled.
    pub fn new_block(&mut self) -> BlockId {
        self.blocks.push(None);
        BlockId(self.blocks.len() as u32 - 1)
    }

    pub fn set_state(&mut self, id: StateId, state: State) {
        self.states[id.0 as usize] = Some(state);
    }

    pub fn set_block(&mut self, id: BlockId, block: Block) {
        self.blocks[id.0 as usize] = Some(block);
    }

    /// The program if nothing is wrong, and the diagnostics in the order of the text.
    pub fn finish(mut self, comment: Option<EcoString>, timeout_seconds: Option<u64>) -> Compiled {
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
        let wrong = self
            .diagnostics
            .iter()
            .any(|found| found.severity == Severity::Error);
        let states: Option<Vec<State>> = self.states.into_iter().collect();
        let blocks: Option<Vec<Block>> = self.blocks.into_iter().collect();
        let program = match (wrong, blocks, states) {
            (false, Some(blocks), Some(states)) => Some(Program {
                blocks: blocks.into(),
                states: states.into(),
                root: Program::ROOT,
                comment,
                timeout_seconds,
            }),
            _ => None,
        };
        Compiled {
            program,
            diagnostics: self.diagnostics,
        }
    }
}
