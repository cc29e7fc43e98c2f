//! Laws that hold for any text and any value.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod common;

use common::Fixed;
use data::{Data, Node, Object};
use proptest::prelude::*;
use query::{Expression, Path, ReferencePath, Scope, Template};

const PATHS: [&str; 14] = [
    "$.store.book[0].title",
    "$['a']['b c'][\"d\"]",
    "$..book[?(@.price < 10 && @.tags contains 'new')].title",
    "$.a[0,1,-1]",
    "$.a[1:-2]",
    "$..*",
    "$..a..[0]",
    "$.a['x','y'].z",
    "$$.Execution.Name",
    "$v.a[*].length()",
    "$[?(!(@.a || @['b'] =~ /x.*/i) && @.c in ['p', \"q\"])]",
    "$.sum($.a, 1).x",
    "$.a[?(@.b[?(@.c size 2)])]",
    "$[?(@.a == {\"x\": [1, null]})]",
];

const CALLS: [&str; 6] = [
    "States.Format('{} \\{\\} \\'{}\\'', $.a, States.MathAdd(1, -2.5))",
    "States.ArrayGetItem(States.StringSplit($.s, ',; '), 0)",
    "States.JsonMerge($.a, $$.b, false)",
    "States.ArrayRange($.a, $.b, $.c)",
    "States.Hash(States.JsonToString($), 'SHA-256')",
    "States.ArrayUnique(States.Array($.a[?(@.x == ',)')], null, true))",
];

/// One of `texts` with a stretch cut out, doubled, or replaced by characters that mean something.
fn mutated(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    let text = proptest::sample::select(texts);
    let patch = "[$@.\\[\\]()?*'\"\\\\,:!&|=~<>/ 0-9a-zü{}-]{0,4}";
    (text, 0_usize..80, 0_usize..12, patch, any::<bool>()).prop_map(
        |(text, at, len, patch, keep)| {
            let chars: Vec<char> = text.chars().collect();
            let at = at.min(chars.len());
            let end = (at + len).min(chars.len());
            let rest = if keep { &chars[at..] } else { &chars[end..] };
            chars[..end]
                .iter()
                .copied()
                .chain(patch.chars())
                .chain(rest.iter().copied())
                .collect()
        },
    )
}

fn value() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        Just(Data::Null),
        any::<bool>().prop_map(Data::from),
        (-3_i64..50).prop_map(Data::from),
        (-1e9..1e9).prop_map(|number: f64| Data::parse(&format!("{number:?}")).unwrap()),
        "[a-c,'$. ]{0,3}".prop_map(Data::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Data::from),
            proptest::collection::vec(("[a-d]", inner), 0..5)
                .prop_map(|fields| Data::from(Object::from_iter(fields))),
        ]
    })
}

