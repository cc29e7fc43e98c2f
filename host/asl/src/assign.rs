//! `Assign`: the variables that a state, choice rule or catcher sets.

use std::collections::BTreeSet;

use data::EcoString;

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::jsonata::Offer;
use crate::language::Language;
use crate::place::Item;
use crate::program::PayloadTemplate;

/// The longest name of a variable, in characters.
const MAX_NAME: usize = 80;
/// The variable that AWS sets itself.
const RESERVED: &str = "states";

/// The variables that the states of a block set.
pub(crate) fn variables(states: &Item) -> BTreeSet<EcoString> {
    let mut names = BTreeSet::new();
    for state in states.fields() {
        add_variables(&state, &mut names);
        for list in ["Choices", "Catch"] {
            let list = state.get(list);
            for entry in list.iter().flat_map(Item::items) {
                add_variables(&entry, &mut names);
            }
        }
    }
    names
}

fn add_variables(object: &Item, names: &mut BTreeSet<EcoString>) {
    let assign = object.get("Assign");
    let fields = assign.iter().flat_map(Item::fields);
    names.extend(fields.map(|field| plain(field.name()).into()));
}

/// The name of the variable that a field of a JSONPath template sets.
fn plain(name: &str) -> &str {
    name.strip_suffix(".$").unwrap_or(name)
}

impl Compiler<'_> {
    pub fn assign(
        &mut self,
        object: &Item,
        language: Language,
        offer: Offer,
    ) -> Option<PayloadTemplate> {
        let item = object.get("Assign")?;
        if !self.object(&item) {
            return None;
        }
        for field in item.fields() {
            self.check_variable(&field, language);
        }
        match language {
            Language::JsonPath => self
                .template(object, "Assign")
                .map(PayloadTemplate::JsonPath),
            Language::Jsonata => self
                .jsonata_template(object, "Assign", offer)
                .map(PayloadTemplate::Jsonata),
        }
    }

    fn check_variable(&mut self, field: &Item, language: Language) {
        let name = match language {
            Language::JsonPath => plain(field.name()),
            Language::Jsonata => field.name(),
        };
        let length = name.chars().count();
        let message = if name == RESERVED {
            format!("The variable name '{name}' is reserved")
        } else if length > MAX_NAME {
            format!(
                "The name of a variable has {length} characters, at most {MAX_NAME} are allowed"
            )
        } else if !is_identifier(name) {
            format!("The variable name '{name}' is not a valid identifier")
        } else if self.is_outer(name) {
            format!("The variable '{name}' is already assigned in an outer scope")
        } else {
            return;
        };
        let complaint = self.error_head(field, Code::SchemaValidationFailed, message);
        if language == Language::Jsonata && name.ends_with(".$") {
            complaint.hint("in JSONata names have no '.$': the value is the expression");
        }
    }

    /// Whether a block around the state's own sets the variable.
    fn is_outer(&self, name: &str) -> bool {
        let outer = self.scopes.split_last().map_or(&[][..], |(_, outer)| outer);
        outer.iter().any(|names| names.contains(name))
    }
}

/// Letters, digits and underscores, and not a digit first.
fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
    starts && chars.all(continues)
}

/// Whether Unicode lets the character continue an identifier; of marks and the like beyond ASCII, which no
/// table is at hand for, all that are not in a block of symbols or punctuation are taken for such.
fn continues(c: char) -> bool {
    match u32::from(c) {
        _ if c == '_' || c.is_alphanumeric() => true,
        0..0x80 => false,
        0xb7 | 0x203f | 0x2040 | 0x2054 | 0x20d0..=0x20f0 => true,
        0x80..=0xbf | 0xd7 | 0xf7 | 0x2000..=0x2bff | 0x3000..=0x3020 => false,
        0xe000..=0xf8ff | 0xff00..=0xffff | 0x1f000..=0x1faff => false,
        _ => !c.is_whitespace() && !c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_identifier;

    #[test]
    fn identifiers_are_told_from_other_words() {
        for name in ["x", "_x", "total2", "größe", "名前", "x\u{301}"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["", "2x", "a-b", "a b", "a.b", "$x", "x→y", "🙂"] {
            assert!(!is_identifier(name), "{name}");
        }
    }
}
