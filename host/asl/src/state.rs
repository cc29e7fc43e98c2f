//! A state of any type: what all types have in common.

use crate::block::Scope;
use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::fields;
use crate::jsonata::Offer;
use crate::language::Language;
use crate::place::Item;
use crate::program::{Dataflow, JsonataFlow, State, StateKind, StateType, Transition};
use data::nearest;

impl Compiler<'_> {
    pub fn state(&mut self, item: &Item, scope: &mut Scope) {
        let kind = if self.object(item) {
            self.state_type(item)
        } else {
            None
        };
        let Some(kind) = kind else {
            scope.unclear = true;
            return;
        };
        let language = self.state_language(item);
        let is_refused = language == Language::JsonPath && self.language == Language::Jsonata;
        if !is_refused {
            self.check_fields(item, kind, language);
        }
        let next = self.transition(item, kind, scope);
        let mut flow = self.dataflow(item, kind, language);
        let assign = self.assign(item, language, Offer::of(kind));
        let retry = self.retry(item);
        let catch = self.catch(item, language, scope);
        let kind = self.kind(item, kind, &mut flow, scope);
        let (Some(kind), Some(next)) = (kind, next) else {
            return;
        };
        let (name, block, span) = (item.eco_name(), scope.block, item.node.span);
        self.set_state(
            scope.current,
            State {
                name,
                block,
                kind,
                next,
                flow,
                assign,
                retry,
                catch,
                span,
            },
        );
    }

    fn state_type(&mut self, item: &Item) -> Option<StateType> {
        if !self.require(item, &["Type"]) {
            return None;
        }
        let field = item.get("Type")?;
        let text = self.string(&field)?;
        let found = StateType::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text);
        if found.is_none() {
            let names = StateType::ALL.map(StateType::as_str);
            let message = format!(
                "Value should be one of the following: [{}]",
                names.join(", ")
            );
            let complaint = self.error(&field, Code::SchemaValidationFailed, message);
            if let Some(name) = nearest(&text, names) {
                complaint.hint(format!("did you mean `{name}`?"));
            }
        }
        found
    }

    /// Complains of fields that a state of this type cannot have.
    fn check_fields(&mut self, item: &Item, kind: StateType, language: Language) {
        let allowed = fields::of(kind, language);
        let foreign = fields::of(kind, language.other());
        self.known_in(item, language, &allowed, &foreign);
    }

    /// What happens to the state's data around its work.
    fn dataflow(&mut self, item: &Item, kind: StateType, language: Language) -> Dataflow {
        match language {
            Language::JsonPath => Dataflow::JsonPath(Box::new(self.path_flow(item))),
            Language::Jsonata => Dataflow::Jsonata(JsonataFlow {
                arguments: self.jsonata_template(item, "Arguments", Offer::Nothing),
                output: self.jsonata_template(item, "Output", Offer::of(kind)),
            }),
        }
    }

    fn transition(
        &mut self,
        item: &Item,
        kind: StateType,
        scope: &mut Scope,
    ) -> Option<Transition> {
        match kind {
            StateType::Choice => return Some(Transition::End),
            StateType::Succeed | StateType::Fail => {
                scope.ends = true;
                return Some(Transition::End);
            }
            _ => {}
        }
        let next = item.get("Next");
        let end = item.get("End").map(|end| self.boolean(&end));
        match (next, end) {
            (Some(next), None | Some(Some(false))) => {
                self.target(&next, scope).map(Transition::Next)
            }
            (Some(next), Some(_)) => {
                scope.ends = true;
                self.target(&next, scope);
                let message =
                    "There should only be one of the following fields: [Next, End]".to_owned();
                self.error_head(item, Code::SchemaValidationFailed, message);
                None
            }
            (None, Some(Some(true))) => {
                scope.ends = true;
                Some(Transition::End)
            }
            (None, Some(None)) => {
                scope.ends = true;
                None
            }
            (None, None | Some(Some(false))) => {
                let message = "One of these fields is required: [Next, End]".to_owned();
                let complaint = self.error_head(item, Code::SchemaValidationFailed, message);
                complaint.hint("add \"Next\": \"<state>\" or \"End\": true");
                scope.unclear = true;
                None
            }
        }
    }

    fn kind(
        &mut self,
        item: &Item,
        kind: StateType,
        flow: &mut Dataflow,
        scope: &mut Scope,
    ) -> Option<StateKind> {
        let language = Language::of(flow);
        Some(match kind {
            StateType::Task => StateKind::Task(self.task(item, language)?),
            StateType::Choice => StateKind::Choice(self.choice(item, language, scope)?),
            StateType::Parallel => StateKind::Parallel(self.parallel(item, scope)?),
            StateType::Map => StateKind::Map(Box::new(self.map(item, flow, scope)?)),
            StateType::Wait => StateKind::Wait(self.wait(item, language)?),
            StateType::Pass => StateKind::Pass(self.pass(item)),
            StateType::Succeed => StateKind::Succeed,
            StateType::Fail => StateKind::Fail(self.fail(item, language)),
        })
    }
}
