//! What a fork costs: sweeps with fixed answers, without merging, so that every path is run to its end.
//!
//! A figure is the number of forks run to their end a second. The long machine has the stages of the order
//! workflow in a row and comes to more than a hundred thousand forks; with merging on it shows what that saves.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use asl::Program;
use check::sweep::{FixedAnswers, Options, Report, sweep};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use data::{Data, Format, Object, Source};
use engine::About;

fn compile(definition: &str) -> Arc<Program> {
    let source = Source::new("bench", definition);
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    Arc::new(compiled.program.expect("the definition is right"))
}

fn order_workflow() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows/order-workflow.json");
    std::fs::read_to_string(path).expect("the workflow is part of the repository")
}

/// The order workflow so many times in a row: each stage's success leads to the next one's beginning.
fn long(stages: usize) -> String {
    let order = Data::parse(&order_workflow()).expect("it is JSON");
    let states = order.get("States").and_then(Data::as_object);
    let states = states.expect("a definition has states");
    let mut all = Object::builder();
    for stage in 0..stages {
        for (name, state) in states.iter() {
            let mut text = state.to_string();
            for (other, _) in states.iter() {
                text = text.replace(
                    &format!("\"Next\":\"{other}\""),
                    &format!("\"Next\":\"{other}{stage}\""),
                );
                text = text.replace(
                    &format!("\"Default\":\"{other}\""),
                    &format!("\"Default\":\"{other}{stage}\""),
                );
            }
            if name == "OrderCompleted" && stage + 1 < stages {
                let next = format!("\"Next\":\"ValidateOrder{}\"", stage + 1);
                text = text.replace("\"End\":true", &next);
            }
            let state = Data::parse(&text).expect("it is still JSON");
            all.insert(format!("{name}{stage}").into(), state);
        }
    }
    let machine = Object::builder().with("StartAt", "ValidateOrder0");
    Data::from(machine.with("States", all.build()).build()).to_string()
}

fn run(program: &Arc<Program>, options: &Options) -> Report {
    let answer = r#"{"valid": true, "inventoryAvailable": true, "transactionId": "t-1"}"#;
    let answer = Data::parse(answer).expect("it is JSON");
    let mut workers = FixedAnswers::default().otherwise(answer);
    let input = r#"{"orderId": "ORDER-001", "customerId": "CUST-123", "amount": 99.99}"#;
    let inputs = [Data::parse(input).expect("it is JSON")];
    let about = Arc::new(About::local("bench", "sweep"));
    let report = sweep(program, &about, &inputs, options, &mut workers, &mut |_| {});
    report.expect("there are no invariants to refuse")
}

fn sweeps(criterion: &mut Criterion) {
    for (name, definition, depth, merge) in [
        (
            "order workflow, single faults: forks",
            order_workflow(),
            1,
            false,
        ),
        ("order workflow, pairs: forks", order_workflow(), 2, false),
        ("four stages, pairs: forks", long(4), 2, false),
        ("four stages, pairs, merging: forks", long(4), 2, true),
        ("ten stages, pairs: forks", long(10), 2, false),
    ] {
        let program = compile(&definition);
        let options = Options {
            depth,
            merge,
            ..Options::default()
        };
        let forks = run(&program, &options).forks;
        let mut group = criterion.benchmark_group("sweep");
        group
            .sample_size(10)
            .throughput(Throughput::Elements(forks));
        group.bench_function(format!("{name} ({forks})"), |bench| {
            bench.iter(|| black_box(run(&program, &options)));
        });
        group.finish();
    }
}

criterion_group!(benches, sweeps);
criterion_main!(benches);
