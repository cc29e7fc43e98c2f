//! Which texts do not match the pattern that the model gives for them.

use data::Data;

use super::{Model, Shape};

/// A text that does not match its pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch<'m> {
    /// Where it stands, such as `tags.1.member.key`.
    pub place: String,
    /// The text.
    pub value: String,
    /// The pattern, as the model writes it.
    pub pattern: &'m str,
}

impl Model {
    /// All texts of an operation's parameters that do not match their patterns.
    pub fn mismatches(&self, operation: &str, parameters: &Data) -> Vec<Mismatch<'_>> {
        let mut found = Vec::new();
        if let Some(shape) = self.input(operation) {
            self.mismatched(shape, parameters, String::new(), &mut found);
        }
        found
    }

    fn mismatched<'m>(
        &'m self,
        shape: &'m Shape,
        value: &Data,
        place: String,
        found: &mut Vec<Mismatch<'m>>,
    ) {
        let below = |name: &str| match place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        };
        for (name, member) in &shape.members {
            if let Some(value) = value.get(name) {
                self.mismatched(self.shape(member), value, below(name), found);
            }
        }
        if let (Some(member), Some(items)) = (&shape.member, value.as_array()) {
            for (number, item) in (1..).zip(items.items()) {
                let place = below(&format!("{number}.member"));
                self.mismatched(self.shape(member), item, place, found);
            }
        }
        if let Some(entries) = value.as_object() {
            for (key, value) in entries.iter() {
                if let Some(shape) = &shape.key {
                    let key = key.clone().into();
                    self.mismatched(self.shape(shape), &key, place.clone(), found);
                }
                if let Some(shape) = &shape.value {
                    self.mismatched(self.shape(shape), value, below(key), found);
                }
            }
        }
        if let (Some(pattern), Some(text)) = (&shape.pattern, value.as_str())
            && !shape.rule().is_some_and(|rule| rule.is_match(text))
        {
            found.push(Mismatch {
                place,
                value: text.to_owned(),
                pattern,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use data::Data;

    use super::super::IAM;

    #[test]
    fn a_pattern_holds_for_all_of_a_text() {
        let given = |name: &str| Data::parse(&format!(r#"{{"RoleName":"{name}"}}"#)).unwrap();
        assert!(IAM.mismatches("GetRole", &given("a_role@x")).is_empty());
        for name in ["a b", "röle", "a/b"] {
            let found = IAM.mismatches("GetRole", &given(name));
            assert_eq!(found[0].place, "RoleName", "{name}");
        }
    }
}
