//! `Catch`.

use crate::block::Scope;
use crate::compiler::Compiler;
use crate::errors::Earlier;
use crate::place::Item;
use crate::program::Catcher;

const FIELDS: &[&str] = &["ErrorEquals", "Next", "ResultPath", "Comment"];

impl Compiler<'_> {
    pub fn catch(&mut self, state: &Item, scope: &mut Scope) -> Vec<Catcher> {
        let Some(field) = state.get("Catch") else {
            return Vec::new();
        };
        if field.node.items().is_none() {
            self.expected(&field, "Array");
        }
        let count = field.items().count();
        let mut earlier = Earlier::default();
        let mut catchers = Vec::new();
        for (at, item) in field.items().enumerate() {
            catchers.extend(self.catcher(&item, at, at + 1 == count, &mut earlier, scope));
        }
        catchers
    }

    fn catcher(
        &mut self,
        item: &Item,
        at: usize,
        last: bool,
        earlier: &mut Earlier,
        scope: &mut Scope,
    ) -> Option<Catcher> {
        if !self.object(item) {
            return None;
        }
        self.check_catcher_fields(item);
        let error_equals = self.error_equals(item, at, last, earlier);
        let next = item.get("Next").and_then(|next| self.target(&next, scope));
        self.require(item, &["Next"]);
        let result_path = self.result_path(item);
        Some(Catcher {
            error_equals: error_equals?,
            next: next?,
            result_path,
            assign: None,
            output: None,
            span: item.node.span,
        })
    }

    fn check_catcher_fields(&mut self, item: &Item) {
        for field in item.fields() {
            match field.name() {
                name if FIELDS.contains(&name) => {}
                "Output" => self.jsonata_only(item, &field),
                "Assign" => self.not_yet(&field, "Variables (the field 'Assign')"),
                _ => self.unsupported(item, &field, FIELDS),
            }
        }
    }
}
