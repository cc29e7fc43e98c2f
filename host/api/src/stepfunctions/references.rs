//! `variableReferences`: which variables a state of a definition names.

use data::{Data, EcoString, Object};
use query::{Expression, Jsonata, Root};

/// The variables that each state reads, by the state's name; a state that reads none is not there. States inside of a
/// Map or a Parallel stand beside it. None if no state reads any.
pub(super) fn variable_references(definition: &str) -> Option<Data> {
    // Only definitions that compile are kept.
    let machine = Data::parse(definition).ok()?;
    let mut found = Vec::new();
    block(&machine, is_jsonata(&machine, false), &mut found);
    let found = found.into_iter().filter(|(_, names)| !names.is_empty());
    let entries = found.map(|(state, names)| {
        let names: Data = names.into_iter().map(Data::from).collect();
        (state, names)
    });
    let references: Object = entries.collect();
    (!references.is_empty()).then(|| references.into())
}

type Found = Vec<(EcoString, Vec<EcoString>)>;

/// The language of a machine or a state that does not say otherwise than what is around it.
fn is_jsonata(of: &Data, around: bool) -> bool {
    let language = of.get("QueryLanguage").and_then(Data::as_str);
    language.map_or(around, |language| language == "JSONata")
}

/// The states of a machine, a branch or an item processor.
fn block(block: &Data, jsonata: bool, found: &mut Found) {
    let states = block.get("States").and_then(Data::as_object);
    for (name, state) in states.into_iter().flat_map(|states| states.iter()) {
        let jsonata = is_jsonata(state, jsonata);
        let mut own = Own {
            jsonata,
            names: Vec::new(),
            blocks: Vec::new(),
        };
        let fields = state.as_object().into_iter().flat_map(|state| state.iter());
        // What is taken literally names nothing.
        let fields = fields.filter(|(key, _)| *key != "Result");
        fields.for_each(|(key, value)| own.walk(key, value));
        found.push((name.clone(), own.names));
        for inner in own.blocks {
            self::block(&inner, jsonata, found);
        }
    }
}

/// What belongs to one state.
struct Own {
    jsonata: bool,
    names: Vec<EcoString>,
    blocks: Vec<Data>,
}

impl Own {
    fn walk(&mut self, key: &str, value: &Data) {
        match value {
            Data::Object(_) if value.get("States").is_some() && value.get("StartAt").is_some() => {
                self.blocks.push(value.clone());
            }
            Data::Object(object) => object.iter().for_each(|(key, value)| self.walk(key, value)),
            Data::Array(items) => items.iter().for_each(|item| self.walk(key, item)),
            Data::String(text) => self.text(key, text.as_str()),
            Data::Null | Data::Bool(_) | Data::Number(_) => {}
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        if self.jsonata {
            let parsed = Jsonata::body(text).and_then(|body| Jsonata::parse(body).ok());
            let names = parsed.iter().flat_map(|jsonata| jsonata.variables());
            let names: Vec<EcoString> = names.cloned().collect();
            return names.into_iter().for_each(|name| self.add(name));
        }
        let is_expression = key.ends_with(".$") || key.ends_with("Path") || key == "Variable";
        let parsed = is_expression
            .then(|| Expression::parse(text).ok())
            .flatten();
        let paths = parsed.iter().flat_map(Expression::paths);
        for (path, _) in paths {
            if let Root::Variable(name) = path.root() {
                self.add(name.clone());
            }
        }
    }

    fn add(&mut self, name: EcoString) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::variable_references;

    #[test]
    fn every_state_has_its_own_variables() {
        let definition = r#"{"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Result": {"a.$": "$none"}, "Parameters": {"x.$": "States.Format('{}', $price)", "y": "$tax"},
                "InputPath": "$order.lines", "Next": "M"},
            "M": {"Type": "Map", "ItemsPath": "$list", "ItemProcessor": {"StartAt": "I", "States": {
                "I": {"Type": "Choice", "Choices": [{"Variable": "$limit", "IsPresent": true, "Next": "J"}]},
                "J": {"Type": "Pass", "Comment": "$none", "End": true}}}, "Next": "Q"},
            "Q": {"Type": "Pass", "QueryLanguage": "JSONata",
                "Output": {"sum": "{% $price + $states.input.x + $price %}", "$tax": "$tax"}, "End": true}}}"#;
        let expected = r#"{"A":["price","order"],"M":["list"],"I":["limit"],"Q":["price"]}"#;
        let found = variable_references(definition).unwrap();
        assert_eq!(found.to_string(), expected);
        assert_eq!(
            variable_references(r#"{"States": {"A": {"Type": "Succeed"}}}"#),
            None
        );
    }
}
