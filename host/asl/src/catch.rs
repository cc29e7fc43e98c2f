//! `Catch`.

use data::EcoString;

use crate::block::Scope;
use crate::compiler::Compiler;
use crate::errors::Earlier;
use crate::jsonata::Offer;
use crate::language::Language;
use crate::place::Item;
use crate::program::{Catcher, ResultPath};

const FIELDS: &[&str] = &["ErrorEquals", "Next", "Assign", "Comment"];
/// What only JSONPath has.
const PATH: &[&str] = &["ResultPath"];
/// What only JSONata has.
const JSONATA: &[&str] = &["Output"];

impl Compiler<'_> {
    pub fn catch(&mut self, state: &Item, language: Language, scope: &mut Scope) -> Vec<Catcher> {
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
            if !self.object(&item) {
                continue;
            }
            self.check_catcher_fields(&item, language);
            let names = self.error_equals(&item, at, at + 1 == count, &mut earlier);
            catchers.extend(self.catcher(&item, names, language, scope));
        }
        catchers
    }

    fn catcher(
        &mut self,
        item: &Item,
        error_equals: Option<Vec<EcoString>>,
        language: Language,
        scope: &mut Scope,
    ) -> Option<Catcher> {
        let next = item.get("Next").and_then(|next| self.target(&next, scope));
        self.require(item, &["Next"]);
        let assign = self.assign(item, language, Offer::ErrorOutput);
        let (result_path, output) = match language {
            Language::JsonPath => (self.result_path(item), None),
            Language::Jsonata => (
                ResultPath::Whole,
                self.jsonata_template(item, "Output", Offer::ErrorOutput),
            ),
        };
        Some(Catcher {
            error_equals: error_equals?,
            next: next?,
            result_path,
            assign,
            output,
            span: item.node.span,
        })
    }

    fn check_catcher_fields(&mut self, item: &Item, language: Language) {
        let (own, foreign) = match language {
            Language::JsonPath => (PATH, JSONATA),
            Language::Jsonata => (JSONATA, PATH),
        };
        self.known_in(item, language, &[FIELDS, own].concat(), foreign);
    }
}
