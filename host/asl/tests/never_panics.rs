//! Whatever the text, `compile` answers; and it gives a program exactly when it names no error.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads files"
)]

use std::path::Path;
use std::sync::LazyLock;

use asl::{Compiled, Options, Severity, compile, compile_node};
use data::{Format, Key, Node, Source, Span, Value};
use proptest::prelude::*;

static VALID: LazyLock<Vec<Node>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = paths.filter(|path| path.to_string_lossy().ends_with(".asl.json"));
    let mut texts: Vec<String> = texts
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    texts.sort();
    texts
        .iter()
        .filter_map(|text| Node::parse_json(text).ok())
        .collect()
});

fn check(compiled: &Compiled, source: &Source) {
    let wrong = compiled
        .diagnostics
        .iter()
        .any(|found| found.severity == Severity::Error);
    assert_eq!(
        compiled.program.is_none(),
        wrong,
        "{:?}",
        compiled.diagnostics
    );
    for diagnostic in &compiled.diagnostics {
        assert!(!diagnostic.render(source).is_empty());
    }
    if let Some(program) = &compiled.program {
        for (_, state) in program.states() {
            assert!(
                program
                    .block(state.block)
                    .states
                    .iter()
                    .any(|id| program.state(*id).name == state.name)
            );
        }
    }
}

/// Deletes or replaces the `at`-th value, counted from the root.
fn mutate(node: &mut Node, at: &mut usize, with: &Option<Value>) {
    let step = |child: &mut Node, at: &mut usize| {
        if *at == 0 {
            *at = usize::MAX;
            return true;
        }
        *at -= 1;
        mutate(child, at, with);
        false
    };
    let replace = |child: &mut Node| match with {
        Some(value) => {
            child.value = value.clone();
            true
        }
        None => false,
    };
    match &mut node.value {
        Value::Array(items) => items.retain_mut(|item| !step(item, at) || replace(item)),
        Value::Object(entries) => entries.retain_mut(|(_, item)| !step(item, at) || replace(item)),
        _ => {}
    }
}

/// Sets the machine's `QueryLanguage`.
fn speak(node: &mut Node, language: &str) {
    let Value::Object(entries) = &mut node.value else {
        return;
    };
    entries.retain(|(key, _)| key.name != "QueryLanguage");
    let name = "QueryLanguage".into();
    let span = Span::default();
    let value = Node::new(span, Value::String(language.into()));
    entries.push((Key { name, span }, value));
}

fn replacement() -> impl Strategy<Value = Option<Value>> {
    let words = [
        "",
        "$",
        "$.a[",
        "$$.x",
        "A",
        "Pass",
        "Map",
        "States.ALL",
        "${X}",
        "1",
        "States.UUID()",
        "DISTRIBUTED",
        "JSONata",
        "JSONPath",
        "{% $states.result.x[0] %}",
        "{% $states.errorOutput %}",
        "{% 1 + %}",
        "{%%}",
        "{%}",
        "{% ü",
        "arn:aws:states:::s3:listObjectsV2",
    ];
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Value::Null)),
        1 => any::<bool>().prop_map(|value| Some(Value::Bool(value))),
        1 => any::<i64>().prop_map(|value| Some(Value::Number(data::Number::Int(value)))),
        4 => prop::sample::select(words.to_vec()).prop_map(|word| Some(Value::String(word.into()))),
        1 => Just(Some(Value::Array(Vec::new()))),
        1 => Just(Some(Value::Object(Vec::new()))),
        1 => Just(Some(Value::Object(vec![(
            Key { name: "x.$".into(), span: Span::new(2, 3) },
            Node::new(Span::new(3, 4), Value::String("{% $states.input %}".into())),
        )]))),
        1 => Just(Some(Value::Array(vec![Node::new(Span::new(3, 4), Value::Null)]))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_mutated_definitions(
        case in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), replacement()), 1..4),
    ) {
        let mut node = case.get(&VALID).clone();
        for (index, with) in &changes {
            mutate(&mut node, &mut index.index(60), with);
        }
        let source = Source::new("mutated", node.to_data().to_pretty());
        check(&compile(&source, Format::Json, &Options::default()), &source);
        // The spans of the tree are those of another text: they must not matter.
        check(&compile_node(&node, &source, &Options::default()), &source);
    }

    #[test]
    fn in_either_language(
        case in any::<prop::sample::Index>(),
        language in prop::sample::select(vec!["JSONPath", "JSONata", "?"]),
        inner in any::<prop::sample::Index>(),
    ) {
        let mut node = case.get(&VALID).clone();
        speak(&mut node, language);
        let source = Source::new("translated", node.to_data().to_pretty());
        check(&compile(&source, Format::Json, &Options::default()), &source);
        let language = Some(Value::String("JSONata".into()));
        mutate(&mut node, &mut inner.index(30), &language);
        let source = Source::new("translated", node.to_data().to_pretty());
        check(&compile(&source, Format::Json, &Options::default()), &source);
    }

    #[test]
    fn on_any_expression(body in "[ -~]{0,30}|\\PC{0,20}", name in "\\PC{0,4}") {
        let text = format!("{{%{body}%}}");
        let text = data::Data::from(text.as_str());
        let name = data::Data::from(name.as_str());
        let source = Source::new("expression", format!(
            r#"{{"QueryLanguage": "JSONata", "StartAt": "A", "States": {{"A": {{"Type": "Wait", "Seconds": {text},
                "Output": [{text}], "Assign": {{{name}: {text}}}, "End": true}}}}}}"#
        ));
        check(&compile(&source, Format::Json, &Options::default()), &source);
    }

    #[test]
    fn on_any_text(text in "\\PC{0,200}") {
        let source = Source::new("any", text);
        for format in [Format::Json, Format::Yaml, Format::Toml] {
            check(&compile(&source, format, &Options::default()), &source);
        }
    }

    #[test]
    fn on_cut_definitions(case in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let text = case.get(&VALID).to_data().to_string();
        let cut: String = text.chars().take(at.index(text.len().min(2000) + 1)).collect();
        for format in [Format::Json, Format::Yaml] {
            let source = Source::new("cut", cut.as_str());
            check(&compile(&source, format, &Options::default()), &source);
        }
    }
}

/// On a stack as large as a main thread's: unoptimised, the reader takes more than a test's 2 MB.
#[test]
fn on_deep_and_large_texts() {
    let thread = std::thread::Builder::new()
        .stack_size(8 << 20)
        .spawn(deep_and_large_texts);
    thread.unwrap().join().unwrap();
}

fn deep_and_large_texts() {
    let deep = format!("{}{}", "[".repeat(900), "]".repeat(900));
    let parameters = format!(
        r#"{{"StartAt":"A","States":{{"A":{{"Type":"Pass","Parameters":{deep},"Result":{deep},"End":true}}}}}}"#
    );
    let output = format!(
        r#"{{"QueryLanguage":"JSONata","StartAt":"A","States":{{"A":{{"Type":"Pass","Output":{deep},"Assign":{{"x":{deep}}},"End":true}}}}}}"#
    );
    let large = format!(r#"{{"Comment": "{}"}}"#, "x".repeat(2_000_000));
    for text in [
        deep,
        parameters,
        output,
        large,
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
    ] {
        let source = Source::new("deep", text);
        for format in [Format::Json, Format::Yaml] {
            check(&compile(&source, format, &Options::default()), &source);
        }
    }
}
