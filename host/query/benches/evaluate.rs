//! What one evaluation costs.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use data::{Data, Node};
use query::{Jsonata, Nowhere, Path, ReferencePath, Scope, States, Template};

fn input() -> Data {
    let items: Vec<String> = (0..1000)
        .map(|at| format!(r#"{{"id":{at},"price":{at}.5,"name":"item {at}"}}"#))
        .collect();
    let text = format!(
        r#"{{"n":41,"a":{{"b":{{"c":"x"}}}},"items":[{}]}}"#,
        items.join(",")
    );
    Data::parse(&text).unwrap_or_default()
}

fn evaluate(criterion: &mut Criterion) {
    let input = input();
    let scope = Scope {
        input: &input,
        outside: &Nowhere,
    };

    for text in [
        "$",
        "$.a.b",
        "$.a.b.c",
        "$.items[500].name",
        "$.items[*].id",
        "$.items[?(@.id < 10)].name",
    ] {
        let Ok(path) = Path::parse(text) else {
            continue;
        };
        criterion.bench_function(text, |bench| {
            bench.iter(|| black_box(path.evaluate(&scope)))
        });
    }
    for text in [
        r#"{"x.$":"$.a.b"}"#,
        r#"{"n.$":"States.MathAdd($.n, 1)"}"#,
        r#"{"n.$":"States.MathAdd($.n, 1)","items.$":"$.items","k":{"deep":[1,2,3]}}"#,
        r#"{"t.$":"States.Format('{} of {}', $.n, $.a.b.c)"}"#,
    ] {
        let Some(template) = Node::parse_json(text)
            .ok()
            .and_then(|node| Template::parse(&node).ok())
        else {
            continue;
        };
        criterion.bench_function(text, |bench| {
            bench.iter(|| black_box(template.evaluate(&scope)))
        });
    }
    let Ok(place) = ReferencePath::parse("$.a.result") else {
        return;
    };
    criterion.bench_function("insert at $.a.result", |bench| {
        bench.iter(|| black_box(place.insert(&input, Data::Null)));
    });
}

/// An order of about 8 KB.
fn order() -> Data {
    let lines: Vec<String> = (0..110)
        .map(|at| format!(r#"{{"sku":"item {at}","price":{at}.25,"quantity":{at},"note":"none"}}"#))
        .collect();
    let text = format!(
        r#"{{"order":{{"id":"o-1","total":41.5,"lines":[{}]}}}}"#,
        lines.join(",")
    );
    Data::parse(&text).unwrap_or_default()
}

fn jsonata(criterion: &mut Criterion) {
    let input = order();
    let states = States {
        input: &input,
        result: None,
        error_output: None,
        outside: &Nowhere,
    };
    for text in [
        "$states.input",
        "$states.input.order.lines",
        "$states.input.order.total * 1.2",
        "$states.input.order.total > 100",
        "'Order ' & $states.input.order.id",
        "$uppercase($states.input.order.id)",
        "$sum($states.input.order.lines.(price * quantity))",
        "$states.input.order.lines[quantity > 50].sku",
        "$map($states.input.order.lines, function($line) { $line.price * 2 })",
    ] {
        let Ok(expression) = Jsonata::parse(text) else {
            continue;
        };
        criterion.bench_function(text, |bench| {
            bench.iter(|| black_box(expression.evaluate(&states)))
        });
    }
}

criterion_group!(benches, evaluate, jsonata);
criterion_main!(benches);