/// Compiles and, if that succeeds, evaluates in every way: nothing may panic.
fn try_all(text: &str, input: &Data) {
    let outside = Fixed::new(input.clone(), input.clone());
    let scope = Scope {
        input,
        outside: &outside,
    };
    if let Ok(path) = Path::parse(text) {
        assert_eq!(path.as_str(), text);
        let found = path.evaluate(&scope);
        if let (Ok(found), false) = (&found, path.is_definite() || text.ends_with(')')) {
            assert!(found.as_array().is_some(), "{text} gave {found}");
        }
        let _ = found.map_err(|error| error.cause());
        let _ = path.select(input);
    }
    if let Ok(path) = ReferencePath::parse(text) {
        let _ = path.get(input);
        let _ = path.insert(input, Data::Null);
    }
    if let Ok(expression) = Expression::parse(text) {
        let _ = expression
            .evaluate(&scope)
            .map_err(|error| error.to_string());
    }
    let template = Data::from(Object::from_iter([("x.$", Data::from(text))])).to_string();
    if let Ok(template) = Template::parse(&Node::parse_json(&template).unwrap()) {
        let _ = template.evaluate(&scope);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_taken_or_refused(text in "\\PC{0,40}", input in value()) {
        try_all(&text, &input);
        try_all(&format!("$.{text}"), &input);
        try_all(&format!("$[?({text})]"), &input);
        try_all(&format!("States.Array({text})"), &input);
    }

    #[test]
    fn a_mutated_path_is_taken_or_refused(text in mutated(&PATHS), input in value()) {
        try_all(&text, &input);
    }

    #[test]
    fn a_mutated_call_is_taken_or_refused(text in mutated(&CALLS), input in value()) {
        try_all(&text, &input);
    }

    #[test]
    fn what_is_inserted_is_found(
        steps in proptest::collection::vec(prop_oneof!["\\.[a-d]", "\\[[0-2]\\]"], 0..5),
        root in value(),
        put in value(),
    ) {
        let path = ReferencePath::parse(&format!("${}", steps.concat())).unwrap();
        let Ok(changed) = path.insert(&root, put.clone()) else { return Ok(()) };
        prop_assert_eq!(path.get(&changed), Some(&put));
        let again = path.insert(&changed, put).unwrap();
        prop_assert_eq!(&again, &changed);
        prop_assert_eq!(changed.to_string().len(), changed.size());
        // Putting back what stood there gives the root again.
        if let Some(old) = path.get(&root) {
            prop_assert_eq!(path.insert(&changed, old.clone()).unwrap(), root);
        }
    }

    #[test]
    fn a_constant_template_gives_itself(value in value()) {
        let node = Node::parse_json(&value.to_string()).unwrap();
        let template = Template::parse(&node).unwrap();
        let outside = Fixed::new(Data::Null, Data::Null);
        let scope = Scope { input: &Data::Null, outside: &outside };
        let made = template.evaluate(&scope).unwrap();
        prop_assert_eq!(&made, &value);
        let again = template.evaluate(&scope).unwrap();
        prop_assert!(made.ptr_eq(&again) || made.depth() == 0);
    }

    #[test]
    fn splitting_and_partitioning_lose_nothing(text in "[a-c,; ]{0,20}", size in 1_i64..5) {
        let input = Data::from(Object::from_iter([("s", Data::from(text.clone())), ("n", Data::from(size))]));
        let outside = Fixed::new(Data::Null, Data::Null);
        let scope = Scope { input: &input, outside: &outside };
        let expression = Expression::parse("States.ArrayPartition(States.StringSplit($.s, ',; '), $.n)").unwrap();
        let parts = expression.evaluate(&scope).unwrap();
        let tokens: String = parts.as_array().unwrap().iter()
            .flat_map(|part| part.as_array().unwrap().iter().map(|token| token.as_str().unwrap().to_owned()))
            .collect();
        prop_assert_eq!(tokens, text.replace([',', ';', ' '], ""));
    }
}

#[test]
fn hostile_texts_end_soon() {
    let deep = format!("{}1{}", "[".repeat(900), "]".repeat(900));
    let wide = Data::from((0..60_000).map(Data::from).collect::<Vec<_>>());
    for input in [Data::parse(&deep).unwrap(), wide] {
        for text in [
            "$..*..*..*..*".to_owned(),
            format!("${}", "..*".repeat(120)),
            format!("${}", "[*]".repeat(256)),
            format!("${}", "[0]".repeat(256)),
            format!("${}", "[?(1 == 1)]".repeat(256)),
            format!("${}", "..[?(1 == 1)]".repeat(100)),
            "$[?($..* == 1)]".to_owned(),
            format!("${}@{}", "[?(".repeat(49), ")]".repeat(49)),
            format!("${}@{}", "[?(@".repeat(40), ")]".repeat(40)),
            format!("$[?{}@{}]", "(".repeat(5000), ")".repeat(5000)),
            format!("$[?({}@)]", "!".repeat(5000)),
            format!("$.{}", "length(".repeat(5000)),
            format!("{}1", "States.Array(".repeat(5000)),
            "States.ArrayUnique($)".to_owned(),
        ] {
            try_all(&text, &input);
        }
    }
}

const QUERIES: [&str; 12] = [
    "$states.input.a[b > 1].c & 'x'",
    "$map($states.input.a, function($v, $i) { $v.b + $i })",
    "($x := [1..3]; $x ~> $sum() ~> $string)",
    "$states.input.*.{'k': b, c: [d, 1]}",
    "$states.input{a: $count(b)}^(>a, b)[0]",
    "$states.input.a#$i.b@$v.{'i': $i, 'v': $v, 'p': %.a}",
    "$reduce([1, 2, 3], λ($a, $b) { $a * $b }, 4) ? 'y' : null",
    "$replace($string($states.input), /[a-c]+/, '$0$0')",
    "$states.input ~> |**|{'n': $now()}, ['a', 'b']|",
    "$formatNumber(12.5, '#,##0.00') & $fromMillis(1, '[Y]-[M01]')",
    "$partition($range(0, 9, 2), 2)[1] in [$random(), $uuid()]",
    "$substring(?, 1)('abc') ?: $parse('[1]') ?? $hash('a', 'MD5')",
];

/// Compiles and, if that succeeds, evaluates: nothing may panic, and the same draws give the same outcome.
fn try_jsonata(text: &str, input: &Data) {
    let Ok(expression) = query::Jsonata::parse(text) else {
        return;
    };
    let outcome = || {
        let outside = Fixed::new(input.clone(), input.clone());
        let states = query::States {
            input,
            result: None,
            error_output: None,
            outside: &outside,
        };
        expression.evaluate(&states)
    };
    assert_eq!(outcome(), outcome(), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_jsonata_or_refused(text in "\\PC{0,40}", input in value()) {
        try_jsonata(&text, &input);
        try_jsonata(&format!("$states.input.({text})"), &input);
    }

    #[test]
    fn mutated_jsonata_is_taken_or_refused(text in mutated(&QUERIES), input in value()) {
        try_jsonata(&text, &input);
    }

    #[test]
    fn what_is_handed_through_is_the_very_value(value in value()) {
        let input = Data::from(Object::from_iter([("a", value.clone())]));
        let outside = Fixed::new(Data::Null, input.clone());
        let states = query::States { input: &input, result: None, error_output: None, outside: &outside };
        for text in ["$states.input.a", "$a"] {
            let expression = query::Jsonata::parse(text).unwrap();
            let found = expression.evaluate(&states).unwrap().unwrap();
            prop_assert!(found.ptr_eq(&value) || value.depth() == 0);
            prop_assert_eq!(&found, &value);
        }
    }
}
